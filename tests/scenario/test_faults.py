"""Every fault of a line against a whole running site: no false value is stored, and no lamp's level is lost.

Bus CB01 talks Modbus TCP, CB02 RTU over TCP. What the devices really served is written down at the devices, before the
line could spoil it; every good reading in the store must be one of those, of its own meter and quantity, none older
than the reading before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest

from drivers.bus import Bus
from drivers.codec import decode
from drivers.profile import Point, Table
from drivers.quantity import Quantity
from drivers.simulator.fault_rule import FaultKind, FaultRule
from drivers.simulator.simulated_device import SimulatedDevice
from lighting.operation.meters import energy_ws
from lighting.schedule.instructions import Layer
from lighting.store.records import Reading
from tests.scenario.conftest import MakeStreet, Street

TIMEOUT_S = 0.15
WANTED = {"C-0101": 70.0, "C-0201": 55.0}
"""Asked for by a person while the line is bad; before, the program has both at 80 % or more."""

FAULTS: dict[str, FaultRule] = {
    "delay": FaultRule("delay", 0.5, delay_ms=20, jitter_ms=60),
    "delay beyond the time-out": FaultRule("delay", 0.4, delay_ms=1200 * TIMEOUT_S),
    "drop the question": FaultRule("drop", 0.4, lost="question"),
    "drop the answer": FaultRule("drop", 0.4),
    "truncate": FaultRule("truncate", 0.4),
    "corrupt": FaultRule("corrupt", 0.4, where="head", bits=2),
    "corrupt with a CRC that fits": FaultRule("corrupt", 0.4, where="head", repair_crc=True),
    "duplicate": FaultRule("duplicate", 0.6),
    "late": FaultRule("late", 0.4),
    "other unit": FaultRule("other_unit", 0.4),
    "other function": FaultRule("other_function", 0.4),
    "wrong echo": FaultRule("wrong_echo", at_most=2),
    "wrong count": FaultRule("wrong_count", 0.4),
    "busy": FaultRule("exception", 0.4, code=6),
    "gateway without a device": FaultRule("exception", 0.4, code=11),
    "reset": FaultRule("reset", 0.4),
    "half open": FaultRule("half_open", requests=((3, 3),)),
    "mute": FaultRule("mute", at_most=2),
}
_FIELDS: dict[str, tuple[Quantity, ...]] = {
    "power_w": (Quantity.ACTIVE_POWER,),
    "energy_ws": (Quantity.ENERGY_IMPORT, Quantity.ENERGY_TOTAL),
    "voltage_v": (Quantity.VOLTAGE,),
    "current_a": (Quantity.CURRENT,),
    "power_factor": (Quantity.POWER_FACTOR,),
}


@dataclass(slots=True)
class Served:
    """The values that each device gave out, oldest first, by (device, channel, quantity)."""

    values: dict[tuple[str, str, Quantity], list[float | str | None]] = field(default_factory=dict)

    def listen(self, device_id: str, device: SimulatedDevice) -> None:
        """Write down from now on what this device serves."""
        read = device.read

        def heard(table: Table, address: int, count: int) -> list[int] | None:
            raw = read(table, address, count)
            for point in device.profile.points if raw is not None else ():
                self._note(device_id, point, table, raw or [], address)
            return raw

        device.read = heard  # type: ignore[method-assign]

    def _note(self, device_id: str, point: Point, table: Table, raw: Sequence[int], address: int) -> None:
        first, end = point.address - address, point.address - address + point.register_count
        if point.table == table and first >= 0 and end <= len(raw):
            key = (device_id, point.channel, point.quantity)
            self.values.setdefault(key, []).append(decode(point, raw[first:end]).value)

    def false_values(self, meter: str, readings: Sequence[Reading]) -> list[str]:
        """What stands in good readings of that meter channel and was not served by it, or served before its time."""
        device_id, channel = meter.split(":")
        false = []
        for name, quantities in _FIELDS.items():
            served = [v for q in quantities for v in self.values.get((device_id, channel, q), [])]
            true = [energy_ws(value) if name == "energy_ws" else value for value in served]  # type: ignore[arg-type]
            reached = 0
            for reading in readings:
                value = getattr(reading, name)
                if value is None or reading.quality:
                    continue
                if value not in true[reached:]:
                    false.append(f"{meter} {name} {value} at {reading.at_ms}")
                else:
                    reached = true.index(value, reached)
        return false


async def lit_street(make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch) -> tuple[Street, Served]:
    """The street as its program has it, behind proxies that do nothing wrong yet, with short time-outs."""
    quick = partial(Bus, timeout_s=TIMEOUT_S, backoff_first_s=0.05, backoff_longest_s=0.2, reconnect_longest_s=0.2)
    monkeypatch.setattr("lighting.operation.lines.Bus", quick)
    street = await make_street(after_dusk_s=900, speed=120.0, proxied=True)
    served = Served()
    for device_id, device in street.city.devices.items():
        served.listen(device_id, device)
    await street.start()
    await street.until(lambda: street.all_lit() and all(street.level(circuit) >= 80 for circuit in WANTED))
    return street, served


def stored(street: Street) -> dict[str, list[Reading]]:
    keys = street.store.keys.known("meter")
    return {meter: street.store.readings.of_series(key, 0, 2**52) for meter, key in keys.items()}


def false_values(street: Street, served: Served) -> list[str]:
    return [false for meter, readings in stored(street).items() for false in served.false_values(meter, readings)]


def done(street: Street, kind: FaultKind) -> dict[str, int]:
    return {bus: proxy.done[kind] for bus, proxy in street.city.proxies.items()}


@pytest.mark.parametrize("name", FAULTS)
async def test_no_false_value_is_stored_and_no_level_is_lost(
    name: str, make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch
) -> None:
    street, served = await lit_street(make_street, monkeypatch)
    rule = FAULTS[name]
    for number, proxy in enumerate(street.city.proxies.values()):
        proxy.do([rule], seed=number)
    if rule.fault == "mute":
        for line in street.city.lines.values():
            line.unplug()
            line.plug()
    orders = [street.record(Layer.OVERRIDE, circuit, level_pct=level) for circuit, level in WANTED.items()]
    often = 1 if rule.at_most or rule.requests else 2
    darkest = dict.fromkeys(WANTED, 100.0)

    def has_met_it() -> bool:
        for circuit in WANTED:
            darkest[circuit] = min(darkest[circuit], street.level(circuit))
        return min(done(street, rule.fault).values()) >= often

    await street.until(has_met_it, within_s=30)
    for proxy in street.city.proxies.values():
        proxy.mend()
    await street.until(
        lambda: has_met_it() and {circuit: round(street.level(circuit)) for circuit in WANTED} == WANTED, within_s=45
    )
    await street.until(lambda: all(street.instruction_state(order) == "confirmed" for order in orders), within_s=45)
    assert all(darkest[circuit] > WANTED[circuit] - 1 for circuit in WANTED), "never darker than asked for"
    assert street.all_lit()
    count = street.store.readings.count()
    await street.until(lambda: street.store.readings.count() >= count + 10)
    assert false_values(street, served) == []


async def test_the_proof_finds_a_false_value(make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bit that flips inside a value under a CRC that fits is a lie nobody can find; this test's own eyes must."""
    street, served = await lit_street(make_street, monkeypatch)
    for proxy in street.city.proxies.values():
        proxy.do([FaultRule("corrupt", where="values", repair_crc=True, functions=(4,))])
    await street.until(lambda: min(done(street, "corrupt").values()) >= 4)
    count = street.store.readings.count()
    await street.until(lambda: street.store.readings.count() >= count + 10)
    assert false_values(street, served)
