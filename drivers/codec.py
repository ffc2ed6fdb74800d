"""Registers to engineering values and back, exact both ways.

``decode`` and ``encode`` work with fractions and are the rule. ``block_decoder`` is the fast road of the polls:
one unpacking for a whole block and integer arithmetic, whose results equal those of ``decode``.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Callable, Sequence
from enum import Enum
from fractions import Fraction
from typing import Any, NamedTuple

from drivers.errors import Rejected
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
    "string": 1,
}
"""Registers (or bits) of a value of each type; of a string, of one character."""

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

_FORMATS: dict[DataType, str] = {"u16": "H", "s16": "h", "u32": "I", "s32": "i", "u64": "Q", "s64": "q", "float32": "f"}


class SampleQuality(Enum):
    """How far a value can be used. An out-of-range value is kept; an unknown one has no value."""

    GOOD = "good"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN = "unknown"


class Sample(NamedTuple):
    """A value in the unit of its quantity (None: unknown) and its quality. A tuple, because polls make many."""

    value: float | str | None
    quality: SampleQuality


UNKNOWN = Sample(None, SampleQuality.UNKNOWN)
BlockDecoder = Callable[[Sequence[int]], list[Sample]]


def decode(point: Point, raw: Sequence[int]) -> Sample:
    """The value of a point's registers (or bit), most exactly: ``float(raw * scale + offset)``.

    Raises ValueError when the number of registers is not the point's.
    """
    if len(raw) != point.register_count:
        raise ValueError(f"{point.name} has {point.register_count} registers, not {len(raw)}")
    if point.data_type == "string":
        return _decode_text(raw)
    pattern = _pattern(point, raw)
    if pattern in point.sentinels:
        return UNKNOWN
    number = _number(point, pattern)
    if number is None:
        return UNKNOWN
    return _judged(point, number, _nearest_float(number * point.scale + point.offset))


def encode(point: Point, value: float | str, *, check_range: bool = True) -> tuple[int, ...]:
    """The registers (or bit) that set a point to ``value``, rounded to the nearest step of the device, halves up.

    Raises Rejected for a value that is no finite number, outside the write range, forbidden, not in the
    enumeration, or not to be held by the type. ``check_range=False`` asks only whether the type can hold it.
    """
    if point.data_type == "string":
        return _encode_text(point, value)
    if isinstance(value, str) or not math.isfinite(value):
        raise Rejected(f"{point.name} takes a number, not {value!r}")
    if check_range:
        _refuse_out_of_range(point, value)
    target = (Fraction(value) - point.offset) / point.scale
    pattern = _float_pattern(point, target) if point.data_type == "float32" else _integer_pattern(point, target, value)
    if check_range and pattern in point.forbidden_raw:
        raise Rejected(f"{point.name} must not be written as {pattern}")
    if pattern in point.sentinels:
        raise Rejected(f"{point.name}: {pattern} means that there is no value")
    return _words(point, pattern)


def raw_number(point: Point, raw: Sequence[int]) -> int | float:
    """The raw number of a point's registers, before scale and offset; for comparing within a raw step."""
    number = _number(point, _pattern(point, raw))
    return math.nan if number is None else float(number) if point.data_type == "float32" else int(number)


def block_decoder(points: Sequence[Point], address: int, count: int) -> BlockDecoder:
    """A decoder of a block read that starts at ``address``; it gives the samples in the order of ``points``.

    It takes the block's ``count`` registers or bits and equals ``decode`` for each point.
    """
    if all(point.data_type == "bit" for point in points):
        return _bits_decoder(points, address)
    ordered = sorted(points, key=lambda point: point.address)
    fast = [point for point in ordered if _is_fast(point)]
    layout, place = [">"], address
    for point in fast:
        layout.append(f"{2 * (point.address - place)}x{_FORMATS[point.data_type]}")
        place = point.address + point.register_count
    layout.append(f"{2 * (address + count - place)}x")
    unpack = struct.Struct("".join(layout)).unpack
    pack = struct.Struct(f">{count}H").pack
    if len(fast) == len(points):
        # Straight from the unpacked numbers, for a block of one kind: most polls of meters and of levels are one.
        samples = _all_floats(points) if points[0].data_type == "float32" else _all_integers(points)
        if samples is not None and list(points) == fast:
            return lambda registers: samples(unpack(pack(*registers)))
    position = {point.name: index for index, point in enumerate(fast)}
    makers = [_fast_sample(point) if point.name in position else _exact_sample(point, address) for point in points]
    steps: list[tuple[Callable[[Any], Sample], int]] = [
        (maker, position.get(point.name, -1)) for maker, point in zip(makers, points, strict=True)
    ]

    def decode_block(registers: Sequence[int]) -> list[Sample]:
        numbers = unpack(pack(*registers))
        return [make(numbers[at] if at >= 0 else registers) for make, at in steps]

    return decode_block


