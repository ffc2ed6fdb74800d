"""What a reader has to know beside the figures of a report: each a fact, none of them a sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.desk.energy_answers import BillLine, Coverage, PlaceLine
from lighting.desk.energy_ledger import ALL_WORLDS, Ledger, share
from lighting.desk.energy_span import DaySpan
from lighting.energy.worlds import ENERGY_KINDS
from lighting.store.account_records import SpanAccounts

_OF_BILLS = (
    "bill_demand_measured",
    "bill_demand_of_many_minutes",
    "bill_demand_too_large",
    "bill_supply_hours_shared",
)
_METERED = ALL_WORLDS.index("metered")


@dataclass(frozen=True, slots=True)
class Basis:
    """With what the accounts of a span were made. ``today`` is a day that is not over."""

    made: tuple[date, ...]
    missing: tuple[date, ...]
    dirty: tuple[date, ...]
    hash: str
    hashes: int
    revision_ids: tuple[int, ...]


def basis_of(span: DaySpan, read: SpanAccounts) -> Basis:
    """What the states of the days say. The hash of several bases is that of all of them, in the order of the days."""
    on = dict(zip(span.day_edges_ms.tolist(), span.days, strict=False))
    states = {on[state.start_ms]: state for state in read.days if state.start_ms in on}
    made = tuple(day for day in span.days if day in states and states[day].made_ms is not None)
    hashes = list(dict.fromkeys(states[day].basis_hash for day in made))
    revisions = {number for day in made if (number := states[day].revision_id) is not None}
    joined = hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    return Basis(
        made,
        tuple(day for day in span.days if day not in set(made)),
        tuple(day for day in made if states[day].is_dirty),
        joined if hashes else "",
        len(hashes),
        tuple(sorted(revisions)),
    )


def coverage_of(ledger: Ledger, kinds: Sequence[int], span: DaySpan, basis: Basis) -> Coverage:
    """Shares of subject-time that are known, spread over a gap, and unknown; ``kinds`` are Ws by kind of energy."""
    account = ledger.account
    known, spread, unknown = (int(values.sum()) for values in (account.known_ms, account.spread_ms, account.unknown_ms))
    whole = known + unknown
    return Coverage(
        known_share=share(known, whole),
        spread_share=share(spread, whole),
        unknown_share=share(unknown, whole),
        **{f"{kind}_ws": ws for kind, ws in zip(ENERGY_KINDS, kinds, strict=True)},
        days=len(span.days),
        days_without_account=len(basis.missing),
    )


def notes_on_days(span: DaySpan, basis: Basis, today: date) -> list[Fact]:
    """Days without an account, days to be made again, a basis that changed, and a day that is not over."""
    notes = []
    values: dict[str, Value]
    missing = [day for day in basis.missing if day < today]
    if missing:
        first, last = missing[0].isoformat(), missing[-1].isoformat()
        values = {"days": len(missing), "of": len(span.days), "from_date": first, "to_date": last}
        notes.append(Fact("energy_days_without_account", values))
    dirty = [day for day in basis.dirty if day < today]
    if dirty:
        values = {"days": len(dirty), "from_date": dirty[0].isoformat(), "to_date": dirty[-1].isoformat()}
        notes.append(Fact("energy_days_dirty", values))
    if today in span.days:
        notes.append(Fact("energy_today", {"date": today.isoformat()}))
    if basis.hashes > 1:
        notes.append(Fact("energy_basis_changed", {"bases": basis.hashes, "revisions": len(basis.revision_ids)}))
    return notes


def notes_on_places(site: Site, ledger: Ledger, subjects_ws: int | None, districts: Sequence[str]) -> list[Fact]:
    """What is true of circuits and districts only nearly."""
    notes = []
    if subjects_ws is not None and subjects_ws != int(ledger.energy_ws[_METERED].sum()):
        difference = subjects_ws - int(ledger.energy_ws[_METERED].sum())
        notes.append(Fact("energy_circuits_differ", {"difference_ws": difference}))
    if subjects_ws is not None and ledger.money_e4 is not None:
        notes.append(Fact("energy_circuit_money_is_mean"))
    unknown = int(np.asarray(ledger.account.unknown_ms).sum())
    if unknown:
        notes.append(Fact("energy_unknown_left_out"))
    if districts:
        notes.append(Fact("energy_of_districts", {"districts": ", ".join(districts), "of": len(site.districts)}))
    return notes


def notes_on_bills(bills: Sequence[BillLine], currency: str) -> list[Fact]:
    """What the money beside bills rests on; those in another currency than the tariff's have none."""
    notes: list[Fact] = []
    for note in (note for bill in bills for note in bill.notes):
        if note.code in _OF_BILLS and note not in notes:
            notes.append(note)
    others = sorted({bill.currency for bill in bills} - {currency})
    if others:
        notes.append(Fact("energy_other_currency", {"currencies": ", ".join(others), "currency": currency}))
    return notes


def notes_on_circuits(circuits: Sequence[PlaceLine]) -> list[Fact]:
    """Circuits that save energy and lose money, or the other way round: a mean price may do that."""
    odd = sum((one.saved.money_e4 or 0) * one.saved.energy_ws < 0 for one in circuits)
    return [Fact("energy_money_sign", {"circuits": odd})] if odd else []


def notes_on_supplies(site: Site) -> list[Fact]:
    """Supplies that name tariffs of their own: there is one tariff, and it prices them all."""
    named = sorted({supply.tariff for supply in site.supplies.values() if supply.tariff})
    if site.tariff is None or not named:
        return []
    others = [name for name in named if name != site.tariff.name]
    if not others:
        return []
    return [
        Fact("energy_supplies_one_tariff", {"tariffs": ", ".join(others), "name": site.tariff.name or "tariff.toml"})
    ]
