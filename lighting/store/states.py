"""One row a circuit and one a device: what the controller last knew. Rebuildable, so not synced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter

from sqlalchemy import select

from lighting.assets.fact import Fact
from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.facts import fact_columns, values_of
from lighting.store.many_rows import ManyRows, Values
from lighting.store.records import CircuitState, DeviceState
from lighting.store.schema import circuit_state, device_state

_CIRCUIT_FIELDS = tuple(field.name for field in fields(CircuitState) if field.name != "cause")
_CAUSE_AT = [field.name for field in fields(CircuitState)].index("cause")
_DEVICE_FIELDS = tuple(field.name for field in fields(DeviceState))
_circuit_values = attrgetter(*_CIRCUIT_FIELDS)
_device_values = attrgetter(*_DEVICE_FIELDS)

_CIRCUITS = ManyRows(circuit_state, (*_CIRCUIT_FIELDS, "cause_code", "cause_values"), replaces=True)
_DEVICES = ManyRows(device_state, _DEVICE_FIELDS, replaces=True)


class States:
    """The latest of circuits, devices and buses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_circuits(self, states: Sequence[CircuitState]) -> None:
        """Replace the rows of these circuits; the others stay."""
        causes = fact_columns(state.cause for state in states)
        newest = {state.circuit_key: _circuit_values(state) + causes[id(state.cause)] for state in states}
        self._put(_CIRCUITS, list(newest.values()))

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
        self._put(_DEVICES, list({state.asset_key: _device_values(state) for state in states}.values()))

    def devices(self) -> dict[int, DeviceState]:
        """By asset key, devices and buses alike."""
        columns = [device_state.c[name] for name in _DEVICE_FIELDS]
        with self._database.reading() as connection:
            return {row.asset_key: DeviceState(*row) for row in connection.execute(select(*columns))}

    def _put(self, table: ManyRows, rows: list[Values]) -> None:
        if not rows:
            return
        with self._database.writing(durable=False) as connection:
            table.write(self._database, connection, rows)
            bump(self._database, connection, "state")


def _cause(code: str, values: str, known: dict[tuple[str, str], Fact]) -> Fact:
    fact = known.get((code, values))
    if fact is None:
        fact = known[(code, values)] = Fact(code, values_of(values))
    return fact
