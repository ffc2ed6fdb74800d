"""Energy from counters: each case of a counter, and that what is known is never more than what was used."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.energy import counters
from lighting.energy.counters import (
    CounterFacts,
    EnergyFlag,
    SeriesEnergy,
    many_series_energy,
    series_energy,
)
from lighting.store.records import Quality

MINUTE = 60_000
HOUR = 3_600_000
LAMPS_W = 1000.0
FACTS = CounterFacts(reset="never", rated_w=LAMPS_W)


def energy(
    points: list[tuple[int, int]],
    facts: CounterFacts = FACTS,
    *,
    hours: int = 1,
    power_w: float = np.nan,
    quality: int = 0,
    replaced_ms: tuple[int, ...] = (),
) -> SeriesEnergy:
    """Energy of hours from the epoch on, of (minute, counter in Ws)."""
    n = len(points)
    return series_energy(
        [round(minute * MINUTE) for minute, _ in points],
        [counter for _, counter in points],
        np.full(n, power_w),
        np.full(n, quality),
        np.full(n, np.nan),
        np.full(n, np.nan),
        np.arange(hours + 1) * HOUR,
        facts,
        replaced_ms,
    )


def steady(until: int = 60, every: int = 1, start: int = 0, per_minute: int = 1000) -> list[tuple[int, int]]:
    return [(minute, start + minute * per_minute) for minute in range(0, until + 1, every)]


def test_the_difference_of_the_counter_is_what_was_used() -> None:
    found = energy(steady())
    assert found.energy_ws.tolist() == [60_000]
    assert found.known_ms.tolist() == [HOUR]
    assert found.unknown_ms.tolist() == [0]
    assert found.flags.tolist() == [0]
    assert found.readings.tolist() == [60]


@pytest.mark.parametrize("counter", [0, 50_000])
def test_what_was_used_before_a_counter_of_intervals_begins_anew_is_unknown(counter: int) -> None:
    minutes = [0, 10, 30, 60]
    found = series_energy(
        [minute * MINUTE for minute in minutes],
        [0, 10_000, counter, counter + 30_000],
        np.full(4, np.nan),
        [int(Quality.SUMMED), int(Quality.SUMMED), int(Quality.SUMMED | Quality.AFTER_GAP), int(Quality.SUMMED)],
        np.full(4, np.nan),
        np.full(4, np.nan),
        [0, HOUR],
        CounterFacts(modulus_ws=1_000_000),
    )
    assert found.energy_ws.tolist() == [10_000 + 30_000]
    assert found.unknown_ms.tolist() == [20 * MINUTE]
    assert found.flags[0] & EnergyFlag.RESET
    assert not found.flags[0] & (EnergyFlag.WRAPPED | EnergyFlag.BACKWARDS)


def test_it_is_cut_at_the_edge_in_proportion_to_time_and_nothing_is_lost() -> None:
    found = energy([(-7, 0), (4, 1001), (53, 5002), (67, 8003)])
    assert found.energy_ws.tolist() == [1001 - 1001 * 7 // 11 + 4001 + 3001 * 7 // 14]
    assert found.known_ms.tolist() == [HOUR]


def test_a_counter_that_runs_over_is_resolved() -> None:
    points = [(minute, (99_000 + minute * 1000) % 100_000) for minute in range(61)]
    found = energy(points, CounterFacts(modulus_ws=100_000, reset="never", rated_w=50.0))
    assert found.energy_ws.tolist() == [60_000]
    assert found.flags.tolist() == [EnergyFlag.WRAPPED]


def test_it_is_not_resolved_where_more_would_have_been_drawn_than_can_be() -> None:
    points = [(0, 500_000), (1, 501_000), (2, 200_000), (3, 201_000), (60, 258_000)]
    found = energy(points, CounterFacts(modulus_ws=1_000_000, reset="never", rated_w=50.0))
    assert found.energy_ws.tolist() == [57_000]
    assert found.unknown_ms.tolist() == [3 * MINUTE]
    assert found.flags.tolist() == [EnergyFlag.BACKWARDS | EnergyFlag.SPREAD]


def test_without_a_rated_power_it_runs_over_from_its_end_to_its_begin_only() -> None:
    facts = CounterFacts(modulus_ws=100_000, reset="never")
    assert energy([(0, 99_500), (60, 500)], facts).flags[0] & EnergyFlag.WRAPPED
    assert energy([(0, 80_000), (60, 500)], facts).known_ms.tolist() == [0]


def test_a_gap_in_which_it_may_have_run_over_once_more_is_unknown() -> None:
    found = energy([(0, 10), (60, 20)], CounterFacts(modulus_ws=100_000, reset="never", rated_w=50.0))
    assert found.flags.tolist() == [EnergyFlag.AMBIGUOUS]
    assert found.known_ms.tolist() == [0]


def test_a_reset_leaves_its_interval_unknown() -> None:
    points = [(minute, 500_000 + 1000 * minute if minute < 30 else 1000 * (minute - 30) + 400) for minute in range(61)]
    found = energy(points, CounterFacts(reset="unknown", rated_w=100.0))
    assert found.energy_ws.tolist() == [59_000]
    assert found.unknown_ms.tolist() == [MINUTE]
    assert found.flags.tolist() == [EnergyFlag.RESET]


def test_what_was_counted_since_the_power_came_back_is_known_as_a_sum() -> None:
    points = [(0, 500_000), (20, 520_000), (60, 12_000)]
    found = energy(points, CounterFacts(reset="on_power_loss", rated_w=20.0))
    assert found.energy_ws.tolist() == [32_000]
    assert found.flags.tolist() == [EnergyFlag.RESET | EnergyFlag.SPREAD]
    # 12,000 Ws are used in no less than 10 minutes of 20 W.
    assert found.known_ms.tolist() == [30 * MINUTE]
    assert found.unknown_ms.tolist() == [30 * MINUTE]


def test_what_lies_between_two_meters_is_unknown() -> None:
    points = [(0, 9_000), (20, 29_000), (40, 20), (60, 20_020)]
    found = energy(points, replaced_ms=(30 * MINUTE,))
    assert found.energy_ws.tolist() == [40_000]
    assert found.known_ms.tolist() == [40 * MINUTE]
    assert found.flags.tolist() == [EnergyFlag.REPLACED | EnergyFlag.SPREAD]


def test_closing_and_opening_figures_leave_nothing_unknown() -> None:
    at_ms = 30 * MINUTE
    points = [(0, 9_000), (20, 29_000), ((at_ms - 1) / MINUTE, 39_000), (30, 7), (40, 10_007), (60, 30_007)]
    found = energy(points, replaced_ms=(at_ms,))  # type: ignore[arg-type]
    assert found.energy_ws.tolist() == [60_000]
    assert found.unknown_ms.tolist() == [0]


def test_a_counter_that_falls_back_is_never_negative_energy_and_unknown_on_both_sides() -> None:
    points = steady()
    points[30] = (30, 28_500)
    found = energy(points)
    assert found.energy_ws.tolist() == [57_000]
    assert found.unknown_ms.tolist() == [3 * MINUTE]
    assert found.flags.tolist() == [EnergyFlag.BACKWARDS]


def test_more_than_can_be_drawn_is_unknown() -> None:
    points = [(minute, counter + 10**9 * (minute > 30)) for minute, counter in steady()]
    found = energy(points)
    assert found.energy_ws.tolist() == [59_000]
    assert found.flags.tolist() == [EnergyFlag.IMPLAUSIBLE]


def test_a_counter_that_stands_still_while_power_flows_is_unknown() -> None:
    points = [(minute, 5_000) for minute in range(61)]
    assert energy(points, power_w=800.0).flags.tolist() == [EnergyFlag.IMPLAUSIBLE]
    assert energy(points, power_w=800.0).known_ms.tolist() == [0]
    assert energy(points, power_w=0.0).known_ms.tolist() == [HOUR]
    coarse = CounterFacts(reset="never", rated_w=LAMPS_W, resolution_ws=3_600_000)
    assert energy(points, coarse, power_w=800.0).known_ms.tolist() == [HOUR]


def test_a_gap_is_right_in_sum_and_marked() -> None:
    found = energy([(-10, 0), (0, 10_000), (120, 130_000), (130, 140_000)], hours=2)
    assert found.energy_ws.tolist() == [60_000, 60_000]
    assert found.spread_ms.tolist() == [HOUR, HOUR]
    assert found.flags.tolist() == [EnergyFlag.SPREAD] * 2


def test_before_the_first_and_after_the_last_reading_nothing_is_known() -> None:
    found = energy([(10, 0), (20, 1000)])
    assert found.known_ms.tolist() == [10 * MINUTE]
    assert energy([]).known_ms.tolist() == [0]
    assert energy([(3, 17)]).known_ms.tolist() == [0]


def test_readings_that_are_not_believed_are_passed_over() -> None:
    bad = Quality.OUT_OF_RANGE, Quality.CLOCK_DOUBTED, Quality.STALE
    assert sum(bad) == counters._UNBELIEVED
    at_ms, counter = np.array([0, 30, 60]) * MINUTE, [0, 999, 60_000]
    nothing = np.full(3, np.nan)
    for quality in bad:
        marks = [0, int(quality), 0]
        found = series_energy(at_ms, counter, nothing, marks, nothing, nothing, [0, HOUR], FACTS)
        assert found.energy_ws.tolist() == [60_000]
    missing = [0, int(Quality.MISSING), 0]  # something of the reading is missing, not what is there
    found = series_energy(at_ms, [0, 30_000, 60_000], nothing, missing, nothing, nothing, [0, HOUR], FACTS)
    assert found.energy_ws.tolist() == [60_000]


def test_power_is_integrated_where_there_is_no_counter() -> None:
    at_ms = np.array([0, 5, 10, 40, 50, 60]) * MINUTE
    power = np.array([100.0, 200.0, 200.0, 200.0, 200.0, 0.0])
    nothing = np.full(6, np.nan)
    found = series_energy(at_ms, np.full(6, -1), power, np.zeros(6), -power / 2, nothing, [0, HOUR], FACTS)
    assert found.energy_ws.tolist() == [(150 * 5 + 200 * 5 + 200 * 10 + 100 * 10) * 60]
    assert found.known_ms.tolist() == found.integrated_ms.tolist() == [30 * MINUTE]
    # Reactive power is read more rarely, so that half an hour is no gap for it.
    assert found.reactive_vars.tolist() == [-(150 * 5 + 200 * 5 + 200 * 30 + 200 * 10 + 100 * 10) * 30]
    assert found.reactive_ms.tolist() == [HOUR]
    assert found.flags.tolist() == [EnergyFlag.INTEGRATED]
    assert found.power_max_w.tolist() == [200.0]


def test_power_that_cannot_be_is_not_integrated() -> None:
    at_ms = np.arange(61) * MINUTE
    power = np.full(61, 60.0)
    power[20], power[40] = -60.0, 1e6
    found = series_energy(at_ms, np.full(61, -1), power, np.zeros(61), power * np.nan, power * np.nan, [0, HOUR], FACTS)
    assert found.energy_ws.tolist() == [56 * 3600]
    assert found.unknown_ms.tolist() == [4 * MINUTE]
    assert found.flags.tolist() == [EnergyFlag.INTEGRATED | EnergyFlag.IMPLAUSIBLE]


def test_a_gap_of_months_is_cut_exactly() -> None:
    days = 200
    used = 123_456_789_013
    edges = np.arange(days + 1) * 24 * HOUR
    nothing = np.full(2, np.nan)
    found = series_energy(
        [0, days * 24 * HOUR], [5, 5 + used], nothing, [0, 0], nothing, nothing, edges, CounterFacts(rated_w=1e5)
    )
    assert found.energy_ws.sum() == used
    assert np.ptp(found.energy_ws) <= 1


def test_facts_are_one_a_series() -> None:
    with pytest.raises(ValueError, match="1 facts for 2 series"):
        many_series_energy([], [], [], [], [], [], [], 2, [0, HOUR], [FACTS])


# --- what is known is true, whatever happens --------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(st.sampled_from(["reset", "replace", "noise", "late", "twice", "gap", "stale"]), st.integers(3, 170)),
    max_size=6,
    unique_by=lambda event: event[1] // 8,
)
MODULUS = 1_000_000


@st.composite
def histories(draw: st.DrawFn) -> tuple[np.ndarray, list[list[int]], CounterFacts, list[int], np.ndarray]:
    """(what was used by each minute of three hours, readings, facts, replaced, another order of the readings)."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    used = random.integers(0, draw(st.sampled_from([1, 500, 60_001])), 180)
    truth = np.concatenate(([0], np.cumsum(used)))
    start, reset = draw(st.integers(200_000, MODULUS - 1)), draw(st.sampled_from(["unknown", "on_power_loss"]))
    counter, rows, replaced, extra = start, [], [], []
    events = {minute: kind for kind, minute in draw(EVENTS)}
    for minute in range(181):
        counter += int(used[minute - 1]) if minute else 0
        kind = events.get(minute)
        # A reset or another meter close to where the counter runs over cannot be told from running over.
        if kind in ("reset", "replace") and 300_000 < counter % MODULUS < 900_000:
            counter = int(random.integers(0, used[minute - 1] + 1)) if kind == "reset" else 400_000
            if kind == "replace":
                replaced.append(minute * MINUTE)
        shown = counter % MODULUS
        if kind == "noise" and 300_000 < shown < 900_000:
            shown -= draw(st.integers(0, 50_000))
        if kind != "gap":
            rows.append([minute * MINUTE, shown, int(Quality.STALE) if kind == "stale" else 0])
        if kind == "twice":
            extra.append(list(rows[-1]))
    rows += extra
    order = random.permutation(len(rows))
    return truth, rows, CounterFacts(MODULUS, reset, 1000.0), replaced, order  # type: ignore[arg-type]


