"""What a person's instruction switches off is counted where it would be lit otherwise, with what is off already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.model import Circuit, ScopeKind, Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.switched_off import LOOK_EVERY_MS, Mask, switched_off
from tests.effort import examples

HOUR_MS = 3_600_000
OFF_LAYERS = (Layer.TEST, Layer.OVERRIDE, Layer.DEMAND_LIMIT)


def local_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")).timestamp() * 1000)


def note(
    circuit: str,
    from_ms: int,
    *,
    number: int = 9,
    for_h: float = 1.0,
    level_pct: float | None = 0.0,
    layer: Layer = Layer.OVERRIDE,
    below_floor: bool = True,
) -> Instruction:
    until_ms = from_ms + round(for_h * HOUR_MS)
    scope: ScopeKind = "district" if circuit in ("north", "south") else "circuit"
    return Instruction(number, layer, scope, circuit, level_pct, from_ms, until_ms, "x", "x", below_floor)


def names(site: Site, mask: Mask) -> set[str]:
    return {circuit for circuit, is_off in zip(site.circuits, mask, strict=True) if is_off}


EVENING = local_ms("2026-11-23T20:00")


def test_off_while_dark_counts(four_circuits: Site) -> None:
    found = switched_off(four_circuits, note("north", EVENING), ())
    assert names(four_circuits, found.by_this) == names(four_circuits, found.in_all) == {"A", "B", "C"}


def test_what_the_floor_keeps_lit_is_not_off(four_circuits: Site) -> None:
    found = switched_off(four_circuits, note("north", EVENING, below_floor=False), ())
    assert names(four_circuits, found.by_this) == set()


def test_by_day_nothing_would_be_lit_otherwise(four_circuits: Site) -> None:
    found = switched_off(four_circuits, note("north", local_ms("2026-11-23T11:00"), below_floor=False), ())
    assert names(four_circuits, found.in_all) == set()


def test_a_span_that_reaches_into_the_dark_counts(four_circuits: Site) -> None:
    found = switched_off(four_circuits, note("A", local_ms("2026-11-23T11:00"), for_h=8), ())
    assert names(four_circuits, found.by_this) == {"A"}


def test_part_night_off_is_off_anyway(four_circuits: Site) -> None:
    found = switched_off(four_circuits, note("C", local_ms("2026-11-24T01:00")), ())
    assert names(four_circuits, found.in_all) == set()


def test_what_people_have_lit_while_dark_would_be_lit_otherwise(four_circuits: Site) -> None:
    midnight = local_ms("2026-11-24T01:00")
    lit = note("C", midnight, number=3, level_pct=100.0)
    assert names(four_circuits, switched_off(four_circuits, note("C", midnight), (lit,)).by_this) == {"C"}
    noon = local_ms("2026-11-24T12:00")
    lit = note("C", noon, number=3, level_pct=100.0)
    assert names(four_circuits, switched_off(four_circuits, note("C", noon), (lit,)).by_this) == set()


def test_what_others_hold_off_counts_with_it(four_circuits: Site) -> None:
    others = (note("A", EVENING, number=1), note("D", EVENING, number=2))
    found = switched_off(four_circuits, note("C", EVENING), others)
    assert names(four_circuits, found.by_this) == {"C"}
    assert names(four_circuits, found.in_all) == {"A", "C", "D"}


def test_what_is_off_already_is_switched_off_by_nobody(four_circuits: Site) -> None:
    found = switched_off(four_circuits, note("A", EVENING), (note("A", EVENING, number=1),))
    assert names(four_circuits, found.by_this) == set()


def test_what_an_emergency_a_lockout_or_local_control_covers_counts_for_each_of_them_can_be_taken_off(
    four_circuits: Site,
) -> None:
    emergency = note("A", EVENING, number=20, level_pct=None, layer=Layer.EMERGENCY)
    lockout = note("B", EVENING, number=21, level_pct=None, layer=Layer.LOCKOUT)
    local = np.array([False, False, True, False])
    found = switched_off(four_circuits, note("north", EVENING), (emergency, lockout), local)
    assert names(four_circuits, found.by_this) == names(four_circuits, found.in_all) == {"A", "B", "C"}


def test_an_older_zero_under_a_newer_level_counts(four_circuits: Site) -> None:
    others = (
        note("A", EVENING, number=1),
        note("A", EVENING, number=2, level_pct=100.0),
        note("D", EVENING, number=3),
        note("D", EVENING, number=4, below_floor=False),
    )
    found = switched_off(four_circuits, note("C", EVENING), others)
    assert names(four_circuits, found.by_this) == {"C"}
    assert names(four_circuits, found.in_all) == {"A", "C", "D"}


def test_an_older_zero_that_has_ended_counts_no_more(four_circuits: Site) -> None:
    ended = note("A", EVENING - 2 * HOUR_MS, number=1)
    found = switched_off(four_circuits, note("C", EVENING), (ended, note("A", EVENING, number=2, level_pct=100.0)))
    assert names(four_circuits, found.in_all) == {"C"}


def test_one_that_asks_for_light_switches_nothing_off(four_circuits: Site) -> None:
    found = switched_off(four_circuits, note("A", EVENING, level_pct=1.0), (note("D", EVENING, number=1),))
    assert (names(four_circuits, found.by_this), names(four_circuits, found.in_all)) == (set(), set())


@st.composite
def wishes(draw: st.DrawFn) -> list[Instruction]:
    made = []
    for number in range(1, draw(st.integers(2, 5))):
        layer = draw(st.sampled_from([*OFF_LAYERS, Layer.EMERGENCY]))
        from_ms = EVENING + draw(st.integers(-12, 12)) * HOUR_MS
        level = None if layer is Layer.EMERGENCY else draw(st.sampled_from([0.0, 0.0, 60.0]))
        where = draw(st.sampled_from(["A", "B", "C", "D", "north"]))
        for_h = draw(st.floats(0.001, 9))
        below = draw(st.booleans())
        made.append(note(where, from_ms, number=number, for_h=for_h, level_pct=level, layer=layer, below_floor=below))
    return made


@settings(max_examples=examples(40), deadline=None)
@given(wishes())
def test_it_is_what_the_decision_says_circuit_by_circuit(notes: Sequence[Instruction]) -> None:
    site = _site()
    *others, wish = notes
    found = switched_off(site, wish, others)
    if wish.level_pct != 0.0 or wish.until_ms is None:
        assert not found.in_all.any()
        return
    every = np.arange(wish.from_ms, wish.until_ms, LOOK_EVERY_MS, dtype=np.int64)
    at_ms = np.unique(np.append(every, wish.until_ms - 1))
    weaker = [one for one in others if one.layer not in OFF_LAYERS]
    alone, before, after = (decide(site, at_ms, list(these), Conditions()) for these in (weaker, others, notes))
    off = after.level_pct == 0
    in_all = off & ((alone.level_pct > 0) | ((before.level_pct > 0) & after.dark))
    by_this = in_all & (before.level_pct > 0)
    lit = decide(site, at_ms, [], Conditions()).level_pct > 0
    by_one = [lit & (decide(site, at_ms, [one], Conditions()).level_pct == 0) for one in notes if one.level_pct == 0.0]
    in_all |= np.logical_or.reduce(by_one)
    by_this |= by_one[-1] & ~np.logical_or.reduce([np.zeros_like(lit), *by_one[:-1]])
    assert found.in_all.tolist() == in_all.any(axis=0).tolist()
    assert found.by_this.tolist() == by_this.any(axis=0).tolist()


def _site() -> Site:
    from tests.lighting.schedule.conftest import circuit, site_of

    return site_of([circuit("A"), circuit("B", never_dim=True), circuit("C", program="park"), circuit("D")])


def test_a_month_of_a_city_off_is_counted(
    build_site: Callable[..., Site], build_circuit: Callable[..., Circuit]
) -> None:
    site = build_site([build_circuit(f"X{n}", program=("dimmed", "park")[n % 2]) for n in range(40)])
    wish = note("north", EVENING, for_h=30 * 24)
    others = [note(f"X{n}", EVENING, number=n + 1, for_h=20 * 24) for n in range(5)]
    found = switched_off(site, wish, others)
    assert found.in_all.all()
    assert found.by_this.all(), "when the others end, it is this one that keeps theirs off"
