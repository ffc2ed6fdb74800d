"""Counts of vehicles to lighting classes: the sequence of UNI 11248, both bases, and what doubt means."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lighting.assets.model import TrafficSection
from lighting.schedule.inputs import UNKNOWN, Series
from lighting.schedule.traffic_rules import (
    TrafficCount,
    TrafficCounts,
    TrafficState,
    advance,
    class_series,
    overtaken,
    stale_after,
    tie,
)
from tests.effort import examples

Instants = NDArray[np.int64]

MIN = 60_000
NOON = 1_772_600_400_000 // 600_000 * 600_000
ROAD = TrafficSection("S1", "Quay road", "uni_11248", 1000.0, lanes=2)
MULTI = TrafficSection("S2", "Ring", "cen_13201", 4000.0, lanes=2, multilane=True)
TWO_LANE = TrafficSection("S3", "Hill", "cen_13201", 2000.0, lanes=2)


def windows(*flows: float, begin: int = NOON, lanes: int = 2) -> list[TrafficCount]:
    """Ten-minute counts whose worst lane has these flows in vehicles an hour."""
    return [
        TrafficCount(begin + i * 10 * MIN, begin + (i + 1) * 10 * MIN, (flow / 6,) + (1.0,) * (lanes - 1))
        for i, flow in enumerate(flows)
    ]


def lived(
    section: TrafficSection, counts: list[TrafficCount], state: TrafficState | None = None
) -> tuple[TrafficState, list[tuple[int, int]]]:
    state, told = state or TrafficState(), []
    for count in counts:
        state, changes = advance(section, state, count)
        told += [(at_ms, value) for at_ms, value, _ in changes]
    return state, told


def minutes(told: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [((at_ms - NOON) // MIN, value) for at_ms, value in told]


def entries(found: Series) -> list[tuple[int, int]]:
    return list(zip(found.from_ms.tolist(), found.value.tolist(), strict=True))


def test_the_sequence_of_uni_11248() -> None:
    """Ten minutes times six, worst lane; down after two low samples, one class at a time; up at once, then held."""
    told = lived(ROAD, windows(600, 400, 400, 240, 240, 240, 240, 700))[1]
    assert minutes(told) == [(10, 0), (30, 1), (50, 2), (80, 0)]


def test_a_step_up_is_immediate_within_a_window() -> None:
    """The window may have 1000/6 × 25 % = 41.67 vehicles for two classes down, 83.3 for one."""
    down = windows(100, 100, 100, 100)
    minute = [TrafficCount(NOON + (40 + i) * MIN, NOON + (41 + i) * MIN, (20.0, 1.0)) for i in range(10)]
    told = lived(ROAD, down + minute)[1]
    assert minutes(told)[-2:] == [(43, 1), (45, 0)]


def test_a_step_up_is_held_for_ten_minutes() -> None:
    """Two low samples come sooner where windows are short; the hold is what keeps the class up."""
    state = TrafficState(steps_down=0, held_until_ms=NOON + 40 * MIN, complete_ms=NOON, counted_until_ms=NOON)
    state = replace(state, run_from_ms=NOON - 60 * MIN)
    assert minutes(lived(ROAD, windows(100, 100, 100, 100, 100), state)[1]) == [(40, 1), (50, 2)][:1]


def test_the_worst_lane_decides() -> None:
    counts = [replace(count, vehicles=count.vehicles[::-1]) for count in windows(100, 100, 600)]
    assert minutes(lived(ROAD, counts)[1]) == [(10, 0), (20, 1), (30, 0)]


@pytest.mark.parametrize(
    ("section", "share_pct", "steps"),
    [
        (MULTI, 66, 0),
        (MULTI, 65, 1),
        (MULTI, 35, 1),
        (MULTI, 34, 2),
        (TWO_LANE, 46, 0),
        (TWO_LANE, 45, 1),
        (TWO_LANE, 15, 1),
        (TWO_LANE, 14, 2),
    ],
)
def test_the_basis_of_the_carriageway_takes_the_sum(section: TrafficSection, share_pct: float, steps: int) -> None:
    """CEN/TR 13201-1:2014: limits of the volume weight; the design class is presumed found at a high volume."""
    each = section.capacity_veh_h * share_pct / 100 / 6 / 2
    counts = [replace(count, vehicles=(each, each)) for count in windows(*[0] * 6)]
    assert lived(section, counts)[0].steps_down == steps


def test_never_more_steps_than_the_section_allows() -> None:
    low = replace(ROAD, most_steps_down=1)
    state, told = lived(low, windows(*[50] * 6))
    assert state.steps_down == 1
    assert minutes(told) == [(10, 0), (20, 1)]


def test_counts_that_do_not_fit_into_the_window_are_taken_by_the_time_that_they_cover() -> None:
    """Counts of five minutes in windows of six: each window has one or two of them, and the flow is the same."""
    even = [TrafficCount(NOON + i * 5 * MIN, NOON + (i + 1) * 5 * MIN, (20.0, 0.5)) for i in range(60)]
    for window_ms in (5 * MIN, 6 * MIN, 10 * MIN, 15 * MIN):
        found = class_series(ROAD, even, window_ms=window_ms)
        assert found.value.max() == 2, window_ms
        assert found.facts[0].values["flow_veh_h"] == 240.0


def test_a_limit_that_was_lowered_since_holds_at_once() -> None:
    state = lived(ROAD, windows(*[50] * 6))[0]
    now_ms = NOON + 61 * MIN
    state, changes = overtaken(replace(ROAD, most_steps_down=1), state, now_ms)
    assert [(at, value) for at, value, _ in changes] == [(now_ms, 1)]
    assert state.steps_down == 1


def test_counts_that_stop_mean_the_design_class_after_twenty_minutes() -> None:
    state, _ = lived(ROAD, windows(100, 100, 100))
    assert stale_after(ROAD, state) == NOON + 50 * MIN
    assert overtaken(ROAD, state, NOON + 50 * MIN - 1) == (state, [])
    state, changes = overtaken(ROAD, state, NOON + 55 * MIN)
    assert [(at, value, fact.code) for at, value, fact in changes] == [
        (NOON + 50 * MIN, UNKNOWN, "traffic_counts_stale")
    ]


def test_a_gap_means_the_design_class_until_two_low_samples_came_again() -> None:
    counts = windows(*[100] * 9)
    told = lived(ROAD, counts[:4] + counts[5:])[1]
    assert minutes(told)[3:] == [(60, UNKNOWN), (60, 0), (70, 1), (90, 2)]


def test_a_lane_that_failed_is_no_empty_lane() -> None:
    failed = replace(windows(100)[0], vehicles=(float("nan"), 1.0), from_ms=NOON + 40 * MIN, until_ms=NOON + 50 * MIN)
    told = lived(ROAD, [*windows(*[100] * 4), failed])[1]
    assert minutes(told)[-1] == (50, UNKNOWN)


def test_a_lane_on_which_nothing_passes_for_a_day_has_a_dead_counter() -> None:
    dead = [replace(count, vehicles=(10.0, 0.0)) for count in windows(*[0] * 150)]
    state, told = lived(ROAD, dead)
    assert minutes(told)[-1] == (24 * 60, UNKNOWN)
    assert state.why_unknown == "traffic_counter_silent"


def test_hourly_counts_drive_nothing_live_and_say_so() -> None:
    hours = [TrafficCount(NOON + i * 60 * MIN, NOON + (i + 1) * 60 * MIN, (50.0, 50.0)) for i in range(5)]
    state, changes = advance(ROAD, TrafficState(), hours[0])
    assert state.steps_down == UNKNOWN
    assert [(fact.code, fact.values["length_s"]) for _, _, fact in changes] == [("traffic_counts_too_coarse", 3600.0)]
    refused = class_series(ROAD, hours)
    assert refused.value.tolist() == [UNKNOWN]
    spread = class_series(ROAD, hours, coarse=True)
    assert spread.value.tolist() == [0, 1, 2, UNKNOWN]
    assert all(fact.values["coarse_s"] == 3600.0 for fact in spread.facts)


def test_counts_of_other_lanes_than_the_section_has_are_refused() -> None:
    _, changes = advance(ROAD, TrafficState(), TrafficCount(NOON, NOON + 10 * MIN, (5.0,)))
    assert [(fact.code, dict(fact.values)) for _, _, fact in changes] == [
        ("traffic_lanes_differ", {"counted": 1, "lanes": 2})
    ]


def test_late_repeated_and_overlapping_counts_change_nothing() -> None:
    state, _ = lived(ROAD, windows(100, 100, 100))
    for late in (windows(900)[0], TrafficCount(NOON + 25 * MIN, NOON + 35 * MIN, (0.0, 0.0))):
        assert advance(ROAD, state, late) == (state, [])


def test_the_state_goes_through_json() -> None:
    state, _ = lived(ROAD, [*windows(100, 100, 100), TrafficCount(NOON + 30 * MIN, NOON + 33 * MIN, (3.0, 4.5))])
    assert TrafficState.from_values(json.loads(json.dumps(state.as_values()))) == state
    with pytest.raises((ValueError, TypeError)):
        TrafficState.from_values({"steps_down": "two"})


@st.composite
def _counts(draw: st.DrawFn, lanes: int = 2) -> list[TrafficCount]:
    """Runs of counts of many lengths, with gaps, overlaps and failures, over some hours."""
    at_ms = NOON + draw(st.integers(-30, 30)) * MIN // 2
    made = []
    for _ in range(draw(st.integers(1, 12))):
        length = draw(st.sampled_from([MIN // 2, MIN, 5 * MIN, 7 * MIN, 10 * MIN, 15 * MIN]))
        low, high = draw(st.sampled_from([(0, 5), (0, 20), (10, 40), (30, 200), (0, 0)]))
        for _ in range(draw(st.integers(1, 25))):
            vehicles = tuple(float(draw(st.integers(low, high)) * length // (10 * MIN)) for _ in range(lanes))
            if draw(st.integers(0, 30)) == 0:
                vehicles = (float("nan"), *vehicles[1:])
            made.append(TrafficCount(at_ms, at_ms + length, vehicles))
            at_ms += length
        at_ms += draw(st.sampled_from([0, 0, 0, MIN // 2, 3 * MIN, 30 * MIN, -2 * MIN, 26 * 60 * MIN]))
    return made


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_a_year_at_once_is_the_live_machine(data: st.DataObject) -> None:
    """In the order of their begin, as a store gives them; what overlaps is left aside by both."""
    section = data.draw(st.sampled_from([ROAD, MULTI, TWO_LANE]))
    counts = sorted(data.draw(_counts()), key=lambda count: count.from_ms)
    window_ms = data.draw(st.sampled_from([5, 6, 10, 15])) * MIN
    state, told = TrafficState(), []
    for count in counts:
        state, changes = advance(section, state, count, window_ms=window_ms)
        told += changes
    if state.steps_down != UNKNOWN:
        told += overtaken(section, state, stale_after(section, state, window_ms=window_ms), window_ms=window_ms)[1]
    found = class_series(section, counts, window_ms=window_ms)
    assert entries(found) == [(at_ms, value) for at_ms, value, _ in told]
    assert [dict(found.facts[i].values) for i in found.fact.tolist()] == [dict(fact.values) for _, _, fact in told]


def _after(counts: list[TrafficCount], section: TrafficSection, at_ms: Instants) -> Instants:
    """What the live machine says at these instants, as each count comes; unknown is the design class."""
    state, told = TrafficState(), [(-(2**62), UNKNOWN)]
    for count in counts:
        state, changes = advance(section, state, count)
        told += [(at, value) for at, value, _ in changes]
    state, changes = overtaken(section, state, int(at_ms[-1]))
    told += [(at, value) for at, value, _ in changes]
    index = np.searchsorted([at for at, _ in told], at_ms, side="right") - 1
    return np.asarray(np.maximum(np.array([value for _, value in told])[index], 0), dtype=np.int64)


@settings(max_examples=examples(200), deadline=None)
@given(_counts(), st.data())
def test_no_missing_failed_late_or_repeated_count_makes_it_darker(
    counts: list[TrafficCount], data: st.DataObject
) -> None:
    """Never darker than with the count, but for what nobody can know yet: until the gap is seen the class stays."""
    counts = sorted(counts, key=lambda count: count.from_ms)
    hit = data.draw(st.integers(0, len(counts) - 1))
    how = data.draw(st.sampled_from(["missing", "failed", "late", "repeated"]))
    one = counts[hit]
    harmed = list(counts)
    if how == "failed":
        harmed[hit] = replace(one, vehicles=(float("nan"),) * len(one.vehicles))
    elif how == "repeated":
        harmed.insert(data.draw(st.integers(hit, len(counts))), one)
    else:
        del harmed[hit]
    if how == "late":
        harmed.insert(data.draw(st.integers(hit, len(harmed))), one)
    moments = sorted({count.until_ms + late for count in counts for late in (-1, 0)})
    at_ms = np.array([*moments, moments[-1] + 30 * MIN], dtype=np.int64)
    with_it, without = _after(counts, ROAD, at_ms), _after(harmed, ROAD, at_ms)
    unseen = np.zeros(at_ms.shape, dtype=bool)
    if how in ("missing", "late"):
        next_ms = next((count.until_ms for count in harmed if count.from_ms >= one.until_ms), at_ms[-1])
        unseen = (at_ms >= one.until_ms) & (at_ms < next_ms)
        # Until the gap is seen it is as it was, not darker.
        before = without[np.searchsorted(at_ms, one.until_ms) - 1]
        assert (without[unseen] <= before).all()
    assert (without[~unseen] <= with_it[~unseen]).all()


def test_tied_neighbours_are_never_darker() -> None:
    sections = {
        "S1": replace(ROAD, tied_to=("N",)),
        "N": replace(ROAD, id="N", tied_to=("M",)),
        "M": replace(ROAD, id="M"),
    }
    busy, empty = class_series(ROAD, windows(*[600] * 8)), class_series(ROAD, windows(*[50] * 8))
    found = tie(sections, {"S1": busy, "N": empty, "M": empty})
    at_ms = np.array([NOON + m * MIN for m in range(0, 120, 5)], dtype=np.int64)
    assert set(found["N"].at(at_ms)[0].tolist()) == {UNKNOWN, 0}
    assert entries(found["M"]) == entries(empty)  # a tie reaches one section far
    assert {fact.code for fact in found["N"].facts} >= {"traffic_tied"}
    unknown = tie(sections, {"N": empty})
    assert set(unknown["N"].at(at_ms)[0].tolist()) == {UNKNOWN, 0}


def test_a_year_of_one_section_is_a_few_changes_a_day() -> None:
    """No clock here: the windows that need a state machine's whole step are few."""
    n = 52_560 * 2
    begin = NOON + np.arange(n, dtype=np.int64) * 5 * MIN
    hour = (np.arange(n) // 12) % 24
    mean = np.where((hour > 6) & (hour < 20), 60.0, 5.0)
    vehicles = np.random.default_rng(1).poisson(mean[:, None], (n, 2)).astype(np.float64)
    counts = TrafficCounts(begin, begin + 5 * MIN, vehicles, np.full(n, 2))
    found = class_series(ROAD, counts)
    assert 365 * 3 < found.value.size < 365 * 40
