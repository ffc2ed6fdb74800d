"""A year's energy report of 10,000 circuits from its rollups: `lighting report`, whole, in each form"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import numpy as np

from lighting.assets.folder import folder_texts
from lighting.energy.account import ACCOUNT_COLUMNS
from lighting.energy.slots import day_start_ms, hour_edges_of_day
from lighting.energy.worlds import WORLDS
from lighting.store.store import Store, open_store, store_url_for
from tests.bench.bench_city import write_site
from tests.bench.bench_fleet import CIRCUITS as CIRCUITS_OF_A_CABINET
from tests.bench.table import Row
from tests.lighting.desk.energy_store import BASIS, write

CABINETS, DISTRICTS = 1000, 20
CIRCUITS = CABINETS * CIRCUITS_OF_A_CABINET
YEAR, DAYS, TIMEZONE = 2025, 365, "Asia/Ho_Chi_Minh"
FORMS = ("html", "pdf", "xlsx", "csv", "json")
MOST_SECONDS, MOST_MB = 5.0, 500.0
TIMES = 3
_FIRST, _LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)

_WHOLE = """
import json, sys, time
from lighting.__main__ import main
from tests.bench.peak import peak_mb
sys.argv[0] = "lighting"
try:
    main()
except SystemExit as left:
    print(json.dumps([left.code, time.process_time(), peak_mb()]))
"""
_ASSEMBLY = """
import json, sys, time
from datetime import date
from pathlib import Path
from lighting.desk.desk import Desk
with Desk(Path(sys.argv[1]), user_id="operator") as desk:
    began = time.perf_counter()
    report = desk.energy_report(date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3]))
    print(json.dumps([time.perf_counter() - began, len(report.circuits), len(report.days)]))
