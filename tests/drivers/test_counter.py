"""How far a counter went on, and when nobody can say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.counter import counter_advance
from drivers.profile import CounterReset, Point
from drivers.quantity import Quantity


def counter(reset: CounterReset, *, bits: int | None = None, wrap: int | None = None) -> Point:
    return Point(
        "count",
        Quantity.PULSE_COUNT,
        "1",
        "input",
        0,
        "u32",
        register_count=2,
        counter_bits=bits,
        counter_wrap=wrap,
        counter_reset=reset,
    )


@given(st.integers(2, 2**32), st.data())
def test_a_wrap_is_counted_through(wrap: int, data: st.DataObject) -> None:
    before = data.draw(st.integers(0, wrap - 1))
    advance = data.draw(st.integers(0, wrap - 1))
    assert counter_advance(counter("never", wrap=wrap), before, (before + advance) % wrap, False) == advance


@pytest.mark.parametrize(
    ("point", "before", "after", "restarted", "advance"),
    [
        (counter("never", bits=16), 65535, 0, False, 1),
        (counter("never"), 2**32 - 1, 1, True, 2),
        (counter("on_power_loss", bits=16), 65535, 4, False, 5),
        (counter("on_power_loss", bits=16), 65535, 4, True, 4),
        (counter("on_power_loss"), 10, 20, True, 20),
        (counter("unknown"), 10, 20, False, 10),
        (counter("unknown"), 20, 10, False, None),
        (counter("unknown"), 10, 20, True, None),
        (counter("never", wrap=1000), 1000, 1, False, None),
        (counter("never", bits=16), 1, 70000, False, None),
    ],
)
def test_what_can_be_told(point: Point, before: int, after: int, restarted: bool, advance: int | None) -> None:
    assert counter_advance(point, before, after, restarted) == advance
