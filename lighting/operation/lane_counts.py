"""From what pulse counters read to counts of vehicles, lane by lane. No I/O.

The difference of two readings is exact however far they are apart, so a poll that failed loses nothing, nor does a
restart of the controller. What cannot be told is never guessed: a device that restarted, a counter that fell, or one
that went on faster than vehicles can drive makes the time between the two readings a failed count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from drivers.counter import counter_advance
from drivers.profile import Point
from lighting.assets.model import TrafficSection
from lighting.operation.local_control import uptime_fell
from lighting.schedule.traffic_counts import TrafficCount

MOST_VEHICLES_PER_S = 2.0
"""On one lane, in a mean over the time between two readings: a platoon passes at hardly one a second."""

_FAILED = math.nan


@dataclass(frozen=True, slots=True)
class LaneReading:
    """A counter as read: its raw number, when, and the uptime of its device then (None where it has none)."""

    raw: int
    at_ms: int
    uptime_s: float | None


class LaneCounts:
    """The counters of one section. ``points`` are those of its channels, None for one that cannot be read."""

    def __init__(self, section: TrafficSection, points: Sequence[Point | None]) -> None:
        self.section = section
        self.points = tuple(points)
        self._last: list[LaneReading | None] = [None] * len(self.points)
        self._vehicles = [0.0] * len(self.points)
        self._fresh: set[int] = set()
        self._from_ms: int | None = None

    def read(self, lane: int, value: float | None, at_ms: int, uptime_s: float | None) -> None:
        """Take a counter's value as it was decoded; None is no reading, and the next one tells for both."""
        point = self.points[lane]
        if value is None or point is None:
            return
        raw = round((value - float(point.offset)) / float(point.scale))
        reading, before = LaneReading(raw, at_ms, uptime_s), self._last[lane]
        if before is not None and at_ms <= before.at_ms:
            return  # a clock that was stepped back: nothing is counted until it is past the newest reading again
        self._last[lane] = reading
        self._fresh.add(lane)
        if before is not None:
            self._vehicles[lane] += self._passed(point, before, reading)

    def count(self) -> TrafficCount | None:
        """Return the vehicles since the last count once every counter has been read anew; None until then.

        Counters on several devices are read some seconds apart: each lane is counted between its own readings.
        """
        if len(self._fresh) < len(self.points) or not self.points:
            return None
        until_ms = max(reading.at_ms for reading in self._last if reading is not None)
        from_ms, self._from_ms = self._from_ms, until_ms
        vehicles, self._vehicles = tuple(self._vehicles), [0.0] * len(self.points)
        self._fresh.clear()
        return None if from_ms is None or until_ms <= from_ms else TrafficCount(from_ms, until_ms, vehicles)

    def forget(self) -> None:
        """Begin anew: the clock is another."""
        self._last = [None] * len(self.points)
        self._vehicles = [0.0] * len(self.points)
        self._fresh.clear()
        self._from_ms = None

    def as_values(self) -> dict[str, Any]:
        """Return what a restart must not lose, as plain JSON values: the readings at the last count."""
        lanes = [None if one is None else asdict(one) for one in self._last]
        vehicles = [figure if math.isfinite(figure) else None for figure in self._vehicles]
        channels = [str(ref) for ref in self.section.counters]
        fresh = sorted(self._fresh)
        return {"channels": channels, "lanes": lanes, "vehicles": vehicles, "fresh": fresh, "from_ms": self._from_ms}

    def restore(self, values: Mapping[str, Any]) -> None:
        """Take such values over, if they are of the same channels. Raises ValueError, TypeError or KeyError."""
        if values["channels"] != [str(ref) for ref in self.section.counters]:
            return
        self._last = [None if one is None else LaneReading(**one) for one in values["lanes"]]
        self._vehicles = [_FAILED if figure is None else float(figure) for figure in values["vehicles"]]
        self._fresh = {int(lane) for lane in values["fresh"]}
        self._from_ms = values["from_ms"]
        if not len(self._last) == len(self._vehicles) == len(self.points):
            self.forget()

    def _passed(self, point: Point, before: LaneReading, now: LaneReading) -> float:
        restarted = uptime_fell(before.uptime_s, now.uptime_s, passed_ms=now.at_ms - before.at_ms)
        fell = now.raw < before.raw
        # A counter that loses its count at a loss of power, on a device that cannot tell of one, may have begun anew.
        doubtful = fell and now.uptime_s is None and point.counter_reset != "never"
        pulses = None if restarted or doubtful else counter_advance(point, before.raw, now.raw, False)
        if pulses is None:
            return _FAILED
        vehicles = pulses / self.section.pulses_per_vehicle
        seconds = (now.at_ms - before.at_ms) / 1000
        return vehicles if vehicles <= MOST_VEHICLES_PER_S * seconds + 1 else _FAILED
