"""What holds for the decision of every site, night and instruction, whatever the senses say or do not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, decide
from lighting.schedule.grid import grid_of
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN, Inputs
from lighting.schedule.instructions import Instruction, Layer, span_ms, weakest_first
from lighting.schedule.night import night_span_ms
from lighting.schedule.places import places_of
from lighting.schedule.site_index import minimum_level_pct, site_index
from tests.effort import examples
from tests.lighting.schedule.random_sites import (
    DrawnNote,
    drawn_cells,
    drawn_notes,
    drawn_series,
    inputs_of,
    instants,
    nights,
    notes_of,
    sites,
    sun_dark,
)

EPS_PCT = 2e-3
SLOW = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a site is shrunk in minutes, and told as it is in seconds
)

drawn_traffic = st.none() | drawn_series
drawn_cell = st.none() | drawn_cells
local_control = st.none() | st.lists(st.booleans(), min_size=6, max_size=6)


def lived(
    site: Site, at_ms: NDArray[np.int64], notes: Sequence[Instruction], inputs: Inputs
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Live decisions, each by itself, with lamps that remember since when they are on."""
    on_since = np.full(len(site.circuits), -1, dtype=np.int64)
    rows, layers = [], []
    for i in range(at_ms.size):
        decided = decide(site, at_ms[i : i + 1], notes, Conditions(on_since_ms=on_since if i else None, inputs=inputs))
        level = decided.level_pct[0]
        on = ~(level <= 0.0)
        fresh = 0 if i == 0 else int(at_ms[i])  # what is on at the first instant is taken for warm
        on_since = np.where(on, np.where(on_since >= 0, on_since, fresh), -1)
        rows.append(level)
        layers.append(decided.layer[0])
    return np.array(rows), np.array(layers)


@given(
    site=sites(),
    night=nights,
    drawn=st.lists(drawn_notes, max_size=4),
    traffic=drawn_traffic,
    cell=drawn_cell,
)
@settings(SLOW, max_examples=examples(8))
def test_live_and_planned_are_one(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]] | None,
    cell: list[tuple[float, int]] | None,
) -> None:
    assume(not site.control.dusk_stagger_s)  # when staggered lamps came on is no border of the grid
    lamp = replace(site.luminaire_types["lamp"], restrike_s=0.0, min_on_s=0.0)
    site = replace(site, luminaire_types={**site.luminaire_types, "lamp": lamp})
    start_ms = night_span_ms(night, site.timezone)[0]
    notes, inputs = notes_of(drawn, start_ms), inputs_of(traffic, cell, start_ms)
    at_ms = instants(site, night, 11.0)
    plan = decide(site, at_ms, notes, Conditions(inputs=inputs))
    grid = grid_of(site_index(site), at_ms, weakest_first(notes), inputs)
    live, layers = lived(site, grid.at_ms, notes, inputs)
    warm_by_ms = int(at_ms[0]) + 700_000  # the first instants of the live run know nothing of what was before
    known = at_ms >= warm_by_ms
    assert np.array_equal(plan.layer[known], layers[grid.asked][known])
    assert apart(plan.level_pct[known], live[grid.asked][known], at_ms[known]) == []


@given(
    site=sites(),
    night=nights,
    drawn=st.lists(drawn_notes, max_size=4),
    traffic=drawn_traffic,
    cell=drawn_cell,
    step=st.integers(0, 10_000),
)
@settings(SLOW, max_examples=examples(30))
def test_an_instant_has_one_level_however_it_is_asked_about(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]] | None,
    cell: list[tuple[float, int]] | None,
    step: int,
) -> None:
    """Alone, in a plan of few or many instants, for one circuit or all."""
    start_ms = night_span_ms(night, site.timezone)[0]
    notes, inputs = notes_of(drawn, start_ms), inputs_of(traffic, cell, start_ms)
    lamp = site.luminaire_types["lamp"]
    if lamp.min_on_s or lamp.restrike_s:  # a chain of these may reach back further than is looked
        lamp = replace(lamp, min_on_s=0.0, restrike_s=0.0)
        site = replace(site, luminaire_types={**site.luminaire_types, "lamp": lamp})
    many = instants(site, night, 7.0)
    row = step % many.size
    conditions = Conditions(inputs=inputs)
    whole = decide(site, many, notes, conditions)
    alone = decide(site, many[row : row + 1], notes, conditions)
    few = decide(site, many[row % 5 :: 5], notes, conditions)
    assert apart(whole.level_pct[row : row + 1], alone.level_pct, alone.at_ms) == []
    assert np.array_equal(whole.layer[row], alone.layer[0])
    assert told(whole, row) == told(alone, 0)
    assert apart(whole.level_pct[row % 5 :: 5], few.level_pct, many[row % 5 :: 5]) == []


