"""Requests out of a byte stream and replies into it, seen from the device's side: Modbus TCP and RTU over TCP.

Layouts: Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3 (MBAP header), and Modbus over Serial Line V1.02,
2.5.1 and 6.2.2 (RTU frame, CRC-16). Written apart from the client's framing, so that one mistake cannot hide in both.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_MBAP = struct.Struct(">HHHB")
_MBAP_LENGTH = 7
_MAX_ADU_LENGTH = 260
_FIXED_RTU_LENGTH = {1: 8, 2: 8, 3: 8, 4: 8, 5: 8, 6: 8}
_BYTE_COUNT_AT = 6


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came off the wire. ``pdu`` starts with the function code."""

    unit_id: int
    pdu: bytes
    transaction_id: int = 0


class TcpFraming:
    """Modbus TCP: the header carries length and transaction id."""

    def requests(self, buffer: bytearray) -> list[Request]:
        """Take the whole requests off the front of ``buffer``; rubbish empties it."""
        found = []
        while len(buffer) >= _MBAP_LENGTH + 1:
            transaction_id, protocol, length, unit_id = _MBAP.unpack_from(buffer)
            if protocol != 0 or not 2 <= length <= _MAX_ADU_LENGTH - 6:
                buffer.clear()
                break
            if len(buffer) < 6 + length:
                break
            found.append(Request(unit_id, bytes(buffer[_MBAP_LENGTH : 6 + length]), transaction_id))
            del buffer[: 6 + length]
        return found

    def reply(self, request: Request, pdu: bytes) -> bytes:
        return _MBAP.pack(request.transaction_id, 0, len(pdu) + 1, request.unit_id) + pdu


class RtuFraming:
    """RTU frames inside TCP: the length follows from the function code, a CRC closes the frame."""

    def requests(self, buffer: bytearray) -> list[Request]:
        """Take the whole requests off the front of ``buffer``; a frame with a wrong CRC empties it."""
        found = []
        while buffer:
            length = _rtu_request_length(buffer)
            if length is None or len(buffer) < length:
                break
            frame = bytes(buffer[:length])
            if crc16(frame[:-2]) != int.from_bytes(frame[-2:], "little"):
                buffer.clear()
                break
            found.append(Request(frame[0], frame[1:-2]))
            del buffer[:length]
        return found

    def reply(self, request: Request, pdu: bytes) -> bytes:
        body = bytes((request.unit_id,)) + pdu
        return body + crc16(body).to_bytes(2, "little")


Framing = TcpFraming | RtuFraming


def _rtu_request_length(buffer: bytearray) -> int | None:
    if len(buffer) < 2:
        return None
    function = buffer[1]
    if function in (15, 16):
        return 9 + buffer[_BYTE_COUNT_AT] if len(buffer) > _BYTE_COUNT_AT else None
    # An unknown function has no known length: what has arrived is taken as one frame, and the CRC judges it.
    return _FIXED_RTU_LENGTH.get(function, max(4, len(buffer)))


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
        table.append(crc)
    return tuple(table)


_CRC_TABLE = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16 of the RTU frame (polynomial 0xA001 reflected, start 0xFFFF); sent low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc
