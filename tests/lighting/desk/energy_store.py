"""A store filled with accounts whose truth is known, because it is by construction: no reading stands behind it.

Every circuit takes its own power in each world while it is lit (18:00 to 06:00 on the local clock), so that the sum of
any span, district and world is a plain product that a test works out for itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from lighting.energy.account import ACCOUNT_COLUMNS
from lighting.energy.slots import day_start_ms, hour_edges_of_day
from lighting.energy.worlds import ENERGY_KINDS, WORLDS
from lighting.store.account_hours import write_hours
from lighting.store.engine import Database
from lighting.store.many_rows import ManyRows
from lighting.store.reading_columns import NO_ENERGY
from lighting.store.schema import account_day, account_month, account_state
from lighting.store.store import Store

POWER_W: Mapping[str, int] = dict(
    zip(WORLDS, (2500, 1600, 1500, 900, 800, 780, 770, 775, 790, 800, 810, 805), strict=True)
)
"""Of one circuit while lit, in each world; a circuit's own is this times its factor."""
BASIS = "b" * 64
_PARTS = len(ACCOUNT_COLUMNS)
_AT = {name: n for n, name in enumerate(ACCOUNT_COLUMNS)}


@dataclass(frozen=True, slots=True)
class Subject:
    """A circuit with its district, factor and kind of energy. ``unknown_share``: of its time that nobody knows."""

    id: str
    district: str
    factor: int = 1
    kind: str = "metered"
    lamps: int = 10
    unknown_share: float = 0.0
    asset_kind: str = "circuit"


def is_lit(at_ms: int, timezone: str) -> bool:
    """From 18:00 to 06:00 on the local clock."""
    hour = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(timezone)).hour
    return hour >= 18 or hour < 6


def figures(subject: Subject, start_ms: int, until_ms: int, timezone: str) -> NDArray[np.int64]:
    """One subject's slot in the order of ``ACCOUNT_COLUMNS``."""
    found = np.zeros(_PARTS, np.int64)
    length_ms = until_ms - start_ms
    unknown_ms = round(length_ms * subject.unknown_share)
    known_s = (length_ms - unknown_ms) // 1000
    if is_lit(start_ms, timezone):
        for n, world in enumerate(WORLDS):
            found[n] = POWER_W[world] * subject.factor * known_s
        found[_AT["lit_lamp_ms"]] = subject.lamps * (length_ms - unknown_ms)
        found[_AT["undelivered_lamp_ms"]] = length_ms - unknown_ms  # one lamp is dead, always
        found[_AT["undelivered_ws"]] = 100 * known_s
    else:
        found[_AT["metered_ws"]] = found[_AT["actual_ws"]] = 5 * subject.factor * known_s
        found[_AT["daytime_ws"]] = found[_AT["metered_ws"]]
    found[_AT["known_ms"]], found[_AT["unknown_ms"]] = length_ms - unknown_ms, unknown_ms
    return found


@dataclass
class Filled:
    """What was written, summed by (day, subject) for a test to add up its own way."""

    subjects: Sequence[Subject]
    timezone: str
    by_day: dict[tuple[date, str], NDArray[np.int64]] = field(default_factory=dict)

    def total(self, column: str, *, days: Sequence[date] | None = None, district: str | None = None) -> int:
        """The true sum of a column."""
        wanted = {one.id for one in self.subjects if district in (None, one.district)}
        return sum(
            int(found[_AT[column]])
            for (day, subject), found in self.by_day.items()
            if subject in wanted and (days is None or day in days)
        )


Figures = Callable[[Subject, int, int, str], NDArray[np.int64]]


def fill(
    store: Store,
    subjects: Sequence[Subject],
    from_day: date,
    to_day: date,
    timezone: str,
    *,
    leave_out: Sequence[date] = (),
    dirty: Sequence[date] = (),
    basis: Callable[[date], str] = lambda _day: BASIS,
    reactive_share: float | None = None,
    figures_of: Figures = figures,
) -> Filled:
    """Write hours, days, months and states of these local days, both included, but those ``leave_out``."""
    district_keys = store.keys.ensure("district", sorted({one.district for one in subjects}), at_ms=0)
    keys: dict[str, int] = {}
    for one in subjects:
        keys |= store.keys.ensure(one.asset_kind, [one.id], at_ms=0)
    filled = Filled(subjects, timezone)
    hours: dict[tuple[int, int, int], NDArray[np.int64]] = defaultdict(lambda: np.zeros(_PARTS, np.int64))
    months: dict[tuple[int, int, int], NDArray[np.int64]] = defaultdict(lambda: np.zeros(_PARTS, np.int64))
    days, states = [], []
    for day in (from_day + timedelta(days=n) for n in range((to_day - from_day).days + 1)):
        if day in leave_out:
            continue
        edges = hour_edges_of_day(day, timezone)
        month_ms = day_start_ms(day.replace(day=1), timezone)
        for one in subjects:
            kind = ENERGY_KINDS.index(one.kind)
            total = np.zeros(_PARTS, np.int64)
            for begin, end in pairwise(edges):
                found = figures_of(one, begin, end, timezone)
                hours[begin, district_keys[one.district], kind] += found
                total += found
            filled.by_day[day, one.id] = total
            months[month_ms, keys[one.id], kind] += total
            days.append((edges[0], keys[one.id], kind, *total.tolist()))
        states.append((edges[0], day in dirty, basis(day), 1, edges[-1]))
    rows_of_hours = [
        (*key, *found.tolist(), _reactive(found, reactive_share, key[2])) for key, found in sorted(hours.items())
    ]
    write(store, rows_of_hours, days, [(*key, *found.tolist()) for key, found in sorted(months.items())], states)
    return filled


def _reactive(found: NDArray[np.int64], share: float | None, kind: int) -> int | None:
    return None if share is None or kind else round(int(found[_AT["metered_ws"]]) * share)


def write(
    store: Store,
    hours: Sequence[tuple[object, ...]],
    days: Sequence[tuple[object, ...]],
    months: Sequence[tuple[object, ...]],
    states: Sequence[tuple[object, ...]],
) -> None:
    """Write ready rows into the tables of accounts; ``hours`` in the order of ``lighting.store.account_hours.COLUMNS``,
    None where there is no reactive energy, ascending.
    """
    database = Database(store.url)
    subject = ("start_ms", "subject_key", "kind", *ACCOUNT_COLUMNS)
    state = ("start_ms", "is_dirty", "basis_hash", "revision_id", "made_ms")
    tables = (
        (account_day, subject, days),
        (account_month, subject, months),
        (account_state, state, states),
    )
    with database.writing(durable=False) as connection:
        for table, columns, rows in tables:
            ManyRows(table, columns, replaces=False).write(database, connection, rows)
        known = np.array([[NO_ENERGY if value is None else value for value in row] for row in hours], np.int64).T
        begins = np.sort(np.array([row[0] for row in states], np.int64))
        of_hour = np.searchsorted(begins, known[0], "right") - 1 if len(hours) else np.zeros(0, np.int64)
        for day in np.unique(of_hour).tolist():
            write_hours(connection, int(begins[day]), known[:, of_hour == day])
    database.close()
