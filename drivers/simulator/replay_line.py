"""Serves a recording over Modbus: the same request gets its recorded answers in turn, so that a device is a fixture."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from typing import Literal

from drivers.recording import Exchange
from drivers.simulator.answering import exception
from drivers.simulator.framing import Request
from drivers.simulator.line import SimulatedLine

ILLEGAL_ADDRESS = 2
_Key = tuple[int, bytes]


class ReplayLine(SimulatedLine):
    """A line whose answers are a recording's.

    A request that was recorded gets its answers one after the other, and again the last one when they are used up.
    What went unanswered is met with silence; what was never asked of a recorded unit with exception 2, and what was
    asked of another unit with silence. ``unknown`` counts the requests that the recording does not hold.
    """

    def __init__(
        self, host: str, port: int, exchanges: Iterable[Exchange], framing: Literal["tcp", "rtu-tcp"] = "tcp"
    ) -> None:
        super().__init__(host, port, framing, ())
        self._answers: dict[_Key, deque[bytes | None]] = {}
        for exchange in exchanges:
            self._answers.setdefault((exchange.unit_id, exchange.request), deque()).append(exchange.reply)
        self._units = {unit_id for unit_id, _request in self._answers}
        self.unknown: Counter[_Key] = Counter()
        self.served = 0

    def reply(self, request: Request) -> tuple[bytes, float]:
        """The bytes that answer the request, none for silence, at once."""
        key = (request.unit_id, request.pdu)
        answers = self._answers.get(key)
        if answers is None:
            self.unknown[key] += 1
            if request.unit_id not in self._units:
                return b"", 0.0
            return self._wire.reply(request, exception(request.pdu[0], ILLEGAL_ADDRESS)), 0.0
        pdu = answers.popleft() if len(answers) > 1 else answers[0]
        self.served += 1
        return (b"" if pdu is None else self._wire.reply(request, pdu)), 0.0
