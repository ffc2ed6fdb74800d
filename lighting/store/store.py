"""The store: the meeting point of controller, desk and dashboard. One object, one gateway for each topic.

Every method is synchronous and safe to call from any thread; writers begin immediately. Raises ``StoreUnavailable``
when the database is locked past its time-out, full or gone, and ``StoreOutdated`` when its schema is newer than this
program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.assets.model import ScopeKind
from lighting.energy.rollup import Rollups, SeriesFacts
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.traffic_counts import TrafficCount, TrafficCounts
from lighting.store.account_days import AccountOfDay, StoredFigures
from lighting.store.account_records import AccountSpan, DayState, SpanAccounts, SubjectAccounts
from lighting.store.clock import Clock
from lighting.store.errors import LockHeld as LockHeld
from lighting.store.errors import RevisionMoved as RevisionMoved
from lighting.store.errors import StoreError as StoreError
from lighting.store.errors import StoreOutdated as StoreOutdated
from lighting.store.errors import StoreUnavailable as StoreUnavailable
from lighting.store.reading_columns import ReadingColumns as ReadingColumns
from lighting.store.records import (
    AlarmState,
    AuditDraft,
    AuditEntry,
    BillDraft,
    BurningState,
    BusCounterState,
    CircuitState,
    ClockRow,
    ControllerBeat,
    CountSource,
    DecisionChange,
    DecisionColumns,
    DeviceState,
    DeviceWrite,
    FailsafeState,
    InputChange,
    InputKind,
    InputState,
    Installation,
    InstructionStateName,
    InstructionStatus,
    Reading,
    Revision,
    SettingWrite,
    StoredBill,
    TaskOutput,
    TaskStatus,
)
from lighting.store.rollup_records import HoursChecked, KnownFacts
from lighting.store.rollup_records import Rolled as Rolled

STATE_FOLDER = "state"
PIN_FILE = "store-url"
DEFAULT_FILE = "lighting.sqlite3"


class HeldLock(Protocol):
    def release(self) -> None: ...
    def is_held(self) -> bool:
        """False once it was released or, on a server, once its connection was lost: then another may hold the lines."""


class ReadingsGateway(Protocol):
    def append(self, readings: Sequence[Reading]) -> None:
        """Keep what was read, idempotent on (series, time); what is older than what is rolled up marks its hours."""

    def append_columns(self, readings: ReadingColumns) -> int:
        """The same for a bulk of history, of any order; some 100,000 at a time, for others wait meanwhile.

        How many of them were not there yet.
        """

    def of_same_instants(self, readings: ReadingColumns) -> ReadingColumns:
        """What is stored of the series and instants of these readings, ascending by series and time."""

    def latest(self, series_keys: Sequence[int] | None = None) -> dict[int, Reading]: ...

    def latest_columns(self) -> ReadingColumns:
        """The newest reading of each series, ascending by series."""

    def of_series(self, series_key: int, from_ms: int, until_ms: int) -> list[Reading]:
        """Ascending by time, both ends included; from the reordered archive and from the live batches."""

    def between(
        self, from_ms: int, until_ms: int, series_keys: Sequence[int] | None = None
    ) -> Iterator[ReadingColumns]:
        """All of the half-open span, in portions of whole series, ascending by series and time. One snapshot."""

    def span(self) -> tuple[int, int] | None:
        """(earliest, latest) of all readings, UTC ms; None where there are none."""

    def totals(
        self, series_keys: Sequence[int], from_ms: int, until_ms: int, *, known_only: bool = False
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(times, summed power_w) of these series on the union of their times; NaN where a series is unknown.

        Each holds its power until its next reading; ``known_only`` sums those that are known.
        """

    def count(self) -> int: ...

    def reorder(self, before_ms: int, *, once: bool = False) -> int:
        """Move older batches to the archive keyed by series; how many readings.

        With ``once`` a portion that takes no longer than others may wait; 0 when there is nothing left.
        """

    def waiting(self) -> tuple[int, int] | None:
        """(earliest, how many) of the readings that were not reordered yet; None where there are none."""

    def renew_latest(self, *, at_once: bool = False) -> bool:
        """Keep the newest reading of each series in one place, where it is due; whether it was."""


