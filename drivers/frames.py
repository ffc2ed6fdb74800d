"""Questions into frames, and bytes into the answer of one question: Modbus TCP (also inside TLS) and RTU.

pymodbus makes the frames and the checksum. What comes back is judged here against the question that was asked, because
pymodbus does not: it gives any reply to whoever waits, also one of another length or function.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from functools import lru_cache

from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU

from drivers.bus_counters import BusCounters
from drivers.questions import Question, Shape

_FRAMER = FramerRTU(DecodePDU(False))
_IS_EXCEPTION = 0x80
_EXCEPTION_LENGTH = 2
_ECHO_LENGTH = 5
_CRC_LENGTH = 2
_MBAP = struct.Struct(">HHHB")
_MBAP_LENGTH = 7
_MAX_PDU_LENGTH = 253


class Garbled(Exception):
    """Bytes came that no answer can be read from."""


class Misfit(Exception):
    """A whole answer came, and it is none to the question; the text says in what."""


class TcpFrames:
    """Modbus TCP frames of one connection: the transaction id tells a late answer from the one that is waited for.

    Some gateways answer with id 0 whatever was asked. ``tells_apart`` is True once the peer has shown that it does not;
    from then on an answer with another id is never taken.
    Modbus Messaging on TCP/IP Implementation Guide V1.0b, 3.1.3.
    """

    def __init__(self, counters: BusCounters) -> None:
        self.tells_apart = False
        self._counters = counters
        self._framer = FramerSocket(DecodePDU(False))
        self._transaction_id = 0

    def encode(self, question: Question) -> bytes:
        """The frame of a question, with the next transaction id."""
        self._transaction_id = self._transaction_id % 65535 + 1
        return self._framer.encode(question.pdu, question.unit_id, self._transaction_id)

    def take(self, data: bytes, question: Question | None, late: Collection[Shape] = ()) -> tuple[int, bytes | None]:
        """How many bytes are used up, and the PDU that answers the question (None: not yet).

        Raises ``Garbled`` where the stream has lost its frames, ``Misfit`` for another unit's answer under our id.
        """
        used = 0
        while len(data) - used > _MBAP_LENGTH:
            transaction_id, protocol, length, unit_id = _MBAP.unpack_from(data, used)
            if protocol or not 2 <= length <= _MAX_PDU_LENGTH + 1:
                raise Garbled("no Modbus TCP header")
            end = used + 6 + length
            if len(data) < end:
                break
            pdu = data[used + _MBAP_LENGTH : end]
            used = end
            if question is None or not self._is_ours(transaction_id, pdu, late):
                self._counters.strays += 1
                continue
            if unit_id != question.unit_id:
                raise Misfit(f"an answer of unit {unit_id}")
            return used, pdu
        return used, None

    def _is_ours(self, transaction_id: int, pdu: bytes, late: Collection[Shape]) -> bool:
        if transaction_id == self._transaction_id:
            self.tells_apart = True
            return True
        return transaction_id == 0 and not self.tells_apart and (pdu[0], len(pdu)) not in late


class RtuFrames:
    """RTU frames, on a serial line or inside TCP: a checksum, no length and no id.

    An answer is the frame whose unit, function, length and checksum fit the question; noise before it is passed over.
    Modbus over Serial Line V1.02, 2.5.1 and 6.2.2.
    """

    tells_apart = False

    def __init__(self, counters: BusCounters) -> None:
        self._counters = counters

    def encode(self, question: Question) -> bytes:
        """The frame of a question."""
        return _rtu_frame(question.pdu, question.unit_id)

    def take(self, data: bytes, question: Question | None, late: Collection[Shape] = ()) -> tuple[int, bytes | None]:
        """How many bytes are used up, and the PDU that answers the question (None: not yet).

        ``late`` are the shapes of answers that may still come to earlier questions of this unit: they are passed over.
        """
        if question is None:
            self._counters.strays += 1
            return len(data), None
        used = 0
        while (length := _reply_length(data, used)) and len(data) - used >= length:
            pdu = _checked_pdu(data[used : used + length])
            if pdu is None:
                break
            is_late = data[used] != question.unit_id or (pdu[0], len(pdu)) in late
            used += length
            if not is_late:
                return used, pdu
            self._counters.strays += 1
        found = self._hunt(data, used + 1, question)
        return (used, None) if found is None else (len(data), found)

    def _hunt(self, data: bytes, start: int, question: Question) -> bytes | None:
        """An answer behind noise: only the very frame that is expected, or a refusal of this very function."""
        size = question.reply_length + 1 + _CRC_LENGTH
        wanted = bytes((question.unit_id,)) + question.head
        at = data.find(wanted, start)
        while at >= 0:
            pdu = _checked_pdu(data[at : at + size]) if len(data) - at >= size else None
            if pdu is not None:
                return pdu
            at = data.find(wanted, at + 1)
        refusal = bytes((question.unit_id, question.function | _IS_EXCEPTION))
        at = data.find(refusal, start)
        while at >= 0:
            pdu = _checked_pdu(data[at : at + 5]) if len(data) - at >= 5 else None
            if pdu is not None:
                return pdu
            at = data.find(refusal, at + 1)
        return None


Frames = TcpFrames | RtuFrames


def _reply_length(data: bytes, at: int) -> int:
    """Length of the RTU frame that begins there, by its function; 0 when that is not known (yet)."""
    if len(data) - at < 3:
        return 0
    function = data[at + 1]
    if function & _IS_EXCEPTION:
        return 1 + _EXCEPTION_LENGTH + _CRC_LENGTH
    if function in (1, 2, 3, 4):
        return 1 + 2 + data[at + 2] + _CRC_LENGTH
    return 1 + _ECHO_LENGTH + _CRC_LENGTH if function in (5, 6, 15, 16) else 0


def _checked_pdu(frame: bytes) -> bytes | None:
    """The PDU of a whole RTU frame, None when its checksum is wrong."""
    body = frame[:-_CRC_LENGTH]
    return body[1:] if FramerRTU.check_CRC(body, int.from_bytes(frame[-_CRC_LENGTH:], "big")) else None


@lru_cache(maxsize=32768)
def _rtu_frame(pdu: bytes, unit_id: int) -> bytes:
    return _FRAMER.encode(pdu, unit_id, 0)