def apart(
    one: NDArray[np.float32], other: NDArray[np.float32], at_ms: NDArray[np.int64]
) -> list[tuple[int, int, float, float]]:
    """The first few places where two tables of levels differ: instant, circuit, and both levels."""
    far = ~np.isclose(one, other, atol=EPS_PCT, equal_nan=True)
    return [(int(at_ms[r]), int(c), float(one[r, c]), float(other[r, c])) for r, c in np.argwhere(far)[:4]]


def told(decided: Decisions, row: int) -> list[object]:
    return [decided.causes[int(number)] for number in decided.cause[row]]


ALLOWED_UNDER = frozenset(
    {
        *("part_night_off", "part_night_off_since", "part_night_off_until", "part_night_off_by_photocell"),
        *("lockout_in_force", "local_control"),
    }
)


@given(
    site=sites(),
    night=nights,
    drawn=st.lists(drawn_notes, max_size=4),
    traffic=drawn_traffic,
    cell=drawn_cell,
    doubted=st.booleans(),
    local=local_control,
    on_since=st.sampled_from([None, -1, 0]),
)
@settings(SLOW, max_examples=examples(60))
def test_never_under_the_floor_while_dark_unless_the_cause_is_an_exception(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]] | None,
    cell: list[tuple[float, int]] | None,
    doubted: bool,
    local: list[bool] | None,
    on_since: int | None,
) -> None:
    start_ms = night_span_ms(night, site.timezone)[0]
    notes = notes_of(drawn, start_ms)
    at_ms = instants(site, night, 13.0)
    conditions = Conditions(
        local_control=None if local is None else np.array(local),
        on_since_ms=None if on_since is None else np.full(6, on_since, dtype=np.int64),
        clock_doubted=doubted,
        inputs=inputs_of(traffic, cell, start_ms),
    )
    decided = decide(site, at_ms, notes, conditions)
    share = site_index(site).output.shares(None) if site_index(site).output.is_used else np.ones(6)
    floors = np.array([floor_level_pct(circuit, site) for circuit in site.circuits.values()]) * share
    dark = decided.dark
    if not doubted:  # then the sun is not known either
        deepest = np.array([site.photocells["P1"].latest_elevation_deg, site.control.dusk_elevation_deg]).min()
        deep = sun_dark(replace(site, control=replace(site.control, dusk_elevation_deg=deepest)), at_ms)
        assert dark[deep].all(), "no photocell says otherwise after civil dusk"
        assert (dark[:, 3:] == sun_dark(site, at_ms)[:, None]).all(), "nor in another district than its own"
    under = dark & ~(decided.level_pct >= floors - EPS_PCT)
    below = {note.id for note in notes if note.below_floor}
    for row, column in np.argwhere(under):
        cause = decided.causes[int(decided.cause[row, column])]
        by_right = cause.code == "override_in_force" and cause.values["id"] in below
        assert by_right or cause.code in ALLOWED_UNDER, cause
        assert np.isnan(decided.level_pct[row, column]) == (cause.code in {"lockout_in_force", "local_control"})


@given(
    site=sites(),
    night=nights,
    drawn=st.lists(drawn_notes, max_size=3),
    traffic=drawn_series,
    cell=drawn_cells,
    fails=st.sampled_from(["traffic_gone", "traffic_unknown", "cell_gone", "cell_unknown", "program", "clock"]),
)
@settings(SLOW, max_examples=examples(60))
def test_no_input_that_fails_makes_it_darker_while_it_is_dark(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]],
    cell: list[tuple[float, int]],
    fails: str,
) -> None:
    # Full power while lamps warm up, and lamps that must not go out yet, are no light that anyone asked for.
    simple = {k: replace(t, warm_up_s=0.0, min_on_s=0.0, min_off_s=0.0) for k, t in site.luminaire_types.items()}
    site = replace(site, luminaire_types=simple)
    start_ms = night_span_ms(night, site.timezone)[0]
    notes = notes_of(drawn, start_ms)
    at_ms = instants(site, night, 13.0)
    good = decide(site, at_ms, notes, Conditions(inputs=inputs_of(traffic, cell, start_ms)))
    failed, doubted = site, False
    if fails == "traffic_gone":
        inputs = inputs_of(None, cell, start_ms)
    elif fails == "traffic_unknown":
        inputs = inputs_of([(-1000.0, UNKNOWN)], cell, start_ms)
    elif fails == "cell_gone":
        inputs = inputs_of(traffic, None, start_ms)
    elif fails == "cell_unknown":
        inputs = inputs_of(traffic, [(-1000.0, UNKNOWN)], start_ms)
    elif fails == "program":
        inputs, failed = inputs_of(traffic, cell, start_ms), replace(site, programs={})
    else:
        # Under a doubted clock a believed cell decides alone: here it tells the truth, or nothing.
        doubted, inputs = True, inputs_of(traffic, None, start_ms)
    bad = decide(failed, at_ms, notes, Conditions(inputs=inputs, clock_doubted=doubted))
    dark = sun_dark(site, at_ms)[:, None] & ~np.isnan(good.level_pct) & ~np.isnan(bad.level_pct)
    darker = dark & (bad.level_pct < good.level_pct - EPS_PCT)
    rows = np.argwhere(darker)
    assert not rows.size, [
        (site.timezone, int(at_ms[r]), list(site.circuits)[c], float(good.level_pct[r, c]), float(bad.level_pct[r, c]))
        for r, c in rows[:3]
    ]


@given(
    site=sites(),
    night=nights,
    drawn=st.lists(drawn_notes, min_size=1, max_size=4),
    traffic=drawn_traffic,
    cell=drawn_cell,
)
@settings(SLOW, max_examples=examples(30))
def test_an_instruction_that_is_over_leaves_no_trace(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]] | None,
    cell: list[tuple[float, int]] | None,
) -> None:
    """But for lamps that it has switched on or off: their own times, and the way down from their warm-up."""
    start_ms = night_span_ms(night, site.timezone)[0]
    inputs = inputs_of(traffic, cell, start_ms)
    notes = notes_of(drawn, start_ms)
    ended_ms = max(span_ms(note)[1] for note in notes)
    assume(ended_ms < 2**60)
    lamp = site.luminaire_types["lamp"]
    shows_s = site.control.ramp_down_s + lamp.warm_up_s + lamp.restrike_s + lamp.min_on_s + lamp.min_off_s
    at_ms = instants(site, night, 7.0)
    after = at_ms[at_ms > max(ended_ms, start_ms) + shows_s * 1000]
    assume(after.size > 0)
    conditions = Conditions(inputs=inputs)
    with_them = decide(site, at_ms, notes, conditions)
    without = decide(site, at_ms, (), conditions)
    rows = at_ms >= after[0]
    assert apart(with_them.level_pct[rows], without.level_pct[rows], at_ms[rows]) == []
    assert np.array_equal(with_them.layer[rows], without.layer[rows])
    alone = decide(site, after, notes, conditions)
    assert alone.causes == decide(site, after, (), conditions).causes


