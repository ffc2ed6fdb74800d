"""The one who stores readings is killed at random moments: what was acknowledged is there, and rolled up rightly."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lighting.energy.counters import CounterFacts
from lighting.energy.rollup import SeriesFacts
from lighting.energy.slots import HOUR_MS
from lighting.store.records import Reading
from lighting.store.rollup_rows import rows_of
from lighting.store.store import Store, StoreUnavailable, open_store

START_MS = 1_792_872_000_000
STEP_MS = 300_000
SERIES = 5
FACTS = dict.fromkeys(range(1, SERIES + 1), SeriesFacts(CounterFacts(is_counted=True, reset="never"), lit_above_w=5.0))
KILLS = 4


def ingest(url: str, first: int) -> None:
    """Append step after step, a late one now and then, and say each that is stored; roll up and reorder meanwhile."""
    with open_store(url) as store:
        for step in range(first, first + 5000):
            late = [step - 40] if step % 7 == 0 else []
            for one in (step, *late):
                # What comes late was left out at its time.
                if one in late or one % 7 != 2:
                    store.readings.append([_reading(one, key) for key in range(1, SERIES + 1)])
                    print(one, flush=True)
            if step % 5 == 0:
                store.rollups.roll(START_MS + step * STEP_MS, "Europe/Berlin", FACTS)
            if step % 50 == 49:
                store.readings.reorder(START_MS + (step - 20) * STEP_MS)


def _reading(step: int, key: int) -> Reading:
    return Reading(START_MS + step * STEP_MS + key, key, 60.0, 100.0 * key, 10**6 + step * 30_000 * key)


def _kill_once(url: str, first: int, after_s: float) -> list[int]:
    """The steps that it has acknowledged when it is killed so long after its first."""
    code = f"from tests.lighting.store.test_ingest_dies import ingest; ingest({url!r}, {first})"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline()]
    assert told[0], "it died by itself"
    time.sleep(after_s)  # the moment of its death; nothing is waited for
    os.kill(child.pid, signal.SIGKILL)
    rest, _ = child.communicate()
    # A line that was cut off in the middle was not told.
    told += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return [int(line) for line in told]


def _check(store: Store, steps: set[int], last: int) -> None:
    for key in (1, SERIES):
        found = {(one.at_ms - START_MS - key) // STEP_MS for one in store.readings.of_series(key, 0, 2**60)}
        assert steps <= found, "what was acknowledged is there"
    until_ms = START_MS + last * STEP_MS + 3 * HOUR_MS
    store.rollups.roll(until_ms, "Europe/Berlin", FACTS)
    rows = rows_of(store.rollups.hours(None, 0, 2**60))
    store.rollups.rebuild(0, 2**60)
    store.rollups.roll(until_ms, "Europe/Berlin", FACTS)
    assert rows_of(store.rollups.hours(None, 0, 2**60)) == rows
    days = store.rollups.days(None, 0, 2**60)
    assert days.readings.sum() == sum(row[10] for row in rows)
    assert store.readings.count() == days.readings.sum()


def _kill_often(url: str, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    steps: set[int] = set()
    for _ in range(kills):
        steps |= set(_kill_once(url, max(steps, default=-1) + 1, chance.uniform(0.0, 0.4)))
        with open_store(url, create=False) as store:
            # What was stored and not told comes again, as from a ledger.
            _check(store, steps, max(steps) + 1)


def test_a_few_kills_lose_nothing_and_leave_no_rollup_wrong(empty_url: str, tmp_path: Path) -> None:
    _kill_often(empty_url, KILLS, seed=7)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_hundred_kills_lose_nothing_and_leave_no_rollup_wrong(empty_url: str, tmp_path: Path) -> None:
    _kill_often(empty_url, 100, seed=11)


def _fill(store: Store) -> int:
    """The last step that was stored before the disk was full."""
    for step in range(1, 4000):
        try:
            store.readings.append([_reading(step, key) for key in range(1, 200)])
        except StoreUnavailable as error:
            return step - 1 if error.fact.code == "store_full" else -1
    return -1


def _keep_house(store: Store) -> None:
    for _ in range(20):
        store.rollups.roll(START_MS + 4000 * STEP_MS, "UTC", FACTS)
        store.rollups.rebuild(0, 2**60)
        store.readings.reorder(2**60)
        store.readings.append([_reading(1, key) for key in range(1, 200)])


def test_a_full_disk_is_said_and_leaves_nothing_wrong(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'full.sqlite3'}"
    with open_store(url) as store:
        store.readings.append([_reading(0, 1)])
        database = store.readings._database  # type: ignore[attr-defined]
        pages = int(database.pragma("page_count"))
        # One connection holds the quota, so that every transaction meets it.
        limit = f"max_page_count = {pages + 20}"
        database.pragma(limit)
        stored = _fill(store)
        assert stored > 0
        with pytest.raises(StoreUnavailable):
            _keep_house(store)
    with open_store(url, create=False) as store:
        assert len(store.readings.of_series(7, 0, 2**60)) == stored
        _check(store, set(), stored)
