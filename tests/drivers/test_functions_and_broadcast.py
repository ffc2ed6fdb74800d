"""Only functions that the device has are used; a broadcast is a deliberate act, and the line rests after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.bus import Bus
from drivers.errors import Rejected, Unreachable
from drivers.profile import Limits
from tests.drivers.evil_line import Serve
from tests.drivers.honest import Join, honest, until

BROADCAST = Limits(broadcast=True)


def yes() -> bool:
    return True


@pytest.mark.parametrize(
    ("functions", "ask", "expected"),
    [
        ((3, 16), lambda bus, limits: bus.write_registers(1, 5, [7], limits=limits), [16]),
        ((3, 6), lambda bus, limits: bus.write_registers(1, 5, [7], limits=limits), [6]),
        ((1, 15), lambda bus, limits: bus.write_coil(1, 5, True, limits=limits), [15]),
        ((1, 5, 15), lambda bus, limits: bus.write_coil(1, 5, True, limits=limits), [5]),
        ((1, 5, 15), lambda bus, limits: bus.write_coils(1, 5, [True, False], limits=limits), [15]),
    ],
)
async def test_a_device_is_written_by_a_function_that_it_has(
    serve: Serve,
    join: Join,
    functions: tuple[int, ...],
    ask: Callable[[Bus, Limits], Awaitable[None]],
    expected: list[int],
) -> None:
    line = await serve(honest)
    bus = await join(line)
    await ask(bus, Limits(functions=functions))  # type: ignore[arg-type]
    assert [question.function for question in line.questions] == expected


async def test_what_no_function_can_do_is_refused_before_the_wire(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    single = Limits(functions=(3, 5, 6))
    for asking in (
        bus.write_registers(1, 5, [7, 8], limits=single),  # never two single writes: half a value would be seen
        bus.write_coils(1, 5, [True, False], limits=single),
        bus.read_registers(1, "input", 5, 1, limits=single),
        bus.read_bits(1, "coil", 5, 1, limits=single),
        bus.write_coils(1, 5, [True] * 9, limits=Limits(max_bits_per_write=8)),
        bus.write_coils(1, 65535, [True, False]),
        bus.read_registers(1, "holding", 65535, 2),
    ):
        with pytest.raises(Rejected):
            await asking
    assert not line.questions
    assert bus.counters.refused == 7


async def test_coils_carry_their_bits_in_order(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    await bus.write_coils(1, 19, [True, False, True, True, False, False, True, True, True, False])
    assert line.questions[0].pdu == bytes([15, 0, 19, 0, 10, 2, 0xCD, 0x01])  # V1.1b3, 6.11, its example


@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
async def test_a_broadcast_waits_for_no_answer_and_the_line_rests(serve: Serve, join: Join, framing: str) -> None:
    line = await serve(lambda question: honest(question) if question.unit_id else None, framing)
    bus = await join(line, turnaround_s=0.08)
    loop = asyncio.get_running_loop()
    await bus.broadcast_registers(16, [60], limits=BROADCAST, allowed=yes)
    told_s = loop.time()
    assert list(await bus.read_registers(1, "holding", 3, 1)) == [3]
    assert loop.time() - told_s >= 0.07
    await bus.broadcast_coils(16, [True, False], limits=BROADCAST, allowed=yes)
    await until(lambda: len(line.questions) == 3)
    assert [(question.unit_id, question.function) for question in line.questions] == [(0, 6), (1, 3), (0, 15)]
    assert bus.counters.broadcasts == 2
    assert bus.counters.timeouts == 0


async def test_a_gateway_that_answers_a_broadcast_confuses_nobody(serve: Serve, join: Join) -> None:
    line = await serve(honest, "rtu-tcp")
    bus = await join(line, turnaround_s=0.05)
    await bus.broadcast_registers(16, [60], limits=BROADCAST, allowed=yes)
    await bus.write_registers(1, 16, [60])
    assert bus.counters.strays == 1


async def test_a_broadcast_is_refused_without_leave(serve: Serve, join: Join) -> None:
    line = await serve(honest)
    bus = await join(line)
    with pytest.raises(Rejected, match="no broadcast"):
        await bus.broadcast_registers(16, [60], limits=Limits(), allowed=yes)
    with pytest.raises(Rejected, match="no longer allowed"):
        await bus.broadcast_coils(16, [True], limits=BROADCAST, allowed=lambda: False)
    with pytest.raises(Rejected):
        await bus.broadcast_registers(16, [], limits=BROADCAST, allowed=yes)
    await bus.close()
    with pytest.raises(Unreachable):
        await bus.broadcast_registers(16, [60], limits=BROADCAST, allowed=yes)
    assert not line.questions
    assert line.connections == 1