def of_rows(rows: np.ndarray, facts: CounterFacts, edges: np.ndarray, replaced: list[int]) -> SeriesEnergy:
    nothing = np.full(len(rows), np.nan)
    return series_energy(rows[:, 0], rows[:, 1], nothing, rows[:, 2], nothing, nothing, edges, facts, replaced)


def same(one: SeriesEnergy, other: SeriesEnergy) -> bool:
    return all(
        np.array_equal(getattr(one, name.name), getattr(other, name.name), equal_nan=True) for name in fields(one)
    )


@given(histories())
def test_what_is_known_is_never_more_than_was_used_and_order_does_not_matter(
    history: tuple[np.ndarray, list[list[int]], CounterFacts, list[int], np.ndarray],
) -> None:
    truth, rows, facts, replaced, order = history
    table = np.array(rows)
    edges = np.arange(4) * HOUR
    found = of_rows(table, facts, edges, replaced)
    assert same(found, of_rows(table[order], facts, edges, replaced))
    assert found.energy_ws.sum() <= truth[-1]
    assert (found.energy_ws >= 0).all()
    assert (found.known_ms <= HOUR).all()
    assert (found.known_ms + found.unknown_ms == HOUR).all()
    complete = found.known_ms.sum() == 3 * HOUR
    if complete:
        assert found.energy_ws.sum() == truth[-1]
    # Never less is known than what no event has touched: three minutes around each.
    if facts.reset == "unknown":
        assert found.known_ms.sum() >= 3 * HOUR - 6 * 4 * MINUTE


