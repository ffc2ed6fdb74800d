"""Rollups and accounts worked out once more from the raw readings, and held against those that are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lighting.accounts.day_builder import DayBuilder
from lighting.accounts.known import LOOK_BACK_MS
from lighting.accounts.rolling import FactsNow
from lighting.energy.account import ACCOUNT_COLUMNS
from lighting.energy.rollup import Rollups
from lighting.energy.slots import day_start_ms, local_day
from lighting.schedule.site_index import site_index
from lighting.store.account_days import AccountOfDay, StoredFigures
from lighting.store.account_records import DayState
from lighting.store.accounts import account_columns
from lighting.store.rollup_records import HoursChecked
from lighting.store.store import Store

OF_AGED_LAMPS = 0.001
"""Lamps that keep their light constant are as old as they are counted now: so far their figures may have moved."""

_METERED = ACCOUNT_COLUMNS.index("metered_ws")


@dataclass(frozen=True, slots=True)
class AccountDiffers:
    """A row of an account that is not what the raw readings give: of a subject and its day, or of a district's hour.

    ``key`` is that of the subject or district. Energies as metered in Ws, None where there is no row.
    """

    key: int
    start_ms: int
    is_hour: bool
    stored_ws: int | None
    raw_ws: int | None


@dataclass(frozen=True, slots=True)
class DayChecked:
    """One local day. ``rows`` of its account were compared, none where what it was made of is kept no more.

    ``is_waiting``: it is to be made (again) anyway.
    """

    day: date
    hours: HoursChecked
    rows: int
    is_waiting: bool
    differing: tuple[AccountDiffers, ...]


def days_rolled_up(store: Store, zone: str, first: date | None, last: date | None, most: int | None) -> list[date]:
    """The local days that are rolled up whole, ascending: those of the span, both ends included, the newest of them."""
    first_ms, until_ms = store.accounts.first_known_ms(), store.rollups.rolled_until_ms()
    if first_ms is None or until_ms is None:
        return []
    begin = max(local_day(first_ms, zone), first or date.min)
    end = min(local_day(until_ms, zone) - timedelta(days=1), last or date.max)
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    return days if most is None else days[-most:]


def recheck(
    store: Store, days: Sequence[date], progress: Callable[[int, int], None] | None = None
) -> Iterator[DayChecked]:
    """Check these days one by one; nothing where no accepted revision can be read. Raises ``StoreError``."""
    builder = DayBuilder(store)
    site = builder.site
    if site is None:
        return
    zone = site.timezone
    spans = [(day_start_ms(day, zone), day_start_ms(day + timedelta(days=1), zone)) for day in days]
    share = OF_AGED_LAMPS if site_index(site).output.is_used else 0.0
    checked = store.rollups.check(spans, zone, FactsNow(store, site)())
    for number, (day, hours) in enumerate(zip(days, checked, strict=False), 1):
        yield _with_account(store, builder, day, hours, share)
        if progress is not None:
            progress(number, len(days))


def _with_account(store: Store, builder: DayBuilder, day: date, hours: HoursChecked, share: float) -> DayChecked:
    state = _state(store, hours)
    is_gone = hours.from_ms - LOOK_BACK_MS < hours.raw_from_ms
    if state is None or is_gone or hours.fault is not None:
        return DayChecked(day, hours, 0, False, ())
    if state.is_dirty or state.basis_hash != builder.basis_hash:
        return DayChecked(day, hours, 0, True, ())
    anew = builder.build(day, _of_raw(hours))
    subjects, slots = store.accounts.stored_day(hours.from_ms, hours.until_ms)
    if anew is None:
        return DayChecked(day, hours, 0, False, ())
    of_subjects, of_slots = _figures(anew)
    differing = (
        *_differing(subjects, of_subjects, hours.from_ms, share),
        *_differing(slots, of_slots, None, share),
    )
    if differing and _state(store, hours) != state:  # it was made again, or marked, while we looked
        return DayChecked(day, hours, 0, True, ())
    return DayChecked(day, hours, len(subjects) + len(slots), False, differing)


def _of_raw(hours: HoursChecked) -> Rollups | None:
    return hours.hours if hours.differing else None


def _state(store: Store, hours: HoursChecked) -> DayState | None:
    found = [one for one in store.account_reads.days(hours.from_ms, hours.until_ms) if one.made_ms is not None]
    return found[0] if found else None


def _figures(day: AccountOfDay) -> tuple[StoredFigures, StoredFigures]:
    """The rows that would be stored of it."""
    subjects = zip(day.subject_key.tolist(), day.kind.tolist(), account_columns(day.account).T.tolist(), strict=True)
    reactive = [
        value if known else None
        for value, known in zip(day.reactive_vars.tolist(), day.is_reactive.tolist(), strict=True)
    ]
    keys = zip(day.hour_ms.tolist(), day.district_key.tolist(), day.hour_kind.tolist(), strict=True)
    figures = account_columns(day.hour_account).T.tolist()
    slots: StoredFigures = {key: (*row, vars_) for key, row, vars_ in zip(keys, figures, reactive, strict=True)}
    return {(key,): (kind, *row) for key, kind, row in subjects}, slots


def _differing(
    stored: StoredFigures, anew: StoredFigures, day_ms: int | None, share: float
) -> Iterator[AccountDiffers]:
    """``day_ms`` for rows of subjects, whose kind stands before their figures; None for those of hours."""
    at = _METERED + (day_ms is not None)
    for key in sorted(stored.keys() | anew.keys()):
        mine, raw = stored.get(key), anew.get(key)
        if mine is not None and raw is not None and _are_alike(mine, raw, share):
            continue
        energies = (None if mine is None else mine[at], None if raw is None else raw[at])
        if day_ms is None:
            yield AccountDiffers(key[1], key[0], True, *energies)
        else:
            yield AccountDiffers(key[0], day_ms, False, *energies)


def _are_alike(mine: tuple[int | None, ...], raw: tuple[int | None, ...], share: float) -> bool:
    if mine == raw or share == 0:
        return mine == raw
    largest = max((abs(value) for value in (*mine, *raw) if value is not None), default=0)
    pairs = zip(mine, raw, strict=True)
    return all(a == b if a is None or b is None else abs(a - b) <= share * largest for a, b in pairs)
