"""Readings into the store with their rollups kept up: in bulk, live, and what a flash card has to take of it."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import event

from lighting.energy.counters import CounterFacts
from lighting.energy.rollup import SeriesFacts
from lighting.store.binary_copy import binary_rows
from lighting.store.reading_columns import FIELDS, INTEGERS, ReadingColumns
from lighting.store.records import Reading
from lighting.store.store import Store, open_store
from tests.bench.table import Row

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
START_MS = 1_790_035_200_000
ZONE = "Asia/Ho_Chi_Minh"
FACTS = SeriesFacts(CounterFacts(reset="never", rated_w=4000.0, is_counted=True), lit_above_w=20.0)

LEAST_BULK = 100_000.0
LEAST_OF_COPY = 0.5
MOST_LOG_BYTES = 150.0
MOST_LATEST_MS = 200.0
MOST_CORE = 0.5

SERIES = 450
LIT_FROM_H, LIT_UNTIL_H = 18, 29
"""Eleven hours of twenty-four."""


def history(n_series: int, from_ms: int, until_ms: int, step_ms: int) -> ReadingColumns:
    """Every series at each step, ascending by series; random powers and a counter that goes on with them."""
    at_ms = np.arange(from_ms, until_ms, step_ms, dtype=np.int64)
    chance = np.random.default_rng(7)
    power_w = chance.uniform(500, 3000, (n_series, at_ms.size))
    base_ws = 10_000_000_000 + (from_ms - START_MS) // 1000 * 1750
    energy_ws = base_ws + np.cumsum(np.rint(power_w * step_ms / 1000), axis=1).astype(np.int64)
    keys = np.repeat(np.arange(1, n_series + 1, dtype=np.int64), at_ms.size)
    return ReadingColumns.made(
        np.tile(at_ms, n_series),
        keys,
        level_pct=np.full(keys.size, 60.0),
        power_w=power_w.ravel(),
        energy_ws=energy_ws.ravel(),
        voltage_v=chance.uniform(222, 238, keys.size),
        current_a=chance.uniform(2, 13, keys.size),
        power_factor=chance.uniform(0.9, 0.99, keys.size),
    )


def _bulk_s(store: Store, n_series: int, hours: int) -> tuple[float, int]:
    """(seconds, readings) of a history in minutes, appended by the hour and rolled up."""
    facts = dict.fromkeys(range(1, n_series + 1), FACTS)
    parts = [
        history(n_series, START_MS + hour * HOUR_MS, START_MS + (hour + 1) * HOUR_MS, 60_000) for hour in range(hours)
    ]
    began = time.perf_counter()
    for part in parts:
        store.readings.append_columns(part)
    while store.rollups.roll(START_MS + hours * HOUR_MS, ZONE, facts, once=True).is_more:
        pass
    return time.perf_counter() - began, sum(map(len, parts))


def _bulk_sqlite(folder: Path, *, large: bool) -> Row:
    with open_store(f"sqlite:///{folder}/bulk.sqlite3") as store:
        seconds, readings = _bulk_s(store, 1500, 12 if large else 4)
    rate = readings / seconds
    what = f"bulk on SQLite, {readings:,} with rollups"
    return Row(what, rate, "rows/s", "", None, f"≥ {LEAST_BULK:,.0f}", rate >= LEAST_BULK)


def _bulk_server(url: str, *, large: bool) -> Row:
    """Beside it plain binary COPY of the same rows, ready made, into a table of the same columns and key."""
    from sqlalchemy import create_engine, text

    name = f"lighting_bench_{os.getpid()}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        mine = engine.url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
        hours, n_series = (12 if large else 4), 1500
        with open_store(mine) as store:
            seconds, readings = _bulk_s(store, n_series, hours)
        copy_s = _plain_copy_s(engine, name, n_series, hours)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()
    ours, plain = readings / seconds, readings / copy_s
    what = f"bulk on PostgreSQL, {readings:,} with rollups"
    asked = f"≥ {LEAST_OF_COPY}"
    return Row(what, ours, "rows/s", "plain binary COPY", plain, asked, ours / plain >= LEAST_OF_COPY)


def plain_table(key: str, *, name: str = "reading", temporary: bool = False, without_rowid: bool = False) -> str:
    """The statement that makes a table of plain readings with that primary key."""
    kinds = dict.fromkeys(FIELDS, "float8") | dict.fromkeys(INTEGERS, "bigint") | {"quality": "smallint"}
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    begin, end = "TEMPORARY " if temporary else "", " WITHOUT ROWID" if without_rowid else ""
    return f"CREATE {begin}TABLE {name} ({columns}, PRIMARY KEY ({key})){end}"


def _plain_copy_s(engine: Any, schema: str, n_series: int, hours: int) -> float:
    taken = 0.0
    with engine.connect() as connection:
        connection.exec_driver_sql(plain_table("series_key, at_ms", name=f"{schema}.plain"))
        driver = connection.connection.driver_connection
        for hour in range(hours):
            part = history(n_series, START_MS + hour * HOUR_MS, START_MS + (hour + 1) * HOUR_MS, 60_000)
            stream = binary_rows(part)
            began = time.perf_counter()
            with (
                driver.cursor() as cursor,
                cursor.copy(f"COPY {schema}.plain ({', '.join(FIELDS)}) FROM STDIN WITH (FORMAT BINARY)") as copy,
            ):
                copy.write(stream)
            taken += time.perf_counter() - began
    return taken


@dataclass(slots=True)
class _Log:
    """Counts what goes into the write-ahead log."""

    store: Store
    file: Path
    written: int = 0

    def over(self, work: Callable[[], object]) -> int:
        """Bytes that the log grew by; it is emptied before."""
        self.store.checkpoint()
        work()
        grown = self.file.stat().st_size
        self.written += grown
        return grown


def _poll(minute: int, n_series: int, chance: random.Random, *, always_lit: bool) -> list[Reading]:
    at_ms = START_MS + minute * 60_000
    hour = minute / 60 % 24
    lit = always_lit or hour >= LIT_FROM_H or hour < LIT_UNTIL_H - 24
    return [
        Reading(
            at_ms + series,
            series,
            level_pct=60.0 if lit else 0.0,
            power_w=chance.uniform(500, 3000) if lit else 0.0,
            energy_ws=10_000_000_000 + minute * 90_000 + series * 1_000_003,
            voltage_v=chance.uniform(222, 238),
            current_a=chance.uniform(2, 13) if lit else 0.0,
            power_factor=chance.uniform(0.9, 0.99) if lit else None,
        )
        for series in range(1, n_series + 1)
    ]


def _log_bytes(folder: Path, *, always_lit: bool) -> dict[str, float]:
    """Bytes of log a reading by what they are for, over the second of two days; as housekeeping does it."""
    facts = dict.fromkeys(range(1, SERIES + 1), FACTS)
    chance = random.Random(7)
    file = folder / f"log-{always_lit}.sqlite3"
    spent = dict.fromkeys(("append", "latest", "rollups", "reorder"), 0)
    with open_store(f"sqlite:///{file}") as store:
        # The log is not used again from its beginning, so that its size is all that was written.
        database = store.readings._database  # type: ignore[attr-defined]
        event.listen(database.engine, "connect", lambda one, _: one.execute("PRAGMA wal_autocheckpoint = 0"))
        database.engine.dispose()
        log = _Log(store, Path(f"{file}-wal"))
        for minute in range(2 * 1440):
            poll = _poll(minute, SERIES, chance, always_lit=always_lit)
            now_ms = START_MS + minute * 60_000
            work: dict[str, Callable[[], object]] = {"append": partial(store.readings.append, poll)}
            if minute % 60 == 5:
                work |= {"latest": store.readings.renew_latest}
                work |= {"rollups": partial(store.rollups.roll, now_ms, ZONE, facts)}
            if minute % 1440 == 1439:
                work |= {"reorder": partial(store.readings.reorder, now_ms - HOUR_MS)}
            for name, act in work.items():
                if minute < 1440:
                    act()  # what lies there before the day that is measured
                else:
                    spent[name] += log.over(act)
        store.checkpoint()
    size = file.stat().st_size
    found = {name: count / (1440 * SERIES) for name, count in spent.items()}
    return found | {"disk": size / (2 * 1440 * SERIES)}


def _log_rows(folder: Path, *, large: bool) -> Iterator[Row]:
    for always_lit in (False, True) if large else (False,):
        spent = _log_bytes(folder, always_lit=always_lit)
        disk = spent.pop("disk")
        total = sum(spent.values())
        parts = ", ".join(f"{name} {count:.0f}" for name, count in spent.items())
        what = "log a live reading, " + ("lamps never off" if always_lit else "a night of 11 h")
        yield Row(what, total, "bytes", parts, None, f"≤ {MOST_LOG_BYTES:.0f} bytes", total <= MOST_LOG_BYTES)
        yield Row("  on disk, two days stored", disk, "bytes")
        a_year_gb = total * SERIES * 60 * 24 * 365.25 / 1e9
        yield Row(f"  a card's ten years at {SERIES} a minute", a_year_gb * 10 / 1000, "TB written")


def _live_rows(folder: Path, *, minutes: int) -> list[Row]:
    """A city of 100,000 series a minute, in 100 transactions each, with its rollups; the machine's processor time."""
    n_series, each = 100_000, 1000
    facts = dict.fromkeys(range(1, n_series + 1), FACTS)
    chance = random.Random(7)
    first = 60 - minutes // 2
    with open_store(f"sqlite:///{folder}/live.sqlite3") as store:
        spent_s = 0.0
        for minute in range(first, first + minutes):
            poll = _poll(minute, n_series, chance, always_lit=True)
            began = time.process_time()
            for start in range(0, n_series, each):
                store.readings.append(poll[start : start + each])
            store.readings.renew_latest()
            spent_s += time.process_time() - began
        began = time.process_time()
        store.rollups.roll(START_MS + HOUR_MS + 5 * 60_000, ZONE, facts)
        # An hour's pass reads sixty polls and writes one row a series; these were fewer, so it is counted in full.
        roll_s = (time.process_time() - began) * 60 / minutes
        latest_s = []
        for _ in range(5):
            began = time.perf_counter()
            found = len(store.readings.latest_columns())
            latest_s.append(time.perf_counter() - began)
        assert found == n_series
    core = (spent_s / minutes + roll_s / 60) / 60
    latest_ms = median(latest_s) * 1e3
    return [
        Row("live, 100,000 series a minute with rollups", core, "cores", "", None, f"≤ {MOST_CORE}", core <= MOST_CORE),
        Row("the latest of 100,000 series", latest_ms, "ms", "", None, f"≤ {MOST_LATEST_MS:.0f} ms", latest_ms <= 200),
    ]


def run(*, large: bool = False) -> list[Row]:
    """In bulk on each database, live, and what of it goes to the log."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [_bulk_sqlite(folder, large=large)]
        url = os.environ.get("LIGHTING_TEST_POSTGRES", "")
        if url:
            rows.append(_bulk_server(url, large=large))
        rows += _live_rows(folder, minutes=20 if large else 6)
        rows += _log_rows(folder, large=large)
    return rows
