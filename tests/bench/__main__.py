"""``make bench``: every benchmark in turn. ``--only NAME`` runs one, ``--large`` a large city's sizes."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time

from tests.bench import bench_hundred
from tests.bench.table import print_rows

BENCHES = (
    "start",
    "sun",
    "polls",
    "cost",
    "dead",
    "fleet",
    "city",
    "readings",
    "ingest",
    "disk",
    "hundred",
    "accounts",
    "energy",
    "champaign",
    "schedule",
    "report",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHES, action="append")
    parser.add_argument("--large", action="store_true", help="the sizes of a large city (slower)")
    arguments = parser.parse_args()
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    print(f"Python {platform.python_version()}, {cores} cores, {platform.machine()}, load {load:.1f}")
    if load > cores / 2:
        print("Others are at work on this machine: figures of threads (libmodbus) and of the server suffer most.")
    chosen = arguments.only or BENCHES
    if arguments.large and "hundred" in chosen and not _has_room():
        return 2
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # programs that are measured start as an installed one does
    missed = []
    started = time.perf_counter()
    for name in chosen:
        began = time.perf_counter()
        bench = importlib.import_module(f"tests.bench.bench_{name}")
        rows = bench.run(large=arguments.large)
        if rows:
            title = bench.__doc__.splitlines()[0] if bench.__doc__ else name
            print_rows(f"{title} ({time.perf_counter() - began:.0f} s)", rows)
        missed += [row.what for row in rows if row.met is False]
        sys.stdout.flush()
    print(
        f"\n{time.perf_counter() - started:.0f} s in all; "
        + (f"not met: {', '.join(missed)}" if missed else "all bounds met")
    )
    return 0


def _has_room() -> bool:
    """Say what disk the largest bench needs, before any other takes its time."""
    said, has_room = bench_hundred.needs()
    print(said, flush=True)
    if not has_room:
        print("Too little: name a folder on a larger disk in LIGHTING_BENCH_FOLDER.", file=sys.stderr)
    return has_room


if __name__ == "__main__":
    sys.exit(main())
