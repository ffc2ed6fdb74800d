"""A set of nights in few words: ranges of dates by year, or weekdays with their exceptions, whichever is shorter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from lighting.assets.fact import Fact

Say = Callable[[Fact], str]
_DAY = timedelta(days=1)
_MOSTLY = 0.6
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def runs(nights: Iterable[date]) -> list[tuple[date, date]]:
    """Nights that follow each other as one span each, in order."""
    spans: list[tuple[date, date]] = []
    for night in sorted(nights):
        if spans and night - spans[-1][1] <= _DAY:
            spans[-1] = (spans[-1][0], night)
        else:
            spans.append((night, night))
    return spans


def dates_in_words(nights: Iterable[date], named: Callable[[date], str] = lambda _: "") -> str:
    """``2026: 01-01, 02-16..02-20; 2027: 01-01``, each span with the name that its nights share, if they have one."""
    by_year: dict[int, list[str]] = {}
    for name, first, last in _named_runs(nights, named):
        text = f"{first:%m-%d}" if first == last else f"{first:%m-%d}..{last:%m-%d}"
        if first.year != last.year:
            text = f"{first:%m-%d}..{last.isoformat()}"
        by_year.setdefault(first.year, []).append(f"{text} {name}" if name else text)
    return "; ".join(f"{year}: {', '.join(spans)}" for year, spans in by_year.items())


def _named_runs(nights: Iterable[date], named: Callable[[date], str]) -> list[tuple[str, date, date]]:
    found: list[tuple[str, date, date]] = []
    for night in sorted(nights):
        name = named(night)
        if found and found[-1][0] == name and night - found[-1][2] == _DAY:
            found[-1] = (name, found[-1][1], night)
        else:
            found.append((name, night, night))
    return found


def nights_in_words(nights: Sequence[date], among: Sequence[date], say: Say) -> str:
    """The nights as dates, or as «every Fri, Sat …» where that is shorter. ``among`` are all the nights looked at."""
    if len(nights) == len(among):
        return say(Fact("calendar_all_nights"))
    dates = dates_in_words(nights)
    weekly = _weekly(set(nights), among, say)
    return weekly if weekly and len(weekly) < len(dates) else dates


def _weekly(nights: set[date], among: Sequence[date], say: Say) -> str:
    first, last = min(nights), max(nights)
    within = [night for night in among if first <= night <= last]
    days = []
    for weekday in range(7):
        of_day = [night for night in within if night.weekday() == weekday]
        if of_day and sum(night in nights for night in of_day) >= _MOSTLY * len(of_day):
            days.append(weekday)
    if not days or len(days) == 7:
        return ""
    usual = {night for night in within if night.weekday() in days}
    words = ", ".join(WEEKDAYS[day] for day in days)
    lacks_none = first - _DAY * 7 < among[0] and last + _DAY * 7 > among[-1]
    if lacks_none:
        text = say(Fact("calendar_every", {"weekdays": words}))
    else:
        span = {"from_date": first.isoformat(), "to_date": last.isoformat()}
        text = say(Fact("calendar_every_from", {"weekdays": words, **span}))
    missing, more = usual - nights, nights - usual
    if missing:
        text = say(Fact("calendar_but", {"nights": text, "but": dates_in_words(missing)}))
    if more:
        text = say(Fact("calendar_and", {"nights": text, "more": dates_in_words(more)}))
    return text
