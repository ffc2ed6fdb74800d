"""What the desk answers: plain facts that the command line prints and the dashboard draws. Times are UTC ms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from drivers.profile import Feed
from lighting.assets.fact import Fact, Problem
from lighting.assets.failsafe import Cause, CauseEffect, Effect, Verdict
from lighting.assets.failsafe_settings import SettingChange
from lighting.assets.model import CalendarRule, FailsafeException, HardwareFallback
from lighting.schedule.calendar_view import NightRules
from lighting.schedule.idle_rules import IdleRule
from lighting.schedule.plan_changes import LevelChange
from lighting.schedule.trail import TrailEntry
from lighting.store.records import (
    AlarmState,
    CircuitState,
    DecisionChange,
    DeviceState,
    InstructionStatus,
    Reading,
    Revision,
)

ControllerLife = Literal["running", "silent", "stopped", "never_ran"]


@dataclass(frozen=True, slots=True)
class ControllerAnswer:
    """``silent``: the lock is held but no beat for three ticks. ``beat_age_s`` is real seconds."""

    life: ControllerLife
    beat_age_s: float | None
    revision_id: int | None
    tick_s: float | None
    holder: str
    doubt: Fact | None
    fault: Fact | None


@dataclass(frozen=True, slots=True)
class TonightAnswer:
    """The sun of the present lighting night; a None time means that there is none (``sun_state`` says which)."""

    night: str
    sunset_ms: int | None
    sunrise_ms: int | None
    dusk_ms: int | None
    dawn_ms: int | None
    sun_state: Literal["rises_and_sets", "always_up", "always_down"]
    dark_now: bool


@dataclass(frozen=True, slots=True)
class DistrictAnswer:
    """One district's share of the overview; see ``StatusAnswer``."""

    id: str
    name: str
    circuits: int
    should_be_lit: int
    lit: int
    unknown: int
    level_pct: float | None
    power_w: float | None
    expected_power_w: float | None
    unreachable_devices: int
    lit_besides: int = 0


@dataclass(frozen=True, slots=True)
class CircuitVerdict:
    """Whether one circuit would stay lit without us; ``level_pct`` only if it would by its own devices.

    ``only_under_floor``: it counts as dark, for it would be lit at less than its floor.
    ``watchdog_s`` is the longer of its devices' watchdogs, ``shortest_watchdog_s`` the shortest that runs.
    """

    circuit_id: str
    verdict: Verdict
    level_pct: float | None
    watchdog_s: float | None
    only_under_floor: bool = False
    shortest_watchdog_s: float | None = None


@dataclass(frozen=True, slots=True)
class WithoutUsAnswer:
    """What the city would do if the controller died now. ``counts`` has every verdict; ``circuits`` follow the table.

    ``devices`` counts those that switch or dim circuits, ``not_commissioned_devices`` those of them that nobody
    has commissioned; ``drifted_devices`` do not read as they were commissioned. ``not_fed``: a fact for each device
    whose watchdog, as last read, is too short for the polls, the shortest first.
    """

    counts: Mapping[Verdict, int]
    circuits: tuple[CircuitVerdict, ...]
    devices: int
    not_commissioned_devices: int
    drifted_devices: tuple[str, ...] = ()
    not_fed: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class CircuitStanding:
    """One circuit now, and without us. ``lit`` and ``level_pct`` are as its devices report, None while not fresh.

    ``effects`` is what its devices do for each cause; None for a lamp bus of which nobody says anything.
    ``under_floor`` names the causes for which it is lit at less than ``floor_pct``.
    """

    circuit_id: str
    lit: bool | None
    level_pct: float | None
    verdict: Verdict
    effects: Mapping[Cause, Effect | None]
    floor_pct: float = 0.0
    under_floor: tuple[Cause, ...] = ()
    only_under_floor: bool = False