def _bits_decoder(points: Sequence[Point], address: int) -> BlockDecoder:
    both = (Sample(0.0, SampleQuality.GOOD), Sample(1.0, SampleQuality.GOOD))
    plain = all(point.scale == 1 and point.offset == 0 and not point.sentinels for point in points)
    places = [point.address - address for point in points]
    if plain and all(_unjudged(point) for point in points):
        return lambda bits: [both[bits[place]] for place in places]
    pairs = [(decode(point, (0,)), decode(point, (1,))) for point in points]
    return lambda bits: [pair[bits[place]] for pair, place in zip(pairs, places, strict=True)]


def _unjudged(point: Point) -> bool:
    return point.valid_min is None and point.valid_max is None and not point.enumeration


def _is_fast(point: Point) -> bool:
    if point.data_type not in _FORMATS:
        return False
    if point.word_order == "little" and point.register_count > 1:
        return False
    if point.data_type != "float32":
        return True
    return point.scale == 1 and point.offset == 0 and not point.sentinels and not point.enumeration


def _exact_sample(point: Point, address: int) -> Callable[[Sequence[int]], Sample]:
    first = point.address - address
    return lambda registers: decode(point, registers[first : first + point.register_count])


def _fast_sample(point: Point) -> Callable[[int | float], Sample]:
    """Judging one unpacked number. Python divides integers to the nearest float, so this equals the fractions."""
    low = -math.inf if point.valid_min is None else point.valid_min
    high = math.inf if point.valid_max is None else point.valid_max
    good, out, isfinite = SampleQuality.GOOD, SampleQuality.OUT_OF_RANGE, math.isfinite
    if point.data_type == "float32":

        def make_float(number: float) -> Sample:
            if not isfinite(number):
                return UNKNOWN
            return Sample(number, good if low <= number <= high else out)

        return make_float
    factor, added, divisor = _factors(point)
    known = frozenset(point.enumeration)
    bits = 16 * point.register_count
    end = INTEGER_RANGES[point.data_type][1] if point.data_type.startswith("s") else (1 << bits) - 1
    nothing = frozenset(pattern - (1 << bits) if pattern > end else pattern for pattern in point.sentinels)

    def make_integer(number: float) -> Sample:
        if number in nothing:
            return UNKNOWN
        value = (number * factor + added) / divisor
        return Sample(value, good if low <= value <= high and (not known or number in known) else out)

    return make_integer


def _all_floats(points: Sequence[Point]) -> Callable[[Sequence[float]], list[Sample]] | None:
    """Judging the numbers of float points in one go, None when some point is of another kind."""
    if any(point.data_type != "float32" for point in points):
        return None
    largest, good, new = sys.float_info.max, SampleQuality.GOOD, tuple.__new__
    ranges = [
        (
            -largest if point.valid_min is None else point.valid_min,
            largest if point.valid_max is None else point.valid_max,
        )
        for point in points
    ]

    def odd(number: float) -> Sample:
        return Sample(number, SampleQuality.OUT_OF_RANGE) if math.isfinite(number) else UNKNOWN

    return lambda numbers: [
        new(Sample, (number, good)) if low <= number <= high else odd(number)
        for number, (low, high) in zip(numbers, ranges, strict=True)
    ]


