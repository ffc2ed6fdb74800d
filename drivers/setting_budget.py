"""How often a setting may be written: it lives in a memory that wears out. The rule is pure; the keeping is not.

At one write a minute a memory of 100,000 writes is worn out in 69 days. So a setting is written only when it differs,
not before its minimum interval is over, and not more often a day than its budget.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from drivers.profile import Point

DAY_S = 86_400
DEFAULT_DAILY_BUDGET = 24
"""Of a setting whose profile states none: 100,000 writes are then worn out in eleven years of daily misuse."""


class SettingBudget(Protocol):
    """Who keeps the account of writes to settings, over restarts."""

    async def claim(self, device: str, point: Point) -> None:
        """Account for one write, durably, before its bytes leave.

        Raises Rejected when the minimum interval or the daily budget forbids it, or when it cannot be recorded.
        """


def budget_refusal(point: Point, past_writes_s: Iterable[float], now_s: float) -> str | None:
    """Why this setting must not be written now, None when it may. All times in seconds of one clock.

    A write recorded after ``now_s`` was made before the clock was stepped back: it counts for the budget while it is
    less than a day away, and holds up nobody.
    """
    ages_s = [now_s - at_s for at_s in past_writes_s]
    if point.min_interval_s is not None:
        youngest_s = min((age_s for age_s in ages_s if age_s >= 0), default=None)
        if youngest_s is not None and youngest_s < point.min_interval_s:
            left_s = point.min_interval_s - youngest_s
            return f"{point.name} was written {youngest_s:.0f} s ago; it may be again in {left_s:.0f} s"
    budget = DEFAULT_DAILY_BUDGET if point.daily_budget is None else point.daily_budget
    today = sum(abs(age_s) < DAY_S for age_s in ages_s)
    if today >= budget:
        return f"{point.name} was written {today} times in 24 h; its memory is spared after {budget}"
    return None
