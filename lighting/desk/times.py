"""Until when: what a person writes as an end, turned into an instant of the site's zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.refusal import Refused, WrongUsage
from lighting.schedule.instructions import Layer
from lighting.schedule.night import local_ms

LONGEST_OVERRIDE_MS = 30 * 86_400_000
"""No override outlives 30 days: what should last longer is a program."""

_LONGEST = {
    Layer.EMERGENCY: (86_400_000, "emergency_too_long"),
    Layer.TEST: (30 * 60_000, "test_too_long"),
    Layer.DEMAND_LIMIT: (LONGEST_OVERRIDE_MS, "demand_limit_too_long"),
}
"""An emergency of more than a day is asked for again; a lamp test has minutes."""

FIRST_YEAR, LAST_YEAR = 1700, 2200
"""Outside them the sun is not known well enough, and calendars and clocks of computers begin to fail."""
_FIRST_MS = round(datetime(FIRST_YEAR, 1, 2, tzinfo=UTC).timestamp() * 1000)
_LAST_MS = round(datetime(LAST_YEAR, 12, 31, tzinfo=UTC).timestamp() * 1000)

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z", re.ASCII)
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(d|h|min|m|s)\Z", re.ASCII)
_SECONDS = {"d": 86_400, "h": 3_600, "min": 60, "m": 60, "s": 1}


def parse_until(site: Site, text: str | None, now_ms: int) -> int:
    """The instant that ``06:00`` (the next local one), ``2h``, ``45m``, ``90s`` or an ISO date-time means, in UTC ms.

    None gives the site's default length. An ISO date-time without an offset is local; a clock time that the zone skips
    is taken at the moment of the jump. Of one that occurs twice the next is meant, of a date-time the first. Raises
    ``WrongUsage`` for what cannot be read, is not in the future, or is after the year 2200.
    """
    if text is None:
        return now_ms + round(site.control.override_default_s * 1000)
    until_ms = parse_moment(site, text, now_ms)
    if until_ms <= now_ms:
        raise WrongUsage(Fact("until_in_the_past", {"text": text, "until_ms": until_ms, "now_ms": now_ms}))
    return until_ms


def parse_moment(site: Site, text: str, now_ms: int, *, past: bool = False) -> int:
    """Like ``parse_until``, from 1700 to 2200; with ``past``, a clock time is the last one and a length counts back."""
    at_ms = _moment(site, text, now_ms, past=past)
    if not _FIRST_MS <= at_ms < _LAST_MS:
        raise WrongUsage(Fact("date_too_far", {"text": text}))
    return at_ms


def length_s(text: str) -> float:
    """A length of time in seconds: ``90s``, ``2m``, ``1h``. Raises ``WrongUsage`` for anything else, and for none."""
    length = _LENGTH.match(text.strip())
    seconds = float(length[1]) * _SECONDS[length[2]] if length else 0.0
    if seconds <= 0:
        raise WrongUsage(Fact("length_not_understood", {"text": text}))
    return seconds


def known_night(text: str) -> date:
    """The night of an ISO date. Raises ``WrongUsage`` for none, and outside the years in which the sun is known."""
    try:
        night = date.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(Fact("date_not_understood", {"text": text})) from error
    if not FIRST_YEAR <= night.year <= LAST_YEAR:
        raise WrongUsage(Fact("date_too_far", {"text": text}))
    return night


def _moment(site: Site, text: str, now_ms: int, *, past: bool) -> int:
    wanted = text.strip()
    if clock := _CLOCK.match(wanted):
        return _clock_time(int(clock[1]) * 60 + int(clock[2]), site.timezone, now_ms, past=past)
    if length := _LENGTH.match(wanted):
        length_ms = round(float(length[1]) * _SECONDS[length[2]] * 1000)
        return now_ms - length_ms if past else now_ms + length_ms
    return _iso_time(wanted, site.timezone, text)


def _clock_time(minutes: int, timezone: str, now_ms: int, *, past: bool) -> int:
    today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(timezone)).date()
    moments = [at for days in (-2, -1, 0, 1, 2) for at in _occurrences(today + timedelta(days=days), minutes, timezone)]
    return max(at for at in moments if at <= now_ms) if past else min(at for at in moments if at > now_ms)


def _occurrences(day: date, minutes: int, timezone: str) -> tuple[int, ...]:
    """When the clock shows that time on the day: twice where it is put back over it."""
    first_ms = local_ms(day, minutes, timezone)
    zone = ZoneInfo(timezone)
    wanted = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=zone, fold=1).astimezone(UTC)
    again_ms = round(wanted.timestamp() * 1000)
    shown = wanted.astimezone(zone)
    # In a gap the second reading shows another time: that moment is no occurrence.
    is_shown = (shown.hour * 60 + shown.minute, shown.date()) == (minutes, day)
    return (first_ms, again_ms) if is_shown and again_ms != first_ms else (first_ms,)


def _iso_time(wanted: str, timezone: str, text: str) -> int:
    try:
        found = datetime.fromisoformat(wanted)
        if len(wanted) <= len("2026-11-23"):  # a date alone says no time
            raise ValueError(wanted)
        if found.tzinfo is not None:
            return round(found.timestamp() * 1000)
        return local_ms(found.date(), found.hour * 60 + found.minute, timezone) + found.second * 1000
    except (ValueError, OverflowError) as error:
        raise WrongUsage(Fact("time_not_understood", {"text": text})) from error


def check_length(until_ms: int, now_ms: int, layer: Layer = Layer.OVERRIDE) -> None:
    """Refuse an instruction that would outlive the longest one allowed of its layer."""
    longest_ms, code = _LONGEST.get(layer, (LONGEST_OVERRIDE_MS, "override_too_long"))
    if until_ms - now_ms > longest_ms:
        raise Refused(Fact(code, {"until_ms": until_ms, "longest_duration_ms": longest_ms}))
