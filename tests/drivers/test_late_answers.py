"""Late answers on a line that shows no ids: whatever a device holds back, none is taken for the answer to another."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import wire
from drivers.bus import Bus
from drivers.bus_counters import BusCounters
from drivers.errors import DriverError, Rejected, Unreachable
from drivers.frames import RtuFrames
from drivers.late_answers import LateAnswers
from drivers.link import Link, NoAnswer
from drivers.profile import Limits
from drivers.questions import Question, Shape, coils_question, read_question, registers_question
from tests.drivers.evil_line import Answer, Serve, crc16, refusal
from tests.drivers.evil_line import Question as Asked
from tests.drivers.honest import PATIENT, TIMEOUT_S, Join, honest, until
from tests.effort import examples

LIMITS = Limits()
QUESTIONS = st.one_of(
    st.builds(
        lambda table, address, count: read_question(1, table, address, count, LIMITS),
        st.sampled_from(["coil", "discrete", "holding", "input"]),
        st.integers(0, 65000),
        st.integers(1, 125),
    ),
    st.builds(lambda address: registers_question(1, address, [7], LIMITS), st.integers(0, 65535)),
    st.builds(lambda address: coils_question(1, address, [True], LIMITS), st.integers(0, 65535)),
)


@given(st.lists(QUESTIONS, min_size=1, max_size=4), QUESTIONS)
def test_a_parting_question_looks_like_none_before_and_changes_nothing(
    earlier: list[Question], later: Question
) -> None:
    late = LateAnswers()
    for question in earlier:
        late.expect(question)
    probe = late.parting_question(1, later.shape, LIMITS, ())
    assert probe is not None
    assert probe.is_read
    assert probe.address + probe.count <= 65536
    if len(earlier) < 4:
        assert probe.shape not in {question.shape for question in [*earlier, later]}


def test_a_device_without_a_function_to_read_cannot_be_parted_from() -> None:
    late = LateAnswers()
    late.expect(registers_question(1, 5, [7], LIMITS))
    assert late.parting_question(1, (16, 5), Limits(functions=(6, 16)), ()) is None


def test_what_was_answered_before_is_asked_first() -> None:
    late = LateAnswers()
    late.expect(read_question(1, "holding", 648, 4, LIMITS))
    known = read_question(1, "input", 3, 2, LIMITS)
    assert late.parting_question(1, (3, 10), LIMITS, (None, known)) is known


@dataclass(slots=True)
class Device:
    """Answers in the order in which it was asked, when and how a test decides, and each question at most once.

    Stands where a link does. ``given`` is the number of the question whose answer was taken last.
    """

    decide: Callable[[int], int]
    refuses: Callable[[Question], bool]
    is_open: bool = True
    tells_apart: bool = False
    gap_s: float = 0.0
    asked: int = 0
    given: int = 0
    held: list[tuple[int, Question]] = field(default_factory=list)
    frames: RtuFrames = field(default_factory=lambda: RtuFrames(BusCounters()))

    async def ask(self, question: Question, timeout_s: float, late: Collection[Shape] = ()) -> bytes:
        self.asked += 1
        self.held.append((self.asked, question))
        for _ in range(self.decide(len(self.held))):
            number, earlier = self.held.pop(0)
            if self.decide(3) == 0:
                continue  # it never answers this one
            body = bytes([1]) + self._answer(earlier)
            _, pdu = self.frames.take(body + crc16(body), question, late)
            if pdu is not None:
                self.given = number
                return pdu
        raise NoAnswer(heard=False)

    def _answer(self, question: Question) -> bytes:
        asked = Asked(1, question.pdu, 1, 1)
        return refusal(asked, 2).pdu if self.refuses(question) else honest(asked).pdu

    async def drain(self) -> None: ...

    def close(self) -> None: ...


def bus_with(device: Device) -> Bus:
    bus = Bus("line", "serial:///dev/none", backoff_first_s=0.0, backoff_longest_s=0.0, rng=random.Random(7))
    bus._wire.link = cast("Link", device)
    return bus


async def one_request(bus: Bus, device: Device, address: int, count: int, *, writes: bool) -> bool:
    """Whether something was believed; what is, belongs to the very question that was asked last."""
    with contextlib.suppress(DriverError):
        try:
            if writes:
                await bus.write_registers(1, address, [7])
            else:
                assert list(await bus.read_registers(1, "holding", address, count)) == list(
                    range(address, address + count)
                )
        except Rejected:
            assert device.given == device.asked
            raise
        assert device.given == device.asked
        return True
    return False


REQUESTS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=examples(200), deadline=None)
@given(REQUESTS, st.randoms(use_true_random=False), st.sampled_from([0.0, 0.3, 0.7]))
def test_nothing_late_is_ever_believed(
    requests: list[tuple[int, int, bool]], dice: random.Random, refused_part: float
) -> None:
    device = Device(lambda most: dice.randint(0, most), lambda _: dice.random() < refused_part)

    async def ask_all() -> None:
        bus = bus_with(device)
        for address, count, writes in requests:
            await one_request(bus, device, address, count, writes=writes)

    asyncio.run(ask_all())


@settings(max_examples=examples(100), deadline=None)
@given(REQUESTS, st.randoms(use_true_random=False))
def test_a_device_that_refuses_all_but_what_is_asked_of_it_is_read_again(
    requests: list[tuple[int, int, bool]], dice: random.Random
) -> None:
    """Whatever was before: a parting question that is refused must not shut a living device out."""
    device = Device(lambda most: dice.randint(0, most), lambda _: dice.random() < 0.5)

    async def ask_all() -> bool:
        bus = bus_with(device)
        for address, count, writes in requests:
            await one_request(bus, device, address, count, writes=writes)
        device.held.clear()
        device.decide = lambda most: most
        device.refuses = lambda question: (question.function, question.address, question.count) != (3, 2, 2)
        late = bus._unit(1).late
        late.quiet_until_s = min(late.quiet_until_s, asyncio.get_running_loop().time())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wire, "LONGEST_LATE_S", 0.0)  # as if that much time went by
            return any([await one_request(bus, device, 2, 2, writes=False) for _ in range(4)])

    assert asyncio.run(ask_all())


@pytest.mark.parametrize("framing", ["rtu-tcp", "tcp"])
@pytest.mark.parametrize("code", [1, 2, 3, 4, 6])
async def test_a_late_refusal_does_not_part(serve: Serve, join: Join, framing: str, code: int) -> None:
    """It comes while the parting question is out, and the answer to that while the next one is."""
    held: list[tuple[Asked, Any]] = []

    def one_behind(question: Asked) -> Answer | None:
        """From the second question on, each gets the answer of the one before; from the fourth on all that is due."""
        answer = refusal(question, code) if question.number == 2 else honest(question)
        if question.number == 1:
            return Answer(answer.pdu, transaction_id=0)
        held.append((question, Answer(answer.pdu, transaction_id=0)))
        if question.number == 2:
            return None
        while len(held) > (question.number < 5):
            line.also_send(question, held.pop(0)[1])
        return None

    line = await serve(one_behind, framing)
    bus = await join(line, timeout_s=TIMEOUT_S, backoff_longest_s=0.001, reconnect_longest_s=0.0)
    assert list(await bus.read_registers(1, "holding", 30, 1, limits=PATIENT)) == [30]
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 648, 4)
    got: list[int] = []
    while not got:
        await until(lambda: not bus.is_backing_off(1))
        with contextlib.suppress(Unreachable):
            got = list(await bus.read_registers(1, "holding", 8, 1))
    assert got == [8]
