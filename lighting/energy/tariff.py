"""What energy costs at each instant: the price of the first period of the tariff that holds on the local clock.

Instants are counted, not clock times: an hour that comes twice when clocks are put back is priced both times, by what
the clock shows, and one that is left out never.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Tariff, TariffPeriod

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MINUTES = 1440
_THURSDAY = 3  # 1970-01-01


def price_per_kwh(tariff: Tariff | None, at_ms: NDArray[np.int64], timezone: str) -> NDArray[np.float64]:
    """Return the price at each instant (UTC ms, ascending), in the tariff's currency; zeros without a tariff."""
    if tariff is None:
        return np.zeros(at_ms.shape)
    price = np.full(at_ms.shape, tariff.price_per_kwh)
    if not tariff.periods or not at_ms.size:
        return price
    minutes = local_minutes(at_ms, timezone)
    day, clock = np.divmod(minutes, _DAY_MINUTES)
    weekday = (day + _THURSDAY) % 7
    for period in reversed(tariff.periods):
        price[_holds(period, weekday, clock)] = period.price_per_kwh
    return price


def _holds(period: TariffPeriod, weekday: NDArray[np.int64], clock: NDArray[np.int64]) -> NDArray[np.bool_]:
    first, last = period.from_minutes, period.until_minutes
    begun, ended = clock >= first, clock >= last
    inside = begun & ~ended if first < last else begun | ~ended
    return inside & np.isin(weekday, period.weekdays) if period.weekdays else inside


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
