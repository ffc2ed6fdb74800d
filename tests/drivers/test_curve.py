"""A raw level and the light it gives, both ways."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.codec import UNKNOWN, block_decoder, decode, encode
from drivers.errors import Rejected
from drivers.profile import Point
from drivers.quantity import Quantity
from tests.drivers.wire_data import words_data

TABLE = ((0, 0.0), (20, 1.0), (90, 60.0), (100, 100.0))
SHAPES: list[dict[str, Any]] = [
    {"curve": "dali_log"},
    {"curve": "dali_log_pct"},
    {"curve": "dali_log_pct", "scale": Fraction(1, 10)},
    {"curve": "dali_log_pct", "scale": Fraction(100, 254)},
    {"curve": "table", "curve_points": TABLE},
]


def level(**more: Any) -> Point:
    return Point("level", Quantity.DIM_LEVEL, "1", "holding", 0, "u16", **more)


@pytest.mark.parametrize(("raw", "light"), [(1, 0.1), (127, 3.1), (170, 10.1), (229, 50.5)])
def test_the_published_levels(raw: int, light: float) -> None:
    # IEC 62386-102, table of the standard dimming curve.
    value = decode(level(curve="dali_log"), (raw,)).value
    assert isinstance(value, float)
    assert round(value, 1 if raw > 1 else 2) == light


def test_the_ends_are_exact() -> None:
    point = level(curve="dali_log")
    assert decode(point, (0,)).value == 0.0
    assert decode(point, (254,)).value == 100.0
    assert encode(point, 100) == (254,)
    assert encode(point, 0) == (0,)


@pytest.mark.parametrize("raw", [255, 256, 65535])
def test_no_change_is_no_level(raw: int) -> None:
    point = level(curve="dali_log")
    assert decode(point, (raw,)) == UNKNOWN
    assert block_decoder([point], 0, 1)(words_data((raw,))) == [UNKNOWN]


@pytest.mark.parametrize("light", [0.001, 0.05, 0.1])
def test_a_little_light_is_not_dark(light: float) -> None:
    assert encode(level(curve="dali_log"), light) == (1,)
    assert encode(level(curve="table", curve_points=TABLE), light)[0] > 0


def test_a_light_beyond_the_curve_is_refused() -> None:
    for point in (level(curve="dali_log"), level(curve="table", curve_points=TABLE)):
        with pytest.raises(Rejected):
            encode(point, 100.5)
        with pytest.raises(Rejected):
            encode(point, -0.5)


def test_between_the_points_of_a_table_it_is_straight() -> None:
    point = level(curve="table", curve_points=TABLE)
    assert decode(point, (10,)).value == 0.5
    assert decode(point, (95,)).value == 80.0
    assert decode(point, (101,)) == UNKNOWN


@given(st.sampled_from(SHAPES), st.integers(0, 65535))
def test_a_raw_level_comes_back_and_both_roads_agree(shape: dict[str, Any], raw: int) -> None:
    point = level(**shape)
    for number in (raw, raw % 1024, raw % 256):
        sample = decode(point, (number,))
        assert block_decoder([point], 0, 1)(words_data((number,))) == [sample]
        if sample.value is not None:
            assert encode(point, sample.value) == (number,)


@given(st.sampled_from(SHAPES), st.floats(0, 100))
def test_no_other_raw_level_is_nearer(shape: dict[str, Any], light: float) -> None:
    point = level(**shape)
    lights = {raw: decode(point, (raw,)).value for raw in range(1100)}
    known = {raw: value for raw, value in lights.items() if isinstance(value, float)}
    (raw,) = encode(point, light)
    allowed = known if light == 0 else {r: v for r, v in known.items() if v > 0}
    assert abs(known[raw] - light) <= min(abs(value - light) for value in allowed.values())
    assert all(a < b for a, b in pairwise(known.values()))
