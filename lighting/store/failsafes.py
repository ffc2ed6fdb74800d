"""One row a device: what it would do without us, as last read from it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from lighting.store.changes import bump
from lighting.store.engine import Database
from lighting.store.facts import json_of, json_text
from lighting.store.records import FailsafeState
from lighting.store.schema import failsafe_state


class Failsafes:
    """Synced: what was verified at a cabinet is not to be verified again after a loss of power."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, states: Sequence[FailsafeState]) -> None:
        """Replace the rows of these devices; the others stay."""
        rows = [
            {
                "device_key": state.device_key,
                "at_ms": state.at_ms,
                "verified": state.verified,
                "drift": state.drift,
                "found": json_text(state.found),
            }
            for state in states
        ]
        if rows:
            with self._database.writing(durable=True) as connection:
                connection.execute(self._database.upsert(failsafe_state), rows)
                bump(self._database, connection, "state")

    def all(self) -> dict[int, FailsafeState]:
        """By device key."""
        with self._database.reading() as connection:
            rows = connection.execute(select(failsafe_state)).all()
        return {
            row.device_key: FailsafeState(row.device_key, row.at_ms, row.verified, row.drift, json_of(row.found))
            for row in rows
        }

    def stamp(self) -> tuple[int, int, int]:
        """Number of rows, the newest time, and the sum of times in seconds: another one when a row was replaced."""
        at_ms = failsafe_state.c.at_ms
        with self._database.reading() as connection:
            count, newest, total = connection.execute(
                select(func.count(), func.max(at_ms), func.sum(at_ms % 1_000_000_007)).select_from(failsafe_state)
            ).one()
        return int(count), int(newest or 0), int(total or 0)
