"""One row a bus: its counters as the controller last wrote them. Rebuildable, so not synced."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from lighting.store.engine import Database
from lighting.store.facts import json_of, json_text
from lighting.store.many_rows import ManyRows
from lighting.store.records import BusCounterState
from lighting.store.schema import bus_counter

_ROWS = ManyRows(bus_counter, ("bus_key", "at_ms", "counters"), replaces=True)


class BusCounterStates:
    """No change counter is raised: nobody needs to wake for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, states: Sequence[BusCounterState]) -> None:
        """Replace the rows of these buses; the others stay."""
        rows = {state.bus_key: (state.bus_key, state.at_ms, json_text(state.counters)) for state in states}
        if rows:
            with self._database.writing(durable=False) as connection:
                _ROWS.write(self._database, connection, list(rows.values()))

    def all(self) -> dict[int, BusCounterState]:
        """By bus key."""
        with self._database.reading() as connection:
            rows = connection.execute(select(bus_counter)).all()
        return {row.bus_key: BusCounterState(row.bus_key, row.at_ms, json_of(row.counters)) for row in rows}
