"""The lighting night: from local noon to local noon, named by the date of its evening.

Clock changes, stated once and tested by name:

* A clock time that does not exist (clocks are put forward over it) is taken at the moment of the jump.
* A clock time that occurs twice (clocks are put back) is taken at its **first** occurrence. A step to a lower level
  may so come an hour early by the sun, never later than its clock shows; the step back up too, so no light is lost.
* A night with a clock change is 23 or 25 hours long (23½ or 24½ on Lord Howe Island); nights follow each other
  without gap or overlap, also where a zone leaves a whole day out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NOON_MINUTES = 720
DAY_MINUTES = 1440
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def night_span_ms(night: date, timezone: str) -> tuple[int, int]:
    """Return the half-open span [start, end) of the lighting night, UTC milliseconds."""
    return local_ms(night, NOON_MINUTES, timezone), local_ms(night + timedelta(days=1), NOON_MINUTES, timezone)


def night_of(at_ms: int, timezone: str) -> date:
    """Return the name of the lighting night that holds the instant (UTC milliseconds)."""
    local = (_EPOCH + at_ms * _MS).astimezone(ZoneInfo(timezone))
    night = local.date() if local.hour >= NOON_MINUTES // 60 else local.date() - timedelta(days=1)
    while at_ms < night_span_ms(night, timezone)[0]:
        night -= timedelta(days=1)
    while at_ms >= night_span_ms(night, timezone)[1]:
        night += timedelta(days=1)
    return night


def local_clock_ms(night: date, minutes: int, timezone: str) -> int:
    """Return when the local clock shows ``minutes`` after midnight (0…1439) within the lighting night, UTC ms.

    From noon on the evening's date is meant, before noon the next date. Raises ValueError outside 0…1439.
    """
    if not 0 <= minutes < DAY_MINUTES:
        raise ValueError(f"a clock time is 0 to 1439 minutes after midnight, not {minutes}")
    return local_ms(night if minutes >= NOON_MINUTES else night + timedelta(days=1), minutes, timezone)


@lru_cache(maxsize=4096)
def local_ms(day: date, minutes: int, timezone: str) -> int:
    """When the local clock shows ``minutes`` after midnight of ``day``: if never, the jump; if twice, the first."""
    zone = ZoneInfo(timezone)
    wanted = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60)  # noqa: DTZ001 - a wall clock's face
    first = wanted.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wanted:
        return _to_ms(first)
    # In a gap the two readings of the zone lie on the two sides of the jump.
    return _jump_ms(_to_ms(wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)), _to_ms(first), zone)


def _to_ms(at: datetime) -> int:
    return (at - _EPOCH) // _MS


def _offset(at_ms: int, zone: ZoneInfo) -> timedelta | None:
    return (_EPOCH + at_ms * _MS).astimezone(zone).utcoffset()


def _jump_ms(before_ms: int, after_ms: int, zone: ZoneInfo) -> int:
    """Return the first instant with the offset of ``after_ms``, by bisection."""
    after = _offset(after_ms, zone)
    while after_ms - before_ms > 1:
        middle = (before_ms + after_ms) // 2
        if _offset(middle, zone) == after:
            after_ms = middle
        else:
            before_ms = middle
    return after_ms
