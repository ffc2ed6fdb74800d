"""What a benchmark says: one row a figure, with its peer and what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """``ours`` and ``peer`` share ``unit``. ``asked`` is the bound in words; ``met`` None where nothing was asked."""

    what: str
    ours: float
    unit: str
    peer_name: str = ""
    peer: float | None = None
    asked: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.peer else None


def best_of(run: Callable[[], object], *, times: int = 5, how: Literal["median", "best"] = "median") -> float:
    """Seconds of one call: the median (or the best) of several, after one that is not counted."""
    run()
    seconds = []
    for _ in range(times):
        start = perf_counter()
        run()
        seconds.append(perf_counter() - start)
    return median(seconds) if how == "median" else min(seconds)


def print_rows(title: str, rows: Iterable[Row]) -> None:
    """Print rows aligned; a missed bound is said, not hidden."""
    print(f"\n{title}")
    for row in rows:
        peer = f"{row.peer_name} {row.peer:,.3g} {row.unit}" if row.peer is not None else row.peer_name
        ratio = f"ratio {row.ratio:.3g}" if row.ratio is not None else ""
        verdict = {True: "met", False: "NOT MET", None: ""}[row.met]
        line = f"  {row.what:<40} {row.ours:>10,.4g} {row.unit:<8} {peer:<38} {ratio:<13} {row.asked:<20} {verdict}"
        print(line.rstrip())