@given(
    site=sites(),
    night=nights,
    drawn=st.lists(drawn_notes, max_size=4),
    traffic=drawn_traffic,
    cell=drawn_cell,
    doubted=st.booleans(),
    local=local_control,
)
@settings(SLOW, max_examples=examples(30))
def test_a_lockout_lets_nothing_through_and_nothing_else_forbids(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]] | None,
    cell: list[tuple[float, int]] | None,
    doubted: bool,
    local: list[bool] | None,
) -> None:
    start_ms = night_span_ms(night, site.timezone)[0]
    notes = notes_of(drawn, start_ms)
    at_ms = instants(site, night, 13.0)
    hands = np.zeros(6, dtype=np.bool_) if local is None else np.array(local)
    conditions = Conditions(hands, None, doubted, inputs_of(traffic, cell, start_ms))
    decided = decide(site, at_ms, notes, conditions)
    forbidden = np.repeat(hands[None, :], at_ms.size, axis=0)
    for note in (note for note in notes if note.layer is Layer.LOCKOUT):
        from_ms, until_ms = span_ms(note, clock_doubted=doubted)
        rows = (at_ms >= from_ms) & (at_ms < until_ms)
        forbidden[np.ix_(rows, places_of(site).members(note.scope_kind, note.scope_id))] = True
    assert np.array_equal(np.isnan(decided.level_pct), forbidden)
    level = decided.level_pct[~forbidden]
    assert ((level >= 0.0) & (level <= 100.0)).all()


@given(
    site=sites(plain=True),
    night=nights,
    drawn=st.lists(drawn_notes, max_size=5),
    traffic=drawn_traffic,
    cell=drawn_cell,
)
@settings(SLOW, max_examples=examples(40))
def test_layers_and_shaping_come_once_in_the_documented_order(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]] | None,
    cell: list[tuple[float, int]] | None,
) -> None:
    """Beside a plain reference: what is under the instructions, then each of them, then floor, output and minimum."""
    start_ms = night_span_ms(night, site.timezone)[0]
    inputs = inputs_of(traffic, cell, start_ms)
    notes = notes_of(drawn, start_ms)
    at_ms = instants(site, night, 29.0)
    decided = decide(site, at_ms, notes, Conditions(inputs=inputs))
    # Without floors, correction and minimum the decision without instructions is what programs and traffic ask.
    bare_types = {
        k: replace(t, minimum_level_pct=0.0, output_correction="none") for k, t in site.luminaire_types.items()
    }
    bare = {
        c.id: replace(c, never_dim=False, dimmer=c.dimmer or site.circuits["A"].dimmer) for c in site.circuits.values()
    }
    no_floor = replace(
        site, luminaire_types=bare_types, circuits=bare, control=replace(site.control, floor_level_pct=0.0)
    )
    classed = {c.id: replace(c, lowest_class="M5") for c in bare.values()}
    asked = decide(replace(no_floor, circuits=classed), at_ms, (), Conditions(inputs=inputs))
    shares = site_index(site).output.shares(None) if site_index(site).output.is_used else np.ones(6, dtype=np.float32)
    for column, circuit in enumerate(site.circuits.values()):
        floor_pct, minimum_pct = floor_level_pct(circuit, site), minimum_level_pct(site, circuit)
        for row, at in enumerate(at_ms.tolist()):
            base_cause = asked.causes[int(asked.cause[row, column])].code
            if base_cause == "raised_to_floor":  # the class's own floor hides what the program asks
                continue
            level = float(asked.level_pct[row, column])
            may_be_under = base_cause.startswith("part_night_off") and not circuit.never_dim
            is_dark = bool(decided.dark[row, column])
            expected = reference(site, circuit.id, notes, at, level, may_be_under, is_dark)
            if expected is None:
                assert np.isnan(decided.level_pct[row, column])
                continue
            level, may_be_under = expected
            if is_dark and not may_be_under:
                level = max(level, floor_pct)
            level *= float(shares[column])
            if level > 0:
                level = max(level, minimum_pct)
            assert abs(level - float(decided.level_pct[row, column])) < 0.01


