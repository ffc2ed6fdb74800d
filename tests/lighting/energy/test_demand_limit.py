"""By how much power a cap is missed, and which cap a power needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.folder import read_site
from lighting.assets.template import template_texts
from lighting.energy.demand_limit import cap_for_power, over_cap_w
from lighting.energy.luminaire_power import CircuitPower

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def power() -> CircuitPower:
    site = read_site(template_texts()).site
    assert site is not None
    return CircuitPower(site)


POWER = power()
MINIMUM = np.array([10.0, 10.0, 100.0, 10.0])
"""C-0101 24 × 90 W, C-0102 6 × 90 W, C-0103 8 × 169 W that cannot be dimmed, C-0201 30 × 40 W."""
FLOORS = np.array([30.0, 100.0, 30.0, 36.0])


def test_nothing_is_missed_at_or_under_the_cap() -> None:
    assert over_cap_w(POWER, MINIMUM, np.array([40.0, 0.0, 0.0, 25.0]), 40.0).tolist() == [0, 0, 0, 0]


def test_what_stands_above_the_cap_counts_with_the_power_between() -> None:
    over = over_cap_w(POWER, MINIMUM, np.array([100.0, 100.0, 0.0, 100.0]), 50.0)
    assert over[0] == pytest.approx(2160 - POWER.expected_w(np.array([50.0, 0, 0, 0]))[0])
    assert over[3] == pytest.approx(30 * (40 - 20.5))


def test_lamps_that_cannot_be_dimmed_miss_it_in_proportion() -> None:
    over = over_cap_w(POWER, MINIMUM, np.array([0.0, 0.0, 100.0, 0.0]), 40.0)
    assert over[2] == pytest.approx(0.6 * 8 * 169)


def test_what_is_unknown_stays_unknown() -> None:
    over = over_cap_w(POWER, MINIMUM, np.array([np.nan, 0.0, 0.0, 0.0]), 40.0)
    assert np.isnan(over).tolist() == [True, False, False, False]


@given(
    st.lists(st.floats(0, 100), min_size=4, max_size=4).map(np.array),
    st.floats(0, 100),
    st.floats(0, 100),
)
def test_a_lower_cap_is_never_missed_by_less_and_never_by_more_than_all(
    level: Floats, one: float, other: float
) -> None:
    low, high = min(one, other), max(one, other)
    by_low, by_high = (over_cap_w(POWER, MINIMUM, level, cap) for cap in (low, high))
    assert (by_low >= by_high - 1e-6).all()
    assert (by_low <= POWER.expected_w(level) + 1e-6).all()
    assert (by_high >= 0).all()


@given(st.floats(1, 20_000), st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True))
def test_the_cap_for_a_power_is_the_highest_that_keeps_it(target_w: float, places: list[int]) -> None:
    here = np.array(sorted(places), dtype=np.intp)
    level, used_w = cap_for_power(POWER, np.maximum(MINIMUM, FLOORS), here, target_w)

    def at(cap: float) -> float:
        return float(POWER.expected_w(np.maximum(cap, np.maximum(MINIMUM, FLOORS)))[here].sum())

    assert used_w == pytest.approx(at(level))
    lowest_w = at(0)
    assert used_w <= max(target_w, lowest_w) + 1e-6
    assert level == 100 or at(level + 1) > max(target_w, lowest_w)


def test_two_kilowatts_for_the_market_street() -> None:
    here = np.array([0], dtype=np.intp)
    level, used_w = cap_for_power(POWER, np.maximum(MINIMUM, FLOORS), here, 1500.0)
    assert used_w <= 1500.0 < float(POWER.expected_w(np.array([level + 1.0, 0, 0, 0]))[0])
