"""Processor time of one poll of 12 points: sockets and event loop, and what stands on them"""

from __future__ import annotations

import asyncio
import logging
import signal
import struct
import time
from collections import Counter
from collections.abc import Callable
from statistics import median
from types import FrameType
from typing import cast

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from tests.bench.bench_polls import CONNECTIONS, Poll, bare_polls, on_cores, our_polls, rate, split_cores
from tests.bench.modbus_server import FastServer
from tests.bench.table import Row

SLICE_S, ROUNDS, SAMPLED_S, SAMPLE_EVERY_S = 0.5, 5, 3.0, 0.001
_QUESTION = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, 60)


class _Plain(asyncio.Protocol):
    """The least that a question and its answer cost on this loop: no library, nothing read of the answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._answer.set_result(data)

    async def ask(self) -> None:
        self._answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._transport.write(_QUESTION)
        await self._answer


async def _plain_polls(port: int) -> list[Poll]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(_Plain, "127.0.0.1", port) for _ in range(CONNECTIONS)]
    return [protocol.ask for _, protocol in made]


def _place_of(frame: FrameType) -> str:
    """Where a sample fell. A signal that came while C code ran is told at the next step of Python: the socket's write
    in ``send``, the loop's own time at the very beginning of ``data_received``.
    """
    path, name = frame.f_code.co_filename, frame.f_code.co_name
    if name in ("send", "_send") or (name == "data_received" and frame.f_lineno == frame.f_code.co_firstlineno):
        return "sockets and loop"
    if "/pymodbus/" in path:
        return "pymodbus"
    if "/drivers/" in path:
        return "codec" if path.endswith("codec.py") else "checks and queue"
    return "sockets and loop"


async def _samples(polls: list[Poll]) -> Counter[str]:
    """Where the processor was, each millisecond of its time."""
    found: Counter[str] = Counter()

    def note(_: int, frame: FrameType | None) -> None:
        if frame is not None:
            found[_place_of(frame)] += 1

    before = signal.signal(signal.SIGPROF, note)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_EVERY_S, SAMPLE_EVERY_S)
    try:
        await rate(polls, SAMPLED_S)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, cast("Callable[[int, FrameType | None], None]", before))
    return found


async def _measure(port: int, rounds: int) -> tuple[dict[str, float], Counter[str]]:
    """(median µs a poll by rung, samples of ours)."""
    buses, ours = await our_polls(port)
    clients = [AsyncModbusTcpClient("127.0.0.1", port=port, retries=0) for _ in range(CONNECTIONS)]
    for client in clients:
        await client.connect()
    rungs = {"plain": await _plain_polls(port), "pymodbus": await bare_polls(clients, naive=False), "ours": ours}
    taken: dict[str, list[float]] = {name: [] for name in rungs}
    for _ in range(rounds):
        for name, polls in rungs.items():
            taken[name].append(1e6 / await rate(polls, SLICE_S, time.process_time))
    samples = await _samples(ours)
    for bus in buses:
        await bus.close()
    for client in clients:
        client.close()
    return {name: median(each) for name, each in taken.items()}, samples


def run(*, large: bool = False) -> list[Row]:
    """All that we do on top of the sockets, codec, checks and queue among it, costs less than pymodbus itself."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    of_server, of_client = split_cores()
    with FastServer(spins=True, cores=of_server) as server, on_cores(of_client):
        cost_us, samples = uvloop.run(_measure(server.port, 3 * ROUNDS if large else ROUNDS))
    ours_us, pymodbus_us = cost_us["ours"] - cost_us["plain"], cost_us["pymodbus"] - cost_us["plain"]
    what = "ours above it: frames, checks, queue, codec"
    rows = [
        Row("the least: sockets and event loop", cost_us["plain"], "µs"),
        Row(what, ours_us, "µs", "pymodbus above it: frames", pymodbus_us, "≤ 1 ×", ours_us <= pymodbus_us),
    ]
    total = samples.total()
    shares = (Row(f"share of {name}, by samples", 100 * count / total, "%") for name, count in samples.most_common())
    return [*rows, *shares]
