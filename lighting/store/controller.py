"""The controller's heartbeat, its lock on the site's lines, and the site's clock."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import delete, select

from lighting.store.clock import AcceleratedClock, Clock, SystemClock
from lighting.store.engine import Database
from lighting.store.facts import columns_of, fact_of
from lighting.store.failures import FOREIGN_ERRORS, as_store_error
from lighting.store.holders import is_by_hand
from lighting.store.lock import (
    AdvisoryLock,
    ByteLock,
    holder_of_file,
    holder_on_server,
    is_file_locked,
    is_server_locked,
    lock_file,
    lock_on_server,
)
from lighting.store.records import ClockRow, ControllerBeat
from lighting.store.schema import clock, controller_beat

_PLAIN_FIELDS = (
    "holder",
    "pid",
    "host",
    "started_ms",
    "beat_ms",
    "real_beat_ms",
    "tick",
    "tick_s",
    "revision_id",
    "trusted_ms",
    "stopped",
)


_OF_ONE_CLOCK_MS = 5_000
"""Of the machine: between the two times that a heartbeat bears no more goes by."""


class Controller:
    """One row of heartbeat, one lock, one clock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, beat: ControllerBeat) -> None:
        """Replace the heartbeat."""
        row = {name: getattr(beat, name) for name in _PLAIN_FIELDS}
        row |= columns_of(beat.doubt, "doubt") | columns_of(beat.fault, "fault")
        with self._database.writing(durable=False) as connection:
            connection.execute(self._database.upsert(controller_beat).values(id=1, **row))

    def last_beat(self) -> ControllerBeat | None:
        with self._database.reading() as connection:
            row = connection.execute(select(controller_beat)).one_or_none()
        if row is None:
            return None
        doubt = fact_of(row.doubt_code, row.doubt_values)
        fault = fact_of(row.fault_code, row.fault_values)
        return ControllerBeat(doubt=doubt, fault=fault, **{name: getattr(row, name) for name in _PLAIN_FIELDS})

    def newest_trusted_ms(self) -> int | None:
        """The newest time that a trusted clock has stamped."""
        with self._database.reading() as connection:
            found: int | None = connection.execute(select(controller_beat.c.trusted_ms)).scalar_one_or_none()
        return found

    def lock(self, *, holder: str) -> ByteLock | AdvisoryLock:
        """Take the site's lines for this process; raises ``LockHeld``."""
        if not self._database.is_sqlite:
            return lock_on_server(self._database, holder=holder)
        try:
            return lock_file(self._lock_path, holder=holder)
        except FOREIGN_ERRORS as error:
            raise as_store_error(error, self._database.place) from error

    def is_locked(self) -> bool:
        """Whether some process, this one included, holds the lines now."""
        if not self._database.is_sqlite:
            with self._database.reading() as connection:
                return is_server_locked(connection)
        try:
            return is_file_locked(self._lock_path)
        except FOREIGN_ERRORS as error:
            raise as_store_error(error, self._database.place) from error

    def holder(self) -> str:
        """Who holds the lines now, without taking them; empty where nobody does or it is not known."""
        if not self._database.is_sqlite:
            with self._database.reading() as connection:
                return holder_on_server(connection)
        try:
            return holder_of_file(self._lock_path)
        except FOREIGN_ERRORS as error:
            raise as_store_error(error, self._database.place) from error

    def clock_row(self) -> ClockRow | None:
        with self._database.reading() as connection:
            row = connection.execute(select(clock)).one_or_none()
        return None if row is None else ClockRow(row.real_start_ms, row.simulated_start_ms, row.speed)

    def set_clock_row(self, row: ClockRow | None) -> None:
        """Accelerate the site's clock, or give it back to the machine's."""
        with self._database.writing(durable=True) as connection:
            connection.execute(delete(clock))
            if row is not None:
                values = {"real_start_ms": row.real_start_ms, "simulated_start_ms": row.simulated_start_ms}
                connection.execute(clock.insert().values(id=1, speed=row.speed, **values))

    def clock(self) -> Clock:
        """The site's clock: accelerated if a row is stored, else the machine's.

        An accelerated one stands still at the last heartbeat once the controller that ran by it has ended or died: else
        a demonstration that is over would be looked at from a year that never came. It goes on under the next one.
        """
        row = self.clock_row()
        if row is None:
            return SystemClock()
        beat = self.last_beat()
        if beat is None or not _was_by(row, beat) or self._is_controlled():
            return AcceleratedClock(row)
        return AcceleratedClock(row, stands_from_ms=beat.real_beat_ms)

    def _is_controlled(self) -> bool:
        """Whether a controller, and not a command by hand, holds the lines."""
        return self.is_locked() and not is_by_hand(self.holder())

    @property
    def _lock_path(self) -> Path:
        return self._database.file.with_name("controller.lock")


def _was_by(row: ClockRow, beat: ControllerBeat) -> bool:
    """Whether a heartbeat was given by that clock, and not before it was stored."""
    site_ms = row.simulated_start_ms + (beat.real_beat_ms - row.real_start_ms) * row.speed
    return abs(site_ms - beat.beat_ms) <= _OF_ONE_CLOCK_MS * max(1.0, row.speed)
