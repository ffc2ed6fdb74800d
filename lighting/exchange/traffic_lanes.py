"""From rows of a file to counts of a section: does it exist, is the count past, and is every lane there?

A section of several lanes is compared by its worst lane, so a lane that nobody counted could be that one: an interval
counts only when all its lanes are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lighting.assets.fact import Fact, Value
from lighting.assets.model import TrafficSection
from lighting.assets.nearest import unknown_reference
from lighting.exchange.traffic_counts import CountRefusal, CountRow
from lighting.schedule.traffic_counts import TrafficCount

FUTURE_TOLERANCE_MS = 30_000
"""How far the clock of a counter may be ahead of ours."""

Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class SectionCount:
    """A whole count of a section; the file and line that completed it, and of how many rows it was made."""

    section: str
    count: TrafficCount
    file: str
    line: int
    rows: int = 1


@dataclass(slots=True)
class LaneGathering:
    """Takes rows in any order. ``most_waiting`` intervals may wait for their other lanes, the oldest goes first.

    ``live``: the counts are meant for the lamps now, so that a section with counters of its own takes none.
    """

    file: str
    sections: Mapping[str, TrafficSection]
    now_ms: int
    most_waiting: int | None = None
    live: bool = False
    _lanes: dict[Key, dict[int, float]] = field(default_factory=dict)
    _lines: dict[Key, list[int]] = field(default_factory=dict)
    _whole: dict[Key, tuple[float, ...]] = field(default_factory=dict)

    def take(self, row: CountRow) -> list[SectionCount | CountRefusal]:
        """What a row completes or is refused for; nothing while other lanes of its interval are awaited."""
        section = self.sections.get(row.section)
        if section is None:
            return [self._refused(row, unknown_reference("traffic section", row.section, list(self.sections)))]
        if self.live and section.counters:
            counters = {"section": section.id, "counters": "+".join(map(str, section.counters))}
            return [self._refused(row, Fact("section_has_counters", counters))]
        if row.until_ms > self.now_ms + FUTURE_TOLERANCE_MS:
            values = {"until_ms": row.until_ms, "clock_ms": self.now_ms}
            return [self._refused(row, Fact("count_in_the_future", values))]
        if row.lane is not None and section.lanes > 1:
            return self._lane(row, section, row.lane)
        fits = len(row.vehicles) == section.lanes or (section.basis == "cen_13201" and len(row.vehicles) == 1)
        if not fits or row.lane not in (None, 1):
            return [self._refused(row, _lanes_do_not_fit(row, section))]
        return [SectionCount(section.id, TrafficCount(row.from_ms, row.until_ms, row.vehicles), self.file, row.line)]

    def _lane(self, row: CountRow, section: TrafficSection, lane: int) -> list[SectionCount | CountRefusal]:
        if lane > section.lanes:
            return [self._refused(row, Fact("lane_unknown", {"lane": lane, "lanes": section.lanes}))]
        key = (section.id, row.from_ms, row.until_ms)
        if key in self._whole:
            same = self._whole[key][lane - 1] == row.vehicles[0]
            return [] if same else [self._refused(row, Fact("lane_counted_twice", {"lane": lane}))]
        lanes = self._lanes.setdefault(key, {})
        if lanes.setdefault(lane, row.vehicles[0]) != row.vehicles[0]:
            return [self._refused(row, Fact("lane_counted_twice", {"lane": lane}))]
        self._lines.setdefault(key, []).append(row.line)
        if len(lanes) == section.lanes:
            del self._lanes[key], self._lines[key]
            whole = self._whole[key] = tuple(lanes[number] for number in sorted(lanes))
            count = TrafficCount(row.from_ms, row.until_ms, whole)
            return [SectionCount(section.id, count, self.file, row.line, section.lanes)]
        if self.most_waiting is not None and len(self._lanes) > self.most_waiting:
            return list(self._given_up([next(iter(self._lanes))]))
        return []

    def end(self) -> list[CountRefusal]:
        """The rows whose interval never became whole."""
        return list(self._given_up(list(self._lanes)))

    def _given_up(self, keys: Iterable[Key]) -> Iterable[CountRefusal]:
        for key in keys:
            section, from_ms, until_ms = key
            lanes, lines = self._lanes.pop(key), self._lines.pop(key)
            missing = [n for n in range(1, self.sections[section].lanes + 1) if n not in lanes]
            values: dict[str, Value] = {
                "missing": ", ".join(map(str, missing)),
                "from_ms": from_ms,
                "until_ms": until_ms,
            }
            yield CountRefusal(self.file, lines[0], section, Fact("lanes_missing", values), len(lines))

    def _refused(self, row: CountRow, fact: Fact) -> CountRefusal:
        return CountRefusal(self.file, row.line, row.section, fact)


def _lanes_do_not_fit(row: CountRow, section: TrafficSection) -> Fact:
    if row.lane is not None:
        return Fact("lane_unknown", {"lane": row.lane, "lanes": section.lanes})
    values: dict[str, Value] = {"section": section.id, "found_count": len(row.vehicles), "lanes": section.lanes}
    return Fact("lanes_do_not_fit", values)
