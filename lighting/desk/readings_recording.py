"""Readings of a file on their way into the store: each is new, known already, or refused for what it contradicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from lighting.assets.fact import Fact
from lighting.exchange.reading_conflicts import LinedReadings, Mask, beside_stored, conflicts, first_of_each
from lighting.exchange.reading_rows import Refusals
from lighting.store.packing import pack, unpack
from lighting.store.reading_columns import ReadingColumns
from lighting.store.store import Store

_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class _Packed:
    from_ms: int
    until_ms: int
    series: frozenset[int]
    packed: bytes


@dataclass(slots=True)
class _Portions:
    """The portions of a dry run, packed (some ten bytes a reading): what a real one would have stored meanwhile."""

    kept: list[_Packed] = field(default_factory=list)

    def keep(self, readings: ReadingColumns) -> None:
        ordered = readings.by_series()
        series = frozenset(np.unique(ordered.series_key).tolist())
        self.kept.append(_Packed(int(ordered.at_ms.min()), int(ordered.at_ms.max()), series, pack(ordered)))

    def of_same_instants(self, readings: ReadingColumns) -> ReadingColumns:
        low, high = int(readings.at_ms.min()), int(readings.at_ms.max())
        series = set(np.unique(readings.series_key).tolist())
        near = [one for one in self.kept if one.from_ms <= high and one.until_ms >= low and one.series & series]
        found = [unpack(one.packed) for one in near]
        return ReadingColumns.joined([one.take(one.among(readings)) for one in found])


@dataclass(slots=True)
class Recorder:
    """Records portions into ``store``, or only looks (``dry_run``); what contradicts goes to ``refusals``."""

    store: Store | None
    refusals: Refusals
    dry_run: bool
    _seen: _Portions = field(default_factory=_Portions)

    def record(self, part: LinedReadings) -> tuple[ReadingColumns, int]:
        """(those that stand in the store afterwards as the file has them, how many of them are new)."""
        if not len(part):
            return part.readings, 0
        stored = self._stored(part.readings)
        mine, theirs = beside_stored(part.readings, stored)
        is_known = np.zeros(len(part), np.bool_)
        is_known[mine] = True
        kept = np.ones(len(part), np.bool_)
        if part.line is not None:
            for place, _, values in conflicts(part.readings, stored, mine, theirs):
                self.refusals.add(int(part.line[place]), "", Fact("reading_contradicts_stored", values))
                kept[place] = False
            part, is_known = self._agreeing_among_themselves(part.take(kept), is_known[kept])
        new = part.readings.take(~is_known)
        if self.dry_run:
            if len(new):
                self._seen.keep(new)
            return part.readings, 0
        return part.readings, 0 if self.store is None else self.store.readings.append_columns(new)

    def _agreeing_among_themselves(self, part: LinedReadings, is_known: Mask) -> tuple[LinedReadings, Mask]:
        """Without those that say another thing than a line before them."""
        if part.line is None:
            return part, is_known
        kept = np.ones(len(part), np.bool_)
        later, first = first_of_each(part.readings)
        for place, other, values in conflicts(part.readings, part.readings, later, first):
            fact = Fact("reading_contradicts_line", {**values, "other_line": int(part.line[other])})
            self.refusals.add(int(part.line[place]), "", fact)
            kept[place] = False
        return part.take(kept), is_known[kept]

    def _stored(self, readings: ReadingColumns) -> ReadingColumns:
        found = [] if self.store is None else [self.store.readings.of_same_instants(readings)]
        if self.dry_run:
            found.append(self._seen.of_same_instants(readings))
        return ReadingColumns.joined(found).by_series()


def gathered(parts: Iterable[LinedReadings]) -> Iterator[LinedReadings]:
    """Some at a time, for a transaction costs as much as a thousand readings."""
    held: list[LinedReadings] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part)
        if count >= _AT_ONCE:
            yield LinedReadings.joined(held)
            held, count = [], 0
    if held:
        yield LinedReadings.joined(held)
