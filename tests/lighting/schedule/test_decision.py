"""The decision: its layers from strongest to weakest, its shaping, and the trail that explains it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from lighting.assets.model import Calendar, CalendarRule, Circuit, Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, decide, decide_circuits
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.trail import TrailEntry, trail

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
IDS = ("A", "B", "C", "D")
DAY_MS = 86_400_000
SiteBuilder = Callable[..., Site]


def ms(local: str) -> int:
    return int(datetime.fromisoformat(local).replace(tzinfo=ZONE).timestamp() * 1000)


NIGHT_2300 = ms("2026-11-23T23:00")
NIGHT_0100 = ms("2026-11-24T01:00")
DAY_1300 = ms("2026-11-23T13:00")


def note(note_id: int, layer: Layer = Layer.OVERRIDE, **changes: object) -> Instruction:
    values = {
        "scope_kind": "circuit",
        "scope_id": "A",
        "level_pct": 40.0,
        "from_ms": NIGHT_2300 - 3_600_000,
        "until_ms": NIGHT_2300 + 7_200_000,
        "by": "an",
        "reason": "works",
    }
    return Instruction(id=note_id, layer=layer, **(values | changes))  # type: ignore[arg-type]


def instant(at_ms: int) -> NDArray[np.int64]:
    return np.array([at_ms], dtype=np.int64)


def flags(*values: bool) -> NDArray[np.bool_]:
    return np.array(values, dtype=np.bool_)


def levels(site: Site, at_ms: int, *notes: Instruction, conditions: Conditions | None = None) -> list[float]:
    row = decide(site, instant(at_ms), notes, conditions or Conditions()).level_pct[0]
    return [float(level_pct) for level_pct in row]


def reason(decisions: Decisions, column: int) -> tuple[Layer, str]:
    return Layer(int(decisions.layer[0, column])), decisions.causes[int(decisions.cause[0, column])].code


def test_the_program_of_the_night_rules_where_nothing_stronger_does(four_circuits: Site) -> None:
    assert levels(four_circuits, NIGHT_2300) == [70.0, 100.0, 80.0, 70.0]
    assert levels(four_circuits, NIGHT_0100) == [50.0, 100.0, 0.0, 50.0]
    assert levels(four_circuits, DAY_1300) == [0.0, 0.0, 0.0, 0.0]


def test_columns_have_the_shapes_of_the_contract(four_circuits: Site) -> None:
    at = np.array([DAY_1300, NIGHT_2300, NIGHT_0100], dtype=np.int64)
    decisions = decide(four_circuits, at, (), Conditions())
    for column in (decisions.level_pct, decisions.layer, decisions.cause, decisions.dark):
        assert column.shape == (3, 4)
    assert decisions.level_pct.dtype == np.float32
    assert decisions.layer.dtype == np.uint8
    assert decisions.cause.dtype == np.int32
    assert decisions.dark[:, 0].tolist() == [False, True, True]


def test_no_instants_or_no_circuits_are_no_error(four_circuits: Site) -> None:
    empty = decide(four_circuits, np.array([], dtype=np.int64), (), Conditions())
    assert empty.level_pct.shape == (0, 4)
    bare = dataclasses.replace(four_circuits, circuits={})
    assert decide(bare, instant(NIGHT_2300), (note(1),), Conditions()).level_pct.shape == (1, 0)


def test_instants_must_ascend(four_circuits: Site) -> None:
    with pytest.raises(ValueError, match="ascend"):
        decide(four_circuits, np.array([2, 1], dtype=np.int64), (), Conditions())


def test_an_override_rules_over_the_program_and_the_newest_wins(four_circuits: Site) -> None:
    district = note(2, scope_kind="district", scope_id="north", level_pct=60.0)
    assert levels(four_circuits, NIGHT_2300, note(1), district)[0] == 60.0
    assert levels(four_circuits, NIGHT_2300, note(3), district)[0] == 40.0
    decisions = decide(four_circuits, instant(NIGHT_2300), (note(3), district), Conditions())
    assert reason(decisions, 0) == (Layer.OVERRIDE, "override_in_force")
    assert decisions.causes[int(decisions.cause[0, 0])].values["id"] == 3
    assert reason(decisions, 3) == (Layer.PROGRAM, "program_step")


def test_an_override_that_ran_out_or_was_released_leaves_no_trace(four_circuits: Site) -> None:
    plain = decide(four_circuits, instant(NIGHT_2300), (), Conditions())
    for gone in (note(1, until_ms=NIGHT_2300), note(1, released_ms=NIGHT_2300), note(1, from_ms=NIGHT_2300 + 1)):
        after = decide(four_circuits, instant(NIGHT_2300), (gone,), Conditions())
        assert after.level_pct.tolist() == plain.level_pct.tolist()
        assert [reason(after, i) for i in range(4)] == [reason(plain, i) for i in range(4)]
        assert {fact.code for fact in after.causes} == {fact.code for fact in plain.causes}


def test_a_test_rules_over_overrides_and_an_emergency_over_tests(four_circuits: Site) -> None:
    test, emergency = note(1, Layer.TEST, level_pct=50.0), note(0, Layer.EMERGENCY, level_pct=None)
    assert levels(four_circuits, NIGHT_2300, note(9), test)[0] == 50.0
    assert levels(four_circuits, NIGHT_2300, note(9), test, emergency)[0] == 100.0


def test_an_emergency_is_never_dimmer_than_what_rules_otherwise(four_circuits: Site) -> None:
    dim = note(1, Layer.EMERGENCY, level_pct=55.0, scope_kind="district", scope_id="north")
    assert levels(four_circuits, NIGHT_2300, dim)[:3] == [70.0, 100.0, 80.0]
    assert levels(four_circuits, NIGHT_0100 - 1, dim)[:3] == [55.0, 100.0, 55.0]


def test_an_emergency_lights_by_day_only_when_asked_with_a_level(four_circuits: Site) -> None:
    span = {"from_ms": DAY_1300 - 600_000, "until_ms": DAY_1300 + 1}
    assert levels(four_circuits, DAY_1300, note(1, Layer.EMERGENCY, level_pct=None, **span))[0] == 0.0
    assert levels(four_circuits, DAY_1300, note(1, Layer.EMERGENCY, level_pct=80.0, **span))[0] == 80.0


def test_a_lockout_forbids_every_write_and_stands_above_all(four_circuits: Site) -> None:
    lockout = note(1, Layer.LOCKOUT, scope_kind="cabinet", scope_id="K2", level_pct=None)
    conditions = Conditions(local_control=flags(False, True, False, True))
    notes = (lockout, note(5, Layer.EMERGENCY, scope_kind="district", scope_id="south"))
    decisions = decide(four_circuits, instant(NIGHT_2300), notes, conditions)
    assert np.isnan(decisions.level_pct[0]).tolist() == [False, True, True, True]
    assert reason(decisions, 1) == (Layer.LOCAL_CONTROL, "local_control")
    assert reason(decisions, 2) == (Layer.LOCKOUT, "lockout_in_force")
    assert reason(decisions, 3) == (Layer.LOCKOUT, "lockout_in_force")


def test_a_circuit_is_free_only_when_the_last_lockout_is_taken_off(four_circuits: Site) -> None:
    mine = note(1, Layer.LOCKOUT, until_ms=NIGHT_2300 - 1)
    yours = note(2, Layer.LOCKOUT, by="binh", released_ms=NIGHT_2300 - 1)
    assert np.isnan(levels(four_circuits, NIGHT_2300, mine, yours)[0])
    assert levels(four_circuits, NIGHT_2300, dataclasses.replace(mine, released_ms=NIGHT_2300), yours)[0] == 70.0


def test_a_note_of_giving_back_decides_nothing(four_circuits: Site) -> None:
    assert levels(four_circuits, NIGHT_2300, note(1, Layer.LOCAL_CONTROL, level_pct=None))[0] == 70.0


def test_a_doubted_clock_means_full_light_day_and_night_below_lockout_and_local_control(four_circuits: Site) -> None:
    conditions = Conditions(local_control=flags(False, False, False, True), clock_doubted=True)
    lockout = note(1, Layer.LOCKOUT, from_ms=NIGHT_2300 + DAY_MS)
    for at_ms in (NIGHT_0100, DAY_1300, NIGHT_2300 - 800 * DAY_MS):
        decisions = decide(four_circuits, instant(at_ms), (lockout, note(2)), conditions)
        assert decisions.level_pct[0, 1:3].tolist() == [100.0, 100.0]
        assert np.isnan(decisions.level_pct[0]).tolist() == [True, False, False, True]
        assert reason(decisions, 1) == (Layer.FALLBACK, "clock_doubted")


def test_a_missing_program_falls_back_to_full_light_while_it_is_dark(four_circuits: Site) -> None:
    site = dataclasses.replace(four_circuits, programs={})
    assert levels(site, NIGHT_0100) == [100.0] * 4
    assert levels(site, DAY_1300) == [0.0] * 4
    assert reason(decide(site, instant(NIGHT_0100), (), Conditions()), 0) == (Layer.FALLBACK, "fallback_dark")
    assert reason(decide(site, instant(DAY_1300), (), Conditions()), 0) == (Layer.FALLBACK, "fallback_daylight")


def test_the_calendar_chooses_by_the_evening_for_the_whole_night(four_circuits: Site) -> None:
    calendar = Calendar(rules=(CalendarRule("saturday", {"dimmed": "full"}, weekdays=(5,)),))
    site = dataclasses.replace(four_circuits, calendar=calendar)
    assert levels(site, ms("2026-11-21T23:00"))[0] == 100.0
    assert levels(site, ms("2026-11-22T02:00"))[0] == 100.0
    assert levels(site, ms("2026-11-22T23:00"))[0] == 70.0
    missing = dataclasses.replace(site, calendar=Calendar(rules=(CalendarRule("x", {"*": "no such"}),)))
    assert levels(missing, NIGHT_0100) == [100.0] * 4


def test_an_override_under_the_floor_is_held_at_it_while_dark(four_circuits: Site) -> None:
    low = note(1, level_pct=5.0, from_ms=DAY_1300 - 600_000)
    assert levels(four_circuits, NIGHT_2300, low)[0] == 30.0
    assert levels(four_circuits, DAY_1300, low)[0] == 10.0, "by day only the lamps' minimum holds"
    assert levels(four_circuits, NIGHT_2300, dataclasses.replace(low, below_floor=True))[0] == 10.0
    off = dataclasses.replace(low, level_pct=0.0, below_floor=True)
    assert levels(four_circuits, NIGHT_2300, off)[0] == 0.0


def test_an_instruction_stays_the_cause_when_the_floor_raises_it(four_circuits: Site) -> None:
    decisions = decide(four_circuits, instant(NIGHT_2300), (note(1, level_pct=5.0),), Conditions())
    assert reason(decisions, 0) == (Layer.OVERRIDE, "override_in_force")


def test_a_program_that_is_off_in_the_dark_without_saying_part_night_is_raised_to_the_floor(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit]
) -> None:
    site = build_site([build_circuit("A", program="early"), build_circuit("B", program="early", never_dim=True)])
    decisions = decide(site, instant(NIGHT_0100), (), Conditions())
    assert decisions.level_pct[0].tolist() == [30.0, 100.0]
    assert reason(decisions, 0) == (Layer.PROGRAM, "raised_to_floor")
    assert levels(site, DAY_1300) == [0.0, 0.0]


def test_the_floor_is_that_of_the_lowest_class_where_it_is_known(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit]
) -> None:
    site = build_site([build_circuit("A", design_class="M3", lowest_class="M4", maintained_level=1.25)])
    assert levels(site, NIGHT_0100) == [60.0]


def test_nothing_above_off_is_under_what_the_lamps_can_keep(four_circuits: Site) -> None:
    low = note(1, level_pct=20.0, below_floor=True, scope_id="D")
    assert levels(four_circuits, NIGHT_2300, low)[3] == 50.0


def test_a_circuit_that_cannot_be_dimmed_is_on_or_off(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit]
) -> None:
    from_type = [dataclasses.replace(group, luminaire_type="fixed") for group in build_circuit("X").lamps]
    site = build_site([build_circuit("A", dimmer=None), build_circuit("B", lamps=tuple(from_type))])
    assert levels(site, NIGHT_2300) == [100.0, 100.0]
    assert levels(site, DAY_1300) == [0.0, 0.0]


def test_lamps_that_were_just_switched_on_get_full_power_until_they_are_warm(four_circuits: Site) -> None:
    def live(on_since_ms: int) -> float:
        conditions = Conditions(on_since_ms=np.full(4, on_since_ms, dtype=np.int64))
        return levels(four_circuits, NIGHT_2300, conditions=conditions)[3]

    assert live(NIGHT_2300 - 599_999) == 100.0
    assert live(NIGHT_2300 - 600_000) == 100.0, "from here on it falls"
    assert live(NIGHT_2300 - 609_000) == pytest.approx(85.0)
    assert live(NIGHT_2300 - 618_000) == 70.0
    assert live(-1) == 100.0, "off, or not known: as if switched on now"


def test_in_a_row_of_instants_warm_up_follows_from_the_row_itself(four_circuits: Site) -> None:
    on = note(1, scope_id="D", level_pct=60.0, from_ms=DAY_1300, until_ms=DAY_1300 + 3_600_000)
    at = DAY_1300 + np.arange(-2, 20, dtype=np.int64) * 60_000
    row = decide(four_circuits, at, (on,), Conditions()).level_pct[:, 3].tolist()
    assert row == [0.0, 0.0] + [100.0] * 11 + [60.0] * 9


def test_lamps_that_are_off_are_not_warmed(four_circuits: Site) -> None:
    conditions = Conditions(on_since_ms=np.full(4, -1, dtype=np.int64))
    assert levels(four_circuits, DAY_1300, conditions=conditions) == [0.0] * 4


def test_some_circuits_are_decided_as_all_are_in_the_order_asked(four_circuits: Site) -> None:
    conditions = Conditions(
        local_control=flags(False, False, True, False),
        on_since_ms=np.array([-1, 5, 6, NIGHT_2300 - 1_000], dtype=np.int64),
    )
    every = decide(four_circuits, instant(NIGHT_2300), (note(1),), conditions)
    some = decide_circuits(four_circuits, instant(NIGHT_2300), (note(1),), conditions, ("D", "A", "C"))
    assert np.array_equal(some.level_pct, every.level_pct[:, [3, 0, 2]], equal_nan=True)
    assert [reason(some, i) for i in range(3)] == [reason(every, i) for i in (3, 0, 2)]
    with pytest.raises(KeyError):
        decide_circuits(four_circuits, instant(NIGHT_2300), (), conditions, ("E",))


def test_a_changed_site_is_not_decided_by_what_was_kept_of_the_old_one(four_circuits: Site) -> None:
    assert levels(four_circuits, NIGHT_2300)[0] == 70.0
    circuits = dict(four_circuits.circuits) | {"A": dataclasses.replace(four_circuits.circuits["A"], program="full")}
    for _ in range(12):
        assert levels(dataclasses.replace(four_circuits, circuits=circuits), NIGHT_2300)[0] == 100.0
        assert levels(four_circuits, NIGHT_2300)[0] == 70.0


def codes(entries: tuple[TrailEntry, ...]) -> list[str]:
    return [("*" if entry.ruled else "") + entry.fact.code for entry in entries]


def test_the_trail_lists_who_had_a_say_strongest_first_then_the_shaping(four_circuits: Site) -> None:
    notes = (note(1), note(2, level_pct=5.0), note(3, scope_id="B"))
    entries = trail(four_circuits, "A", NIGHT_2300, notes, Conditions())
    assert codes(entries) == ["*override_in_force", "override_in_force", "program_step", "*raised_to_floor"]
    assert [entry.level_pct for entry in entries] == [5.0, 40.0, 70.0, 30.0]
    assert [entry.fact.values.get("id") for entry in entries[:2]] == [2, 1]


def test_the_trail_of_a_locked_circuit_ends_in_no_level(four_circuits: Site) -> None:
    notes = (note(1, Layer.LOCKOUT, until_ms=5), note(2, Layer.EMERGENCY))
    local = Conditions(local_control=flags(True, False, False, False))
    entries = trail(four_circuits, "A", NIGHT_2300, notes, local)
    assert codes(entries) == ["*lockout_in_force", "local_control", "emergency_in_force", "program_step"]
    assert entries[0].level_pct is None


def test_the_trail_says_of_an_emergency_by_day_that_it_waits_for_dark(four_circuits: Site) -> None:
    noon = NIGHT_2300 + 13 * 3_600_000
    until_ms = noon + 12 * 3_600_000
    notes = (
        note(1, until_ms=until_ms),
        note(2, Layer.EMERGENCY, level_pct=None, until_ms=until_ms),
        note(3, Layer.EMERGENCY, level_pct=60.0, until_ms=until_ms),
    )
    entries = trail(four_circuits, "A", noon, notes, Conditions())
    assert codes(entries)[:3] == ["*emergency_in_force", "emergency_until_dark_at", "override_in_force"]
    waits = entries[1]
    dark_ms = waits.fact.values["dark_ms"]
    assert isinstance(dark_ms, int)
    assert waits.level_pct is None
    dark = decide(four_circuits, np.array([dark_ms - 1000, dark_ms + 1000]), (), Conditions()).dark[:, 0]
    assert dark.tolist() == [False, True]
    assert "emergency_until_dark_at" not in str(codes(trail(four_circuits, "A", dark_ms + 1000, notes, Conditions())))


def test_the_trail_under_a_doubted_clock_names_the_doubt(four_circuits: Site) -> None:
    entries = trail(four_circuits, "A", DAY_1300, (), Conditions(clock_doubted=True))
    assert codes(entries) == ["*clock_doubted", "program_off_until"]


def test_the_trail_names_the_calendars_rule(four_circuits: Site) -> None:
    rule = CalendarRule("holiday", {"dimmed": "full"}, dates=(("2026-11-23", "2026-11-23"),))
    site = dataclasses.replace(four_circuits, calendar=Calendar(rules=(rule,)))
    entries = trail(site, "A", NIGHT_2300, (), Conditions())
    assert codes(entries) == ["calendar_rule", "*program_step"]
    assert codes(trail(site, "C", NIGHT_2300, (), Conditions())) == ["*program_step"]


def test_the_trail_names_minimum_and_warm_up(four_circuits: Site) -> None:
    low = note(1, level_pct=20.0, below_floor=True, scope_id="D")
    conditions = Conditions(on_since_ms=np.full(4, NIGHT_2300 - 60_000, dtype=np.int64))
    entries = trail(four_circuits, "D", NIGHT_2300, (low,), conditions)
    assert codes(entries) == ["*override_in_force", "program_step", "*raised_to_minimum", "*warming_up"]
    assert [entry.level_pct for entry in entries] == [20.0, 70.0, 50.0, 100.0]
    assert entries[-1].fact.values["until_ms"] == NIGHT_2300 + 540_000


def test_an_unknown_circuit_has_no_trail(four_circuits: Site) -> None:
    with pytest.raises(KeyError):
        trail(four_circuits, "E", NIGHT_2300, (), Conditions())


def test_dark_is_the_sun_under_the_sites_own_threshold(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit]
) -> None:
    twilight = ms("2026-11-23T17:25")
    early = build_site([build_circuit("A")])
    late = build_site([build_circuit("A")], control={"dusk_elevation_deg": -6.0})
    assert decide(early, instant(twilight), (), Conditions()).dark.all()
    assert not decide(late, instant(twilight), (), Conditions()).dark.any()


def test_a_circuit_that_is_never_dimmed_stays_lit_in_a_part_night_off_and_only_a_person_may_go_below(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit]
) -> None:
    crossing = build_circuit("A", program="park", never_dim=True)
    site = build_site([crossing, build_circuit("B", program="park")])
    plain = decide(site, instant(NIGHT_0100), (), Conditions())
    assert plain.level_pct[0].tolist() == [100.0, 0.0]
    assert [reason(plain, column)[1] for column in (0, 1)] == ["raised_to_floor", "part_night_off"]
    span: dict[str, Any] = {"from_ms": NIGHT_0100 - 60_000, "until_ms": NIGHT_0100 + 60_000, "level_pct": 20.0}
    assert levels(site, NIGHT_0100, note(1, **span))[0] == 100.0
    assert levels(site, NIGHT_0100, note(1, below_floor=True, **span))[0] == 20.0
