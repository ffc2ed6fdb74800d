"""The rows of the store as facts. Times are UTC integer milliseconds, energy integer watt-seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.schedule.instructions import Instruction

InstructionStateName = Literal["proposed", "recorded", "sent", "confirmed", "failed", "released", "expired", "lapsed"]
"""``proposed``: in no force until a second person agrees; ``lapsed``: none did in time. Then ``recorded`` and so on."""
LocalControlCause = Literal["", "input", "unexplained"]
CountSource = Literal["counter", "push", "file"]
"""Where a count of traffic came from: a counter on a line, a script that pushed it, a file of past counts."""

InputKind = Literal["traffic", "photocell"]
TaskStateName = Literal["waiting", "queued", "running", "done", "failed", "cancelled", "lapsed"]
"""``waiting``: no controller took it up; ``queued``: one did, behind another task of the same bus."""

ENDED_TASK_STATES: frozenset[TaskStateName] = frozenset({"done", "failed", "cancelled", "lapsed"})


class Quality(IntFlag):
    """Why a reading is not to be taken at its face. 0 is good."""

    GOOD = 0
    OUT_OF_RANGE = 1
    MISSING = 2
    CLOCK_DOUBTED = 4
    STALE = 8
    SIMULATED = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """One poll of one series (a circuit or a meter channel). None is unknown, never 0.

    ``reactive_var`` is positive where the current lags (inductive).
    """

    at_ms: int
    series_key: int
    level_pct: float | None = None
    power_w: float | None = None
    energy_ws: int | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    power_factor: float | None = None
    quality: int = 0
    reactive_var: float | None = None


@dataclass(frozen=True, slots=True)
class ProposalState:
    """That an instruction needed a second person: when it was proposed and lapses, and who agreed to it when."""

    proposed_ms: int
    lapses_ms: int
    agreed_by: str | None = None
    agreed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class InstructionStatus:
    """An instruction with where it stands. ``latency_ms`` is real time from recorded to confirmed.

    ``proposal`` is there for one that had to wait for a second person: its ``from_ms`` is when that one agreed.
    """

    instruction: Instruction
    state: InstructionStateName
    state_ms: int
    latency_ms: int | None = None
    fact: Fact | None = None
    proposal: ProposalState | None = None


@dataclass(frozen=True, slots=True)
class CircuitState:
    """The latest of one circuit: desired (asked), accepted (echoed), actual (measured) and why.

    ``actual_pct`` is the level that the measured power means, None without a meter of its own or fresh power.
    ``lit`` is judged by measured power where there is a meter, else by feedback; None is unknown.
    ``relay_commanded`` is the last relay state that the controller wrote and verified.
    """

    circuit_key: int
    at_ms: int
    desired_pct: float | None = None
    accepted_pct: float | None = None
    actual_pct: float | None = None
    lit: bool | None = None
    on_since_ms: int | None = None
    power_w: float | None = None
    expected_power_w: float | None = None
    layer: int = 0
    cause: Fact = field(default_factory=lambda: Fact("not_decided_yet"))
    dark: bool | None = None
    polled_ms: int | None = None
    quality: int = 0
    local_control: LocalControlCause = ""
    relay_commanded: bool | None = None
    relay_closed: bool | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The health of a device or bus as the controller sees it. ``fault`` is empty while it answers."""

    asset_key: int
    at_ms: int
    reachable: bool | None
    last_ok_ms: int | None
    fault: str = ""
    consecutive_failures: int = 0
    uptime_s: float | None = None


@dataclass(frozen=True, slots=True)
class DecisionChange:
    circuit_key: int
    at_ms: int
    level_pct: float | None
    layer: int
    cause: Fact
    revision_id: int


@dataclass(frozen=True, slots=True)
class DecisionColumns:
    """Decisions of many circuits, by circuit, then time, (n,) each. ``level_pct`` is NaN where nothing may be asked."""

    circuit_key: NDArray[np.int64]
    at_ms: NDArray[np.int64]
    level_pct: NDArray[np.float64]
    layer: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class InputChange:
    """A section or a photocell says something else from ``at_ms`` on. ``value`` as in ``lighting.schedule.inputs``."""

    kind: InputKind
    input_id: str
    at_ms: int
    value: int
    fact: Fact


