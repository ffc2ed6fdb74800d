"""Utility bills beside what the meters and the tariff say of the same days.

The bill of the whole site (supply ``site``) is reckoned by the tariff, its demand out of raw readings where they are
still there. Of one supply among several the energy is known by circuit and day: its hours are taken as those of the
whole site, so that its money is exact for a price that is the same at all hours, and a mean otherwise, which is shown
and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.holiday_dates import holidays_between
from lighting.assets.model import Site, Tariff
from lighting.desk.bills import DEFAULT_SUPPLY
from lighting.desk.energy_answers import BillLine
from lighting.desk.energy_demand import site_demand
from lighting.desk.energy_ledger import ALL_WORLDS, Ledger, share, share_known, shared_along
from lighting.desk.energy_profile import Reactive
from lighting.desk.energy_span import ONE_DAY, DaySpan
from lighting.energy.bill_parts import Bill
from lighting.energy.billing import Reckoner
from lighting.energy.reconcile import Metered, reconcile
from lighting.energy.worlds import WORLDS
from lighting.store.records import BillDraft
from lighting.store.store import Store

Integers = NDArray[np.int64]
_METERED = WORLDS.index("metered")


@dataclass(frozen=True, slots=True)
class BillsAsked:
    """What bills are held against: the whole site's ledger of a span, and the days of it that have an account."""

    site: Site
    span: DaySpan
    ledger: Ledger
    reactive: Reactive | None
    made: frozenset[date]


def bill_lines(store: Store | None, asked: BillsAsked) -> tuple[BillLine, ...]:
    """A line for each bill that stands and lies within the span, by supply and day."""
    if store is None:
        return ()
    first, after = asked.span.first.isoformat(), (asked.span.last + ONE_DAY).isoformat()
    found = [one.bill for one in store.bills.list(from_day=first, until_day=after)]
    inside = [one for one in found if one.from_day >= first and one.until_day <= after]
    return tuple(_line(store, asked, one) for one in sorted(inside, key=lambda one: (one.supply, one.from_day)))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a bill's days. ``reckoned`` by the tariff; ``is_mean``: only a mean, which decides nothing."""

    energy_ws: int
    known_share: float
    reckoned: Bill | None
    notes: tuple[Fact, ...] = ()
    is_mean: bool = False

    @property
    def money_e4(self) -> int | None:
        return None if self.reckoned is None else self.reckoned.money_e4

    def metered(self, missing: int) -> Metered:
        return Metered(self.energy_ws, self.known_share, None if self.is_mean else self.money_e4, missing)


def _line(store: Store, asked: BillsAsked, one: BillDraft) -> BillLine:
    first, last = date.fromisoformat(one.from_day), date.fromisoformat(one.until_day) - ONE_DAY
    days = DaySpan(first, last, asked.span.timezone)
    missing = sum(day not in asked.made for day in days.days)
    known = _of_site(store, asked, days, one) if one.supply == DEFAULT_SUPPLY else _of_supply(store, asked, days, one)
    verdict = reconcile(one.energy_ws, one.amount_e4, None if known is None else known.metered(missing))
    is_known = known is not None and known.known_share > 0  # of days of which nothing is known, 0 kWh is no figure
    return BillLine(
        supply=one.supply,
        number=one.number,
        from_day=one.from_day,
        to_day=last.isoformat(),
        billed_ws=one.energy_ws,
        metered_ws=known.energy_ws if known is not None and is_known else None,
        billed_e4=one.amount_e4,
        reckoned_e4=known.money_e4 if known is not None and is_known else None,
        currency=one.currency,
        known_share=0.0 if known is None else round(known.known_share * (1 - missing / len(days.days)), 6),
        is_agreed=verdict.is_agreed,
        notes=(verdict.reason, *(known.notes if known is not None and is_known else ())),
        verdict=verdict.verdict,
    )


