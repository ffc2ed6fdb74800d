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

from drivers.counter import counter_advance
from drivers.curve import curve_of, raw_of_light
from drivers.errors import Rejected
from drivers.profile import Point
from drivers.quantity import LEVELS
from drivers.registers import (
    FLOAT_FORMATS,
    INTEGER_RANGES,
    REGISTER_COUNTS,
    STRUCT_LETTERS,
    pattern_of,
    raw_range,
    text_length,
    text_of,
    words_of,
    words_of_text,
)

__all__ = [
    "INTEGER_RANGES",
    "REGISTER_COUNTS",
    "UNKNOWN",
    "BlockDecoder",
    "Sample",
    "SampleQuality",
    "block_decoder",
    "counter_advance",
    "decode",
    "encode",
    "flag_names",
    "meaning",
    "raw_number",
]

_HALF = Fraction(1, 2)


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
BlockDecoder = Callable[[bytes], list[Sample]]


def decode(point: Point, raw: Sequence[int]) -> Sample:
    """The value of a point's registers (or bit), most exactly: ``float(raw * scale + offset)``, or along its curve.

    Raises ValueError when the number of registers is not the point's.
    """
    if len(raw) != point.register_count:
        raise ValueError(f"{point.name} has {point.register_count} registers, not {len(raw)}")
    if point.data_type == "string":
        text = text_of(point, raw)
        return UNKNOWN if text is None else Sample(text, SampleQuality.GOOD)
    pattern = pattern_of(point, raw)
    number = None if pattern in point.sentinels else _number(point, pattern)
    if number is None:
        return UNKNOWN
    if point.curve != "linear":
        light = curve_of(point)(int(number))
        return UNKNOWN if light is None else _judged(point, number, light)
    value = _nearest_float(number * point.scale + point.offset)
    return _judged(point, number, value) if math.isfinite(value) else UNKNOWN


def encode(point: Point, value: float | str, *, check_range: bool = True) -> tuple[int, ...]:
    """The registers (or bit) that set a point to ``value``, rounded to the nearest step of the device, halves up.

    A level above 0 never becomes dark by rounding: it goes to the lowest step that is lit. Raises Rejected for a value
    that is no finite number, outside the write range, forbidden, not in the enumeration, or not to be held by the
    type, and for a field of bits. ``check_range=False`` asks only whether the type can hold it; a field of bits then
    stands alone between zeros.
    """
    if check_range and point.bits is not None:
        raise Rejected(f"{point.name} is a part of a register and is never written")
    if point.data_type == "string":
        return _encode_text(point, value)
    if isinstance(value, str) or not math.isfinite(value):
        raise Rejected(f"{point.name} takes a number, not {value!r}")
    wanted = Fraction(value)
    if check_range:
        _refuse_out_of_range(point, value)
        wanted = _stepped(point, wanted)
    pattern = _float_pattern(point, wanted) if point.data_type in FLOAT_FORMATS else _integer_pattern(point, wanted)
    if check_range and pattern in point.forbidden_raw:
        raise Rejected(f"{point.name} must not be written as {pattern}")
    if pattern in point.sentinels:
        raise Rejected(f"{point.name}: {pattern} means that there is no value")
    return words_of(point, pattern)


def raw_number(point: Point, raw: Sequence[int]) -> int | float:
    """The raw number of a point's registers, before scale and offset; for comparing within a raw step."""
    number = _number(point, pattern_of(point, raw))
    return math.nan if number is None else float(number) if point.data_type in FLOAT_FORMATS else int(number)


def flag_names(point: Point, value: float | str | None) -> tuple[str, ...]:
    """The names of the flags that are set in a status word, the lowest bit first."""
    number = _raw_of_value(point, value)
    return () if number is None else tuple(name for bit, name in sorted(point.flags.items()) if number >> bit & 1)


def meaning(point: Point, value: float | str | None) -> str | None:
    """What the enumeration says of a value; None when it says nothing."""
    number = _raw_of_value(point, value)
    return None if number is None else point.enumeration.get(number)


def _raw_of_value(point: Point, value: float | str | None) -> int | None:
    if value is None or isinstance(value, str) or not math.isfinite(value) or point.scale == 0:
        return None
    return math.floor((Fraction(value) - point.offset) / point.scale + _HALF)


