"""How often a setting may be written."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from drivers.profile import Point
from drivers.quantity import Quantity
from drivers.setting_budget import DAY_S, DEFAULT_DAILY_BUDGET, budget_refusal

PLAIN = Point("delay", Quantity.STARTUP_DELAY, "", "holding", 1, "u16", writable=True, point_class="setting")
NOW_S = 1_800_000_000.0


def test_the_minimum_interval_is_kept_to_the_second() -> None:
    point = replace(PLAIN, min_interval_s=60.0)
    assert budget_refusal(point, [], NOW_S) is None
    assert budget_refusal(point, [NOW_S - 59], NOW_S) == "delay was written 59 s ago; it may be again in 1 s"
    assert budget_refusal(point, [NOW_S - 60], NOW_S) is None
    assert budget_refusal(point, [NOW_S - 3600, NOW_S - 10], NOW_S) is not None


def test_the_daily_budget_counts_the_last_24_hours() -> None:
    point = replace(PLAIN, daily_budget=2)
    hour_s = 3600
    assert budget_refusal(point, [NOW_S - hour_s], NOW_S) is None
    assert budget_refusal(point, [NOW_S - hour_s, NOW_S - 23 * hour_s], NOW_S) is not None
    assert budget_refusal(point, [NOW_S - hour_s, NOW_S - 24 * hour_s], NOW_S) is None
    assert budget_refusal(replace(PLAIN, daily_budget=0), [], NOW_S) is not None


def test_a_setting_without_a_budget_of_its_own_has_ours() -> None:
    writes = [NOW_S - n for n in range(DEFAULT_DAILY_BUDGET)]
    assert budget_refusal(PLAIN, writes[1:], NOW_S) is None
    assert budget_refusal(PLAIN, writes, NOW_S) is not None


def test_a_clock_that_was_stepped_back_holds_up_nobody_and_forgives_nothing() -> None:
    point = replace(PLAIN, min_interval_s=60.0, daily_budget=2)
    assert budget_refusal(point, [NOW_S + 3600], NOW_S) is None
    assert budget_refusal(point, [NOW_S + 3600, NOW_S + 3700], NOW_S) is not None
    assert budget_refusal(point, [NOW_S + 400 * DAY_S] * 9, NOW_S) is None


@given(st.lists(st.floats(0, 10 * DAY_S), max_size=40), st.integers(1, 5), st.floats(1, 3600))
def test_played_over_days_no_day_has_more_than_its_budget(
    asks_s: list[float], budget: int, min_interval_s: float
) -> None:
    point = replace(PLAIN, daily_budget=budget, min_interval_s=min_interval_s)
    written: list[float] = []
    for at_s in sorted(asks_s):
        if budget_refusal(point, written, at_s) is None:
            written.append(at_s)
    for index, at_s in enumerate(written):
        assert sum(at_s <= other < at_s + DAY_S for other in written) <= budget
        assert index == 0 or at_s - written[index - 1] >= min_interval_s
