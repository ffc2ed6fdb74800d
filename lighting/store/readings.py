"""Readings: appended in the order of time, and moved later to an archive where each series lies together.

Keyed by series first, every append would touch a page a series and wear out a cabinet's flash card; keyed by time
only, one circuit's month would be read from all over the table. So a live table keyed by time takes the appends, and
housekeeping reorders it hourly into the archive. Everyone reads both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, Table, and_, bindparam, func, select, text

from lighting.store.engine import Database
from lighting.store.many_rows import portions
from lighting.store.records import Quality, Reading
from lighting.store.schema import reading_archive, reading_latest, reading_live

_FIELDS = tuple(field.name for field in fields(Reading))
_values = attrgetter(*_FIELDS)
_AT_MS = itemgetter(0)
_T = TypeVar("_T")
_COLUMNS = ", ".join(_FIELDS)
_TYPES = ("bigint", "bigint", "float8", "float8", "bigint", "float8", "float8", "float8", "smallint", "float8")

_SERVER_ARRAYS = ", ".join(f"%s::{name}[]" for name in _TYPES)
_SERVER_APPEND = f"INSERT INTO reading_live ({_COLUMNS}) SELECT * FROM unnest({_SERVER_ARRAYS}) ON CONFLICT DO NOTHING"  # noqa: S608
_NEWER_ONLY = """
    ON CONFLICT (series_key) DO UPDATE SET at_ms = excluded.at_ms WHERE excluded.at_ms > reading_latest.at_ms
"""
# In the order of the keys, so that two writers never wait for each other in a ring.
_SERVER_LATEST = f"""
    INSERT INTO reading_latest (series_key, at_ms)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ORDER BY 1 {_NEWER_ONLY}
