"""Emergency, lamp test and demand limit at the desk: what is recorded, what rules then, what is refused and said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lighting.assets.fact import Fact
from lighting.desk.answers import Receipt
from lighting.desk.desk import Desk, NotFound, Refused, WrongUsage
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Layer
from lighting.store.store import Store

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import Controller, DeskOf, StandingClock

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MARKET = "area:21.0286,105.8544,50m"


def codes(receipt: Receipt) -> list[str]:
    return [fact.code for fact in receipt.warnings]


def said(receipt: Receipt, code: str) -> Fact:
    (found,) = [fact for fact in receipt.warnings if fact.code == code]
    return found


def level(desk: Desk, store: Store, circuit: str, at_ms: int) -> float:
    decided = decide(desk.site, np.array([at_ms]), store.instructions.in_force(at_ms), Conditions())
    return float(decided.level_pct[0, list(desk.site.circuits).index(circuit)])


def empty_groups(folder: Path) -> None:
    (folder / "groups.csv").write_text("group,circuit\nmarket,C-0101\nmarket,C-0103\n", encoding="utf-8")


# --- emergency ---


def test_an_emergency_lights_an_area_fully_while_dark(desk: Desk, store: Store, clock: StandingClock) -> None:
    clock.at_ms += 5 * HOUR_MS  # 01:00: main road at 50 %, the park off
    receipt = desk.emergency(desk.parse_scope(MARKET), until_ms=desk.parse_until("6h"), reason="accident")
    assert (receipt.circuits, receipt.lamps) == (("C-0101", "C-0102"), 30)
    assert level(desk, store, "C-0101", clock.now_ms()) == 100
    assert level(desk, store, "C-0201", clock.now_ms()) == 0, "not in the circle"
    assert level(desk, store, "C-0101", clock.now_ms() + 6 * HOUR_MS - 1) == 0, "by day it lights nothing"
    assert level(desk, store, "C-0101", clock.now_ms() + 6 * HOUR_MS) == 0


def test_by_day_only_when_asked(desk: Desk, store: Store, clock: StandingClock) -> None:
    clock.at_ms += 14 * HOUR_MS  # 10:00
    desk.emergency(desk.parse_scope("C-0101"), until_ms=desk.parse_until("1h"), reason="accident", by_day=True)
    assert level(desk, store, "C-0101", clock.now_ms()) == 100


def test_by_daylight_it_would_light_nothing_and_is_refused(desk: Desk, clock: StandingClock) -> None:
    clock.at_ms += 14 * HOUR_MS
    with pytest.raises(WrongUsage) as refused:
        desk.emergency(desk.parse_scope("C-0101"), until_ms=desk.parse_until("1h"), reason="accident")
    assert refused.value.fact.code == "emergency_by_daylight"
    assert desk.instructions() == []


def test_one_that_reaches_into_the_night_is_recorded_and_waits_for_dark(
    desk: Desk, store: Store, clock: StandingClock
) -> None:
    clock.at_ms += 20 * HOUR_MS  # 16:00
    receipt = desk.emergency(desk.parse_scope("C-0201"), until_ms=desk.parse_until("20:00"), reason="accident")
    assert "emergency_waits_for_dark" in codes(receipt)
    assert level(desk, store, "C-0201", clock.now_ms()) == 0
    assert level(desk, store, "C-0201", clock.now_ms() + 3 * HOUR_MS) == 100


def test_it_is_never_dimmer_than_what_rules_otherwise_and_stands_above_an_override(
    desk: Desk, store: Store, clock: StandingClock
) -> None:
    desk.emergency(desk.parse_scope("C-0101"), until_ms=desk.parse_until("1h"), reason="accident")
    receipt = desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason="x")
    assert said(receipt, "stronger_meanwhile").values["what"] == "emergency"
    assert level(desk, store, "C-0101", clock.now_ms()) == 100


def test_an_emergency_lasts_a_day_at_most(desk: Desk, clock: StandingClock) -> None:
    with pytest.raises(Refused) as refused:
        desk.emergency(desk.parse_scope("C-0101"), until_ms=clock.now_ms() + DAY_MS + 1, reason="accident")
    assert refused.value.fact.code == "emergency_too_long"


def test_an_emergency_is_ended_by_its_number_alone(desk: Desk, store: Store, clock: StandingClock) -> None:
    scope = desk.parse_scope("C-0101")
    number = desk.emergency(scope, until_ms=desk.parse_until("1h"), reason="accident").instruction_id
    desk.set_level(scope, 60, until_ms=desk.parse_until("1h"), reason="x")
    receipt = desk.release(scope, reason="over")
    assert said(receipt, "taken_off_by_number").values["id"] == number
    assert [note.layer for note in store.instructions.in_force(clock.now_ms())] == [Layer.EMERGENCY]
    assert number is not None
    assert desk.release_number(number, reason="road clear").released == (number,)
    assert store.instructions.in_force(clock.now_ms()) == []
    with pytest.raises(Refused) as refused:
        desk.release_number(number, reason="again")
    assert refused.value.fact.code == "instruction_has_ended"


def test_a_lockout_is_not_taken_off_by_its_number(desk: Desk) -> None:
    number = desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason="cable").instruction_id
    assert number is not None
    with pytest.raises(Refused) as refused:
        desk.release_number(number, reason="x")
    assert refused.value.fact.code == "lockout_not_by_number"
    with pytest.raises(NotFound):
        desk.release_number(number + 1, reason="x")
    with pytest.raises(NotFound):
        desk.release_number(10**30, reason="x")


# --- lamp test ---


def test_a_lamp_test_lights_by_day_for_minutes(desk: Desk, store: Store, clock: StandingClock) -> None:
    clock.at_ms += 14 * HOUR_MS
    desk.lamp_test(desk.parse_scope("road:Market street"), 100, until_ms=desk.parse_until("5m"), reason="lamp test")
    assert level(desk, store, "C-0102", clock.now_ms()) == 100
    assert level(desk, store, "C-0102", clock.now_ms() + 300_000) == 0


def test_a_lamp_test_while_dark_is_held_at_the_floor_and_says_so(
    desk: Desk, store: Store, clock: StandingClock
) -> None:
    receipt = desk.lamp_test(desk.parse_scope("C-0102"), 20, until_ms=desk.parse_until("5m"), reason="x")
    assert said(receipt, "held_at_floor").values["floor_pct"] == 100
    assert level(desk, store, "C-0102", clock.now_ms()) == 100


@pytest.mark.parametrize("level_pct", [-1, 101, float("nan")])
def test_a_lamp_test_is_of_a_level(desk: Desk, level_pct: float) -> None:
    with pytest.raises(WrongUsage):
        desk.lamp_test(desk.parse_scope("C-0101"), level_pct, until_ms=desk.parse_until("5m"), reason="x")


def test_a_lamp_test_has_half_an_hour_at_most(desk: Desk, clock: StandingClock) -> None:
    desk.lamp_test(desk.parse_scope("C-0101"), 100, until_ms=clock.now_ms() + 30 * 60_000, reason="x")
    with pytest.raises(Refused) as refused:
        desk.lamp_test(desk.parse_scope("C-0101"), 100, until_ms=clock.now_ms() + 30 * 60_000 + 1, reason="x")
    assert refused.value.fact.code == "test_too_long"


def test_a_lamp_test_goes_with_a_release_of_its_target(desk: Desk) -> None:
    scope = desk.parse_scope("C-0101")
    number = desk.lamp_test(scope, 100, until_ms=desk.parse_until("5m"), reason="x").instruction_id
    assert desk.release(scope, reason="seen").released == (number,)


# --- demand limit ---


def test_a_limit_caps_the_program_but_not_the_floor_nor_a_person(
    desk: Desk, store: Store, clock: StandingClock
) -> None:
    desk.set_level(desk.parse_scope("C-0201"), 90, until_ms=desk.parse_until("2h"), reason="market")
    receipt = desk.limit(desk.parse_scope("cabinet:CB01"), 50, until_ms=desk.parse_until("1h"), reason="grid")
    desk.limit(desk.parse_scope("C-0201"), 50, until_ms=desk.parse_until("1h"), reason="grid")
    later_ms = clock.now_ms() + 120_000  # the ramp is over
    assert level(desk, store, "C-0101", later_ms) == 50
    assert level(desk, store, "C-0102", later_ms) == 100, "a crossing is never dimmed"
    assert level(desk, store, "C-0201", later_ms) == 90, "what a person has set is not capped"
    assert said(receipt, "held_at_floor").values["names"] == "C-0102"


def test_by_how_much_a_limit_is_missed_is_said_at_once_and_in_the_list(desk: Desk, clock: StandingClock) -> None:
    receipt = desk.limit(desk.parse_scope("cabinet:CB01"), 50, until_ms=desk.parse_until("1h"), reason="grid")
    missed = said(receipt, "limit_missed")
    # Six 90 W lamps of the crossing stay at 100 %, eight of sodium cannot be dimmed: half of their power is missed.
    crossing_w = 6 * (90 - desk_model(desk, 50.0))
    sodium_w = 8 * 169 / 2
    assert missed.values["missed_w"] == pytest.approx(crossing_w + sodium_w, abs=1)
    assert missed.values["names"] == "C-0102, C-0103"
    power = said(receipt, "limit_power")
    assert power.values["before_w"] == 30 * 90 + 8 * 169
    assert power.values["after_w"] == pytest.approx(24 * desk_model(desk, 50.0) + 6 * 90 + 8 * 169, abs=1)
    clock.at_ms += 120_000
    assert receipt.instruction_id is not None
    assert desk.missed_w() == {receipt.instruction_id: pytest.approx(crossing_w + sodium_w, abs=1)}


def desk_model(desk: Desk, level_pct: float) -> float:
    from lighting.energy.luminaire_power import power_w

    return float(power_w(desk.site.luminaire_types["led-90"], np.array([level_pct]))[0])


def test_a_limit_that_all_follow_says_so(desk: Desk, clock: StandingClock) -> None:
    receipt = desk.limit(desk.parse_scope("C-0101"), 50, until_ms=desk.parse_until("1h"), reason="grid")
    assert "limit_met" in codes(receipt)
    clock.at_ms += 120_000
    assert list(desk.missed_w().values()) == [0.0]


def test_what_a_lockout_keeps_lit_is_missed_as_it_was_last_reported(
    desk: Desk, clock: StandingClock, controller: Controller
) -> None:
    controller.put("C-0101", accepted_pct=80.0)
    desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason="cable")
    receipt = desk.limit(desk.parse_scope("C-0101"), 50, until_ms=desk.parse_until("1h"), reason="grid")
    expected_w = 24 * (desk_model(desk, 80.0) - desk_model(desk, 50.0))
    assert said(receipt, "limit_missed").values["missed_w"] == pytest.approx(expected_w, abs=1)


def test_a_power_becomes_the_highest_level_that_keeps_it(desk: Desk) -> None:
    scope = desk.parse_scope("C-0101")
    level_pct = desk.level_for_power(scope, 1500.0)
    assert 24 * desk_model(desk, level_pct) <= 1500 < 24 * desk_model(desk, level_pct + 1)
    receipt = desk.limit(scope, level_pct, until_ms=desk.parse_until("1h"), reason="grid", target_w=1500.0)
    assert "target_power_missed" not in codes(receipt)


def test_a_power_that_floors_do_not_allow_is_said(desk: Desk) -> None:
    scope = desk.parse_scope("C-0102")
    level_pct = desk.level_for_power(scope, 100.0)
    receipt = desk.limit(scope, level_pct, until_ms=desk.parse_until("1h"), reason="grid", target_w=100.0)
    assert said(receipt, "target_power_missed").values["after_w"] == 540


@pytest.mark.parametrize("target_w", [0, -5, float("nan"), float("inf")])
def test_a_power_is_a_number_above_0(desk: Desk, target_w: float) -> None:
    with pytest.raises(WrongUsage):
        desk.level_for_power(desk.parse_scope("C-0101"), target_w)


def test_a_limit_needs_an_operator_and_an_emergency_a_crew(desk_of: DeskOf) -> None:
    with desk_of("crew") as crew:
        scope, until_ms = crew.parse_scope("C-0101"), crew.parse_until("1h")
        with pytest.raises(Refused):
            crew.limit(scope, 50, until_ms=until_ms, reason="grid")
        crew.emergency(scope, until_ms=until_ms, reason="accident")
        crew.lamp_test(scope, 100, until_ms=crew.parse_until("5m"), reason="x")
    with desk_of("nobody-listed") as nobody:
        with pytest.raises(Refused):
            nobody.emergency(scope, until_ms=until_ms, reason="x")
        with pytest.raises(Refused):
            nobody.lamp_test(scope, 100, until_ms=until_ms, reason="x")
        with pytest.raises(Refused):
            nobody.confirm(1)
        with pytest.raises(Refused):
            nobody.release_number(1, reason="x")


def test_a_crew_does_not_take_an_operators_limit_off(desk: Desk, desk_of: DeskOf) -> None:
    number = desk.limit(desk.parse_scope("C-0101"), 50, until_ms=desk.parse_until("1h"), reason="grid").instruction_id
    assert number is not None
    with desk_of("crew") as crew, pytest.raises(Refused):
        crew.release_number(number, reason="x")


# --- targets ---


def test_every_act_takes_a_road_a_group_and_a_circle(folder: Path, desk_of: DeskOf) -> None:
    empty_groups(folder)
    with desk_of("operator") as desk:
        for target, circuits in (
            ("road:Market street", ("C-0101", "C-0102")),
            ("group:market", ("C-0101", "C-0103")),
            (MARKET, ("C-0101", "C-0102")),
        ):
            scope, hour_ms, minutes_ms = desk.parse_scope(target), desk.parse_until("1h"), desk.parse_until("5m")
            receipts = (
                desk.set_level(scope, 60, until_ms=hour_ms, reason="x"),
                desk.emergency(scope, until_ms=hour_ms, reason="x"),
                desk.lamp_test(scope, 100, until_ms=minutes_ms, reason="x"),
                desk.limit(scope, 60, until_ms=hour_ms, reason="x"),
                desk.lock(scope, until_ms=None, reason="x"),
            )
            assert [receipt.circuits for receipt in receipts] == [circuits] * 5
            assert all(receipt.lamps > 0 for receipt in receipts)


@pytest.mark.parametrize(
    ("target", "code", "more"),
    [
        ("area:21.05,105.8542,300m", "area_is_empty", {"circuit": "C-0201", "distance_m": 2227}),
        ("area:91,105,300m", "area_coordinate_out_of_range", {"name": "latitude", "found": "91"}),
        ("area:21,181,300m", "area_coordinate_out_of_range", {"name": "longitude"}),
        ("area:21,105,0m", "area_radius_out_of_range", {}),
        ("area:21,105,101km", "area_radius_out_of_range", {"found": "101km"}),
        ("area:21,105,-5", "area_radius_out_of_range", {}),
        ("area:21,105", "area_not_in_form", {}),
        ("area:here", "area_not_in_form", {}),
        ("road:Markt street", "asset_not_found_near", {"nearest": "Market street"}),
        ("group:markt", "asset_not_found", {}),
        ("group: ", "target_without_name", {"target": "group:"}),
        (" ", "target_without_name", {"target": ""}),
    ],
)
def test_a_target_that_is_wrong_says_how(desk: Desk, target: str, code: str, more: dict[str, object]) -> None:
    with pytest.raises((WrongUsage, NotFound)) as refused:
        desk.emergency(desk.parse_scope(target), until_ms=desk.parse_until("1h"), reason="x")
    assert refused.value.fact.code == code
    assert {name: refused.value.fact.values[name] for name in more} == more
    assert desk.instructions() == []


def test_circuits_that_nobody_has_placed_are_said(folder: Path, desk_of: DeskOf) -> None:
    for file in ("circuits.csv", "cabinets.csv"):
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace("21.0301,105.8518", ",").replace("21.0301,105.8520", ","), "utf-8")
    with desk_of("operator") as desk:
        receipt = desk.emergency(desk.parse_scope(MARKET), until_ms=desk.parse_until("1h"), reason="x")
        assert said(receipt, "circuits_without_position").values["circuits"] == 1
