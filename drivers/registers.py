"""The bits of a value in its registers: how many registers each type takes, in which order, and texts.

A pattern is the unsigned number of all the value's bits, the most significant first, whatever the word and byte order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.profile import DataType, Point

REGISTER_COUNTS: dict[DataType, int] = {
    "bit": 1,
    "u16": 1,
    "s16": 1,
    "u32": 2,
    "s32": 2,
    "u64": 4,
    "s64": 4,
    "float32": 2,
    "float64": 4,
    "string": 1,
}
"""Registers (or bits) of a value of each type; of a string, the fewest."""

INTEGER_RANGES: dict[DataType, tuple[int, int]] = {
    "bit": (0, 1),
    "u16": (0, 2**16 - 1),
    "s16": (-(2**15), 2**15 - 1),
    "u32": (0, 2**32 - 1),
    "s32": (-(2**31), 2**31 - 1),
    "u64": (0, 2**64 - 1),
    "s64": (-(2**63), 2**63 - 1),
}
"""Lowest and highest raw number of each integer type."""

FLOAT_FORMATS: dict[DataType, str] = {"float32": ">f", "float64": ">d"}
"""How ``struct`` unpacks each float type."""

STRUCT_LETTERS: dict[DataType, str] = {
    "u16": "H",
    "s16": "h",
    "u32": "I",
    "s32": "i",
    "u64": "Q",
    "s64": "q",
    "float32": "f",
    "float64": "d",
}
"""The letter of each number type in a ``struct`` layout."""


def raw_range(point: Point) -> tuple[int, int]:
    """Lowest and highest raw number of an integer point or of its field of bits. KeyError for a float or a text."""
    return INTEGER_RANGES[point.data_type] if point.bits is None else (0, (1 << point.bits[1]) - 1)


def pattern_of(point: Point, raw: Sequence[int]) -> int:
    """The pattern of a point's registers (or bit); of a field of bits, that of the field alone."""
    if point.data_type == "bit":
        return int(bool(raw[0]))
    pattern = 0
    for word in raw if point.word_order == "big" else reversed(raw):
        pattern = pattern << 16 | (word if point.byte_order == "big" else swapped(word))
    return pattern if point.bits is None else pattern >> point.bits[0] & (1 << point.bits[1]) - 1


def words_of(point: Point, pattern: int) -> tuple[int, ...]:
    """The registers (or bit) that hold a pattern; around a field of bits, zeros."""
    if point.bits is not None:
        pattern <<= point.bits[0]
    count = point.register_count
    words = [pattern >> 16 * (count - 1 - at) & 0xFFFF for at in range(count)]
    if point.byte_order == "little":
        words = [swapped(word) for word in words]
    return tuple(words if point.word_order == "big" else reversed(words))


def swapped(word: int) -> int:
    """A register with its two bytes exchanged."""
    return (word & 0xFF) << 8 | word >> 8


def text_length(point: Point) -> int:
    """How many characters the point's registers hold."""
    return point.register_count * point.chars_per_register


def text_of(point: Point, raw: Sequence[int]) -> str | None:
    """The ASCII text of the registers, ended by a zero; None when something else stands in it."""
    words = [word if point.byte_order == "big" else swapped(word) for word in raw]
    codes = words if point.chars_per_register == 1 else [code for word in words for code in (word >> 8, word & 0xFF)]
    codes = codes[: codes.index(0)] if 0 in codes else codes
    return "".join(map(chr, codes)) if all(0x20 <= code < 0x7F for code in codes) else None


def words_of_text(point: Point, text: str) -> tuple[int, ...]:
    """The registers of an ASCII text that is not too long, filled up with zeros."""
    codes = list(map(ord, text.ljust(text_length(point), "\0")))
    if point.chars_per_register == 2:
        codes = [first << 8 | second for first, second in zip(codes[::2], codes[1::2], strict=True)]
    return tuple(code if point.byte_order == "big" else swapped(code) for code in codes)
