"""What several tests of the bus need: an honest device, a started bus, and waiting for what must come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from drivers.bus import Bus
from drivers.profile import Limits
from tests.drivers.evil_line import Answer, Question, bits, echo, registers

TIMEOUT_S = 0.25
"""For a line that is to be silent; one that answers gets seconds, so that a busy machine fails no test."""
PATIENT = Limits(timeout_ms=10_000)
"""For a question on a line with a short time-out that is answered all the same."""
Join = Callable[..., Awaitable[Bus]]


def honest(question: Question) -> Answer:
    """A device whose register holds its own address."""
    if question.function in (3, 4):
        return registers(*range(question.address, question.address + question.count), function=question.function)
    if question.function in (1, 2):
        return bits(*[n % 3 == 0 for n in range(question.count)], function=question.function)
    return echo(question)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come; a test's own time limit ends it otherwise."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.002)