def block_decoder(points: Sequence[Point], address: int, count: int) -> BlockDecoder:
    """A decoder of a block read that starts at ``address``; it gives the samples in the order of ``points``.

    It takes the block as it stood on the wire (two bytes a register, the high one first; or eight bits a byte, the
    first one lowest) and equals ``decode`` for each point.
    """
    if all(point.data_type == "bit" for point in points):
        return _bits_decoder(points, address)
    fast, layout, place = [], [">"], address
    for point in sorted(points, key=lambda point: point.address):
        if _is_fast(point) and point.address >= place:
            fast.append(point)
            layout.append(f"{2 * (point.address - place)}x{STRUCT_LETTERS[point.data_type]}")
            place = point.address + point.register_count
    layout.append(f"{2 * (address + count - place)}x")
    unpack = struct.Struct("".join(layout)).unpack
    if list(points) == fast:
        # Straight from the unpacked numbers, for a block of one kind: most polls of meters and of levels are one.
        samples = _all_floats(points) or _all_integers(points)
        if samples is not None:
            return lambda data: samples(unpack(data))
    words = struct.Struct(f">{count}H").unpack
    position = {point.name: index for index, point in enumerate(fast)}
    steps: list[tuple[Callable[[Any], Sample], int]] = [
        (_fast_sample(point), position[point.name]) if point.name in position else (_exact_sample(point, address), -1)
        for point in points
    ]

    def decode_block(data: bytes) -> list[Sample]:
        numbers, registers = unpack(data), words(data)
        return [make(numbers[at] if at >= 0 else registers) for make, at in steps]

    return decode_block


def _bits_decoder(points: Sequence[Point], address: int) -> BlockDecoder:
    both = (Sample(0.0, SampleQuality.GOOD), Sample(1.0, SampleQuality.GOOD))
    plain = all(point.scale == 1 and point.offset == 0 and not point.sentinels for point in points)
    places = [divmod(point.address - address, 8) for point in points]
    if plain and all(_unjudged(point) for point in points):
        return lambda data: [both[data[byte] >> bit & 1] for byte, bit in places]
    pairs = [(decode(point, (0,)), decode(point, (1,))) for point in points]
    return lambda data: [pair[data[byte] >> bit & 1] for pair, (byte, bit) in zip(pairs, places, strict=True)]


def _unjudged(point: Point) -> bool:
    return point.valid_min is None and point.valid_max is None and not point.enumeration


def _is_fast(point: Point) -> bool:
    if point.data_type not in STRUCT_LETTERS or point.bits is not None or point.byte_order == "little":
        return False
    if point.word_order == "little" and point.register_count > 1:
        return False
    if point.data_type not in FLOAT_FORMATS:
        return True
    return point.scale == 1 and point.offset == 0 and not point.sentinels and not point.enumeration


def _exact_sample(point: Point, address: int) -> Callable[[Sequence[int]], Sample]:
    """Judging a point that ``struct`` cannot unpack; a field of bits in one register is cut out of it."""
    first = point.address - address
    if point.bits is None or point.register_count > 1 or point.byte_order == "little":
        return lambda registers: decode(point, registers[first : first + point.register_count])
    shift, mask, judge = point.bits[0], (1 << point.bits[1]) - 1, _fast_sample(point)
    return lambda registers: judge(registers[first] >> shift & mask)


def _fast_sample(point: Point) -> Callable[[Any], Sample]:
    """Judging one unpacked number. Python divides integers to the nearest float, so this equals the fractions."""
    low = -math.inf if point.valid_min is None else point.valid_min
    high = math.inf if point.valid_max is None else point.valid_max
    good, out, isfinite = SampleQuality.GOOD, SampleQuality.OUT_OF_RANGE, math.isfinite
    if point.data_type in FLOAT_FORMATS:

        def make_float(number: float) -> Sample:
            if not isfinite(number):
                return UNKNOWN
            return Sample(number, good if low <= number <= high else out)

        return make_float
    known, nothing = frozenset(point.enumeration), _signed_sentinels(point)
    if point.curve != "linear":
        curve = curve_of(point)

        def make_level(number: int) -> Sample:
            light = None if number in nothing else curve(number)
            if light is None:
                return UNKNOWN
            return Sample(light, good if low <= light <= high and (not known or number in known) else out)

        return make_level
    factor, added, divisor = _factors(point)

    def make_integer(number: int) -> Sample:
        if number in nothing:
            return UNKNOWN
        value = (number * factor + added) / divisor
        return Sample(value, good if low <= value <= high and (not known or number in known) else out)

    return make_integer


