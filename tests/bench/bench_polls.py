"""Device polls per second: 12 points over 60 registers, 200 connections, one core a client"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from statistics import median

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from drivers.bus import Bus
from drivers.device import Device
from drivers.profile import Failsafe, Limits, Point, Profile
from drivers.quantity import Quantity
from tests.bench.c_programs import compiled
from tests.bench.modbus_server import FastServer
from tests.bench.table import Row

CONNECTIONS = 200
ADDRESSES = (0, 3, 7, 12, 18, 23, 29, 34, 40, 47, 53, 59)
SLICE_S, ROUNDS, LARGE_ROUNDS = 0.6, 7, 21

METER = Profile(
    id="bench-meter",
    name="bench",
    maker="nobody",
    trust="community",
    sources=(),
    points=tuple(
        Point(f"p{address}", Quantity.VOLTAGE, str(address), "holding", address, "u16", scale=Fraction(1, 10))
        for address in ADDRESSES
    ),
    channels=(),
    limits=Limits(max_gap=60),  # a device that lets its gaps be read, so that one request fetches all 12
    failsafe=Failsafe(),
    vectors=(),
)

Poll = Callable[[], Awaitable[object]]
Contestant = Callable[[], Awaitable[float]]


@dataclass(slots=True)
class Duel:
    """Rates of ours and of one peer, taken in turn, so that the machine's noise falls on both."""

    ours: list[float] = field(default_factory=list)
    peer: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median of the pairs; a peer that came to nothing in its turn says nothing."""
        return median(ours / peer for ours, peer in zip(self.ours, self.peer, strict=True) if peer)


@contextmanager
def on_cores(cores: set[int] | None) -> Iterator[None]:
    """This process on these cores only, then as before."""
    before = os.sched_getaffinity(0)
    if cores:
        os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def split_cores() -> tuple[set[int] | None, set[int] | None]:
    """(of the server, of every client): a core each, so that a client with threads gets no more than an event loop."""
    cores = sorted(os.sched_getaffinity(0))
    return ({cores[0]}, {cores[1]}) if len(cores) > 1 else (None, None)


async def rate(polls: list[Poll], seconds: float = SLICE_S, clock: Callable[[], float] = time.perf_counter) -> float:
    """Polls per second of ``clock`` when every connection polls as fast as it can; the first 0.1 s is not counted."""
    done, ends = 0, time.perf_counter() + seconds + 0.1

    async def one(poll: Poll) -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await poll()
            done += 1

    tasks = [asyncio.create_task(one(poll)) for poll in polls]
    await asyncio.sleep(0.1)
    counted_from, started = done, clock()
    await asyncio.gather(*tasks)
    return (done - counted_from) / (clock() - started)


async def our_polls(port: int) -> tuple[list[Bus], list[Poll]]:
    """The buses, started, and one poll for each."""
    buses = [Bus(f"b{i}", f"tcp://127.0.0.1:{port}") for i in range(CONNECTIONS)]
    for bus in buses:
        await bus.start()
    devices = [Device(f"d{i}", bus, 1, METER) for i, bus in enumerate(buses)]
    sample = await devices[0].read()
    assert len(sample) == len(ADDRESSES)
    return buses, [device.read for device in devices]


async def bare_polls(clients: list[AsyncModbusTcpClient], *, naive: bool) -> list[Poll]:
    """What a program with pymodbus alone would do: a request a point, or one block with nothing around it."""

    def poll_of(client: AsyncModbusTcpClient) -> Poll:
        async def point_by_point() -> None:
            for address in ADDRESSES:
                await client.read_holding_registers(address, count=1, device_id=1)

        async def one_block() -> None:
            await client.read_holding_registers(0, count=60, device_id=1)

        return point_by_point if naive else one_block

    return [poll_of(client) for client in clients]


async def _told_by(program: Path, *words: object) -> float:
    """The one figure that a C program prints."""
    command = [str(each) for each in (program, *words)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    return float(done.stdout)


async def _duels(port: int, libmodbus: Path | None, load: Path | None, rounds: int) -> dict[str, Duel]:
    buses, polls = await our_polls(port)
    clients = [AsyncModbusTcpClient("127.0.0.1", port=port, retries=0) for _ in range(CONNECTIONS)]
    for client in clients:
        await client.connect()
    naive, block = await bare_polls(clients, naive=True), await bare_polls(clients, naive=False)
    peers: dict[str, Contestant] = {"naive": lambda: rate(naive), "block": lambda: rate(block)}
    if libmodbus is not None:
        peers["libmodbus points"] = lambda: _told_by(libmodbus, port, CONNECTIONS, "points", SLICE_S, *ADDRESSES)
        peers["libmodbus block"] = lambda: _told_by(libmodbus, port, CONNECTIONS, "block", SLICE_S, *ADDRESSES)
    if load is not None:
        peers["server"] = lambda: _told_by(load, port, CONNECTIONS, 60, SLICE_S)
    duels = {name: Duel() for name in peers}
    for _ in range(rounds):
        for name, peer in peers.items():
            duels[name].ours.append(await rate(polls))
            duels[name].peer.append(await peer())
    for bus in buses:
        await bus.close()
    for client in clients:
        client.close()
    return duels


_ROWS = {
    "naive": ("ours, against pymodbus point by point", "pymodbus, 12 requests", "≥ 6 ×", 6.0),
    "block": ("ours, against one bare block read", "pymodbus, 1 request, nothing around it", "≥ 0.7 ×", 0.7),
    "libmodbus points": ("ours, against libmodbus point by point", "libmodbus, 12 requests, threads", "≥ 2 ×", 2.0),
    "libmodbus block": ("ours, against libmodbus one block (limit)", "libmodbus, 1 request, threads", "", 0.0),
}


def _row(name: str, duel: Duel) -> Row:
    if name == "server":
        times, ours = 1 / duel.ratio, median(duel.ours)
        what, asked = "the server, plain frames on the same core", "not the bottleneck"
        return Row(what, median(duel.peer), "requests/s", "ours", ours, asked, times > 2, paired=times)
    what, peer_name, asked, bound = _ROWS[name]
    met = duel.ratio >= bound if asked else None
    return Row(what, median(duel.ours), "polls/s", peer_name, median(duel.peer), asked, met, paired=duel.ratio)


def run(*, large: bool = False) -> list[Row]:
    """Against the naive way, bare pymodbus and libmodbus, on the same server; Python ones on one uvloop.

    The server never sleeps, or the slower client would pay for waking it up at each request, and the faster would not.
    """
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    of_server, of_client = split_cores()
    with (
        FastServer(spins=True, cores=of_server) as server,
        compiled("libmodbus_peer", "modbus") as libmodbus,
        compiled("load") as load,
        on_cores(of_client),
    ):
        print(f"\nthe server: {server.kind}")
        duels = uvloop.run(_duels(server.port, libmodbus, load, LARGE_ROUNDS if large else ROUNDS))
    return [_row(name, duel) for name, duel in duels.items()]
