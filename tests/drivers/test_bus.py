"""A line believes no answer that does not fit its question, and lets no device hold up the others."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from drivers.bus import Bus, Priority
from drivers.errors import DriverError, Implausible, Rejected, Unreachable
from drivers.profile import Limits
from tests.drivers.evil_line import Answer, Question, Serve, bits, refusal, registers
from tests.drivers.honest import PATIENT, TIMEOUT_S, Join, honest, until

FRAMINGS = pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])


@FRAMINGS
async def test_every_kind_of_request_and_its_answer(serve: Serve, join: Join, framing: str) -> None:
    line = await serve(honest, framing)
    bus = await join(line)
    assert bus.is_connected
    assert list(await bus.read_registers(1, "holding", 100, 3)) == [100, 101, 102]
    assert list(await bus.read_registers(1, "input", 7, 1)) == [7]
    assert list(await bus.read_bits(1, "coil", 0, 10)) == [n % 3 == 0 for n in range(10)]
    assert list(await bus.read_bits(1, "discrete", 0, 8)) == [n % 3 == 0 for n in range(8)]
    await bus.write_coil(1, 5, True)
    await bus.write_registers(1, 16, [60])
    await bus.write_registers(1, 16, [60, 61])
    assert [question.function for question in line.questions] == [3, 4, 1, 2, 5, 6, 16]
    assert bus.counters.answers == 7
    assert bus.counters.round_trip_ms > 0


WRONG: dict[str, Callable[[Question], Answer]] = {
    "fewer registers": lambda question: registers(1, function=3),
    "more registers": lambda question: registers(1, 2, 3, 4, 5, function=3),
    "another function": lambda question: registers(1, 2, 3, function=4),
    "bits for registers": lambda question: bits(True, function=1),
    "a function of no one": lambda question: Answer(bytes([0x63, 1, 2])),
    "half a register": lambda question: Answer(bytes([3, 5, 0, 1, 0, 2, 0])),
    "a byte count that lies": lambda question: Answer(bytes([3, 8, 0, 1, 0, 2, 0, 3])),
    "an exception to another function": lambda question: Answer(bytes([0x84, 2])),
    "nothing but a function": lambda question: Answer(bytes([3])),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
@FRAMINGS
async def test_an_answer_to_another_question_is_not_believed(
    serve: Serve, join: Join, framing: str, wrong: Callable[[Question], Answer]
) -> None:
    is_wrong = True
    line = await serve(lambda question: wrong(question) if is_wrong else honest(question), framing)
    bus = await join(line, timeout_s=TIMEOUT_S)
    with pytest.raises((Implausible, Unreachable)) as caught:
        await bus.read_registers(1, "holding", 10, 3)
    assert isinstance(caught.value, Implausible) or framing == "rtu-tcp"  # RTU cannot tell noise from no answer
    is_wrong = False
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(1, "holding", 10, 3, limits=PATIENT)) == [10, 11, 12]


@FRAMINGS
async def test_the_answer_of_another_unit_is_not_believed(serve: Serve, join: Join, framing: str) -> None:
    line = await serve(lambda question: Answer(honest(question).pdu, unit_id=9), framing)
    bus = await join(line, timeout_s=TIMEOUT_S)
    with pytest.raises(DriverError):
        await bus.read_registers(1, "holding", 10, 3)


@pytest.mark.parametrize(
    "echoed",
    [bytes([6, 0, 16, 0, 61]), bytes([6, 0, 17, 0, 60]), bytes([5, 0, 16, 0, 0]), bytes([16, 0, 16, 0, 1])],
    ids=["another value", "another address", "another function", "the other write function"],
)
async def test_a_wrong_echo_is_no_success(serve: Serve, join: Join, echoed: bytes) -> None:
    line = await serve(lambda question: Answer(echoed))
    bus = await join(line)
    with pytest.raises(Implausible):
        await bus.write_registers(1, 16, [60])
    assert bus.counters.implausible == 1


async def test_a_wrong_echo_of_a_coil_or_of_several_registers_is_no_success(serve: Serve, join: Join) -> None:
    line = await serve(
        lambda question: Answer(bytes([5, 0, 3, 0, 0]) if question.function == 5 else bytes([16, 0, 0, 0, 1]))
    )
    bus = await join(line)
    with pytest.raises(Implausible):
        await bus.write_coil(1, 3, True)
    with pytest.raises(Implausible):
        await bus.write_registers(1, 0, [1, 2])


async def test_a_late_answer_on_rtu_framing_is_never_taken_for_the_next(serve: Serve, join: Join) -> None:
    late = asyncio.Event()

    def answering(question: Question) -> Answer:
        answer = honest(question)
        return Answer(answer.pdu, after=late) if question.number == 1 else answer

    line = await serve(answering, "rtu-tcp")
    bus = await join(line, timeout_s=TIMEOUT_S)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 100, 1)
    late.set()  # the bytes of register 100 are on their way while register 5 is asked for
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(1, "holding", 5, 1, limits=PATIENT)) == [5]
    assert line.connections == 2
    assert bus.counters.timeouts == 1
    assert bus.counters.reconnects == 1


async def test_a_late_answer_of_a_gateway_without_transaction_ids_is_never_taken_for_the_next(
    serve: Serve, join: Join
) -> None:
    late = asyncio.Event()

    def answering(question: Question) -> Answer:
        pdu = honest(question).pdu
        return Answer(pdu, transaction_id=0, after=late if question.number == 2 else None)

    line = await serve(answering)
    bus = await join(line, timeout_s=TIMEOUT_S)
    assert list(await bus.read_registers(1, "holding", 1, 1, limits=PATIENT)) == [1]
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 100, 1)
    late.set()
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(1, "holding", 5, 1, limits=PATIENT)) == [5]
    assert line.connections == 2


async def test_real_modbus_tcp_keeps_its_connection_over_a_late_answer(serve: Serve, join: Join) -> None:
    late = asyncio.Event()

    def answering(question: Question) -> Answer:
        return Answer(honest(question).pdu, after=late if question.number == 2 else None)

    line = await serve(answering)
    bus = await join(line, timeout_s=TIMEOUT_S)
    await bus.read_registers(1, "holding", 1, 1)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 100, 1)
    late.set()
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(1, "holding", 5, 1, limits=PATIENT)) == [5]
    assert line.connections == 1


async def test_a_request_that_is_cancelled_leaves_no_answer_for_the_next(serve: Serve, join: Join) -> None:
    late = asyncio.Event()

    def answering(question: Question) -> Answer:
        return Answer(honest(question).pdu, after=late if question.number == 1 else None)

    line = await serve(answering, "rtu-tcp")
    bus = await join(line, timeout_s=10)
    asking = asyncio.create_task(bus.read_registers(1, "holding", 100, 1))
    await until(lambda: len(line.questions) == 1)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    late.set()
    assert list(await bus.read_registers(1, "holding", 5, 1)) == [5]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (1, Rejected),
        (2, Rejected),
        (3, Rejected),
        (4, Unreachable),
        (5, Unreachable),
        (6, Unreachable),
        (8, Rejected),
        (10, Unreachable),
        (11, Unreachable),
    ],
)
async def test_exceptions_say_whether_to_try_again(
    serve: Serve, join: Join, code: int, error: type[DriverError]
) -> None:
    line = await serve(lambda question: refusal(question, code))
    bus = await join(line)
    with pytest.raises(error) as caught:
        await bus.read_registers(3, "holding", 0, 1)
    assert type(caught.value) is error
    assert (caught.value.bus, caught.value.unit_id) == ("line", 3)
    if isinstance(caught.value, Rejected):
        assert caught.value.exception_code == code
    assert bus.counters.exceptions == {code: 4 if code in (5, 6) else 1}


async def test_a_dead_unit_costs_one_time_out_and_its_neighbour_is_read(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: honest(question) if question.unit_id == 1 else None)
    bus = await join(line, timeout_s=TIMEOUT_S, backoff_first_s=1000, backoff_longest_s=1000)
    asked = [bus.read_registers(2, "holding", n, 1) for n in range(20)]
    asked += [bus.read_registers(1, "holding", n, 1) for n in range(20)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(answer, Unreachable) for answer in answers[:20])
    assert [list(answer) for answer in answers[20:] if not isinstance(answer, BaseException)] == [
        [n] for n in range(20)
    ]
    assert bus.counters.timeouts == 1
    assert sum(question.unit_id == 2 for question in line.questions) == 1
    assert bus.is_backing_off(2)
    assert not bus.is_backing_off(1)
    with pytest.raises(Unreachable):
        await bus.write_registers(2, 0, [1])
    assert sum(question.unit_id == 2 for question in line.questions) == 1


async def test_a_unit_that_comes_back_is_forgiven(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: None if question.number <= 2 else honest(question))
    bus = await join(line, timeout_s=TIMEOUT_S)
    for _ in range(2):
        await until(lambda: not bus.is_backing_off(1))
        with pytest.raises(Unreachable):
            await bus.read_registers(1, "holding", 0, 1)
    await until(lambda: not bus.is_backing_off(1))
    assert list(await bus.read_registers(1, "holding", 4, 1, limits=PATIENT)) == [4]


async def test_the_fault_of_one_register_does_not_make_a_living_unit_absent(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: refusal(question, 4) if question.address == 9 else honest(question))
    bus = await join(line, backoff_first_s=1000)
    await bus.read_registers(1, "holding", 0, 1)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 9, 1)
    assert list(await bus.read_registers(1, "holding", 0, 1)) == [0]


@FRAMINGS
async def test_a_connection_cut_in_the_middle_fails_at_once_and_is_made_again(
    serve: Serve, join: Join, framing: str
) -> None:
    line = await serve(lambda question: Answer(close=True) if question.number == 1 else honest(question), framing)
    bus = await join(line, timeout_s=60, reconnect_longest_s=0.001)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 0, 1)
    while True:
        try:
            assert list(await bus.read_registers(1, "holding", 8, 1)) == [8]
            break
        except Unreachable:
            await asyncio.sleep(0.002)
    assert bus.counters.reconnects == 1
    assert bus.counters.timeouts == 0


async def test_a_line_that_is_not_there_yet_is_reached_when_it_comes(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    await line.close()
    bus = await join(line, reconnect_longest_s=0.001)
    assert not bus.is_connected
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 0, 1)
    await line.open()
    answers: list[list[int]] = []
    async with asyncio.timeout(20):
        while not answers:
            try:
                answers.append(list(await bus.read_registers(1, "holding", 3, 1)))
            except Unreachable:
                await asyncio.sleep(0.002)
    assert answers == [[3]]
    assert bus.is_connected


async def test_people_go_before_the_controller_and_that_before_polls(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    polls = [bus.read_registers(1, "holding", n, 1) for n in range(4)]
    first = asyncio.create_task(bus.read_registers(1, "holding", 99, 1))
    await asyncio.sleep(0)
    waiting = asyncio.gather(
        *polls,
        bus.write_registers(1, 50, [1], priority=Priority.CONTROLLER),
        bus.write_registers(1, 60, [1], priority=Priority.PERSON),
    )
    await asyncio.gather(first, waiting)
    assert [question.address for question in line.questions] == [99, 60, 50, 0, 1, 2, 3]


async def test_units_take_turns(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    asked = [bus.read_registers(1, "holding", n, 1) for n in range(5)]
    asked += [bus.read_registers(2, "holding", n, 1) for n in range(2)]
    await asyncio.gather(*asked)
    assert [question.unit_id for question in line.questions] == [1, 1, 2, 1, 2, 1, 1]


async def test_a_pause_is_kept_for_its_unit_and_used_by_the_others(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    loop = asyncio.get_running_loop()
    ended: list[tuple[int, float]] = []

    async def ask(unit_id: int, limits: Limits) -> None:
        began_s = loop.time()
        await bus.read_registers(unit_id, "holding", 0, 1, limits=limits)
        ended.append((unit_id, loop.time() - began_s))

    slow = Limits(pause_ms=60)
    await ask(1, slow)
    paused_from_s = loop.time()
    await asyncio.gather(ask(1, slow), ask(2, Limits()), ask(2, Limits()))
    assert [unit_id for unit_id, _ in ended] == [1, 2, 2, 1]
    assert loop.time() - paused_from_s >= 0.05


async def test_a_lockout_set_while_a_write_waits_stops_it(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    is_locked = False
    reading = asyncio.create_task(bus.read_registers(1, "holding", 0, 1))
    await asyncio.sleep(0)
    writes = [
        asyncio.create_task(bus.write_registers(1, 16, [60], allowed=lambda: not is_locked)),
        asyncio.create_task(bus.write_coil(1, 16, True, allowed=lambda: not is_locked)),
    ]
    await asyncio.sleep(0)
    is_locked = True
    await reading
    for outcome in await asyncio.gather(*writes, return_exceptions=True):
        assert isinstance(outcome, Rejected)
    assert [question.function for question in line.questions] == [3]
    is_locked = False
    await bus.write_registers(1, 16, [60], allowed=lambda: not is_locked)
    assert [question.function for question in line.questions] == [3, 6]


@pytest.mark.parametrize("unit_id", [0, 256, -1])
async def test_no_broadcast_and_no_unit_that_cannot_be(serve: Serve, join: Join, unit_id: int) -> None:
    line = await serve(honest)
    bus = await join(line)
    with pytest.raises(Rejected):
        await bus.write_registers(unit_id, 0, [1])
    assert not line.questions


async def test_what_cannot_be_asked_is_refused_before_the_wire(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    with pytest.raises(Rejected):
        await bus.write_registers(1, 0, [70_000])
    with pytest.raises(Rejected):
        await bus.read_registers(1, "holding", 70_000, 1)
    with pytest.raises(Rejected):
        await bus.read_registers(1, "holding", 0, 81, limits=Limits(max_registers_per_read=80))
    with pytest.raises(Rejected):
        await bus.read_bits(1, "coil", 0, 0)
    assert not line.questions
    assert list(await bus.read_registers(1, "holding", 2, 1)) == [2]


async def test_closing_lets_no_one_wait(serve: Serve, join: Join) -> None:
    line = await serve(lambda question: None)
    bus = await join(line, timeout_s=60)
    asked = [asyncio.create_task(bus.read_registers(1, "holding", n, 1)) for n in range(3)]
    await until(lambda: len(line.questions) == 1)
    await bus.close()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(outcome, Unreachable) for outcome in outcomes)
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 0, 1)


@pytest.mark.parametrize("url", ["udp://127.0.0.1:502", "127.0.0.1:502", "tcp://", "", "serial://ttyS0", "rtu-tcp://h"])
def test_a_url_of_another_kind_is_refused_with_the_four_that_are(url: str) -> None:
    with pytest.raises(ValueError, match=r"tcp://.*rtu-tcp://.*tls://.*serial://"):
        Bus("line", url)


@pytest.fixture
def slamming_port() -> Iterator[int]:
    """A gateway that accepts every connection and shuts it at once, from outside the event loop."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=50)

    def slam() -> None:
        with contextlib.suppress(OSError):
            while True:
                listening.accept()[0].close()

    slamming = threading.Thread(target=slam, daemon=True)
    slamming.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    slamming.join(5)


