"""What holds for every profile that is right: values go both ways, plans read what they may and no more."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.codec import block_decoder, decode, encode, raw_number
from drivers.profile import Point, Profile
from drivers.read_plan import plan_reads
from drivers.registers import FLOAT_FORMATS, pattern_of, raw_range, words_of
from tests.drivers.random_profiles import profiles
from tests.drivers.wire_data import bits_data, words_data
from tests.effort import examples

EXACT_BITS = 45
"""A float holds 53 bits; with a scale and an offset some of them are used up."""


@st.composite
def registers_of(draw: st.DrawFn, point: Point) -> tuple[int, ...]:
    """Registers that the type can hold and a float can tell apart."""
    if point.data_type == "bit":
        return (draw(st.integers(0, 1)),)
    if point.data_type == "string":
        return encode(
            point, draw(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=point.register_count))
        )
    if point.data_type in FLOAT_FORMATS:
        is_short = point.data_type == "float32"
        number = draw(st.floats(width=32 if is_short else 64, allow_nan=False, allow_infinity=False))
        plain = Point(
            point.name, point.quantity, "", "holding", 0, point.data_type, register_count=point.register_count
        )
        return words_of(point, pattern_of(plain, encode(plain, number + 0.0)))
    low, high = raw_range(point)
    raw = draw(st.integers(max(low, -(2**EXACT_BITS)), min(high, 2**EXACT_BITS)))
    return words_of(point, raw % (1 << 16 * point.register_count))


def is_exact(point: Point) -> bool:
    """Whether its value tells its raw number: a scaled float loses some of its bits."""
    return point.data_type not in FLOAT_FORMATS or (point.scale == 1 and point.offset == 0)


@settings(max_examples=examples(40))
@given(st.data())
def test_registers_are_the_same_after_decoding_and_encoding(data: st.DataObject) -> None:
    profile = data.draw(profiles())
    for point in profile.points:
        raw = data.draw(registers_of(point))
        value = decode(point, raw).value
        is_choice = not point.enumeration or raw_number(point, raw) in point.enumeration
        if value is not None and is_exact(point) and is_choice:
            assert encode(point, value, check_range=False) == raw, point


@settings(max_examples=examples(40))
@given(st.data())
def test_a_value_comes_back_within_half_a_step(data: st.DataObject) -> None:
    profile = data.draw(profiles())
    for point in profile.points:
        if point.data_type in (*FLOAT_FORMATS, "string", "bit") or point.enumeration or point.curve != "linear":
            continue
        low, high = raw_range(point)
        raw = data.draw(st.integers(max(low, -(2**EXACT_BITS)) + 1, min(high, 2**EXACT_BITS) - 1)) if high > 1 else low
        beside = data.draw(st.fractions(Fraction(-49, 100), Fraction(49, 100), max_denominator=100))
        asked = float((raw + beside) * point.scale + point.offset)
        words = encode(point, asked, check_range=False) if raw_is_written(point, raw) else None
        if words is not None:
            back = decode(point, words).value
            assert isinstance(back, float)
            step = abs(point.scale)
            is_lifted = point.channel and asked > 0  # a level above 0 never goes to 0
            assert abs(Fraction(back) - Fraction(asked)) <= step * (1 if is_lifted else Fraction(1, 2)) + step / 10**3


def raw_is_written(point: Point, raw: int) -> bool:
    width = point.bits[1] if point.bits else 16 * point.register_count
    return not {(raw + near) % (1 << width) for near in (-1, 0, 1)} & set(point.sentinels)


@settings(max_examples=examples(60))
@given(profiles())
def test_a_plan_reads_every_point_inside_the_limits_and_over_no_forbidden_gap(profile: Profile) -> None:
    limits, blocks = profile.limits, plan_reads(profile.points, profile.limits)
    planned = [point.name for block in blocks for point in block.points]
    assert sorted(planned) == sorted(point.name for point in profile.points)
    for block in blocks:
        is_bit = block.table in ("coil", "discrete")
        assert 1 <= block.count <= (limits.max_bits_per_read if is_bit else limits.max_registers_per_read)
        asked = set()
        for point in block.points:
            assert point.table == block.table
            asked |= set(range(point.address, point.address + point.register_count))
        read = range(block.address, block.address + block.count)
        assert asked <= set(read)
        assert longest_run([address not in asked for address in read]) <= limits.max_gap
        assert {block.address, block.address + block.count - 1} <= asked


def longest_run(flags: list[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


@settings(max_examples=examples(40))
@given(st.data())
def test_a_block_is_decoded_as_its_points_are(data: st.DataObject) -> None:
    profile = data.draw(profiles())
    for block in plan_reads(profile.points, profile.limits):
        is_bit = block.table in ("coil", "discrete")
        words = st.integers(0, 1 if is_bit else 0xFFFF)
        registers = data.draw(st.lists(words, min_size=block.count, max_size=block.count))
        at = {point.name: point.address - block.address for point in block.points}
        exact = [
            decode(point, registers[at[point.name] : at[point.name] + point.register_count]) for point in block.points
        ]
        raw = bits_data(registers) if is_bit else words_data(registers)
        fast = block_decoder(block.points, block.address, block.count)(raw)
        assert fast == exact
        assert all(math.isfinite(sample.value) for sample in fast if isinstance(sample.value, float))
