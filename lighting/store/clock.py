"""The clock of a site: the machine's, or an accelerated one, three numbers that all processes share."""

from __future__ import annotations

import time
from typing import Protocol

from lighting.store.records import ClockRow


class Clock(Protocol):
    """Given to everything that needs the time; ``speed`` is site seconds a real second."""

    @property
    def speed(self) -> float: ...

    def now_ms(self) -> int:
        """UTC milliseconds of the site."""
        ...


class SystemClock:
    """The machine's own clock."""

    speed = 1.0

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class AcceleratedClock:
    """Site time from the three stored numbers and the machine's clock.

    With ``stands_from_ms``, a time of the machine, it goes no further than that.
    """

    def __init__(self, row: ClockRow, *, stands_from_ms: int | None = None) -> None:
        self._row = row
        self._stands_from_ms = stands_from_ms

    @property
    def speed(self) -> float:
        return self._row.speed

    def now_ms(self) -> int:
        real_ms = time.time_ns() / 1e6
        if self._stands_from_ms is not None:
            real_ms = min(real_ms, self._stands_from_ms)
        elapsed_ms = real_ms - self._row.real_start_ms
        return round(self._row.simulated_start_ms + elapsed_ms * self._row.speed)


def going_on(clock: Clock) -> Clock:
    """The same clock from where it is now, running also where it stood: for a command that works alone by it."""
    if isinstance(clock, SystemClock):
        return clock
    return AcceleratedClock(ClockRow(time.time_ns() // 1_000_000, clock.now_ms(), clock.speed))
