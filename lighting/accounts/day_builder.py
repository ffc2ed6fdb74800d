"""One local day from what the store holds to its account: decisions, reports and meters, revision by revision."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lighting.accounts.basis import basis_hash
from lighting.accounts.known import DayRuns, Numbered, decided_of, inputs_of, metered_of, untold
from lighting.accounts.sites import Ruling, SitesInForce
from lighting.accounts.subjects import Cast, cast_of_day, load_ids
from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.energy.baseline_hours import baseline_spans, lit_ms_between
from lighting.energy.day_account import BySlot, MeteredBySlot, SlotAccounts, slot_accounts
from lighting.energy.day_worlds import (
    LEAST_MS,
    MODELLED_WORLDS,
    NOT_DECIDED,
    Modelled,
    Span,
    Spans,
    heard_spans,
    modelled_worlds,
)
from lighting.energy.lamp_power import UW_PER_W, LampPower, lamp_power, whole_ws
from lighting.energy.rollup import Rollups
from lighting.energy.rule_levels import RuleCasts, rule_levels
from lighting.energy.shown_lit import shown_lit
from lighting.energy.slots import day_start_ms, hour_edges_of_day
from lighting.energy.worlds import ENERGY_KINDS
from lighting.schedule.site_index import site_index
from lighting.store.account_days import AccountOfDay
from lighting.store.records import BurningState, DecisionColumns
from lighting.store.store import Store

Integers = NDArray[np.int64]

_NIGHT_SHARE = 0.46
"""Of the day, for how long lamps burn on the mean of a year: to tell how old they were on a day in the past."""
_MS_PER_H = 3_600_000
_POLLS_TO_LAST = 3
"""For so many polls light is missing, or burns when it should not, before it is more than a device that lags."""
_KEPT = 3


class DayBuilder:
    """Builds accounts by the revisions, and by the baseline of the newest one, as they stood when this was made.

    ``dead_share``: of a circuit's lamps, by its id, those that gave no light. ``fixed``: a site that ruled always, for
    a store without revisions.
    """

    def __init__(
        self, store: Store, *, dead_share: Mapping[str, float] | None = None, fixed: Site | None = None
    ) -> None:
        self._store = store
        self._sites = SitesInForce(store, fixed=fixed)
        self._dead_share = dead_share or {}
        newest = None if fixed is not None else store.revisions.latest()
        site = fixed if newest is None else self._sites.site(newest.id)
        self.site: Site | None = site
        self.basis_hash = "" if site is None else basis_hash(site, {} if newest is None else newest.files)
        self._burning: dict[int, BurningState] | None = None
        self._casts: OrderedDict[tuple[int, ...], Cast] = OrderedDict()
        self._lamps: tuple[Site, LampPower] | None = None
        self._ages: tuple[int, int, NDArray[np.float64] | None] | None = None
        self._rule_casts = RuleCasts()
        self._keys: dict[str, dict[str, int]] = {}

    def build(self, day: date, rollups: Rollups | None = None) -> AccountOfDay | None:
        """Build the account of a local day, of these hours instead of the stored ones where they are given; None where
        no revision can be read.
        """
        if self.site is None:
            return None
        zone = self.site.timezone
        edges_ms = np.array(hour_edges_of_day(day, zone), dtype=np.int64)
        start_ms, end_ms = int(edges_ms[0]), int(edges_ms[-1])
        parts = self._sites.of(start_ms, end_ms)
        if not parts:
            return None
        cast = self._cast(parts)
        rollups = self._store.rollups.hours(None, start_ms, end_ms) if rollups is None else rollups
        decisions = self._store.history.all_decisions(start_ms, end_ms)
        runs = DayRuns(rollups)
        lit_ms = baseline_spans(self.site.baseline, self.site.latitude_deg, self.site.longitude_deg, start_ms, end_ms)
        whole = _Whole.empty(len(cast.keys), edges_ms, lit_ms)
        metered = metered_of(rollups, cast.channels, self._known_keys("meter"), edges_ms)
        for part in parts:
            self._add_part(whole, part, cast, decisions, runs, metered, day)
        found = slot_accounts(cast.subjects, whole.by_slot, metered)
        has_runs = any(blob is not None for blob in rollups.levels)
        notes = tuple(_notes(whole, parts, metered, found, has_runs=has_runs))
        return self._of_day(day, edges_ms, cast, found, parts[-1].revision_id, notes)

    def _add_part(
        self,
        whole: _Whole,
        part: Ruling,
        cast: Cast,
        decisions: DecisionColumns,
        runs: DayRuns,
        metered: MeteredBySlot,
        day: date,
    ) -> None:
        site, edges_ms = part.site, whole.edges_between(part.start_ms, part.end_ms)
        circuits = Numbered([cast.keys[cast.circuit[name]] for name in site.circuits])
        numbers = np.array([cast.circuit[name] for name in site.circuits], dtype=np.intp)
        slots = whole.slots_of(edges_ms)
        if numbers.size:
            decided = decided_of(decisions, circuits, part.start_ms, part.end_ms)
            reported = runs.reported_of(circuits, edges_ms)
            # Readings of circuits that no controller decided for, such as a history, do not say that one ran.
            under_decision = np.zeros(circuits.n, dtype=np.bool_)
            under_decision[decided.steps.circuit[decided.layer != NOT_DECIDED]] = True
            heard = heard_spans(reported, part.end_ms, under_decision)
            # Without any report, a day in which something was decided was ruled by a controller.
            is_decided = bool(((decisions.at_ms >= whole.start_ms) & (decisions.at_ms < whole.end_ms)).any())
            decided_ms = ((part.start_ms, part.end_ms),) if is_decided else ()
            ruled = heard or decided_ms
            inputs = inputs_of(self._store, part.start_ms, part.end_ms, self._burning_h(part, day))
            rules = rule_levels(site_index(site), inputs, part.start_ms, part.end_ms, self._rule_casts)
            power = self._power(site)
            # A device that is asked seldom says late that a lamp follows.
            least_ms = max(LEAST_MS, round(_POLLS_TO_LAST * site.control.poll_s * 1000))
            span = Span(edges_ms, whole.lit_spans, ruled, heard, least_ms, decided_ms)
            dead = np.array([self._dead_share.get(name, 0.0) for name in site.circuits], dtype=np.float64)
            alive = dead if dead.any() else None
            modelled = modelled_worlds(power, rules, decided, reported, span, alive)
            if modelled.missing_ws.any():
                lengths_ms, whole_ms = np.diff(edges_ms), np.diff(whole.edges_ms)[slots]
                shown = shown_lit(cast.subjects, numbers, modelled, metered, slots, lengths_ms, whole_ms)
                if shown.silent.any():
                    modelled = modelled_worlds(power, rules, decided, reported, span, alive, shown)
            lit_ms = lit_ms_between(whole.lit_ms, edges_ms)
            whole.untold[numbers, slots] |= untold(decided, reported, edges_ms, circuits.n)
            whole.add_circuits(numbers, slots, modelled, np.diff(edges_ms), power.full_uw()[:, None] * lit_ms)
        for text_id, load in zip(load_ids(site), site.permanent_loads, strict=True):
            whole.add_load(cast.load[text_id], slots, round(load.power_w * UW_PER_W), edges_ms)

    def _legacy_w(self, site: Site) -> dict[str, float | None]:
        """What was there before is a statement about the past, which the newest revision may only now make."""
        newest = {} if self.site is None else self.site.luminaire_types
        return {name: newest[name].legacy_w for name in site.luminaire_types if name in newest}

    def _cast(self, parts: Sequence[Ruling]) -> Cast:
        """Subjects are the same from day to day, as long as no revision is accepted."""
        key = tuple(part.revision_id for part in parts)
        if key not in self._casts:
            self._casts[key] = cast_of_day(self._store, parts, parts[0].start_ms)
            self._keys.clear()
            while len(self._casts) > _KEPT:
                self._casts.popitem(last=False)
        return self._casts[key]

    def _power(self, site: Site) -> LampPower:
        if self._lamps is None or self._lamps[0] is not site:
            self._lamps = site, lamp_power(site, self._legacy_w(site))
        return self._lamps[1]

    def _known_keys(self, kind: str) -> dict[str, int]:
        if kind not in self._keys:
            self._keys[kind] = self._store.keys.known(kind)
        return self._keys[kind]

    def _burning_h(self, part: Ruling, day: date) -> NDArray[np.float64] | None:
        """How old the lamps were at the beginning of the month: as counted by now, less the mean of a year for each
        day since. Brought up to date once a month, as in a replay.
        """
        site = part.site
        if not site_index(site).output.is_used:
            return None
        month_ms = day_start_ms(day.replace(day=1), site.timezone)
        if self._ages is None or self._ages[:2] != (part.revision_id, month_ms):
            self._ages = part.revision_id, month_ms, self._hours_at(site, month_ms)
        return self._ages[2]

    def _hours_at(self, site: Site, at_ms: int) -> NDArray[np.float64]:
        if self._burning is None:
            self._burning = self._store.burning.all()
        keys, hours = self._known_keys("circuit"), []
        for circuit in site.circuits.values():
            counted = self._burning.get(keys[circuit.id])
            burned_ms = 0.0
            if counted is not None:
                burned_ms = counted.burned_ms - _NIGHT_SHARE * max(0, counted.at_ms - at_ms)
            hours.append(circuit.burning_h + max(0.0, burned_ms) / _MS_PER_H)
        return np.array(hours, dtype=np.float64)

    def _of_day(
        self,
        day: date,
        edges_ms: Integers,
        cast: Cast,
        found: SlotAccounts,
        revision_id: int,
        notes: tuple[Fact, ...],
    ) -> AccountOfDay:
        zone = "" if self.site is None else self.site.timezone
        month = day.replace(day=1)
        n_kinds = len(ENERGY_KINDS)
        place = np.array(cast.district, dtype=np.intp) * n_kinds + found.kind
        used, into = np.unique(place, return_inverse=True)
        hours, reactive, is_reactive = found.by(into, used.size)
        districts = self._store.keys.ensure("district", cast.district_ids, at_ms=int(edges_ms[0]))
        district_keys = np.array([districts[name] for name in cast.district_ids], dtype=np.int64)
        return AccountOfDay(
            start_ms=int(edges_ms[0]),
            end_ms=int(edges_ms[-1]),
            month_ms=day_start_ms(month, zone),
            next_month_ms=day_start_ms((month + timedelta(days=32)).replace(day=1), zone),
            subject_key=np.array(cast.keys, dtype=np.int64),
            kind=found.kind.astype(np.int64),
            account=found.of_day(),
            hour_ms=np.tile(edges_ms[:-1], used.size),
            district_key=np.repeat(district_keys[used // n_kinds], found.n_slots),
            hour_kind=np.repeat((used % n_kinds).astype(np.int64), found.n_slots),
            hour_account=hours,
            reactive_vars=reactive,
            is_reactive=is_reactive,
            basis_hash=self.basis_hash,
            revision_id=revision_id,
            notes=notes,
        )


@dataclass(frozen=True, slots=True)
class _Whole:
    """The day as it is put together from the parts of its revisions. ``lit_ms`` (n, 2): the baseline's hours.

    ``untold`` and ``replayed_ms`` are those of ``by_slot``.
    """

    edges_ms: Integers
    lit_ms: Integers
    by_slot: BySlot
    untold: NDArray[np.bool_]
    replayed_ms: Integers

    @classmethod
    def empty(cls, n: int, edges_ms: Integers, lit_ms: Integers) -> _Whole:
        shape = (n, edges_ms.size - 1)
        lengths = np.diff(edges_ms)

        def zeros() -> Integers:
            return np.zeros(shape, dtype=np.int64)

        off_share = 1.0 - lit_ms_between(lit_ms, edges_ms) / lengths
        worlds = np.zeros((len(MODELLED_WORLDS), *shape), dtype=np.int64)
        nowhere, never = np.zeros(shape, dtype=np.bool_), zeros()
        by_slot = BySlot(worlds, zeros(), zeros(), zeros(), zeros(), zeros(), zeros(), off_share, nowhere, never)
        return cls(edges_ms, lit_ms, by_slot, nowhere, never)

    @property
    def start_ms(self) -> int:
        return int(self.edges_ms[0])

    @property
    def end_ms(self) -> int:
        return int(self.edges_ms[-1])

    @property
    def lit_spans(self) -> Spans:
        return tuple((int(begin), int(end)) for begin, end in self.lit_ms.tolist())

    def edges_between(self, start_ms: int, end_ms: int) -> Integers:
        inner = self.edges_ms[(self.edges_ms > start_ms) & (self.edges_ms < end_ms)]
        return np.concatenate([[start_ms], inner, [end_ms]]).astype(np.int64)

    def slots_of(self, edges_ms: Integers) -> slice:
        first = int(np.searchsorted(self.edges_ms, edges_ms[0], side="right")) - 1
        return slice(first, first + edges_ms.size - 1)

    def add_circuits(
        self, numbers: NDArray[np.intp], slots: slice, found: Modelled, lengths_ms: Integers, agreed: Integers
    ) -> None:
        into = self.by_slot
        into.worlds_ws[:, numbers, slots] += found.worlds_ws
        for name in ("undelivered_lamp_ms", "undelivered_ws", "lit_lamp_ms", "off_ws"):
            getattr(into, name)[numbers, slots] += getattr(found, name)
        into.present_ms[numbers, slots] += lengths_ms
        into.agreed_ws[numbers, slots] += whole_ws(agreed)
        self.replayed_ms[numbers, slots] += found.replayed_ms

    def add_load(self, number: int, slots: slice, power_uw: int, edges_ms: Integers) -> None:
        """A permanent load is the same in every world."""
        lengths_ms = np.diff(edges_ms)
        off_ms = lengths_ms - lit_ms_between(self.lit_ms, edges_ms)
        self.by_slot.worlds_ws[:, number, slots] += whole_ws(power_uw * lengths_ms)
        self.by_slot.off_ws[number, slots] += whole_ws(power_uw * off_ms)
        self.by_slot.present_ms[number, slots] += lengths_ms


def _notes(
    whole: _Whole, parts: tuple[Ruling, ...], metered: MeteredBySlot, found: SlotAccounts, *, has_runs: bool
) -> list[Fact]:
    """What a reader of this day has to know. Time whose energy is not known is in no figure, however it was asked."""
    notes = []
    is_known = found.account.known_ms.reshape(whole.replayed_ms.shape) > 0
    replayed_ms = np.where(is_known, whole.replayed_ms, 0).sum(axis=1)
    if replayed_ms.any():
        hours = round(int(replayed_ms.sum()) / _MS_PER_H, 1)
        notes.append(Fact("account_replayed", {"circuits": int((replayed_ms > 0).sum()), "hours": hours}))
    if not has_runs and is_known.any():
        notes.append(Fact("account_no_reports"))
    if len(parts) > 1:
        notes.append(Fact("account_revisions", {"revisions": len(parts)}))
    unknown = int((~metered.is_known).sum())
    if unknown:
        notes.append(Fact("account_meters_unknown", {"hours": unknown, "of": int(metered.is_known.size)}))
    return notes
