"""Accounts kept up: days that are over and lack one, days to be made again, and whole spans on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lighting.accounts.day_builder import DayBuilder
from lighting.energy.slots import day_start_ms, local_day
from lighting.store.store import Store

GRACE_MS = 900_000
"""After midnight: until the last hour's readings are rolled up."""

_ALL_DAYS = 100_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was done. ``left`` days are still to be made."""

    made: int
    left: int


class Keeper:
    """Keeps the accounts of a store up; the sites that it has read are kept until a revision is accepted."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._revision_id = 0
        self._builder: DayBuilder | None = None

    def bring_up_to_date(
        self,
        now_ms: int,
        *,
        most_days: int | None = None,
        within: tuple[int, int] | None = None,
        progress: Progress | None = None,
    ) -> Upkeep:
        """Make what is missing or dirty of all days that are over, the newest first; ``most_days`` at a time.

        With ``within`` only days that begin in that half-open span (UTC ms).

        ``progress`` is told the days done and how many there are.
        """
        builder = self._ready_builder()
        if builder is None or builder.site is None:
            return Upkeep(0, 0)
        zone, accounts = builder.site.timezone, self._store.accounts
        end_ms = day_start_ms(local_day(now_ms - GRACE_MS, zone), zone)
        accounts.mark_stale(builder.basis_hash)
        _mark_missing(self._store, zone, end_ms)
        first_ms, until_ms = within or (0, end_ms)
        days = [day for day in accounts.dirty_days(min(end_ms, until_ms), limit=_ALL_DAYS) if day >= first_ms]
        # The newest are looked at first; within a portion days go forward, so that each site is read once.
        portion = days if most_days is None else days[-most_days:]
        made = make_days(self._store, builder, portion, now_ms, progress)
        return Upkeep(made, len(days) - made)

    def _ready_builder(self) -> DayBuilder | None:
        newest = self._store.revisions.list(limit=1)
        if not newest:
            return None
        if self._builder is None or newest[0].id != self._revision_id:
            self._builder, self._revision_id = DayBuilder(self._store), newest[0].id
        return self._builder


def bring_up_to_date(
    store: Store,
    now_ms: int,
    *,
    most_days: int | None = None,
    within: tuple[int, int] | None = None,
    progress: Progress | None = None,
) -> Upkeep:
    """Do it once, for whoever reads accounts where no controller runs."""
    return Keeper(store).bring_up_to_date(now_ms, most_days=most_days, within=within, progress=progress)


def rebuild(store: Store, first: date, last: date, now_ms: int, progress: Progress | None = None) -> int:
    """Make the accounts of these local days again, both included, as far as they are over; how many were made."""
    builder = DayBuilder(store)
    if builder.site is None:
        return 0
    zone = builder.site.timezone
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    starts = [day_start_ms(day, zone) for day in days if day_start_ms(day + timedelta(days=1), zone) <= now_ms]
    return make_days(store, builder, starts, now_ms, progress)


def make_days(
    store: Store, builder: DayBuilder, starts: list[int], now_ms: int, progress: Progress | None = None
) -> int:
    """Make the accounts of days, named by their beginnings; how many could be made."""
    made = 0
    zone = "" if builder.site is None else builder.site.timezone
    for number, start_ms in enumerate(starts, 1):
        store.accounts.begin_day(start_ms)
        found = builder.build(local_day(start_ms, zone))
        if found is not None:
            store.accounts.replace_day(found, made_ms=now_ms)
            made += 1
        if progress is not None:
            progress(number, len(starts))
    return made


def _mark_missing(store: Store, zone: str, end_ms: int) -> None:
    """Mark the days between the first rolled-up hour and the last that is over, that nobody has marked yet."""
    first_ms = store.accounts.first_known_ms()
    if first_ms is None:
        return
    known = set(store.accounts.known_days(first_ms - 2 * 86_400_000, end_ms))
    day, missing = local_day(first_ms, zone), []
    while (start_ms := day_start_ms(day, zone)) < end_ms:
        if start_ms not in known:
            missing.append(start_ms)
        day += timedelta(days=1)
    store.accounts.mark_dirty(missing)
