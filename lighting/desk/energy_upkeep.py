"""Accounts that a question finds missing: made where no controller does, and the hours of a day that is not over.

A controller keeps accounts up itself. Where none runs, the newest days that lack one are made before they are read,
a few at a time; what is left is told. The account of a day that is not over is never stored: its hours are worked out
for the question alone, as far as readings are rolled up.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lighting.desk.energy_span import DaySpan
from lighting.energy.account import ACCOUNT_COLUMNS, Account
from lighting.energy.slots import HOUR_MS, day_start_ms
from lighting.energy.worlds import ENERGY_KINDS, WORLDS
from lighting.store.account_days import AccountOfDay
from lighting.store.account_records import HourAccounts, KindEnergy, SpanAccounts
from lighting.store.store import Store, StoreError

if TYPE_CHECKING:
    from lighting.desk.desk import Desk

MOST_DAYS = 7
MOST_CIRCUIT_DAYS = 40_000
"""Made before an answer: some seconds, and at least a week."""


def bring_up(desk: Desk, span: DaySpan, today: date) -> None:
    """Make the newest days of the span that lack an account, where no controller does; a store that cannot be written
    is left as it is.
    """
    store = desk.existing_store
    if store is None or desk.are_lines_held():
        return
    from lighting.accounts.rolling import roll_up
    from lighting.accounts.upkeep import bring_up_to_date

    try:
        roll_up(store, desk.site, desk.clock.now_ms())
        if not _lacks_days(store, span, today):
            return
        edges = span.day_edges_ms
        within = (int(edges[0]), int(edges[-1]))
        most = max(MOST_DAYS, MOST_CIRCUIT_DAYS // max(1, len(desk.site.circuits)))
        bring_up_to_date(store, desk.clock.now_ms(), most_days=most, within=within)
    except StoreError:
        return


def _lacks_days(store: Store, span: DaySpan, today: date) -> bool:
    """Whether a day that is over, and of which something is rolled up, is not made or is dirty."""
    first_ms = store.accounts.first_known_ms()
    if first_ms is None:
        return False
    edges = span.day_edges_ms
    over_ms = min(int(edges[-1]), day_start_ms(today, span.timezone))
    wanted = [start for start, end in pairwise(edges) if end > first_ms and start < over_ms]
    states = store.account_reads.days(int(edges[0]), over_ms)
    made = {state.start_ms for state in states if state.made_ms is not None and not state.is_dirty}
    return any(int(start) not in made for start in wanted)


def with_today(desk: Desk, read: SpanAccounts, span: DaySpan, today: date) -> SpanAccounts:
    """Add the hours of today that are over and rolled up, where the span is a night that reaches into it."""
    store = desk.existing_store
    start_ms = day_start_ms(today, span.timezone)
    if store is None or span.cut_ms is None or today not in span.days:
        return read
    if any(state.start_ms == start_ms and state.made_ms is not None for state in read.days):
        return read
    rolled = store.rollups.hours(None, start_ms, desk.clock.now_ms()).start_ms
    if not rolled.size:
        return read
    from lighting.accounts.day_builder import DayBuilder

    found = DayBuilder(store).build(today)
    if found is None:
        return read
    until_ms = min(int(rolled.max()), span.cut_ms[1] - 1, desk.clock.now_ms() - HOUR_MS)
    mine = (found.hour_ms >= span.cut_ms[0]) & (found.hour_ms <= until_ms)
    return _joined(store, read, found, mine)


def _joined(store: Store, read: SpanAccounts, found: AccountOfDay, mine: NDArray[np.bool_]) -> SpanAccounts:
    """The hours of a day beside those that were read; kinds are added up."""
    of = found.hour_account
    columns = np.vstack([of.worlds_ws, *(getattr(of, name) for name in ACCOUNT_COLUMNS[len(WORLDS) :])])[:, mine]
    metered = of.worlds_ws[WORLDS.index("metered"), mine]
    is_reactive = found.is_reactive[mine]
    reactive = found.reactive_vars[mine]
    columns = np.vstack([columns, np.where(is_reactive, reactive, 0), np.where(is_reactive, metered, 0)])
    keys = np.stack([found.hour_ms[mine], found.district_key[mine]])
    rows, into = np.unique(keys, axis=1, return_inverse=True)
    sums = np.zeros((len(columns), rows.shape[1]), np.int64)
    for total, row in zip(sums, columns, strict=True):
        np.add.at(total, into.reshape(-1), row)
    known = np.zeros(rows.shape[1], np.bool_)
    np.logical_or.at(known, into.reshape(-1), is_reactive)
    old = read.hours
    n = len(WORLDS)
    before = np.vstack([old.account.worlds_ws, *(getattr(old.account, name) for name in ACCOUNT_COLUMNS[n:])])
    every = np.hstack([before, sums[:-2]])
    hours = HourAccounts(
        np.concatenate([old.start_ms, rows[0]]),
        np.concatenate([old.district_key, rows[1]]),
        Account(every[:n], *every[n:]),
        np.concatenate([old.reactive_vars, sums[-2]]),
        np.concatenate([old.reactive_of_ws, sums[-1]]),
        np.concatenate([old.is_reactive, known]),
    )
    district, kind_of = found.district_key[mine], found.hour_kind[mine]
    kinds = [
        KindEnergy(key, kind, int(metered[(district == key) & (kind_of == kind)].sum()))
        for key in np.unique(district).tolist()
        for kind in range(len(ENERGY_KINDS))
    ]
    assets = dict(read.assets)
    assets |= {key: ("district", text_id) for text_id, key in store.keys.known("district").items()}
    return replace(read, hours=hours, kinds=(*read.kinds, *kinds), assets=assets)
