"""What every circuit would do if the controller died now, from the settings as the store last had them read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from drivers.profile import ChannelRole
from lighting.assets.failsafe import (
    UNCOVERED,
    Effect,
    ReadValues,
    WithoutUs,
    assess,
    counts,
    local_date,
    output_effect,
)
from lighting.assets.failsafe_settings import (
    Outputs,
    commissioned_values,
    in_words,
    outputs_by_device,
    setting_changes,
)
from lighting.assets.model import ChannelRef, Circuit, Site
from lighting.assets.watchdog_feeding import NotFed, not_fed
from lighting.desk.answers import (
    CircuitRow,
    CircuitStanding,
    CircuitVerdict,
    CircuitWithoutUs,
    DriftedSetting,
    WithoutUsAnswer,
)
from lighting.desk.scopes import not_found
from lighting.store.failsafe_record import FoundSettings, found_settings
from lighting.store.store import Store


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What is known of one device's settings. ``verified``: all of them were read and are understood."""

    read_ms: int
    verified: bool
    found: FoundSettings


@dataclass(frozen=True, slots=True)
class Failsafes:
    """A whole city without us, worked out from one reading of the store."""

    circuits: Mapping[str, WithoutUs] = field(default_factory=dict)
    devices: Mapping[str, DeviceSettings] = field(default_factory=dict)
    outputs: Mapping[str, Outputs] = field(default_factory=dict)
    not_fed: Mapping[str, NotFed] = field(default_factory=dict)
    answer: WithoutUsAnswer | None = None

    @property
    def read(self) -> ReadValues:
        return {name: device.found.values for name, device in self.devices.items()}


class FailsafeLook:
    """Keeps the last answer until a device was read anew, the site changed or the day did: a dashboard asks often."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._known = Failsafes()

    def look(self, site: Site, store: Store | None, now_ms: int) -> Failsafes:
        """What the store says now."""
        today = local_date(site.timezone, now_ms)
        stamp = None if store is None else store.failsafes.stamp()
        key = (id(site), today, stamp)
        if key != self._key:
            self._known, self._key = failsafes_of(site, store, today), key
        return self._known


def failsafes_of(site: Site, store: Store | None, today: str) -> Failsafes:
    """Worked out anew."""
    devices = settings_of(site, store)
    outputs = outputs_by_device(site)
    read = {name: device.found.values for name, device in devices.items()}
    circuits, unfed = assess(site, read, today=today), not_fed(site, read, outputs=outputs)
    return Failsafes(circuits, devices, outputs, unfed, _answer(circuits, devices, outputs, unfed))


def settings_of(site: Site, store: Store | None) -> dict[str, DeviceSettings]:
    """The settings of the site's devices as the store has them; a device that was never read is absent."""
    if store is None:
        return {}
    states, keys = store.failsafes.all(), store.keys.known("device")
    found = {}
    for device_id in site.devices:
        state = states.get(keys.get(device_id, -1))
        if state is not None:
            found[device_id] = DeviceSettings(state.at_ms, state.verified, found_settings(state.found))
    return found


def _answer(
    circuits: Mapping[str, WithoutUs],
    devices: Mapping[str, DeviceSettings],
    outputs: Mapping[str, Outputs],
    unfed: Mapping[str, NotFed],
) -> WithoutUsAnswer:
    commissioned = [d for d in outputs if d in devices and devices[d].found.commissioned_ms is not None]
    return WithoutUsAnswer(
        counts=dict(counts(circuits.values())),
        circuits=tuple(_verdict(c) for c in circuits.values()),
        devices=len(outputs),
        not_commissioned_devices=len(outputs) - len(commissioned),
        drifted_devices=tuple(d for d in commissioned if devices[d].found.drifted()),
        not_fed=tuple(one.fact() for one in sorted(unfed.values(), key=lambda one: one.watchdog_s)),
    )


def _verdict(one: WithoutUs) -> CircuitVerdict:
    return CircuitVerdict(
        one.circuit_id,
        one.verdict,
        one.level_pct,
        one.watchdog_s,
        only_under_floor=one.only_under_floor,
        shortest_watchdog_s=one.shortest_watchdog_s,
    )


