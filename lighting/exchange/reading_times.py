"""Times of past readings: ISO or as offices write them (``29.03.2026 00:15``), with an offset or on the clocks of a
zone; or seconds or milliseconds since 1970.

A time that the clocks of the zone do not show is refused. One that they show twice is told apart by the order of the
file alone: where the times of a series run through the doubled hour twice, the first run is before the clocks are put
back and the second after it; where they run through it once, nobody knows which of the two hours it is.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.exchange.office_dates import DateOrder, OfficeDates
from lighting.exchange.wall_times import utc_ms

REFUSED, TWICE = -1, -2
"""Stand in the place of a time that was refused, and of one that the clocks show twice."""

EARLIEST_MS = 315_532_800_000
"""1980-01-01: nobody has readings of before that, so that 0 and the like are no times."""
_NUMBER = re.compile(r"\d{9,13}(\.\d{1,3})?\Z", re.ASCII)
_SECONDS_BELOW = 100_000_000_000
_FAR_APART_MS = 6 * 3_600_000


class ReadingTimes(dict[str, int]):
    """Texts to UTC ms, each worked out once: a city's readings have the same few thousand times over and over.

    ``why`` has the reason of each text that is ``REFUSED``; ``both`` the two instants of each that is ``TWICE``.
    """

    def __init__(self, timezone: str, *, now_ms: int, date_order: DateOrder | None = None) -> None:
        super().__init__()
        self._office = OfficeDates(date_order)
        self._timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._now_ms = now_ms
        self.why: dict[str, Fact] = {}
        self.both: dict[str, tuple[int, int]] = {}

    def __missing__(self, text: str) -> int:
        found = self._read(text.strip())
        if isinstance(found, tuple):
            self.both[text] = found
            known = TWICE
        elif isinstance(found, Fact):
            self.why[text] = found
            known = REFUSED
        else:
            known = found
        self[text] = known
        return known

    def _read(self, text: str) -> int | tuple[int, int] | Fact:
        if _NUMBER.match(text):
            number = float(text)
            return self._plausible(round(number * 1000 if number < _SECONDS_BELOW else number), text)
        of_office = self._office.read(text)
        if isinstance(of_office, Fact):
            return of_office
        try:
            at = of_office or datetime.fromisoformat(text)
            if len(text) <= len("2026-11-23"):  # a date alone says no time
                raise ValueError(text)
            return self._plausible(utc_ms(at), text) if at.tzinfo is not None else self.of_wall(at)
        except (ValueError, OverflowError):
            return Fact("reading_time_not_understood", {"found": shown(text)})

    def of_wall(self, wall: datetime) -> int | tuple[int, int] | Fact:
        """The instant, or the two, at which the clocks of the zone show a naive time."""
        first, again = (utc_ms(wall.replace(tzinfo=self._zone, fold=fold).astimezone(UTC)) for fold in (0, 1))
        shown_then = datetime.fromtimestamp(first / 1000, UTC).astimezone(self._zone).replace(tzinfo=None)
        written = wall.isoformat(sep=" ", timespec="minutes")
        # Whole milliseconds: what a float of seconds rounds away is no other time.
        if abs(shown_then - wall) > timedelta(milliseconds=1):
            return Fact("wall_time_does_not_exist", {"found": written, "timezone": self._timezone})
        if first != again:
            return first, again
        return self._plausible(first, written)

    def _plausible(self, at_ms: int, text: str) -> int | Fact:
        if at_ms < EARLIEST_MS:
            return Fact("reading_time_too_early", {"found": shown(text), "stored_ms": at_ms})
        if at_ms > self._now_ms:
            return Fact("reading_time_in_future", {"found": shown(text), "stored_ms": at_ms})
        return at_ms


def told_apart(
    series: NDArray[np.int64], first_ms: NDArray[np.int64], again_ms: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The instants (n,) of readings at times that clocks show twice, in the order of the file; ``TWICE`` where unknown.

    Of each series, ``first_ms`` and ``again_ms`` (n,) are the two instants of each reading.
    """
    found = np.full(series.size, TWICE, np.int64)
    for key in np.unique(series):
        of_series = np.flatnonzero(series == key)
        starts = np.flatnonzero(np.abs(np.diff(first_ms[of_series], prepend=-_FAR_APART_MS * 2)) > _FAR_APART_MS)
        for rows in np.split(of_series, starts[1:]):
            times = first_ms[rows]
            # A run ends where the clock does not go on.
            ends = np.flatnonzero(np.diff(times) <= 0) + 1
            if ends.size == 1:
                found[rows[: ends[0]]] = times[: ends[0]]
                found[rows[ends[0] :]] = again_ms[rows[ends[0] :]]
    return found