@dataclass(frozen=True, slots=True)
class DriftedSetting:
    """A setting that does not read as it was commissioned, in words."""

    device: str
    point: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class CircuitWithoutUs:
    """What one circuit would do without us, and how we know.

    ``read_ms`` is the older of its devices' readings, None while one was never read; ``verified``: all of their
    settings were read and are understood. ``changes`` is what commissioning would write. ``can_stay_lit``: the settings
    of its devices, once commissioned, or the hardware of its cabinet keep it lit. ``only_under_floor``: it counts as
    dark, for it would be lit at less than its floor. ``not_fed``: a fact for each of its devices whose watchdog, as
    last read, is too short for the polls.
    """

    verdict: Verdict
    level_pct: float | None
    should_pct: float
    floor_pct: float
    effects: tuple[CauseEffect, ...]
    watchdog_s: float | None
    fed_by: Feed
    fallback: HardwareFallback
    exception: FailsafeException | None
    read_ms: int | None
    verified: bool
    commissioned: bool
    drifted: tuple[DriftedSetting, ...]
    changes: tuple[SettingChange, ...]
    wrong_mode: tuple[str, ...] = ()
    only_under_floor: bool = False
    can_stay_lit: bool = True
    shortest_watchdog_s: float | None = None
    not_fed: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The overview. ``power_w`` sums meters (each shared meter once); ``full_power_w`` is all lamps at 100 %.

    ``lit`` counts circuits that are lit among those that should be; ``lit_besides`` those that are lit though nothing
    asks it of them: by day, under a lockout, in local control. ``metered_full_power_w`` is what the circuits behind
    ``power_w`` (``metered_circuits`` of them) would draw at 100 %, with the permanent loads on their meters.
    ``program_profiles`` tells where this program's own profiles are not those of the accepted revision. ``proposals``
    wait for a second person and are in no force.
    """

    site_name: str
    timezone: str
    now_ms: int
    clock_speed: float
    controller: ControllerAnswer
    tonight: TonightAnswer
    circuits: int
    should_be_lit: int
    lit: int
    unknown: int
    local_control: int
    level_pct: float | None
    power_w: float | None
    expected_power_w: float | None
    full_power_w: float
    districts: tuple[DistrictAnswer, ...]
    alarms: tuple[AlarmState, ...]
    instructions_in_force: int
    folder_differs: bool
    folder_problems: tuple[Problem, ...]
    lit_besides: int = 0
    metered_full_power_w: float | None = None
    metered_circuits: int = 0
    without_us: WithoutUsAnswer | None = None
    program_profiles: tuple[Problem, ...] = ()
    proposals: int = 0


@dataclass(frozen=True, slots=True)
class CircuitRow:
    """One line of the table of circuits. ``is_stale``: not polled within the site's limit."""

    id: str
    name: str
    road: str
    cabinet: str
    district: str
    program: str
    lamp_count: int
    state: CircuitState | None
    is_stale: bool
    overridden: bool
    locked_out: bool
    district_name: str = ""


@dataclass(frozen=True, slots=True)
class PlanSeries:
    """Levels of circuits over a night. ``level_pct``: (n_steps, n_circuits) float32; NaN: not ours to write."""

    circuit_ids: tuple[str, ...]
    at_ms: NDArray[np.int64]
    level_pct: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CityOutlook:
    """The mean planned level of the city at this instant, and its next change by a percent or more.

    ``next_ms`` is when that change begins, ``next_pct`` the level that it ends with. ``reaches_pct`` is where a change
    that is under way now leads. A level is None where no circuit is ours to write; the next change where there is none
    until noon.
    """

    level_pct: float | None
    next_ms: int | None = None
    next_pct: float | None = None
    reaches_pct: float | None = None


PlanChange = LevelChange
"""A change of level, of its cause, or of both, in a lighting night."""


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """Which rule rules each lighting night from ``first`` to ``last`` (ISO dates, both included).

    ``target`` is what was asked about, empty for the whole site, ``circuits`` how many that are. ``rules`` are the
    names of the calendar's rules, in order. ``idle`` are those that rule no more, judged from ``today`` on.
    """

    first: str
    last: str
    today: str
    target: str
    circuits: int
    rules: tuple[CalendarRule, ...]
    nights: tuple[NightRules, ...]
    idle: tuple[IdleRule, ...]


