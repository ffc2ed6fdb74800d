"""Thousands of rows of one table at once: few statements of many rows each on SQLite, one array a column on a server.

A row a statement takes three times as long, and the driver lets other threads go first at each: beside a busy control
loop a flush of a city was seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Double, Executable, Integer, LargeBinary, SmallInteger, Table

from lighting.store.engine import Database

Values = tuple[Any, ...]

_AT_ONCE = (256, 16, 1)
"""Rows of a statement: few sizes, so that the driver finds each one compiled."""

_ROWS_HELD = 4096


class ManyRows:
    """Writes rows of ``columns``, in that order, into ``table``.

    One that ``replaces`` the rows of the same primary key has the key as its first column; so has one that ``adds`` the
    values of these columns to what is there, and keeps the ``greatest`` of those.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        replaces: bool,
        adds: Sequence[str] = (),
        greatest: Sequence[str] = (),
    ) -> None:
        self._into = f"INSERT INTO {table.name} ({', '.join(columns)})"
        self._or_else = _replacing(table, columns) if replaces else ""
        if adds:
            self._or_else = _adding(table, adds, greatest)
        self._columns = [table.c[name] for name in columns]
        self._blank_row = f"({', '.join('?' * len(columns))})"
        self._on_sqlite = cache(self._sqlite_statement)

    def write(self, database: Database, connection: Connection, rows: Sequence[Values]) -> None:
        """Inside a transaction of the caller's. No two rows may have the same primary key."""
        if database.is_sqlite:
            for portion in portions(rows):
                connection.exec_driver_sql(self._on_sqlite(len(portion)), tuple(chain.from_iterable(portion)))
        elif rows:
            connection.exec_driver_sql(self._server_statement(), self._arrays(rows))

    def _sqlite_statement(self, count: int) -> str:
        return f"{self._into} VALUES {', '.join([self._blank_row] * count)}{self._or_else}"

    def _server_statement(self) -> str:
        arrays = ", ".join(f"%s::{_server_type(column.type)}[]" for column in self._columns)
        # In the order of the keys, so that two writers never wait for each other in a ring.
        order = " ORDER BY 1" if self._or_else else ""
        return f"{self._into} SELECT * FROM unnest({arrays}){order}{self._or_else}"  # noqa: S608 - our own names

    def _arrays(self, rows: Sequence[Values]) -> tuple[list[Any], ...]:
        """One array a column, whose values are of one type."""
        kinds = (_python_type(column.type) for column in self._columns)
        return tuple(_array(kind, column) for kind, column in zip(kinds, zip(*rows, strict=True), strict=True))


def portions(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """All of them in order, in the sizes of ``_AT_ONCE``."""
    start = 0
    for size in _AT_ONCE:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


def raw_columns(connection: Connection, query: Executable, width: int) -> list[list[Any]]:
    """The columns of an answer of hundreds of thousands of rows, as the driver has their values.

    For plain numbers, texts and bytes: a row of SQLAlchemy's own costs ten times as much as the driver's. Few rows are
    held at a time, so that neither memory nor the collector of garbage sees them all.
    """
    columns: list[list[Any]] = [[] for _ in range(width)]
    cursor = connection.execute(query).cursor
    while cursor is not None and (rows := cursor.fetchmany(_ROWS_HELD)):
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return columns


def _replacing(table: Table, columns: Sequence[str]) -> str:
    keys = [column.name for column in table.primary_key]
    values = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    return f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}"


def _adding(table: Table, adds: Sequence[str], greatest: Sequence[str]) -> str:
    keys = ", ".join(column.name for column in table.primary_key)
    sums = [f"{name} = {table.name}.{name} + excluded.{name}" for name in adds]
    most = [
        f"{name} = CASE WHEN excluded.{name} > {table.name}.{name} THEN excluded.{name} ELSE {table.name}.{name} END"
        for name in greatest
    ]
    return f" ON CONFLICT ({keys}) DO UPDATE SET {', '.join([*sums, *most])}"


def _array(kind: type[Any], values: Sequence[Any]) -> Any:
    """What the driver is given: numbers as the text of an array, for it looks at each of them three times."""
    if kind in (int, float):
        return f"{{{','.join(['NULL' if value is None else repr(kind(value)) for value in values])}}}"
    return [None if value is None else kind(value) for value in values]


def _server_type(kind: object) -> str:
    match kind:
        case SmallInteger():
            return "smallint"
        case BigInteger() | Integer():
            return "bigint"
        case Double():
            return "float8"
        case Boolean():
            return "boolean"
        case LargeBinary():
            return "bytea"
    return "text"


def _python_type(kind: object) -> type[Any]:
    match kind:
        case Integer():
            return int
        case Double():
            return float
        case Boolean():
            return bool
        case LargeBinary():
            return bytes
    return str
