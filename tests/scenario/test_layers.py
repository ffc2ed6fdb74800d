"""Emergency, lamp test and the second person on a street with real Modbus devices, asked for as people ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lighting.desk.desk import Desk
from lighting.schedule.instructions import Layer
from lighting.store.records import InstructionStatus

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

HALF_PAST_TEN_S = 4.5 * 3600
"""After dusk: the main road is dimmed to 70 % since 22:00."""


def desk_of(street: Street, user_id: str) -> Desk:
    return Desk(street.folder, user_id=user_id, store=street.store, clock=street.clock)


def status_of(street: Street, number: int | None) -> InstructionStatus:
    assert number is not None
    status = street.store.instructions.get(number)
    assert status is not None
    return status


def state_of(street: Street, number: int | None) -> str:
    return status_of(street, number).state


async def test_an_emergency_in_a_circle_lights_it_within_a_tick(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=HALF_PAST_TEN_S)
    await street.start()
    await street.until(lambda: round(street.level("C-0101")) == 70)
    desk = desk_of(street, "crew")
    before = street.tick_number()
    scope = desk.parse_scope("area:21.0287,105.8544,30m")
    receipt = desk.emergency(scope, until_ms=desk.parse_until("2h"), reason="accident")
    assert receipt.circuits == ("C-0101", "C-0102")
    await street.until(lambda: state_of(street, receipt.instruction_id) == "confirmed")
    assert street.tick_number() <= before + 3, "at once, not at some later tick"
    assert round(street.level("C-0101")) == 100
    assert desk.why("C-0101").trail[0].fact.code == "emergency_in_force"
    assert receipt.instruction_id is not None
    desk.release_number(receipt.instruction_id, reason="road clear")
    await street.until(lambda: round(street.level("C-0101")) == 70)


@pytest.mark.parametrize("by", ["lockout", "emergency"])
async def test_a_lamp_test_by_day_ends_at_a_lockout_or_an_emergency_and_does_not_come_back(
    make_street: MakeStreet, by: str
) -> None:
    street = await make_street(after_dusk_s=-6 * 3600, speed=10.0)
    await street.start()
    desk = desk_of(street, "crew")
    scope = desk.parse_scope("district:centre")
    test = desk.lamp_test(scope, 100, until_ms=desk.parse_until("30m"), reason="lamp test").instruction_id
    await street.until(lambda: state_of(street, test) == "confirmed")
    await street.until(lambda: street.lit() == {"C-0101", "C-0102", "C-0103"})
    circuit = desk.parse_scope("C-0103")
    if by == "lockout":
        number = desk.lock(circuit, until_ms=None, reason="driver of lamp 4").instruction_id
    else:
        number = desk.emergency(circuit, until_ms=desk.parse_until("8h"), reason="accident").instruction_id
    await street.until(lambda: state_of(street, test) == "released")
    fact = status_of(street, test).fact
    assert fact is not None
    assert (fact.code, fact.values["by_id"]) == (f"test_ended_by_{by}", number)
    await street.until(lambda: street.lit() <= {"C-0103"})
    if by == "lockout":
        assert "C-0103" in street.lit(), "nothing is written to the locked line: it stays as it was"
        desk.unlock(circuit, reason="done")
    await street.until(lambda: street.lit() == set())
    await street.ticks(2)
    assert street.lit() == set()


async def test_a_lamp_test_is_over_with_its_controller(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-6 * 3600, speed=10.0)
    await street.start()
    desk = desk_of(street, "crew")
    test = desk.lamp_test(desk.parse_scope("C-0101"), 100, until_ms=desk.parse_until("30m"), reason="x").instruction_id
    await street.until(lambda: state_of(street, test) == "confirmed")
    await street.stop()
    status = status_of(street, test)
    assert status.fact is not None
    assert (status.state, status.fact.code) == ("released", "test_ended_by_stop")
    await street.start()
    await street.until(lambda: street.lit() == set())


async def test_the_city_off_changes_nothing_until_a_second_person_confirms_it(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    await street.until(lambda: round(street.accepted("C-0201") or 0) == 80)  # nothing is on its way any more
    await street.ticks(2)
    operator, crew = desk_of(street, "operator"), desk_of(street, "crew")
    written = len(street.writes())
    receipt = operator.set_level(
        operator.parse_scope("district:centre"),
        0,
        until_ms=operator.parse_until("2h"),
        reason="festival",
        below_floor=True,
    )
    assert receipt.state == "proposed"
    await street.ticks(3)
    assert street.all_lit()
    assert len(street.writes()) == written
    assert state_of(street, receipt.instruction_id) == "proposed"
    assert receipt.instruction_id is not None
    crew.confirm(receipt.instruction_id)
    await street.until(lambda: state_of(street, receipt.instruction_id) == "confirmed", within_s=30)
    await street.until(lambda: street.lit() == {"C-0201"})


async def test_a_demand_limit_is_confirmed_when_the_street_follows(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    desk = desk_of(street, "operator")
    receipt = desk.limit(desk.parse_scope("road:Market street"), 60, until_ms=desk.parse_until("2h"), reason="grid")
    await street.until(lambda: state_of(street, receipt.instruction_id) == "confirmed", within_s=30)
    await street.until(lambda: round(street.level("C-0101")) == 60)
    assert round(street.level("C-0102")) == 100
    assert street.layer_of("C-0101") == Layer.DEMAND_LIMIT