@pytest.mark.parametrize("loop_of", ["asyncio", "uvloop"])
@FRAMINGS
def test_a_gateway_that_accepts_and_shuts_is_unreachable_on_every_loop(
    slamming_port: int, framing: str, loop_of: str
) -> None:
    new_loop = pytest.importorskip(loop_of, reason="uvloop is not for this platform").new_event_loop

    async def ask() -> list[BaseException | None]:
        bus = Bus("line", f"{framing}://127.0.0.1:{slamming_port}", timeout_s=TIMEOUT_S, reconnect_longest_s=0.0)
        await bus.start()
        asking = [bus.read_registers(unit, "holding", 0, 1) for unit in range(1, 41)]
        found = [result for result in await asyncio.gather(*asking, return_exceptions=True) if result]
        await bus.close()
        return [error for error in found if isinstance(error, BaseException)]

    with asyncio.Runner(loop_factory=new_loop) as runner:
        errors = runner.run(ask())
    assert {type(error) for error in errors} == {Unreachable}
    assert len(errors) == 40


async def test_whatever_the_transport_raises_is_unreachable_and_a_new_connection(
    serve: Serve, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = await serve(honest)
    bus = await join(line, reconnect_longest_s=0.0)

    def closed(*_data: object, **_options: object) -> None:
        raise RuntimeError("the handler is closed")

    assert bus._wire.link is not None
    assert bus._wire.link._transport is not None
    monkeypatch.setattr(bus._wire.link, "_transport", SimpleNamespace(write=closed, close=closed))
    with pytest.raises(Unreachable):
        await bus.read_registers(1, "holding", 10, 3)
    assert not bus.is_connected
    assert list(await bus.read_registers(1, "holding", 10, 3)) == [10, 11, 12]
    assert line.connections == 2
