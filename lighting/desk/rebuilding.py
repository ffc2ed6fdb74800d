"""What is worked out from readings, worked out again to the end: hours and days, then the accounts made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from lighting.assets.fact import Fact, Value
from lighting.desk import rights
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.desk.store_export import DaySpan
from lighting.energy.slots import HOUR_MS, day_start_ms, local_day
from lighting.store.store import Store

Step = Literal["rollups", "accounts"]
Progress = Callable[[Step, int, int], None]
"""Told what is worked on, how much of it is done, and how much there is: marked hours, or days."""

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was worked out again: hours of rollups and days of accounts, None where that was not asked for.

    ``days_made``: of the accounts; the day that is not over has none yet. ``days_left`` are still to be made: of a
    store without a revision that can be read, all of them. ``has_revision``: one was accepted; accounts need it.
    """

    from_ms: int
    until_ms: int
    rollup_hours: int | None
    account_days: int | None
    days_made: int | None = None
    days_left: int | None = None
    has_revision: bool = True


def rebuild(desk: Desk, span: DaySpan, *, rollups: bool, accounts: bool, progress: Progress | None = None) -> Rebuilt:
    """Work rollups and accounts of these days out again, also beside a controller that runs. An operator may.

    All is marked first: who ends it leaves the rest to the controller, or to whoever asks next. Raises ``Refused``,
    ``WrongUsage`` without readings, ``StoreError``.
    """
    desk.refresh()
    rights.require(desk.site, desk.user_id, "operator", "db rebuild")
    store, zone = desk.store, desk.site.timezone
    from_ms, until_ms = _span(desk, store, span)
    marked = _mark(store, from_ms, until_ms) if rollups else 0
    hours = marked if rollups else None
    days = _days(from_ms, until_ms, zone) if accounts else None
    store.accounts.mark_dirty(days or ())
    values: dict[str, Value] = {"from_ms": from_ms, "until_ms": until_ms, "rollups": rollups, "accounts": accounts}
    at_ms = desk.clock.now_ms()
    store.history.add_audit(at_ms=at_ms, by=desk.user_id, act="db_rebuild", subject="store", values=values)
    _roll_up(desk, store, marked, progress)
    if days is None:
        return Rebuilt(from_ms, until_ms, hours, None)
    # An interval may reach into the day before or after.
    if desk.revision is None:
        return Rebuilt(from_ms, until_ms, hours, len(days), 0, len(days), has_revision=False)
    made, left = _make_accounts(desk, store, (days[0] - _DAY_MS, until_ms + _DAY_MS), progress)
    return Rebuilt(from_ms, until_ms, hours, len(days), made, left)


def _mark(store: Store, from_ms: int, until_ms: int) -> int:
    """Mark the hours of the span, or leave that to who rolls up first of all; how many they are."""
    if store.rollups.rolled_until_ms() is None:
        return -(-(until_ms - from_ms) // HOUR_MS)
    return store.rollups.rebuild(from_ms, until_ms)


def _span(desk: Desk, store: Store, span: DaySpan) -> tuple[int, int]:
    zone = desk.site.timezone
    stored = store.readings.span()
    if stored is None:
        raise WrongUsage(Fact("rebuild_nothing"))
    first_ms, until_ms = span.from_ms(zone), span.until_ms(zone)
    from_ms = stored[0] if first_ms is None else first_ms
    return from_ms, min(desk.clock.now_ms(), stored[1] + 1) if until_ms is None else until_ms


def _roll_up(desk: Desk, store: Store, marked: int, progress: Progress | None) -> None:
    """Until no mark is left. Of two who roll up the later takes over: a controller that was overtaken comes back at
    its next turn, so we take over again.
    """
    from lighting.accounts.rolling import GRACE_MS, FactsNow

    facts = FactsNow(store, desk.site)
    most = left = max(marked, store.rollups.dirty_count())
    is_more = True
    while is_more:
        if progress is not None and most:
            progress("rollups", most - left, most)
        store.rollups.roll(desk.clock.now_ms() - GRACE_MS, desk.site.timezone, facts, once=True)
        left = store.rollups.dirty_count()
        most, is_more = max(most, left), left > 0
    if progress is not None and most:
        progress("rollups", most, most)


def _make_accounts(desk: Desk, store: Store, within: tuple[int, int], progress: Progress | None) -> tuple[int, int]:
    from lighting.accounts.upkeep import bring_up_to_date

    def tell(done: int, total: int) -> None:
        if progress is not None:
            progress("accounts", done, total)

    done = bring_up_to_date(store, desk.clock.now_ms(), within=within, progress=tell)
    for month in _months(*within, desk.site.timezone):
        store.accounts.sum_month(*month)
    return done.made, done.left


def _days(from_ms: int, until_ms: int, timezone: str) -> list[int]:
    """Where the local days begin that reach into the span."""
    day, starts = local_day(from_ms, timezone), []
    while (start_ms := day_start_ms(day, timezone)) < until_ms:
        starts.append(start_ms)
        day += timedelta(days=1)
    return starts


def _months(from_ms: int, until_ms: int, timezone: str) -> list[tuple[int, int]]:
    """Where the local months begin and end that the span reaches into."""
    month, found = local_day(from_ms, timezone).replace(day=1), []
    while (start_ms := day_start_ms(month, timezone)) < until_ms:
        month = (month + timedelta(days=32)).replace(day=1)
        found.append((start_ms, day_start_ms(month, timezone)))
    return found
