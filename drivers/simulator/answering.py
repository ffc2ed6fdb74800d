"""A request's PDU in, the reply's PDU out: the function codes that the devices of this field know.

Modbus Application Protocol V1.1b3, 6.1 to 6.6, 6.11 and 6.12; exception codes in 7.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from drivers.profile import Table
from drivers.simulator.simulated_device import ILLEGAL_ADDRESS, ILLEGAL_VALUE, SimulatedDevice

ILLEGAL_FUNCTION = 1
DEVICE_FAILURE = 4

WRITES = frozenset({5, 6, 15, 16})
_READ_TABLES: dict[int, Table] = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
_COIL_RAW = {0xFF00: 1, 0x0000: 0}


def exception(function: int, code: int) -> bytes:
    return bytes((function | 0x80, code))


def answer(device: SimulatedDevice, pdu: bytes) -> bytes:
    """The device's reply to one request; every malformed one is an exception reply, never a crash."""
    function = pdu[0]
    device.hear()
    if function not in device.profile.limits.functions:
        return exception(function, ILLEGAL_FUNCTION)
    try:
        if function in _READ_TABLES:
            return _read(device, function, *struct.unpack(">HH", pdu[1:]))
        if function in (5, 6):
            return _write_one(device, function, pdu)
        if function in (15, 16):
            return _write_many(device, function, pdu)
    except struct.error:
        return exception(function, ILLEGAL_VALUE)
    return exception(function, ILLEGAL_FUNCTION)


def _read(device: SimulatedDevice, function: int, address: int, count: int) -> bytes:
    limits = device.profile.limits
    most = limits.max_bits_per_read if function <= 2 else limits.max_registers_per_read
    if not 1 <= count <= most:
        return exception(function, ILLEGAL_VALUE)
    raw = device.read(_READ_TABLES[function], address, count)
    if raw is None:
        return exception(function, ILLEGAL_ADDRESS)
    if function <= 2:
        body = _packed_bits(raw)
    else:
        body = struct.pack(f">{count}H", *raw)
    return bytes((function, len(body))) + body


def _write_one(device: SimulatedDevice, function: int, pdu: bytes) -> bytes:
    address, word = struct.unpack(">HH", pdu[1:])
    if function == 5:
        if word not in _COIL_RAW:
            return exception(function, ILLEGAL_VALUE)
        code = device.write(function, "coil", address, (_COIL_RAW[word],))
    else:
        code = device.write(function, "holding", address, (word,))
    return exception(function, code) if code else pdu


def _write_many(device: SimulatedDevice, function: int, pdu: bytes) -> bytes:
    address, count, byte_count = struct.unpack(">HHB", pdu[1:6])
    body = pdu[6:]
    raw: Sequence[int]
    if function == 15:
        fits, most = byte_count == (count + 7) // 8, device.profile.limits.max_bits_per_write
        raw = [body[i // 8] >> (i % 8) & 1 for i in range(count)] if fits and len(body) == byte_count else ()
    else:
        fits, most = byte_count == 2 * count, device.profile.limits.max_registers_per_write
        raw = struct.unpack(f">{count}H", body) if fits else ()
    if not raw or count > most:
        return exception(function, ILLEGAL_VALUE)
    code = device.write(function, "coil" if function == 15 else "holding", address, raw)
    return exception(function, code) if code else pdu[:5]


def _packed_bits(bits: Sequence[int]) -> bytes:
    packed = bytearray((len(bits) + 7) // 8)
    for index, bit in enumerate(bits):
        packed[index // 8] |= bit << (index % 8)
    return bytes(packed)
