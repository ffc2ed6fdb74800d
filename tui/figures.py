"""Figures as a person reads them: levels, powers, ages and local times, with a dash for what is unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

UNKNOWN = "–"
MINUS = "−"
NEAR_MS = 20 * 3_600_000
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def level(value_pct: float | None) -> str:
    return UNKNOWN if value_pct is None or value_pct != value_pct else f"{value_pct:.0f} %"


def power(value_w: float | None) -> str:
    """Watts up to 9,999 W, else kilowatts with one decimal (none over 1 MW)."""
    if value_w is None or value_w != value_w:
        return UNKNOWN
    if abs(value_w) < 2_000:
        return f"{value_w:.0f} W".replace("-", MINUS)
    kilowatts = value_w / 1_000
    return (f"{kilowatts:.1f} kW" if abs(kilowatts) < 1_000 else f"{kilowatts:,.0f} kW").replace("-", MINUS)


def share(value: float | None, of: float | None) -> str:
    """The signed difference of ``value`` from ``of`` in percent, e.g. ``−3.9 %``."""
    if value is None or not of:
        return UNKNOWN
    percent = 100 * (value - of) / of
    if abs(percent) < 0.05:
        return "0.0 %"
    return f"{percent:+.1f} %".replace("-", MINUS)


def duration(value_s: float | None) -> str:
    """``4 s``, ``12 min``, ``3 h``, ``5 d``: one unit, rounded down."""
    if value_s is None:
        return UNKNOWN
    seconds = max(0.0, value_s)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


@lru_cache(maxsize=8)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)


def local(at_ms: int, timezone: str) -> datetime:
    """The local time of UTC milliseconds."""
    return datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(_zone(timezone))


def clock(at_ms: int | None, timezone: str, *, seconds: bool = False) -> str:
    """Local ``HH:MM`` (``HH:MM:SS``)."""
    if at_ms is None:
        return UNKNOWN
    return local(at_ms, timezone).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(at_ms: int | None, timezone: str, now_ms: int | None) -> str:
    """Local ``HH:MM`` of a time near to now; ``24 Nov`` of one that is 20 hours or more away."""
    if at_ms is None or now_ms is None or abs(at_ms - now_ms) < NEAR_MS:
        return clock(at_ms, timezone)
    at = local(at_ms, timezone)
    return f"{at.day} {MONTHS[at.month - 1]}"


def day_and_clock(at_ms: int, timezone: str) -> str:
    """``Mon 23 Nov 18:42``: the names of days and months in English, whatever the locale of the process."""
    at = local(at_ms, timezone)
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at:%H:%M}"


def speed(value: float) -> str:
    """The pace of an accelerated clock, empty at the pace of the day."""
    return "" if value == 1 else f" ×{value:g}"
