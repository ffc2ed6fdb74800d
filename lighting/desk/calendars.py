"""What the calendar makes of coming nights, and warnings of rules that can never rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from lighting.assets.draft import CALENDAR_FILE
from lighting.assets.fact import Fact, Problem
from lighting.assets.model import Site
from lighting.assets.toml_file import TomlLines
from lighting.desk.answers import CalendarAnswer
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import CircuitIndex, Scope
from lighting.desk.times import known_night
from lighting.schedule.calendar_view import nights_ruled
from lighting.schedule.idle_rules import idle_rules
from lighting.schedule.night import night_of

NIGHTS_SHOWN = 28
MOST_NIGHTS = 3660


def calendar_answer(
    site: Site, index: CircuitIndex, scope: Scope | None, now_ms: int, *, first: str | None, last: str | None
) -> CalendarAnswer:
    """The rules of the nights from ``first`` (else tonight) to ``last`` (else four weeks of them), both included.

    Raises ``WrongUsage`` for what is no date, for an end before its beginning, and for more than ten years.
    """
    today = night_of(now_ms, site.timezone)
    begin = today if first is None else known_night(first)
    end = begin + timedelta(days=NIGHTS_SHOWN - 1) if last is None else known_night(last)
    if end < begin:
        raise WrongUsage(Fact("calendar_ends_before", {"from_date": begin.isoformat(), "to_date": end.isoformat()}))
    if (end - begin).days >= MOST_NIGHTS:
        raise WrongUsage(Fact("calendar_too_long", {"nights": (end - begin).days + 1, "most": MOST_NIGHTS}))
    positions = None if scope is None else np.flatnonzero(index.mask((scope,)))
    return CalendarAnswer(
        first=begin.isoformat(),
        last=end.isoformat(),
        today=today.isoformat(),
        target="" if scope is None else str(scope),
        circuits=len(site.circuits) if positions is None else int(positions.size),
        rules=site.calendar.rules,
        nights=nights_ruled(site, begin, end, positions),
        idle=idle_rules(site, today),
    )


def calendar_warnings(site: Site, calendar_text: str, now_ms: int) -> tuple[Problem, ...]:
    """A warning for each rule that can never rule, with its line; what is over is no mistake.

    For ``lighting check`` and whoever looks at a folder before it is accepted.
    """
    lines = TomlLines(calendar_text)
    idle = [one for one in idle_rules(site, _date_at(site, now_ms)) if not one.is_over]
    places = [("rules", one.rule, "name") for one in idle]
    return tuple(
        Problem(one.fact, CALENDAR_FILE, lines.line_of(place), f"rules.{one.rule}", is_warning=True)
        for one, place in zip(idle, places, strict=True)
    )


def _date_at(site: Site, now_ms: int) -> date:
    try:
        return night_of(now_ms, site.timezone)
    except (ValueError, OverflowError):  # a clock that stands nowhere
        return datetime.fromtimestamp(0, UTC).date()
