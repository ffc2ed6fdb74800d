"""The store: the meeting point of controller, desk and dashboard. One object, one gateway for each topic.

Every method is synchronous and safe to call from any thread; writers begin immediately. Raises ``StoreUnavailable``
when the database is locked past its time-out, full or gone, and ``StoreOutdated`` when its schema is newer than this program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.schedule.instructions import Instruction, Layer, ScopeKind
from lighting.store.clock import Clock
from lighting.store.records import (
    AlarmState,
    AuditEntry,
    CircuitState,
    ClockRow,
    ControllerBeat,
    DecisionChange,
    DeviceState,
    DeviceWrite,
    InstructionStateName,
    InstructionStatus,
    Reading,
    Revision,
)


class StoreError(Exception):
    """Base of what can go wrong with the store; ``fact`` says it in a code with values."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


class StoreUnavailable(StoreError):
    """Locked, full, gone or not to be opened: try again later; nothing was written."""


class StoreOutdated(StoreError):
    """Written by a newer program: this one must not touch it."""


class LockHeld(StoreError):
    """Another controller owns the site's lines; values ``holder``, ``pid``, ``host``, ``since_ms`` where known."""


class HeldLock(Protocol):
    def release(self) -> None: ...


class ReadingsGateway(Protocol):
    def append(self, readings: Sequence[Reading]) -> None:
        """Bulk insert (idempotent on (series, time)) and refresh the latest row of each series."""

    def latest(self, series_keys: Sequence[int] | None = None) -> dict[int, Reading]: ...

    def of_series(self, series_key: int, from_ms: int, until_ms: int) -> list[Reading]:
        """Ascending by time; from the reordered archive and from the live table."""

    def totals(
        self, series_keys: Sequence[int], from_ms: int, until_ms: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(times, summed power_w) of these series on the union of their times; NaN where a series is unknown."""

    def count(self) -> int: ...

    def reorder(self, before_ms: int) -> int:
        """Move readings older than that from the time-ordered live table to the archive keyed by series; returns how many."""


class InstructionsGateway(Protocol):
    def record(
        self,
        *,
        layer: Layer,
        scope_kind: ScopeKind,
        scope_id: str,
        level_pct: float | None,
        from_ms: int,
        until_ms: int | None,
        by: str,
        reason: str,
        below_floor: bool = False,
        audit_values: Mapping[str, Value] | None = None,
    ) -> Instruction:
        """Instruction, its first transition, state, audit and change counter in one synced transaction."""

    def release(self, instruction_id: int, *, at_ms: int, by: str, reason: str) -> bool:
        """Take it off; False when it was not in force any more. Audited, synced."""

    def transition(
        self,
        instruction_id: int,
        state: InstructionStateName,
        *,
        at_ms: int,
        fact: Fact | None = None,
        latency_ms: int | None = None,
    ) -> None: ...

    def in_force(self, at_ms: int) -> list[Instruction]:
        """Not released and not expired at that time; a lockout past its until is still in force. Ascending id."""

    def get(self, instruction_id: int) -> InstructionStatus | None: ...

    def recent(self, *, limit: int = 200, scope: tuple[ScopeKind, str] | None = None) -> list[InstructionStatus]:
        """Newest first."""

    def active_between(self, from_ms: int, until_ms: int) -> list[Instruction]:
        """All that were in force at some time of the span, with ``released_ms`` set: what the trail of the past needs."""


class StatesGateway(Protocol):
    def put_circuits(self, states: Sequence[CircuitState]) -> None: ...
    def circuits(self) -> dict[int, CircuitState]: ...
    def put_devices(self, states: Sequence[DeviceState]) -> None: ...
    def devices(self) -> dict[int, DeviceState]:
        """By asset key, devices and buses alike."""


class HistoryGateway(Protocol):
    def add_decisions(self, changes: Sequence[DecisionChange]) -> None: ...
    def decisions(self, circuit_key: int, from_ms: int, until_ms: int) -> list[DecisionChange]:
        """Ascending; includes the last one before ``from_ms``."""

    def add_writes(self, writes: Sequence[DeviceWrite]) -> None: ...
    def writes(self, device_key: int, from_ms: int, until_ms: int) -> list[DeviceWrite]: ...
    def write_counts(self, from_ms: int, until_ms: int) -> dict[str, int]:
        """Writes by outcome."""

    def raise_alarm(self, kind: str, subject_kind: str, subject_id: str, *, at_ms: int, fact: Fact) -> bool:
        """False when it already stands (its fact is refreshed)."""

    def return_alarm(self, kind: str, subject_kind: str, subject_id: str, *, at_ms: int) -> bool: ...
    def alarms(self, *, standing_only: bool = True) -> list[AlarmState]: ...
    def add_audit(self, *, at_ms: int, by: str, act: str, subject: str, values: Mapping[str, Value]) -> int: ...
    def audit(self, *, limit: int = 200) -> list[AuditEntry]:
        """Newest first."""


class RevisionsGateway(Protocol):
    def add(self, files: Mapping[str, str], *, at_ms: int, by: str, note: str) -> Revision:
        """Store a checked folder as the newest revision (audited); returns the present one when nothing changed."""

    def latest(self) -> Revision | None: ...
    def get(self, revision_id: int) -> Revision | None: ...
    def list(self, *, limit: int = 100) -> list[Revision]:
        """Newest first, with empty ``files``."""


class KeysGateway(Protocol):
    def ensure(self, kind: str, text_ids: Sequence[str], *, at_ms: int) -> dict[str, int]:
        """Keys for these ids, made where missing, never re-used. Kinds: bus, cabinet, device, circuit, meter (series of ``device:channel``)."""

    def known(self, kind: str) -> dict[str, int]: ...
    def rename(self, kind: str, old_id: str, new_id: str, *, at_ms: int) -> None: ...


class ControllerGateway(Protocol):
    def beat(self, beat: ControllerBeat) -> None: ...
    def last_beat(self) -> ControllerBeat | None: ...
    def newest_trusted_ms(self) -> int | None:
        """The newest time that a trusted clock has stamped."""

    def lock(self, *, holder: str) -> HeldLock:
        """Take the site's lines for this process; raises ``LockHeld``. Freed by the system when the process dies."""

    def is_locked(self) -> bool:
        """Whether some process holds the lines now (true proof that a controller runs)."""

    def clock_row(self) -> ClockRow | None: ...
    def set_clock_row(self, row: ClockRow | None) -> None: ...
    def clock(self) -> Clock:
        """The site's clock: accelerated if a row is stored, else the machine's."""


class ChangesGateway(Protocol):
    """Wake-up: one counter a topic (``instruction``, ``revision``, ``state``, ``alarm``), the same on every database."""

    def counters(self) -> dict[str, int]: ...
    def bump(self, topic: str) -> None: ...


class Store:
    """An open store. ``open_store`` makes one."""

    readings: ReadingsGateway
    instructions: InstructionsGateway
    states: StatesGateway
    history: HistoryGateway
    revisions: RevisionsGateway
    keys: KeysGateway
    controller: ControllerGateway
    changes: ChangesGateway
    url: str

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def store_url_for(site_folder: Path, configured_url: str = "") -> str:
    """The database URL of a site: the configured one, else SQLite in the folder's ``state/``."""
    raise NotImplementedError


def open_store(url: str, *, create: bool = True) -> Store:
    """Open (and create or migrate, if ``create``) the store at that URL. SQLite and ``postgresql://`` are known."""
    raise NotImplementedError