class RollupsGateway(Protocol):
    """Hours and days of energy, kept up with the readings; see ``lighting.energy.rollup``."""

    def roll(
        self,
        until_ms: int,
        timezone: str,
        facts: KnownFacts = ...,
        *,
        once: bool = False,
    ) -> Rolled:
        """Roll up the hours that are over and all that are marked; with ``once`` one portion.

        Facts that may change are given as what answers them; it is asked after the marks were read. A rolled hour
        marks the account of its local day. Another ``timezone`` than before marks every hour.
        """

    def is_done(self, until_ms: int, timezone: str) -> bool:
        """Whether ``roll`` would find nothing to do."""

    def rebuild(self, from_ms: int, until_ms: int) -> int:
        """Mark the hours of a span to be rolled up again; how many. ``roll`` does it."""

    def dirty_count(self) -> int:
        """How many marks wait to be worked off."""

    def check(
        self, spans: Sequence[tuple[int, int]], timezone: str, facts: Mapping[int, SeriesFacts]
    ) -> Iterator[HoursChecked]:
        """Hold the hours of these half-open spans against what the raw readings give; nothing is written."""

    def rolled_until_ms(self) -> int | None:
        """Hours before that are rolled up, or marked; None where nothing was ever rolled up."""

    def hours(self, series_keys: NDArray[np.int64] | list[int] | None, from_ms: int, until_ms: int) -> Rollups:
        """Hours that begin in the half-open span, of these series or of all, ascending by time and series."""

    def days(self, series_keys: NDArray[np.int64] | list[int] | None, from_ms: int, until_ms: int) -> Rollups:
        """The same of local days; they have no levels."""


class RetentionGateway(Protocol):
    """Lets go what is old. Rollups that were made of readings that are gone stay as they are."""

    def retire_readings(self, before_ms: int, *, once: bool = False) -> int:
        """Raw readings that are older and need not be kept to be rolled up or accounted for; how many (or months)."""

    def retire_rollups(self, hours_before_ms: int | None, days_before_ms: int | None) -> int:
        """Hours and days that began earlier; None keeps them. How many."""

    def retire_inputs(self, before_ms: int) -> int:
        """Counts of traffic, and what sections and photocells said earlier, but for what they said last."""


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
        lapses_ms: int | None = None,
    ) -> Instruction:
        """Instruction, its first transition, state, audit and change counter in one synced transaction.

        With ``lapses_ms`` it is only proposed, in no force until ``agree``.
        """

    def agree(self, instruction_id: int, *, at_ms: int, by: str) -> bool:
        """Let another's proposal come into force; False where it is none any more, or ``by``'s own. Audited, synced."""

    def proposals(self, at_ms: int) -> list[InstructionStatus]:
        """Those that wait for a second person at that time, ascending by number."""

    def lapse(self, at_ms: int) -> list[int]:
        """Write down which proposals have lapsed; their numbers."""

    def release(self, instruction_id: int, *, at_ms: int, by: str, reason: str) -> bool:
        """Take it off, or withdraw a proposal; False when it was not in force any more. Audited, synced."""

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
        """Not released, not expired and not merely proposed at that time, ascending id.

        A lockout that is not released is always among them: past its until, and before its from (a clock set back).
        """

    def get(self, instruction_id: int) -> InstructionStatus | None: ...

    def recent(self, *, limit: int = 200, scope: tuple[ScopeKind, str] | None = None) -> list[InstructionStatus]:
        """Newest first."""

    def active_between(self, from_ms: int, until_ms: int) -> list[Instruction]:
        """All that were in force at some time of the span, with ``released_ms`` set, for the trail of the past."""


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

    def all_decisions(self, from_ms: int, until_ms: int) -> DecisionColumns:
        """Of all circuits in the half-open span, and for each the last one before it; by circuit, then time."""

    def add_writes(self, writes: Sequence[DeviceWrite]) -> None: ...
    def writes(self, device_key: int, from_ms: int, until_ms: int) -> list[DeviceWrite]: ...
    def write_counts(self, from_ms: int, until_ms: int) -> dict[str, int]:
        """Writes by outcome."""

    def raise_alarm(self, kind: str, subject_kind: str, subject_id: str, *, at_ms: int, fact: Fact) -> bool:
        """False when it already stands (its fact is refreshed)."""

    def return_alarm(self, kind: str, subject_kind: str, subject_id: str, *, at_ms: int) -> bool: ...
    def alarms(self, *, standing_only: bool = True) -> list[AlarmState]:
        """Newest first: those that stand, or each that ever stood, one row from raised to returned."""

    def add_audit(self, *, at_ms: int, by: str, act: str, subject: str, values: Mapping[str, Value]) -> int: ...
    def audit(self, *, limit: int = 200) -> list[AuditEntry]:
        """Newest first."""


