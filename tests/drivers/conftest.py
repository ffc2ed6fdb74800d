"""Lines that are as wrong as a test wants them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.drivers.evil_line import Answering, EvilLine, Serve


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """``await serve(answering, framing="tcp")`` opens a line; all are closed at the end of the test."""
    lines: list[EvilLine] = []

    async def open_line(answering: Answering, framing: str = "tcp") -> EvilLine:
        line = EvilLine(framing, answering)
        await line.open()
        lines.append(line)
        return line

    yield open_line
    for line in lines:
        await line.close()
