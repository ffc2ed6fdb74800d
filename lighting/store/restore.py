"""A backup read back into an empty store, all or nothing, of the same database or of the other one.

Its checksums are compared before anything is touched. Then all is one transaction under the lock of the site's lines:
who is killed in the middle of it leaves the store as it was.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from sqlalchemy import Connection, inspect, text

from lighting.assets.fact import Fact, Value
from lighting.store.backup_file import Backup, BackupError, Manifest, TableInBackup
from lighting.store.backup_lines import row_reader
from lighting.store.contents import RESTORE_ACT
from lighting.store.engine import Database
from lighting.store.errors import LockHeld, StoreOutdated, StoreUnavailable
from lighting.store.failures import FOREIGN_ERRORS, as_store_error
from lighting.store.lock import holder_on_server, lock_file, lock_schema
from lighting.store.opening import make_schema, stored_version
from lighting.store.partitions import BLOCKS, make_partitions_of
from lighting.store.schema import SCHEMA_VERSION, audit
from lighting.store.schema_at import TableShape, shapes_at

ROWS_AT_ONCE = 5_000
HOLDER = "lighting db restore"
_SCHEMA_WAIT_S = 10.0
_CHUNK_BYTES = 1 << 18
_DAY_MS = 86_400_000
Progress = Callable[[str, int], None]

# Tables that a store has rows in before anybody has done anything: counters of changes, and who held the lines.
_NOT_CONTENT = frozenset({"change", "controller_lock"})


@dataclass(frozen=True, slots=True)
class RestoreAudit:
    """Who restores, when, with what values: written with the rows, in the same transaction."""

    at_ms: int
    by: str
    values: Mapping[str, Value]


def check_backup(backup: Backup) -> None:
    """Raise ``BackupError`` unless the backup is whole and its schema is one that this program can read back."""
    manifest, file = backup.manifest, str(backup.file)
    if int(manifest.schema_version) > int(SCHEMA_VERSION):
        values: dict[str, Value] = {"stored_version": manifest.schema_version, "known_version": SCHEMA_VERSION}
        raise BackupError(Fact("backup_outdated", {"file": file, **values}))
    known = {shape.name: shape for shape in shapes_at(manifest.schema_version)}
    found = {table.name: table for table in manifest.tables}
    for name in sorted(known.keys() ^ found.keys()):
        raise BackupError(Fact("backup_schema_differs", {"file": file, "table": name}))
    for name, table in found.items():
        if (table.columns, table.kinds) != (known[name].columns, known[name].kinds):
            raise BackupError(Fact("backup_schema_differs", {"file": file, "table": name}))
    if [table.name for table in manifest.tables] != [shape.name for shape in shapes_at(manifest.schema_version)]:
        # Each table stands behind those that it refers to.
        raise BackupError(Fact("backup_damaged", {"file": file, "detail": "order of tables"}))
    backup.check()


def restore(backup: Backup, url: str, *, entry: RestoreAudit, progress: Progress | None = None) -> Manifest:
    """Read a backup into the store at ``url``, made if it is missing; brought up where the backup is older.

    Raises ``BackupError`` for the backup, ``LockHeld`` while a controller runs there, ``StoreUnavailable`` where the
    store is not empty; nothing has changed then.
    """
    check_backup(backup)
    database = Database(url)
    try:
        with _alone(database), database.writing(durable=True, foreign_keys=False) as connection:
            if not database.is_sqlite:
                _take_lines_of_server(connection)
            _refuse_content(connection, database)
            _drop_empty(connection)
            _make(connection, backup.manifest.schema_version)
            shapes = {shape.name: shape for shape in shapes_at(backup.manifest.schema_version)}
            for table in backup.manifest.tables:
                _read_table(database, connection, backup, table, shapes[table.name], progress)
            _go_on_counting(database, connection, backup.manifest)
            if backup.manifest.schema_version != SCHEMA_VERSION:
                _bring_up(connection)
            _refuse_broken(database, connection, backup)
            values = json.dumps(dict(entry.values))
            row = {"at_ms": entry.at_ms, "by": entry.by, "act": RESTORE_ACT, "subject": "store", "values": values}
            connection.execute(audit.insert().values(row))
        database.checkpoint()
    finally:
        database.close()
    return backup.manifest


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """On SQLite the locks of schema and lines for the time of the restore; on a server the transaction takes them."""
    if not database.is_sqlite:
        yield
        return
    lock = database.file.with_name("controller.lock")
    had_folder = database.file.parent.exists()
    with ExitStack() as stack:
        if not had_folder:
            stack.push(lambda kind, *_: _take_away(database) if kind is not None else None)
        try:
            database.file.parent.mkdir(parents=True, exist_ok=True)
            stack.callback(lock_schema(lock, timeout_s=_SCHEMA_WAIT_S).release)
            stack.callback(lock_file(lock, holder=HOLDER).release)
        except FOREIGN_ERRORS as error:
            raise as_store_error(error, database.place) from error
        database.pragma("journal_mode = WAL")
        yield


def _take_away(database: Database) -> None:
    """What a restore that failed made where nothing was: its empty store, its lock, and the folder of both."""
    database.close()
    shutil.rmtree(database.file.parent, ignore_errors=True)


def _take_lines_of_server(connection: Connection) -> None:
    """The lock that a controller takes, for this transaction."""
    query = "SELECT pg_try_advisory_xact_lock(1, hashtext(current_schema()))"
    if connection.exec_driver_sql(query).scalar_one():
        return
    holder = holder_on_server(connection) if inspect(connection).has_table("controller_lock") else ""
    raise LockHeld(Fact("lock_held", {"holder": holder or None, "pid": None, "host": None, "since_ms": None}))


def _refuse_content(connection: Connection, database: Database) -> None:
    version = stored_version(connection)
    if version is None:
        return
    place: dict[str, Value] = {"place": database.place}
    if int(version) > int(SCHEMA_VERSION):
        values = {**place, "stored_version": version, "known_version": SCHEMA_VERSION}
        raise StoreOutdated(Fact("store_outdated", values))
    for shape in shapes_at(version):
        if shape.name in _NOT_CONTENT:
            continue
        query = f'SELECT 1 FROM "{shape.name}" LIMIT 1'  # noqa: S608 - a name of our own schema
        if connection.exec_driver_sql(query).first() is not None:
            raise StoreUnavailable(Fact("restore_into_used", {**place, "table": shape.name}))


def _drop_empty(connection: Connection) -> None:
    """Tables of an empty store go: those of the backup's own version take their place."""
    version = stored_version(connection)
    if version is None:
        return
    names = [shape.name for shape in shapes_at(version)][::-1]
    for name in (*names, "alembic_version"):
        connection.exec_driver_sql(f'DROP TABLE "{name}"')


