"""A line with 1 dead device of 20 beside one with 20 live ones: answered polls of the live devices"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import uvloop

from drivers.bus import Bus
from drivers.device import Device
from drivers.errors import DriverError
from drivers.profile import Profile
from drivers.profile_file import built_in_profiles
from tests.bench.modbus_server import FastServer
from tests.bench.table import Row

UNITS = 20
SPEED = 4
"""All times of the line are this much shorter than a controller's: time-out, back-off, latency, period alike."""
LATENCY_MS, TIMEOUT_S, BACKOFF_S = 20.0 / SPEED, 1.0 / SPEED, (1.0 / SPEED, 30.0 / SPEED)
PERIOD_S = 3.0 / SPEED
MEASURED_S, LARGE_S = 120.0 / SPEED, 600.0 / SPEED


@dataclass(slots=True)
class Line:
    """A bus with its devices. A poll is lost that fails, or that cannot begin as the one before still waits."""

    bus: Bus
    devices: list[Device]
    answered: int = 0
    lost: int = 0

    async def poll(self, device: Device) -> None:
        try:
            await device.read()
        except DriverError:
            self.lost += 1
        else:
            self.answered += 1


def _line(name: str, port: int, first_unit: int, profile: Profile) -> Line:
    first_s, longest_s = BACKOFF_S
    bus = Bus(
        name,
        f"tcp://127.0.0.1:{port}",
        timeout_s=TIMEOUT_S,
        backoff_first_s=first_s,
        backoff_longest_s=longest_s,
    )
    units = range(first_unit, first_unit + UNITS)
    return Line(bus, [Device(f"{name}-{unit}", bus, unit, profile, channels=("1", "2", "3", "4")) for unit in units])


async def _in_periods(line: Line, seconds: float) -> None:
    """As the controller's poller: every device when it is due, a silent one at every round, one poll a device."""
    running: dict[str, asyncio.Task[None]] = {}
    for _ in range(round(seconds / PERIOD_S)):
        for device in line.devices:
            if device.name in running and not running[device.name].done():
                line.lost += 1
                continue
            running[device.name] = asyncio.create_task(line.poll(device))
        await asyncio.sleep(PERIOD_S)
    await asyncio.wait(running.values())


async def _without_rest(line: Line, seconds: float) -> None:
    """Round after round with no time between: what a dead device costs a line that has none to spare."""
    ends = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < ends:
        await asyncio.wait([asyncio.create_task(line.poll(device)) for device in line.devices])


async def _measure(ports: list[int], silent_unit: int, seconds: float) -> list[tuple[Line, Line]]:
    """(with a dead device, all live) for each way of polling; all four lines side by side."""
    profile = built_in_profiles()["wb-mao4"]
    first_of_dead = silent_unit - UNITS // 2
    lines = [_line(f"line{at}", port, 1 if at % 2 else first_of_dead, profile) for at, port in enumerate(ports)]
    for line in lines:
        await line.bus.start()
    await asyncio.gather(
        *(_in_periods(line, seconds) for line in lines[:2]), *(_without_rest(line, seconds) for line in lines[2:])
    )
    for line in lines:
        await line.bus.close()
    return [(lines[0], lines[1]), (lines[2], lines[3])]


def _row(what: str, dead: Line, live: Line) -> Row:
    """Polls answered per live device, against those of the line on which all live."""
    ours, peer = dead.answered / (UNITS - 1), live.answered / UNITS
    lost_pct = 100 * (1 - ours / peer)
    return Row(what, lost_pct, "% lost", f"{ours:.0f} polls a live device, {peer:.0f} on the other line", None,
               "< 10 %", lost_pct < 10)  # fmt: skip


def run(*, large: bool = False) -> list[Row]:
    """Less than 10 % of the polls of the live devices lost, from the first moment on."""
    silent_unit = 2 * UNITS + 1
    with FastServer(ports=4, latency_ms=LATENCY_MS, silent_unit=silent_unit) as server:
        if not server.can:
            return []
        seconds = LARGE_S if large else MEASURED_S
        paced, full = uvloop.run(_measure(server.ports, silent_unit, seconds))
    return [_row("polled in periods, the line half busy", *paced), _row("polled without rest", *full)]
