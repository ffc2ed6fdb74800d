"""What can be asked of a unit: the request's bytes, and what its answer must look like.

pymodbus makes the requests; what a device's limits forbid is refused before.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadDiscreteInputsRequest,
    WriteMultipleCoilsRequest,
    WriteSingleCoilRequest,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from drivers.profile import Limits, Table

Shape = tuple[int, int]
"""Function and length of a reply's PDU: what a late answer can be told by where no transaction id is."""

ReadFunction = Literal[1, 2, 3, 4]

READ_FUNCTIONS: dict[Table, ReadFunction] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
_REQUESTS: dict[int, type[ModbusPDU]] = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}
_SHOWN_BY: dict[int, ReadFunction] = {5: 1, 15: 1, 6: 3, 16: 3}
_ECHO_LENGTH = 5
_ADDRESSES = 65536


class CannotAsk(Exception):
    """No device, or not this one, can be asked that; the text says why. Nothing has left for the wire."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request. The PDU of its normal reply begins with ``head`` and is ``reply_length`` bytes long.

    ``head`` is function and byte count of a read, and the whole echo of a write, so that comparing it checks address
    and value (or count) bit by bit. Modbus Application Protocol V1.1b3, 6.1 to 6.6, 6.11 and 6.12.
    """

    unit_id: int
    function: int
    address: int
    count: int
    pdu: bytes
    head: bytes
    reply_length: int

    @property
    def is_read(self) -> bool:
        """Whether asking twice changes nothing."""
        return self.function in _REQUESTS

    @property
    def shape(self) -> Shape:
        """What its answer would look like."""
        return self.function, self.reply_length

    def is_answered_by(self, reply: bytes) -> bool:
        """Whether a reply's PDU fits bit by bit."""
        return len(reply) == self.reply_length and reply.startswith(self.head)

    def misfit(self, reply: bytes) -> str:
        """In what a reply that does not fit differs."""
        if reply[0] != self.function:
            return f"function {reply[0]} in answer to {self.function}"
        if self.is_read:
            return f"{len(reply) - 2} bytes in answer to {self.reply_length - 2}"
        return f"the echo {reply.hex()} of {self.head.hex()}"


def read_question(unit_id: int, table: Table, address: int, count: int, limits: Limits) -> Question:
    """Ask for ``count`` bits or registers. Raises ``CannotAsk``."""
    function = READ_FUNCTIONS[table]
    _refuse_size(count, limits.max_registers_per_read if function >= 3 else limits.max_bits_per_read)
    _refuse_function(function, limits)
    return _read(unit_id, function, address, count)


def coils_question(unit_id: int, address: int, values: Sequence[bool], limits: Limits) -> Question:
    """Set coils: one by function 5, or 15 where the device has no 5; several by 15. Raises ``CannotAsk``."""
    _refuse_size(len(values), limits.max_bits_per_write)
    bits = [bool(value) for value in values]
    if len(bits) == 1 and 5 in limits.functions:
        return _write(unit_id, 5, 1, WriteSingleCoilRequest(address=address, bits=bits))
    _refuse_function(15, limits)
    return _write(unit_id, 15, len(bits), WriteMultipleCoilsRequest(address, bits))


def registers_question(unit_id: int, address: int, values: Sequence[int], limits: Limits) -> Question:
    """Set registers: one by function 6, or 16 where the device has no 6; several by 16. Raises ``CannotAsk``.

    Several are never split into single writes: a device must not see half of a value.
    """
    _refuse_size(len(values), limits.max_registers_per_write)
    words = list(values)
    if len(words) == 1 and 6 in limits.functions:
        return _write(unit_id, 6, 1, WriteSingleRegisterRequest(address=address, registers=words))
    _refuse_function(16, limits)
    return _write(unit_id, 16, len(words), WriteMultipleRegistersRequest(address=address, registers=words))


def shown_by(question: Question) -> ReadFunction:
    """The function that reads the table which this question reads or writes."""
    return _SHOWN_BY.get(question.function) or _read_function(question.function)


def read_like(unit_id: int, like: Question, function: ReadFunction, count: int) -> Question:
    """A read of ``count`` bits or registers from where another question reads or writes, or as near as that fits."""
    return _read(unit_id, function, min(like.address, _ADDRESSES - count), count)


@lru_cache(maxsize=32768)
def _read(unit_id: int, function: ReadFunction, address: int, count: int) -> Question:
    """Cached, for a site asks the same again and again."""
    request = _REQUESTS[function](address=address, count=count)
    byte_count = 2 * count if function >= 3 else (count + 7) // 8
    pdu = _encoded(function, count, request)
    return Question(unit_id, function, address, count, pdu, bytes((function, byte_count)), 2 + byte_count)


def _write(unit_id: int, function: int, count: int, request: ModbusPDU) -> Question:
    pdu = _encoded(function, count, request)
    return Question(unit_id, function, request.address, count, pdu, pdu[:_ECHO_LENGTH], _ECHO_LENGTH)


def _encoded(function: int, count: int, request: ModbusPDU) -> bytes:
    if request.address + count > _ADDRESSES:
        raise CannotAsk(f"{count} from {request.address} end beyond 65535")
    try:
        return bytes((function,)) + request.encode()
    except (ValueError, struct.error) as error:
        raise CannotAsk(f"cannot be asked: {error}") from error


def _read_function(function: int) -> ReadFunction:
    return next(code for code in READ_FUNCTIONS.values() if code == function)


def _refuse_size(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise CannotAsk(f"{count} in one request; 1 to {most} allowed")


def _refuse_function(function: int, limits: Limits) -> None:
    if function not in limits.functions:
        raise CannotAsk(f"the device's profile has no function {function}")
