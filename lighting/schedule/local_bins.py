"""Which local day and which part of it an instant falls into, for many instants of a zone at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]

DAY_MS = 86_400_000
_EVERY_MS = 15 * 60_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1)
_MS = timedelta(milliseconds=1)


def local_bins(at_ms: Times, timezone: str, bin_minutes: int) -> tuple[Times, Times]:
    """The local day (days since 1970-01-01) and the bin of it of each instant (UTC ms); both of the shape given.

    Offsets are looked up once for each quarter of an hour: at these every zone of our time changes its clocks.
    """
    quarters, where = np.unique(at_ms // _EVERY_MS, return_inverse=True)
    offsets_ms = np.array([_offset_ms(quarter, timezone) for quarter in quarters.tolist()], dtype=np.int64)
    local_ms = at_ms + (offsets_ms[where].reshape(at_ms.shape) if quarters.size else 0)
    day = local_ms // DAY_MS
    return day, (local_ms - day * DAY_MS) // (bin_minutes * 60_000)


@lru_cache(maxsize=200_000)
def _offset_ms(quarter: int, timezone: str) -> int:
    local = (_EPOCH + timedelta(milliseconds=quarter * _EVERY_MS)).astimezone(ZoneInfo(timezone))
    return (local.utcoffset() or timedelta()) // _MS


def date_of(day: int) -> date:
    """The date of a day's number."""
    return _EPOCH_DAY + timedelta(days=day)
