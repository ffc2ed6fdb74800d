"""A device whose true values are known at every moment, behind a proxy that does wrong: for what may be believed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DriverError
from drivers.profile import Channel, Failsafe, Limits, Point, Profile
from drivers.quantity import Quantity
from drivers.simulator.fault_proxy import FaultProxy
from drivers.simulator.fault_rule import FaultRule
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice

Framing = Literal["tcp", "rtu-tcp"]
TIMEOUT_S = 0.05
METERS = 12
OUTPUTS = 4


def _points() -> list[Point]:
    points = []
    for n in range(METERS):
        # Two kinds of table and three blocks, so that answers to one question fit the shape of others.
        table: Literal["holding", "input"] = "holding" if n < 8 else "input"
        address = 100 + n + (20 if n >= 4 else 0)
        points.append(Point(f"power_{n}", Quantity.ACTIVE_POWER, f"m{n}", table, address, "u16"))
    for n in range(OUTPUTS):
        level = Point(f"level_{n}", Quantity.DIM_LEVEL, f"{n}", "holding", 16 + n, "u16", writable=True)
        points.append(replace(level, valid_min=0.0, valid_max=100.0, write_min=0.0, write_max=100.0))
        points.append(Point(f"relay_{n}", Quantity.RELAY_CLOSED, f"{n}", "coil", n, "bit", writable=True))
        points.append(Point(f"input_{n}", Quantity.INPUT_ACTIVE, f"{n}", "discrete", n, "bit"))
    return points


PROFILE = Profile(
    id="truth",
    name="A device whose truth is known",
    maker="none",
    trust="community",
    sources=(),
    points=tuple(_points()),
    channels=(
        *(Channel(f"m{n}", "meter") for n in range(METERS)),
        *(Channel(f"{n}", "dimmer") for n in range(OUTPUTS)),
    ),
    limits=Limits(),
    failsafe=Failsafe(),
    vectors=(),
)


@dataclass(slots=True)
class Truth:
    """Two equal devices (units 1 and 2), their truth, and what was believed of them against it."""

    devices: dict[int, Device]
    simulated: dict[int, SimulatedDevice]
    proxy: FaultProxy
    generation: int = 0
    errors: list[str] = field(default_factory=list)
    known: int = 0
    unknown: int = 0

    def power_w(self, unit_id: int, n: int) -> float:
        """A value that no other unit, register or moment shares."""
        return float((unit_id * 20_011 + n * 1_013 + self.generation * 7) % 65_000)

    async def read(self, unit_id: int) -> list[str]:
        """Read all at a new moment; what was believed and is not true, by point."""
        self.generation += 1
        try:
            samples = await self.devices[unit_id].read()
        except DriverError as error:
            return await self._failed(error)
        wrong = []
        for point in PROFILE.points:
            value = samples[point.name].value
            if value is None:
                self.unknown += 1
                continue
            self.known += 1
            if value != self.simulated[unit_id].get(point.quantity, point.channel):
                wrong.append(f"{unit_id}:{point.name} = {value}")
        return wrong

    async def write(self, unit_id: int, quantity: Quantity, channel: str, value: float) -> list[str]:
        """Write one output; a verified write that the device does not hold is wrong."""
        self.generation += 1
        try:
            outcome = await self.devices[unit_id].write(quantity, channel, value)
        except DriverError as error:
            return await self._failed(error)
        held = self.simulated[unit_id].get(quantity, channel)
        if outcome.verified and held != value:
            return [f"{unit_id}:{quantity.value} {channel} = {value} verified, holds {held}"]
        return []

    async def _failed(self, error: DriverError) -> list[str]:
        self.errors.append(type(error).__name__)
        await asyncio.sleep(0.002)  # longer than any back-off here, so that the next request reaches the line
        return []

    async def exercise(self, steps: int, *, seed: int) -> list[str]:
        """Reads and writes by the seed; all that was believed and is not true."""
        chance = random.Random(seed)
        wrong: list[str] = []
        for _ in range(steps):
            unit_id, channel = chance.choice((1, 2)), f"{chance.randrange(OUTPUTS)}"
            match chance.randrange(3):
                case 0:
                    wrong += await self.read(unit_id)
                case 1:
                    wrong += await self.write(unit_id, Quantity.DIM_LEVEL, channel, float(chance.randrange(101)))
                case _:
                    wrong += await self.write(unit_id, Quantity.RELAY_CLOSED, channel, float(chance.randrange(2)))
        return wrong

    async def until_well(self, rules: Sequence[FaultRule]) -> None:
        """End these faults, and read both devices until all is known of them."""
        self.proxy.mend()
        if any(rule.fault == "exception" and rule.code in (2, 3) for rule in rules):
            self.proxy.cut()  # what a device said not to have is asked for again after a reconnect
        async with asyncio.timeout(15):
            for unit_id in self.devices:
                known = -1
                while self.known != known + len(PROFILE.points):
                    known = self.known
                    assert await self.read(unit_id) == []
                    await asyncio.sleep(0.002)


@asynccontextmanager
async def faulty(rules: Sequence[FaultRule], framing: Framing, *, seed: int = 1) -> AsyncIterator[Truth]:
    """The two devices behind a proxy with those rules, and drivers before it."""
    simulated = {unit: SimulatedDevice(PROFILE, unit) for unit in (1, 2)}
    line = SimulatedLine("127.0.0.1", 0, framing, simulated.values())
    await line.start()
    proxy = FaultProxy(rules, server=(line.host, line.port), framing=framing, seed=seed)
    await proxy.start()
    bus = Bus(
        "line",
        proxy.url,
        timeout_s=TIMEOUT_S,
        backoff_first_s=0.001,
        backoff_longest_s=0.002,
        reconnect_longest_s=0.001,
    )
    await bus.start()
    truth = Truth({unit: Device(f"d{unit}", bus, unit, PROFILE) for unit in simulated}, simulated, proxy)
    for unit, device in simulated.items():
        for n in range(METERS):
            device.provide(Quantity.ACTIVE_POWER, f"m{n}", lambda _now_s, unit=unit, n=n: truth.power_w(unit, n))  # type: ignore[misc]
    try:
        yield truth
    finally:
        await bus.close()
        await proxy.close()
        await line.close()
