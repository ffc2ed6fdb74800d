"""Lines and devices that vanish and come back, and values that are not to be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.quantity import Quantity
from lighting.schedule.instructions import Layer

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet


async def test_a_dead_line_holds_nothing_up_and_is_lit_when_it_comes_back(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-60)
    street.city.lines["CB01-bus"].unplug()
    await street.start()
    await street.until(lambda: street.lit() == {"C-0201"})
    await street.until(lambda: ("bus_silent", "CB01-bus") in street.alarms())
    assert not {kind for kind, _ in street.alarms()} & {"device_silent"}
    assert street.states()["C-0101"].accepted_pct is None
    street.city.lines["CB01-bus"].plug()
    await street.until(street.all_lit, within_s=30)
    await street.until(lambda: ("bus_silent", "CB01-bus") not in street.alarms())


async def test_a_road_that_nothing_confirms_as_lit_is_an_alarm_after_ten_minutes(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=60, speed=240.0)
    street.device("CB02-R").silence()
    await street.start()
    await street.until(lambda: ("road_dark", "C-0201") in street.alarms())
    assert ("road_dark", "C-0101") not in street.alarms()
    street.device("CB02-R").speak()
    await street.until(lambda: ("road_dark", "C-0201") not in street.alarms(), within_s=45)
    assert street.all_lit()


async def test_a_stuck_contactor_is_dark_by_its_meter_though_its_relay_says_closed(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=60, speed=240.0)
    street.city.banks["C-0201"].stick_contactor("open", street.city.now_s())
    await street.start()
    await street.until(lambda: ("road_dark", "C-0201") in street.alarms())
    state = street.states()["C-0201"]
    assert state.relay_closed is True
    assert state.lit is False


async def test_an_instruction_to_a_silent_device_fails_stays_in_force_and_is_confirmed_later(
    make_street: MakeStreet,
) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    street.device("CB02-D").silence()
    order = street.record(Layer.OVERRIDE, "C-0201", level_pct=60.0)
    await street.until(lambda: street.instruction_state(order) == "failed", within_s=30)
    await street.until(lambda: ("write_not_confirmed", "C-0201") in street.alarms())
    street.device("CB02-D").speak()
    await street.until(lambda: street.instruction_state(order) == "confirmed", within_s=45)
    assert round(street.level("C-0201")) == 60


async def test_an_implausible_reading_is_kept_flagged_and_not_used(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(lambda: street.all_lit() and "C-0201" in street.states())
    await street.until(lambda: (street.states()["C-0201"].power_w or 0) > 50)
    street.device("CB02-M").provide(Quantity.VOLTAGE, "total", lambda _now_s: 9000.0)
    street.device("CB02-M").provide(Quantity.ACTIVE_POWER, "total", lambda _now_s: 9e9)
    await street.until(lambda: ("reading_out_of_range", "CB02-M") in street.alarms())
    key = street.store.keys.known("meter")["CB02-M:total"]
    await street.until(lambda: street.store.readings.latest([key])[key].quality != 0)
    reading = street.store.readings.latest([key])[key]
    assert reading.voltage_v == 9000.0
    assert (street.states()["C-0201"].power_w or 0) < 1e6
    await street.until(lambda: round(street.level("C-0201")) == 80)


async def test_a_street_whose_dimmer_died_while_it_was_off_is_lit_when_it_should_be(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    off = street.record(Layer.OVERRIDE, "C-0201", level_pct=0.0, below_floor=True)
    await street.until(lambda: street.instruction_state(off) == "confirmed")
    street.device("CB02-D").silence()
    await street.until(lambda: ("device_silent", "CB02-D") in street.alarms(), within_s=30)
    street.store.instructions.release(off.id, at_ms=street.clock.now_ms(), by="operator", reason="done")
    await street.until(street.all_lit)
    assert round(street.level("C-0201")) == 100, "the dimmer waited at its night-safe level"
    closings = len(street.device("CB02-R").writes)
    await street.ticks(6)
    assert len(street.device("CB02-R").writes) == closings, "a contactor that is closed is not closed again"
    assert street.states()["C-0201"].relay_closed is True
    await street.until(lambda: ("write_not_confirmed", "C-0201") in street.alarms())
    street.device("CB02-D").speak()
    await street.until(lambda: round(street.level("C-0201")) == 80, within_s=45)
    await street.until(lambda: ("write_not_confirmed", "C-0201") not in street.alarms())


async def test_a_dead_dimmer_keeps_no_street_burning_and_is_made_safe_when_it_returns(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    street.device("CB02-D").silence()
    await street.until(lambda: ("device_silent", "CB02-D") in street.alarms(), within_s=30)
    street.record(Layer.OVERRIDE, "C-0201", level_pct=0.0, below_floor=True)
    await street.until(lambda: "C-0201" not in street.lit())
    assert round(float(street.device("CB02-D").get(Quantity.DIM_LEVEL, "1") or 0)) == 80
    street.device("CB02-D").speak()
    await street.until(lambda: street.device("CB02-D").get(Quantity.DIM_LEVEL, "1") == 100.0, within_s=45)
    assert "C-0201" not in street.lit()


async def test_a_dead_contactor_device_keeps_no_level_from_being_set(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    street.device("CB02-R").silence()
    await street.until(lambda: ("device_silent", "CB02-R") in street.alarms(), within_s=30)
    street.record(Layer.OVERRIDE, "C-0201", level_pct=50.0)
    await street.until(lambda: round(street.level("C-0201")) == 50)