def of_circuit(site: Site, known: Failsafes, circuit_id: str) -> CircuitWithoutUs:
    """All about one circuit: the assessment, when its devices were read, what has drifted and what would be written."""
    circuit, found = site.circuits[circuit_id], known.circuits[circuit_id]
    names = devices_of(circuit)
    devices = [known.devices.get(name) for name in names]
    read = [device for device in devices if device is not None]
    whole = len(read) == len(names)
    return CircuitWithoutUs(
        verdict=found.verdict,
        level_pct=found.level_pct,
        should_pct=found.should_pct,
        floor_pct=found.floor_pct,
        effects=found.effects,
        watchdog_s=found.watchdog_s,
        fed_by=found.fed_by,
        fallback=found.fallback,
        exception=found.exception,
        wrong_mode=found.wrong_mode,
        read_ms=min(device.read_ms for device in read) if whole else None,
        verified=whole and all(device.verified for device in read),
        commissioned=whole and all(device.found.commissioned_ms is not None for device in read),
        drifted=tuple(one for name in names for one in drifted_settings(site, name, known.devices.get(name))),
        changes=tuple(
            change
            for name in names
            for change in setting_changes(site, name, known.outputs[name], known.read.get(name, {}))
            if circuit_id in change.circuits
        ),
        only_under_floor=found.only_under_floor,
        can_stay_lit=found.verdict not in UNCOVERED or _can_stay_lit(site, circuit, known.outputs),
        shortest_watchdog_s=found.shortest_watchdog_s,
        not_fed=tuple(known.not_fed[name].fact() for name in names if name in known.not_fed),
    )


def _can_stay_lit(site: Site, circuit: Circuit, outputs: Mapping[str, Outputs]) -> bool:
    """Whether it would be lit once all that can be written into its devices was, with nobody's exception."""
    best = {name: commissioned_values(site, name, outputs[name]) for name in devices_of(circuit)}
    alone = replace(site, circuits={circuit.id: circuit}, failsafe_exceptions=())
    return assess(alone, best, today="")[circuit.id].verdict not in UNCOVERED


def standings(rows: Sequence[CircuitRow], known: Failsafes) -> list[CircuitStanding]:
    """Every circuit in the order of the table: how it is, and how it would be without us."""
    return [_standing(row, known.circuits[row.id]) for row in rows]


def _standing(row: CircuitRow, alone: WithoutUs) -> CircuitStanding:
    state = None if row.is_stale else row.state
    return CircuitStanding(
        circuit_id=row.id,
        lit=None if state is None else state.lit,
        level_pct=None if state is None else state.accepted_pct,
        verdict=alone.verdict,
        effects={one.cause: one.effect if one.in_verdict else None for one in alone.effects},
        floor_pct=alone.floor_pct,
        under_floor=tuple(one.cause for one in alone.effects if one.in_verdict and one.under_floor),
        only_under_floor=alone.only_under_floor,
    )


def devices_of(circuit: Circuit) -> tuple[str, ...]:
    """The devices that switch and dim a circuit."""
    return tuple(dict.fromkeys(ref.device for ref in (circuit.relay, circuit.dimmer) if ref is not None))


def circuits_to_commission(site: Site, circuit_ids: Sequence[str], cabinet: str) -> tuple[str, ...]:
    """The circuits that are meant: those named, those of a cabinet, or all. Raises ``NotFound`` with the nearest."""
    for circuit_id in circuit_ids:
        if circuit_id not in site.circuits:
            raise not_found("circuit", circuit_id, list(site.circuits))
    if cabinet and cabinet not in site.cabinets:
        raise not_found("cabinet", cabinet, list(site.cabinets))
    here = [c.id for c in site.circuits.values() if c.cabinet == cabinet] if cabinet else []
    if not cabinet and not circuit_ids:
        here = list(site.circuits)
    return tuple(dict.fromkeys((*circuit_ids, *here)))


def drifted_settings(site: Site, device_id: str, device: DeviceSettings | None) -> tuple[DriftedSetting, ...]:
    """What does not read as it was commissioned, in words."""
    if device is None:
        return ()
    profile = site.profiles[site.devices[device_id].profile]
    drifted = []
    for name in device.found.drifted():
        point = profile.point_named(name)
        values = device.found.values.get(name), device.found.commissioned.get(name)
        words = [str(v) if point is None else in_words(point, v) for v in values]
        drifted.append(DriftedSetting(device_id, name, words[0], words[1]))
    return tuple(drifted)


def effect_of_output(site: Site, read: ReadValues, ref: ChannelRef, role: ChannelRole) -> tuple[Effect, Effect]:
    """What one output would do by itself: when its master is silent, and when its supply returns."""
    profile = site.profiles[site.devices[ref.device].profile]
    values = read.get(ref.device, {})
    return (
        output_effect(profile, ref.channel, role, "lost_master", values),
        output_effect(profile, ref.channel, role, "power_return", values),
    )
