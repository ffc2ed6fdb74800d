"""The device's side of every number format, against the vectors of all profiles and against the client's codec."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.codec import decode
from drivers.profile import DataType, Order, Point, Profile
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.simulator.raw_values import encoder, from_raw, pattern

PROFILES = built_in_profiles()


def point(data_type: DataType = "u16", **changes: object) -> Point:
    return replace(Point("a", Quantity.OTHER, "", "holding", 0, data_type), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_every_vector_of_a_profile_holds_on_the_devices_side(profile: Profile) -> None:
    for vector in profile.vectors:
        target = profile.point_named(vector.point)
        assert target is not None
        raw = encoder(target)(vector.value)
        if vector.value is None:
            assert decode(target, raw).value is None
        elif target.bits is None:
            assert raw == vector.raw, vector
        else:
            first, width = target.bits
            assert pattern(target, raw) == pattern(target, vector.raw) & ((1 << width) - 1) << first
        if target.writable and isinstance(vector.value, float | int):
            assert from_raw(target, vector.raw) == pytest.approx(vector.value, rel=1e-6, abs=0.05)


ORDERS: st.SearchStrategy[Order] = st.sampled_from(["big", "little"])
INTEGERS: dict[DataType, tuple[int, int]] = {
    "u16": (0, 2**16 - 1),
    "s16": (-(2**15), 2**15 - 1),
    "u32": (0, 2**32 - 1),
    "s32": (-(2**31), 2**31 - 1),
    "u64": (0, 2**53),
    "s64": (-(2**53), 2**53),
}


@given(st.sampled_from(sorted(INTEGERS)), ORDERS, ORDERS, st.data())
def test_whole_numbers_mean_the_same_to_device_and_client(
    data_type: DataType, word_order: Order, byte_order: Order, data: st.DataObject
) -> None:
    target = point(data_type, word_order=word_order, byte_order=byte_order, register_count=int(data_type[1:]) // 16)
    number = float(data.draw(st.integers(*INTEGERS[data_type])))
    raw = encoder(target)(number)
    assert decode(target, raw).value == number
    assert from_raw(target, raw) == number


@given(
    st.sampled_from(["float32", "float64"]), ORDERS, ORDERS, st.floats(width=32, allow_nan=False, allow_infinity=False)
)
def test_floats_mean_the_same_to_device_and_client(
    data_type: DataType, word_order: Order, byte_order: Order, number: float
) -> None:
    count = 2 if data_type == "float32" else 4
    target = point(data_type, word_order=word_order, byte_order=byte_order, register_count=count)
    raw = encoder(target)(number)
    assert decode(target, raw).value == number
    assert from_raw(target, raw) == number


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12), st.sampled_from([1, 2]), ORDERS)
def test_texts_mean_the_same_to_device_and_client(text: str, chars: int, byte_order: Order) -> None:
    target = point("string", register_count=6, chars_per_register=chars, byte_order=byte_order)
    assert decode(target, encoder(target)(text)).value == text[: 6 * chars]


def test_a_dali_level_is_what_the_standard_prints() -> None:
    """IEC 62386-102, 9.3: 1 gives 0.1 %, 127 3.1 %, 170 10.1 %, 229 50.5 %, 254 100 %."""
    arc = point(curve="dali_log")
    for level, light_pct in ((0, 0.0), (1, 0.1), (127, 3.1), (170, 10.1), (229, 50.5), (254, 100.0)):
        assert from_raw(arc, (level,)) == pytest.approx(light_pct, abs=0.05)
        assert encoder(arc)(from_raw(arc, (level,))) == (level,)
    assert encoder(arc)(0.0001) == (1,), "light below the lowest level is the lowest level, not dark"
    percent = point(curve="dali_log_pct")
    assert from_raw(percent, (100,)) == pytest.approx(100.0)
    assert encoder(percent)(100.0) == (100,)
    assert encoder(percent)(10.1) == (67,)


def test_a_table_goes_straight_from_point_to_point() -> None:
    dimmer = point(curve="table", curve_points=((0, 0.0), (100, 20.0), (200, 100.0)))
    assert from_raw(dimmer, (150,)) == 60.0
    assert encoder(dimmer)(60.0) == (150,)
    assert encoder(dimmer)(200.0) == (200,)


def test_a_field_of_bits_and_a_counter_wrap() -> None:
    assert encoder(point(bits=(4, 3)))(5.0) == (5 << 4,)
    assert encoder(point(bits=(4, 3)))(99.0) == (7 << 4,)
    assert encoder(point(counter_wrap=10_000, scale=Fraction(1, 10)))(1000.5) == (5,)
    assert encoder(point(sentinels=(0xFFFF,)))(None) == (0xFFFF,)