@dataclass(frozen=True, slots=True)
class CircuitAnswer:
    """All of one circuit for its screen.

    ``measured_level_pct`` goes with ``measured``: the level that the power of a meter of its own means, None where that
    is unknown or not to be believed. ``meter_readings`` has the latest of each of its meter's channels; one older than
    ``stale_limit_ms`` is not how it is now.
    """

    row: CircuitRow
    lamps: tuple[tuple[str, int], ...]
    floor_pct: float
    minimum_level_pct: float
    rated_power_w: float
    meter: tuple[str, ...]
    meter_shared_with: tuple[str, ...]
    plan: PlanSeries
    plan_changes: tuple[PlanChange, ...]
    measured: tuple[Reading, ...]
    decisions: tuple[DecisionChange, ...]
    instructions: tuple[InstructionStatus, ...]
    devices: tuple[tuple[str, DeviceState | None], ...]
    trail: tuple[TrailEntry, ...]
    measured_level_pct: tuple[float | None, ...] = ()
    meter_readings: tuple[tuple[str, Reading | None], ...] = ()
    stale_limit_ms: float | None = None
    without_us: CircuitWithoutUs | None = None


@dataclass(frozen=True, slots=True)
class WhyAnswer:
    """``recorded`` is what the controller had decided, for an instant of the past.

    ``controller`` is told for now: without one that runs nobody writes what differs.
    ``read_before_change`` says that what ``state`` reports was read before the level last changed, or was asked to.
    ``held_at_pct`` is the highest level that its dimmer takes by its profile, where ``level_pct`` is more.
    ``tense``: whether it was asked about now, a past instant or one to come. ``coming`` is the next change of level or
    cause after it, and where that leaves the level as it is, also the next that does not; of the past what came next by
    another cause. Empty where nothing is known to come. ``falling`` is the way down that the level is on, which has
    begun already; None where it is on none, and of the past.
    """

    circuit_id: str
    at_ms: int
    level_pct: float | None
    state: CircuitState | None
    trail: tuple[TrailEntry, ...]
    recorded: DecisionChange | None = None
    read_before_change: bool = False
    controller: ControllerLife | None = None
    without_us: CircuitWithoutUs | None = None
    held_at_pct: float | None = None
    tense: Literal["now", "past", "future"] = "now"
    coming: tuple[PlanChange, ...] = ()
    falling: PlanChange | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an act became. ``confirmed`` is None while nobody waited; ``released`` lists what a release took off.

    ``withheld_circuits`` do not follow although it is in force: a lockout or another stronger layer rules there.
    ``state`` is ``proposed`` for what is in no force until a second person agrees before ``lapses_ms``; None where
    nothing of its own was recorded. ``lamps`` are those of the circuits. ``held_back``: the controller has taken it up,
    but something stronger or newer rules all its circuits; ``confirmed`` is False then, though all works.
    """

    instruction_id: int | None
    confirmed: bool | None
    latency_s: float | None
    controller: ControllerLife
    circuits: tuple[str, ...]
    until_ms: int | None
    warnings: tuple[Fact, ...] = ()
    released: tuple[int, ...] = ()
    unconfirmed_circuits: tuple[str, ...] = ()
    withheld_circuits: tuple[str, ...] = ()
    state: Literal["recorded", "proposed"] | None = None
    lapses_ms: int | None = None
    lamps: int = 0
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class ApplyAnswer:
    """What became of the folder. ``program_profiles`` are those of the program that the new revision keeps otherwise
    than the one before it: new to the site, or changed by an upgrade.
    """

    revision: Revision | None
    changed_files: tuple[str, ...]
    problems: tuple[Problem, ...]
    accepted: bool
    program_profiles: tuple[str, ...] = ()
