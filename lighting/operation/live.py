"""What the controller knows at this moment of each circuit, device and cabinet: the only changing state of the room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drivers.codec import Sample
from lighting.assets.fact import Fact
from lighting.operation.local_control import RelaySight
from lighting.operation.reconciler import Reported, accepted_level, differs
from lighting.operation.wiring import CircuitWiring, Wiring
from lighting.store.records import CircuitState, DeviceState, LocalControlCause, Quality

_LONGER_THAN_ANY_RAMP_MS = 2 * 3_600_000
"""Lamps that burn for so long are warm, and on no way down from their warm-up."""


@dataclass(slots=True)
class LiveCircuit:
    """A circuit as decided, reported and measured. ``feedback_s`` is the monotonic time of the last read back
    of all its outputs. ``unexplained_after_id`` is the newest instruction that was known when the act in the cabinet
    was noticed: one that gives the circuit back counts when it is newer. None: not worked out yet after a restart.
    ``is_unread``: a revision has given it other outputs, which were not read since; lamps that burn there when they are
    have burned for long.
    """

    wiring: CircuitWiring
    key: int
    asked_pct: float | None = None
    layer: int = 0
    cause: Fact = field(default_factory=lambda: Fact("not_decided_yet"))
    dark: bool | None = None
    level_pct: float | None = None
    relay_closed: bool | None = None
    output_on: bool | None = None
    closed_since_ms: int | None = None
    level_since_ms: int | None = None
    level_noted_pct: float | None = None
    on_since_ms: int | None = None
    off_since_ms: int | None = None
    burned_ms: int = 0
    burning_counted_ms: int | None = None
    feedback_ms: int | None = None
    feedback_s: float = -1.0
    local: LocalControlCause = ""
    unexplained_since_ms: int | None = None
    unexplained_after_id: int | None = None
    unexplained_gap_s: float | None = None
    relay_commanded: bool | None = None
    relay_seen: RelaySight | None = None
    writing: bool = False
    written_s: float = -1.0
    power_w: float | None = None
    power_ms: int | None = None
    actual_pct: float | None = None
    expected_power_w: float | None = None
    lit: bool | None = None
    unlit_since_ms: int | None = None
    unlit_ticks: int = 0
    failed_attempts: int = 0
    failure: str = ""
    next_try_s: float = 0.0
    quality: int = 0
    pending: bool = False
    decided: tuple[float | None, int, Fact] | None = None
    stored: CircuitState | None = None
    is_unread: bool = False

    @property
    def id(self) -> str:
        return self.wiring.circuit.id

    def reported(self, now_ms: int) -> Reported:
        """What its devices report, with the site time since the contactor closed.

        One that closed in the future did so before the clock was stepped back: long enough ago, for all we know.
        """
        closed_for_s = _seconds_since(self.closed_since_ms, now_ms)
        level_for_s = _seconds_since(self.level_since_ms, now_ms)
        return Reported(self.level_pct, self.relay_closed, self.output_on, closed_for_s, level_for_s)

    @property
    def accepted_pct(self) -> float | None:
        return accepted_level(self.wiring.output, self)

    @property
    def agrees(self) -> bool:
        """Whether the reported level is the asked one; False while nothing may be asked."""
        asked = self.asked_pct
        return asked is not None and not differs(asked, self.accepted_pct, self.wiring.output.dead_band_pct)

    @property
    def warm_at_ms(self) -> int | None:
        """When its lamps will have been on for their warm-up; None while they are off."""
        return None if self.on_since_ms is None else self.on_since_ms + self.wiring.warm_up_ms

    def is_warming(self, now_ms: int) -> bool:
        """Whether it is held at full level, whatever is asked of it, because its lamps came on a moment ago."""
        if self.asked_pct is None or self.asked_pct < 100 or self.wiring.warm_up_ms <= 0:
            return False
        return self.warm_at_ms is None or now_ms < self.warm_at_ms

    def forget_feedback(self) -> None:
        """Its devices are silent: what they reported is not known any more."""
        self.level_pct = self.relay_closed = self.output_on = None

    def note_feedback(self, at_ms: int) -> None:
        """Keep the times since which it is on, at its level and its contactor closed in step with the reports."""
        accepted = self.accepted_pct
        if self.relay_closed is False:
            self.closed_since_ms = None
        elif self.relay_closed is True and self.closed_since_ms is None:
            self.closed_since_ms = at_ms
        if self.level_pct != self.level_noted_pct:
            self.level_noted_pct, self.level_since_ms = self.level_pct, at_ms
        if accepted is not None and accepted <= 0:
            self.count_burning(at_ms)
            self.on_since_ms = None
            self.off_since_ms = at_ms if self.off_since_ms is None else self.off_since_ms
        elif accepted is not None and self.on_since_ms is None and self.is_unread:
            self.on_since_ms = at_ms - self.wiring.warm_up_ms - _LONGER_THAN_ANY_RAMP_MS
            self.burning_counted_ms = at_ms  # nobody saw it burn before
        elif accepted is not None and self.on_since_ms is None:
            # Lamps that are still hot light later, and are warm later by so much.
            relit_ms = at_ms if self.off_since_ms is None else self.off_since_ms + self.wiring.restrike_ms
            self.on_since_ms, self.off_since_ms = max(at_ms, relit_ms), None
        self.is_unread = self.is_unread and accepted is None

    def count_burning(self, at_ms: int) -> None:
        """Add the time since the last count for which it is known to be on. A clock set back adds nothing."""
        if self.on_since_ms is not None:
            counted_ms = self.on_since_ms if self.burning_counted_ms is None else self.burning_counted_ms
            self.burned_ms += max(0, at_ms - max(counted_ms, self.on_since_ms))
        self.burning_counted_ms = at_ms

    def state(self, at_ms: int) -> CircuitState:
        """The row of this moment for the store."""
        return CircuitState(
            circuit_key=self.key,
            at_ms=at_ms,
            desired_pct=self.asked_pct,
            accepted_pct=self.accepted_pct,
            actual_pct=self.actual_pct,
            lit=self.lit,
            on_since_ms=self.on_since_ms,
            power_w=self.power_w,
            expected_power_w=self.expected_power_w,
            layer=self.layer,
            cause=self.cause,
            dark=self.dark,
            polled_ms=self.feedback_ms,
            quality=self.quality,
            local_control=self.local,
            relay_commanded=self.relay_commanded,
            relay_closed=self.relay_closed,
            pending=self.pending,
        )

    def restore(self, row: CircuitState) -> None:
        """Take from the last stored row what a restart must not forget; reports are read afresh."""
        self.stored = row
        self.on_since_ms = row.on_since_ms
        self.local = row.local_control
        self.relay_commanded = row.relay_commanded
        self.feedback_ms = row.polled_ms


@dataclass(frozen=True, slots=True)
class OwnWatch:
    """How a device watches us, as its settings were last read. ``watchdog_s`` is the shortest that runs in it.

    ``feed_every_s``: it has to be asked so often (real seconds), for the plan of polls is too slow for it; None: that
    feeds it. ``closed_after`` has what its contacts do when it runs out, by channel, where that is known.
    """

    watchdog_s: float | None = None
    feed_every_s: float | None = None
    closed_after: Mapping[str, bool] = field(default_factory=dict)

    def may_have_run_out(self, gap_s: float | None) -> bool:
        """Whether so many seconds without an answer of ours are long enough, by a clock that may be quicker."""
        return self.watchdog_s is not None and gap_s is not None and gap_s >= _QUICKER * self.watchdog_s


_QUICKER = 0.8


@dataclass(slots=True)
class LiveDevice:
    """A device's health. ``due_ms`` is the site time of its next poll, ``slow_due_ms`` that of its next slow one.

    ``latest`` holds the last good answer for every point that was ever read, by name; ``slow_ms`` and ``once_ms`` say
    as of when the slow ones and those of class once are. ``once_due_ms`` None: they need not be read again.
    ``asked_s`` is the monotonic time of its last poll; ``ran_out_ms`` the site time of the last answer that came so
    late that its watchdog may have run out; ``settings_doubted``: it did something that its settings may explain.
    """

    id: str
    key: int
    bus: str
    due_ms: int = 0
    last_ok_ms: int | None = None
    last_ok_s: float = -1.0
    reachable: bool | None = None
    failures: int = 0
    fault: str = ""
    uptime_s: float | None = None
    stored: DeviceState | None = None
    latest: dict[str, Sample] = field(default_factory=dict)
    slow_due_ms: int = 0
    slow_ms: int | None = None
    once_due_ms: int | None = 0
    once_ms: int | None = None
    once_names: tuple[str, ...] = ()
    odd_slow: str = ""
    watch: OwnWatch = field(default_factory=OwnWatch)
    asked_s: float = -1.0
    ran_out_ms: int | None = None
    settings_doubted: bool = False

    def uptime_at(self, now_ms: int) -> float | None:
        """Its uptime at a site time after its last answer, in seconds; None where it has none."""
        if self.uptime_s is None or self.last_ok_ms is None:
            return self.uptime_s
        return self.uptime_s + max(0, now_ms - self.last_ok_ms) / 1000

    def state(self, at_ms: int) -> DeviceState:
        """The row of this moment for the store."""
        return DeviceState(
            asset_key=self.key,
            at_ms=at_ms,
            reachable=self.reachable,
            last_ok_ms=self.last_ok_ms,
            fault=self.fault,
            consecutive_failures=self.failures,
            uptime_s=self.uptime_s,
        )


@dataclass(slots=True)
class Live:
    """All of it, by text id, with the wiring it stands on. ``local_inputs`` is True where a switch is not at AUTO.

    ``newest_instruction_id`` is that of the newest instruction ever seen.
    """

    wiring: Wiring
    circuits: dict[str, LiveCircuit]
    devices: dict[str, LiveDevice]
    bus_keys: dict[str, int]
    meter_keys: dict[str, int]
    meter_power: dict[str, float | None] = field(default_factory=dict)
    local_inputs: dict[str, bool] = field(default_factory=dict)
    odd_readings: dict[str, str] = field(default_factory=dict)
    newest_instruction_id: int = 0
    stored_buses: dict[str, DeviceState] = field(default_factory=dict)

    def devices_of_buses(self) -> dict[str, list[LiveDevice]]:
        """The devices on each bus, by its id."""
        groups: dict[str, list[LiveDevice]] = {bus: [] for bus in self.bus_keys}
        for device in self.devices.values():
            groups[device.bus].append(device)
        return groups


def _seconds_since(since_ms: int | None, now_ms: int) -> float | None:
    return None if since_ms is None or now_ms < since_ms else (now_ms - since_ms) / 1000


def bus_state(key: int, devices: Sequence[LiveDevice], at_ms: int) -> DeviceState:
    """A bus is reachable while any of its devices is; nothing is known of one that was not asked yet."""
    answers = [device.reachable for device in devices]
    reachable = True if True in answers else False if False in answers else None
    last_ok_ms = max((d.last_ok_ms for d in devices if d.last_ok_ms is not None), default=None)
    return DeviceState(
        asset_key=key,
        at_ms=at_ms,
        reachable=reachable,
        last_ok_ms=last_ok_ms,
        fault="" if reachable is not False else next((d.fault for d in devices if d.fault), ""),
        consecutive_failures=min((d.failures for d in devices), default=0),
    )


def quality_of(*, good: bool, known: bool, clock_doubted: bool) -> int:
    """The stored flags of a value from how it was read."""
    flags = Quality.GOOD
    if not known:
        flags |= Quality.MISSING
    elif not good:
        flags |= Quality.OUT_OF_RANGE
    if clock_doubted:
        flags |= Quality.CLOCK_DOUBTED
    return int(flags)
