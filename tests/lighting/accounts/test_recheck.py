"""Books that are made hold against the raw readings, on either database, whoever made them at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import text

from lighting.accounts.recheck import days_rolled_up, recheck
from lighting.accounts.rolling import roll_up
from lighting.accounts.upkeep import bring_up_to_date, rebuild
from lighting.energy.slots import day_start_ms
from lighting.store.engine import Database
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import Reading
from lighting.store.store import open_store
from lighting.store.verify import verify
from tests.lighting.accounts.conftest import HOUR_MS, Past, local_ms

FIRST, DAYS = date(2026, 11, 20), 4
BEGIN_MS = local_ms("2026-11-20T00:00")
END_MS = BEGIN_MS + DAYS * 24 * HOUR_MS
METERS = ("CB01-M:L1", "CB01-M:L2", "CB01-M:L3", "CB02-M:total")


def _live(past: Past, rng: np.random.Generator, from_ms: int, until_ms: int, step_ms: int) -> list[Reading]:
    """Readings with gaps of hours, counters that fall back and powers that come and go."""
    found = []
    for number, key in enumerate([*(past.meters[name] for name in METERS), *past.circuits.values()]):
        at_ms = np.arange(from_ms, until_ms, step_ms) + number
        silent = np.zeros(at_ms.size, np.bool_)
        for begin in rng.integers(0, at_ms.size, 3).tolist():
            silent[begin : begin + int(rng.integers(1, 50))] = True
        for at in at_ms[~silent].tolist():
            if number < len(METERS):
                found.append(Reading(at, key, energy_ws=10**9 + (at - BEGIN_MS) // (1 + number), power_w=900.0))
            else:
                found.append(Reading(at, key, level_pct=float(at // HOUR_MS % 4 * 25), power_w=300.0))
    return found


@pytest.fixture
def kept(past: Past) -> Past:
    """Rolled up in the middle of an hour, with more readings come since, and accounted for."""
    rng = np.random.default_rng(3)
    past.store.readings.append_columns(ReadingColumns.of(_live(past, rng, BEGIN_MS - HOUR_MS, END_MS, 900_000)))
    past.store.readings.append(_live(past, rng, END_MS, END_MS + 3 * HOUR_MS, 900_000))
    roll_up(past.store, past.site, END_MS + HOUR_MS)
    bring_up_to_date(past.store, END_MS + HOUR_MS)
    return past


def _change(past: Past, statement: str) -> None:
    database = Database(past.store.url)
    with database.writing(durable=False) as connection:
        assert connection.execute(text(statement)).rowcount > 0
    database.close()


def _found(past: Past) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """(hour, series) and (day or hour, subject or district) of what differs."""
    days = days_rolled_up(past.store, past.site.timezone, None, None, None)
    assert days[-DAYS:] == [FIRST + timedelta(days=n) for n in range(DAYS)]
    checked = list(recheck(past.store, days))
    assert sum(one.rows for one in checked) > 0
    assert not any(one.hours.waiting or one.is_waiting for one in checked)
    hours = {(one.start_ms, one.series_key) for day in checked for one in day.hours.differing}
    return hours, {(one.start_ms, one.key) for day in checked for one in day.differing}


def test_books_that_are_kept_up_hold_and_what_is_changed_by_hand_shows(kept: Past) -> None:
    assert _found(kept) == (set(), set())
    meter, circuit, hour_ms = kept.meters["CB02-M:total"], kept.circuits["C-0201"], BEGIN_MS + 30 * HOUR_MS
    _change(kept, f"UPDATE rollup_hour SET known_ms = known_ms - 1 WHERE start_ms = {hour_ms} AND series_key = {meter}")
    day_ms = day_start_ms(FIRST + timedelta(days=2), kept.site.timezone)
    _change(kept, f"UPDATE account_day SET metered_ws = 7 WHERE start_ms = {day_ms} AND subject_key = {circuit}")
    assert _found(kept) == ({(hour_ms, meter)}, {(day_ms, circuit)}), "an account of right readings is not accused"


def test_what_raw_readings_are_kept_no_more_of_is_counted_and_not_judged(kept: Past) -> None:
    edge_ms = BEGIN_MS + 24 * HOUR_MS
    _change(kept, f"UPDATE rollup_state SET raw_from_ms = {edge_ms}")
    _change(kept, f"UPDATE account_day SET full_ws = 7 WHERE start_ms <= {edge_ms + 24 * HOUR_MS}")
    _change(kept, f"UPDATE rollup_hour SET energy_ws = 7 WHERE start_ms < {edge_ms}")
    days = days_rolled_up(kept.store, kept.site.timezone, FIRST, None, None)
    checked = list(recheck(kept.store, days))
    assert [one.hours.gone > 0 for one in checked] == [True, False, False, False]
    assert [bool(one.rows) for one in checked] == [False, False, False, True], "it looks back for a day and a half"
    assert not any(one.hours.differing or one.differing for one in checked)


def test_two_who_make_the_same_days_at_the_same_time_leave_days_and_months_right(kept: Past) -> None:
    def make(_number: int) -> int:
        with open_store(kept.store.url, create=False) as store:
            return rebuild(store, FIRST, FIRST + timedelta(days=DAYS - 1), END_MS + HOUR_MS)

    for table in ("account_day", "account_month", "account_hours"):
        _change(kept, f"DELETE FROM {table}")
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(make, range(2))) == 2 * DAYS
    found = {one.check: one.faults for one in verify(kept.store.url, is_full=True).checks}
    assert found["months_of_days"] == 0
    assert next(iter(recheck(kept.store, [FIRST]))).differing == ()