def _all_integers(points: Sequence[Point]) -> Callable[[Sequence[float]], list[Sample]] | None:
    """Scaling and judging integer points in one go, None when a sentinel, an enumeration or a float is among them."""
    if any(point.data_type == "float32" or point.sentinels or point.enumeration for point in points):
        return None
    good, out, new = SampleQuality.GOOD, SampleQuality.OUT_OF_RANGE, tuple.__new__
    rules = [
        (
            *_factors(point),
            -math.inf if point.valid_min is None else point.valid_min,
            math.inf if point.valid_max is None else point.valid_max,
        )
        for point in points
    ]
    return lambda numbers: [
        new(Sample, (value := (number * factor + added) / divisor, good if low <= value <= high else out))
        for number, (factor, added, divisor, low, high) in zip(numbers, rules, strict=True)
    ]


def _factors(point: Point) -> tuple[int, int, int]:
    """``(factor, added, divisor)`` in whole numbers, so that ``(raw * factor + added) / divisor`` is the value."""
    divisor = math.lcm(point.scale.denominator, point.offset.denominator)
    return int(point.scale * divisor), int(point.offset * divisor), divisor


def _judged(point: Point, number: Fraction, value: float) -> Sample:
    in_range = (point.valid_min is None or value >= point.valid_min) and (
        point.valid_max is None or value <= point.valid_max
    )
    known = not point.enumeration or number in point.enumeration
    return Sample(value, SampleQuality.GOOD if in_range and known else SampleQuality.OUT_OF_RANGE)


def _pattern(point: Point, raw: Sequence[int]) -> int:
    """The unsigned bit pattern of the registers, most significant word first."""
    if point.data_type == "bit":
        return int(bool(raw[0]))
    pattern = 0
    for word in raw if point.word_order == "big" else reversed(raw):
        pattern = pattern << 16 | word
    return pattern


def _words(point: Point, pattern: int) -> tuple[int, ...]:
    count = point.register_count
    words = tuple(pattern >> 16 * (count - 1 - at) & 0xFFFF for at in range(count))
    return words if point.word_order == "big" else words[::-1]


def _number(point: Point, pattern: int) -> Fraction | None:
    """The raw number of a pattern; None for a float that is no number."""
    if point.data_type == "float32":
        (number,) = struct.unpack(">f", pattern.to_bytes(4, "big"))
        return Fraction(number) if math.isfinite(number) else None
    if pattern > INTEGER_RANGES[point.data_type][1]:
        pattern -= 1 << 16 * point.register_count
    return Fraction(pattern)


def _nearest_float(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _decode_text(raw: Sequence[int]) -> Sample:
    """One ASCII character in the low byte of each register, ended by 0. Anything else is no text."""
    codes = list(raw[: list(raw).index(0)] if 0 in raw else raw)
    if not all(0x20 <= code < 0x7F for code in codes):
        return UNKNOWN
    return Sample("".join(map(chr, codes)), SampleQuality.GOOD)


def _encode_text(point: Point, value: float | str) -> tuple[int, ...]:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise Rejected(f"{point.name} takes printable ASCII text, not {value!r}")
    if len(value) > point.register_count:
        raise Rejected(f"{point.name} holds {point.register_count} characters, not {len(value)}")
    return tuple(map(ord, value.ljust(point.register_count, "\0")))


def _refuse_out_of_range(point: Point, value: float) -> None:
    low, high = point.write_min, point.write_max
    if (low is not None and value < low) or (high is not None and value > high):
        raise Rejected(f"{point.name} takes {low} to {high}, not {value:g}")


def _integer_pattern(point: Point, target: Fraction, value: float) -> int:
    if point.data_type == "bit" and target not in (0, 1):
        raise Rejected(f"{point.name} takes 0 or 1, not {value:g}")
    number = math.floor(target + Fraction(1, 2))
    low, high = INTEGER_RANGES[point.data_type]
    if not low <= number <= high:
        raise Rejected(f"{point.name} cannot hold {value:g}")
    if point.enumeration and number not in point.enumeration:
        raise Rejected(f"{point.name} takes {sorted(point.enumeration)}, not {number}")
    return number % (1 << 16 * point.register_count)


def _float_pattern(point: Point, target: Fraction) -> int:
    try:
        return int.from_bytes(struct.pack(">f", float(target)), "big")
    except OverflowError as error:
        raise Rejected(f"{point.name} cannot hold {float(target):g}") from error
