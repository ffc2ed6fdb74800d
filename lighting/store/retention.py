"""How long what is measured is kept, level by level; nothing goes that something kept still has to be made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, select, text, update

from lighting.store.archive_readings import archive_keys
from lighting.store.engine import Database
from lighting.store.late_marks import HOUR_MS
from lighting.store.partitions import drop_partitions, month_start_ms
from lighting.store.schema import (
    account_state,
    reading_archive,
    reading_block,
    rollup_day,
    rollup_dirty,
    rollup_hour,
    rollup_state,
    traffic_count,
)

_DELETED_AT_ONCE = 50_000
_SERIES_AT_ONCE = 50
_DAY_MS = 24 * HOUR_MS
_CHANGES = text("""
    DELETE FROM input_change WHERE at_ms < :before_ms AND EXISTS (
        SELECT 1 FROM input_change AS later WHERE later.kind = input_change.kind
        AND later.input_id = input_change.input_id AND later.at_ms < :before_ms
        AND (later.at_ms > input_change.at_ms OR (later.at_ms = input_change.at_ms AND later.id > input_change.id))
    )
""")


class Retention:
    """See ``lighting.store.store.RetentionGateway``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def retire_readings(self, before_ms: int, *, once: bool = False) -> int:
        """Delete archived readings that are older, and all are rolled up and accounted for; how many, or months.

        On PostgreSQL whole months are dropped.
        """
        with self._database.writing(durable=False) as connection:
            cut_ms = self._cut(connection, before_ms)
            if cut_ms is None:
                return 0
            # From here on nothing takes the place of a rollup that was made of more.
            raw_from_ms = cut_ms + _DAY_MS
            state = rollup_state.c
            connection.execute(
                update(rollup_state).where(state.raw_from_ms < raw_from_ms).values(raw_from_ms=raw_from_ms)
            )
            if not self._database.is_sqlite:
                return drop_partitions(connection, cut_ms)
            keys = archive_keys(connection)
        return self._delete_readings(keys, cut_ms, once=once)

    def retire_rollups(self, hours_before_ms: int | None, days_before_ms: int | None) -> int:
        """Delete hours and days that began earlier; None keeps them. How many."""
        deleted = 0
        for table, before_ms in ((rollup_hour, hours_before_ms), (rollup_day, days_before_ms)):
            if before_ms is not None:
                deleted += self._delete_by_start(table, before_ms)
        return deleted

    def retire_inputs(self, before_ms: int) -> int:
        """Delete counts of traffic, and what sections and photocells said earlier, but for what they said last."""
        with self._database.writing(durable=False) as connection:
            counts = connection.execute(delete(traffic_count).where(traffic_count.c.until_ms < before_ms)).rowcount
            return counts + connection.execute(_CHANGES, {"before_ms": before_ms}).rowcount

    def _cut(self, connection: Connection, before_ms: int) -> int | None:
        """The time before which raw readings may go."""
        rolled_ms = connection.execute(select(rollup_state.c.rolled_until_ms)).scalar_one_or_none()
        if rolled_ms is None:
            return None
        marked_ms = connection.execute(select(func.min(rollup_dirty.c.start_ms))).scalar_one()
        is_dirty = account_state.c.is_dirty.is_(True)
        day_ms = connection.execute(select(func.min(account_state.c.start_ms)).where(is_dirty)).scalar_one()
        cut_ms: int = min(one for one in (before_ms, rolled_ms, marked_ms, day_ms) if one is not None)
        # What lies just before bounds the first interval of what follows.
        return cut_ms - _DAY_MS if self._database.is_sqlite else month_start_ms(cut_ms - _DAY_MS)

    def _delete_readings(self, keys: list[int], cut_ms: int, *, once: bool) -> int:
        deleted = 0
        for start in range(0, len(keys), _SERIES_AT_ONCE):
            some = keys[start : start + _SERIES_AT_ONCE]
            old = reading_archive.c.series_key.in_(some), reading_archive.c.at_ms < cut_ms
            with self._database.writing(durable=False) as connection:
                deleted += connection.execute(delete(reading_archive).where(*old)).rowcount
                # A block goes when all that it holds is older.
                packed = reading_block.c.series_key.in_(some), reading_block.c.until_ms < cut_ms
                total = select(func.coalesce(func.sum(reading_block.c.readings), 0)).where(*packed)
                deleted += int(connection.execute(total).scalar_one())
                connection.execute(delete(reading_block).where(*packed))
            if once and deleted >= _DELETED_AT_ONCE:
                break
        return deleted

    def _delete_by_start(self, table: Any, before_ms: int) -> int:
        """A day's rows in one transaction."""
        deleted = 0
        while True:
            with self._database.writing(durable=False) as connection:
                first = connection.execute(select(func.min(table.c.start_ms))).scalar_one()
                if first is None or first >= before_ms:
                    return deleted
                until_ms = min(before_ms, first + _DAY_MS)
                deleted += connection.execute(delete(table).where(table.c.start_ms < until_ms)).rowcount