def _make(connection: Connection, version: str) -> None:
    if version == SCHEMA_VERSION:
        make_schema(connection)
        return
    from lighting.store.migrations.run import upgrade

    upgrade(connection, version)


def _bring_up(connection: Connection) -> None:
    from lighting.store.migrations.run import upgrade

    upgrade(connection, SCHEMA_VERSION)


def _read_table(
    database: Database,
    connection: Connection,
    backup: Backup,
    table: TableInBackup,
    shape: TableShape,
    progress: Progress | None,
) -> None:
    if not database.is_sqlite and table.rows and _is_partitioned(connection, table.name):
        with backup.text(table) as stream:
            column = "from_ms" if table.name == BLOCKS else "at_ms"
            make_partitions_of(connection, _days(stream, shape.columns.index(column)), table.name)
    with backup.text(table) as stream:
        done = (_into_sqlite if database.is_sqlite else _into_server)(connection, shape, stream)
        rows = 0
        for rows in done:
            if progress is not None:
                progress(table.name, rows)
    if rows != table.rows:
        values: dict[str, Value] = {"file": str(backup.file), "table": table.name}
        values |= {"found_rows": rows, "rows": table.rows}
        raise BackupError(Fact("backup_table_differs", values))


def _is_partitioned(connection: Connection, name: str) -> bool:
    query = text("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(:name)")
    return bool(connection.execute(query, {"name": f'"{name}"'}).scalar_one_or_none())


