"""A serial line, over a pseudo-terminal: settings, noise, and answers that come too late."""

from __future__ import annotations

import asyncio
import contextlib
import random
import termios
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from drivers.bus import Bus
from drivers.errors import Implausible, Unreachable
from drivers.profile import Limits
from tests.drivers.evil_line import Answer, Question, refusal, registers
from tests.drivers.honest import PATIENT, TIMEOUT_S, honest, until
from tests.drivers.pty_line import PtyLine, Serving, framed

ODD = termios.PARENB | termios.PARODD


def plain(question: Question) -> list[bytes]:
    return [framed(question, honest(question))]


@pytest.fixture
async def plug() -> AsyncIterator[Callable[..., PtyLine]]:
    """``plug(serving)`` gives a line; all are closed at the end of the test."""
    lines: list[PtyLine] = []

    def open_line(serving: Serving) -> PtyLine:
        lines.append(PtyLine(serving))
        return lines[-1]

    yield open_line
    for line in lines:
        line.close()


async def bus_on(line: PtyLine, settings: str = "?baud=115200", **options: float) -> Bus:
    timing = {"timeout_s": 5.0, "backoff_first_s": 0.001, "backoff_longest_s": 0.001, **options}
    bus = Bus(
        "line",
        line.url + settings,
        timeout_s=timing["timeout_s"],
        backoff_first_s=timing["backoff_first_s"],
        backoff_longest_s=timing["backoff_longest_s"],
        reconnect_longest_s=0.001,
        rng=random.Random(7),
    )
    await bus.start()
    return bus


@pytest.mark.parametrize("loop_of", ["asyncio", "uvloop"])
def test_reading_and_writing_on_every_loop(loop_of: str) -> None:
    new_loop = pytest.importorskip(loop_of, reason="uvloop is not for this platform").new_event_loop

    async def ask() -> list[int]:
        line = PtyLine(plain)
        bus = await bus_on(line)
        try:
            assert bus.is_connected, bus.counters.last_error
            assert list(await bus.read_registers(1, "holding", 100, 60)) == list(range(100, 160))
            assert list(await bus.read_registers(2, "input", 7, 1)) == [7]
            assert list(await bus.read_bits(1, "coil", 0, 10)) == [n % 3 == 0 for n in range(10)]
            await bus.write_coil(1, 5, True)
            await bus.write_coils(1, 5, [True, False, True])
            await bus.write_registers(1, 16, [60])
            await bus.write_registers(1, 16, [60, 61])
        finally:
            await bus.close()
            line.close()
        return [question.function for question in line.questions]

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(ask()) == [3, 4, 1, 5, 15, 6, 16]


@pytest.mark.parametrize(
    ("settings", "speed", "flags"),
    [
        ("", termios.B9600, termios.CS8),
        ("?baud=19200&parity=E", termios.B19200, termios.CS8 | termios.PARENB),
        (
            "?baud=4800&parity=o&stop_bits=2",
            termios.B4800,
            termios.CS8 | termios.PARENB | termios.PARODD | termios.CSTOPB,
        ),
    ],
)
async def test_the_settings_reach_the_port(
    plug: Callable[..., PtyLine], monkeypatch: pytest.MonkeyPatch, settings: str, speed: int, flags: int
) -> None:
    asked: list[list[Any]] = []
    set_terminal = termios.tcsetattr

    def set_and_note(descriptor: int, when: int, attributes: list[Any]) -> None:
        asked.append(list(attributes))
        # A pseudo-terminal has no parity, and the C library says so when nothing else is left to change.
        with contextlib.suppress(termios.error):
            set_terminal(descriptor, when, attributes)

    monkeypatch.setattr(termios, "tcsetattr", set_and_note)
    bus = await bus_on(plug(plain), settings)
    framing = termios.CSIZE | termios.PARENB | termios.PARODD | termios.CSTOPB
    assert {(attributes[2] & framing, attributes[4], attributes[5]) for attributes in asked} == {(flags, speed, speed)}
    assert list(await bus.read_registers(1, "holding", 3, 1)) == [3]
    await bus.close()


async def test_an_answer_in_pieces_and_behind_noise_is_read(plug: Callable[..., PtyLine]) -> None:
    def noisy(question: Question) -> list[bytes]:
        frame = framed(question, honest(question))
        return [b"\x00\xff", bytes([question.unit_id, 3, 200]), frame[:4], frame[4:]]

    bus = await bus_on(plug(noisy))
    assert list(await bus.read_registers(1, "holding", 10, 3)) == [10, 11, 12]
    assert list(await bus.read_registers(3, "holding", 0, 1)) == [0]
    assert bus.counters.timeouts == 0
    await bus.close()


async def test_a_spoilt_answer_is_asked_for_once_more_and_no_write_is(plug: Callable[..., PtyLine]) -> None:
    def spoilt(question: Question) -> list[bytes]:
        frame = framed(question, honest(question))
        return [frame[:-1] + bytes([frame[-1] ^ 1])] if question.number == 1 else [frame]

    line = plug(spoilt)
    bus = await bus_on(line)
    assert list(await bus.read_registers(1, "holding", 10, 3)) == [10, 11, 12]
    # The second question asks in another length, so that no rest of the first can be taken for its answer.
    assert [question.function for question in line.questions] == [3, 3, 3]
    assert bus.counters.as_dict()["garbled"] == 1
    assert bus.counters.timeouts == 0
    written = len(line.questions)

    def spoil_all(question: Question) -> list[bytes]:
        frame = framed(question, honest(question))
        return [frame[:-1] + bytes([frame[-1] ^ 1])]

    line._serving = spoil_all
    with pytest.raises(Implausible):
        await bus.write_registers(1, 16, [60])
    assert [question.function for question in line.questions[written:]] == [6]
    await bus.close()


