"""Lines that are as wrong as a test wants them."""

from __future__ import annotations

import random
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest

from drivers.bus import Bus
from drivers.device import Device
from drivers.profile import Profile
from tests.drivers.board import Board, Registers
from tests.drivers.evil_line import Answering, EvilLine, Serve
from tests.drivers.honest import Join


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """``await serve(answering, framing="tcp", security=None)`` opens a line; all are closed at the end of the test."""
    lines: list[EvilLine] = []

    async def open_line(answering: Answering, framing: str = "tcp", security: ssl.SSLContext | None = None) -> EvilLine:
        line = EvilLine(framing, answering, security=security)
        await line.open()
        lines.append(line)
        return line

    yield open_line
    for line in lines:
        await line.close()


@pytest.fixture
async def join() -> AsyncIterator[Join]:
    """``await join(line)`` gives a started bus on a line; all are closed at the end of the test."""
    buses: list[Bus] = []

    async def open_bus(line: EvilLine, **options: Any) -> Bus:
        settings: dict[str, Any] = {
            "timeout_s": 5.0,  # for lines that answer; TIMEOUT_S for those that do not
            "backoff_first_s": 0.001,
            "busy_pause_s": 0.001,
            **options,
        }
        bus = Bus("line", line.url, rng=random.Random(7), **settings)
        buses.append(bus)
        await bus.start()
        return bus

    yield open_bus
    for bus in buses:
        await bus.close()


@pytest.fixture
def device_registers() -> Registers:
    return Registers()


@pytest.fixture
async def board(serve: Serve, device_registers: Registers) -> AsyncIterator[Board]:
    """``await board(profile)`` puts a device of that profile on a line of its own, answered by ``device_registers``."""
    buses: list[Bus] = []

    async def build(profile: Profile, **options: Any) -> Device:
        line: EvilLine = await serve(device_registers)
        bus = Bus("line", line.url, timeout_s=0.2, backoff_first_s=0.001)
        buses.append(bus)
        await bus.start()
        return Device("device", bus, 1, profile, **options)

    yield build
    for bus in buses:
        await bus.close()
