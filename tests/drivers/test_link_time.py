"""Each question has its own time, though one timer watches over all that are asked on a connection."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from drivers.errors import Unreachable
from drivers.profile import Limits
from tests.drivers.evil_line import Serve
from tests.drivers.honest import TIMEOUT_S, Join, honest

PATIENT = Limits(timeout_ms=60_000)


async def test_a_patient_question_before_it_does_not_lengthen_the_time_of_the_next(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: honest(question) if question.unit_id == 1 else None)
    bus = await join(line, timeout_s=TIMEOUT_S)
    await bus.read_registers(1, "holding", 0, 1, limits=PATIENT)
    async with asyncio.timeout(20):
        with pytest.raises(Unreachable):
            await bus.read_registers(2, "holding", 0, 1)


async def test_a_question_answered_quickly_does_not_end_the_time_of_a_patient_one(serve: Serve, join: Join) -> None:
    answers = asyncio.Event()
    line = await serve(
        lambda question: honest(question) if question.unit_id == 1 else replace(honest(question), after=answers)
    )
    bus = await join(line)
    await bus.read_registers(1, "holding", 0, 1)
    patient = asyncio.create_task(bus.read_registers(2, "holding", 7, 1, limits=PATIENT))
    await asyncio.sleep(2 * TIMEOUT_S)  # the time of the question before it is over by now
    assert not patient.done()
    answers.set()
    assert list(await patient) == [7]


async def test_a_question_of_the_same_time_after_it_is_watched_too(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: honest(question) if question.number < 5 else None)
    bus = await join(line, timeout_s=2.0)
    for _ in range(4):
        await bus.read_registers(1, "holding", 0, 1)
    async with asyncio.timeout(20):
        with pytest.raises(Unreachable, match="no answer in time"):
            await bus.read_registers(1, "holding", 0, 1)
    assert bus.counters.timeouts == 1