@given(histories(), st.integers(1, 2))
def test_an_hour_is_the_same_worked_out_alone_as_with_its_neighbours(
    history: tuple[np.ndarray, list[list[int]], CounterFacts, list[int], np.ndarray], hour: int
) -> None:
    _, rows, facts, replaced, _ = history
    table = np.array(rows)
    together = of_rows(table, facts, np.arange(4) * HOUR, replaced)
    good = np.unique(table[table[:, 2] == 0, 0])
    first = good[good < hour * HOUR][-counters.NEIGHBOURS :][0]
    after = good[good >= (hour + 1) * HOUR][: counters.NEIGHBOURS]
    last = after[-1] if after.size else good[-1]
    near = table[(table[:, 0] >= first) & (table[:, 0] <= last)]
    alone = of_rows(near, facts, np.array([hour, hour + 1]) * HOUR, replaced)
    for one in fields(alone)[1:]:
        assert np.array_equal(getattr(alone, one.name), getattr(together, one.name)[hour : hour + 1], equal_nan=True)


def test_many_series_are_as_each_alone() -> None:
    random = np.random.default_rng(5)
    edges = np.arange(4) * HOUR
    tables, facts, replaced = [], [], []
    for series in range(40):
        size = int(random.integers(0, 200))
        at_ms = random.choice(np.arange(-20, 200), size) * MINUTE
        counter = np.where(random.random(size) < 0.1, -1, (at_ms // MINUTE + 20) * 1000 * (series % 4))
        counter = np.where(random.random(size) < 0.05, random.integers(0, 200_000, size), counter)
        values = [np.where(random.random(size) < 0.1, np.nan, random.normal(500, 300, size)) for _ in range(3)]
        quality = np.where(random.random(size) < 0.1, random.integers(0, 16, size), 0)
        tables.append((np.full(size, series), at_ms, counter, values[0], quality, values[1], values[2]))
        facts.append(CounterFacts([None, 200_000][series % 2], "unknown", [None, 1000.0][series % 3 > 0]))
        replaced.append([90 * MINUTE] if series % 5 == 0 else [])
    columns = [np.concatenate(column) for column in zip(*tables, strict=True)]
    order = random.permutation(columns[0].size)
    pairs = [(series, at_ms) for series, times in enumerate(replaced) for at_ms in times]
    one, at, counters_, power, marks, reactive, voltage = (column[order] for column in columns)
    many = many_series_energy(
        one,
        at,
        counters_,
        power,
        marks,
        reactive,
        voltage,
        40,
        edges,
        facts,
        replaced_series=[series for series, _ in pairs],
        replaced_ms=[at_ms for _, at_ms in pairs],
    )
    for series, (_, at, counters_, power, marks, reactive, voltage) in enumerate(tables):
        alone = series_energy(at, counters_, power, marks, reactive, voltage, edges, facts[series], replaced[series])
        for name in [field.name for field in fields(alone)[1:]]:
            assert np.array_equal(getattr(many, name)[series], getattr(alone, name), equal_nan=True)


def test_portions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    series = np.repeat(np.arange(7), 61)
    at_ms = np.tile(np.arange(61) * MINUTE, 7)
    counter = at_ms // 100 * (series + 1)
    nothing = np.full(series.size, np.nan)

    def whole() -> SeriesEnergy:
        return many_series_energy(
            series, at_ms, counter, nothing, np.zeros(series.size), nothing, nothing, 9, [0, HOUR], [FACTS] * 9
        )

    before = whole()
    monkeypatch.setattr(counters, "_READINGS_AT_ONCE", 100)
    assert same(before, whole())
    assert before.energy_ws[:, 0].tolist() == [36_000 * (n + 1) for n in range(7)] + [0, 0]