def _of_site(store: Store, asked: BillsAsked, days: DaySpan, one: BillDraft) -> _Known:
    mine, part = _part_of(asked, days)
    energy = _by_slot(_metered_of(part), part, days)
    share_of_time, total_ws = share_known(part.account), int(energy.sum())
    reckoner = _reckoner(asked, days, one.currency, max(1, len(asked.site.supplies)))
    if reckoner is None:
        return _Known(total_ws, share_of_time, None)
    reactive = measured_ws = None
    if asked.reactive is not None:
        counted = asked.reactive.where(mine)
        reactive, measured_ws = (_by_slot(one, part, days) for one in (counted.reactive_vars, counted.measured_ws))
    found = site_demand(store, asked.site, reckoner.tariff, days.slot_edges_ms, energy)
    made = reckoner.bill(energy, reactive, found.demand, reactive_of_ws=measured_ws)
    return _Known(total_ws, share_of_time, made, (*found.notes, *made.notes))


def _part_of(asked: BillsAsked, days: DaySpan) -> tuple[NDArray[np.bool_], Ledger]:
    """Which rows of the ledger are of these days, and they."""
    begin, end = int(days.day_edges_ms[0]), int(days.day_edges_ms[-1])
    mine = (asked.ledger.start_ms >= begin) & (asked.ledger.start_ms < end)
    return mine, asked.ledger.where(mine)


def _metered_of(part: Ledger) -> Integers:
    used: Integers = part.energy_ws[ALL_WORLDS.index("metered")]
    return used


def _reckoner(asked: BillsAsked, days: DaySpan, currency: str, supplies: int) -> Reckoner | None:
    """The tariff on these days; None without one, or in another currency."""
    tariff = asked.site.tariff
    if tariff is None or tariff.currency != currency:
        return None
    holidays = holidays_between(asked.site.calendar, days.first, days.last) if tariff.knows_holidays else frozenset()
    return Reckoner(tariff, days.slot_edges_ms, days.timezone, holidays, supplies=supplies)


def _by_slot(values: Integers, part: Ledger, days: DaySpan) -> Integers:
    sums = np.zeros(days.slot_edges_ms.size - 1, np.int64)
    np.add.at(sums, np.searchsorted(days.slot_edges_ms, part.start_ms, "right") - 1, values)
    return sums


def _of_supply(store: Store, asked: BillsAsked, days: DaySpan, one: BillDraft) -> _Known | None:
    """The energy of the circuits that name that supply; None where none does."""
    ids = {circuit.id for circuit in asked.site.circuits.values() if circuit.supply == one.supply}
    if not ids:
        return None
    subjects, assets = store.account_reads.subjects(days.to_read())
    mine = [n for n, key in enumerate(subjects.subject_key.tolist()) if _is_of(assets.get(key), ids)]
    account = subjects.account
    known, unknown = int(account.known_ms[mine].sum()), int(account.unknown_ms[mine].sum())
    total_ws = int(account.worlds_ws[_METERED, mine].sum())
    reckoner = _reckoner(asked, days, one.currency, 1)
    if reckoner is None:
        return _Known(total_ws, share(known, known + unknown), None)
    part = _part_of(asked, days)[1]
    hours = shared_along(total_ws, _by_slot(_metered_of(part), part, days).tolist())
    made = reckoner.bill(np.array(hours, np.int64))
    is_mean = _tells_hours(reckoner.tariff)
    notes = (*((Fact("bill_supply_hours_shared"),) if is_mean else ()), *made.notes)
    return _Known(total_ws, share(known, known + unknown), made, notes, is_mean)


def _tells_hours(tariff: Tariff) -> bool:
    """Whether it matters at which hour energy was used, or what else is not known of one supply."""
    return any(
        one.periods or one.prices or one.adjustments or one.demand or one.reactive or one.valid_from or one.valid_to
        for one in tariff.dated
    )


def _is_of(asset: tuple[str, str] | None, ids: set[str]) -> bool:
    return asset is not None and asset[0] == "circuit" and asset[1] in ids
