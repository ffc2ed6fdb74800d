"""Small integer keys for every asset, given once and never re-used, and what stood where and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from lighting.assets.fact import Fact, Value
from lighting.store.audit_rows import write_audit
from lighting.store.engine import Database
from lighting.store.errors import StoreError
from lighting.store.late_marks import mark_hours
from lighting.store.records import Installation
from lighting.store.schema import asset, asset_rename, installation


class Keys:
    """The ``asset`` table: text id and key, the ids an asset had before, and its installations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, kind: str, text_ids: Sequence[str], *, at_ms: int) -> dict[str, int]:
        """Keys for these ids, made where missing. One sequence serves all kinds, so a key alone names an asset."""
        known = self.known(kind)
        if any(text_id not in known for text_id in text_ids):
            with self._database.writing(durable=True) as connection:
                known = _known(connection, kind)
                missing = [text_id for text_id in dict.fromkeys(text_ids) if text_id not in known]
                if missing:
                    rows = [{"kind": kind, "text_id": text_id, "since_ms": at_ms} for text_id in missing]
                    connection.execute(insert(asset), rows)
                    known = _known(connection, kind)
        return {text_id: known[text_id] for text_id in text_ids}

    def known(self, kind: str) -> dict[str, int]:
        with self._database.reading() as connection:
            return _known(connection, kind)

    def names(self) -> dict[int, tuple[str, str]]:
        """(kind, text id) of every asset by its key."""
        with self._database.reading() as connection:
            rows = connection.execute(select(asset.c.key, asset.c.kind, asset.c.text_id))
            return {key: (kind, text_id) for key, kind, text_id in rows}

    def rename(self, kind: str, old_id: str, new_id: str, *, at_ms: int) -> None:
        """Give an asset another text id; its key, and with it its history, stays. Raises ``StoreError``."""
        with self._database.writing(durable=True) as connection:
            known = _known(connection, kind)
            if old_id not in known:
                raise StoreError(Fact("asset_unknown", {"kind": kind, "id": old_id}))
            if new_id in known:
                raise StoreError(Fact("asset_id_taken", {"kind": kind, "id": new_id}))
            key = known[old_id]
            connection.execute(update(asset).where(asset.c.key == key).values(text_id=new_id, renamed_from=old_id))
            event = {"at_ms": at_ms, "asset_key": key, "renamed_from": old_id, "text_id": new_id}
            connection.execute(insert(asset_rename).values(event))

    def former_ids(self, asset_key: int) -> list[str]:
        """The text ids that an asset had before its present one, oldest first."""
        query = (
            select(asset_rename.c.renamed_from).where(asset_rename.c.asset_key == asset_key).order_by(asset_rename.c.id)
        )
        with self._database.reading() as connection:
            return list(connection.execute(query).scalars())

    def install(
        self,
        asset_key: int,
        serial_number: str,
        *,
        from_utc: datetime,
        told_by: str = "",
        told_ms: int = 0,
        subject: str = "",
        values: Mapping[str, Value] | None = None,
        touched: Sequence[tuple[int, int]] = (),
    ) -> None:
        """A device or lamp set is mounted: the one before it ends at that time, so its counter is not carried on.

        ``touched``: (series, UTC ms) whose hours are to be rolled up again, marked in the same transaction.
        With ``told_by`` the audit says who told of it, in the same transaction.
        """
        standing = (installation.c.asset_key == asset_key) & installation.c.until_utc.is_(None)
        row = {"asset_key": asset_key, "serial_number": serial_number, "from_utc": from_utc}
        with self._database.writing(durable=True) as connection:
            connection.execute(update(installation).where(standing).values(until_utc=from_utc))
            connection.execute(insert(installation).values(row))
            if touched:
                self._database.alone_with_readings(connection)
                mark_hours(self._database.run_on(connection), touched)
            if told_by:
                write_audit(
                    connection, at_ms=told_ms, by=told_by, act="meter_replace", subject=subject, values=values or {}
                )

    def meters_replaced(self) -> list[tuple[int, int]]:
        """(series key of a meter channel, UTC ms from which another meter counts), in the order of time."""
        mounted = (
            select(asset.c.text_id, installation.c.from_utc)
            .join(installation, installation.c.asset_key == asset.c.key)
            .where(asset.c.kind == "device")
            .order_by(installation.c.from_utc)
        )
        with self._database.reading() as connection:
            rows = connection.execute(mounted).all()
            channels = _known(connection, "meter") if rows else {}
        of_device: dict[str, list[int]] = {}
        for text_id, key in channels.items():
            of_device.setdefault(text_id.rpartition(":")[0], []).append(key)
        return [(key, _ms(row.from_utc)) for row in rows for key in of_device.get(row.text_id, ())]

    def installations(self, asset_key: int) -> list[Installation]:
        """All that was ever mounted there, oldest first."""
        query = select(installation).where(installation.c.asset_key == asset_key).order_by(installation.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return [Installation(row.asset_key, row.serial_number, row.from_utc, row.until_utc) for row in rows]


def _ms(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _known(connection: Connection, kind: str) -> dict[str, int]:
    query = select(asset.c.text_id, asset.c.key).where(asset.c.kind == kind)
    return {row.text_id: row.key for row in connection.execute(query)}


def name_of_key(connection: Connection, key: int) -> tuple[str, str] | None:
    """(kind, text id) of one asset; None for a key that was never given."""
    row = connection.execute(select(asset.c.kind, asset.c.text_id).where(asset.c.key == key)).one_or_none()
    return None if row is None else (row.kind, row.text_id)
