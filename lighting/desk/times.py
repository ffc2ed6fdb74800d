"""Until when: what a person writes as an end, turned into an instant of the site's zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.refusal import Refused, WrongUsage
from lighting.schedule.night import local_ms

LONGEST_OVERRIDE_MS = 30 * 86_400_000
"""No override outlives 30 days: what should last longer is a program."""

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\Z")
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(d|h|min|m|s)\Z")
_SECONDS = {"d": 86_400, "h": 3_600, "min": 60, "m": 60, "s": 1}


def parse_until(site: Site, text: str | None, now_ms: int) -> int:
    """The instant that ``06:00`` (the next local one), ``2h``, ``45m``, ``90s`` or an ISO date-time means, in UTC ms.

    None gives the site's default length. An ISO date-time without an offset is local; a clock time that the zone skips
    is taken at the moment of the jump, one that occurs twice at its first. Raises ``WrongUsage`` for what cannot be
    read or is not in the future.
    """
    if text is None:
        return now_ms + round(site.control.override_default_s * 1000)
    until_ms = parse_moment(site, text, now_ms)
    if until_ms <= now_ms:
        raise WrongUsage(Fact("until_in_the_past", {"text": text, "until_ms": until_ms, "now_ms": now_ms}))
    return until_ms


def parse_moment(site: Site, text: str, now_ms: int, *, past: bool = False) -> int:
    """Like ``parse_until``, unchecked; with ``past``, a clock time is the last local one and a length counts back."""
    wanted = text.strip()
    if clock := _CLOCK.match(wanted):
        return _clock_time(int(clock[1]) * 60 + int(clock[2]), site.timezone, now_ms, past=past)
    if length := _LENGTH.match(wanted):
        length_ms = round(float(length[1]) * _SECONDS[length[2]] * 1000)
        return now_ms - length_ms if past else now_ms + length_ms
    return _iso_time(wanted, site.timezone, text)


def _clock_time(minutes: int, timezone: str, now_ms: int, *, past: bool) -> int:
    today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(timezone)).date()
    for days in (1, 0, -1, -2) if past else (-1, 0, 1, 2):
        at_ms = local_ms(today + timedelta(days=days), minutes, timezone)
        if (at_ms <= now_ms) if past else (at_ms > now_ms):
            return at_ms
    raise AssertionError("every clock time occurs within two days")


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


def check_length(until_ms: int, now_ms: int) -> None:
    """Refuse an override that would outlive the longest one allowed."""
    if until_ms - now_ms > LONGEST_OVERRIDE_MS:
        raise Refused(Fact("override_too_long", {"until_ms": until_ms, "longest_duration_ms": LONGEST_OVERRIDE_MS}))
