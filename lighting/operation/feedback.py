"""From one successful poll of a device to what is known of its circuits, and to readings. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivers.codec import Sample, SampleQuality
from lighting.operation.live import Live, LiveCircuit, LiveDevice, quality_of
from lighting.operation.local_control import RelaySight, moved_by_hand
from lighting.operation.meters import energy_ws
from lighting.operation.wiring import DeviceWiring, MeterField, ReportField
from lighting.store.records import Quality, Reading


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll with its times: ``started_s`` monotonic, ``at_ms`` the site's time of the answer."""

    device: str
    samples: Mapping[str, Sample]
    started_s: float
    at_ms: int
    clock_doubted: bool = False


@dataclass(slots=True)
class _MeterValues:
    values: dict[MeterField, float | None] = field(default_factory=dict)
    quality: int = 0


def believed(sample: Sample | None) -> float | None:
    """The sample's number if it is good, else None: what is out of range is kept in readings and never used to
    decide.
    """
    if sample is None or sample.quality is not SampleQuality.GOOD or not isinstance(sample.value, (int, float)):
        return None
    return float(sample.value)


def absorb(live: Live, poll: Poll, *, locked: frozenset[str], gap_limit_ms: float) -> list[Reading]:
    """Take a poll into what is known; returns the readings that it gives."""
    wiring = live.wiring.devices[poll.device]
    device = live.devices[poll.device]
    if wiring.uptime_point:
        device.uptime_s = believed(poll.samples.get(wiring.uptime_point))
    gap_s = None if device.last_ok_ms is None else poll.started_s - device.last_ok_s
    if device.watch.may_have_run_out(gap_s):
        device.ran_out_ms = poll.at_ms
    for point, cabinet in wiring.local_inputs.items():
        active = believed(poll.samples.get(point))
        if active is not None:
            live.local_inputs[cabinet] = bool(active) == live.wiring.site.cabinets[cabinet].local_active
    for point, (circuit_id, name) in wiring.reports.items():
        circuit = live.circuits[circuit_id]
        if not circuit.writing and poll.started_s > circuit.written_s:
            not_ours = circuit_id in locked or bool(circuit.local) or _at_hand(live, circuit)
            _take_report(circuit, name, believed(poll.samples.get(point)), poll.at_ms)
            if name == "relay_closed":
                sight = _sight_of(circuit, device.uptime_s, poll.at_ms)
                if sight and moved_by_hand(
                    circuit.relay_seen,
                    sight,
                    not_ours=not_ours,
                    gap_limit_ms=gap_limit_ms,
                    by_failsafe=_is_its_failsafe(circuit, device, sight),
                ):
                    circuit.unexplained_since_ms = poll.at_ms
                    circuit.unexplained_after_id = live.newest_instruction_id
                    circuit.unexplained_gap_s = gap_s
                    device.settings_doubted = True
                circuit.relay_seen = sight
    _note_odd_readings(live, poll, wiring)
    readings = _meter_readings(live, poll, wiring)
    return readings + _circuit_readings(live, poll)


def _is_its_failsafe(circuit: LiveCircuit, device: LiveDevice, now: RelaySight) -> bool:
    """Whether its device's watchdog may have run out since the last sight, with the contact as it then is."""
    relay, before = circuit.wiring.circuit.relay, circuit.relay_seen
    if relay is None or before is None or device.ran_out_ms is None or device.ran_out_ms <= before.seen_ms:
        return False
    return device.watch.closed_after.get(relay.channel) == now.closed


def explain_by_failsafe(circuit: LiveCircuit, device: LiveDevice) -> bool:
    """Whether settings that were read since explain what was taken for an act in the cabinet; then it is none."""
    relay = circuit.wiring.circuit.relay
    if circuit.unexplained_since_ms is None or relay is None or relay.device != device.id:
        return False
    if not device.watch.may_have_run_out(circuit.unexplained_gap_s):
        return False
    if circuit.relay_closed is None or device.watch.closed_after.get(relay.channel) != circuit.relay_closed:
        return False
    circuit.unexplained_since_ms = circuit.unexplained_after_id = circuit.unexplained_gap_s = None
    return True


def _at_hand(live: Live, circuit: LiveCircuit) -> bool:
    return live.local_inputs.get(circuit.wiring.circuit.cabinet, False)


