"""1,000 buses of 10 circuits, 20 ms a request, drivers alone (three WB-MAO4 a bus: 4 + 4 + 2 of their outputs)"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import uvloop

from drivers.bus import Bus
from drivers.device import Device
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from tests.bench.modbus_server import FastServer
from tests.bench.peak import allow_open_files, peak_mb
from tests.bench.table import Row

BUSES, SMALL_BUSES, LATENCY_MS = 1000, 200, 20.0
OUTPUTS = {1: ("1", "2", "3", "4"), 2: ("1", "2", "3", "4"), 3: ("1", "2")}
"""Unit on each bus → the channels in use; 10 together."""
CIRCUITS = sum(len(channels) for channels in OUTPUTS.values())
POLL_S, SWITCH_S, PEAK_MB = 5.0, 15.0, 600.0
LEVEL_PCT = 40.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the measured process tells of itself. ``verified`` writes were echoed and read back as written."""

    poll_s: float
    switch_s: float
    samples: int
    verified: int
    requests: int
    peak_mb: float


async def measure(ports: list[int]) -> Found:
    """Connect, poll every device once (not counted: plans are made), poll again, switch every dimmer."""
    profile = built_in_profiles()["wb-mao4"]
    buses = [Bus(f"bus{port}", f"tcp://127.0.0.1:{port}") for port in ports]
    await asyncio.gather(*(bus.start() for bus in buses))
    devices = [
        Device(f"{bus.name}-{unit}", bus, unit, profile, channels=channels)
        for bus in buses
        for unit, channels in OUTPUTS.items()
    ]
    await asyncio.gather(*(device.read() for device in devices))
    began = time.perf_counter()
    samples = await asyncio.gather(*(device.read() for device in devices))
    polled = time.perf_counter()
    outcomes = await asyncio.gather(
        *(
            device.write(Quantity.DIM_LEVEL, channel, LEVEL_PCT)
            for device in devices
            for channel in OUTPUTS[device.unit_id]
        )
    )
    switched = time.perf_counter()
    requests = sum(bus.counters.requests for bus in buses)
    await asyncio.gather(*(bus.close() for bus in buses))
    verified = sum(outcome.verified and outcome.read_back == LEVEL_PCT for outcome in outcomes)
    return Found(polled - began, switched - polled, sum(map(len, samples)), verified, requests, peak_mb())


def rows_of(poll_s: float, switch_s: float, memory_mb: float, buses: int, whole: bool) -> list[Row]:
    """The three figures with their bounds."""
    circuits = buses * CIRCUITS
    figures = (
        (f"one full poll of {buses:,} buses", poll_s, POLL_S),
        (f"{circuits:,} dimmers: write, echo, read back", switch_s, SWITCH_S),
    )
    rows = [Row(what, s, "s", asked=f"≤ {bound_s:.0f} s", met=whole and s <= bound_s) for what, s, bound_s in figures]
    met = memory_mb < PEAK_MB
    return [*rows, Row("peak memory of the measured process", memory_mb, "MB", asked=f"< {PEAK_MB:.0f} MB", met=met)]


def buses_possible() -> int:
    """1,000, or fewer where so many sockets may not be opened (one each here, two in the server)."""
    return BUSES if allow_open_files() >= 2 * BUSES + 100 else SMALL_BUSES


def server_row(busy_share: float) -> Row:
    """How much of a core the server used while the whole was measured."""
    busy_pct = 100 * busy_share
    return Row("the server meanwhile", busy_pct, "% of core", asked="not the bottleneck", met=busy_pct < 50)


def run(*, large: bool = False) -> list[Row]:
    """One poll ≤ 5 s, 10,000 dimmers switched and read back ≤ 15 s, under 600 MB."""
    buses = buses_possible()
    with FastServer(ports=buses, latency_ms=LATENCY_MS) as server:
        if not server.can:
            return []
        before_s, began = server.cpu_s(), time.perf_counter()
        child = subprocess.run(
            [sys.executable, "-m", "tests.bench.bench_fleet"],
            input=json.dumps(server.ports),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        busy_share = (server.cpu_s() - before_s) / (time.perf_counter() - began)
    found = Found(**json.loads(child.stdout))
    print(f"\n{found.requests:,} requests in all, {found.samples:,} values a poll, {found.verified:,} writes verified")
    whole = found.verified == buses * CIRCUITS
    return [*rows_of(found.poll_s, found.switch_s, found.peak_mb, buses, whole), server_row(busy_share)]


if __name__ == "__main__":
    allow_open_files()
    print(json.dumps(asdict(uvloop.run(measure(json.load(sys.stdin))))))
