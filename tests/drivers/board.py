"""A device of any profile behind a real line, whose tables a test fills and whose manners it decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from drivers.device import Device
from drivers.profile import Channel, Failsafe, Limits, Point, Profile
from tests.drivers.evil_line import Answer, Question, bits, echo, refusal, registers

Board = Callable[..., Awaitable[Device]]


class Registers:
    """A device behind a line: its four tables, the addresses it has not, and what it makes of a write."""

    def __init__(self) -> None:
        self.tables: dict[int, dict[int, int]] = {1: {}, 2: {}, 3: {}, 4: {}}
        self.missing: set[tuple[int, int]] = set()
        self.taken: Callable[[int, int], int] = lambda address, value: value
        self.is_silent = False
        self.longest = 125
        """Registers that it gives at most, whatever its profile says."""
        self.asked: list[int] = []
        """The function of every question that it heard."""

    def __call__(self, question: Question) -> Answer | None:
        if self.is_silent:
            return None
        self.asked.append(question.function)
        if question.function in (5, 6):
            table = self.tables[question.function - 4 if question.function == 5 else 3]
            value = question.count if question.function == 6 else int(question.count == 0xFF00)
            table[question.address] = self.taken(question.address, value)
            return echo(question)
        if question.function == 16:
            for index in range(question.count):
                word = int.from_bytes(question.pdu[6 + 2 * index : 8 + 2 * index], "big")
                self.tables[3][question.address + index] = self.taken(question.address + index, word)
            return echo(question)
        if question.count > self.longest:
            return refusal(question, 3)
        asked = range(question.address, question.address + question.count)
        if any((question.function, address) in self.missing for address in asked):
            return refusal(question, 2)
        values = [self.tables[question.function].get(address, 0) for address in asked]
        if question.function in (1, 2):
            return bits(*map(bool, values), function=question.function)
        return registers(*values, function=question.function)


def profile_of(points: tuple[Point, ...], limits: Limits) -> Profile:
    return Profile(
        id="made-up",
        name="made up",
        maker="nobody",
        trust="community",
        sources=(),
        points=points,
        channels=(Channel("1", "dimmer"),),
        limits=limits,
        failsafe=Failsafe(),
        vectors=(),
    )
