"""Opening a store: cheap where its schema is up to date, made or migrated where it is not.

One SELECT reads the number of the schema. A new store is made from the tables at once; Alembic, which costs 0.7 s to
import, is loaded only to bring an older one up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from lighting.assets.fact import Fact
from lighting.store.account_reads import AccountReads
from lighting.store.accounts import Accounts
from lighting.store.bills import Bills
from lighting.store.burning import Burning
from lighting.store.bus_counters import BusCounterStates
from lighting.store.changes import Changes
from lighting.store.controller import Controller
from lighting.store.engine import BUSY_TIMEOUT_S, Database
from lighting.store.errors import StoreError, StoreOutdated, StoreUnavailable
from lighting.store.failsafes import Failsafes
from lighting.store.failures import FOREIGN_ERRORS, as_store_error
from lighting.store.history import History
from lighting.store.instructions import Instructions
from lighting.store.keys import Keys
from lighting.store.lock import holder_of_file, holder_on_server, is_file_locked, is_server_locked, lock_schema
from lighting.store.readings import Readings
from lighting.store.revisions import Revisions
from lighting.store.schema import SCHEMA_VERSION, metadata
from lighting.store.senses import Senses
from lighting.store.setting_writes import SettingWrites
from lighting.store.states import States
from lighting.store.store import Store
from lighting.store.tasks import Tasks

_SCHEMA_WAIT_S = 5 * BUSY_TIMEOUT_S

# As Alembic makes it.
_VERSION_TABLE = """
    CREATE TABLE alembic_version (
        version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
    )
"""


def open_at(url: str, *, create: bool, migrate: bool) -> Store:
    """See ``lighting.store.store.open_store``."""
    database = Database(url)
    try:
        _bring_up(database, create=create, migrate=create and migrate)
    except BaseException:
        database.close()
        raise
    return Store(
        url=url,
        readings=Readings(database),
        instructions=Instructions(database),
        states=States(database),
        history=History(database),
        revisions=Revisions(database),
        keys=Keys(database),
        controller=Controller(database),
        changes=Changes(database),
        tasks=Tasks(database),
        setting_writes=SettingWrites(database),
        failsafes=Failsafes(database),
        bus_counters=BusCounterStates(database),
        burning=Burning(database),
        senses=Senses(database),
        account_reads=AccountReads(database),
        bills=Bills(database),
        accounts=Accounts(database),
        checkpoint=database.checkpoint,
        close=database.close,
    )


def stored_version(connection: Connection) -> str | None:
    """The number of the stored schema; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _bring_up(database: Database, *, create: bool, migrate: bool) -> None:
    version = _read_version(database)
    if version == SCHEMA_VERSION:
        return
    if version is not None and int(version) > int(SCHEMA_VERSION):
        values = {"place": database.place, "stored_version": version, "known_version": SCHEMA_VERSION}
        raise StoreOutdated(Fact("store_outdated", values))
    if version is None and not create:
        raise StoreUnavailable(Fact("store_missing", {"place": database.place}))
    if version is not None and not migrate:
        values = {"place": database.place, "stored_version": version, "known_version": SCHEMA_VERSION}
        raise StoreUnavailable(Fact("store_needs_migration", values))
    with _alone(database):
        if database.is_sqlite:
            _use_write_ahead_log(database)
        with database.writing(durable=True, foreign_keys=False) as connection:
            # Another process may have done it while this one waited.
            version = stored_version(connection)
            if version is None:
                make_schema(connection)
            elif version != SCHEMA_VERSION:
                _refuse_while_held(connection, database, version)
                _migrate(connection, database)


def _read_version(database: Database) -> str | None:
    if database.is_sqlite and not _file_exists(database):
        return None
    with database.reading() as connection:
        return stored_version(connection)


def _file_exists(database: Database) -> bool:
    try:
        return database.file.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise as_store_error(error, database.place) from error


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Only one process makes or migrates a SQLite file; on a server the writers' lock does."""
    if not database.is_sqlite:
        yield
        return
    try:
        database.file.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_schema(_lock_file(database), timeout_s=_SCHEMA_WAIT_S)
    except FOREIGN_ERRORS as error:
        raise as_store_error(error, database.place) from error
    try:
        yield
    finally:
        lock.release()


def _refuse_while_held(connection: Connection, database: Database, version: str) -> None:
    """An older program that runs the site goes on with the schema that it knows."""
    if database.is_sqlite:
        held, holder = is_file_locked(_lock_file(database)), holder_of_file(_lock_file(database))
    else:
        held, holder = is_server_locked(connection), holder_on_server(connection)
    if held:
        values = {"place": database.place, "stored_version": version, "known_version": SCHEMA_VERSION}
        raise StoreUnavailable(Fact("store_migration_held", {**values, "holder": holder or "another program"}))


def _lock_file(database: Database) -> Path:
    return database.file.with_name("controller.lock")


def _use_write_ahead_log(database: Database) -> None:
    """Kept in the file once set; it lets readers read while a writer writes."""
    database.pragma("journal_mode = WAL")


def make_schema(connection: Connection) -> None:
    """All tables of the newest version, stamped as such; a test holds it equal to what the migrations make."""
    metadata.create_all(connection)
    connection.execute(text(_VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:version)"), {"version": SCHEMA_VERSION})


def _migrate(connection: Connection, database: Database) -> None:
    from lighting.store.migrations.run import upgrade

    upgrade(connection, SCHEMA_VERSION)
    if database.is_sqlite:
        # They were off meanwhile; nothing may have lost what it points at.
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if lost:
            raise StoreError(Fact("store_refused", {"place": database.place, "detail": f"foreign keys: {lost[0][0]}"}))
