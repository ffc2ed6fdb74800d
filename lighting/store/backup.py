"""A backup of the whole store while others write to it: one snapshot, table by table, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from lighting import __version__
from lighting.assets.fact import Fact
from lighting.store.backup_file import Hashed, Manifest, TableInBackup, new_backup
from lighting.store.backup_lines import line_maker
from lighting.store.engine import Database
from lighting.store.errors import StoreOutdated, StoreUnavailable
from lighting.store.opening import stored_version
from lighting.store.schema import SCHEMA_VERSION
from lighting.store.schema_at import TableShape, shapes_at

ROWS_AT_ONCE = 5_000
Progress = Callable[[str, int], None]
"""Is told the table and how many of its rows are done."""


def back_up(url: str, file: Path, *, at_ms: int, overwrite: bool = False, progress: Progress | None = None) -> Manifest:
    """Write the store at ``url`` into ``file``, of whatever known schema it is. Returns what the backup holds.

    Readers and writers go on meanwhile; on SQLite the write-ahead log grows until it has ended. Raises ``BackupError``
    for the file and ``StoreError`` for the store.
    """
    database = Database(url)
    try:
        if database.is_sqlite and not database.file.is_file():
            raise StoreUnavailable(Fact("store_missing", {"place": database.place}))
        with new_backup(file, overwrite=overwrite) as writer, database.reading() as connection:
            version = _known_version(connection, database)
            tables = []
            for shape in shapes_at(version):
                with writer.table(shape.name) as stream:
                    _write_table(database, connection, shape, stream, progress)
                tables.append(_described(database, connection, shape, stream))
            backend = database.url.get_backend_name()
            manifest = Manifest(version, __version__, at_ms, backend, tuple(tables))
            writer.finish(manifest)
    finally:
        database.close()
    return manifest


def _known_version(connection: Connection, database: Database) -> str:
    version = stored_version(connection)
    if version is None:
        raise StoreUnavailable(Fact("store_missing", {"place": database.place}))
    if int(version) > int(SCHEMA_VERSION):
        values = {"place": database.place, "stored_version": version, "known_version": SCHEMA_VERSION}
        raise StoreOutdated(Fact("store_outdated", values))
    return version


def _write_table(
    database: Database, connection: Connection, shape: TableShape, stream: Hashed, progress: Progress | None
) -> None:
    parts = _of_sqlite(connection, shape) if database.is_sqlite else _of_server(connection, shape)
    for part in parts:
        stream.write(part)
        if progress is not None:
            progress(shape.name, stream.rows)


def selected(shape: TableShape) -> str:
    """All rows in the order of their keys: the same rows make the same text."""
    columns = ", ".join(f'"{name}"' for name in shape.columns)
    order = ", ".join(f'"{name}"' for name in shape.key)
    return f'SELECT {columns} FROM "{shape.name}" ORDER BY {order}'  # noqa: S608 - names of our own schema


def _of_sqlite(connection: Connection, shape: TableShape) -> Iterator[bytes]:
    lines = line_maker(shape.kinds)
    driver: Any = connection.connection.driver_connection
    cursor = driver.execute(selected(shape))
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield lines(rows).encode()


def _of_server(connection: Connection, shape: TableShape) -> Iterator[bytes | memoryview]:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({selected(shape)}) TO STDOUT") as copy:
        yield from _gathered(copy)


def _gathered(copy: Any) -> Iterator[bytes]:
    """The server answers a row at a time."""
    parts: list[bytes] = []
    size = 0
    for part in copy:
        parts.append(bytes(part))
        size += len(part)
        if size > 1 << 18:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _described(database: Database, connection: Connection, shape: TableShape, stream: Hashed) -> TableInBackup:
    last = None if shape.numbered is None else _last_number(database, connection, shape)
    return TableInBackup(shape.name, shape.columns, shape.kinds, stream.rows, stream.sha256(), shape.numbered, last)


def _last_number(database: Database, connection: Connection, shape: TableShape) -> int | None:
    """The highest number ever given there, also when its row is gone."""
    if database.is_sqlite:
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        found = connection.execute(query, {"name": shape.name}).scalar_one_or_none()
    else:
        names = {"table": f'"{shape.name}"', "column": shape.numbered}
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), names).scalar_one()
        found = connection.exec_driver_sql(
            f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}"  # noqa: S608 - of the server itself
        ).scalar_one()
    return None if found is None else int(found)