def _days(stream: IO[bytes], column: int) -> set[int]:
    """The days of a table's lines, counted from 1970: they tell which months it needs."""
    return {int(line.split(b"\t", column + 1)[column]) // _DAY_MS for line in stream}


def _into_sqlite(connection: Connection, shape: TableShape, stream: IO[bytes]) -> Iterator[int]:
    read = row_reader(shape.kinds)
    columns = ", ".join(f'"{name}"' for name in shape.columns)
    blanks = ", ".join("?" * len(shape.columns))
    insert = f'INSERT INTO "{shape.name}" ({columns}) VALUES ({blanks})'  # noqa: S608 - names of our own schema
    driver: Any = connection.connection.driver_connection
    done = 0
    with io.TextIOWrapper(stream, encoding="utf-8", newline="\n") as lines:
        while some := list(islice(lines, ROWS_AT_ONCE)):
            driver.executemany(insert, read(some))
            done += len(some)
            yield done


def _into_server(connection: Connection, shape: TableShape, stream: IO[bytes]) -> Iterator[int]:
    columns = ", ".join(f'"{name}"' for name in shape.columns)
    driver: Any = connection.connection.driver_connection
    done = 0
    with driver.cursor() as cursor, cursor.copy(f'COPY "{shape.name}" ({columns}) FROM STDIN') as copy:
        while chunk := stream.read(_CHUNK_BYTES):
            copy.write(chunk)
            done += chunk.count(b"\n")
            yield done


def _go_on_counting(database: Database, connection: Connection, manifest: Manifest) -> None:
    """The next number of each table is above every one that was ever given, also where its row is gone."""
    for shape, table in zip(shapes_at(manifest.schema_version), manifest.tables, strict=True):
        if database.is_sqlite and shape.numbered is None:
            continue
        sequence = "" if database.is_sqlite else _sequence(connection, shape)
        if sequence is None:
            continue
        query = f'SELECT max("{shape.key[0]}") FROM "{shape.name}"'  # noqa: S608 - names of our own schema
        last = max(table.last_number or 0, connection.exec_driver_sql(query).scalar_one() or 0)
        if last and database.is_sqlite:
            _count_on_in_sqlite(connection, shape.name, last)
        elif last:
            connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})


def _sequence(connection: Connection, shape: TableShape) -> str | None:
    """What gives the numbers of a table on a server; None where its key is not of that kind."""
    names = {"table": f'"{shape.name}"', "column": shape.key[0]}
    query = text("SELECT pg_get_serial_sequence(:table, :column)")
    found: str | None = connection.execute(query, names).scalar_one()
    return found


def _count_on_in_sqlite(connection: Connection, name: str, last: int) -> None:
    values = {"name": name, "last": last}
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


def _refuse_broken(database: Database, connection: Connection, backup: Backup) -> None:
    """Foreign keys were off on SQLite while rows came in."""
    if not database.is_sqlite:
        return
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        detail = f"foreign keys: {lost[0]}"
        raise BackupError(Fact("backup_damaged", {"file": str(backup.file), "detail": detail}))


def newest_files(backup: Backup) -> dict[str, str]:
    """The files of the newest revision in a backup, by path; empty where none was accepted yet."""
    tables = {table.name: table for table in backup.manifest.tables}

    def rows(name: str) -> list[dict[str, Any]]:
        table = tables[name]
        read = row_reader(table.kinds)  # type: ignore[arg-type]
        with backup.text(table) as stream, io.TextIOWrapper(stream, encoding="utf-8", newline="\n") as lines:
            return [dict(zip(table.columns, row, strict=True)) for row in (read(list(lines)) if table.rows else [])]

    newest = max((row["id"] for row in rows("revision")), default=None)
    texts = {row["text_hash"]: row["text"] for row in rows("file_text")}
    return {row["path"]: texts[row["text_hash"]] for row in rows("revision_file") if row["revision_id"] == newest}
