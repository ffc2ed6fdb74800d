"""Readings into SQLite: our append (with the latest of each series) a transaction a batch; and one circuit's month"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple
from itertools import islice
from pathlib import Path
from statistics import median

from lighting.store.records import Reading
from lighting.store.store import Store, open_store
from tests.bench.table import Row

SERIES = 450
POLL_MS = 60_000
START_MS = 1_790_000_000_000
SIX_HOURS_MS = 6 * 3_600_000
LEAST_RATIO = 0.6
MOST_LOG_BYTES = 150.0

_COLUMNS = (
    "at_ms INTEGER, series_key INTEGER, level_pct REAL, power_w REAL, energy_ws INTEGER, voltage_v REAL, "
    "current_a REAL, power_factor REAL, quality INTEGER NOT NULL, reactive_var REAL"
)


def _polls(first: int, count: int, *, seed: int = 7) -> Iterator[list[Reading]]:
    """One batch a poll: every series of the site, each a little later than the one before."""
    chance = random.Random(seed)
    for poll in range(first, first + count):
        yield [
            Reading(
                START_MS + poll * POLL_MS + series,
                series,
                level_pct=60.0,
                power_w=chance.uniform(500, 3000),
                energy_ws=10_000_000_000 + poll * 90_000 + series,
                voltage_v=chance.uniform(222, 238),
                current_a=chance.uniform(2, 13),
                power_factor=chance.uniform(0.9, 0.99),
            )
            for series in range(1, SERIES + 1)
        ]


def _joined(polls: Iterator[list[Reading]], together: int) -> Iterator[list[Reading]]:
    """So many polls in one batch."""
    while portion := list(islice(polls, together)):
        yield [reading for poll in portion for reading in poll]


def _plain(file: Path) -> Callable[[list[tuple[object, ...]]], None]:
    """The floor: ready tuples, the driver alone, the same columns and key, no latest row, no check for doubles."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"CREATE TABLE reading ({_COLUMNS}, PRIMARY KEY (at_ms, series_key)) WITHOUT ROWID")

    def write(rows: list[tuple[object, ...]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")

    return write


def _rates(folder: Path, together: int, *, batches: int) -> tuple[float, float]:
    """(our rows/s, plain rows/s) of the median batch; batch by batch in turn, so that a busy machine disturbs both."""
    write = _plain(folder / f"plain-{together}.sqlite3")
    ours_s, plain_s = [], []
    with open_store(f"sqlite:///{folder}/ours-{together}.sqlite3") as store:
        for batch in _joined(_polls(0, batches * together), together):
            rows = [astuple(reading) for reading in batch]
            began = time.perf_counter()
            store.readings.append(batch)
            between = time.perf_counter()
            write(rows)
            ours_s.append(between - began)
            plain_s.append(time.perf_counter() - between)
    return together * SERIES / median(ours_s), together * SERIES / median(plain_s)


def _log_bytes(folder: Path) -> float:
    """Bytes of write-ahead log a reading at live polls, with the latest rows and the interior pages in it."""
    with open_store(f"sqlite:///{folder}/log.sqlite3") as store:
        for batch in _polls(0, 60):
            store.readings.append(batch)
        written = 0
        polls = list(_polls(60, 60))
        for start in range(0, len(polls), 6):
            # The log is emptied well before SQLite would use it again from its beginning.
            store.checkpoint()
            for batch in polls[start : start + 6]:
                store.readings.append(batch)
            written += (folder / "log.sqlite3-wal").stat().st_size
    return written / (60 * SERIES)


def _month(folder: Path, series: int, *, poll_ms: int) -> tuple[Store, int]:
    """A store with thirty days of ``series`` series, reordered four times a day, the last hours still live."""
    store = open_store(f"sqlite:///{folder}/month-{series}-{poll_ms}.sqlite3")
    end_ms = START_MS + 30 * 86_400_000
    some: list[Reading] = []
    for at_ms in range(START_MS, end_ms, poll_ms):
        some += [Reading(at_ms + key, key, 60.0, 900.0 + key, at_ms // 10) for key in range(1, series + 1)]
        if (at_ms + poll_ms) % SIX_HOURS_MS < poll_ms:
            store.readings.append(some)
            store.readings.reorder(at_ms - 3_600_000)
            some = []
    store.readings.append(some)
    return store, end_ms


def _seconds(call: Callable[[], object], *, times: int = 5) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _month_rows(folder: Path, *, series: int, poll_ms: int) -> Row:
    store, end_ms = _month(folder, series, poll_ms=poll_ms)
    with store:
        found = len(store.readings.of_series(7, START_MS, end_ms))
        ours_s = _seconds(lambda: store.readings.of_series(7, START_MS, end_ms))
        connection = sqlite3.connect(store.url.removeprefix("sqlite:///"))
        query = "SELECT * FROM reading_archive WHERE series_key = 7 AND at_ms BETWEEN ? AND ?"
        plain_s = _seconds(lambda: connection.execute(query, (START_MS, end_ms)).fetchall())
        connection.close()
    what = f"one circuit's month of {found} readings, of {series} series"
    return Row(what, ours_s * 1e3, "ms", "the rows alone", plain_s * 1e3)


def run(*, large: bool = False) -> list[Row]:
    """At least 0.6 of plain ``sqlite3 executemany``, at most 150 bytes of log a live reading of 450 a transaction."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for together, batches in ((1, 2000 if large else 200), (20, 100 if large else 10)):
            ours, plain = _rates(folder, together, batches=batches)
            what = f"append, {together * SERIES} a transaction"
            asked = f"≥ {LEAST_RATIO}"
            rows.append(Row(what, ours, "rows/s", "plain executemany", plain, asked, ours / plain >= LEAST_RATIO))
        log_bytes = _log_bytes(folder)
        bound = f"≤ {MOST_LOG_BYTES:.0f} bytes"
        rows.append(
            Row(
                f"log a reading, {SERIES} a transaction",
                log_bytes,
                "bytes",
                "",
                None,
                bound,
                log_bytes <= MOST_LOG_BYTES,
            )
        )
        rows.append(_month_rows(folder, series=50, poll_ms=900_000))
        if large:
            rows.append(_month_rows(folder, series=SERIES, poll_ms=POLL_MS))
    return rows
