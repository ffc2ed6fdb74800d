"""Translates what SQLAlchemy, the two drivers and the system raise into the store's error family."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError, StatementError

from lighting.assets.fact import Fact
from lighting.store.errors import StoreError, StoreUnavailable

FOREIGN_ERRORS = (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError, OverflowError)
"""All that may come out of a database call and is not yet a ``StoreError``."""

_SQLITE_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_DAMAGED = {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL_LOCKED = {"55P03", "40P01", "40001"}
_POSTGRESQL_FULL = {"53100"}
_POSTGRESQL_READ_ONLY = {"25006"}


def as_store_error(error: BaseException, place: str) -> StoreError:
    """The ``StoreError`` for ``error``; ``place`` is the database's URL without its password."""
    cause = _root(error)
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, place)
    if isinstance(cause, OSError):
        return _from_system(cause, place)
    if _is_refusal(error, cause):
        return StoreError(Fact("store_refused", {"place": place, "detail": _first_line(cause)}))
    return _from_server(cause, place)


def _root(error: BaseException) -> BaseException:
    if isinstance(error, StatementError) and error.orig is not None:
        return error.orig
    return error


def _is_refusal(error: BaseException, cause: BaseException) -> bool:
    """A value or statement that the database will never take, as against one that may work later."""
    if isinstance(cause, (ValueError, TypeError, OverflowError)):
        return True
    return isinstance(error, IntegrityError) or (
        isinstance(error, DBAPIError) and not isinstance(error, OperationalError) and not error.connection_invalidated
    )


def _from_sqlite(error: sqlite3.Error, place: str) -> StoreError:
    values = {"place": place, "detail": _first_line(error)}
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_LOCKED:
        return StoreUnavailable(Fact("store_locked", values))
    if code == sqlite3.SQLITE_FULL:
        return StoreUnavailable(Fact("store_full", values))
    if code == sqlite3.SQLITE_READONLY:
        return StoreUnavailable(Fact("store_read_only", values))
    if code in _SQLITE_DAMAGED:
        return StoreUnavailable(Fact("store_not_a_database", values))
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)):
        return StoreError(Fact("store_refused", values))
    return StoreUnavailable(Fact("store_cannot_open", values))


def _from_system(error: OSError, place: str) -> StoreError:
    values = {"place": place, "detail": error.strerror or _first_line(error)}
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreUnavailable(Fact("store_full", values))
    if error.errno in {errno.EACCES, errno.EROFS, errno.EPERM}:
        return StoreUnavailable(Fact("store_read_only", values))
    return StoreUnavailable(Fact("store_cannot_open", values))


def _from_server(error: BaseException, place: str) -> StoreError:
    values = {"place": place, "detail": _first_line(error)}
    state = getattr(error, "sqlstate", None) or ""
    if state in _POSTGRESQL_LOCKED:
        return StoreUnavailable(Fact("store_locked", values))
    if state in _POSTGRESQL_FULL:
        return StoreUnavailable(Fact("store_full", values))
    if state in _POSTGRESQL_READ_ONLY:
        return StoreUnavailable(Fact("store_read_only", values))
    return StoreUnavailable(Fact("store_cannot_open", values))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
