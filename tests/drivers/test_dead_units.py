"""What a silent unit may cost its line: one time-out in each back-off period, counted at the server."""

from __future__ import annotations

import asyncio
import functools

import pytest

from drivers.bus import Bus, Priority
from drivers.errors import DriverError, Unreachable
from drivers.profile import Limits
from tests.drivers.evil_line import Answer, Question, Serve, refusal
from tests.drivers.honest import PATIENT, TIMEOUT_S, Join, honest, until

FRAMINGS = pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])


def is_asked_again(bus: Bus, unit_id: int) -> bool:
    return not bus.is_backing_off(unit_id)


async def test_a_persons_first_request_in_a_back_off_is_tried_at_once_and_others_are_not(
    serve: Serve, join: Join
) -> None:
    lives = False
    line = await serve(lambda question: honest(question) if lives else None, "tcp")
    bus = await join(line, backoff_first_s=60.0, backoff_longest_s=60.0, timeout_s=0.05)

    async def asks(priority: Priority) -> str:
        try:
            await bus.read_registers(1, "holding", 5, 1, priority=priority)
        except Unreachable as error:
            return error.detail
        return "answered"

    await asks(Priority.POLL)
    assert len(line.questions) == 1
    for priority in (Priority.POLL, Priority.CONTROLLER):
        assert "left alone; asked again in " in await asks(priority)
    assert len(line.questions) == 1
    assert "left alone" not in await asks(Priority.PERSON)
    assert len(line.questions) == 2, "it was tried"
    assert "left alone; asked again in " in await asks(Priority.PERSON)
    assert len(line.questions) == 2, "once in a back-off"


async def test_a_person_finds_a_mended_unit_at_once_and_so_do_all_others(serve: Serve, join: Join) -> None:
    lives = False
    line = await serve(lambda question: honest(question) if lives else None, "tcp")
    bus = await join(line, backoff_first_s=60.0, backoff_longest_s=60.0, timeout_s=0.05)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 5, 1)
    lives = True
    assert await bus.read_registers(1, "holding", 5, 1, priority=Priority.PERSON, limits=PATIENT)
    assert await bus.read_registers(1, "holding", 5, 1, limits=PATIENT)
    assert not bus.is_backing_off(1)


@FRAMINGS
async def test_whatever_is_queued_a_dead_unit_costs_one_time_out_a_period(
    serve: Serve, join: Join, framing: str
) -> None:
    line = await serve(lambda question: honest(question) if question.unit_id == 1 else None, framing)
    bus = await join(line, backoff_first_s=0.1, backoff_longest_s=0.1, timeout_s=0.03)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    ends_s = began_s + 1.0
    answered = 0

    async def keep_asking(unit_id: int) -> None:
        nonlocal answered
        while loop.time() < ends_s:
            try:
                await bus.read_registers(unit_id, "holding", 5, 1, limits=PATIENT if unit_id == 1 else Limits())
                answered += unit_id == 1
            except Unreachable:
                await asyncio.sleep(0.001)

    async def keep_writing(unit_id: int) -> None:
        while loop.time() < ends_s:
            try:
                await bus.write_registers(unit_id, 5, [1])
            except Unreachable:
                await asyncio.sleep(0.001)

    await asyncio.gather(*[keep_asking(2) for _ in range(10)], *[keep_writing(2) for _ in range(10)], keep_asking(1))

    def asked() -> int:
        return sum(question.unit_id == 2 for question in line.questions)

    await until(lambda: asked() == bus.counters.units[2].timeouts)
    # A period is a time-out and at least 0.8 of the back-off after it; twenty callers ask all the time.
    assert 2 <= asked() <= 1 + (loop.time() - began_s) / (0.03 + 0.08)
    assert answered > 10


async def test_a_line_with_one_dead_of_twenty_loses_little(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: None if question.unit_id == 7 else honest(question))
    bus = await join(line, backoff_first_s=1000.0, backoff_longest_s=1000.0, timeout_s=0.05)
    polls = [
        bus.read_registers(unit_id, "holding", 0, 2, limits=Limits() if unit_id == 7 else PATIENT)
        for _ in range(50)
        for unit_id in range(1, 21)
    ]
    outcomes = await asyncio.gather(*polls, return_exceptions=True)
    assert sum(isinstance(outcome, Unreachable) for outcome in outcomes) == 50  # its own, and no other
    assert sum(question.unit_id == 7 for question in line.questions) == 1


@FRAMINGS
async def test_a_gateway_that_closes_for_a_dead_unit_costs_the_others_nothing(
    serve: Serve, join: Join, framing: str
) -> None:
    line = await serve(lambda question: Answer(close=True) if question.unit_id == 7 else honest(question), framing)
    bus = await join(line, backoff_first_s=1000.0)
    polls = [bus.read_registers(unit_id, "holding", 0, 2) for _ in range(5) for unit_id in range(1, 21)]
    outcomes = await asyncio.gather(*polls, return_exceptions=True)
    assert sum(isinstance(outcome, Unreachable) for outcome in outcomes) == 5  # its own, and no other
    # Twice: the first time it may have been the old connection that ended.
    assert sum(question.unit_id == 7 for question in line.questions) == 2
    assert line.connections == 3


