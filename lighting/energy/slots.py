"""Hours and days of the local clock as instants: where energy is cut into parts.

A slot begins wherever the local clock shows a full hour, and wherever it is changed, so that half-hour zones and half-
hour changes are right too. A day begins at local midnight, or where the clock goes on from a midnight that it leaves
out.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_MS = 3_600_000


def day_start_ms(day: date, timezone: str) -> int:
    """Return when a local calendar day begins, UTC ms."""
    local = datetime.combine(day, time(), ZoneInfo(timezone))
    begin = (local.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
    # A midnight that the clock leaves out is read with the offset from before: the day begins where it goes on.
    shown = datetime.fromtimestamp(begin / 1000, UTC).astimezone(ZoneInfo(timezone))
    if shown.date() == day and shown.time() != time():
        return _first_of(day, timezone, begin - HOUR_MS * 3, begin)
    return begin


def _first_of(day: date, timezone: str, low: int, high: int) -> int:
    zone = ZoneInfo(timezone)
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle / 1000, UTC).astimezone(zone).date() < day:
            low = middle
        else:
            high = middle
    return high


def local_day(at_ms: int, timezone: str) -> date:
    """Return the local calendar day of an instant."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(timezone)).date()


@lru_cache(maxsize=4096)
def hour_edges_of_day(day: date, timezone: str) -> tuple[int, ...]:
    """Return where the slots of a local day begin, and where the last ends: 25 edges, 24 or 26 at a clock change."""
    zone = ZoneInfo(timezone)
    begin, end = day_start_ms(day, timezone), day_start_ms(day + timedelta(days=1), timezone)
    edges = {begin, end}
    # Offsets are whole quarters of an hour wherever lamps are dimmed; a change of the clock is at such an instant too.
    step_ms = HOUR_MS // 4
    before = None
    for at_ms in range(begin - begin % step_ms, end, step_ms):
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
        offset = local.utcoffset()
        if begin <= at_ms and (local.minute == 0 or (before is not None and offset != before)):
            edges.add(at_ms)
        before = offset
    return tuple(sorted(edges))


def hour_edges_ms(from_ms: int, until_ms: int, timezone: str) -> NDArray[np.int64]:
    """Return all edges of slots from the one at or before ``from_ms`` to the one at or after ``until_ms``."""
    day, last = local_day(from_ms, timezone), local_day(max(from_ms, until_ms - 1), timezone)
    edges: set[int] = set()
    while day <= last:
        edges.update(hour_edges_of_day(day, timezone))
        day += timedelta(days=1)
    found = np.array(sorted(edges), dtype=np.int64)
    first = int(np.searchsorted(found, from_ms, "right")) - 1
    end = int(np.searchsorted(found, max(until_ms, from_ms + 1), "left"))
    return found[max(first, 0) : end + 1]
