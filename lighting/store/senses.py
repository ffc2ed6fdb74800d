"""Counts of traffic, and what the controller has made of the city's senses: each change, and the state of each."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from lighting.assets.fact import Fact
from lighting.schedule.traffic_counts import TrafficCount, TrafficCounts
from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.facts import fact_columns, json_of, json_text, values_of
from lighting.store.many_rows import ManyRows
from lighting.store.records import CountSource, InputChange, InputKind, InputState
from lighting.store.schema import input_change, input_state, traffic_count

_COUNTS = ManyRows(traffic_count, ("section", "source", "from_ms", "until_ms", "vehicles"), replaces=False)
_CHANGES = ManyRows(input_change, ("kind", "input_id", "at_ms", "value", "fact_code", "fact_values"), replaces=False)
_STATES = ManyRows(input_state, ("kind", "input_id", "state", "updated_ms"), replaces=True)
_SOURCES: tuple[CountSource, ...] = ("counter", "push", "file")


class CountsAdded(NamedTuple):
    """How many counts were new, were there already, or tell something else of a time that was counted before.

    Those that conflict are not stored: what was told first stands.
    """

    added: int
    same: int
    conflicting: int


class Senses:
    """The tables ``traffic_count``, ``input_change`` and ``input_state``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_counts(self, section: str, counts: Iterable[TrafficCount], source: CountSource) -> CountsAdded:
        """Store counts of a section, in any order; those of one source never overlap. Raises the topic ``traffic``."""
        given = sorted(counts, key=lambda count: (count.from_ms, count.until_ms))
        if not given:
            return CountsAdded(0, 0, 0)
        with self._database.writing(durable=False) as connection:
            end_ms = max(count.until_ms for count in given)
            known = _rows_between(connection, section, given[0].from_ms, end_ms, (source,))
            fresh, same = _fresh(given, {row.from_ms: row for row in known})
            _COUNTS.write(
                self._database,
                connection,
                [(section, source, c.from_ms, c.until_ms, _vehicles_text(c.vehicles)) for c in fresh],
            )
            if fresh:
                bump(self._database, connection, "traffic")
        return CountsAdded(len(fresh), same, len(given) - len(fresh) - same)

    def counts_between(
        self, section: str, from_ms: int, until_ms: int, sources: Sequence[CountSource] | None = None
    ) -> TrafficCounts:
        """Return the counts that reach into the half-open span, ascending; of one time counters come first.

        Those of several sources may overlap.
        """
        with self._database.reading() as connection:
            rows = _rows_between(connection, section, from_ms, until_ms, sources or _SOURCES)
        rows.sort(key=lambda row: (row.from_ms, _SOURCES.index(row.source)))
        return _columns(rows)

    def counted_sections(self) -> dict[str, tuple[int, int, int]]:
        """By section that has counts: how many, the begin of the first and the end of the last."""
        query = select(
            traffic_count.c.section,
            func.count(),
            func.min(traffic_count.c.from_ms),
            func.max(traffic_count.c.until_ms),
        ).group_by(traffic_count.c.section)
        with self._database.reading() as connection:
            return {section: (n, first, last) for section, n, first, last in connection.execute(query)}

    def add_changes(self, changes: Sequence[InputChange]) -> None:
        """Keep what changed; nothing is ever taken back."""
        self.save((), changes)

    def changes_between(self, kind: InputKind, from_ms: int, until_ms: int) -> dict[str, list[InputChange]]:
        """By section or photocell, ascending: the changes of the span, both ends included, and the last before it."""
        c = input_change.c
        within = select(input_change).where(c.kind == kind, c.at_ms.between(from_ms, until_ms))
        with self._database.reading() as connection:
            rows = list(connection.execute(within.order_by(c.at_ms, c.id)))
            known = connection.execute(select(input_state.c.input_id).where(input_state.c.kind == kind)).scalars()
            before = [_newest_before(connection, kind, one, from_ms) for one in {*known, *(r.input_id for r in rows)}]
        rows = [*(row for row in before if row is not None), *rows]
        found: dict[str, list[InputChange]] = {}
        for row in rows:
            fact = Fact(row.fact_code, values_of(row.fact_values))
            found.setdefault(row.input_id, []).append(InputChange(kind, row.input_id, row.at_ms, row.value, fact))
        return found

    def save_state(
        self,
        kind: InputKind,
        input_id: str,
        state: Mapping[str, object],
        *,
        at_ms: int,
        changes: Sequence[InputChange] = (),
    ) -> None:
        """Replace the state of a section or photocell, with what changed, in one transaction."""
        self.save((InputState(kind, input_id, state, at_ms),), changes)

    def save(self, states: Sequence[InputState], changes: Sequence[InputChange]) -> None:
        """Replace states and keep changes, in one transaction. Not synced: a state that is lost means more light."""
        if not states and not changes:
            return
        facts = fact_columns(change.fact for change in changes)
        rows = [(c.kind, c.input_id, c.at_ms, c.value, *facts[id(c.fact)]) for c in changes]
        with self._database.writing(durable=False) as connection:
            _CHANGES.write(self._database, connection, rows)
            newest = {(s.kind, s.input_id): (s.kind, s.input_id, json_text(s.state), s.updated_ms) for s in states}
            _STATES.write(self._database, connection, list(newest.values()))

    def state(self, kind: InputKind, input_id: str) -> InputState | None:
        return self.states(kind).get(input_id)

    def states(self, kind: InputKind) -> dict[str, InputState]:
        """By section or photocell."""
        query = select(input_state).where(input_state.c.kind == kind)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {row.input_id: InputState(kind, row.input_id, json_of(row.state), row.updated_ms) for row in rows}