def _signed_sentinels(point: Point) -> frozenset[int]:
    """The raw numbers of the sentinels as ``struct`` unpacks them."""
    end, size = raw_range(point)[1], 1 << 16 * point.register_count
    return frozenset(pattern - size if pattern > end and point.bits is None else pattern for pattern in point.sentinels)


def _all_floats(points: Sequence[Point]) -> Callable[[Sequence[float]], list[Sample]] | None:
    """Judging the numbers of float points in one go, None when some point is of another kind."""
    if any(point.data_type not in FLOAT_FORMATS for point in points):
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
    if any(
        point.data_type in FLOAT_FORMATS or point.sentinels or point.enumeration or point.curve != "linear"
        for point in points
    ):
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


def _number(point: Point, pattern: int) -> Fraction | None:
    """The raw number of a pattern; None for a float that is no number."""
    if point.data_type in FLOAT_FORMATS:
        (number,) = struct.unpack(FLOAT_FORMATS[point.data_type], pattern.to_bytes(2 * point.register_count, "big"))
        return Fraction(number) if math.isfinite(number) else None
    if pattern > raw_range(point)[1]:
        pattern -= 1 << 16 * point.register_count
    return Fraction(pattern)


def _nearest_float(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _encode_text(point: Point, value: float | str) -> tuple[int, ...]:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise Rejected(f"{point.name} takes printable ASCII text, not {value!r}")
    if len(value) > text_length(point):
        raise Rejected(f"{point.name} holds {text_length(point)} characters, not {len(value)}")
    return words_of_text(point, value)


def _refuse_out_of_range(point: Point, value: float) -> None:
    low, high = point.write_min, point.write_max
    if (low is not None and value < low) or (high is not None and value > high):
        raise Rejected(f"{point.name} takes {low} to {high}, not {value:.15g}")


def _stepped(point: Point, wanted: Fraction) -> Fraction:
    """The nearest value that the device allows, counted in its steps from the lowest; halves up, never down to dark."""
    step = point.write_step
    if not step:
        return wanted
    lowest = Fraction(point.write_min or 0)
    value = lowest + step * math.floor((wanted - lowest) / step + _HALF)
    if _went_dark(point, wanted, value):
        value += step
    return value if point.write_max is None or value <= point.write_max else value - step


def _went_dark(point: Point, wanted: Fraction, value: Fraction) -> bool:
    return point.quantity in LEVELS and value <= 0 < wanted


def _integer_pattern(point: Point, wanted: Fraction) -> int:
    number = _nearest_raw(point, wanted)
    low, high = raw_range(point)
    if number is None or not low <= number <= high:
        raise Rejected(f"{point.name} cannot hold {_nearest_float(wanted):.15g}")
    if point.enumeration and number not in point.enumeration:
        raise Rejected(f"{point.name} takes {sorted(point.enumeration)}, not {number}")
    return number % (1 << 16 * point.register_count)


def _nearest_raw(point: Point, wanted: Fraction) -> int | None:
    if point.curve != "linear":
        return raw_of_light(point, _nearest_float(wanted))
    target = (wanted - point.offset) / point.scale
    if point.data_type == "bit" and target not in (0, 1):
        raise Rejected(f"{point.name} takes 0 or 1, not {_nearest_float(wanted):.15g}")
    number = math.floor(target + _HALF)
    if _went_dark(point, wanted, number * point.scale + point.offset):
        return number + (1 if point.scale > 0 else -1)
    return number


def _float_pattern(point: Point, wanted: Fraction) -> int:
    try:
        number = float((wanted - point.offset) / point.scale)
        return int.from_bytes(struct.pack(FLOAT_FORMATS[point.data_type], number), "big")
    except OverflowError as error:
        raise Rejected(f"{point.name} cannot hold {_nearest_float(wanted):.15g}") from error