"""


@dataclass(frozen=True, slots=True)
class Whole:
    """One `lighting report`: from its call to its end, its processor time, its peak of memory, the bytes written."""

    seconds: float
    cpu_s: float
    held_mb: float
    written: int


def run(*, large: bool = False) -> list[Row]:
    """Each report in a process of its own, so that its memory is its own; ``large`` adds nothing."""
    del large
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "city"
        hours = make_city(folder)
        _whole(folder, "html")  # compiles what a program that is installed has compiled already
        rows = [row for form in FORMS for row in _rows(folder, form)]
        assembled_s, plain_s = _assembled_s(folder), _plain_sums(folder, hours)
    return [*rows, Row("of that, assembled", assembled_s, "s", "the sums alone in SQLite", plain_s)]


def _rows(folder: Path, form: str) -> list[Row]:
    found = [_whole(folder, form) for _ in range(TIMES if form == "html" else 1)]
    seconds, cpu_s = median(one.seconds for one in found), median(one.cpu_s for one in found)
    held_mb = max(one.held_mb for one in found)
    what = f"lighting report, {CIRCUITS:,} circuits, .{form}"
    asked = f"≤ {MOST_SECONDS:.0f} s, ≤ {MOST_MB:.0f} MB"
    beside = f"{cpu_s:.2f} s of a processor, {held_mb:.0f} MB at most, {found[0].written / 1e6:.2f} MB written"
    is_met = seconds <= MOST_SECONDS and held_mb <= MOST_MB
    return [Row(what, seconds, "s", beside, asked=asked, met=is_met)]


def make_city(folder: Path) -> list[tuple[object, ...]]:
    """A site folder of so many circuits, accepted, with the accounts of a year in its store; the hours of them."""
    districts = [f"D-{n:02d}" for n in range(DISTRICTS)]
    write_site(folder, list(range(2000, 2000 + CABINETS)), districts)
    with open_store(store_url_for(folder)) as store:
        store.revisions.add(folder_texts(folder), at_ms=0, by="operator", note="")
        circuits = [f"K{n:04}-{m + 1}" for n in range(CABINETS) for m in range(CIRCUITS_OF_A_CABINET)]
        return fill_year(store, districts, circuits)


def fill_year(store: Store, district_ids: Sequence[str], circuit_ids: Sequence[str]) -> list[tuple[object, ...]]:
    """Accounts as they would be kept up: of each circuit and month, of each district and hour. Returns the hours."""
    districts = list(store.keys.ensure("district", list(district_ids), at_ms=0).values())
    circuits = list(store.keys.ensure("circuit", list(circuit_ids), at_ms=0).values())
    days = [_FIRST + timedelta(days=n) for n in range(DAYS)]
    chance = np.random.default_rng(5)
    months = []
    for month in range(1, 13):
        start = day_start_ms(date(YEAR, month, 1), TIMEZONE)
        months += [(start, key, 0, *one) for key, one in zip(circuits, _figures(chance, len(circuits)), strict=True)]
    hours: list[tuple[object, ...]] = []
    for day in days:
        for start in hour_edges_of_day(day, TIMEZONE)[:-1]:
            figures = _figures(chance, len(districts))
            hours += [(start, key, 0, *one, 7) for key, one in zip(districts, figures, strict=True)]
    states = [(day_start_ms(day, TIMEZONE), False, BASIS, 1, 1) for day in days]
    write(store, hours, [], months, states)
    return hours


def _figures(chance: np.random.Generator, count: int) -> list[list[int]]:
    found = chance.integers(1_000_000, 90_000_000, (count, len(ACCOUNT_COLUMNS)))
    found[:, : len(WORLDS)].sort(axis=1)
    found[:, : len(WORLDS)] = found[:, len(WORLDS) - 1 :: -1]
    return list(found.tolist())


def _child(*arguments: str) -> list[float]:
    """What the last line that a child says holds."""
    done = subprocess.run([sys.executable, "-c", *arguments], capture_output=True, text=True)
    if done.returncode or not done.stdout:
        raise RuntimeError(f"the measured process failed: {done.stderr.strip()}")
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _whole(folder: Path, form: str) -> Whole:
    out = folder / f"year.{form}"
    span = ("--from", _FIRST.isoformat(), "--to", _LAST.isoformat())
    began = time.perf_counter()
    code, cpu_s, held_mb = _child(_WHOLE, "--site", str(folder), "--user", "operator", "report", *span, "-o", str(out))
    seconds = time.perf_counter() - began
    if code != 0:
        raise RuntimeError(f"lighting report left with {code:.0f}")
    return Whole(seconds, cpu_s, held_mb, out.stat().st_size)


def _assembled_s(folder: Path) -> float:
    seconds, circuits, days = _child(_ASSEMBLY, str(folder), _FIRST.isoformat(), _LAST.isoformat())
    if (circuits, days) != (CIRCUITS, DAYS):
        raise RuntimeError("the report is not whole")
    return seconds


def _plain_sums(folder: Path, hours: Sequence[tuple[object, ...]]) -> float:
    """Seconds that SQLite alone needs for the sums that the report is made of, were hours kept as rows."""
    sums = ", ".join(f"SUM({name})" for name in ACCOUNT_COLUMNS)
    columns = ", ".join(("start_ms", "district_key", "kind", *ACCOUNT_COLUMNS, "reactive_vars"))
    with sqlite3.connect(folder / "state" / "lighting.sqlite3") as connection:
        connection.execute(f"CREATE TEMP TABLE hour ({columns}, PRIMARY KEY (start_ms, district_key, kind))")
        connection.executemany(f"INSERT INTO hour VALUES ({', '.join('?' * len(hours[0]))})", hours)
        began = time.perf_counter()
        connection.execute(f"SELECT subject_key, {sums} FROM account_month GROUP BY 1").fetchall()
        connection.execute(f"SELECT start_ms, district_key, {sums} FROM hour GROUP BY 1, 2").fetchall()
        return time.perf_counter() - began