def reference(
    site: Site, circuit_id: str, notes: Sequence[Instruction], at_ms: int, level: float, under: bool, is_dark: bool
) -> tuple[float, bool] | None:
    """The level after all instructions in force, weakest first, and whether it may be under the floor; None: locked."""
    position = list(site.circuits).index(circuit_id)
    here = [
        note
        for note in notes
        if span_ms(note)[0] <= at_ms < span_ms(note)[1]
        and position in places_of(site).members(note.scope_kind, note.scope_id)
    ]
    if any(note.layer is Layer.LOCKOUT for note in here):
        return None
    for layer in (Layer.DEMAND_LIMIT, Layer.OVERRIDE, Layer.TEST, Layer.EMERGENCY):
        for note in (note for note in here if note.layer is layer):
            wanted = 100.0 if note.level_pct is None else note.level_pct
            if layer is Layer.DEMAND_LIMIT:
                if level > wanted:
                    level, under = wanted, False
            elif layer is Layer.EMERGENCY:
                if note.level_pct is not None or is_dark:
                    level, under = max(level, wanted), False
            else:
                level, under = wanted, note.below_floor
    return level, under


@given(
    site=sites(),
    night=nights,
    drawn=st.lists(drawn_notes, max_size=4),
    traffic=drawn_traffic,
    cell=drawn_cell,
    ramp_s=st.sampled_from([30.0, 60.0, 600.0]),
)
@settings(SLOW, max_examples=examples(30))
def test_down_is_never_faster_than_its_ramp_and_up_is_at_once(
    site: Site,
    night: date,
    drawn: list[DrawnNote],
    traffic: list[tuple[float, int]] | None,
    cell: list[tuple[float, int]] | None,
    ramp_s: float,
) -> None:
    slow_steps = {
        p.id: replace(p, steps=tuple(replace(s, ramp_s=max(s.ramp_s, ramp_s) if s.ramp_s else None) for s in p.steps))
        for p in site.programs.values()
    }
    lamps = {k: replace(t, minimum_level_pct=min(t.minimum_level_pct, 50.0)) for k, t in site.luminaire_types.items()}
    control = replace(site.control, ramp_down_s=ramp_s, dusk_stagger_s=None)
    slow = replace(site, programs=slow_steps, control=control, luminaire_types=lamps)
    start_ms = night_span_ms(night, site.timezone)[0]
    inputs, notes = inputs_of(traffic, cell, start_ms), notes_of(drawn, start_ms)
    at_ms = np.arange(start_ms, start_ms + 86_400_000, 240_000, dtype=np.int64)
    fine = np.unique(np.concatenate([at_ms, at_ms + 5_000]))
    decided = decide(slow, fine, notes, Conditions(inputs=inputs))
    level = decided.level_pct
    by_rule = decided.layer >= Layer.TRAFFIC  # what people ask is at once, and so is its end
    dims = np.array([circuit.dimmer is not None for circuit in site.circuits.values()])
    fell = (level[:-1] - level[1:])[:, dims]
    allowed = (np.diff(fine) * 100.0 / (ramp_s * 1000))[:, None] + 0.01
    # Lamps that were asked to go out and are kept on for their shortest time are at their minimum at once.
    goes_on = (level[1:] > 0) & (decided.target_pct[1:] > 0)
    both_lit = goes_on[:, dims] & ~np.isnan(fell) & (by_rule[1:] & by_rule[:-1])[:, dims]
    # Light-output correction and the lamps' minimum may end a fall early, never hasten it.
    assert (fell[both_lit] <= np.broadcast_to(allowed, fell.shape)[both_lit]).all()
    at_once = replace(slow, control=replace(control, ramp_down_s=0.0))
    straight = decide(at_once, fine, notes, Conditions(inputs=inputs)).level_pct
    same = np.isnan(level) == np.isnan(straight)
    assert same.all()
    ours = ~np.isnan(level)
    assert (level[ours] >= straight[ours] - EPS_PCT).all(), "never later up than without a ramp"


def test_the_senses_have_the_values_that_are_drawn() -> None:
    assert {BRIGHT, DARK, UNKNOWN} == {0, 1, -1}
