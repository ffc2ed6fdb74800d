"""Months on a server: a store that was read back from a backup has them just as one that was filled by work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from lighting.store.backup import back_up
from lighting.store.backup_file import open_backup
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import Reading
from lighting.store.restore import RestoreAudit, restore
from lighting.store.store import Store, open_store

pytestmark = pytest.mark.postgresql
DAY_MS = 86_400_000
JAN_MS = 1_767_225_600_000
"""2026-01-01T00:00Z."""
MARCH_MS = JAN_MS + 59 * DAY_MS

# Each month with its bounds and settings, its columns as they are stored, and its key with what it is attached to.
_MONTHS = text("""
    SELECT parent.relname, month.relname, pg_get_expr(month.relpartbound, month.oid), month.reloptions,
           (SELECT string_agg(attname::text || ' ' || attstorage::text || ' ' || attnotnull::text, ',' ORDER BY attnum)
            FROM pg_attribute WHERE attrelid = month.oid AND attnum > 0),
           (SELECT string_agg(key.relname::text || ' of ' || (
                SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = key.oid), ',' ORDER BY key.relname)
            FROM pg_index JOIN pg_class AS key ON key.oid = indexrelid WHERE indrelid = month.oid AND indisvalid)
    FROM pg_inherits JOIN pg_class AS month ON month.oid = inhrelid JOIN pg_class AS parent ON parent.oid = inhparent
    WHERE parent.relnamespace = current_schema()::regnamespace AND parent.relkind = 'p' ORDER BY 1, 2
""")


def _months(url: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(_MONTHS)]
    engine.dispose()
    return found


def _work(store: Store) -> None:
    """History by the thousand, and readings one by one that are reordered, of two months with one between."""
    for begin_ms in (JAN_MS, MARCH_MS):
        at_ms = begin_ms + np.arange(200, dtype=np.int64) * 60_000
        packed = [Reading(one, 7, power_w=1.0, energy_ws=one) for one in at_ms.tolist()]
        store.readings.append_columns(ReadingColumns.of(packed))
        store.readings.append([Reading(begin_ms + DAY_MS, 8, power_w=2.0), Reading(begin_ms + DAY_MS + 1, 9)])
    store.readings.reorder(2**60)


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
def test_what_was_restored_has_its_months_as_work_makes_them(
    new_schema: Callable[[], str], tmp_path: Path, source: str
) -> None:
    worked = new_schema()
    with open_store(worked) as store:
        _work(store)
    if source == "sqlite":
        from_url = f"sqlite:///{tmp_path / 'from.sqlite3'}"
        with open_store(from_url) as store:
            _work(store)
    else:
        from_url = worked
    back_up(from_url, tmp_path / "b.zip", at_ms=4)
    restored = new_schema()
    with open_backup(tmp_path / "b.zip") as backup:
        restore(backup, restored, entry=RestoreAudit(5, "thu", {}))
    months = _months(worked)
    assert {row[1] for row in months} == {
        f"reading_{kind}_2026_{n}" for kind in ("archive", "block") for n in ("01", "03")
    }
    assert _months(restored) == months
    with open_store(restored) as store:
        assert store.readings.count() == 404
        # It goes on as any other: more comes into the same months and into new ones, and old months go whole.
        store.readings.append_columns(ReadingColumns.of([Reading(MARCH_MS + 40 * DAY_MS + n, 7) for n in range(50)]))
        store.rollups.roll(MARCH_MS + 60 * DAY_MS, "UTC")
        for day_ms in store.accounts.dirty_days(2**60):
            store.accounts.begin_day(day_ms)
        assert store.retention.retire_readings(MARCH_MS + 20 * DAY_MS) == 2
        assert store.readings.count() == 202 + 50
    assert "reading_block_2026_04" in {row[1] for row in _months(restored)}
