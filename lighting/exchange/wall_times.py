"""A wall clock's time as an instant, or why it is none: never guessed where clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def is_known_zone(name: str) -> bool:
    """Whether the name is a time zone's."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def utc_ms(at: datetime) -> int:
    """The UTC milliseconds of an aware time."""
    return (at - _EPOCH) // _MS


def wall_ms(wall: datetime, timezone: str) -> int | Fact:
    """The instant at which the clocks of the zone show that naive time, UTC ms.

    A Fact where they show it twice (put back) or never (put forward): then the offset must be written.
    """
    zone = ZoneInfo(timezone)
    first, again = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    is_shown = first.astimezone(zone).replace(tzinfo=None) == wall
    if not is_shown:
        return Fact("wall_time_does_not_exist", {"found": _written(wall), "timezone": timezone})
    if first != again:
        return Fact("wall_time_is_twice", {"found": _written(wall), "timezone": timezone})
    return utc_ms(first)


def iso_ms(text: str, timezone: str) -> int | Fact:
    """The instant that an ISO time means, UTC ms: with its offset, or naive on the clocks of the zone."""
    try:
        at = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2026-11-23"):  # a date alone says no time
            raise ValueError(text)
        return utc_ms(at) if at.tzinfo is not None else wall_ms(at, timezone)
    except (ValueError, OverflowError):
        return Fact("count_time_not_understood", {"found": shown(text)})


def _written(wall: datetime) -> str:
    return wall.isoformat(sep=" ", timespec="minutes")
