"""Engineering values to raw registers and back, seen from the device's side.

Deliberately not the client's codec: a device that shared it would agree with every mistake in it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from drivers.profile import Point

_BITS = {"u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64}
_FLOAT32 = struct.Struct(">f")
REGISTERS = {"bit": 1, "u16": 1, "s16": 1, "u32": 2, "s32": 2, "u64": 4, "s64": 4, "float32": 2}

Value = float | str | None


def register_count(point: Point) -> int:
    """How many registers (or bits) the point covers."""
    return point.register_count if point.data_type == "string" else REGISTERS[point.data_type]


def encoder(point: Point) -> Callable[[Value], tuple[int, ...]]:
    """A function from a value to the point's registers.

    Counters wrap, other numbers are held at the type's ends, None becomes the point's sentinel (0 where it has none).
    """
    if point.data_type == "string":
        return lambda value: _text_registers(point, str(value or ""))
    scale, offset = float(point.scale), float(point.offset)
    unknown = _words(point, point.sentinels[0] if point.sentinels else 0)

    def encode(value: Value) -> tuple[int, ...]:
        if value is None:
            return unknown
        number = (float(value) - offset) / scale
        if point.data_type == "bit":
            return (1 if number else 0,)
        if point.data_type == "float32":
            return _words(point, int.from_bytes(_FLOAT32.pack(number), "big"))
        return _words(point, _held(point, round(number)))

    return encode


def from_raw(point: Point, raw: Sequence[int]) -> float:
    """The engineering value of written registers. Text is never written."""
    words = raw if point.word_order == "big" else tuple(reversed(raw))
    number = 0
    for word in words:
        number = number << 16 | word
    if point.data_type == "float32":
        decoded: float = _FLOAT32.unpack(number.to_bytes(4, "big"))[0]
        return decoded * float(point.scale) + float(point.offset)
    if point.data_type.startswith("s"):
        bits = _BITS[point.data_type]
        number -= (number >> (bits - 1)) << bits
    return float(number * point.scale + point.offset)


def _held(point: Point, number: int) -> int:
    bits = _BITS[point.data_type]
    if point.counter_bits:
        return number % (1 << point.counter_bits)
    if point.data_type.startswith("s"):
        return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, number)) & ((1 << bits) - 1)
    return max(0, min((1 << bits) - 1, number))


def _words(point: Point, number: int) -> tuple[int, ...]:
    count = REGISTERS[point.data_type]
    if point.data_type == "bit":
        return (number & 1,)
    words = tuple((number >> (16 * (count - 1 - i))) & 0xFFFF for i in range(count))
    return words if point.word_order == "big" else words[::-1]


def _text_registers(point: Point, text: str) -> tuple[int, ...]:
    # One ASCII character a register, in its low byte, as the Wiren Board devices do it.
    codes = [ord(c) & 0x7F for c in text[: point.register_count]]
    return tuple(codes + [0] * (point.register_count - len(codes)))
