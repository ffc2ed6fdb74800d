"""Serves a recording over Modbus: the same request gets its recorded answers in turn, so that a device is a fixture."""

from __future__ import annotations

import struct
from collections import Counter, deque
from collections.abc import Iterable
from typing import Literal

from drivers.recording import Exchange
from drivers.simulator.answering import exception
from drivers.simulator.framing import Request
from drivers.simulator.line import SimulatedLine

ILLEGAL_ADDRESS = 2
_READS_OF_BITS = (1, 2)
_READS = (1, 2, 3, 4)
_MOST = {1: 2000, 2: 2000, 3: 125, 4: 125}
"""Of one request; Modbus Application Protocol V1.1b3, 6.1 to 6.4."""
_Key = tuple[int, bytes]
_Image = dict[int, int]
"""Register (or bit) by address."""


class ReplayLine(SimulatedLine):
    """A line whose answers are a recording's.

    A request that was recorded gets its answers one after the other, and again the last one when they are used up.
    What went unanswered is met with silence. A read that was never recorded as it is, of registers that all stand in
    answers to others, gets each as it was shown last (before that: as it was recorded first); any other request to a
    unit that ever answered gets exception 2, and one to another unit silence. ``unknown`` counts the requests that
    the recording does not hold, ``served`` the others.
    """

    def __init__(
        self, host: str, port: int, exchanges: Iterable[Exchange], framing: Literal["tcp", "rtu-tcp"] = "tcp"
    ) -> None:
        super().__init__(host, port, framing, ())
        self._answers: dict[_Key, deque[bytes | None]] = {}
        self._images: dict[tuple[int, int], _Image] = {}
        self._units: set[int] = set()
        for exchange in exchanges:
            self._answers.setdefault((exchange.unit_id, exchange.request), deque()).append(exchange.reply)
            if exchange.reply is not None:
                self._units.add(exchange.unit_id)
                image = self._image(exchange.unit_id, exchange.request)
                for address, value in _read_values(exchange.request, exchange.reply).items():
                    image.setdefault(address, value)
        self.unknown: Counter[_Key] = Counter()
        self.served = 0

    def reply(self, request: Request) -> tuple[bytes, float]:
        """The bytes that answer the request, none for silence, at once."""
        pdu = self._answer(request.unit_id, request.pdu)
        return (b"" if pdu is None else self._wire.reply(request, pdu)), 0.0

    def _answer(self, unit_id: int, asked: bytes) -> bytes | None:
        answers = self._answers.get((unit_id, asked))
        if answers is not None:
            self.served += 1
            pdu = answers.popleft() if len(answers) > 1 else answers[0]
            if pdu is not None:
                self._image(unit_id, asked).update(_read_values(asked, pdu))
            return pdu
        part = _answer_from(self._image(unit_id, asked), asked)
        if part is not None:
            self.served += 1
            return part
        self.unknown[unit_id, asked] += 1
        return exception(asked[0], ILLEGAL_ADDRESS) if unit_id in self._units else None

    def _image(self, unit_id: int, asked: bytes) -> _Image:
        return self._images.setdefault((unit_id, asked[0]), {})


def _span(asked: bytes) -> tuple[int, int] | None:
    """First address and count of a read, None for anything else."""
    if len(asked) != 5 or asked[0] not in _READS:
        return None
    address, count = struct.unpack(">HH", asked[1:])
    return (address, count) if 1 <= count <= _MOST[asked[0]] else None


def _read_values(asked: bytes, reply: bytes) -> _Image:
    """What a read was answered with, by address; nothing where it is no whole answer to it."""
    span = _span(asked)
    if span is None or len(reply) < 2 or reply[0] != asked[0] or reply[1] != len(reply) - 2:
        return {}
    address, count = span
    data = reply[2:]
    if asked[0] in _READS_OF_BITS:
        if len(data) != (count + 7) // 8:
            return {}
        return {address + at: data[at // 8] >> at % 8 & 1 for at in range(count)}
    if len(data) != 2 * count:
        return {}
    return dict(enumerate(struct.unpack(f">{count}H", data), start=address))


def _answer_from(image: _Image, asked: bytes) -> bytes | None:
    """The answer out of what is known, None where a part of it is not."""
    span = _span(asked)
    if span is None:
        return None
    address, count = span
    values = [image.get(at) for at in range(address, address + count)]
    known = [value for value in values if value is not None]
    if len(known) < count:
        return None
    if asked[0] in _READS_OF_BITS:
        packed = bytearray((count + 7) // 8)
        for at, bit in enumerate(known):
            packed[at // 8] |= bit << at % 8
        return bytes((asked[0], len(packed))) + packed
    return bytes((asked[0], 2 * count)) + struct.pack(f">{count}H", *known)
