"""The city's senses, live: traffic counters, pushed counts and photocells, and what the next decision is told of them.

Polls and pushes only leave here what they brought; once a tick, before the decision, ``look`` runs the state machines
on it and keeps each change and each state in the ledger. A restart goes on from the stored states.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import structlog

from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.assets.model import ChannelRef, Photocell, Site, TrafficSection
from lighting.operation.alarms import SILENT_AFTER_FAILURES, AlarmKey, Standing
from lighting.operation.feedback import Poll, believed
from lighting.operation.lane_counts import LaneCounts
from lighting.operation.ledger import Ledger
from lighting.operation.live import Live
from lighting.operation.sense_history import KEPT_MS, SenseHistory
from lighting.operation.wiring import readable_point
from lighting.schedule import photocell_rules, traffic_rules
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN, Inputs
from lighting.schedule.photocell_rules import PhotocellState, Surroundings
from lighting.schedule.sun import elevation_deg
from lighting.schedule.traffic_rules import TrafficCount, TrafficCounts, TrafficState, tie
from lighting.store.records import InputChange, InputKind, InputState
from lighting.store.store import Store

log = structlog.get_logger("lighting.operation.senses")

STEPPED_BACK_MS = 120_000
"""Counts that end so far ahead of now were counted by a clock that was stepped back since."""
SILENT_ALARM_MS = 1_200_000
PUSHES_BEFORE_MS = 3_600_000
"""How far back pushed counts are read when a section has no state yet."""
_LEAST_POLL_S = 0.5


@dataclass(slots=True)
class _Section:
    section: TrafficSection
    lanes: LaneCounts
    history: SenseHistory
    state: TrafficState = field(default_factory=TrafficState)
    waiting: list[TrafficCount] = field(default_factory=list)
    heard: bool = False
    """Whether a counter was read that the stored state does not know of."""
    window: TrafficCount | None = None
    """What was counted since the last border of a window, not stored yet."""

    def as_values(self) -> dict[str, Any]:
        window = self.window
        stored = None if window is None else [window.from_ms, window.until_ms, list(window.vehicles)]
        return {"machine": self.state.as_values(), "counters": self.lanes.as_values(), "window": stored}

    def restore(self, values: Mapping[str, Any]) -> None:
        """Raises ValueError, TypeError or KeyError for what is no state."""
        self.state = TrafficState.from_values(values["machine"])
        self.lanes.restore(values["counters"])
        if values["window"] is not None:
            begin, end, vehicles = values["window"]
            figures = tuple(math.nan if one is None else float(one) for one in vehicles)
            self.window = TrafficCount(int(begin), int(end), figures)


@dataclass(slots=True)
class _Cell:
    cell: Photocell
    history: SenseHistory
    state: PhotocellState = field(default_factory=PhotocellState)
    waiting: list[tuple[int, float | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store knows of the senses at a start."""

    states: Mapping[InputKind, Mapping[str, InputState]] = field(default_factory=dict)
    changes: Mapping[InputKind, Mapping[str, list[InputChange]]] = field(default_factory=dict)


def remembered(store: Store, now_ms: int) -> Remembered:
    """Read it: the states, and what was said in the last hours."""
    kinds: tuple[InputKind, ...] = ("traffic", "photocell")
    return Remembered(
        {kind: store.senses.states(kind) for kind in kinds},
        {kind: store.senses.changes_between(kind, now_ms - KEPT_MS, now_ms) for kind in kinds},
    )


