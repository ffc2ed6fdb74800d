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

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What was done. ``left`` days are still to be made."""

    made: int
    left: int


def bring_up_to_date(
    store: Store, now_ms: int, *, most_days: int | None = None, progress: Progress | None = None
) -> Upkeep:
    """Make what is missing or dirty of all days that are over, newest first; ``most_days`` at a time.

    For a controller's housekeeping, and for whoever reads accounts where no controller runs. ``progress`` is told the
    days done and how many there are.
    """
    builder = DayBuilder(store)
    if builder.site is None:
        return Upkeep(0, 0)
    zone = builder.site.timezone
    end_ms = day_start_ms(local_day(now_ms - GRACE_MS, zone), zone)
    store.accounts.mark_stale(builder.basis_hash)
    _mark_missing(store, zone, end_ms)
    days = store.accounts.dirty_days(end_ms, limit=100_000)
    # The newest are looked at first; within a portion days go forward, so that sites are read once.
    portion = sorted(days if most_days is None else days[-most_days:])
    made = make_days(store, builder, portion, now_ms, progress)
    return Upkeep(made, len(days) - made)


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
