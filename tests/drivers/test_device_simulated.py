"""Every device type against its simulation, which has a codec and a framing of its own."""

from __future__ import annotations

import time
from typing import Literal

import pytest

from drivers.bus import Bus
from drivers.device import Device
from drivers.profile import Profile
from drivers.profile_file import built_in_profiles
from drivers.quantity import MANY, Quantity
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice

PROFILES = built_in_profiles()
LIVE = {Quantity.DIM_LEVEL: 61.0, Quantity.OUTPUT_ON: 1.0, Quantity.RELAY_CLOSED: 1.0}


class FastClock:
    """Site seconds in which a ramp takes no time to speak of, until they stand still to be compared."""

    SPEED = 1000.0

    def __init__(self) -> None:
        self._begun_s = time.monotonic()
        self._stopped_at_s: float | None = None

    def __call__(self) -> float:
        if self._stopped_at_s is not None:
            return self._stopped_at_s
        return 100.0 + (time.monotonic() - self._begun_s) * self.SPEED

    def stop(self) -> None:
        self._stopped_at_s = self()


@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
async def test_every_point_reads_as_simulated_and_every_output_is_written(
    profile: Profile, framing: Literal["tcp", "rtu-tcp"]
) -> None:
    clock = FastClock()
    simulated = SimulatedDevice(profile, 7, now_s=clock, seed=3)
    line = SimulatedLine("127.0.0.1", 0, framing, [simulated])
    await line.start()
    bus = Bus("line", f"{framing}://127.0.0.1:{line.port}", timeout_s=5)
    device = Device("device", bus, 7, profile, time_scale=FastClock.SPEED)
    try:
        outputs = [point for point in profile.points if point.writable and point.point_class == "live"]
        for point in outputs:
            outcome = await device.write(point.quantity, point.channel, LIVE[point.quantity])
            assert outcome.verified
            step = float(point.scale) / 2 if point.data_type != "bit" else 0.0
            assert simulated.get(point.quantity, point.channel) == pytest.approx(LIVE[point.quantity], rel=0, abs=step)
        assert len(simulated.writes) == len(outputs)
        clock.stop()
        readable = [point for point in profile.points if point.readable and point.quantity not in MANY]
        samples = await device.read(readable)
        for point in readable:
            expected = simulated.get(point.quantity, point.channel)
            value = samples[point.name].value
            if isinstance(expected, float | int):
                assert value == pytest.approx(expected, rel=1e-6, abs=float(abs(point.scale)))
            else:
                assert value == (expected or value)
    finally:
        await bus.close()
        await line.close()
