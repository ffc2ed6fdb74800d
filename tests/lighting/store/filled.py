"""A store with rows in every table, and with the values that are hard to write as text and to read back."""

from __future__ import annotations

from sqlalchemy import text

from lighting.store.engine import Database
from lighting.store.partitions import BLOCKS, make_partitions
from lighting.store.schema import SCHEMA_VERSION, audit, metadata, reading_archive, rollup_hour
from tests.lighting.store.test_migrations import SEEDS, _in_dialect

Rows = dict[str, list[tuple[object, ...]]]
HARD_TEXTS = (
    "tab\there",
    "line\nfeed\r\n",
    "back\\slash \\N \\t",
    "\\N",
    "",
    "None",
    "Đường Lê Lợi 😀",
    "'\"; --",
    "\\x41",
)
HARD_FLOATS = (0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0, 1e16, 123456789.123456789, 2 / 3)


def fill(url: str) -> None:
    """Rows for every table of a store that is made and empty."""
    database = Database(url)
    with database.writing(durable=True, foreign_keys=False) as connection:
        if not database.is_sqlite:
            make_partitions(connection, 0, 86_400_000)
            make_partitions(connection, 0, 86_400_000, BLOCKS)
        for statement in SEEDS[SCHEMA_VERSION]:
            connection.execute(text(_in_dialect(connection, statement)))
        for number, words in enumerate(HARD_TEXTS, start=10):
            row = {"id": number, "at_ms": 1, "by": words, "act": "note", "subject": words, "values": "{}"}
            connection.execute(audit.insert().values(row))
        for at_ms, value in enumerate(HARD_FLOATS, start=100):
            row = {"at_ms": at_ms, "series_key": 3, "power_w": value, "energy_ws": 2**63 - 1, "quality": 0}
            connection.execute(reading_archive.insert().values(row))
        hour = {"start_ms": 7_200_000, "series_key": 3, "levels": bytes(range(256)), "readings": 1, "flags": 0}
        hour |= {"known_ms": 1, "spread_ms": 0, "integrated_ms": 0}
        connection.execute(rollup_hour.insert().values(hour))
        # A number that was given, and whose row is gone, is not given again.
        connection.execute(audit.insert().values({**row_of_audit, "id": 500}))
        _count_up_to(database, connection, 500)
        connection.execute(audit.delete().where(audit.c.id == 500))
    database.close()


row_of_audit = {"at_ms": 1, "by": "thu", "act": "note", "subject": "", "values": "{}"}


def _count_up_to(database: Database, connection: object, number: int) -> None:
    """A server's sequence does not see numbers that are given by hand; SQLite does."""
    if not database.is_sqlite:
        for table in metadata.tables.values():
            column = next(iter(table.primary_key)).name
            if table.dialect_options["sqlite"].get("autoincrement"):
                highest = number if table is audit else 50
                query = text(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column}'), {highest})")
                connection.execute(query)  # type: ignore[attr-defined]


def rows_of(url: str, *, without_restore: bool = False) -> Rows:
    """Every row of every table by its key; the audit row of a restore left out where it is to be."""
    database = Database(url)
    with database.reading() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for name, table in metadata.tables.items()
        }
    database.close()
    if without_restore:
        found["audit"] = [row for row in found["audit"] if "db_restore" not in row]
    return found
