"""The energy report: out of the accounts in the store, everything that any form of it shows.

All lines of the site come from the same hours, so that months are the sum of their days, and the causes the whole
difference between the baseline and what was used, in energy, money and CO₂ alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.desk import energy_baselines as baselines
from lighting.desk import energy_places as places
from lighting.desk import energy_profile as profile
from lighting.desk.energy_answers import SAME_LAMPS, BillLine, EnergyReport, PlaceLine, SpanLine
from lighting.desk.energy_bills import BillsAsked, bill_lines
from lighting.desk.energy_completeness import with_days_lacking
from lighting.desk.energy_indicators import indicators
from lighting.desk.energy_ledger import Ledger, Sums, picked, share_known
from lighting.desk.energy_line_errors import ErrorBasis
from lighting.desk.energy_notes import (
    Basis,
    basis_of,
    coverage_of,
    notes_on_bills,
    notes_on_circuits,
    notes_on_days,
    notes_on_places,
    notes_on_supplies,
)
from lighting.desk.energy_prices import worths
from lighting.desk.energy_span import DaySpan, checked_span, night_span
from lighting.desk.energy_upkeep import bring_up, with_today
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import parse_scope
from lighting.energy.account import ACCOUNT_COLUMNS, Account
from lighting.energy.slots import day_start_ms, local_day
from lighting.energy.worlds import ENERGY_KINDS, WORLDS
from lighting.schedule.night import night_of
from lighting.store.account_records import HourAccounts, SpanAccounts
from lighting.store.store import Store

if TYPE_CHECKING:
    from lighting.desk.desk import Desk

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a report is asked for. ``districts`` are ids or names; none means all. Both days are included.

    With ``is_night`` it is the lighting night of ``first``, noon to noon; circuits are not told then, for they are
    accounted by day.
    """

    first: date
    last: date
    districts: tuple[str, ...] = ()
    baseline: str = SAME_LAMPS
    with_circuits: bool = True
    is_night: bool = False


def energy_report(desk: Desk, wish: Wish) -> EnergyReport:
    """Assemble the report of a span of local days.

    Without any account it is empty, and its notes say so. Raises ``WrongUsage`` for days the wrong way round or in the
    future and for a baseline that there is not, and ``NotFound`` for an unknown district.
    """
    site = desk.site
    today = local_day(desk.clock.now_ms(), site.timezone)
    span = checked_span(wish.first, wish.last, today, site.timezone)
    if wish.baseline not in baselines.CODES:
        known = ", ".join(baselines.CODES)
        raise WrongUsage(Fact("energy_baseline_unknown", {"found": wish.baseline, "known": known}))
    wanted = tuple(dict.fromkeys(parse_scope(site, f"district:{one}").id for one in wish.districts))
    if wish.is_night:
        span = night_span(wish.first, site.timezone)
    bring_up(desk, span, today)
    store = desk.existing_store
    read = read_span(store, span, with_subjects=wish.with_circuits and not wish.is_night)
    read = with_today(desk, read, span, today)
    assembly = _Assembly(site, span, read, wanted, wish.baseline)
    report = assembly.report(store, today)
    return report if wish.is_night else with_days_lacking(report, assembly.basis, today)


def accounted_days(desk: Desk) -> tuple[date, date] | None:
    """The first and the last local day with an account; None where there is none."""
    store = desk.existing_store
    found = None if store is None else store.account_reads.made_span_ms()
    return None if found is None else (local_day(found[0], desk.site.timezone), local_day(found[1], desk.site.timezone))


def newest_night(desk: Desk) -> date | None:
    """The lighting night of the newest reading; None where there is none."""
    store = desk.existing_store
    found = None if store is None else store.readings.span()
    return None if found is None else night_of(found[1], desk.site.timezone)


def read_span(store: Store | None, span: DaySpan, *, with_subjects: bool) -> SpanAccounts:
    """The accounts of a span; empty where there is no store yet."""
    if store is not None:
        return store.account_reads.of_span(span.to_read(), with_subjects=with_subjects)
    none = np.zeros(0, np.int64)
    account = Account(np.zeros((len(WORLDS), 0), np.int64), *[none] * (len(ACCOUNT_COLUMNS) - len(WORLDS)))
    return SpanAccounts(HourAccounts(none, none, account, none, none, none > 0), (), None, (), {})


def _plus(one: Value, other: Value) -> Value:
    """The sum of two counts, to the tenth; what is none counts nothing."""
    return round(sum(value for value in (one, other) if isinstance(value, (int, float))), 1)


