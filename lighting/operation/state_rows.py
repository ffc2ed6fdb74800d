"""What is told of circuits, devices and lines: judged and left in the ledger where what is known of it has changed.

Each look compares all that a row is made of with the look before; nothing has to report its changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, TypeVar

from lighting.operation.ledger import Ledger
from lighting.operation.live import Live, LiveCircuit, LiveDevice, bus_state
from lighting.operation.meters import CircuitMeters
from lighting.store.records import CircuitState

T = TypeVar("T")
Known = tuple[Any, ...]

KNOWN_OF_CIRCUIT = (
    "asked_pct",
    "level_pct",
    "relay_closed",
    "output_on",
    "power_w",
    "on_since_ms",
    "layer",
    "cause",
    "dark",
    "feedback_ms",
    "quality",
    "local",
    "relay_commanded",
    "pending",
)
"""All of a circuit that its row is made of, beside what the measured power is judged to mean."""

KNOWN_OF_DEVICE = ("reachable", "last_ok_ms", "fault", "failures", "uptime_s")

_known_of_circuit: Callable[[LiveCircuit], Known] = attrgetter(*KNOWN_OF_CIRCUIT)
_known_of_device: Callable[[LiveDevice], Known] = attrgetter(*KNOWN_OF_DEVICE)
_but_time: Callable[[CircuitState], Known] = attrgetter(*(f.name for f in fields(CircuitState) if f.name != "at_ms"))


class StateRows:
    """The rows of one revision's site: another revision needs another."""

    def __init__(self, live: Live, ledger: Ledger) -> None:
        self._live = live
        self._ledger = ledger
        self._meters = CircuitMeters(live.wiring.site)
        self._circuits = list(live.circuits.values())
        self._devices = list(live.devices.values())
        self._devices_of_buses = live.devices_of_buses()
        self._circuits_before: list[Known] = []
        self._devices_before: list[Known] = []

    def tell(self, now_ms: int) -> None:
        """Set what measured power means on circuits, and leave every row that differs from the one told last."""
        known = list(map(_known_of_circuit, self._circuits))
        changed = _changed(self._circuits, known, self._circuits_before)
        self._meters.judge(changed)
        for circuit in changed:
            self._tell_circuit(circuit, now_ms)
        self._circuits_before = known  # last: a look that failed is taken again
        self._tell_devices(now_ms)

    def _tell_circuit(self, circuit: LiveCircuit, now_ms: int) -> None:
        row = circuit.state(now_ms)
        if circuit.stored is None or _but_time(row) != _but_time(circuit.stored):
            self._ledger.put_circuit(row)
            circuit.stored = row

    def _tell_devices(self, now_ms: int) -> None:
        known = list(map(_known_of_device, self._devices))
        changed = _changed(self._devices, known, self._devices_before)
        for device in changed:
            row = device.state(now_ms if device.stored is None else device.stored.at_ms)
            if row != device.stored:
                row = replace(row, at_ms=now_ms)
                self._ledger.put_device(row)
                device.stored = row
        untold = self._devices_of_buses.keys() - self._live.stored_buses.keys()
        for bus in untold.union(device.bus for device in changed):
            self._tell_bus(bus, now_ms)
        self._devices_before = known

    def _tell_bus(self, bus: str, now_ms: int) -> None:
        stored = self._live.stored_buses.get(bus)
        at_ms = now_ms if stored is None else stored.at_ms
        row = bus_state(self._live.bus_keys[bus], self._devices_of_buses[bus], at_ms)
        if row != stored:
            row = replace(row, at_ms=now_ms)
            self._ledger.put_device(row)
            self._live.stored_buses[bus] = row


def _changed(subjects: Sequence[T], known: list[Known], before: list[Known]) -> list[T]:
    """Those that are known otherwise than at the look before; all of them at the first."""
    if not before:
        return list(subjects)
    return [one for one, now, then in zip(subjects, known, before, strict=True) if now != then]
