"""The desk: every command and query of a person or a script, with rights and audit. Never touches a line.

This file is the counter only; each question has a file of its own beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk import (
    acts,
    calendars,
    circuit_rows,
    confirmation,
    devices,
    lockouts,
    one_circuit,
    outlooks,
    overview,
    plans,
    reasons,
    releasing,
    revising,
    rights,
    tasks,
)
from lighting.desk.answers import (
    ApplyAnswer,
    CalendarAnswer,
    CircuitAnswer,
    CircuitRow,
    CircuitStanding,
    CircuitWithoutUs,
    CityOutlook,
    PlanChange,
    PlanSeries,
    Receipt,
    StatusAnswer,
    WhyAnswer,
)
from lighting.desk.energy_answers import SAME_LAMPS, EnergyReport
from lighting.desk.instructing import Instructing
from lighting.desk.metering import meters_of
from lighting.desk.moments import is_now, parse_when
from lighting.desk.refusal import BrokenSite, DeskError, NotConfirmed, NotFound, Refused, WrongUsage
from lighting.desk.scopes import CircuitIndex, Scope, not_found, parse_scope, scope_named
from lighting.desk.seconding import as_of
from lighting.desk.site_source import (
    FolderStanding,
    FolderWatch,
    SourcedSite,
    open_existing_store,
    source_site,
    store_url_of,
)
from lighting.desk.snapshot import Snapshot, snapshot
from lighting.desk.times import parse_until
from lighting.desk.without_us import FailsafeLook, Failsafes, of_circuit, standings
from lighting.schedule.inputs import Inputs, Series
from lighting.schedule.instructions import Layer
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.plan_changes import NightChanges
from lighting.store.clock import Clock, SystemClock
from lighting.store.records import InstructionStatus, Revision, TaskStatus
from lighting.store.store import Store, StoreUnavailable, open_store, pin_store_url

__all__ = [
    "BrokenSite",
    "Desk",
    "DeskError",
    "NotConfirmed",
    "NotFound",
    "Refused",
    "Scope",
    "WrongUsage",
]

PLAN_STEP_S = 60
CITY_STEP_S = 300
DRAWN_POINTS = 400
_LEARNT_FOR_MS = 3_600_000


class Desk(Instructing):
    """Answers from the store and the last accepted revision (the folder itself where there is none yet).

    Reading makes no store: where no controller and no instruction ever made one, the answers say that the controller
    never ran. Raises ``WrongUsage`` without a site, ``BrokenSite`` for an unusable one, ``StoreError`` for the store.
    """

    user_id: str

    def __init__(self, folder: Path, *, user_id: str, store: Store | None = None, clock: Clock | None = None) -> None:
        self.folder = folder
        self.user_id = user_id
        self._given_clock = clock
        self._store = open_existing_store(folder) if store is None else store
        self._owns_store = store is None
        try:
            self._take(source_site(folder, self._store))
        except BaseException:
            self.close()
            raise
        self._watch = FolderWatch(folder)
        self._failsafes = FailsafeLook()
        self._city_plan: tuple[tuple[object, ...], PlanSeries] | None = None
        self._city_changes: tuple[tuple[object, ...], NightChanges] | None = None
        self._expected: tuple[tuple[object, ...], dict[str, Series]] | None = None

    def _take(self, sourced: SourcedSite) -> None:
        self.site: Site = sourced.site
        self.revision = sourced.revision
        self._index = CircuitIndex(sourced.site)

    def close(self) -> None:
        """Close the store that this desk opened; one that was given stays open."""
        if self._store is not None and self._owns_store:
            self._store.close()
            self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def store(self) -> Store:
        """The site's store, made if there is none yet."""
        if self._store is None:
            url = store_url_of(self.folder)
            self._store = open_store(url, migrate=False)
            pin_store_url(self.folder, url)
        return self._store

    @property
    def existing_store(self) -> Store | None:
        """The site's store, None where there is none yet: for a look, which makes none."""
        return self._store

    @property
    def clock(self) -> Clock:
        """The site's clock as it stands: an accelerated one is taken up as soon as it is stored."""
        if self._given_clock is not None:
            return self._given_clock
        return SystemClock() if self._store is None else self._store.controller.clock()

    def refresh(self) -> bool:
        """Take a newer accepted revision, or a store that appeared; True when the site changed."""
        if self._store is None:
            self._store = open_existing_store(self.folder)
        if self._store is None:
            return False
        known = self.revision.id if self.revision is not None else None
        try:
            newest = self._store.revisions.list(limit=1)
        except StoreUnavailable as refusal:
            if refusal.fact.code == "store_moved" and self._owns_store:
                self._store.close()
                self._store = None
            raise
        if not newest or newest[0].id == known:
            return False
        self._take(source_site(self.folder, self._store))
        return True

    # --- what a person asks ---

    def _look(self) -> Snapshot:
        return snapshot(self.site, self._store, self.clock.now_ms())

    def folder_standing(self) -> FolderStanding:
        """Whether the folder was edited since its files were accepted, and what is wrong with it."""
        return self._watch.standing(self.revision)

    def status(self) -> StatusAnswer:
        """The overview: lit, level, power, tonight's sun, alarms, and whether the controller lives."""
        seen = self._look()
        known, standing = self._without_us(seen), self.folder_standing()
        return overview.status(self.site, self._index, seen, self._store, standing, known.answer)

    def standings(self) -> list[CircuitStanding]:
        """Every circuit in the order of the table: lit, level, and what it would do if the controller died now."""
        seen = self._look()
        return standings(circuit_rows.circuit_rows(self.site, self._index, seen), self._without_us(seen))

    def without_us(self, circuit_ids: Iterable[str]) -> dict[str, CircuitWithoutUs]:
        """What these circuits would do if the controller died now, as their devices were last read."""
        known = self._without_us(self._look())
        return {circuit_id: of_circuit(self.site, known, circuit_id) for circuit_id in circuit_ids}

    def _without_us(self, seen: Snapshot) -> Failsafes:
        return self._failsafes.look(self.site, self._store, seen.now_ms)

    def circuits(self) -> list[CircuitRow]:
        """Every circuit in the order of the table; quick at 10,000."""
        return circuit_rows.circuit_rows(self.site, self._index, self._look())

    def circuit(self, circuit_id: str) -> CircuitAnswer:
        """Raises ``NotFound`` with the nearest ids."""
        self._known(circuit_id)
        seen = self._look()
        row = circuit_rows.circuit_rows(self.site, self._index, seen)[self._index.position[circuit_id]]
        without_us = of_circuit(self.site, self._without_us(seen), circuit_id)
        return one_circuit.circuit_answer(self.site, self._index, seen, self._store, row, without_us)

    def _known(self, circuit_id: str) -> None:
        if circuit_id not in self.site.circuits:
            raise not_found("circuit", circuit_id, list(self.site.circuits))

    def plan(
        self, circuit_ids: tuple[str, ...] | None = None, *, night: str | None = None, step_s: float = PLAN_STEP_S
    ) -> PlanSeries:
        """The levels of a lighting night (tonight's by default) by the same decision as live.

        Raises ``WrongUsage`` where that would be more than a terminal or a document should hold (see ``plan_parts``).
        """
        seen = self._look()
        wanted = tuple(self.site.circuits) if circuit_ids is None else circuit_ids
        day = plans.night_wanted(self.site, night, seen.now_ms)
        plans.check_size(self.site, len(wanted), day, step_s)
        return plans.series(
            wanted,
            plans.planned(self.site, wanted, seen.in_force, night=day, step_s=step_s, inputs=self._senses(day, seen)),
        )

    def plan_parts(
        self, circuit_ids: tuple[str, ...] | None = None, *, night: str | None = None, step_s: float = PLAN_STEP_S
    ) -> Iterator[PlanSeries]:
        """The same in parts of the night, for a file of any size."""
        seen = self._look()
        wanted = tuple(self.site.circuits) if circuit_ids is None else circuit_ids
        day = plans.night_wanted(self.site, night, seen.now_ms)
        return plans.parts(self.site, wanted, seen.in_force, night=day, step_s=step_s, inputs=self._senses(day, seen))

    def plan_changes(
        self, circuit_ids: tuple[str, ...] | None = None, *, night: str | None = None
    ) -> dict[str, tuple[PlanChange, ...]]:
        """Each circuit's changes of level and cause over a lighting night; a ramp is one change."""
        found = self.night_changes(circuit_ids, night=night)
        wanted = tuple(self.site.circuits) if circuit_ids is None else circuit_ids
        return {circuit_id: found.of(column) for column, circuit_id in enumerate(wanted)}

    def night_changes(self, circuit_ids: tuple[str, ...] | None = None, *, night: str | None = None) -> NightChanges:
        """The same told once for each kind of circuit: what a city of 10,000 circuits is drawn from."""
        seen = self._look()
        day = plans.night_wanted(self.site, night, seen.now_ms)
        return plans.changes(self.site, circuit_ids, seen.in_force, night=day, inputs=self._senses(day, seen))

    def night(self, text: str | None = None) -> date:
        """The lighting night of that ISO date, or the present one. Raises ``WrongUsage``."""
        return plans.night_wanted(self.site, text, self.clock.now_ms())

    def calendar(
        self, *, first: str | None = None, last: str | None = None, target: str | None = None
    ) -> CalendarAnswer:
        """Which rule of the calendar rules each lighting night, and which can never rule. Raises ``DeskError``."""
        scope = None if target is None else self.parse_scope(target)
        return calendars.calendar_answer(self.site, self._index, scope, self.clock.now_ms(), first=first, last=last)

    def city_plan(self) -> PlanSeries:
        """One column: the mean planned level of all circuits, weighted by rated power.

        Worked out again only when the site, the night or an instruction changed.
        """
        seen = self._look()
        night = night_of(seen.now_ms, self.site.timezone)
        senses = self._senses(night, seen)
        key = (id(self.site), night, seen.in_force, _said(senses))
        if self._city_plan is None or self._city_plan[0] != key:
            decided = plans.planned(
                self.site,
                tuple(self.site.circuits),
                seen.in_force,
                night=night,
                step_s=CITY_STEP_S,
                inputs=senses,
            )
            self._city_plan = (key, plans.city_mean(self._index, decided))
        return self._city_plan[1]

    def city_outlook(self) -> CityOutlook:
        """What the plan says at this very instant, and when it next says something else."""
        seen = self._look()
        night = night_of(seen.now_ms, self.site.timezone)
        senses = self._senses(night, seen)
        key = (id(self.site), night, seen.in_force, _said(senses))
        if self._city_changes is None or self._city_changes[0] != key:
            self._city_changes = (key, plans.changes(self.site, None, seen.in_force, night=night, inputs=senses))
        return outlooks.outlook(self.site, self._index, seen.in_force, self._city_changes[1], seen.now_ms, senses)

    def _senses(self, night: date, seen: Snapshot) -> Inputs:
        """What the senses said, and for what is to come what the typical weeks expect: learnt once an hour."""
        key = (id(self.site), night, seen.now_ms // _LEARNT_FOR_MS)
        if self._expected is None or self._expected[0] != key:
            self._expected = (key, plans.expected_of_night(self.site, self._store, night, seen.now_ms))
        return plans.senses_of_night(self.site, self._store, night, seen.now_ms, self._expected[1])

    def city_power(self) -> tuple[list[int], list[float]]:
        """(times, measured W) of the whole city this night, thinned for drawing; empty before the first reading."""
        if self._store is None:
            return [], []
        now_ms = self.clock.now_ms()
        start_ms, _end_ms = night_span_ms(night_of(now_ms, self.site.timezone), self.site.timezone)
        known = self._store.keys.known("meter")
        refs = [str(ref) for refs in meters_of(self.site, self._index).refs for ref in refs]
        keys = [known[ref] for ref in refs if ref in known]
        at_ms, power_w = self._store.readings.totals(keys, start_ms, now_ms + 1, known_only=True)
        measured = ~np.isnan(power_w)
        at_ms, power_w = at_ms[measured], power_w[measured]
        every = max(1, len(at_ms) // DRAWN_POINTS)
        return at_ms[::every].tolist(), power_w[::every].tolist()

    def energy_report(
        self,
        from_day: date,
        to_day: date,
        districts: tuple[str, ...] = (),
        baseline: str = SAME_LAMPS,
        *,
        with_circuits: bool = True,
    ) -> EnergyReport:
        """What the lighting used and saved over local days, both included: see ``lighting.desk.energy``.

        Raises ``WrongUsage`` for days the wrong way round or in the future, ``NotFound`` for an unknown district.
        """
        from lighting.desk import energy

        return energy.energy_report(self, energy.Wish(from_day, to_day, districts, baseline, with_circuits))

    def energy_of_night(
        self, evening: date, districts: tuple[str, ...] = (), baseline: str = SAME_LAMPS
    ) -> EnergyReport:
        """The same of one lighting night, noon to noon, without circuits, which are accounted by day."""
        from lighting.desk import energy

        return energy.energy_report(self, energy.Wish(evening, evening, districts, baseline, is_night=True))

    def energy_days(self) -> tuple[date, date] | None:
        """The first and the last local day whose energy was accounted; None where none was."""
        from lighting.desk import energy

        return energy.accounted_days(self)

    def newest_night_read(self) -> date | None:
        """The lighting night, by its evening, of the newest reading; None where there is none."""
        from lighting.desk import energy

        return energy.newest_night(self)

    def why(self, circuit_id: str, *, at_ms: int | None = None) -> WhyAnswer:
        """Why that circuit has its level now, had it at a past instant, or will have it at one to come.

        Raises ``NotFound`` with the nearest ids, and ``WrongUsage`` for a past instant that no controller has decided.
        """
        self._known(circuit_id)
        seen = self._look()
        if at_ms is None:
            answer = reasons.why_now(self.site, self._index, seen, circuit_id, self._store)
            return replace(answer, without_us=of_circuit(self.site, self._without_us(seen), circuit_id))
        return reasons.why_then(self.site, self._store, circuit_id, at_ms, seen.now_ms)

    def instructions(self, *, all_states: bool = False) -> list[InstructionStatus]:
        """Those that wait for a second person, then those in force, each newest first.

        With ``all_states`` the newest 200 whatever became of them, newest first.
        """
        if self._store is None:
            return []
        seen = self._look()
        if all_states:
            return [as_of(one, seen.now_ms) for one in self._store.instructions.recent()]
        found = [self._store.instructions.get(one.id) for one in seen.in_force]
        notes = [one for one in found if one is not None and one.instruction.layer is not Layer.LOCAL_CONTROL]
        waiting = self._store.instructions.proposals(seen.now_ms)
        return [*waiting[::-1], *sorted(notes, key=lambda status: -status.instruction.id)]

    def revisions(self) -> list[Revision]:
        """Accepted states of the folder, newest first, without their files."""
        return [] if self._store is None else self._store.revisions.list()

    def buses(self) -> list[devices.BusAnswer]:
        """Every bus with what the controller counted on it, and when it last wrote that down."""
        return devices.buses(self.site, self._store)

    def are_lines_held(self) -> bool:
        """Whether a controller, or another command, holds the lines now."""
        return self._store is not None and self._store.controller.is_locked()

    # --- what a person writes ---

    def parse_scope(self, text: str) -> Scope:
        """``C-0142``, ``cabinet:CB-03`` or ``district:NAME``. Raises ``WrongUsage`` or ``NotFound``.

        What the site no longer has, but an instruction in force still names, is found too: it can be taken off.
        """
        try:
            return parse_scope(self.site, text)
        except NotFound:
            waiting = [] if self._store is None else self._store.instructions.proposals(self.clock.now_ms())
            named = scope_named(text, [*self._look().in_force, *(one.instruction for one in waiting)])
            if named is None:
                raise
            return named

    def parse_until(self, text: str | None) -> int:
        """``06:00`` (the next local one), ``2h``, ``45m``, or ISO date-time; None gives the site's default length."""
        return parse_until(self.site, text, self.clock.now_ms())

    def parse_moment_or_now(self, text: str | None) -> int | None:
        """Like ``parse_moment``; None for now, which is then told with all that is known of now and of no other."""
        return None if text is None or is_now(text) else self.parse_moment(text)

    def parse_moment(self, text: str) -> int:
        """A moment that may be past or to come: ``22:30`` of this lighting night, ``yesterday 22:30``, ``2h`` ago…"""
        return parse_when(self.site, text, self.clock.now_ms())

    # --- what a person does ---

    def _person(self) -> acts.Person:
        self.refresh()  # a lockout on what an edit has renamed meanwhile would hold nothing
        return acts.Person(self.site, self._index, self._look(), self.user_id)

    def preview_set(
        self, scope: Scope, level_pct: float, *, until_ms: int, below_floor: bool = False
    ) -> tuple[Fact, ...]:
        """What would be said before the act: how many circuits and lamps, the program's level, the floor, refusals."""
        return acts.preview(self._person(), acts.Wish(scope, level_pct, until_ms, below_floor=below_floor))

    def set_level(
        self, scope: Scope, level_pct: float, *, until_ms: int, reason: str, below_floor: bool = False
    ) -> Receipt:
        """Record an override: durable when this returns, not yet at the lamps. Raises ``DeskError``."""
        person = self._person()
        rights.require(self.site, self.user_id, "crew", "set")
        return acts.set_level(person, self.store, acts.Wish(scope, level_pct, until_ms, reason, below_floor))

    def release(self, scope: Scope, *, reason: str) -> Receipt:
        """Take off every override and lamp test on that scope and withdraw what is proposed there.

        Gives a circuit back from unexplained local control. Emergencies and demand limits: ``release_number``.
        """
        person = self._person()
        rights.require(self.site, self.user_id, "crew", "release")
        return releasing.release(person, self.store, scope, reason)

    def lock(self, scope: Scope, *, until_ms: int | None, reason: str) -> Receipt:
        """Lock circuits out for somebody's work. It is not isolation, which the receipt's warnings say.

        Where nothing was accepted yet the folder becomes revision 1, so that no edit can let go of the locked line.
        """
        person = self._person()
        rights.require(self.site, self.user_id, "crew", "lock")
        lockouts.check_lock(person, scope, until_ms=until_ms, reason=reason)
        revising.accept_first(self.folder, self.store, at_ms=person.seen.now_ms, by=self.user_id)
        person = self._person()
        return lockouts.lock(person, self.store, scope, until_ms=until_ms, reason=reason)

    def unlock(self, scope: Scope, *, reason: str, word: str = "") -> Receipt:
        """One's own lockout, or another's with the typed word and a reason, as an operator."""
        person = self._person()
        rights.require(self.site, self.user_id, "crew", "unlock")
        return lockouts.unlock(person, self.store, scope, reason=reason, word=word)

    def wait_confirmed(
        self,
        instruction_ids: tuple[int, ...],
        *,
        timeout_s: float = 15.0,
        progress: Callable[[str], None] | None = None,
    ) -> Receipt:
        """Wait, in real time, until the controller has confirmed these; at once when no controller runs."""
        return confirmation.wait_confirmed(
            self.site, self.store, instruction_ids, timeout_s=timeout_s, progress=progress
        )

    def perform(
        self,
        wish: tasks.TaskWish,
        *,
        listener: tasks.Listener,
        stand_in: tasks.StandIn,
        finish_once_begun: bool = False,
    ) -> TaskStatus:
        """Have work on devices done, by whoever holds the lines or by ``stand_in``, and wait for its end.

        Raises ``DeskError`` for what is not done, each kind with its exit code.
        """
        self.refresh()
        rights.require(self.site, self.user_id, "operator" if wish.writes else "crew", wish.kind)
        number = tasks.ask(self.site, self.store, self.clock, self.user_id, wish)
        following = tasks.Following(self.site, self.folder, self.store, self.clock, listener, stand_in)
        return following.follow(number, finish_once_begun=finish_once_begun)

    def apply(self, *, note: str = "", dry_run: bool = False) -> ApplyAnswer:
        """Make the folder the newest revision, if it is good.

        Raises ``Refused`` to all but an operator, and where it would let go of a line that is locked out.
        """
        self.refresh()
        rights.require(self.site, self.user_id, "operator", "apply")
        note = acts.text_given(note)
        answer = revising.apply_folder(
            self.folder, self.store, at_ms=self.clock.now_ms(), by=self.user_id, note=note, dry_run=dry_run
        )
        if answer.accepted:
            self.refresh()
        return answer


def _said(senses: Inputs) -> tuple[tuple[str, int, int], ...]:
    """What tells one state of the senses from another."""
    every = (*senses.traffic.items(), *senses.photocells.items())
    return tuple((name, one.from_ms.size, int(one.from_ms[-1])) for name, one in every if one.from_ms.size)
