"""One row a circuit and one a device: what the controller last knew. Rebuildable, so not synced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import Table, select

from lighting.assets.fact import Fact
from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.facts import columns_of, values_of
from lighting.store.records import CircuitState, DeviceState
from lighting.store.schema import circuit_state, device_state

_CIRCUIT_FIELDS = tuple(field.name for field in fields(CircuitState) if field.name != "cause")
_CAUSE_AT = [field.name for field in fields(CircuitState)].index("cause")
_DEVICE_FIELDS = tuple(field.name for field in fields(DeviceState))
_circuit_values = attrgetter(*_CIRCUIT_FIELDS)
_device_values = attrgetter(*_DEVICE_FIELDS)


class States:
    """The latest of circuits, devices and buses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_circuits(self, states: Sequence[CircuitState]) -> None:
        """Replace the rows of these circuits; the others stay."""
        causes: dict[int, dict[str, str | None]] = {}
        rows = []
        for state in states:
            # One fact often is the cause of a whole city.
            cause = causes.get(id(state.cause))
            if cause is None:
                cause = causes[id(state.cause)] = columns_of(state.cause, "cause")
            rows.append(dict(zip(_CIRCUIT_FIELDS, _circuit_values(state), strict=True)) | cause)
        self._put(circuit_state, rows)

    def circuits(self) -> dict[int, CircuitState]:
        """By circuit key."""
        causes: dict[tuple[str, str], Fact] = {}
        columns = [circuit_state.c[name] for name in ("cause_code", "cause_values", *_CIRCUIT_FIELDS)]
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns)).all()
        found = {}
        for code, values, *plain in rows:
            # In the order of the fields: by name it would take twice as long.
            plain.insert(_CAUSE_AT, _cause(code, values, causes))
            found[plain[0]] = CircuitState(*plain)
        return found

    def put_devices(self, states: Sequence[DeviceState]) -> None:
        """Replace the rows of these devices and buses; the others stay."""
        self._put(device_state, [dict(zip(_DEVICE_FIELDS, _device_values(state), strict=True)) for state in states])

    def devices(self) -> dict[int, DeviceState]:
        """By asset key, devices and buses alike."""
        columns = [device_state.c[name] for name in _DEVICE_FIELDS]
        with self._database.reading() as connection:
            return {row.asset_key: DeviceState(*row) for row in connection.execute(select(*columns))}

    def _put(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        with self._database.writing(durable=False) as connection:
            connection.execute(self._database.upsert(table), rows)
            bump(self._database, connection, "state")


def _cause(code: str, values: str, known: dict[tuple[str, str], Fact]) -> Fact:
    fact = known.get((code, values))
    if fact is None:
        fact = known[(code, values)] = Fact(code, values_of(values))
    return fact
