"""Answers out of a byte stream, seen from a man in the middle: whole frames, or bytes that are none.

Layouts as in ``framing``. An RTU answer's length follows from its function, or from its byte count.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from drivers.simulator.framing import crc16

_MBAP = struct.Struct(">HHHB")
_ECHO_LENGTH = 8
_EXCEPTION_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came off the wire. ``pdu`` starts with the function code; empty for bytes that are none."""

    frame: bytes
    unit_id: int = 0
    pdu: bytes = b""
    transaction_id: int = 0


def tcp_answers(buffer: bytearray) -> list[Answer]:
    """Take the whole answers off the front of ``buffer``; what is no header goes through as it is."""
    found = []
    while len(buffer) >= 8:
        transaction_id, protocol, length, unit_id = _MBAP.unpack_from(buffer)
        if protocol != 0 or not 2 <= length <= 254:
            found.append(_taken(buffer, len(buffer)))
            break
        if len(buffer) < 6 + length:
            break
        frame = _taken(buffer, 6 + length).frame
        found.append(Answer(frame, unit_id, frame[7:], transaction_id))
    return found


def rtu_answers(buffer: bytearray) -> list[Answer]:
    """Take the whole answers off the front of ``buffer``; what has no right CRC goes through as it is."""
    found = []
    while len(buffer) >= _EXCEPTION_LENGTH:
        length = _rtu_length(buffer)
        if len(buffer) < length:
            break
        frame = bytes(buffer[:length])
        if crc16(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
            found.append(_taken(buffer, len(buffer)))
            break
        del buffer[:length]
        found.append(Answer(frame, frame[0], frame[1:-2]))
    return found


def _rtu_length(buffer: bytearray) -> int:
    function = buffer[1]
    if function & 0x80:
        return _EXCEPTION_LENGTH
    if function in (5, 6, 15, 16):
        return _ECHO_LENGTH
    if function in (1, 2, 3, 4):
        return 5 + buffer[2]
    # An unknown function has no known length: what has arrived is taken as one frame, and the CRC judges it.
    return len(buffer)


def _taken(buffer: bytearray, length: int) -> Answer:
    frame = bytes(buffer[:length])
    del buffer[:length]
    return Answer(frame)
