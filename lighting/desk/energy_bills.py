"""Utility bills beside what the meters and the tariff say of the same days.

The bill of the whole site (supply ``site``) is reckoned by the tariff. Of one supply among several only the energy is
told, from the accounts of its circuits by day: money is known by district and hour, not by supply.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.holiday_dates import holidays_between
from lighting.assets.model import Site
from lighting.desk.bills import DEFAULT_SUPPLY
from lighting.desk.energy_answers import BillLine
from lighting.desk.energy_ledger import ALL_WORLDS, Ledger, share, share_known
from lighting.desk.energy_span import ONE_DAY, DaySpan
from lighting.energy.billing import bill as reckoned_bill
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
    reactive_vars: Integers | None
    made: frozenset[date]


def bill_lines(store: Store | None, asked: BillsAsked) -> tuple[BillLine, ...]:
    """A line for each bill that stands and lies within the span, by supply and day."""
    if store is None:
        return ()
    first, after = asked.span.first.isoformat(), (asked.span.last + ONE_DAY).isoformat()
    found = [one.bill for one in store.bills.list(from_day=first, until_day=after)]
    inside = [one for one in found if one.from_day >= first and one.until_day <= after]
    return tuple(_line(store, asked, one) for one in sorted(inside, key=lambda one: (one.supply, one.from_day)))


def _line(store: Store, asked: BillsAsked, one: BillDraft) -> BillLine:
    first, last = date.fromisoformat(one.from_day), date.fromisoformat(one.until_day) - ONE_DAY
    days = DaySpan(first, last, asked.span.timezone)
    missing = sum(day not in asked.made for day in days.days)
    metered = (
        _of_site(asked, days, one.currency) if one.supply == DEFAULT_SUPPLY else _of_supply(store, asked, days, one)
    )
    if metered is not None:
        metered = Metered(metered.energy_ws, metered.known_share, metered.reckoned_e4, missing)
    verdict = reconcile(one.energy_ws, one.amount_e4, metered)
    return BillLine(
        supply=one.supply,
        number=one.number,
        from_day=one.from_day,
        to_day=last.isoformat(),
        billed_ws=one.energy_ws,
        metered_ws=None if metered is None else metered.energy_ws,
        billed_e4=one.amount_e4,
        reckoned_e4=None if metered is None else metered.reckoned_e4,
        currency=one.currency,
        known_share=0.0 if metered is None else metered.known_share,
        is_agreed=verdict.is_agreed,
    )


def _of_site(asked: BillsAsked, days: DaySpan, currency: str) -> Metered:
    begin, end = int(days.day_edges_ms[0]), int(days.day_edges_ms[-1])
    mine = (asked.ledger.start_ms >= begin) & (asked.ledger.start_ms < end)
    part = asked.ledger.where(mine)
    used = part.energy_ws[ALL_WORLDS.index("metered")]
    return Metered(int(used.sum()), share_known(part.account), _reckoned(asked, days, part, mine, currency))


def _reckoned(asked: BillsAsked, days: DaySpan, part: Ledger, mine: NDArray[np.bool_], currency: str) -> int | None:
    """The bill by the tariff, with reactive energy where it is measured; None in another currency."""
    tariff = asked.site.tariff
    if tariff is None or tariff.currency != currency:
        return None
    edges = days.slot_edges_ms
    slot = np.searchsorted(edges, part.start_ms, "right") - 1
    energy = _by_slot(part.energy_ws[ALL_WORLDS.index("metered")], slot, edges)
    reactive = None if asked.reactive_vars is None else _by_slot(asked.reactive_vars[mine], slot, edges)
    holidays = holidays_between(asked.site.calendar, days.first, days.last) if tariff.knows_holidays else frozenset()
    supplies = max(1, len(asked.site.supplies))
    return reckoned_bill(tariff, edges, energy, reactive, days.timezone, holidays, supplies=supplies).money_e4


def _by_slot(values: Integers, slot: NDArray[np.intp], edges: Integers) -> Integers:
    sums = np.zeros(edges.size - 1, np.int64)
    np.add.at(sums, slot, values)
    return sums


def _of_supply(store: Store, asked: BillsAsked, days: DaySpan, one: BillDraft) -> Metered | None:
    """The energy of the circuits that name that supply; None where none does."""
    ids = {circuit.id for circuit in asked.site.circuits.values() if circuit.supply == one.supply}
    if not ids:
        return None
    subjects, assets = store.account_reads.subjects(days.to_read())
    mine = [n for n, key in enumerate(subjects.subject_key.tolist()) if _is_of(assets.get(key), ids)]
    account = subjects.account
    known, unknown = int(account.known_ms[mine].sum()), int(account.unknown_ms[mine].sum())
    return Metered(int(account.worlds_ws[_METERED, mine].sum()), share(known, known + unknown))


def _is_of(asset: tuple[str, str] | None, ids: set[str]) -> bool:
    return asset is not None and asset[0] == "circuit" and asset[1] in ids
