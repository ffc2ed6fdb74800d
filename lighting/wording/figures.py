"""How a value is written for a person: the suffix of its name says its unit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lighting.assets.fact import Value

NEAR_MS = 20 * 3_600_000
"""A time that is nearer to the reference than this needs no date."""


@dataclass(frozen=True, slots=True)
class Manner:
    """Whose clock and which marks: the zone of local times, the instant they are near to, the decimal mark."""

    timezone: str = "UTC"
    reference_ms: int | None = None
    decimal_mark: str = "."


def is_printed_safely(text: str) -> bool:
    """Whether a terminal shows the text and obeys nothing in it: no control characters, surrogates, turned writing."""
    return not _UNSAFE.search(text)


def visible(text: str) -> str:
    """The text with what a terminal would obey (or cannot encode) written out, such as ``\\x1b``."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def local_time(at_ms: float, manner: Manner) -> str:
    """Local ``HH:MM``, with the ISO date before it when the reference is absent or 20 hours or more away.

    A time that no calendar holds (before the year 1 or after 9999) is written as its number of milliseconds.
    """
    try:
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(_zone(manner.timezone))
    except (OverflowError, OSError, ValueError):
        return f"{at_ms:.0f} ms"
    if manner.reference_ms is not None and abs(at_ms - manner.reference_ms) < NEAR_MS:
        return f"{local:%H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


def local_second(at_ms: float, manner: Manner) -> str:
    """Like ``local_time``, to the second."""
    return local_time(at_ms, manner) + datetime.fromtimestamp(at_ms / 1000, UTC).strftime(":%S")


def offset_where_twice(at_ms: float, timezone: str) -> str:
    """``+11:00`` where the local clock shows that time twice, else nothing."""
    try:
        local = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(_zone(timezone))
        first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    except (OverflowError, OSError, ValueError):
        return ""
    # Of a time that is left out the two also differ, but an instant never shows such a time.
    return "" if first == second else local.isoformat(timespec="minutes")[len("2026-11-28T23:00") :]


def duration(seconds: float) -> str:
    """A length of time in the two greatest units that matter: ``4.1 s``, ``12 min``, ``2 h 05 min``, ``3 d 4 h``."""
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 10 and seconds != round(seconds):
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def number(value: float) -> str:
    """A number with no more digits than it means: at most six significant, no trailing zeros."""
    if not math.isfinite(value):
        return "unknown"
    return f"{value:.0f}" if abs(value) >= 1e6 or value == round(value) else f"{value:.6g}"


def level(value_pct: float) -> str:
    """A share of 100, to a tenth where it has one."""
    return f"{number(round(value_pct, 1))} %"


def power(value_w: float) -> str:
    """Watts below a kilowatt, else kilowatts (megawatts) to a tenth."""
    if abs(value_w) >= 999_950:
        return f"{value_w / 1e6:.2f} MW"
    return f"{value_w / 1000:.1f} kW" if abs(value_w) >= 999.5 else f"{value_w:.0f} W"


def distance(value_m: float) -> str:
    """Metres below a kilometre, else kilometres to a tenth."""
    return f"{value_m / 1000:.1f} km" if value_m >= 999.5 else f"{value_m:.0f} m"


def energy(value_kwh: float) -> str:
    """Kilowatt-hours: two decimals below 10, one below 100, else whole with thin groups."""
    decimals = 2 if abs(value_kwh) < 10 else 1 if abs(value_kwh) < 100 else 0
    return f"{value_kwh:,.{decimals}f} kWh".replace(",", " ")


def count(value: float) -> str:
    """Many of a thing (lamp-hours …): to a tenth where it has one, with thin groups."""
    decimals = 0 if round(value, 1) == round(value) else 1
    return f"{value:,.{decimals}f}".replace(",", " ")


def _unit(unit: str) -> Callable[[float], str]:
    return lambda value: f"{number(round(value, 2))} {unit}"


_BY_SUFFIX: tuple[tuple[str, Callable[[float], str]], ...] = (
    ("_pct", level),
    ("_kwh", energy),
    ("_ws", lambda value: energy(value / 3_600_000)),
    ("_kw", lambda value: power(value * 1000)),
    ("_va", _unit("VA")),
    ("_w", power),
    ("distance_m", distance),
    ("_v", _unit("V")),
    ("_a", _unit("A")),
    ("_s", duration),
    ("_deg", lambda value: f"{number(round(value, 4))}°"),
    ("_veh_h", _unit("veh/h")),
    ("lamp_h", count),
    ("hours", count),
    ("_lx", _unit("lx")),
)
_ALWAYS_DATED = ("clock_ms", "stored_ms")
"""Times of a clock that is not believed: near to it, the reference is not believed either."""
_DURATIONS_MS = ("latency_ms", "pause_ms", "timeout_ms", "duration_ms", "age_ms", "step_ms")


def figure(name: str, value: Value, manner: Manner) -> str:
    """The text of one value of a fact: by the suffix of its name for a number, as it is for a text.

    None is ``unknown``, but an ``until…`` that is None has no end, and reads «further notice».
    """
    if value is None:
        return "further notice" if name.startswith("until") else "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return visible(value)
    if not math.isfinite(value):
        return "unknown"
    if name.endswith("_ms") and not name.endswith(_DURATIONS_MS):
        near = replace(manner, reference_ms=None) if name in _ALWAYS_DATED else manner
        return local_time(value, near) + offset_where_twice(value, manner.timezone)
    return _with_unit(name, value).replace(".", manner.decimal_mark)


def _with_unit(name: str, value: float) -> str:
    if name.endswith("_ms"):
        return duration(value / 1000)
    if "_per_" in name:  # the sentence says of what
        return number(value)
    for suffix, written in _BY_SUFFIX:
        if name.endswith(suffix):
            return written(value)
    return number(value)
