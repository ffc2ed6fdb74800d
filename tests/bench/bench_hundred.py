"""100 million readings stored (only with --large): how fast they come in, and one circuit's month of them"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from lighting.store.store import Store, open_store
from tests.bench.bench_ingest import DAY_MS, START_MS, history
from tests.bench.table import Row

READINGS = 100_000_000
SERIES, STEP_MS = 2900, 900_000
AT_ONCE = SERIES // 2
WEEK_MS = 7 * DAY_MS
MONTH_DAYS = 30
OF_A_MONTH = MONTH_DAYS * DAY_MS // STEP_MS
MOST_MONTH_MS = 20.0
BYTES_EACH = 40
"""37 were measured: random figures in full doubles, twice what meters tell."""
ROOM = 1.3
"""The log and the pages that are moved need room beside it."""


def place() -> str:
    """The folder where it is stored."""
    return os.environ.get("LIGHTING_BENCH_FOLDER") or tempfile.gettempdir()


def needs() -> tuple[str, bool]:
    """What disk it needs, in a sentence, and whether that is there."""
    needed, free = ROOM * READINGS * BYTES_EACH, shutil.disk_usage(place()).free
    said = f"{READINGS:,} readings need {needed / 1e9:.1f} GB in {place()}, where {free / 1e9:.1f} GB are free"
    return said, free >= needed


def run(*, large: bool = False) -> list[Row]:
    """2,900 circuits at a quarter of an hour for a year, in bulk; then whole months of some of them."""
    if not large:
        return []
    with tempfile.TemporaryDirectory(dir=place()) as name:
        file = Path(name) / "large.sqlite3"
        with open_store(f"sqlite:///{file}") as store:
            stored, rate = _filled(store)
            store.checkpoint()
            size = file.stat().st_size
            taken = [_month_s(store, key) for key in range(100, SERIES, 100)]
    month_ms, cpu_ms = (median(each) * 1e3 for each in zip(*taken, strict=True))
    bound, beside = f"≤ {MOST_MONTH_MS:.0f} ms", f"{cpu_ms:.1f} ms of a processor"
    return [
        Row(f"{stored:,} readings appended", rate, "rows/s"),
        Row("  on disk a reading", size / stored, "bytes", f"{size / 1e9:.2f} GB in all"),
        Row(
            f"one circuit's month, {OF_A_MONTH:,} of them",
            month_ms,
            "ms",
            beside,
            None,
            bound,
            month_ms <= MOST_MONTH_MS,
        ),
    ]


def _filled(store: Store) -> tuple[int, float]:
    """(readings, readings a second); a week of half of the circuits at a time."""
    stored, spent_s, from_ms = 0, 0.0, START_MS
    while stored < READINGS:
        for first in range(0, SERIES, AT_ONCE):
            part = history(AT_ONCE, from_ms, from_ms + WEEK_MS, STEP_MS)
            part.series_key[:] += first
            began = time.perf_counter()
            store.readings.append_columns(part)
            spent_s += time.perf_counter() - began
            stored += len(part)
            if sys.stdout.isatty():
                print(f"  {stored:,}", end="\r", flush=True)
        from_ms += WEEK_MS
    return stored, stored / spent_s


def _month_s(store: Store, key: int) -> tuple[float, float]:
    """(seconds, processor seconds) of a first read."""
    from_ms = START_MS + key % 300 * DAY_MS
    began, cpu = time.perf_counter(), time.process_time()
    found = len(store.readings.of_series(key, from_ms, from_ms + MONTH_DAYS * DAY_MS - 1))
    seconds = time.perf_counter() - began, time.process_time() - cpu
    if found != OF_A_MONTH:
        raise RuntimeError(f"{found} readings of a month, and not {OF_A_MONTH}")
    return seconds