async def test_a_line_of_dead_units_that_close_is_no_dead_line(serve: Serve, join: Join) -> None:
    """Ten of twenty, one after the other; once they are known, nobody waits for them."""
    line = await serve(lambda question: Answer(close=True) if 7 <= question.unit_id <= 16 else honest(question))
    bus = await join(line, backoff_first_s=0.001, backoff_longest_s=0.001, reconnect_longest_s=0.0)
    for _ in range(2):
        for unit_id in range(1, 21):
            await until(functools.partial(is_asked_again, bus, unit_id))
            try:
                await bus.read_registers(unit_id, "holding", 0, 2)
            except Unreachable:
                assert 7 <= unit_id <= 16


async def test_a_gateway_that_closes_whoever_is_asked_for_is_left_alone(serve: Serve, join: Join) -> None:
    line = await serve(lambda _: Answer(close=True))
    bus = await join(line, backoff_first_s=1000.0, reconnect_longest_s=1000.0)
    bus._wire._connecting._first_s = 1000.0
    for unit_id in range(1, 21):
        with pytest.raises(Unreachable):
            await bus.read_registers(unit_id, "holding", 0, 2)
    assert len(line.questions) == 3


async def test_a_read_over_which_an_old_connection_ends_is_asked_again_and_a_write_is_not(
    serve: Serve, join: Join
) -> None:
    """As where a gateway forgets connections that were idle; nobody is held to be silent for that."""
    line = await serve(lambda question: Answer(close=True) if question.number in (2, 4) else honest(question))
    bus = await join(line, backoff_first_s=1000.0, reconnect_longest_s=1000.0)
    await bus.read_registers(1, "holding", 4, 1)
    assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]
    with pytest.raises(Unreachable):
        await bus.write_registers(1, 5, [1])
    await bus.write_registers(1, 5, [1])
    assert [question.function for question in line.questions] == [3, 3, 3, 6, 6]
    assert bus.counters.units[1].repeated == 1


@pytest.mark.parametrize("code", [0x0A, 0x0B])
async def test_a_gateway_that_says_silent_is_believed_and_left_alone(serve: Serve, join: Join, code: int) -> None:
    line = await serve(lambda question: refusal(question, code) if question.unit_id == 2 else honest(question))
    bus = await join(line, backoff_first_s=1000, backoff_longest_s=1000)
    with pytest.raises(Unreachable, match=f"exception {code}"):
        await bus.read_registers(2, "holding", 0, 1)
    for _ in range(4):
        with pytest.raises(Unreachable, match=r"asked again in \d{3,4} s"):
            await bus.read_registers(2, "holding", 0, 1)
    assert len(line.questions) == 1
    assert list(await bus.read_registers(1, "holding", 4, 1)) == [4]
    assert bus.counters.units[2].exceptions == {code: 1}


async def test_a_connection_on_which_nothing_answers_any_more_is_made_anew(serve: Serve, join: Join) -> None:
    """Half open: the peer forgot the connection, and the packets of ours go nowhere."""
    line = await serve(lambda question: None if question.connection == 1 and question.number > 1 else honest(question))
    bus = await join(line, timeout_s=0.02, reconnect_longest_s=0.0)
    await bus.read_registers(4, "holding", 4, 1, limits=PATIENT)
    for unit_id in (1, 2, 3):
        with pytest.raises(Unreachable):
            await bus.read_registers(unit_id, "holding", 0, 1)
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(4, "holding", 4, 1, limits=PATIENT)) == [4]
    assert bus.counters.reconnects == 1


async def test_silence_of_some_does_not_cut_the_others_off(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: honest(question) if question.unit_id < 3 else None)
    bus = await join(line, timeout_s=0.02, backoff_first_s=1000)
    await bus.read_registers(1, "holding", 4, 1, limits=PATIENT)
    for unit_id in (3, 4, 1, 5, 6, 2, 7, 8, 1):
        try:
            await bus.read_registers(unit_id, "holding", 4, 1, limits=PATIENT if unit_id < 3 else Limits())
        except Unreachable:
            assert unit_id >= 3
    assert bus.counters.reconnects == 0
    assert line.connections == 1


async def test_a_gateway_that_hands_late_answers_to_the_new_connection_fools_nobody(serve: Serve, join: Join) -> None:
    """A transparent serial server gives what comes from its line to whoever is connected then."""
    held_back: list[Question] = []

    def transparent(question: Question) -> Answer | None:
        if question.number == 1:
            held_back.append(question)
            return None
        if held_back:
            late = honest(held_back.pop())
            line.also_send(question, late)
        return honest(question)

    line = await serve(transparent, "rtu-tcp")
    bus = await join(line, timeout_s=TIMEOUT_S, reconnect_longest_s=0.0)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 100, 1)
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(1, "holding", 5, 1, limits=PATIENT)) == [5]
    assert list(await bus.read_registers(1, "holding", 6, 1, limits=PATIENT)) == [6]
    assert line.connections == 2
    assert bus.counters.strays == 1


@FRAMINGS
async def test_a_unit_that_is_always_late_never_gives_a_wrong_value(serve: Serve, join: Join, framing: str) -> None:
    """Each answer comes with the next question, whatever that is."""
    kept: list[Question] = []

    def behind(question: Question) -> Answer | None:
        if kept:
            line.also_send(question, honest(kept.pop()))
        kept.append(question)
        return None

    line = await serve(behind, framing)
    bus = await join(line, timeout_s=0.05, backoff_longest_s=0.001, reconnect_longest_s=0.0)
    for address in range(12):
        await until(lambda: not bus.is_backing_off(1))
        try:
            got = list(await bus.read_registers(1, "holding", address, 1))
        except DriverError:
            continue
        assert got == [address]
