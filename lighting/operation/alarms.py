"""The alarms that the controller itself can see, as a set that should stand now: pure; the difference is stored.

Life cycle, delays of people and work orders belong to ``lighting.maintenance``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.assets.failsafe import exceptions_ended, local_date
from lighting.assets.failsafe_checks import ended_fact
from lighting.assets.model import Site
from lighting.operation.live import Live, LiveCircuit, LiveDevice
from lighting.schedule.instructions import Instruction, Layer

SILENT_AFTER_FAILURES = 3
ROAD_DARK_AFTER_MS = 600_000
ROAD_DARK_AFTER_TICKS = 3
"""Of no effect at normal speed; an accelerated clock may pass ten minutes within one tick."""
WRITE_FAILED_AFTER = 3


@dataclass(frozen=True, slots=True, order=True)
class AlarmKey:
    kind: str
    subject_kind: str
    subject_id: str


Standing = dict[AlarmKey, Fact]


def standing_alarms(
    live: Live,
    *,
    site_id: str,
    now_ms: int,
    doubt: Fact | None,
    instructions: Iterable[Instruction],
    house_facts: Mapping[str, Fact] | None = None,
    drifted: Mapping[str, Fact] | None = None,
    not_fed: Mapping[str, Fact] | None = None,
    other_mode: Mapping[str, Fact] | None = None,
    sensed: Mapping[AlarmKey, Fact] | None = None,
    waiting: Mapping[str, Fact] | None = None,
) -> Standing:
    """Every alarm that should stand at this instant (site time); ``sensed`` are those of counts and photocells.

    ``waiting`` are those of readings that the store has not taken, by kind.
    """
    alarms: Standing = {}
    if doubt is not None:
        alarms[AlarmKey("clock_doubted", "site", site_id)] = doubt
    alarms |= silent_alarms(live.devices.values())
    for cabinet, active in live.local_inputs.items():
        if active:
            fact = Fact("local_control_by_switch", {"cabinet": cabinet})
            alarms[AlarmKey("local_control", "cabinet", cabinet)] = fact
    for circuit in live.circuits.values():
        alarms |= circuit_alarms(circuit, now_ms)
    for device, point in live.odd_readings.items():
        fact = Fact("reading_out_of_range", {"device": device, "point": point})
        alarms[AlarmKey("reading_out_of_range", "device", device)] = fact
    alarms |= overdue_lockouts(instructions, now_ms)
    for job, fact in (house_facts or {}).items():
        alarms[AlarmKey("housekeeping_failed", "site", job)] = fact
    for kind, fact in (waiting or {}).items():
        alarms[AlarmKey(kind, "site", site_id)] = fact
    for device, fact in (drifted or {}).items():
        alarms[AlarmKey("failsafe_drifted", "device", device)] = fact
    for device, fact in (not_fed or {}).items():
        alarms[AlarmKey("watchdog_not_fed", "device", device)] = fact
    for device, fact in (other_mode or {}).items():
        alarms[AlarmKey("output_mode_other", "device", device)] = fact
    return alarms | dict(sensed or {}) | ended_exceptions(live.wiring.site, now_ms)


def ended_exceptions(site: Site, now_ms: int) -> Standing:
    """Signed exceptions whose last day is over: nobody answers any more for what would go dark there."""
    if not site.failsafe_exceptions:
        return {}
    ended = exceptions_ended(site.failsafe_exceptions, local_date(site.timezone, now_ms))
    return {
        AlarmKey("failsafe_exception_ended", "circuit" if one.circuit else "cabinet", one.circuit or one.cabinet): (
            ended_fact(one)
        )
        for one in ended
    }


def silent_alarms(devices: Iterable[LiveDevice]) -> Standing:
    """One alarm for a bus of which no device answers, else one for each silent device."""
    by_bus: dict[str, list[LiveDevice]] = {}
    for device in devices:
        by_bus.setdefault(device.bus, []).append(device)
    alarms: Standing = {}
    for bus, members in by_bus.items():
        silent = [device for device in members if device.failures >= SILENT_AFTER_FAILURES]
        if silent and len(silent) == len(members):
            alarms[AlarmKey("bus_silent", "bus", bus)] = Fact("bus_silent", {"bus": bus, "devices": len(members)})
            continue
        for device in silent:
            fact = Fact("device_silent", {"device": device.id, "bus": bus, "fault": device.fault})
            alarms[AlarmKey("device_silent", "device", device.id)] = fact
    return alarms


def circuit_alarms(circuit: LiveCircuit, now_ms: int) -> Standing:
    """Of one circuit: dark though it should be lit, a write that nothing confirms, a relay moved by hand."""
    alarms: Standing = {}
    is_long = circuit.unlit_since_ms is not None and now_ms - circuit.unlit_since_ms >= ROAD_DARK_AFTER_MS
    if is_long and circuit.unlit_ticks >= ROAD_DARK_AFTER_TICKS:
        fact = Fact("road_dark", {"circuit": circuit.id, "since_ms": circuit.unlit_since_ms})
        alarms[AlarmKey("road_dark", "circuit", circuit.id)] = fact
    if circuit.failed_attempts >= WRITE_FAILED_AFTER:
        fact = Fact(
            "write_not_confirmed",
            {"circuit": circuit.id, "asked_pct": circuit.asked_pct, "failure": circuit.failure},
        )
        alarms[AlarmKey("write_not_confirmed", "circuit", circuit.id)] = fact
    if circuit.unexplained_since_ms is not None:
        fact = Fact("local_control_unexplained", {"circuit": circuit.id, "since_ms": circuit.unexplained_since_ms})
        alarms[AlarmKey("local_control", "circuit", circuit.id)] = fact
    return alarms


def overdue_lockouts(instructions: Iterable[Instruction], now_ms: int) -> Standing:
    """A lockout never ends by itself; past its time it is an alarm."""
    return {
        AlarmKey("lockout_overdue", note.scope_kind, note.scope_id): Fact(
            "lockout_overdue", {"id": note.id, "by": note.by, "until_ms": note.until_ms, "scope": note.scope_id}
        )
        for note in instructions
        if note.layer is Layer.LOCKOUT and note.released_ms is None and _is_past(note.until_ms, now_ms)
    }


def _is_past(until_ms: int | None, now_ms: int) -> bool:
    return until_ms is not None and until_ms <= now_ms


@dataclass(frozen=True, slots=True)
class AlarmChanges:
    raised: tuple[tuple[AlarmKey, Fact], ...]
    returned: tuple[AlarmKey, ...]


def alarm_changes(before: Mapping[AlarmKey, Fact], now: Mapping[AlarmKey, Fact]) -> AlarmChanges:
    """What to raise and what to return to get from one set to the other."""
    raised = tuple((key, fact) for key, fact in now.items() if key not in before)
    return AlarmChanges(raised, tuple(key for key in before if key not in now))
