"""What the local clock shows at many instants: asked of the zone only where it can have changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def local_minutes(at_ms: NDArray[np.int64], timezone: str) -> NDArray[np.int64]:
    """Return what the local clock and calendar show at each instant (UTC ms, ascending), minutes since 1970-01-01."""
    zone = ZoneInfo(timezone)
    offset = np.empty(at_ms.shape, dtype=np.int64)
    _fill_offsets(at_ms, offset, zone, 0, at_ms.size - 1)
    return (at_ms + offset) // 60_000


def _fill_offsets(at_ms: NDArray[np.int64], offset: NDArray[np.int64], zone: ZoneInfo, first: int, last: int) -> None:
    """Fill offsets from UTC (ms) from one place to another: asked of the zone only where they can differ."""
    if first > last:
        return
    low, high = _offset_ms(int(at_ms[first]), zone), _offset_ms(int(at_ms[last]), zone)
    if low == high and at_ms[last] - at_ms[first] <= _NO_TWO_CHANGES_MS:
        offset[first : last + 1] = low
        return
    if last - first <= 1:
        offset[first], offset[last] = low, high
        return
    middle = (first + last) // 2
    _fill_offsets(at_ms, offset, zone, first, middle)
    _fill_offsets(at_ms, offset, zone, middle + 1, last)


_NO_TWO_CHANGES_MS = 7 * 86_400_000
"""Within a week no zone changes its clocks and takes it back."""


def _offset_ms(at_ms: int, zone: ZoneInfo) -> int:
    offset = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).utcoffset() or timedelta()
    return round(offset.total_seconds() * 1000)
