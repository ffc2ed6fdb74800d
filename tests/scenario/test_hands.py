"""Hands on the street: lockouts, switches not at AUTO, relays moved in the cabinet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.quantity import Quantity
from lighting.schedule.instructions import Layer

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet


async def test_a_lockout_lets_no_writing_byte_through_while_reads_go_on(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-60)
    lockout = street.record(Layer.LOCKOUT, "CB01", scope_kind="cabinet", for_s=None)
    await street.start()
    await street.until(lambda: street.lit() == {"C-0201"})
    await street.until(lambda: street.instruction_state(lockout) == "confirmed")
    street.record(Layer.OVERRIDE, "C-0101", level_pct=80.0)
    reads = street.device("CB01-R").request_count
    await street.until(lambda: street.device("CB01-R").request_count > reads)
    await street.ticks(3)
    assert [list(street.device(device).writes) for device in ("CB01-D", "CB01-R", "CB01-M")] == [[], [], []]
    street.store.instructions.release(lockout.id, at_ms=street.clock.now_ms(), by="operator", reason="done")
    await street.until(street.all_lit)


async def test_a_lockout_past_its_time_is_an_alarm_and_still_holds(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-180)
    street.record(Layer.LOCKOUT, "C-0101", for_s=120.0)
    await street.start()
    await street.until(lambda: ("lockout_overdue", "C-0101") in street.alarms())
    await street.until(lambda: street.lit() == {"C-0102", "C-0103", "C-0201"})
    assert "C-0101" not in street.lit()


async def test_a_switch_not_at_auto_takes_the_whole_cabinet(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-180)
    street.device("CB01-R").set(Quantity.INPUT_ACTIVE, "in1", 1.0)
    await street.start()
    await street.until(lambda: ("local_control", "CB01") in street.alarms())
    street.move_relay("C-0103", closed=True)
    await street.until(lambda: street.lit() == {"C-0103", "C-0201"})
    assert list(street.device("CB01-R").writes) == []
    states = street.states()
    assert states["C-0101"].local_control == "input"
    assert states["C-0201"].local_control == ""
    street.device("CB01-R").set(Quantity.INPUT_ACTIVE, "in1", 0.0)
    await street.until(street.all_lit)
    await street.until(lambda: ("local_control", "CB01") not in street.alarms())


async def test_a_relay_moved_by_hand_is_left_until_a_person_gives_it_back(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    await street.ticks(4)
    street.move_relay("C-0101", closed=False)
    await street.until(lambda: ("local_control", "C-0101") in street.alarms())
    writes = len(street.device("CB01-R").writes)
    await street.ticks(3)
    assert street.states()["C-0101"].local_control == "unexplained"
    await street.stop()
    await street.start()
    await street.ticks(3)
    assert "C-0101" not in street.lit()
    assert len(street.device("CB01-R").writes) == writes
    note = street.record(Layer.LOCAL_CONTROL, "C-0101", for_s=900.0)
    await street.until(street.all_lit)
    await street.until(lambda: street.instruction_state(note) == "confirmed")
    await street.until(lambda: ("local_control", "C-0101") not in street.alarms())


async def test_a_reboot_is_no_hand(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    await street.ticks(4)
    street.device("CB01-R").reboot()
    for circuit in ("C-0101", "C-0102", "C-0103"):
        street.move_relay(circuit, closed=False)
    await street.until(street.all_lit)
    assert {state.local_control for state in street.states().values()} == {""}


async def test_giving_back_counts_though_the_clock_is_an_hour_behind(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    await street.ticks(4)
    street.move_relay("C-0101", closed=False)
    await street.until(lambda: ("local_control", "C-0101") in street.alarms())
    await street.stop()
    street.clock.step(-3_600_000)
    await street.start()
    await street.ticks(3)
    assert "C-0101" not in street.lit()
    note = street.record(Layer.LOCAL_CONTROL, "C-0101", for_s=900.0)
    await street.until(street.all_lit)
    await street.until(lambda: street.instruction_state(note) == "confirmed")
    await street.until(lambda: ("local_control", "C-0101") not in street.alarms())


async def test_giving_back_while_no_controller_ran_counts_after_the_clock_was_set_back(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    await street.start()
    await street.until(street.all_lit)
    await street.ticks(4)
    street.move_relay("C-0101", closed=False)
    await street.until(lambda: ("local_control", "C-0101") in street.alarms())
    await street.stop()
    note = street.record(Layer.LOCAL_CONTROL, "C-0101", for_s=900.0)
    street.clock.step(-3_600_000)
    await street.start()
    await street.until(street.all_lit)
    await street.until(lambda: street.instruction_state(note) == "confirmed")


async def test_what_was_given_back_once_does_not_give_back_the_next_act(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600, speed=30.0)
    await street.start()
    await street.until(street.all_lit)
    await street.ticks(4)
    street.move_relay("C-0101", closed=False)
    await street.until(lambda: ("local_control", "C-0101") in street.alarms())
    note = street.record(Layer.LOCAL_CONTROL, "C-0101", for_s=7200.0)
    await street.until(street.all_lit)
    await street.until(lambda: street.instruction_state(note) == "confirmed")
    await street.ticks(8)
    street.move_relay("C-0101", closed=False)
    await street.until(lambda: ("local_control", "C-0101") in street.alarms())
    await street.stop()
    await street.start()
    await street.ticks(3)
    assert "C-0101" not in street.lit()


async def test_a_switch_not_at_auto_is_remembered_by_the_next_controller_until_it_is_read(
    make_street: MakeStreet,
) -> None:
    street = await make_street(after_dusk_s=-180)
    street.input_at("CB02-R:in1", cabinet="CB01")
    street.device("CB02-R").set(Quantity.INPUT_ACTIVE, "in1", 1.0)
    await street.start()
    await street.until(lambda: ("local_control", "CB01") in street.alarms())
    await street.until(lambda: street.lit() == {"C-0201"})
    street.device("CB02-R").silence()
    await street.stop()
    await street.start()
    await street.ticks(4)
    assert [list(street.device(device).writes) for device in ("CB01-R", "CB01-D")] == [[], []]
    assert street.states()["C-0101"].local_control == "input"
    street.device("CB02-R").set(Quantity.INPUT_ACTIVE, "in1", 0.0)
    street.device("CB02-R").speak()
    await street.until(street.all_lit, within_s=30)


async def test_a_switch_that_was_never_seen_off_auto_and_cannot_be_read_keeps_no_street_dark(
    make_street: MakeStreet,
) -> None:
    street = await make_street(after_dusk_s=600)
    street.input_at("CB02-R:in1", cabinet="CB01")
    street.device("CB02-R").silence()
    await street.start()
    await street.until(lambda: street.lit() >= {"C-0101", "C-0102", "C-0103"})