class Senses:
    """All sections and photocells of the running site. ``speed`` is site seconds a real second."""

    def __init__(self, live: Live, ledger: Ledger, *, speed: float = 1.0) -> None:
        self._ledger = ledger
        self._speed = speed
        self._since_ms: int | None = None
        self._sections: dict[str, _Section] = {}
        self._cells: dict[str, _Cell] = {}
        self._inputs: Inputs | None = None
        self._take(live, Remembered())

    @property
    def inputs(self) -> Inputs:
        """What the next decision is told: sections and cells that never said anything are absent."""
        if self._inputs is None:
            said = {one.section.id: one.history.series() for one in self._sections.values() if one.history.entries}
            cells = {one.cell.id: one.history.series() for one in self._cells.values() if one.history.entries}
            self._inputs = Inputs(tie(self._site.traffic_sections, said), cells)
        return self._inputs

    def restore(self, known: Remembered) -> None:
        """Go on from what was stored; what cannot be understood is not known."""
        self._take(self._live, known)

    def take_live(self, live: Live) -> None:
        """Go on with another revision: sections and cells keep what they know."""
        self._take(live, None)

    def hear(self, poll: Poll) -> None:
        """Take what a poll has read of counters and cells."""
        wiring = self._live.wiring.devices[poll.device]
        uptime_s = believed(poll.samples.get(wiring.uptime_point))
        for point, ref in wiring.senses.items():
            value = believed(poll.samples.get(point))
            for one, lane in self._lanes.get(ref, ()):
                one.lanes.read(lane, value, poll.at_ms, uptime_s)
                one.heard = True
                count = one.lanes.count()
                one.waiting += [] if count is None else [count]
            for cell in self._cells.values():
                if cell.cell.channel == ref:
                    cell.waiting.append((poll.at_ms, value))

    def pushes_wanted(self, now_ms: int) -> dict[str, int]:
        """The sections without counters of their own, each with the instant from which pushed counts are new."""
        return {
            name: now_ms - PUSHES_BEFORE_MS if one.state.counted_until_ms is None else one.state.counted_until_ms
            for name, one in self._sections.items()
            if not one.section.counters
        }

    def take_pushed(self, counts: Mapping[str, TrafficCounts], now_ms: int) -> bool:
        """Take pushed counts that have ended by now; whether there was one."""
        taken = False
        for name, pushed in counts.items():
            one = self._sections.get(name)
            newest_ms = -(2**62) if one is None or one.state.counted_until_ms is None else one.state.counted_until_ms
            fresh = [count for count in pushed if newest_ms <= count.from_ms and count.until_ms <= now_ms]
            if one is not None and not one.section.counters:
                known = {count.from_ms for count in one.waiting}
                one.waiting += [count for count in fresh if count.from_ms not in known]
                taken = taken or bool(fresh)
        return taken

    def look(self, now_ms: int) -> None:
        """Run the state machines on what came in, and on the time that went by."""
        self._since_ms = now_ms if self._since_ms is None else min(now_ms, self._since_ms)
        states: list[InputState] = []
        changes: list[InputChange] = []
        for one in self._sections.values():
            before = one.state
            changes += self._look_at_section(one, now_ms)
            if one.heard or one.state != before:
                states.append(InputState("traffic", one.section.id, one.as_values(), now_ms))
                one.heard = False
        for cell in self._cells.values():
            seen = cell.state
            changes += self._look_at_cell(cell, now_ms)
            if cell.state != seen:
                states.append(InputState("photocell", cell.cell.id, cell.state.as_values(), now_ms))
        if changes:
            self._inputs = None
        for change in changes:
            log.info("sense_changed", kind=change.kind, id=change.input_id, value=change.value, code=change.fact.code)
        self._ledger.keep_senses(states, changes)

    def alarms(self, now_ms: int) -> Standing:
        """Sections without counts that can be believed for 20 minutes, and cells that are silent or not believed."""
        found: Standing = {}
        for one in self._sections.values():
            since_ms = max(one.state.since_ms, self._since_ms or now_ms)
            is_long = one.state.steps_down == UNKNOWN and now_ms - since_ms >= SILENT_ALARM_MS
            if is_long and not self._known_silent(one.section.counters):
                fact = one.history.fact or Fact("traffic_never_counted")
                values = {"section": one.section.id, **fact.values}
                found[AlarmKey("traffic_unknown", "section", one.section.id)] = Fact(fact.code, values)
        for cell in self._cells.values():
            since_ms = max(cell.state.since_ms, self._since_ms or now_ms)
            is_long = cell.state.value == UNKNOWN and now_ms - since_ms >= SILENT_ALARM_MS
            if cell.state.doubt or (is_long and not self._known_silent((cell.cell.channel,))):
                code = cell.state.doubt or "photocell_unknown"
                fact = Fact(code, {"photocell": cell.cell.id, "read_lx": cell.state.read_lx})
                found[AlarmKey("photocell_failed", "photocell", cell.cell.id)] = fact
        return found

    @property
    def _site(self) -> Site:
        return self._live.wiring.site

    @property
    def _poll_s(self) -> float:
        # An accelerated clock passes more than a poll's period between two ticks.
        return max(self._site.control.poll_s, _LEAST_POLL_S * self._speed)

    def _take(self, live: Live, known: Remembered | None) -> None:
        self._live = live
        site = live.wiring.site
        before, cells_before = self._sections, self._cells
        self._sections = {}
        for section in site.traffic_sections.values():
            made = _Section(section, _lane_counts(site, section), SenseHistory("traffic", section.id))
            old = before.get(section.id)
            if known is None and old is not None:
                made.history, made.state, made.waiting, made.window = old.history, old.state, old.waiting, old.window
                made.lanes.restore(old.lanes.as_values())
            self._sections[section.id] = made
        self._cells = {}
        for cell in site.photocells.values():
            was = cells_before.get(cell.id)
            found = _Cell(cell, SenseHistory("photocell", cell.id))
            if known is None and was is not None and was.cell.channel == cell.channel:
                found.history, found.state, found.waiting = was.history, was.state, was.waiting
            self._cells[cell.id] = found
        self._of_district = {
            cell.district: [c for c in live.circuits.values() if c.wiring.circuit.district == cell.district]
            for cell in site.photocells.values()
        }
        if known is not None:
            self._remember(known)
        self._lanes: dict[ChannelRef, list[tuple[_Section, int]]] = {}
        for one in self._sections.values():
            for lane, ref in enumerate(one.section.counters):
                self._lanes.setdefault(ref, []).append((one, lane))
        self._inputs = None

    def _remember(self, known: Remembered) -> None:
        for one in self._sections.values():
            state = known.states.get("traffic", {}).get(one.section.id)
            one.history = _history("traffic", one.section.id, known)
            if state is not None:
                try:
                    one.restore(state.state)
                except (ValueError, TypeError, KeyError):
                    log.warning("sense_not_restored", kind="traffic", id=one.section.id)
                    one.state, one.window = TrafficState(), None
                    one.lanes.forget()
        for cell in self._cells.values():
            state = known.states.get("photocell", {}).get(cell.cell.id)
            cell.history = _history("photocell", cell.cell.id, known)
            if state is not None:
                try:
                    cell.state = PhotocellState.from_values(state.state)
                except (ValueError, TypeError, KeyError):
                    log.warning("sense_not_restored", kind="photocell", id=cell.cell.id)

    def _look_at_section(self, one: _Section, now_ms: int) -> list[InputChange]:
        changes: list[traffic_rules.Change] = []
        waiting, one.waiting = one.waiting, []
        if (one.state.counted_until_ms or 0) > now_ms + STEPPED_BACK_MS:
            one.state, one.window = TrafficState(), None
            one.lanes.forget()
            waiting = []
            # Also what was said then must not come true again when the clock gets there.
            changes.append((now_ms, UNKNOWN, Fact("traffic_counts_lost")))
        for count in waiting:
            one.state, more = traffic_rules.advance(one.section, one.state, count)
            changes += more
            self._store_windows(one, count)
        one.state, more = traffic_rules.overtaken(one.section, one.state, now_ms)
        changes += more
        said = one.history.value_at(now_ms)
        if not changes and said != one.state.steps_down:
            # Another state than was told: a store or a clock that lost something. Never guessed.
            one.state = TrafficState(counted_until_ms=one.state.counted_until_ms)
            changes = [(now_ms, UNKNOWN, Fact("traffic_counts_lost"))] if said != UNKNOWN else []
        return one.history.take(changes, now_ms)

    def _store_windows(self, one: _Section, count: TrafficCount) -> None:
        """Keep counters' counts window by window in the store: polls would be ten times as many."""
        if not one.section.counters:
            return
        window = one.window
        if window is not None and _goes_on(window, count):
            vehicles = tuple(a + b for a, b in zip(window.vehicles, count.vehicles, strict=True))
            one.window = TrafficCount(window.from_ms, count.until_ms, vehicles)
        else:
            if window is not None:
                self._ledger.keep_count(one.section.id, window)
            one.window = count

    def _look_at_cell(self, cell: _Cell, now_ms: int) -> list[InputChange]:
        changes: list[photocell_rules.Change] = []
        waiting, cell.waiting = cell.waiting, []
        if (cell.state.read_ms or 0) > now_ms + STEPPED_BACK_MS:
            cell.state = PhotocellState(doubt=cell.state.doubt, odd_ms=now_ms if cell.state.doubt else None)
            changes.append((now_ms, UNKNOWN, Fact("photocell_unknown", {"photocell": cell.cell.id})))
        for at_ms, read_lx in waiting:
            around = self._around(cell.cell, at_ms)
            cell.state, more = photocell_rules.advance(cell.cell, cell.state, at_ms, read_lx, around)
            changes += more
        cell.state, more = photocell_rules.overtaken(cell.cell, cell.state, now_ms, self._poll_s)
        changes += more
        said = cell.history.value_at(now_ms)
        if not changes and said != cell.state.value:
            cell.state = PhotocellState(doubt=cell.state.doubt, odd_ms=cell.state.odd_ms)
            changes = [(now_ms, UNKNOWN, Fact("photocell_unknown", {"photocell": cell.cell.id}))]
        return cell.history.take(changes, now_ms)

    def _around(self, cell: Photocell, at_ms: int) -> Surroundings:
        site = self._site
        others = {one.state.value for one in self._cells.values() if one.cell.id != cell.id} - {UNKNOWN}
        return Surroundings(
            elevation_deg=float(elevation_deg(np.array([at_ms]), site.latitude_deg, site.longitude_deg)[0]),
            poll_s=self._poll_s,
            lamps_on=any((circuit.accepted_pct or 0) > 0 for circuit in self._of_district[cell.district]),
            others_bright=True if BRIGHT in others else False if DARK in others else None,
        )

    def _known_silent(self, refs: Iterable[ChannelRef]) -> bool:
        """Whether silence of their devices is an alarm already: one cause, one alarm."""
        devices = {ref.device for ref in refs}
        return any(self._live.devices[device].failures >= SILENT_AFTER_FAILURES for device in devices)


def _goes_on(window: TrafficCount, count: TrafficCount) -> bool:
    size = traffic_rules.WINDOW_MS
    same = window.from_ms // size == count.from_ms // size and window.until_ms == count.from_ms
    return same and len(window.vehicles) == len(count.vehicles)


def _lane_counts(site: Site, section: TrafficSection) -> LaneCounts:
    profiles = [site.profiles[site.devices[ref.device].profile] for ref in section.counters]
    points = [
        readable_point(profile, Quantity.PULSE_COUNT, ref.channel)
        for profile, ref in zip(profiles, section.counters, strict=True)
    ]
    return LaneCounts(section, points)


def _history(kind: InputKind, input_id: str, known: Remembered) -> SenseHistory:
    return SenseHistory(kind, input_id, known.changes.get(kind, {}).get(input_id, ()))
