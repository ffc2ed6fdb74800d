"""A broadcast: only where every device of the line takes it, never without the gate, and read back at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest

from drivers.broadcasting import broadcast
from drivers.bus import Bus, BusCounters
from drivers.codec import UNKNOWN
from drivers.device import Device
from drivers.errors import Rejected, Unreachable
from drivers.line_cost import NETWORK_COST
from drivers.profile import Limits, Point, Profile
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice
from drivers.writing import Allowed
from tests.drivers.board import profile_of
from tests.drivers.wire_data import words_data

LEVEL = Point("level", Quantity.DIM_LEVEL, "1", "holding", 16, "u16", writable=True, write_min=0, write_max=100)
HEARS = profile_of((LEVEL,), Limits(broadcast=True))


class Line:
    """A line in memory whose units hear unit 0; ``deaf`` ones do not, and ``silent`` ones do not answer either."""

    def __init__(self) -> None:
        self.name = "line"
        self.counters = BusCounters()
        self.line_cost = NETWORK_COST
        self.told: list[tuple[int, tuple[int, ...]]] = []
        self.values: dict[int, int] = {}
        self.deaf: set[int] = set()
        self.silent: set[int] = set()
        self.reads: list[int] = []

    async def broadcast_registers(
        self, address: int, values: Sequence[int], *, limits: Limits, allowed: Allowed, priority: object
    ) -> None:
        if not allowed():
            raise Rejected("no longer allowed when its turn came")
        self.told.append((address, tuple(values)))
        self.values |= {unit: values[0] for unit in range(1, 10) if unit not in self.deaf}

    async def read_block(self, unit_id: int, *_question: object, **_options: object) -> bytes:
        self.reads.append(unit_id)
        if unit_id in self.silent:
            raise Unreachable("no answer in time")
        return words_data([self.values.get(unit_id, 0)])


def devices_on(line: Line, *profiles: Profile) -> list[Device]:
    return [Device(f"D{n}", line, n, profile) for n, profile in enumerate(profiles, start=1)]  # type: ignore[arg-type]


async def test_every_device_is_read_back_after_it() -> None:
    line = Line()
    line.deaf, line.silent = {2}, {3}
    outcomes = await broadcast(
        devices_on(line, HEARS, HEARS, HEARS), Quantity.DIM_LEVEL, 60, channel="1", allowed=lambda: True
    )
    assert line.told == [(16, (60,))]
    assert sorted(line.reads) == [1, 2, 3]
    assert {name: outcome.verified for name, outcome in outcomes.items()} == {"D1": True, "D2": False, "D3": False}
    assert outcomes["D2"].read_back == 0
    assert outcomes["D3"].read_back is UNKNOWN.value


async def test_a_lockout_on_the_line_stops_it_at_the_last_moment() -> None:
    line = Line()
    with pytest.raises(Rejected, match="no longer allowed"):
        await broadcast(devices_on(line, HEARS), Quantity.DIM_LEVEL, 60, channel="1", allowed=lambda: False)
    assert line.told == []


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (profile_of((LEVEL,), Limits()), "takes no broadcast"),
        (profile_of((), Limits(broadcast=True)), "has no dim_level"),
        (profile_of((replace(LEVEL, address=17),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, write_address=3),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, data_type="u32", register_count=2),), Limits(broadcast=True)), "another write"),
        (profile_of((replace(LEVEL, point_class="setting"),), Limits(broadcast=True)), "has no dim_level"),
        (profile_of((replace(LEVEL, forbidden_raw=(60,)),), Limits(broadcast=True)), "must not be written"),
        (profile_of((replace(LEVEL, write_max=50),), Limits(broadcast=True)), "takes 0 to 50"),
        (profile_of((LEVEL,), Limits(broadcast=True, functions=(3, 16))), "another write"),
    ],
)
async def test_one_device_that_would_take_it_otherwise_refuses_it_for_all(other: Profile, why: str) -> None:
    line = Line()
    with pytest.raises(Rejected, match=why):
        await broadcast(devices_on(line, HEARS, other), Quantity.DIM_LEVEL, 60, channel="1", allowed=lambda: True)
    assert line.told == []


async def test_it_goes_to_one_line_and_to_somebody() -> None:
    apart = [*devices_on(Line(), HEARS), *devices_on(Line(), HEARS)]
    for devices in ([], apart):
        with pytest.raises(Rejected, match="one line"):
            await broadcast(devices, Quantity.DIM_LEVEL, 60, channel="1", allowed=lambda: True)


@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
async def test_on_a_real_line_both_devices_hear_it_and_show_it(framing: Literal["tcp", "rtu-tcp"]) -> None:
    profile = built_in_profiles()["wb-mao4"]
    hears = replace(profile, limits=replace(profile.limits, broadcast=True))
    simulated = [SimulatedDevice(hears, unit, now_s=lambda: 100.0, seed=unit) for unit in (1, 2)]
    line = SimulatedLine("127.0.0.1", 0, framing, simulated)
    await line.start()
    bus = Bus("line", f"{framing}://127.0.0.1:{line.port}", timeout_s=5)
    try:
        devices = [Device(f"D{unit}", bus, unit, hears) for unit in (1, 2)]
        for quantity, value in ((Quantity.DIM_LEVEL, 40.0), (Quantity.OUTPUT_ON, 1.0)):
            outcomes = await broadcast(devices, quantity, value, channel="3", allowed=lambda: True)
            assert [outcome.verified for outcome in outcomes.values()] == [True, True]
            assert {device.get(quantity, "3") for device in simulated} == {value}
        before = [len(device.writes) for device in simulated]
        with pytest.raises(Rejected):
            await broadcast(devices, Quantity.DIM_LEVEL, 10.0, channel="3", allowed=lambda: False)
        assert [len(device.writes) for device in simulated] == before
    finally:
        await bus.close()
        await line.close()
