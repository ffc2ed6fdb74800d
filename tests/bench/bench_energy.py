"""A year's energy report of 10,000 circuits from its rollups: seconds and memory, beside one sum of the same rows"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import numpy as np

from lighting.assets.model import District, Site
from lighting.assets.template import write_template
from lighting.desk.desk import Desk
from lighting.energy.account import ACCOUNT_COLUMNS
from lighting.energy.slots import day_start_ms, hour_edges_of_day
from lighting.energy.worlds import WORLDS
from lighting.store.store import Store, open_store, store_url_for
from tests.bench.peak import peak_mb
from tests.bench.table import Row
from tests.lighting.desk.energy_store import BASIS, write

CIRCUITS, DISTRICTS = 10_000, 20
YEAR, DAYS = 2025, 365
MOST_SECONDS, MOST_MB = 3.0, 400.0
TIMES = 3
_FIRST = date(YEAR, 1, 1)


def run(*, large: bool = False) -> list[Row]:
    """Each report in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "city"
        write_template(folder)
        with open_store(store_url_for(folder)) as store:
            fill_year(store, "Asia/Ho_Chi_Minh")
        found = [_reported(folder) for _ in range(TIMES)]
        plain_s = min(_plain_sums(folder) for _ in range(TIMES))
    seconds, held_mb = median(seconds for seconds, _ in found), max(held for _, held in found)
    what = f"a year of {CIRCUITS:,} circuits"
    asked = f"at most {MOST_SECONDS:.0f} s"
    return [
        Row(what, seconds, "s", "the sums alone in SQLite", plain_s, asked, seconds <= MOST_SECONDS),
        Row("memory of that process", held_mb, "MB", asked=f"at most {MOST_MB:.0f} MB", met=held_mb <= MOST_MB),
    ]


def city(site: Site) -> Site:
    """The example site with so many circuits; which devices they are on is nothing to a report."""
    pattern = next(iter(site.circuits.values()))
    districts = {f"D-{n:02d}": District(f"D-{n:02d}", f"District {n}") for n in range(DISTRICTS)}
    names = {f"C-{n:05d}": f"D-{n % DISTRICTS:02d}" for n in range(CIRCUITS)}
    circuits = {name: replace(pattern, id=name, district=district) for name, district in names.items()}
    return replace(site, districts=districts, circuits=circuits)


def fill_year(store: Store, timezone: str) -> None:
    """Rollups as the accounts would leave them: a row a circuit and month, a row a district, kind and hour."""
    districts = list(store.keys.ensure("district", [f"D-{n:02d}" for n in range(DISTRICTS)], at_ms=0).values())
    circuits = list(store.keys.ensure("circuit", [f"C-{n:05d}" for n in range(CIRCUITS)], at_ms=0).values())
    days = [_FIRST + timedelta(days=n) for n in range(DAYS)]
    chance = np.random.default_rng(5)
    months = []
    for month in range(1, 13):
        start = day_start_ms(date(YEAR, month, 1), timezone)
        months += [(start, key, 0, *one) for key, one in zip(circuits, _figures(chance, CIRCUITS), strict=True)]
    hours = []
    for day in days:
        for start in hour_edges_of_day(day, timezone)[:-1]:
            figures = _figures(chance, DISTRICTS)
            hours += [(start, key, 0, *one, 7) for key, one in zip(districts, figures, strict=True)]
    states = [(day_start_ms(day, timezone), False, BASIS, 1, 1) for day in days]
    write(store, hours, [], months, states)


def _figures(chance: np.random.Generator, count: int) -> list[list[int]]:
    found = chance.integers(1_000_000, 90_000_000, (count, len(ACCOUNT_COLUMNS)))
    found[:, : len(WORLDS)].sort(axis=1)
    found[:, : len(WORLDS)] = found[:, len(WORLDS) - 1 :: -1]
    return list(found.tolist())


def _reported(folder: Path) -> tuple[float, float]:
    """(seconds, MB) of one report."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_energy", str(folder)], capture_output=True, text=True, check=True
    )
    seconds, held_mb = json.loads(done.stdout)
    return seconds, held_mb


def _plain_sums(folder: Path) -> float:
    """Seconds that the database alone needs for the sums that the report is made of."""
    sums = ", ".join(f"SUM({name})" for name in ACCOUNT_COLUMNS)
    began = time.perf_counter()
    with sqlite3.connect(folder / "state" / "lighting.sqlite3") as connection:
        connection.execute(f"SELECT subject_key, {sums} FROM account_month GROUP BY 1").fetchall()
        connection.execute(f"SELECT start_ms, district_key, {sums} FROM account_hour GROUP BY 1, 2").fetchall()
    return time.perf_counter() - began


def _report(folder: Path) -> None:
    """The measured process."""
    with Desk(folder, user_id="operator") as desk:
        desk.site = city(desk.site)
        began = time.perf_counter()
        report = desk.energy_report(_FIRST, date(YEAR, 12, 31))
        seconds = time.perf_counter() - began
    if len(report.circuits) != CIRCUITS or len(report.days) != DAYS:
        raise RuntimeError("the report is not whole")
    print(json.dumps([seconds, peak_mb()]))


if __name__ == "__main__":
    _report(Path(sys.argv[1]))