"""  # noqa: S608

_MOVE = text(
    f"INSERT INTO reading_archive ({_COLUMNS}) SELECT {_COLUMNS} FROM reading_live WHERE at_ms < :cut_ms"  # noqa: S608
    " ORDER BY series_key, at_ms ON CONFLICT DO NOTHING"
)
_DROP = text("DELETE FROM reading_live WHERE at_ms < :cut_ms")
_MOVED_AT_ONCE = 50_000
"""Readings moved in one transaction, so that nobody waits long for the database meanwhile."""

_SERIES_IN_A_QUERY = 500
_UNBELIEVED = int(Quality.OUT_OF_RANGE | Quality.MISSING)
_MICRO = 1_000_000


class Readings:
    """Not synced to disk at each append: a cut of power may cost the last seconds of measurement, never the order."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, readings: Sequence[Reading]) -> None:
        """Bulk insert and refresh the latest of each series.

        The first reading of a series at one time stands: the same again is one row. An older reading never takes the
        place of a newer one as the latest.
        """
        if not readings:
            return
        rows = sorted(map(_values, readings), key=_AT_MS)
        # Ascending by time, so the last of a series stands.
        newest = list({row[1]: row[0] for row in rows}.items())
        if self._database.is_sqlite:
            with self._database.writing_on_driver() as driver:
                for portion in portions(rows):
                    driver.execute(_sqlite_append(len(portion)), tuple(chain.from_iterable(portion)))
                for portion in portions(newest):
                    driver.execute(_sqlite_latest(len(portion)), tuple(chain.from_iterable(portion)))
            return
        with self._database.writing(durable=False) as connection:
            connection.exec_driver_sql(_SERVER_APPEND, _server_columns(rows))
            connection.exec_driver_sql(_SERVER_LATEST, tuple(map(list, zip(*newest, strict=True))))

    def latest(self, series_keys: Sequence[int] | None = None) -> dict[int, Reading]:
        """The newest reading of each of these series, or of all; a series that has none is absent."""
        with self._database.reading() as connection:
            found = _latest_in(connection, reading_live, series_keys)
            moved = [key for key, reading in found.items() if reading is None]
            if moved:
                found |= _latest_in(connection, reading_archive, moved)
        return {key: reading for key, reading in found.items() if reading is not None}

    def of_series(self, series_key: int, from_ms: int, until_ms: int) -> list[Reading]:
        """One series, ascending by time, both ends included."""
        span = {"series_key": series_key, "from_ms": from_ms, "until_ms": until_ms}
        with self._database.reading() as connection:
            live = connection.execute(_SERIES_LIVE, span).all()
            archived = connection.execute(_SERIES_ARCHIVED, span).all()
        if live and archived and archived[-1].at_ms >= live[0].at_ms:
            merged = {row.at_ms: row for row in (*live, *archived)}
            return [Reading(*merged[at_ms]) for at_ms in sorted(merged)]
        return [Reading(*row) for row in (*archived, *live)]

    def totals(
        self, series_keys: Sequence[int], from_ms: int, until_ms: int, *, known_only: bool = False
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(times, summed power in W) on the union of the times of these series, both ends included.

        A series holds its power until its next reading. The sum is NaN while any series is unknown (before its first
        reading of the span, and after one with no believable power); ``known_only`` sums those that are known.
        """
        wanted = list(dict.fromkeys(series_keys))
        with self._database.reading() as connection:
            rows = [row for keys in _portions(wanted) for row in _powers(connection, keys, from_ms, until_ms)]
        return _sum_held(rows, len(wanted), known_only=known_only)

    def count(self) -> int:
        """How many readings are stored. Looks at every one of them."""
        in_both = select(func.count()).where(
            select(1)
            .where(reading_archive.c.series_key == reading_live.c.series_key)
            .where(reading_archive.c.at_ms == reading_live.c.at_ms)
            .exists()
        )
        counts = [
            select(func.count()).select_from(table).scalar_subquery() for table in (reading_live, reading_archive)
        ]
        query = select(counts[0] + counts[1] - in_both.select_from(reading_live).scalar_subquery())
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def reorder(self, before_ms: int, *, once: bool = False) -> int:
        """Move readings older than that from the live table to the archive; how many were moved.

        With ``once`` it is one portion, in one transaction; 0 when there is nothing left.
        """
        moved = 0
        while True:
            with self._database.writing(durable=False) as connection:
                cut_ms = _next_cut(connection, before_ms)
                connection.execute(_MOVE, {"cut_ms": cut_ms})
                moved += connection.execute(_DROP, {"cut_ms": cut_ms}).rowcount
            if once or cut_ms == before_ms:
                return moved


@cache
def _sqlite_append(count: int) -> str:
    """One statement for so many rows: ``many_rows`` says why."""
    values = ", ".join([f"({', '.join('?' * len(_FIELDS))})"] * count)
    return f"INSERT INTO reading_live ({_COLUMNS}) VALUES {values} ON CONFLICT DO NOTHING"  # noqa: S608 - names of our own columns


@cache
def _sqlite_latest(count: int) -> str:
    values = ", ".join(["(?, ?)"] * count)
    return f"INSERT INTO reading_latest (series_key, at_ms) VALUES {values} {_NEWER_ONLY}"  # noqa: S608


def _server_columns(rows: list[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    """One array a column. Floats are made so, since an array has one type; NaN is unknown, as SQLite has it."""
    columns: list[list[Any]] = []
    for kind, column in zip(_TYPES, zip(*rows, strict=True), strict=True):
        if kind == "float8":
            columns.append([None if value is None or value != value else float(value) for value in column])
        else:
            columns.append([None if value is None else int(value) for value in column])
    return tuple(columns)


def _latest_in(connection: Connection, table: Table, series_keys: Sequence[int] | None) -> dict[int, Reading | None]:
    """By series; None for one whose latest reading does not lie in ``table``."""
    same = and_(table.c.at_ms == reading_latest.c.at_ms, table.c.series_key == reading_latest.c.series_key)
    query = select(reading_latest.c.series_key.label("known_key"), *_reading_columns(table))
    # An outer join, so that SQLite goes from the few to the many.
    query = query.select_from(reading_latest.outerjoin(table, same))
    wanted = None if series_keys is None else set(series_keys)
    if series_keys is not None and len(series_keys) <= _SERIES_IN_A_QUERY:
        query = query.where(reading_latest.c.series_key.in_(series_keys))
    found: dict[int, Reading | None] = {}
    for key, *values in connection.execute(query):
        if wanted is None or key in wanted:
            found[key] = None if values[0] is None else Reading(*values)
    return found


def _reading_columns(table: Table) -> list[Any]:
    return [table.c[name] for name in _FIELDS]


def _series_query(table: Table) -> Select[Any]:
    of_series = table.c.series_key == bindparam("series_key")
    in_span = table.c.at_ms.between(bindparam("from_ms"), bindparam("until_ms"))
    return select(*_reading_columns(table)).where(of_series, in_span).order_by(table.c.at_ms)


_SERIES_LIVE = _series_query(reading_live)
_SERIES_ARCHIVED = _series_query(reading_archive)


def _portions(series: list[_T]) -> Iterable[list[_T]]:
    return (series[start : start + _SERIES_IN_A_QUERY] for start in range(0, len(series), _SERIES_IN_A_QUERY))


def _powers(connection: Connection, keys: list[int], from_ms: int, until_ms: int) -> list[tuple[int, int, float]]:
    """(at_ms, series_key, power_w) with NaN for what is not to be believed."""
    rows: list[tuple[int, int, float]] = []
    for table in (reading_live, reading_archive):
        query = select(table.c.at_ms, table.c.series_key, table.c.power_w, table.c.quality).where(
            table.c.series_key.in_(keys), table.c.at_ms.between(from_ms, until_ms)
        )
        for at_ms, series_key, power_w, quality in connection.execute(query):
            believed = power_w is not None and not quality & _UNBELIEVED
            rows.append((at_ms, series_key, power_w if believed else np.nan))
    return rows


def _sum_held(
    rows: list[tuple[int, int, float]], series_count: int, *, known_only: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Running sum of the changes of every series: exact in integer microwatts, so that off is 0 and not 1e-12."""
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.float64)
    at_ms = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    series = np.fromiter((row[1] for row in rows), np.int64, len(rows))
    power_w = np.fromiter((row[2] for row in rows), np.float64, len(rows))
    by_series = np.lexsort((at_ms, series))
    at_ms, series, power_w = at_ms[by_series], series[by_series], power_w[by_series]
    known = np.isfinite(power_w).astype(np.int64)
    power_uw = np.rint(np.where(known == 1, power_w, 0.0) * _MICRO).astype(np.int64)
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = series[1:] != series[:-1]
    by_time = np.argsort(at_ms, kind="stable")
    total_uw = np.cumsum(_changes(power_uw, begins)[by_time])
    known_count = np.cumsum(_changes(known, begins)[by_time])
    ordered_ms = at_ms[by_time]
    last_of_time = np.append(ordered_ms[1:] != ordered_ms[:-1], True)
    total_w = total_uw[last_of_time] / _MICRO
    enough = known_count[last_of_time] >= (1 if known_only else series_count)
    return ordered_ms[last_of_time], np.where(enough, total_w, np.nan)


def _changes(values: NDArray[np.int64], begins: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Each value less the one before it of the same series; the first of a series as it is."""
    before = np.append(np.int64(0), values[:-1])
    return values - np.where(begins, 0, before)


def _next_cut(connection: Connection, before_ms: int) -> int:
    """The time up to which one portion of the live table reaches."""
    query = select(reading_live.c.at_ms).where(reading_live.c.at_ms < before_ms).order_by(reading_live.c.at_ms)
    found: int | None = connection.execute(query.offset(_MOVED_AT_ONCE).limit(1)).scalar_one_or_none()
    return before_ms if found is None else min(found + 1, before_ms)
