"""Which alarms should stand, and what changes between two looks."""

from __future__ import annotations

from lighting.assets.fact import Fact
from lighting.operation.alarms import AlarmKey, alarm_changes, circuit_alarms, overdue_lockouts, silent_alarms
from lighting.operation.live import Live
from lighting.schedule.instructions import Instruction, Layer


def test_a_silent_bus_is_one_alarm_and_its_devices_are_suppressed(live: Live) -> None:
    for device in ("CB01-D", "CB01-R", "CB01-M"):
        live.devices[device].failures = 3
    assert set(silent_alarms(live.devices.values())) == {AlarmKey("bus_silent", "bus", "CB01-bus")}


def test_a_silent_device_beside_live_ones_is_its_own_alarm(live: Live) -> None:
    live.devices["CB01-D"].failures = 3
    live.devices["CB01-M"].failures = 2
    assert set(silent_alarms(live.devices.values())) == {AlarmKey("device_silent", "device", "CB01-D")}


def test_a_road_is_dark_after_ten_minutes_not_before(live: Live) -> None:
    circuit = live.circuits["C-0101"]
    circuit.unlit_since_ms, circuit.unlit_ticks = 1000, 60
    assert circuit_alarms(circuit, 1000 + 599_999) == {}
    assert set(circuit_alarms(circuit, 1000 + 600_000)) == {AlarmKey("road_dark", "circuit", "C-0101")}


def test_a_lockout_is_overdue_from_its_time_on() -> None:
    lockout = Instruction(7, Layer.LOCKOUT, "cabinet", "CB01", None, 0, 5000, "crew", "cable")
    assert overdue_lockouts([lockout], 4999) == {}
    assert set(overdue_lockouts([lockout], 5000)) == {AlarmKey("lockout_overdue", "cabinet", "CB01")}
    endless = Instruction(8, Layer.LOCKOUT, "cabinet", "CB01", None, 0, None, "crew", "cable")
    assert overdue_lockouts([endless], 10**15) == {}


def test_changes_raise_what_is_new_and_return_what_is_gone() -> None:
    old, kept, new = (AlarmKey("device_silent", "device", name) for name in ("a", "b", "c"))
    fact = Fact("device_silent")
    changes = alarm_changes({old: fact, kept: fact}, {kept: fact, new: fact})
    assert [key for key, _ in changes.raised] == [new]
    assert changes.returned == (old,)