class _Assembly:
    """One report under way: what was read, claimed, priced and chosen."""

    def __init__(self, site: Site, span: DaySpan, read: SpanAccounts, wanted: Sequence[str], baseline: str) -> None:
        self.site, self.span, self.read = site, span, read
        self.basis = basis_of(span, read)
        self.districts = places.Districts(site, read)
        self.filter = tuple(wanted)
        self.wanted = self.filter or self.districts.ids
        self.kinds = self._kinds()
        self._take_ledger(baseline)

    def _take_ledger(self, baseline: str) -> None:
        """All rows in the order of districts and time, so that what is rounded does not hang on a database's keys."""
        hours = self.read.hours
        district = self.districts.of_keys(hours.district_key)
        order = np.lexsort((hours.start_ms, district))
        start_ms, district, account = hours.start_ms[order], district[order], picked(hours.account, order)
        mine = np.isin(district, self._chosen())
        chosen = picked(account, mine)
        sums = baselines.ClaimSums(int(chosen.undelivered_ws.sum()), share_known(chosen))
        worlds_ws, modelled_ws = chosen.worlds_ws.sum(axis=1), sum(self.kinds[2:])
        self.claims = baselines.claims_of(
            self.site, self.filter, self._days_claimed(start_ms[mine]), worlds_ws, modelled_ws, sums
        )
        self.against = baselines.against_of(self.claims, baseline)
        row = baselines.baseline_row(self.claims, self.against, account.worlds_ws)
        energy = np.vstack([account.worlds_ws, row[np.newaxis]])
        of_site = profile.Reactive(
            start_ms,
            hours.reactive_vars[order],
            hours.reactive_of_ws[order],
            account.worlds_ws[WORLDS.index("metered")],
            hours.is_reactive[order],
        )
        self.worths = worths(self.site, self.span, energy, start_ms, of_site)
        self.every = Ledger(start_ms, district, energy, self.worths.money_e4, self.worths.co2_g, account)
        self.ledger = self.every.where(mine) if self.filter else self.every
        self.reactive = of_site.where(mine)
        self.errors = ErrorBasis(self.claims, self.against, self._shares_of_kinds())

    def _chosen(self) -> list[int]:
        return [n for n, district_id in enumerate(self.districts.ids) if district_id in self.wanted]

    def _days_claimed(self, start_ms: Integers) -> tuple[date, ...]:
        """From the first day of which something is told to the last."""
        if not start_ms.size:
            return ()
        first, last = np.searchsorted(self.span.day_edges_ms, [start_ms.min(), start_ms.max()], "right") - 1
        return self.span.days[int(first) : int(last) + 1]

    def report(self, store: Store | None, today: date) -> EnergyReport:
        """The whole of it."""
        site, span, ledger, against, basis = self.site, self.span, self.ledger, self.against, self.basis
        total = ledger.total()
        (line,) = total.lines(against, [(span.first, span.last)])
        whole = np.zeros(ledger.start_ms.size, np.intp)
        line = self.errors.of_total(line, self.errors.of_spans(ledger, total, whole, np.zeros(1, np.intp))[0])
        by_district = self.every.summed(self.every.district, len(self.districts.ids))
        circuits, supplies, used_ws = self._circuits(by_district)
        bills = self._bills(store)
        slots = profile.slots_of(ledger, against.world, span, day_start_ms(today, site.timezone))
        days = basis.made if span.cut_ms is None else ()
        of_circuits = None if used_ws is None else {one.id: one.used.energy_ws for one in circuits}
        return EnergyReport(
            site_id=site.id,
            site_name=site.name,
            timezone=site.timezone,
            from_day=line.from_day,
            to_day=line.to_day,
            districts=self.filter,
            currency=self.worths.currency,
            currency_digits=self.worths.digits,
            baseline_code=against.code,
            baselines=baselines.lines(self.claims, total, against),
            causes=baselines.with_errors(total.causes(against), self.claims),
            total=line,
            undelivered_lamp_h=line.undelivered_lamp_h,
            undelivered_ws=int(total.account.undelivered_ws[0]),
            coverage=coverage_of(ledger, self.kinds, span, basis),
            months=self._months(basis),
            days=self._days(basis),
            places=places.district_lines(self.districts, by_district, against, self.wanted, self.errors),
            worst=places.worst_of([one for one in circuits if one.id in site.circuits]),
            circuits=circuits,
            supplies=supplies,
            indicators=indicators(site, self.filter, total, of_circuits, days, profile.peak(slots)),
            load_profile=profile.load_profile(slots, site.timezone),
            load_duration_w=profile.load_duration(slots),
            reactive=profile.reactive_lines(site, span, self.reactive),
            bills=bills,
            co2_source=self.worths.co2_source,
            co2_sources=self.worths.co2_sources,
            tariff_name=self.worths.tariff_name,
            revision_ids=basis.revision_ids,
            basis_hash=basis.hash,
            notes=(
                *notes_on_days(span, basis, today),
                *notes_on_places(site, ledger, used_ws, self.filter),
                *notes_on_circuits(circuits),
                *self.worths.notes,
                *self._notes_of_accounts(store),
                *notes_on_bills(bills, self.worths.currency),
                *notes_on_supplies(site),
            ),
        )

    def _bills(self, store: Store | None) -> tuple[BillLine, ...]:
        """Bills are of the whole site, or of supplies, and never of some districts."""
        if self.filter or self.span.cut_ms is not None:
            return ()
        reactive = self.reactive if self.reactive.is_measured.any() else None
        return bill_lines(store, BillsAsked(self.site, self.span, self.every, reactive, frozenset(self.basis.made)))

    def _notes_of_accounts(self, store: Store | None) -> list[Fact]:
        """What the accounts of the days say of themselves: how many days say it."""
        if store is None:
            return []
        edges = self.span.day_edges_ms
        found: dict[str, dict[str, Value]] = {}
        for notes in store.accounts.notes(int(edges[0]), int(edges[-1])).values():
            for code, of_day in {note.code: note for note in notes}.items():
                sums = found.setdefault(code, {"days": 0})
                sums["days"] = _plus(sums["days"], 1)
                if "hours" in of_day.values:
                    sums["hours"] = _plus(sums.get("hours"), of_day.values["hours"])
        said = {
            "account_replayed": "energy_days_replayed",
            "account_no_reports": "energy_days_without_reports",
            "account_meters_unknown": "energy_days_meters_unknown",
        }
        return [Fact(said[code], found[code]) for code in sorted(found) if code in said]

    def _circuits(self, by_district: Sums) -> tuple[tuple[PlaceLine, ...], tuple[PlaceLine, ...], int | None]:
        """Lines of circuits and of supplies, and the energy of all circuits; None where they were not asked for."""
        if self.read.subjects is None:
            return (), (), None
        priced = places.DistrictSums(by_district, self._standing_by_district())
        subjects = places.subjects_of(self.site, self.districts, self.read.subjects, priced)
        mine = np.isin(subjects.district, self._chosen())
        if not self.filter:
            mine |= subjects.district < 0
        lines = places.circuit_lines(subjects, self.against, mine, self.errors)
        supplies = places.supply_lines(self.site, subjects, self.against, mine, self.errors)
        return lines, supplies, sum(line.used.energy_ws for line in lines)

    def _shares_of_kinds(self) -> NDArray[np.float64]:
        """(n_kinds, n_districts) of the energy used in a district, the share of each kind."""
        sums = np.zeros((len(ENERGY_KINDS), len(self.districts.ids)))
        places_of = self.districts.of_keys(np.array([one.district_key for one in self.read.kinds], np.int64))
        for one, place in zip(self.read.kinds, places_of.tolist(), strict=True):
            sums[one.kind, place] += one.energy_ws
        whole = sums.sum(axis=0)
        found: NDArray[np.float64] = np.divide(sums, whole, out=np.zeros_like(sums), where=whole > 0)
        return found

    def _standing_by_district(self) -> Integers | None:
        """What of the money of each district costs the same without any energy."""
        if self.worths.standing_e4 is None:
            return None
        sums = np.zeros(len(self.districts.ids), np.int64)
        np.add.at(sums, self.every.district, self.worths.standing_e4)
        return sums

    def _kinds(self) -> tuple[int, ...]:
        """Ws by kind of energy, of the districts wanted."""
        keys = np.array([one.district_key for one in self.read.kinds], np.int64)
        of = [self.districts.ids[place] for place in self.districts.of_keys(keys)]
        sums = [0] * len(ENERGY_KINDS)
        for one, district_id in zip(self.read.kinds, of, strict=True):
            if district_id in self.wanted:
                sums[one.kind] += one.energy_ws
        return tuple(sums)

    def _days(self, basis: Basis) -> tuple[SpanLine, ...]:
        """A line for each day with an account."""
        edges = self.span.day_edges_ms[:-1]
        day = np.searchsorted(edges, self.ledger.start_ms, "right") - 1
        sums = self.ledger.summed(day, len(self.span.days))
        lines = self._with_errors(sums, day, sums.lines(self.against, [(on, on) for on in self.span.days]), edges)
        made = set(basis.made)
        return tuple(
            line
            for line, on, known_ms in zip(lines, self.span.days, sums.account.known_ms, strict=True)
            if on in made or known_ms
        )

    def _months(self, basis: Basis) -> tuple[SpanLine, ...]:
        """A line for each month, cut to the span, in which a day has an account."""
        begins = np.array([self.span.days.index(first) for first, _ in self.span.months], np.intp)
        edges = self.span.day_edges_ms[begins]
        month = np.searchsorted(edges, self.ledger.start_ms, "right") - 1
        sums = self.ledger.summed(month, len(begins))
        lines = self._with_errors(sums, month, sums.lines(self.against, self.span.months), edges)
        made = {(day.year, day.month) for day in basis.made}
        return tuple(
            line
            for line, (first, _), known_ms in zip(lines, self.span.months, sums.account.known_ms, strict=True)
            if (first.year, first.month) in made or known_ms
        )

    def _with_errors(
        self, sums: Sums, into: NDArray[np.intp], lines: Sequence[SpanLine], edges_ms: Integers
    ) -> list[SpanLine]:
        """Lines of the spans that begin at ``edges_ms``, each with its uncertainty."""
        days = self.claims.span.days
        first = self.span.days.index(days[0]) if days else 0
        of_day = np.searchsorted(edges_ms, self.span.day_edges_ms[first : first + len(days)], "right") - 1
        errors = self.errors.of_spans(self.ledger, sums, into, of_day)
        return [replace(line, errors=error) for line, error in zip(lines, errors, strict=True)]
