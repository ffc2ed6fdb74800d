"""What a fault proxy is told to do wrong: which fault, to which questions, how often and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "delay",
    "drop",
    "truncate",
    "corrupt",
    "duplicate",
    "late",
    "other_unit",
    "other_function",
    "wrong_echo",
    "wrong_count",
    "exception",
    "reset",
    "half_open",
    "mute",
]
"""
* ``delay``: the answer is held back for ``delay_ms`` and up to ``jitter_ms`` more.
* ``drop``: the question, or the answer, is lost (``lost``).
* ``truncate``: only the first bytes of the answer come.
* ``corrupt``: ``bits`` bits of the answer are flipped; with ``repair_crc`` the CRC of an RTU frame fits again.
* ``duplicate``: the answer comes twice, the second time ``delay_ms`` later.
* ``late``: the answer comes when the next question on the connection is out.
* ``other_unit``, ``other_function``: the answer names another unit, or another function of the same shape.
* ``wrong_echo``: the answer to a write names another address or value.
* ``wrong_count``: fewer or more values than were asked for, or than were written.
* ``exception``: the device's answer is replaced by the exception ``code``.
* ``reset``: the connection is reset instead of the question being passed on, or instead of the answer (``lost``).
* ``half_open``: from this question on the connection stands and says nothing, without FIN.
* ``mute``: a new connection is accepted and says nothing.
"""

Part = Literal["anywhere", "head", "values"]
Way = Literal["question", "answer"]

DAMAGES: frozenset[FaultKind] = frozenset(
    {"truncate", "corrupt", "other_unit", "other_function", "wrong_echo", "wrong_count", "exception"}
)
"""The faults that change an answer's bytes."""

READ_FUNCTIONS = frozenset({1, 2, 3, 4})
WRITE_FUNCTIONS = frozenset({5, 6, 15, 16})
_FUNCTIONS_OF: dict[FaultKind, frozenset[int]] = {
    "wrong_echo": WRITE_FUNCTIONS,
    "wrong_count": READ_FUNCTIONS | {15, 16},
}


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault and when it is done. Empty ``buses``, ``units`` and ``functions`` mean all of them.

    ``requests`` are (first, last) numbers of the questions that fit this rule, counted on each bus from 1 (connections,
    for ``mute``); each of them, or with none given every one, meets the fault with ``probability``. ``from_s`` and
    ``until_s`` are real seconds since the proxy began to listen; ``at_most`` ends the rule after that many.
    ``any_connection``: a delayed answer goes to whichever connection then stands, as transparent serial gateways do.
    """

    fault: FaultKind
    probability: float = 1.0
    requests: tuple[tuple[int, int], ...] = ()
    buses: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    functions: tuple[int, ...] = ()
    from_s: float = 0.0
    until_s: float | None = None
    at_most: int | None = None
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    any_connection: bool = False
    lost: Way = "answer"
    bits: int = 1
    where: Part = "anywhere"
    repair_crc: bool = False
    code: int = 6

    def is_of_bus(self, bus: str) -> bool:
        return not self.buses or bus in self.buses

    def fits(self, unit_id: int, function: int, at_s: float) -> bool:
        """Whether a question of that unit and function, at that second, is one of this rule's."""
        return (
            (not self.units or unit_id in self.units)
            and (not self.functions or function in self.functions)
            and function in _FUNCTIONS_OF.get(self.fault, (function,))
            and self.is_in_time(at_s)
        )

    def is_in_time(self, at_s: float) -> bool:
        return self.from_s <= at_s and (self.until_s is None or at_s < self.until_s)

    def is_numbered(self, number: int) -> bool:
        return not self.requests or any(first <= number <= last for first, last in self.requests)
