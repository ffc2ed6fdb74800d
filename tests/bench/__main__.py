"""``make bench``: every benchmark in turn. ``--only NAME`` runs one, ``--large`` a large city's sizes."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time

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
    missed = []
    started = time.perf_counter()
    for name in arguments.only or BENCHES:
        bench = importlib.import_module(f"tests.bench.bench_{name}")
        rows = bench.run(large=arguments.large)
        print_rows(bench.__doc__.splitlines()[0] if bench.__doc__ else name, rows)
        missed += [row.what for row in rows if row.met is False]
        sys.stdout.flush()
    print(
        f"\n{time.perf_counter() - started:.0f} s in all; "
        + (f"not met: {', '.join(missed)}" if missed else "all bounds met")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
