"""Registers mean what the profile says, exactly, both ways, and on the fast road as on the exact one."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivers.codec import (
    INTEGER_RANGES,
    REGISTER_COUNTS,
    UNKNOWN,
    Sample,
    SampleQuality,
    block_decoder,
    decode,
    encode,
    flag_names,
    meaning,
)
from drivers.errors import Rejected
from drivers.profile import DataType, Point, Table
from drivers.quantity import Quantity
from tests.drivers.wire_data import bits_data, words_data

INTEGERS: tuple[DataType, ...] = ("u16", "s16", "u32", "s32", "u64", "s64")
SCALES = [
    Fraction(1),
    Fraction(1, 10),
    Fraction(1, 1000),
    Fraction(1, 65536),
    Fraction(3, 7),
    Fraction(-2),
    Fraction(100),
]


def point_of(data_type: DataType = "u16", name: str = "p", address: int = 0, **more: Any) -> Point:
    more.setdefault("register_count", REGISTER_COUNTS[data_type])
    table: Table = "coil" if data_type == "bit" else "holding"
    return Point(name, Quantity.OTHER, "", table, address, data_type, **more)


@st.composite
def number_points(draw: st.DrawFn, address: int = 0, name: str = "p") -> Point:
    data_type = draw(st.sampled_from((*INTEGERS, "float32", "float64")))
    low = draw(st.none() | st.integers(-1000, 0))
    return point_of(
        data_type,
        name,
        address,
        scale=draw(st.sampled_from(SCALES)),
        offset=draw(st.sampled_from([Fraction(0), Fraction(-40), Fraction(1, 3)])),
        word_order=draw(st.sampled_from(["big", "little"])),
        byte_order=draw(st.sampled_from(["big", "big", "little"])),
        bits=draw(st.sampled_from([None, (0, 1), (3, 9), (15, 1)])) if data_type in ("u16", "u32") else None,
        sentinels=draw(st.sampled_from([(), (0xFFFF,), (0x8000,), ((1 << 16 * REGISTER_COUNTS[data_type]) - 1,)])),
        enumeration=draw(st.sampled_from([{}, {0: "a", 7: "b"}])),
        valid_min=low,
        valid_max=draw(st.none() | st.integers(0, 1000)),
    )


@st.composite
def registers_of(draw: st.DrawFn, count: int) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(0, 0xFFFF), min_size=count, max_size=count)))


@given(st.data())
def test_what_is_encoded_is_decoded_to_the_same_value(data: st.DataObject) -> None:
    data_type = data.draw(st.sampled_from(INTEGERS))
    scale, offset = data.draw(st.sampled_from(SCALES)), data.draw(st.sampled_from([Fraction(0), Fraction(-40)]))
    point = point_of(data_type, scale=scale, offset=offset, word_order=data.draw(st.sampled_from(["big", "little"])))
    low, high = INTEGER_RANGES[data_type]
    # A float holds 53 bits: beyond that a value stands for several raw numbers.
    raw = data.draw(st.integers(max(low, -(2**45)), min(high, 2**45)))
    value = float(raw * scale + offset)
    words = encode(point, value)
    assert all(0 <= word <= 0xFFFF for word in words)
    assert decode(point, words).value == value


@given(st.data())
def test_registers_come_back_as_they_were(data: st.DataObject) -> None:
    point = point_of(data.draw(st.sampled_from(("u16", "s16", "u32", "s32"))), scale=Fraction(1, 10))
    raw = data.draw(registers_of(point.register_count))
    value = decode(point, raw).value
    assert isinstance(value, float)
    assert encode(point, value) == raw


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_is_held_to_the_bit(value: float) -> None:
    point = point_of("float32")
    words = encode(point, value)
    assert struct.pack(">HH", *words) == struct.pack(">f", value + 0.0 if value else 0.0)
    assert decode(point, words) == Sample(value, SampleQuality.GOOD)


@given(st.floats(-1e6, 1e6))
def test_a_value_between_two_steps_goes_to_the_nearest(value: float) -> None:
    point = point_of("s32", scale=Fraction(1, 4))
    back = decode(point, encode(point, value)).value
    assert isinstance(back, float)
    assert abs(Fraction(back) - Fraction(value)) <= Fraction(1, 8)


def test_half_a_step_goes_to_more_light() -> None:
    assert encode(point_of(), 62.5) == (63,)


@given(st.data())
def test_the_fast_road_equals_the_exact_one(data: st.DataObject) -> None:
    points, place = [], data.draw(st.integers(0, 5))
    start = place
    for index in range(data.draw(st.integers(1, 6))):
        point = data.draw(number_points(place + data.draw(st.integers(0, 2)), f"p{index}"))
        points.append(point)
        place = point.address + point.register_count
    registers = data.draw(registers_of(place - start))
    asked = data.draw(st.permutations(points))
    fast = block_decoder(asked, start, len(registers))(words_data(registers))
    exact = [
        decode(point, registers[point.address - start : point.address - start + point.register_count])
        for point in asked
    ]
    assert fast == exact
    assert [math.copysign(1, s.value) for s in fast if isinstance(s.value, float) and s.value] == [
        math.copysign(1, s.value) for s in exact if isinstance(s.value, float) and s.value
    ]


@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_bits_of_a_block(raw: list[bool]) -> None:
    points = [point_of("bit", "a", 10), point_of("bit", "b", 12, enumeration={1: "on"})]
    expected = [decode(points[0], raw[:1]), decode(points[1], raw[2:])]
    assert block_decoder(points, 10, 3)(bits_data(raw)) == expected
    assert block_decoder(points[:1], 10, 3)(bits_data(raw)) == expected[:1]
    assert expected[1].quality is (SampleQuality.GOOD if raw[2] else SampleQuality.OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("data_type", "sentinel", "raw"),
    [("u16", 0xFFFF, (0xFFFF,)), ("s16", 0x8000, (0x8000,)), ("u32", 0xFFFFFFFF, (0xFFFF, 0xFFFF))],
)
def test_a_sentinel_is_no_value_and_is_never_written(data_type: DataType, sentinel: int, raw: Sequence[int]) -> None:
    point = point_of(data_type, sentinels=(sentinel,))
    assert decode(point, raw) == UNKNOWN
    assert block_decoder([point], 0, len(raw))(words_data(raw)) == [UNKNOWN]
    value = decode(point_of(data_type), raw).value
    assert isinstance(value, float)
    with pytest.raises(Rejected):
        encode(point, value)


@pytest.mark.parametrize("raw", [(0x7FC0, 0), (0x7F80, 0), (0xFF80, 0), (0x7FFF, 0xFFFF)])
def test_a_float_that_is_no_number_is_unknown_and_not_zero(raw: tuple[int, int]) -> None:
    point = point_of("float32")
    assert decode(point, raw) == UNKNOWN
    assert block_decoder([point], 0, 2)(words_data(raw)) == [UNKNOWN]


def test_a_value_out_of_range_is_kept_and_flagged() -> None:
    point = point_of(valid_min=0, valid_max=100)
    assert decode(point, (100,)) == (100.0, SampleQuality.GOOD)
    assert decode(point, (101,)) == (101.0, SampleQuality.OUT_OF_RANGE)
    assert block_decoder([point], 0, 1)(words_data((65535,))) == [(65535.0, SampleQuality.OUT_OF_RANGE)]


def test_word_order_belongs_to_the_point() -> None:
    assert decode(point_of("u32"), (1, 2)).value == 65538
    assert decode(point_of("u32", word_order="little"), (1, 2)).value == 131073
    assert encode(point_of("s32", word_order="little"), -2) == (0xFFFE, 0xFFFF)


def test_the_wrong_number_of_registers_is_not_decoded() -> None:
    with pytest.raises(ValueError, match="2 registers"):
        decode(point_of("u32"), (1,))


@pytest.mark.parametrize(
    ("point", "value"),
    [
        (point_of(write_min=0, write_max=100), 100.5),
        (point_of(write_min=0, write_max=100), -0.5),
        (point_of(), 65535.5),
        (point_of(), -1),
        (point_of("s16"), 40000),
        (point_of(), math.nan),
        (point_of(), math.inf),
        (point_of(), "60"),
        (point_of("bit"), 0.5),
        (point_of("bit"), 2),
        (point_of(forbidden_raw=(255,)), 255),
        (point_of(enumeration={0: "off", 1: "on"}), 2),
        (point_of("float32"), 1e39),
        (point_of("string", register_count=4), "five5"),
        (point_of("string", register_count=4), "é"),
        (point_of("string", register_count=4), 4.0),
    ],
)
def test_what_a_point_cannot_take_is_refused(point: Point, value: float | str) -> None:
    with pytest.raises(Rejected):
        encode(point, value)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8))
def test_text_comes_back(text: str) -> None:
    point = point_of("string", register_count=8)
    assert decode(point, encode(point, text)) == Sample(text, SampleQuality.GOOD)


def test_what_is_no_text_is_unknown() -> None:
    assert decode(point_of("string", register_count=2), (0x4142, 0)) == UNKNOWN


@given(st.data())
def test_little_and_big_differ_only_in_order(data: st.DataObject) -> None:
    raw = data.draw(registers_of(4))
    assume(raw != raw[::-1])
    big, little = point_of("u64"), point_of("u64", word_order="little")
    assert decode(big, raw) == decode(little, raw[::-1])


def test_bytes_swapped_within_each_register() -> None:
    assert decode(point_of("u16", byte_order="little"), (0x3412,)).value == 0x1234
    both = point_of("u32", byte_order="little", word_order="little")
    assert decode(both, (0x7856, 0x3412)).value == 0x12345678
    assert encode(both, 0x12345678) == (0x7856, 0x3412)
    assert decode(point_of("string", register_count=2, byte_order="little"), (0x4100, 0x4200)).value == "AB"


def test_a_float_of_four_registers_is_held_to_the_bit() -> None:
    point = point_of("float64")
    assert encode(point, -1234.5678) == struct.unpack(">4H", struct.pack(">d", -1234.5678))
    assert decode(point, (0x7FF0, 0, 0, 0)) == UNKNOWN
    assert block_decoder([point], 0, 4)(words_data(encode(point, 0.1))) == [Sample(0.1, SampleQuality.GOOD)]


def test_a_field_of_bits_is_read_alone_and_never_written() -> None:
    point = point_of(bits=(4, 3), scale=Fraction(10), offset=Fraction(5), valid_max=70)
    assert decode(point, (0b1111_0101_1111,)) == Sample(55.0, SampleQuality.GOOD)
    assert decode(point, (0b0111_0000,)) == Sample(75.0, SampleQuality.OUT_OF_RANGE)
    assert encode(point, 55, check_range=False) == (0b0101_0000,)
    with pytest.raises(Rejected):
        encode(point, 55)


def test_fields_of_one_register_are_read_in_one_block() -> None:
    points = [point_of("u16", f"b{bit}", 7, bits=(bit, 2)) for bit in (0, 2, 14)]
    samples = block_decoder([*points, point_of("s16", "after", 8)], 7, 2)(words_data((0b10_0000_0000_0011_01, 0xFFFE)))
    assert [sample.value for sample in samples] == [1, 3, 2, -2]


def test_text_of_two_characters_a_register() -> None:
    point = point_of("string", register_count=3, chars_per_register=2)
    assert encode(point, "SDM12") == (0x5344, 0x4D31, 0x3200)
    assert decode(point, (0x5344, 0x4D31, 0x3200)).value == "SDM12"
    assert encode(point, "SDM120") == (0x5344, 0x4D31, 0x3230)
    with pytest.raises(Rejected):
        encode(point, "SDM1200")


def test_the_names_in_a_status_word() -> None:
    word = point_of(flags={0: "lamp failure", 3: "fade running"}, enumeration={9: "both"})
    assert flag_names(word, 9.0) == ("lamp failure", "fade running")
    assert flag_names(word, 8.0) == ("fade running",)
    assert flag_names(word, None) == ()
    assert meaning(word, 9.0) == "both"
    assert meaning(word, 8.0) is None
    assert meaning(point_of(enumeration={2: "two"}, scale=Fraction(1, 10)), 0.2) == "two"


@pytest.mark.parametrize(("wanted", "raw"), [(0, 0), (4, 10), (14.9, 10), (15, 20), (97.4, 95), (100, 100), (0.1, 10)])
def test_a_value_goes_to_the_nearest_step_that_the_device_allows(wanted: float, raw: int) -> None:
    step = Fraction(10) if raw != 95 else Fraction(5)
    point = point_of(write_min=0, write_max=100, write_step=step)
    level = Point("p", Quantity.DIM_LEVEL, "1", "holding", 0, "u16", write_min=0, write_max=100, write_step=step)
    assert encode(level, wanted) == (raw,)
    assert encode(point, wanted) == ((0,) if wanted < 5 else (raw,))


def test_a_level_above_nothing_is_never_rounded_to_dark() -> None:
    level = Point("p", Quantity.DIM_LEVEL, "1", "holding", 0, "u16", write_min=0, write_max=100)
    assert encode(level, 0.2) == (1,)
    assert encode(level, 0) == (0,)
    assert encode(point_of(), 0.2) == (0,)
