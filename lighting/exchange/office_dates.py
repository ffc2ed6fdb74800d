"""Times as offices write them: ``29.03.2026 00:15``, ``29/03/2026 00:15``, ``29-03-2026 00:15:30``.

Between points the day is always first: nobody writes month.day.year. Between slashes and hyphens both orders are usual;
there a date tells its own order where one of its two numbers is over 12, and means the same in both where they are
equal. Any other is one of two days, and the order must be told: it is never guessed.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown

DateOrder = Literal["dmy", "mdy"]
DATE_ORDERS: tuple[DateOrder, ...] = ("dmy", "mdy")

_FORM = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})[ T,]+"
    r"(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:[+-]\d{2}:?\d{2}|Z)?)",
    re.ASCII,
)
_MONTHS = 12


class OfficeDates:
    """The dates of one file: ``order`` as it was told, else as the first date shows that can be in one order only."""

    def __init__(self, order: DateOrder | None = None) -> None:
        self._told = order
        self._shown: DateOrder | None = order

    def read(self, text: str) -> datetime | Fact | None:
        """The time, aware where it has an offset; a Fact why it is none; None where it is in another form."""
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        first, second = int(form["first"]), int(form["second"])
        order = self._order(first, second, form["mark"])
        if order is None:
            either = [_iso(form, one) for one in DATE_ORDERS]
            return Fact("date_may_be_two", {"found": shown(text), "one": either[0][:10], "other": either[1][:10]})
        if form["mark"] != "." and first != second:
            if self._shown is not None and order != self._shown:
                return Fact("date_other_order", {"found": shown(text), "order": self._shown})
            self._shown = order
        try:
            return datetime.fromisoformat(_iso(form, order))
        except ValueError:
            return None

    def read_day(self, text: str) -> date | Fact | None:
        """A day without a time, by the same rules."""
        found = self.read(f"{text} 00:00")
        if isinstance(found, Fact):
            return Fact(found.code, {**found.values, "found": shown(text)})
        return None if found is None else found.date()

    def _order(self, first: int, second: int, mark: str) -> DateOrder | None:
        """None where it may be either."""
        if mark == "." or first == second or first > _MONTHS:
            return "dmy"
        return "mdy" if second > _MONTHS else self._told


def _iso(form: re.Match[str], order: DateOrder) -> str:
    day, month = (form["first"], form["second"]) if order == "dmy" else (form["second"], form["first"])
    clock = form["clock"] if form["clock"][1] != ":" else f"0{form['clock']}"
    return f"{form['year']}-{int(month):02d}-{int(day):02d}T{clock}"
