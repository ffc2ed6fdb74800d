"""Whether a store is whole: its pages, its references, and what is worked out beside what it was worked out from.

Nothing is changed. Each fault is a fact with its place; its words say what mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, Table, func, inspect, select, text

from lighting.assets.fact import Fact, Value
from lighting.energy.slots import HOUR_MS, day_start_ms, local_day
from lighting.store.archive_readings import archive_keys
from lighting.store.engine import Database
from lighting.store.errors import StoreError, StoreUnavailable
from lighting.store.keys import name_of_key
from lighting.store.opening import stored_version
from lighting.store.reading_blocks import block_ends
from lighting.store.readings import Readings
from lighting.store.rollup_check import UNREADABLE
from lighting.store.schema import (
    SCHEMA_VERSION,
    account_day,
    account_month,
    rollup_day,
    rollup_dirty,
    rollup_hour,
    rollup_state,
)
from lighting.store.schema_at import shapes_at

Check = Literal[
    "pages",
    "tables",
    "references",
    "event_numbers",
    "states",
    "latest",
    "rollups",
    "days_of_hours",
    "months_of_days",
    "hours_of_readings",
    "accounts_of_readings",
]
FAULTS_OF_A_CHECK = 20
"""More of one kind are counted and not listed."""

RECENT_DAYS = 35
RECENT_HOURS = 24


@dataclass(frozen=True, slots=True)
class StoreFault:
    check: Check
    fact: Fact


@dataclass(frozen=True, slots=True)
class CheckDone:
    """A check that was made: how many things it looked at, and how many of them are wrong."""

    check: Check
    looked_at: int
    faults: int


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The days that were worked out once more from the raw readings, ISO, both included, and what could not be:
    ``hours_gone``, whose raw readings are kept no more; ``hours_waiting`` and ``days_waiting``, which are to be made
    again anyway.
    """

    first_day: str
    last_day: str
    days: int
    hours_gone: int
    hours_waiting: int
    days_waiting: int


@dataclass(frozen=True, slots=True)
class Verification:
    """``is_full``: all of it was looked at, not only what is recent. ``recomputed``: None where there was nothing."""

    checks: tuple[CheckDone, ...]
    faults: tuple[StoreFault, ...]
    is_full: bool
    recomputed: Recomputed | None = None


@dataclass(frozen=True, slots=True)
class _Looking:
    database: Database
    connection: Connection
    is_full: bool
    timezone: str


def _named(looking: _Looking, key: int) -> dict[str, Value]:
    """What a person calls it; its key where nothing is known of it."""
    kind, name = name_of_key(looking.connection, key) or ("series", str(key))
    return {"kind": kind, "id": name}


def _with(looking: _Looking, key: int, **values: Value) -> dict[str, Value]:
    return {"series_key": key, **_named(looking, key), **values}


Found = tuple[int, Iterator[Fact]]
"""How many things are looked at, and the faults among them."""


def verify(url: str, *, is_full: bool = False, progress: Callable[[Check], None] | None = None) -> Verification:
    """Look at the store at ``url``, in one snapshot beside whoever writes. Raises ``StoreError`` if it cannot be read.

    Without ``is_full``: SQLite's quick check in the place of the whole one, sums of the last 35 days, hours of the last
    24 that were rolled up.
    """
    database = Database(url)
    try:
        if database.is_sqlite and not database.file.is_file():
            raise StoreUnavailable(Fact("store_missing", {"place": database.place}))
        with database.reading() as connection:
            _refuse_other_schema(database, connection)
            zone = connection.execute(select(rollup_state.c.timezone)).scalar_one_or_none() or "UTC"
            return _all_checks(_Looking(database, connection, is_full, zone), progress)
    finally:
        database.close()


def _refuse_other_schema(database: Database, connection: Connection) -> None:
    version = stored_version(connection)
    if version is None:
        raise StoreUnavailable(Fact("store_missing", {"place": database.place}))
    if version != SCHEMA_VERSION:
        values = {"place": database.place, "stored_version": version, "known_version": SCHEMA_VERSION}
        is_newer = int(version) > int(SCHEMA_VERSION)
        raise StoreError(Fact("store_outdated" if is_newer else "store_needs_migration", values))


