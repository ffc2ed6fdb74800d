"""How long the lamps of each circuit have burned under this program's eyes: one row a circuit, its newest count."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from lighting.store.engine import Database
from lighting.store.many_rows import ManyRows
from lighting.store.records import BurningState
from lighting.store.schema import circuit_burning

_ROWS = ManyRows(circuit_burning, ("circuit_key", "burned_ms", "at_ms"), replaces=True)


class Burning:
    """Counts of burning time. Not synced: what a power cut takes is a quarter of an hour at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, states: Sequence[BurningState]) -> None:
        """Replace the rows of these circuits; the others stay."""
        newest = {state.circuit_key: (state.circuit_key, state.burned_ms, state.at_ms) for state in states}
        with self._database.writing(durable=False) as connection:
            _ROWS.write(self._database, connection, list(newest.values()))

    def all(self) -> dict[int, BurningState]:
        """By circuit key."""
        columns = (circuit_burning.c.circuit_key, circuit_burning.c.burned_ms, circuit_burning.c.at_ms)
        with self._database.reading() as connection:
            return {row[0]: BurningState(*row) for row in connection.execute(select(*columns))}
