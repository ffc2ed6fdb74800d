"""One database behind two dialects: SQLite beside the site, or a PostgreSQL server.

Readers see one snapshot; writers begin immediately, because a SQLite transaction that reads and then writes fails at
once with "database is locked", whatever the time-out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from lighting.assets.fact import Fact
from lighting.store.errors import StoreError, StoreUnavailable
from lighting.store.failures import FOREIGN_ERRORS, as_store_error

BUSY_TIMEOUT_S = 2.0
"""How long a writer waits for another one before it is told that the store is locked."""

_WAL_LIMIT_BYTES = 16 * 1024 * 1024
_CONNECT_TIMEOUT_S = 5
_SILENT_SERVER_MS = 10_000


_SHARE_READINGS = text("SELECT pg_advisory_xact_lock_shared(3, hashtext(current_schema()))")
_OWN_READINGS = text("SELECT pg_advisory_xact_lock(3, hashtext(current_schema()))")
_OWN_ARCHIVE = text("SELECT pg_advisory_xact_lock(4, hashtext(current_schema()))")
_OWN_ACCOUNTS = text("SELECT pg_advisory_xact_lock(5, hashtext(current_schema()))")

Run = Callable[..., list[Any]]
"""Runs a statement with ``?`` for its values, and answers its rows."""


class Database:
    """Connections to one store, with its two kinds of transaction. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.place = self.url.render_as_string(hide_password=True)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._identity: tuple[int, int] | None = None
        try:
            self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise StoreError(Fact("store_driver_missing", {"place": self.place, "detail": str(error)})) from error

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one snapshot."""
        with self._translated(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, *, durable: bool, foreign_keys: bool = True) -> Iterator[Connection]:
        """A transaction that begins as a writer. ``durable``: on disk before it returns, even at a loss of power.

        On PostgreSQL durable writers also wait for each other, as all writers do on SQLite: what one of them reads
        stays true until it has written. Without ``foreign_keys`` a migration may make a table anew on SQLite.
        """
        with self._translated(), self.engine.connect() as connection:
            connection = connection.execution_options(
                begin="BEGIN IMMEDIATE",
                synchronous="FULL" if durable else "NORMAL",
                foreign_keys="ON" if foreign_keys else "OFF",
            )
            with connection.begin():
                if not self.is_sqlite:
                    _begin_on_server(connection, durable=durable)
                yield connection

    @contextmanager
    def writing_on_driver(self) -> Iterator[sqlite3.Connection]:
        """A writer's transaction on the SQLite driver itself, not synced: for readings, which come by the thousand.

        SQLAlchemy's part of a small transaction costs as much time as a hundred rows.
        """
        with self._translated(), closing(self.engine.raw_connection()) as pooled:
            connection: Any = pooled.driver_connection
            if pooled.info.get("synchronous") != "NORMAL":
                connection.execute("PRAGMA synchronous = NORMAL")
                pooled.info["synchronous"] = "NORMAL"
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    @contextmanager
    def appending(self) -> Iterator[Run]:
        """A writer's transaction, not synced, without SQLAlchemy between: it yields what runs a statement with ``?``.

        On a server many may append at a time, but none while ``alone_with_readings`` is held.
        """
        if self.is_sqlite:
            with self.writing_on_driver() as driver:
                yield lambda statement, values=(): driver.execute(statement, values).fetchall()
            return
        with self.writing(durable=False) as connection:
            connection.execute(_SHARE_READINGS)
            yield self.run_on(connection)

    def run_on(self, connection: Connection) -> Run:
        """What runs a statement with ``?`` for its values inside a transaction of SQLAlchemy's."""

        def run(statement: str, values: Sequence[Any] = ()) -> list[Any]:
            asked = statement if self.is_sqlite else statement.replace("?", "%s")
            result = connection.exec_driver_sql(asked, tuple(values))
            return list(result.all()) if result.returns_rows else []

        return run

    def alone_with_readings(self, connection: Connection) -> None:
        """Wait inside a writer's transaction until nobody appends readings; who wants to waits until it ends."""
        if not self.is_sqlite:
            connection.execute(_OWN_READINGS)

    def alone_with_archive(self, connection: Connection) -> None:
        """The same for who adds to the archive: what one of them finds there stays true until it has added its own.

        Who wants to be alone with readings too asks for that first.
        """
        if not self.is_sqlite:
            connection.execute(_OWN_ARCHIVE)

    def alone_with_accounts(self, connection: Connection) -> None:
        """The same for who replaces an account: of two days of a month each adds to the sum that the other has left."""
        if not self.is_sqlite:
            connection.execute(_OWN_ACCOUNTS)

    def insert(self, table: Table) -> Any:
        """An insert that knows ``on_conflict_do_update`` in the dialect of this database."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def upsert(self, table: Table) -> Any:
        """An insert that replaces the row of the same primary key."""
        insert = self.insert(table)
        keys = [column.name for column in table.primary_key]
        values = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
        return insert.on_conflict_do_update(index_elements=keys, set_=values)

    def upsert_of(self, table: Table, columns: Sequence[str]) -> Any:
        """An insert of some columns that leaves the others of the row of the same primary key as they are."""
        insert = self.insert(table)
        keys = [column.name for column in table.primary_key]
        values = {name: insert.excluded[name] for name in columns if name not in keys}
        return insert.on_conflict_do_update(index_elements=keys, set_=values)

    def checkpoint(self) -> None:
        """Move the write-ahead log into the database and truncate it; nothing to do on a server."""
        if not self.is_sqlite:
            return
        self.pragma("wal_checkpoint(TRUNCATE)")

    def pragma(self, statement: str) -> Any:
        """Run a PRAGMA of SQLite outside any transaction; the first value of its answer."""
        with self._translated(), closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute(f"PRAGMA {statement}")
                row = cursor.fetchone()
            finally:
                cursor.close()
        return None if row is None else row[0]

    def close(self) -> None:
        self.engine.dispose()

    def _refuse_another_file(self) -> None:
        """An open SQLite file goes on working after it was moved or deleted: what is written there, nobody reads."""
        found = _identity_of(self.file)
        if self._identity is None:
            self._identity = found
        elif found != self._identity:
            raise StoreUnavailable(Fact("store_moved", {"place": self.place}))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        if self.is_sqlite:
            self._refuse_another_file()
        try:
            yield
        except FOREIGN_ERRORS as error:
            raise as_store_error(error, self.place) from error


def _identity_of(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _parse(url: str) -> URL:
    try:
        scheme, _, path = url.partition(":///")
        if path and scheme.startswith("sqlite"):
            # The whole rest is the path: a folder's name may hold a question mark.
            return URL.create(scheme, database=path)
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:  # ValueError: a port that is no number
        raise StoreError(Fact("store_url_unknown", {"place": url.split("://", 1)[0]})) from error
    if backend != "postgresql":
        raise StoreError(Fact("store_url_unknown", {"place": parsed.render_as_string(hide_password=True)}))
    return parsed


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN would come late and deferred: ours comes from the event below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT_BYTES}")
        # Debian's SQLite overwrites with zeros what is deleted: that would be written to a flash card once more.
        connection.execute("PRAGMA secure_delete = OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        # Neither has an effect inside a transaction, and a pooled connection keeps both. They are set only where they
        # change, for SQLite compiles every statement of a connection anew after a change of foreign_keys.
        for pragma in ("synchronous", "foreign_keys"):
            if pragma in options and connection.info.get(pragma) != options[pragma]:
                connection.exec_driver_sql(f"PRAGMA {pragma} = {options[pragma]}")
                connection.info[pragma] = options[pragma]
        connection.exec_driver_sql(options.get("begin", "BEGIN"))

    return engine


def _postgresql_engine(url: URL) -> Engine:
    # A network that drops must end a statement, not hold a tick for the quarter of an hour that TCP tries again.
    limits = {"connect_timeout": _CONNECT_TIMEOUT_S, "tcp_user_timeout": _SILENT_SERVER_MS}
    engine = create_engine(url, pool_pre_ping=True, connect_args=limits)

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.execute(f"SET lock_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
        connection.commit()

    return engine


def _begin_on_server(connection: Connection, *, durable: bool) -> None:
    if durable:
        connection.execute(text("SELECT pg_advisory_xact_lock(:room, hashtext(current_schema()))"), {"room": 2})
    else:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
