"""The schedule: a night's plan beside copying it, the live decision, a year's what-if on one core, its growth"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from statistics import median

import numpy as np

from lighting.assets.model import Site
from lighting.energy.full_power import full_power_site
from lighting.energy.replay import World, nights_from, replay
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Instruction
from lighting.schedule.night import night_span_ms
from lighting.schedule.plan import plan_night
from tests.bench.peak import peak_mb
from tests.bench.schedule_city import TIMEZONE, Shape, city, overrides, traffic
from tests.bench.table import Row, print_rows

NIGHT = date(2026, 11, 23)
FIRST, YEAR = date(2026, 1, 1), 365
LARGE = 100_000
SIZES = (1_000, 10_000, 100_000)
GROWTH_NIGHTS = 10
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
MINUTES, ROUNDS = 1440, 4


def plan_rows() -> list[Row]:
    """Plans of a large city, beside copying the same table in turn with them; and its live decision."""
    plain, shaped = city(LARGE, Shape()), city(LARGE, Shape(corrected=True, stagger_s=120.0))
    notes = overrides(shaped, 0.01, NIGHT)
    return [
        *_plan_and_live("plan of 100,000 × 1,440", plain, [], 4.0),
        *_plan_and_live("… corrected, staggered, 1 % overridden", shaped, notes, 8.0),
    ]


def _plan_and_live(name: str, site: Site, notes: list[Instruction], most: float) -> list[Row]:
    table = np.zeros((MINUTES, LARGE), dtype=np.float32)
    table[:] = 1.0
    ours, copies = [], []
    for _ in range(ROUNDS + 1):
        copies.append(_seconds(table.copy))
        ours.append(_seconds(lambda: plan_night(site, NIGHT, notes)))
    ratio = median(one / copy for one, copy in zip(ours[1:], copies[1:], strict=True))
    at_ms = np.array([night_span_ms(NIGHT, TIMEZONE)[0] + 9 * 3_600_000], dtype=np.int64)
    live = Conditions(on_since_ms=np.full(LARGE, int(at_ms[0]) - 3_600_000, dtype=np.int64))
    live_ms = 1000 * median([_seconds(lambda: decide(site, at_ms, notes, live)) for _ in range(8)][1:])
    copy_s = median(copies[1:])
    return [
        Row(name, median(ours[1:]), "s", "copying 576 MB", copy_s, f"≤ {most:g} ×", ratio <= most, ratio),
        Row("live decision of the same city", live_ms, "ms", asked="≤ 50 ms", met=live_ms <= 50.0),
    ]


def _seconds(work: Callable[[], object]) -> float:
    """Processor seconds: all of it runs in one thread, and others on the machine are then left out."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def what_if(n: int, n_nights: int) -> dict[str, float]:
    """Three worlds over so many nights on one core: its seconds, and the peak of memory of this process."""
    nights = nights_from(FIRST, FIRST + timedelta(days=n_nights - 1))
    present = city(n, Shape(traffic=True, stagger_s=120.0))
    counted = traffic(present, nights)
    other = replace(present, programs={**present.programs, "p0": replace(present.programs["p5"], id="p0")})
    before_mb, begun = peak_mb(), time.process_time()
    for world in (World(other, counted), World(present, counted), World(full_power_site(present))):
        replay(world, nights)
    return {"s": time.process_time() - begun, "peak_mb": peak_mb(), "before_mb": before_mb}


def in_a_process(n: int, n_nights: int) -> dict[str, float]:
    """The same in a process of its own, on one core."""
    words = [sys.executable, "-m", "tests.bench.bench_schedule", str(n), str(n_nights)]
    done = subprocess.run(words, env={**os.environ, **ONE_THREAD}, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def what_if_rows() -> list[Row]:
    year = in_a_process(10_000, YEAR)
    taken_s, peak = year["s"], year["peak_mb"]
    rows = [
        Row("year's what-if, 10,000 circuits, 3 worlds", taken_s, "s", asked="≤ 20 s, one core", met=taken_s <= 20.0),
        Row("its peak of memory", peak, "MB", asked="≤ 1,000 MB", met=peak <= 1000.0),
    ]
    seconds = {n: in_a_process(n, GROWTH_NIGHTS)["s"] for n in SIZES}
    for n, taken in seconds.items():
        each_us = taken * 1e6 / (n * GROWTH_NIGHTS)
        rows.append(Row(f"{GROWTH_NIGHTS} nights of {n:,} circuits: {taken:.2f} s", each_us, "µs a circuit and night"))
    growth = seconds[SIZES[-1]] / seconds[SIZES[0]]
    most = 1.2 * SIZES[-1] / SIZES[0]
    rows.append(Row("growth from 1,000 to 100,000 circuits", growth, "×", asked="≤ 120 × (linear)", met=growth <= most))
    return rows


def run(*, large: bool = False) -> list[Row]:
    return [*plan_rows(), *what_if_rows()]


def _child(n: int, n_nights: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(json.dumps(what_if(n, n_nights)))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        _child(int(sys.argv[1]), int(sys.argv[2]))
    else:
        print_rows(__doc__ or "", run())
