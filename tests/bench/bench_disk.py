"""Bytes on disk a reading: a day of minutes as it is stored, beside the other ways to keep the same readings"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lighting.exchange.reading_roles import ReadingsError
from lighting.exchange.readings_parquet import parquet_module
from lighting.store.binary_copy import binary_rows
from lighting.store.reading_columns import FIELDS, ReadingColumns
from lighting.store.store import open_store
from tests.bench.bench_ingest import DAY_MS, FACTS, HOUR_MS, START_MS, ZONE, history, plain_table
from tests.bench.table import Row

SERIES, MINUTE_MS = 200, 60_000
POLLS_AN_HOUR = 60


def run(*, large: bool = False) -> list[Row]:
    """All with the same columns and the same figures, of as many decimals as meters tell; ``large`` adds nothing."""
    del large
    readings = _as_meters_tell(history(SERIES, START_MS, START_MS + DAY_MS, MINUTE_MS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        live, bulk = _live(folder, readings), _bulk(folder, readings)
        others = {
            "rows in SQLite, key (time, series)": _rows(folder, readings, "at_ms, series_key"),
            "rows in SQLite, key (series, time)": _rows(folder, readings, "series_key, at_ms"),
            "rows in PostgreSQL, key (series, time)": _server(readings),
            "Parquet, zstd, by series and time": _parquet(folder, readings),
        }
    found = [Row("ours, live, reordered, with rollups", live, "bytes"), Row("ours, bulk, with rollups", bulk, "bytes")]
    for what, size in others.items():
        if size is None:
            found.append(Row(f"{what}: not there", 0, "bytes"))
        else:
            found.append(Row(what, size, "bytes", f"ours, live: {live / size:.2f} ×; ours, bulk: {bulk / size:.2f} ×"))
    return found


def _as_meters_tell(readings: ReadingColumns) -> ReadingColumns:
    places = {"power_w": 1, "voltage_v": 1, "current_a": 3, "power_factor": 3}
    return replace(readings, **{name: np.round(getattr(readings, name), count) for name, count in places.items()})


def _live(folder: Path, readings: ReadingColumns) -> float:
    """A poll at a time, rolled up by the hour, reordered at the end as every night."""
    order = np.argsort(readings.at_ms, kind="stable")
    file = folder / "live.sqlite3"
    facts = dict.fromkeys(range(1, SERIES + 1), FACTS)
    with open_store(f"sqlite:///{file}") as store:
        for poll, start in enumerate(range(0, len(order), SERIES)):
            store.readings.append(readings.take(order[start : start + SERIES]).readings())
            if poll % POLLS_AN_HOUR == POLLS_AN_HOUR - 1:
                store.rollups.roll(START_MS + (poll + 1) * MINUTE_MS, ZONE, facts)
        store.readings.reorder(START_MS + DAY_MS)
        store.checkpoint()
    return _used(file) / len(readings)


def _bulk(folder: Path, readings: ReadingColumns) -> float:
    file = folder / "bulk.sqlite3"
    with open_store(f"sqlite:///{file}") as store:
        store.readings.append_columns(readings)
        store.rollups.roll(START_MS + DAY_MS + HOUR_MS, ZONE, dict.fromkeys(range(1, SERIES + 1), FACTS))
        store.checkpoint()
    return _used(file) / len(readings)


def _used(file: Path) -> float:
    """Bytes of the pages that hold anything: those that are free are used again before the file grows."""
    with sqlite3.connect(file) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("page_count", "freelist_count", "page_size")
        )
    return float((pages - free) * size)


def _rows(folder: Path, readings: ReadingColumns, key: str) -> float:
    file = folder / f"rows-{key}.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute(plain_table(key, without_rowid=True))
        connection.executemany(f"INSERT INTO reading VALUES ({', '.join('?' * len(FIELDS))})", readings.rows())
    return _used(file) / len(readings)


def _server(readings: ReadingColumns) -> float | None:
    """With its index, as the primary key needs it."""
    url = os.environ.get("LIGHTING_TEST_POSTGRES", "")
    if not url:
        return None
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(plain_table("series_key, at_ms", temporary=True))
        into = f"COPY reading ({', '.join(FIELDS)}) FROM STDIN WITH (FORMAT BINARY)"
        with connection.cursor().copy(into.encode()) as copy:
            copy.write(binary_rows(readings))
        row = connection.execute("SELECT pg_total_relation_size('reading')").fetchone()
    return None if row is None else row[0] / len(readings)


def _parquet(folder: Path, readings: ReadingColumns) -> float | None:
    try:
        parquet = parquet_module()
    except ReadingsError:
        return None
    import pyarrow as pa

    columns: dict[str, NDArray[np.generic]] = {name: getattr(readings, name) for name in FIELDS}
    file = folder / "readings.parquet"
    parquet.write_table(pa.table(columns), file, compression="zstd")
    return file.stat().st_size / len(readings)