def _take_report(circuit: LiveCircuit, name: ReportField, value: float | None, at_ms: int) -> None:
    match name:
        case "level_pct":
            circuit.level_pct = value
        case "relay_closed":
            circuit.relay_closed = None if value is None else bool(value)
        case "output_on":
            circuit.output_on = None if value is None else bool(value)
    circuit.note_feedback(at_ms)


def _sight_of(circuit: LiveCircuit, uptime_s: float | None, at_ms: int) -> RelaySight | None:
    return None if circuit.relay_closed is None else RelaySight(circuit.relay_closed, uptime_s, at_ms)


def _note_odd_readings(live: Live, poll: Poll, wiring: DeviceWiring) -> None:
    odd = next((name for name in wiring.points if is_odd(poll.samples.get(name))), live.devices[poll.device].odd_slow)
    if odd:
        live.odd_readings[poll.device] = odd
    else:
        live.odd_readings.pop(poll.device, None)


def is_odd(sample: Sample | None) -> bool:
    """Whether a value came that is outside what is valid for its point."""
    return sample is not None and sample.quality is SampleQuality.OUT_OF_RANGE


def _meter_readings(live: Live, poll: Poll, wiring: DeviceWiring) -> list[Reading]:
    channels: dict[str, _MeterValues] = {}
    for point, (ref, name) in wiring.meters.items():
        if point in wiring.slow_meters and point not in poll.samples:
            continue  # not its turn, which is no failure
        sample = poll.samples.get(point)
        channel = channels.setdefault(ref, _MeterValues())
        known = sample is not None and isinstance(sample.value, (int, float))
        channel.values[name] = float(sample.value) if sample is not None and known else None  # type: ignore[arg-type]
        channel.quality |= quality_of(good=not is_odd(sample), known=known, clock_doubted=poll.clock_doubted)
        if name == "power_w":
            live.meter_power[ref] = believed(sample)
    return [_meter_reading(live.meter_keys[ref], poll.at_ms, channel) for ref, channel in channels.items()]


def _meter_reading(series_key: int, at_ms: int, channel: _MeterValues) -> Reading:
    values = channel.values
    return Reading(
        at_ms=at_ms,
        series_key=series_key,
        power_w=values.get("power_w"),
        energy_ws=energy_ws(values.get("energy_kwh")),
        voltage_v=values.get("voltage_v"),
        current_a=values.get("current_a"),
        power_factor=values.get("power_factor"),
        reactive_var=values.get("reactive_var"),
        quality=channel.quality,
    )


def _circuit_readings(live: Live, poll: Poll) -> list[Reading]:
    """One reading for each circuit that this device speaks for: its own meter's device, else the one that dims
    or switches it.
    """
    readings = []
    for circuit_id in live.wiring.circuits_of_device.get(poll.device, ()):
        circuit = live.circuits[circuit_id]
        if _spokesman(circuit) != poll.device:
            continue
        if circuit.wiring.meter_is_own:
            _take_power(live, circuit, poll.at_ms)
        circuit.quality = _circuit_quality(circuit, clock_doubted=poll.clock_doubted)
        readings.append(
            Reading(
                at_ms=poll.at_ms,
                series_key=circuit.key,
                level_pct=circuit.accepted_pct,
                power_w=circuit.power_w,
                quality=circuit.quality,
            )
        )
    return readings


def _spokesman(circuit: LiveCircuit) -> str:
    asset = circuit.wiring.circuit
    if circuit.wiring.meter_is_own:
        return asset.meter[-1].device
    ref = asset.dimmer or asset.relay
    return "" if ref is None else ref.device


def _take_power(live: Live, circuit: LiveCircuit, at_ms: int) -> None:
    powers = [live.meter_power.get(str(ref)) for ref in circuit.wiring.circuit.meter]
    known = [power for power in powers if power is not None]
    if len(known) < len(powers):
        circuit.power_w = None
        return
    circuit.power_w = max(0.0, sum(known) - circuit.wiring.meter_power_offset_w)
    circuit.power_ms = at_ms


def _circuit_quality(circuit: LiveCircuit, *, clock_doubted: bool) -> int:
    quality = Quality.MISSING if circuit.accepted_pct is None else Quality.GOOD
    if circuit.wiring.meter_is_own and circuit.power_w is None:
        quality |= Quality.MISSING
    if clock_doubted:
        quality |= Quality.CLOCK_DOUBTED
    return int(quality)