def _all_checks(looking: _Looking, progress: Callable[[Check], None] | None) -> Verification:
    done: list[CheckDone] = []
    faults: list[StoreFault] = []
    for check, look in _CHECKS.items():
        if progress is not None:
            progress(check)
        looked_at, count = 0, 0
        try:
            looked_at, found = look(looking)
            for fact in found:
                count += 1
                if count <= FAULTS_OF_A_CHECK:
                    faults.append(StoreFault(check, fact))
        except UNREADABLE as error:
            count += 1
            faults.append(StoreFault(check, Fact("verify_raw_damaged", {"detail": str(error) or type(error).__name__})))
        done.append(CheckDone(check, looked_at, count))
        if count and check in ("pages", "tables"):
            break  # what follows would read what is not there
    return Verification(tuple(done), tuple(faults), looking.is_full)


def _pages(looking: _Looking) -> Found:
    if not looking.database.is_sqlite:
        return 0, iter(())
    pragma = "integrity_check" if looking.is_full else "quick_check"
    rows = looking.connection.exec_driver_sql(f"PRAGMA {pragma}").scalars().all()
    wrong = [Fact("verify_pages", {"detail": str(row).splitlines()[0]}) for row in rows if row != "ok"]
    pages = int(looking.connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    return pages, iter(wrong)


def _tables(looking: _Looking) -> Found:
    known = shapes_at(SCHEMA_VERSION)
    inspector = inspect(looking.connection)
    there = set(inspector.get_table_names())
    wrong = []
    for shape in known:
        if shape.name not in there:
            wrong.append(Fact("verify_table_missing", {"table": shape.name}))
            continue
        columns = {column["name"] for column in inspector.get_columns(shape.name)}
        wrong += [
            Fact("verify_column_missing", {"table": shape.name, "column": name})
            for name in shape.columns
            if name not in columns
        ]
    return len(known), iter(wrong)


def _references(looking: _Looking) -> Found:
    if looking.database.is_sqlite:
        rows = looking.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        wrong = [Fact("verify_reference", {"table": row[0], "refers_to": row[2]}) for row in rows]
        return len(shapes_at(SCHEMA_VERSION)), iter(wrong)
    query = """
        SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
    """
    rows = looking.connection.execute(text(query)).all()
    return len(shapes_at(SCHEMA_VERSION)), (
        Fact("verify_constraint", {"table": r[0], "constraint": r[1]}) for r in rows
    )


def _event_numbers(looking: _Looking) -> Found:
    numbered = [shape for shape in shapes_at(SCHEMA_VERSION) if shape.numbered is not None]
    wrong = []
    for shape in numbered:
        query = f'SELECT max("{shape.numbered}") FROM "{shape.name}"'  # noqa: S608 - names of our own schema
        highest = looking.connection.exec_driver_sql(query).scalar_one()
        given = _given(looking, shape.name, str(shape.numbered))
        if highest is not None and highest > (given or 0):
            wrong.append(Fact("verify_number", {"table": shape.name, "highest": highest, "given": given or 0}))
    return len(numbered), iter(wrong)


def _given(looking: _Looking, table: str, column: str) -> int | None:
    if looking.database.is_sqlite:
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        found: int | None = looking.connection.execute(query, {"name": table}).scalar_one_or_none()
        return found
    names = {"table": f'"{table}"', "column": column}
    sequence = looking.connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar_one()
    query_of = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"  # noqa: S608 - of the server
    return int(looking.connection.exec_driver_sql(query_of).scalar_one())


_STATES = (
    ("instruction", "id", "instruction_state", "instruction_id"),
    ("task", "id", "task_state", "task_id"),
)


def _states(looking: _Looking) -> Found:
    wrong: list[Fact] = []
    count = 0
    for events, number, states, reference in _STATES:
        query = (
            f"SELECT e.{number} FROM {events} e LEFT JOIN {states} s ON s.{reference} = e.{number}"  # noqa: S608
            f" WHERE s.{reference} IS NULL ORDER BY 1"
        )
        missing = looking.connection.exec_driver_sql(query).scalars().all()
        wrong += [Fact("verify_state_missing", {"table": states, "number": one}) for one in missing]
        count += _count(looking, events)
    return count, iter(wrong)


def _count(looking: _Looking, table: str) -> int:
    return int(looking.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608 - our own


def _latest(looking: _Looking) -> Found:
    """The latest reading of each series is there, and none of its series is newer."""
    newest = _newest_archived(looking)
    # Looked at later than the archive: whoever appends meanwhile makes the latest newer, never older.
    readings = Readings(looking.database)
    latest = readings.latest()
    passed = [key for key, at_ms in newest.items() if key not in latest or latest[key].at_ms < at_ms]
    wrong = [Fact("verify_latest_passed", _with(looking, key)) for key in passed]
    for key, reading in latest.items() if looking.is_full else ():
        if not readings.of_series(key, reading.at_ms, reading.at_ms):
            wrong.append(Fact("verify_latest_lost", _with(looking, key, reading_ms=reading.at_ms)))
    return len(latest.keys() | newest.keys()), iter(wrong)


def _newest_archived(looking: _Looking) -> dict[int, int]:
    query = text("SELECT max(at_ms) FROM reading_archive WHERE series_key = :series_key")
    packed = {key: ends[1] for key, ends in block_ends(looking.connection).items()}
    keys = archive_keys(looking.connection)
    rows = {key: looking.connection.execute(query, {"series_key": key}).scalar_one() for key in keys}
    return {key: max(one for one in (rows[key], packed.get(key)) if one is not None) for key in keys}


_SUMMED_OF_HOURS = ("energy_ws", "known_ms", "spread_ms", "integrated_ms", "reactive_vars", "readings")


def _days_of_hours(looking: _Looking) -> Found:
    """A day is the sum of its hours, where none of them waits to be rolled up and all are still kept."""
    starts = _starts(looking, rollup_day)
    oldest = looking.connection.execute(select(func.min(rollup_hour.c.start_ms))).scalar_one()
    marks = looking.connection.execute(select(rollup_dirty.c.start_ms, rollup_dirty.c.series_key))
    dirty = {(at_ms, key) for at_ms, key in marks}

    def wrong() -> Iterator[Fact]:
        for start_ms in starts:
            if oldest is None or start_ms < oldest:
                continue
            until_ms = _next_day_ms(start_ms, looking.timezone)
            waiting = {key for at_ms, key in dirty if start_ms - HOUR_MS < at_ms < until_ms}
            if 0 in waiting:  # stands for every series
                continue
            days = _sums(looking, rollup_day, "series_key", _SUMMED_OF_HOURS, start_ms, start_ms + 1)
            hours = _sums(looking, rollup_hour, "series_key", _SUMMED_OF_HOURS, start_ms, until_ms)
            for key in sorted(days.keys() & hours.keys() - waiting):
                if days[key] != hours[key]:
                    yield Fact("verify_day", _with(looking, key, day=_day(start_ms, looking.timezone)))

    return len(starts), wrong()


def _rollups(looking: _Looking) -> Found:
    """An hour was made of all the readings that are in it, where these are kept and no mark says that it waits."""
    raw_from_ms = looking.connection.execute(select(rollup_state.c.raw_from_ms)).scalar_one_or_none()
    starts = _starts(looking, rollup_hour)
    if not looking.is_full:
        starts = starts[-RECENT_HOURS:]
    ends = dict(pairwise([*starts, *((starts[-1] + HOUR_MS,) if starts else ())]))
    readings = Readings(looking.database)

    def wrong() -> Iterator[Fact]:
        for start_ms in starts:
            end_ms = min(ends[start_ms], start_ms + HOUR_MS)
            if raw_from_ms is None or start_ms < raw_from_ms:
                continue
            rolled = _sums(looking, rollup_hour, "series_key", ("readings",), start_ms, start_ms + 1)
            counted: dict[int, int] = {}
            for portion in readings.between(start_ms, end_ms):
                keys, counts = np.unique(portion.series_key, return_counts=True)
                counted |= dict(zip(keys.tolist(), counts.tolist(), strict=True))
            differing = [key for key, (count,) in rolled.items() if counted.get(key, 0) != count]
            # A mark that was set since is as good as one that stood before.
            waiting = _marked(looking.database, start_ms, end_ms) if differing else set()
            if 0 in waiting:
                continue
            for key in sorted(set(differing) - waiting):
                values = _with(looking, key, slot_ms=start_ms, day=_day(start_ms, looking.timezone))
                yield Fact("verify_rollup", values)

    return len(starts), wrong()


def _marked(database: Database, start_ms: int, end_ms: int) -> set[int]:
    """The series that wait to be rolled up in the hours of UTC that touch that span; 0 stands for all."""
    touching = (rollup_dirty.c.start_ms > start_ms - HOUR_MS) & (rollup_dirty.c.start_ms < end_ms)
    with database.reading() as connection:
        return set(connection.execute(select(rollup_dirty.c.series_key).where(touching)).scalars())


def _months_of_days(looking: _Looking) -> Found:
    """A month of an account is the sum of its days, where all of them are still kept; also while one waits to be made
    again, for until then both hold what it was.
    """
    names = tuple(c.name for c in account_day.columns if c.name not in ("start_ms", "subject_key", "kind"))
    starts = _starts(looking, account_month)
    oldest = looking.connection.execute(select(func.min(account_day.c.start_ms))).scalar_one()

    def wrong() -> Iterator[Fact]:
        for start_ms in starts:
            until_ms = _next_month_ms(start_ms, looking.timezone)
            if oldest is None or start_ms < _month_start_ms(oldest, looking.timezone):
                continue
            months = _sums(looking, account_month, "subject_key", names, start_ms, start_ms + 1)
            days = _sums(looking, account_day, "subject_key", names, start_ms, until_ms)
            for key in sorted(months.keys() | days.keys()):
                if months.get(key) != days.get(key):
                    month = _day(start_ms, looking.timezone)[:7]
                    yield Fact("verify_month", {"subject_key": key, "month": month, **_named(looking, key)})

    return len(starts), wrong()


def _starts(looking: _Looking, table: Table) -> list[int]:
    """Where its slots begin: all of them, or those of the last days before the newest."""
    newest = looking.connection.execute(select(func.max(table.c.start_ms))).scalar_one()
    if newest is None:
        return []
    query = select(table.c.start_ms).distinct().order_by(table.c.start_ms)
    if not looking.is_full:
        query = query.where(table.c.start_ms >= newest - RECENT_DAYS * 86_400_000)
    return list(looking.connection.execute(query).scalars())


def _sums(
    looking: _Looking, table: Table, key: str, names: tuple[str, ...], from_ms: int, until_ms: int
) -> dict[int, tuple[Any, ...]]:
    sums = [func.sum(table.c[name]) for name in names]
    in_span = (table.c.start_ms >= from_ms) & (table.c.start_ms < until_ms)
    query = select(table.c[key], *sums).where(in_span).group_by(table.c[key])
    return {row[0]: tuple(None if v is None else int(v) for v in row[1:]) for row in looking.connection.execute(query)}


def _day(at_ms: int, timezone: str) -> str:
    return local_day(at_ms, timezone).isoformat()


def _next_day_ms(start_ms: int, timezone: str) -> int:
    return day_start_ms(local_day(start_ms, timezone) + timedelta(days=1), timezone)


def _month_start_ms(at_ms: int, timezone: str) -> int:
    return day_start_ms(local_day(at_ms, timezone).replace(day=1), timezone)


def _next_month_ms(start_ms: int, timezone: str) -> int:
    local = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
    first = date(local.year + local.month // 12, local.month % 12 + 1, 1)
    return day_start_ms(first, timezone)


_CHECKS: dict[Check, Callable[[_Looking], Found]] = {
    "pages": _pages,
    "tables": _tables,
    "references": _references,
    "event_numbers": _event_numbers,
    "states": _states,
    "latest": _latest,
    "rollups": _rollups,
    "days_of_hours": _days_of_hours,
    "months_of_days": _months_of_days,
}
