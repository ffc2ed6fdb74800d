"""Device polls per second: 12 points scattered over 60 registers, 200 connections, one event loop, one server"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections.abc import Awaitable, Callable
from fractions import Fraction

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from drivers.bus import Bus
from drivers.device import Device
from drivers.profile import Failsafe, Limits, Point, Profile
from drivers.quantity import Quantity
from tests.bench.modbus_server import WindowServer
from tests.bench.table import Row

CONNECTIONS = 200
ADDRESSES = (0, 3, 7, 12, 18, 23, 29, 34, 40, 47, 53, 59)
SECONDS = 4.0

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


async def _rate(polls: list[Callable[[], Awaitable[object]]]) -> float:
    """Polls per second when every connection polls as fast as it can; the first half second is not counted."""
    done = 0
    ends = time.perf_counter() + SECONDS + 0.5

    async def one(poll: Callable[[], Awaitable[object]]) -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await poll()
            done += 1

    tasks = [asyncio.create_task(one(poll)) for poll in polls]
    await asyncio.sleep(0.5)
    counted_from, started = done, time.perf_counter()
    await asyncio.gather(*tasks)
    return (done - counted_from) / (time.perf_counter() - started)


async def _ours(port: int) -> float:
    buses = [Bus(f"b{i}", f"tcp://127.0.0.1:{port}") for i in range(CONNECTIONS)]
    for bus in buses:
        await bus.start()
    devices = [Device(f"d{i}", bus, 1, METER) for i, bus in enumerate(buses)]
    sample = await devices[0].read()
    assert len(sample) == len(ADDRESSES)
    rate = await _rate([device.read for device in devices])
    for bus in buses:
        await bus.close()
    return rate


async def _pymodbus(port: int, *, naive: bool) -> float:
    clients = [AsyncModbusTcpClient("127.0.0.1", port=port, retries=0) for _ in range(CONNECTIONS)]
    for client in clients:
        await client.connect()

    def poll_of(client: AsyncModbusTcpClient) -> Callable[[], Awaitable[object]]:
        async def point_by_point() -> None:
            for address in ADDRESSES:
                await client.read_holding_registers(address, count=1, device_id=1)

        async def one_block() -> None:
            await client.read_holding_registers(0, count=60, device_id=1)

        return point_by_point if naive else one_block

    rate = await _rate([poll_of(client) for client in clients])
    for client in clients:
        client.close()
    return rate


async def _capacity(port: int) -> float:
    """Requests per second that the server gives to plain frames without any library: it must not be the bottleneck."""
    frame = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 0, 60)
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]

    def poll_of(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Callable[[], Awaitable[object]]:
        async def exchange() -> None:
            writer.write(frame)
            await reader.readexactly(9 + 120)

        return exchange

    rate = await _rate([poll_of(*stream) for stream in streams])
    for _, writer in streams:
        writer.close()
    return rate


def run(*, large: bool = False) -> list[Row]:
    """At least 5 × the naive way, one pymodbus request a point, on the same event loop (uvloop)."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    with WindowServer() as server:
        naive = uvloop.run(_pymodbus(server.port, naive=True))
        ours = uvloop.run(_ours(server.port))
        block = uvloop.run(_pymodbus(server.port, naive=False))
        capacity = uvloop.run(_capacity(server.port))
    return [
        Row("ours, against point by point", ours, "polls/s", "pymodbus", naive, "≥ 5 ×", ours >= 5 * naive),
        Row("ours, against one bare block read", ours, "polls/s", "pymodbus", block),
        Row("the server, plain frames", capacity, "req/s", "ours", ours, "not the bottleneck", capacity > 1.5 * ours),
    ]