@dataclass(frozen=True, slots=True)
class InputState:
    """What a section's or a photocell's state machine must not forget, as plain JSON values."""

    kind: InputKind
    input_id: str
    state: Mapping[str, object]
    updated_ms: int


@dataclass(frozen=True, slots=True)
class DeviceWrite:
    """One write to a device, after the fact. ``outcome`` is ``verified``, ``echoed`` or the code of a driver error."""

    at_ms: int
    device_key: int
    channel: str
    quantity: str
    value: float
    outcome: str
    latency_ms: int
    instruction_id: int | None = None


@dataclass(frozen=True, slots=True)
class AlarmState:
    """A standing or returned alarm. ``subject_kind`` is site, bus, device, cabinet or circuit."""

    kind: str
    subject_kind: str
    subject_id: str
    raised_ms: int
    returned_ms: int | None
    fact: Fact


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: int
    at_ms: int
    by: str
    act: str
    subject: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class AuditDraft:
    """What an audit row shall say of an act that is recorded with it."""

    act: str
    subject: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Revision:
    """An accepted state of the site folder. ``files`` is the whole text by relative path."""

    id: int
    at_ms: int
    by: str
    note: str
    content_hash: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ControllerBeat:
    """The controller's heartbeat. ``real_beat_ms`` is the machine's clock, ``beat_ms`` the site's.

    ``trusted_ms`` is the newest time stamped while the clock was trusted; ``doubt`` is None while it is.
    ``fault`` tells of something that does not stop control (a full disk, a refused folder).
    """

    holder: str
    pid: int
    host: str
    started_ms: int
    beat_ms: int
    real_beat_ms: int
    tick: int
    tick_s: float
    revision_id: int
    trusted_ms: int
    doubt: Fact | None = None
    fault: Fact | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class ClockRow:
    """An accelerated clock: site time = simulated_start + (real - real_start) * speed."""

    real_start_ms: int
    simulated_start_ms: int
    speed: float


@dataclass(frozen=True, slots=True)
class Installation:
    """What is or was mounted at an asset: a replaced meter is a new counter. ``until_utc`` is None while it stands."""

    asset_key: int
    serial_number: str
    from_utc: datetime
    until_utc: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """Work on devices that a person asked for. ``params`` are plain JSON values; the kind says which it knows."""

    id: int
    kind: str
    params: Mapping[str, object]
    by: str
    reason: str
    asked_ms: int


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """A task with where it stands. ``total`` is 0 while nobody knows how much there is to do.

    ``result`` is there when it is done, ``fact`` says why it ended otherwise. ``asker_beats`` grows while the one who
    asked still waits.
    """

    task: Task
    state: TaskStateName
    state_ms: int
    done: int = 0
    total: int = 0
    asker_beats: int = 0
    result: Mapping[str, object] | None = None
    fact: Fact | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED_TASK_STATES


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """One line of what a running task found, in the order of ``id``."""

    id: int
    task_id: int
    at_ms: int
    output: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SettingWrite:
    """A write to a setting of a device, recorded before its bytes left. ``raw`` is hex words, empty where unknown."""

    at_ms: int
    device_key: int
    point: str
    raw: str
    by: str


@dataclass(frozen=True, slots=True)
class FailsafeState:
    """What a device would do without us, as last read from it.

    ``verified``: all of it was read and is understood; ``drift``: it is not what was commissioned.
    """

    device_key: int
    at_ms: int
    verified: bool
    drift: bool
    found: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BurningState:
    """How long the lamps of a circuit were on while this program looked, up to ``at_ms``."""

    circuit_key: int
    burned_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class BusCounterState:
    """The counters of a bus as its controller last wrote them (``BusCounters.as_dict``)."""

    bus_key: int
    at_ms: int
    counters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BillDraft:
    """What a utility has billed, before it has a number of ours.

    Local days from ``from_day`` until ``until_day`` (excluded), ISO. ``amount_e4`` is in 10⁻⁴ of the minor unit of
    ``currency``, taxes included.
    """

    supply: str
    number: str
    from_day: str
    until_day: str
    energy_ws: int
    amount_e4: int
    currency: str
    reactive_vars: int | None = None
    peak_w: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class StoredBill:
    """A bill on record, with who entered it and, where it was wrong, when it was withdrawn."""

    id: int
    bill: BillDraft
    entered_ms: int
    by: str
    withdrawn_ms: int | None = None
