"""Readings are reordered while history is added and others read: nobody ever sees one twice, or misses one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from lighting.store import archive_readings, readings
from lighting.store.partitions import BLOCKS, make_partitions
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import Reading
from lighting.store.store import Store, open_store

SERIES = range(1, 5)
EACH = 300
ALL = len(SERIES) * EACH


def _readings() -> list[Reading]:
    return [Reading(1000 * step, key, power_w=float(step)) for step in range(EACH) for key in SERIES]


def _seen_twice(store: Store) -> int:
    times = [one.at_ms for one in store.readings.of_series(SERIES[0], 0, 2**60)]
    return len(times) - len(set(times))


def test_readers_see_each_reading_once_while_it_moves_and_comes_again(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "_MOVED_AT_ONCE", 50)
    given = _readings()
    for start in range(0, ALL, 100):
        store.readings.append(given[start : start + 100])
    done = threading.Event()

    def read() -> set[tuple[int, int, int]]:
        found = set()
        with open_store(store_url, create=False) as other:
            while True:
                is_last = done.is_set()
                portions = sum(map(len, other.readings.between(0, 2**60)))
                found.add((other.readings.count(), portions, _seen_twice(other)))
                if is_last:
                    return found

    def add_again() -> int:
        with open_store(store_url, create=False) as other:
            columns = ReadingColumns.of(given)
            return sum(other.readings.append_columns(columns.take(np.arange(n, ALL, 7))) for n in range(7))

    with ThreadPoolExecutor(3) as pool:
        seen, added = pool.submit(read), pool.submit(add_again)
        while store.readings.reorder(2**60, once=True):
            pass
        assert added.result() == 0
        done.set()
        assert seen.result() == {(ALL, ALL, 0)}


@pytest.mark.postgresql
def test_history_that_comes_amid_a_late_portion_is_not_stored_twice(
    new_schema: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who began to reorder long ago still has in hand what others have moved, and let go as too old."""
    url, given = new_schema(), _readings()
    monkeypatch.setattr(readings, "_MOVED_AT_ONCE", ALL // 2)
    engine = create_engine(url)
    with open_store(url) as late, open_store(url, create=False) as other, ThreadPoolExecutor(1) as pool:
        late.readings.append(given)
        late.readings.reorder(2**60, once=True)
        other.readings.reorder(2**60)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM reading_archive"))
            make_partitions(connection, 0, 0, BLOCKS)
        looked = archive_readings._not_blocked
        coming: list[Future[int]] = []

        def look(*arguments: object) -> ReadingColumns:
            found: ReadingColumns = looked(*arguments)  # type: ignore[arg-type]
            if not coming:
                coming.append(pool.submit(other.readings.append_columns, ReadingColumns.of(given)))
                while not coming[0].done() and not _is_waited_for(engine.connect):
                    pass
            return found

        with monkeypatch.context() as patched:
            patched.setattr(archive_readings, "_not_blocked", look)
            late.readings.reorder(2**60)
        coming[0].result()
        assert (late.readings.count(), sum(map(len, late.readings.between(0, 2**60)))) == (ALL, ALL)
    engine.dispose()


def _is_waited_for(connect: Callable[[], object]) -> bool:
    """Whether somebody waits for a lock of this schema."""
    waits = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid"
    )
    with connect() as connection:  # type: ignore[attr-defined]
        return bool(connection.execute(waits).scalar_one())