async def test_a_late_answer_while_nobody_waits_is_forgotten(plug: Callable[..., PtyLine]) -> None:
    line = plug(lambda question: [] if question.number == 1 else plain(question))
    bus = await bus_on(line, timeout_s=TIMEOUT_S)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 100, 1)
    line.send(framed(line.questions[0], registers(100)))
    await until(lambda: bus.counters.strays > 0)
    assert list(await bus.read_registers(1, "holding", 5, 1, limits=PATIENT)) == [5]
    await bus.close()


@pytest.mark.parametrize("late", [registers(100), refusal(Question(1, b"\x03", 1, 1), 2)], ids=["value", "refusal"])
async def test_a_late_answer_that_comes_with_the_next_one_is_never_taken_for_it(
    plug: Callable[..., PtyLine], late: Answer
) -> None:
    """The device answers in order: what it held back comes right before the answer to what is asked next."""

    def holding_back(question: Question) -> list[bytes]:
        if question.number == 1:
            return []
        held_back = [framed(question, late)] if question.number == 2 else []
        return held_back + plain(question)

    line = plug(holding_back)
    bus = await bus_on(line, timeout_s=TIMEOUT_S)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 100, 1)
    await until(lambda: not bus.is_backing_off(1))
    answers: list[list[int]] = []
    while not answers:
        try:
            answers.append(list(await bus.read_registers(1, "holding", 5, 1)))
        except (Implausible, Unreachable):
            await asyncio.sleep(0.005)
    assert answers == [[5]]
    assert list(await bus.read_registers(1, "holding", 6, 1, limits=PATIENT)) == [6]
    await bus.close()


async def test_the_answer_of_another_unit_is_waited_over(plug: Callable[..., PtyLine]) -> None:
    def both(question: Question) -> list[bytes]:
        return [framed(question, Answer(registers(99).pdu, unit_id=9)), *plain(question)]

    bus = await bus_on(plug(both))
    assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]
    assert bus.counters.strays == 1
    await bus.close()


async def test_a_slow_line_gets_the_time_that_its_characters_take(plug: Callable[..., PtyLine]) -> None:
    """At 1200 baud 250 bytes take two seconds: no time-out of 0.25 s may end that."""
    ends: list[asyncio.TimerHandle] = []

    def slowly(question: Question) -> list[bytes]:
        (frame,) = plain(question)
        ends.append(asyncio.get_running_loop().call_later(0.4, line.send, frame))
        return []

    line = plug(slowly)
    bus = await bus_on(line, "?baud=1200", timeout_s=TIMEOUT_S)
    assert len(await bus.read_registers(1, "holding", 0, 125)) == 125
    await bus.close()


async def test_a_port_that_is_pulled_out_is_unreachable_and_found_again(plug: Callable[..., PtyLine]) -> None:
    line = plug(plain)
    bus = await bus_on(line, timeout_s=TIMEOUT_S)
    line.close()
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 5, 1)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 5, 1)
    await bus.close()


@pytest.mark.parametrize("device", ["/dev/no-such-port", "/dev/null"])
async def test_a_port_that_is_none_says_why(device: str) -> None:
    bus = Bus("line", f"serial://{device}")
    await bus.start()
    assert not bus.is_connected
    assert bus.counters.last_error
    with pytest.raises(Unreachable, match="connect"):
        await bus.read_registers(1, "holding", 5, 1)
    await bus.close()


async def test_a_port_that_does_not_take_the_settings_is_named_with_them(
    plug: Callable[..., PtyLine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise termios.error(22, "Invalid argument")

    monkeypatch.setattr(termios, "tcsetattr", refuse)
    line = plug(plain)
    bus = await bus_on(line, "?baud=19200&parity=E")
    assert bus.counters.last_error == f"{line.device} does not take 19200 baud, parity E, 1 stop bits: Invalid argument"
    await bus.close()


async def test_a_port_that_is_taken_is_refused(plug: Callable[..., PtyLine]) -> None:
    line = plug(plain)
    first = await bus_on(line)
    second = await bus_on(line)
    assert not second.is_connected
    await first.close()
    await second.close()


async def test_frames_keep_the_distance_of_the_line(plug: Callable[..., PtyLine]) -> None:
    line = plug(plain)
    bus = await bus_on(line, "?baud=1200")
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for unit_id in (1, 2, 3):
        await bus.read_registers(unit_id, "holding", 5, 1, limits=Limits())
    assert loop.time() - began_s >= 2 * 3.5 * 10 / 1200  # 3.5 characters of 10 bits between three frames
    await bus.close()


async def test_a_broadcast_rests_for_its_characters_and_for_the_turnaround(plug: Callable[..., PtyLine]) -> None:
    line = plug(lambda question: plain(question) if question.unit_id else [])
    bus = await bus_on(line, "?baud=1200")
    loop = asyncio.get_running_loop()
    await bus.broadcast_registers(16, [60], limits=Limits(broadcast=True), allowed=lambda: True)
    told_s = loop.time()
    assert list(await bus.read_registers(1, "holding", 3, 1)) == [3]
    assert loop.time() - told_s >= 0.2 + 8 * 10 / 1200 - 0.01
    assert [question.unit_id for question in line.questions] == [0, 1]
    await bus.close()
