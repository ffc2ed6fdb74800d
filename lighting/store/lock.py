"""One controller a site: a lock that the system frees when the process dies.

On SQLite it is a lock on the first byte of ``controller.lock`` beside the database; on PostgreSQL an advisory lock on
a connection of its own. Looking whether it is held takes nothing, so it never stands in the way of a controller that
starts at that very moment.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from lighting.assets.fact import Fact, Value
from lighting.store.clock import SystemClock
from lighting.store.engine import Database
from lighting.store.errors import LockHeld, StoreUnavailable
from lighting.store.failures import FOREIGN_ERRORS, as_store_error
from lighting.store.schema import controller_lock

# struct flock of fcntl(2): type, whence, start, length, pid. A lock of the open file description, unlike one of the
# process, is not lost when the same process opens and closes the file elsewhere.
_FLOCK = "hhqqi0q"
_CONTROLLER_BYTE = 0
_SCHEMA_BYTE = 1
_ROOM = 1
_TRY_LOCK = f"SELECT pg_try_advisory_lock({_ROOM}, hashtext(current_schema()))"
_UNLOCK = f"SELECT pg_advisory_unlock({_ROOM}, hashtext(current_schema()))"
# The server frees the lock of a machine that lost its power within half a minute, not after two hours.
_NOTICE_A_DEAD_CLIENT = ("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3")


class ByteLock:
    """A write lock on one byte of a file, held until released or until the process dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def is_held(self) -> bool:
        return self._descriptor >= 0

    def write(self, text: str) -> None:
        """Make ``text`` the content of the locked file."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def lock_schema(file: Path, *, timeout_s: float) -> ByteLock:
    """Only one process creates or migrates a database. Raises ``StoreUnavailable`` past the time-out."""
    deadline = time.monotonic() + timeout_s
    while True:
        lock = _take(file, _SCHEMA_BYTE)
        if lock is not None:
            return lock
        if time.monotonic() > deadline:
            raise StoreUnavailable(Fact("store_locked", {"place": str(file), "detail": "schema"}))
        time.sleep(0.02)


def lock_file(file: Path, *, holder: str) -> ByteLock:
    """Take the lines of the site whose lock file this is. Raises ``LockHeld``."""
    lock = _take(file, _CONTROLLER_BYTE)
    if lock is None:
        raise LockHeld(Fact("lock_held", _read_holder(file)))
    # A full disk takes away the holder's name, not the lock.
    with suppress(OSError):
        lock.write(json.dumps(_holder(holder)))
    return lock


def is_file_locked(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        asked = _flock(fcntl.F_WRLCK, _CONTROLLER_BYTE)
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked)
    finally:
        os.close(descriptor)
    return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def holder_of_file(file: Path) -> str:
    """Who holds that lock, by what it wrote into the file; empty where it is free or nothing can be read."""
    return str(_read_holder(file)["holder"] or "") if is_file_locked(file) else ""


def holder_on_server(connection: Connection) -> str:
    """Who holds the lock of this schema; empty where it is free."""
    return str(_server_holder(connection)["holder"] or "") if is_server_locked(connection) else ""


class AdvisoryLock:
    """An advisory lock on a connection of its own; the server frees it when that connection ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_held(self) -> bool:
        """Whether the connection still lives; once it is lost another controller may hold the lines."""
        if self._connection.closed:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1").scalar_one()
        except FOREIGN_ERRORS:
            return False
        return True

    def release(self) -> None:
        if self._connection.closed:
            return
        with suppress(*FOREIGN_ERRORS):
            # Waited for: a session that merely ends is noticed by the server a moment later.
            self._connection.execute(text(_UNLOCK)).scalar_one()
        with suppress(*FOREIGN_ERRORS):
            # Thrown away rather than given back to the pool, with its settings and, had that failed, its lock.
            self._connection.invalidate()
            self._connection.close()


def lock_on_server(database: Database, *, holder: str) -> AdvisoryLock:
    """Take the lines of the site whose schema this is. Raises ``LockHeld``."""
    try:
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            taken = connection.execute(text(_TRY_LOCK))
            if not taken.scalar_one():
                raise LockHeld(Fact("lock_held", _server_holder(connection)))
            for setting in _NOTICE_A_DEAD_CLIENT:
                connection.exec_driver_sql(f"SET {setting}")
            connection.execute(database.upsert(controller_lock).values(id=1, **_holder(holder)))
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
    except FOREIGN_ERRORS as error:
        raise as_store_error(error, database.place) from error
    return AdvisoryLock(connection)


def is_server_locked(connection: Connection) -> bool:
    # Both numbers of the key stand in pg_locks as unsigned.
    query = """
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = :room
          AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    return bool(connection.execute(text(query), {"room": _ROOM}).scalar_one())


def _take(file: Path, byte: int) -> ByteLock | None:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o664)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _flock(fcntl.F_WRLCK, byte))
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return ByteLock(descriptor)


def _flock(kind: int, byte: int) -> bytes:
    return struct.pack(_FLOCK, kind, os.SEEK_SET, byte, 1, 0)


def _holder(holder: str) -> dict[str, Any]:
    now_ms = SystemClock().now_ms()
    return {"holder": holder, "pid": os.getpid(), "host": socket.gethostname(), "since_ms": now_ms}


def _read_holder(file: Path) -> dict[str, Value]:
    """Who wrote the lock file; nothing where it was not yet, or could not be, written."""
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        found = {}
    names = ("holder", "pid", "host", "since_ms")
    return {name: found.get(name) for name in names} if isinstance(found, dict) else dict.fromkeys(names)


def _server_holder(connection: Connection) -> dict[str, Value]:
    row = connection.execute(controller_lock.select()).one_or_none()
    names = ("holder", "pid", "host", "since_ms")
    return dict.fromkeys(names) if row is None else {name: getattr(row, name) for name in names}
