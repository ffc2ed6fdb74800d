"""The tables of any version of the schema, as the migrations make them: what an older store or backup holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlalchemy import Boolean, Integer, LargeBinary, MetaData, Table, TypeDecorator, create_engine, event
from sqlalchemy.types import Float, TypeEngine

from lighting.store.schema import SCHEMA_VERSION, metadata

Kind = Literal["integer", "real", "boolean", "text", "bytes"]


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table as a backup and an export see it; ``numbered`` is its column of numbers that are never given again."""

    name: str
    columns: tuple[str, ...]
    kinds: tuple[Kind, ...]
    key: tuple[str, ...]
    numbered: str | None


@lru_cache(maxsize=8)
def shapes_at(version: str) -> tuple[TableShape, ...]:
    """Every table of that schema, each behind those that it refers to. The version must be a known one."""
    known = metadata if version == SCHEMA_VERSION else _migrated(version)
    return tuple(_shape(table) for table in known.sorted_tables if table.name != "alembic_version")


def _migrated(version: str) -> MetaData:
    """The schema read back from an empty database in memory that the migrations made."""
    from lighting.store.migrations.run import upgrade

    engine = create_engine("sqlite://")

    @event.listens_for(engine, "connect")
    def connect(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    found = MetaData()
    with engine.connect() as connection:
        upgrade(connection, version)
        found.reflect(connection)
        for table in found.tables.values():
            table.info["numbered"] = _is_numbered(table, connection.exec_driver_sql)
    engine.dispose()
    return found


def _is_numbered(table: Table, ask: object) -> bool:
    query = f"SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '{table.name}'"  # noqa: S608 - our own name
    return "AUTOINCREMENT" in str(ask(query).scalar_one())  # type: ignore[operator]


def _shape(table: Table) -> TableShape:
    key = tuple(column.name for column in table.primary_key)
    is_numbered = table.info.get("numbered", table.dialect_options["sqlite"].get("autoincrement"))
    kinds = tuple(_kind(column.type) for column in table.columns)
    return TableShape(table.name, tuple(table.columns.keys()), kinds, key, key[0] if is_numbered else None)


def _kind(of: TypeEngine[object]) -> Kind:
    if isinstance(of, TypeDecorator):
        return _kind(of.impl_instance)
    if isinstance(of, Boolean):
        return "boolean"
    if isinstance(of, Integer):
        return "integer"
    if isinstance(of, Float):
        return "real"
    return "bytes" if isinstance(of, LargeBinary) else "text"
