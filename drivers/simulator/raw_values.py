"""Engineering values to raw registers and back, seen from the device's side.

Deliberately not the client's codec: a device that shared it would agree with every mistake in it.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable, Sequence

from drivers.profile import Point

_BITS = {"u16": 16, "s16": 16, "u32": 32, "s32": 32, "u64": 64, "s64": 64}
_FLOATS = {"float32": struct.Struct(">f"), "float64": struct.Struct(">d")}
REGISTERS = {
    "bit": 1,
    "u16": 1,
    "s16": 1,
    "u32": 2,
    "s32": 2,
    "u64": 4,
    "s64": 4,
    "float32": 2,
    "float64": 4,
}
_DALI_STEPS_A_DECADE = 253.0 / 3.0
_DALI_TOP = 254.0

Value = float | str | None


def register_count(point: Point) -> int:
    """How many registers (or bits) the point covers."""
    return point.register_count if point.data_type == "string" else REGISTERS[point.data_type]


def encoder(point: Point) -> Callable[[Value], tuple[int, ...]]:
    """A function from a value to the point's registers; of a field of bits, with zeros around it.

    Counters wrap, other numbers are held at the type's ends. None becomes the point's sentinel; where it has none, not
    a number where its type knows that, else 0.
    """
    if point.data_type == "string":
        return lambda value: _text_registers(point, str(value or ""))
    unknown = _words(point, _unknown(point))

    def encode(value: Value) -> tuple[int, ...]:
        if value is None:
            return unknown
        number = _raw_number(point, float(value))
        if point.data_type == "bit":
            return (1 if number else 0,)
        if point.data_type in _FLOATS:
            return _words(point, int.from_bytes(_FLOATS[point.data_type].pack(number), "big"))
        return _words(point, _held(point, round(number)))

    return encode


def _unknown(point: Point) -> int:
    if point.sentinels:
        return point.sentinels[0]
    return int.from_bytes(_FLOATS[point.data_type].pack(math.nan), "big") if point.data_type in _FLOATS else 0


def pattern(point: Point, raw: Sequence[int]) -> int:
    """The unsigned number of all bits of written registers, whatever their word and byte order."""
    words = raw if point.word_order == "big" else tuple(reversed(raw))
    number = 0
    for word in words:
        number = number << 16 | (word if point.byte_order == "big" else _swapped(word))
    return number


def from_raw(point: Point, raw: Sequence[int]) -> float:
    """The engineering value of written registers. Text and fields of bits are never written."""
    number = pattern(point, raw)
    if point.data_type in _FLOATS:
        unpack = _FLOATS[point.data_type]
        decoded: float = unpack.unpack(number.to_bytes(unpack.size, "big"))[0]
        return decoded * float(point.scale) + float(point.offset)
    if point.data_type.startswith("s"):
        bits = _BITS[point.data_type]
        number -= (number >> (bits - 1)) << bits
    if point.curve == "table":
        return _along(point.curve_points, float(number))
    straight = float(number * point.scale + point.offset)
    if point.curve == "linear":
        return straight
    level = straight if point.curve == "dali_log" else straight * _DALI_TOP / 100.0
    return 0.0 if level <= 0.0 else 10.0 ** ((level - 1.0) / _DALI_STEPS_A_DECADE - 1.0)


def _raw_number(point: Point, value: float) -> float:
    """The raw number of a value, before it is rounded and held within its type."""
    if point.curve == "table":
        return _along([(shown, raw) for raw, shown in point.curve_points], value)
    if point.curve in ("dali_log", "dali_log_pct"):
        # The inverse of IEC 62386-102, 9.3; 0 is dark, and light below the lowest level is the lowest level.
        level = 0.0 if value <= 0.0 else max(1.0, 1.0 + _DALI_STEPS_A_DECADE * (math.log10(value) + 1.0))
        value = min(level, _DALI_TOP) * (1.0 if point.curve == "dali_log" else 100.0 / _DALI_TOP)
    return (value - float(point.offset)) / float(point.scale)


def _along(points: Sequence[tuple[float, float]], at: float) -> float:
    """On straight lines through points that rise in both; their ends outside of them."""
    if not points or at <= points[0][0]:
        return float(points[0][1]) if points else at
    for (left, low), (right, high) in itertools.pairwise(points):
        if at <= right:
            return low + (high - low) * (at - left) / (right - left) if right > left else float(high)
    return float(points[-1][1])


def _held(point: Point, number: int) -> int:
    if point.bits is not None:
        return max(0, min((1 << point.bits[1]) - 1, number))
    bits = _BITS[point.data_type]
    if point.counter_wrap:
        return number % point.counter_wrap
    if point.counter_bits:
        return number % (1 << point.counter_bits)
    if point.data_type.startswith("s"):
        return max(-(1 << (bits - 1)), min((1 << (bits - 1)) - 1, number)) & ((1 << bits) - 1)
    return max(0, min((1 << bits) - 1, number))


def _words(point: Point, number: int) -> tuple[int, ...]:
    count = REGISTERS[point.data_type]
    if point.data_type == "bit":
        return (number & 1,)
    if point.bits is not None:
        number <<= point.bits[0]
    words = tuple((number >> (16 * (count - 1 - i))) & 0xFFFF for i in range(count))
    if point.byte_order == "little":
        words = tuple(_swapped(word) for word in words)
    return words if point.word_order == "big" else words[::-1]


def _swapped(word: int) -> int:
    return (word & 0xFF) << 8 | word >> 8


def _text_registers(point: Point, text: str) -> tuple[int, ...]:
    """ASCII characters, one in the low byte of each register or two, the first in the high byte."""
    size = point.chars_per_register
    codes = [ord(c) & 0x7F for c in text[: point.register_count * size]]
    codes += [0] * (point.register_count * size - len(codes))
    words = codes if size == 1 else [first << 8 | second for first, second in zip(codes[::2], codes[1::2], strict=True)]
    return tuple(words if point.byte_order == "big" else [_swapped(word) for word in words])
