"""What is asked again, how often, and what never is."""

from __future__ import annotations

import asyncio

import pytest

from drivers.errors import DriverError, Implausible, Rejected, Unreachable
from tests.drivers.evil_line import Answer, Question, Serve, crc16, refusal
from tests.drivers.honest import TIMEOUT_S, Join, honest, until

BUSY, ACKNOWLEDGE = 6, 5


@pytest.mark.parametrize("is_write", [False, True])
async def test_busy_is_asked_again_without_blame(serve: Serve, join: Join, is_write: bool) -> None:
    line = await serve(lambda question: refusal(question, BUSY) if question.number < 4 else honest(question))
    bus = await join(line, backoff_first_s=1000)
    if is_write:
        await bus.write_registers(1, 5, [7])
    else:
        assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]
    assert len(line.questions) == 4
    assert bus.counters.exceptions == {BUSY: 3}
    assert bus.counters.units[1].repeated == 3
    assert not bus.is_backing_off(1)


async def test_busy_for_ever_ends_and_leaves_no_mark(serve: Serve, join: Join) -> None:
    is_busy = True
    line = await serve(lambda question: refusal(question, BUSY) if is_busy else honest(question))
    bus = await join(line, backoff_first_s=1000)
    with pytest.raises(Unreachable, match="busy"):
        await bus.write_coil(1, 5, True)
    assert len(line.questions) == 4
    assert not bus.is_backing_off(1)
    is_busy = False
    await bus.write_coil(1, 5, True)


async def test_while_one_is_busy_the_others_have_the_line(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: refusal(question, BUSY) if question.unit_id == 2 else honest(question))
    bus = await join(line, busy_pause_s=0.05)
    busy = asyncio.create_task(bus.read_registers(2, "holding", 0, 1))
    await until(lambda: len(line.questions) == 1)
    for n in range(10):
        await bus.read_registers(1, "holding", n, 1)
    assert [question.unit_id for question in line.questions[1:11]] == [1] * 10
    with pytest.raises(Unreachable):
        await busy


async def test_a_lockout_stops_the_second_try_of_a_busy_write(serve: Serve, join: Join) -> None:
    allowed = True

    def lock(question: Question) -> Answer:
        nonlocal allowed
        allowed = False
        return refusal(question, BUSY)

    line = await serve(lock)
    bus = await join(line)
    with pytest.raises(Rejected, match="no longer allowed"):
        await bus.write_registers(1, 5, [7], allowed=lambda: allowed)
    assert len(line.questions) == 1


async def test_what_is_acknowledged_is_not_written_twice(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: refusal(question, ACKNOWLEDGE))
    bus = await join(line, backoff_first_s=1000)
    with pytest.raises(Unreachable, match="has begun"):
        await bus.write_registers(1, 5, [7])
    assert len(line.questions) == 1
    assert not bus.is_backing_off(1)


def spoilt(question: Question, framing: str) -> Answer:
    """An answer that cannot be read: a wrong checksum, or no Modbus header."""
    body = bytes([question.unit_id]) + honest(question).pdu
    if framing == "tcp":
        return Answer(frame=b"\x00\x01\x00\x07\x00\x05" + body)
    return Answer(frame=body + bytes(byte ^ 1 for byte in crc16(body)))


@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
async def test_a_read_spoilt_once_is_read_and_one_spoilt_twice_is_not_believed(
    serve: Serve, join: Join, framing: str
) -> None:
    spoilt_until = 1
    line = await serve(
        lambda question: spoilt(question, framing) if question.number <= spoilt_until else honest(question), framing
    )
    bus = await join(line, reconnect_longest_s=0.0)
    assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]
    assert bus.counters.timeouts == 0
    spoilt_until = 1000
    seen = len(line.questions)
    with pytest.raises(Implausible):
        await bus.read_registers(1, "holding", 5, 1)
    assert len(line.questions) - seen == 2


@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
async def test_a_write_whose_echo_is_spoilt_is_not_sent_twice(serve: Serve, join: Join, framing: str) -> None:
    line = await serve(lambda question: spoilt(question, framing), framing)
    bus = await join(line)
    with pytest.raises(DriverError):
        await bus.write_registers(1, 5, [7])
    assert [question.function for question in line.questions] == [6]


async def test_a_time_out_is_never_tried_again(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: None)
    bus = await join(line, timeout_s=TIMEOUT_S, backoff_first_s=1000)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 5, 1)
    assert len(line.questions) == 1