def _newest_before(connection: Connection, kind: InputKind, input_id: str, from_ms: int) -> Any:
    """One at a time by the index: the newest of each in one statement reads the whole history."""
    c = input_change.c
    mine = select(input_change).where(c.kind == kind, c.input_id == input_id, c.at_ms < from_ms)
    return connection.execute(mine.order_by(c.at_ms.desc(), c.id.desc()).limit(1)).one_or_none()


def _rows_between(
    connection: Connection, section: str, from_ms: int, until_ms: int, sources: Sequence[CountSource]
) -> list[Any]:
    c = traffic_count.c
    found: list[Any] = []
    for source in sources:
        mine = select(traffic_count).where(c.section == section, c.source == source)
        # Those of a source do not overlap: only the last one that begins before can reach into the span.
        before = connection.execute(mine.where(c.from_ms < from_ms).order_by(c.from_ms.desc()).limit(1)).one_or_none()
        found += [before] if before is not None and before.until_ms > from_ms else []
        found += connection.execute(mine.where(c.from_ms >= from_ms, c.from_ms < until_ms).order_by(c.from_ms))
    return found


def _fresh(given: Sequence[TrafficCount], known: Mapping[int, Any]) -> tuple[list[TrafficCount], int]:
    """Return those of ascending counts that are new, and how many are there already."""
    begins = sorted(known)
    fresh: list[TrafficCount] = []
    told = {(row.from_ms, row.until_ms, row.vehicles) for row in known.values()}
    same, until_ms = 0, -(2**62)
    for count in given:
        key = (count.from_ms, count.until_ms, _vehicles_text(count.vehicles))
        if key in told:
            same += 1
            continue
        at = bisect_left(begins, count.until_ms)
        overlaps = at > 0 and known[begins[at - 1]].until_ms > count.from_ms
        if not overlaps and until_ms <= count.from_ms < count.until_ms:
            fresh.append(count)
            told.add(key)
            until_ms = count.until_ms
    return fresh, same


def _vehicles_text(vehicles: Sequence[float]) -> str:
    """JSON of the lanes; null is one that could not be counted."""
    return json.dumps([_lane(figure) for figure in vehicles], separators=(",", ":"))


def _lane(figure: float) -> float | int | None:
    if not math.isfinite(figure):
        return None
    return int(figure) if figure == int(figure) else float(figure)


def _columns(rows: Sequence[Any]) -> TrafficCounts:
    lanes_of: list[list[float | None]] = json.loads(f"[{','.join(row.vehicles for row in rows)}]")
    lanes = np.array([len(one) for one in lanes_of], dtype=np.int64)
    vehicles: NDArray[np.float64] = np.zeros((len(rows), int(lanes.max(initial=1))))
    for width in np.unique(lanes).tolist():
        of_width = np.flatnonzero(lanes == width)
        vehicles[of_width, :width] = np.array([lanes_of[row] for row in of_width.tolist()], dtype=np.float64)
    return TrafficCounts(
        np.array([row.from_ms for row in rows], dtype=np.int64),
        np.array([row.until_ms for row in rows], dtype=np.int64),
        vehicles,
        lanes,
    )