class RevisionsGateway(Protocol):
    def add(
        self,
        files: Mapping[str, str],
        *,
        at_ms: int,
        by: str,
        note: str,
        newest: int | None = None,
        restores: int | None = None,
    ) -> Revision:
        """Store a checked folder as the newest revision (audited); returns the present one when nothing changed.

        ``newest``: the number that must still be the newest (0: none); raises ``RevisionMoved`` where it is not.
        """

    def latest(self) -> Revision | None: ...
    def get(self, revision_id: int) -> Revision | None: ...
    def before(self, revision_id: int) -> Revision | None:
        """The one that ruled until that one was accepted."""

    def list(self, *, limit: int = 100) -> list[Revision]:
        """Newest first, with empty ``files``."""


class KeysGateway(Protocol):
    def ensure(self, kind: str, text_ids: Sequence[str], *, at_ms: int) -> dict[str, int]:
        """Keys for these ids, made where missing, never re-used.

        Kinds: bus, cabinet, device, circuit, meter (series of ``device:channel``).
        """

    def known(self, kind: str) -> dict[str, int]: ...
    def names(self) -> dict[int, tuple[str, str]]:
        """(kind, text id) of every asset by its key."""

    def rename(self, kind: str, old_id: str, new_id: str, *, at_ms: int) -> None:
        """Raises ``StoreError`` (``asset_unknown``, ``asset_id_taken``)."""

    def former_ids(self, asset_key: int) -> list[str]:
        """The text ids that an asset had before its present one, oldest first."""

    def install(
        self,
        asset_key: int,
        serial_number: str,
        *,
        from_utc: datetime,
        told_by: str = "",
        told_ms: int = 0,
        subject: str = "",
        values: Mapping[str, Value] | None = None,
        touched: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Mount a device, meter or lamp set there; what stood before it ends at that time.

        ``touched``: (series, UTC ms) whose hours are to be rolled up again, for the interval about the replacement is
        another one from then on. With ``told_by`` the audit says who told of it (``meter_replace``), in the
        same transaction.
        """

    def meters_replaced(self) -> list[tuple[int, int]]:
        """(series key of a meter channel, UTC ms from which another meter counts), in the order of time."""

    def installations(self, asset_key: int) -> list[Installation]:
        """All that was ever mounted there, oldest first."""


class ControllerGateway(Protocol):
    def beat(self, beat: ControllerBeat) -> None: ...
    def last_beat(self) -> ControllerBeat | None: ...
    def newest_trusted_ms(self) -> int | None:
        """The newest time that a trusted clock has stamped."""

    def lock(self, *, holder: str) -> HeldLock:
        """Take the site's lines for this process; raises ``LockHeld``. Freed by the system when the process dies."""

    def is_locked(self) -> bool:
        """Whether some process holds the lines now (true proof that a controller runs)."""

    def holder(self) -> str:
        """Who holds the lines now, without taking them; empty where nobody does or it is not known."""

    def clock_row(self) -> ClockRow | None: ...
    def set_clock_row(self, row: ClockRow | None) -> None: ...
    def clock(self) -> Clock:
        """The site's clock: accelerated if a row is stored, else the machine's.

        An accelerated one stands still at the last heartbeat while the controller that ran by it is gone.
        """


class ChangesGateway(Protocol):
    """Wake-up: one counter a topic (``instruction``, ``revision``, ``state``, ``alarm``, ``task``, ``traffic``)."""

    def counters(self) -> dict[str, int]: ...
    def bump(self, topic: str) -> None: ...


class TasksGateway(Protocol):
    """Work on devices that a person asked for. Each change of state is a compare-and-set: nobody ends a task twice."""

    def ask(
        self,
        *,
        kind: str,
        params: Mapping[str, object],
        by: str,
        reason: str,
        at_ms: int,
        audit: AuditDraft | None = None,
    ) -> int:
        """Record it as waiting, with its audit row if one is given, in one synced transaction; its number."""

    def get(self, task_id: int) -> TaskStatus | None: ...

    def unended(self) -> list[TaskStatus]:
        """Those that wait, queue or run, oldest first."""

    def recent(self, *, limit: int = 50) -> list[TaskStatus]:
        """Newest first."""

    def take(self, task_id: int, state: Literal["queued", "running"], *, at_ms: int) -> bool:
        """Take it up, or begin it; False when it has ended meanwhile (cancelled or lapsed)."""

    def progress(self, task_id: int, done: int, total: int) -> None:
        """How far it is; nothing where it does not run."""

    def end(
        self,
        task_id: int,
        state: Literal["done", "failed", "cancelled", "lapsed"],
        *,
        at_ms: int,
        result: Mapping[str, object] | None = None,
        fact: Fact | None = None,
        unless_begun: bool = False,
    ) -> bool:
        """False when it has ended already. ``lapsed`` ends only one that nobody took up.

        With ``unless_begun`` a running one is left alone.
        """

    def asker_waits(self, task_id: int) -> None:
        """The one who asked still waits for it."""

    def add_outputs(self, task_id: int, outputs: Sequence[Mapping[str, object]], *, at_ms: int) -> None: ...

    def outputs(self, task_id: int, *, after_id: int = 0) -> list[TaskOutput]:
        """Ascending, those after that number."""

    def forget_outputs(self, before_ms: int) -> int:
        """Delete the outputs of ended tasks that are older (their results stay); how many."""


class SettingWritesGateway(Protocol):
    """What was written into memories that wear out, kept across restarts."""

    def record(self, *, device_key: int, point: str, raw: str, by: str, at_ms: int) -> None:
        """Synced to disk before it returns: call it before the bytes leave."""

    def recent(self, device_key: int, since_ms: int) -> list[SettingWrite]:
        """Ascending by number, those at or after that time."""


class FailsafesGateway(Protocol):
    def put(self, states: Sequence[FailsafeState]) -> None:
        """Replace the rows of these devices, synced; the others stay."""

    def all(self) -> dict[int, FailsafeState]:
        """By device key."""

    def stamp(self) -> tuple[int, int, int]:
        """Three numbers that change when a row does: cheaper to look at than all rows."""


class BusCountersGateway(Protocol):
    def put(self, states: Sequence[BusCounterState]) -> None:
        """Replace the rows of these buses; the others stay. Not synced."""

    def all(self) -> dict[int, BusCounterState]:
        """By bus key."""


class BurningGateway(Protocol):
    """Burning time of circuits, as the controller counts it."""

    def put(self, states: Sequence[BurningState]) -> None:
        """Replace the rows of these circuits; the others stay. Not synced."""

    def all(self) -> dict[int, BurningState]:
        """By circuit key."""


class SensesGateway(Protocol):
    """Counts of traffic, and what the controller has made of counts and photocells (``traffic``, ``photocell``)."""

    def add_counts(self, section: str, counts: Iterable[TrafficCount], source: CountSource) -> tuple[int, int, int]:
        """How many were added, were there already, and conflict with what was told before (those are left out).

        Raises the topic ``traffic`` where some were added.
        """

    def counts_between(
        self, section: str, from_ms: int, until_ms: int, sources: Sequence[CountSource] | None = None
    ) -> TrafficCounts:
        """Those that reach into the half-open span, ascending, of all sources or some (they may overlap)."""

    def counted_sections(self) -> dict[str, tuple[int, int, int]]:
        """By section that has counts: how many, the begin of the first and the end of the last."""

    def add_changes(self, changes: Sequence[InputChange]) -> None: ...

    def changes_between(self, kind: InputKind, from_ms: int, until_ms: int) -> dict[str, list[InputChange]]:
        """By section or photocell, ascending: those of the span, both ends included, and the last before it."""

    def save_state(
        self,
        kind: InputKind,
        input_id: str,
        state: Mapping[str, object],
        *,
        at_ms: int,
        changes: Sequence[InputChange] = (),
    ) -> None:
        """Replace a state, with what changed, in one transaction."""

    def save(self, states: Sequence[InputState], changes: Sequence[InputChange]) -> None:
        """The same for many."""

    def state(self, kind: InputKind, input_id: str) -> InputState | None: ...
    def states(self, kind: InputKind) -> dict[str, InputState]: ...


class AccountReadsGateway(Protocol):
    """Accounts of energy, read for a report."""

    def of_span(self, span: AccountSpan, *, with_subjects: bool = True) -> SpanAccounts:
        """Accounts of a span as columns, of one snapshot; empty arrays where there are none."""

    def subjects(self, span: AccountSpan) -> tuple[SubjectAccounts, dict[int, tuple[str, str]]]:
        """The subjects of a span alone, with kind and text id of every asset by its key."""

    def days(self, from_ms: int, until_ms: int) -> tuple[DayState, ...]:
        """The states of the days that begin in that half-open span, ascending."""

    def made_span_ms(self) -> tuple[int, int] | None:
        """The begins of the first and of the last day whose account was made; None where none was."""


class BillsGateway(Protocol):
    """What utilities have billed: never changed, only withdrawn."""

    def add(self, drafts: Sequence[BillDraft], *, by: str, at_ms: int) -> list[int | Fact | None]:
        """For each its number, None where the same stands already, or why it was refused (``bill_number_twice``,
        ``bill_overlaps``, ``bill_other_currency``). One synced transaction, audited.
        """

    def withdraw(self, bill_id: int, *, by: str, reason: str, at_ms: int) -> bool:
        """False where it does not stand. Audited, synced."""

    def get(self, bill_id: int) -> StoredBill | None: ...

    def list(self, *, from_day: str = "", until_day: str = "", with_withdrawn: bool = False) -> list[StoredBill]:
        """By first day, then supply: all, or those that reach into the ISO days (the last excluded; empty: no end)."""


class AccountsGateway(Protocol):
    """Accounts of energy by local day, and what they are made from. Days are named by their beginnings, UTC ms."""

    def mark_dirty(self, days: Sequence[int]) -> None: ...
    def mark_stale(self, basis_hash: str) -> int:
        """Have every day made again that was made with another basis, or never to the end; how many were marked."""

    def dirty_days(self, before_ms: int, *, limit: int = 1000) -> list[int]:
        """Those that are to be made and have begun before that time, ascending."""

    def known_days(self, from_ms: int, until_ms: int) -> list[int]:
        """Those of the half-open span of which anything is known, made or not; ascending."""

    def made_days(self, from_ms: int, until_ms: int) -> list[int]:
        """Those of the half-open span that are made and not dirty, ascending."""

    def first_known_ms(self) -> int | None:
        """The beginning of the first hour that is rolled up."""

    def notes(self, from_ms: int, until_ms: int) -> dict[int, tuple[Fact, ...]]:
        """What a reader of the days of the half-open span has to know, by day."""

    def begin_day(self, start_ms: int) -> None:
        """Say that it is made now: what makes it dirty from here on does so for the next time."""

    def replace_day(self, day: AccountOfDay, *, made_ms: int) -> None:
        """Put it in the place of what was there, and keep its month, in one transaction."""

    def sum_month(self, month_ms: int, next_month_ms: int) -> None:
        """Sum a month up from its days, whatever stands there."""

    def stored_day(self, start_ms: int, end_ms: int) -> tuple[StoredFigures, StoredFigures]:
        """What is stored of a day: kind and figures by (subject,), and figures by (hour, district, kind)."""


class Store:
    """An open store. ``open_store`` makes one."""

    def __init__(
        self,
        *,
        url: str,
        readings: ReadingsGateway,
        rollups: RollupsGateway,
        instructions: InstructionsGateway,
        states: StatesGateway,
        history: HistoryGateway,
        revisions: RevisionsGateway,
        keys: KeysGateway,
        controller: ControllerGateway,
        changes: ChangesGateway,
        tasks: TasksGateway,
        setting_writes: SettingWritesGateway,
        failsafes: FailsafesGateway,
        bus_counters: BusCountersGateway,
        burning: BurningGateway,
        retention: RetentionGateway,
        senses: SensesGateway,
        account_reads: AccountReadsGateway,
        bills: BillsGateway,
        accounts: AccountsGateway,
        checkpoint: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self.url = url
        self.readings = readings
        self.rollups = rollups
        self.instructions = instructions
        self.states = states
        self.history = history
        self.revisions = revisions
        self.keys = keys
        self.controller = controller
        self.changes = changes
        self.tasks = tasks
        self.setting_writes = setting_writes
        self.failsafes = failsafes
        self.bus_counters = bus_counters
        self.burning = burning
        self.retention = retention
        self.senses = senses
        self.account_reads = account_reads
        self.bills = bills
        self.accounts = accounts
        self._checkpoint = checkpoint
        self._close = close

    def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the database and truncate it (housekeeping); nothing to do on a server."""
        self._checkpoint()

    def close(self) -> None:
        """Close every connection. A lock that was taken is not released by it."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def store_url_for(site_folder: Path, configured_url: str = "") -> str:
    """The database URL of a site: the one it was pinned to, else the configured one, else SQLite in ``state/``.

    A configured ``sqlite:///`` path that is relative is meant from the site's folder.
    """
    return pinned_store_url(site_folder) or resolved_store_url(site_folder, configured_url)


def resolved_store_url(site_folder: Path, configured_url: str) -> str:
    """What a configured URL means for that folder, whatever store the site was pinned to."""
    folder = site_folder.resolve()
    if not configured_url:
        return f"sqlite:///{folder / STATE_FOLDER / DEFAULT_FILE}"
    scheme, separator, path = configured_url.partition(":///")
    if separator and scheme.startswith("sqlite") and path and not path.startswith("/"):
        return f"{scheme}:///{folder / path}"
    return configured_url


def pinned_store_url(site_folder: Path) -> str | None:
    """The URL of the store that holds the site's revisions and instructions; None before the first was made.

    The pin is a file in ``state/``, or the default store itself where that is the one. Without either (both moved
    away, with no controller running) the configured URL counts again.
    """
    state = site_folder.resolve() / STATE_FOLDER
    try:
        pin = (state / PIN_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        pin = ""
    if pin:
        return pin
    return resolved_store_url(site_folder, "") if (state / DEFAULT_FILE).is_file() else None


def pin_store_url(site_folder: Path, url: str) -> None:
    """Remember where the site's store is, so that no edit of the folder hides its lockouts or starts a second one.

    A pin that stands is left alone. Raises OSError where ``state/`` cannot be written.
    """
    if pinned_store_url(site_folder) is None:
        move_store_pin(site_folder, url)


def move_store_pin(site_folder: Path, url: str) -> None:
    """Let the site have its store at ``url`` from now on, whatever it was pinned to: what was there has been moved."""
    state = site_folder / STATE_FOLDER
    state.mkdir(exist_ok=True)
    draft = state / f"{PIN_FILE}.new"
    draft.write_text(url + "\n", encoding="utf-8")
    draft.chmod(0o640)  # it may hold a password, as site.toml does
    draft.replace(state / PIN_FILE)


def open_store(url: str, *, create: bool = True, migrate: bool = True) -> Store:
    """Open the store at that URL, made if it is missing (``create``). SQLite and ``postgresql://`` are known.

    One of an older schema is brought up where both ``create`` and ``migrate`` allow it and nobody holds the lines: an
    older controller that runs goes on with the schema that it knows, so only who becomes the controller may migrate.
    Raises ``StoreUnavailable`` where it cannot be opened, is missing or older and may not be made or brought up,
    ``StoreOutdated where a newer program wrote it, ``StoreError`` for a URL of another kind.
    """
    # SQLAlchemy takes half a second to import: only who opens a store pays for it.
    from lighting.store.opening import open_at

    return open_at(url, create=create, migrate=migrate)
