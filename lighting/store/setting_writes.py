"""Writes to settings of devices, which live in a memory that wears out. Append-only."""

from __future__ import annotations

from sqlalchemy import insert, select

from lighting.store.engine import Database
from lighting.store.records import SettingWrite
from lighting.store.schema import setting_write


class SettingWrites:
    """Kept across restarts: a minimum interval or a daily budget must not begin anew with the controller."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, *, device_key: int, point: str, raw: str, by: str, at_ms: int) -> None:
        """Synced to disk before it returns: call it before the bytes leave."""
        row = {"device_key": device_key, "point": point, "raw": raw, "by": by, "at_ms": at_ms}
        with self._database.writing(durable=True) as connection:
            connection.execute(insert(setting_write).values(row))

    def recent(self, device_key: int, since_ms: int) -> list[SettingWrite]:
        """Ascending by number, those at or after that time."""
        columns = setting_write.c
        query = select(columns.at_ms, columns.device_key, columns.point, columns.raw, columns.by)
        query = query.where(columns.device_key == device_key, columns.at_ms >= since_ms).order_by(columns.id)
        with self._database.reading() as connection:
            return [SettingWrite(*row) for row in connection.execute(query)]
