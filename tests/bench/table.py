"""What a benchmark says: one row a figure, with its peer and what was asked for; at most 100 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Literal


@dataclass(frozen=True, slots=True)
class Row:
    """``ours`` and ``peer`` share ``unit``. ``asked`` is the bound in words; ``met`` None where nothing was asked.

    ``paired``: the median of ratios measured in turn, better than the ratio of two medians on a noisy machine.
    """

    what: str
    ours: float
    unit: str
    peer_name: str = ""
    peer: float | None = None
    asked: str = ""
    met: bool | None = None
    paired: float | None = None

    @property
    def ratio(self) -> float | None:
        if self.paired is not None:
            return self.paired
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
    """Print rows aligned, the peer on a line of its own; a missed bound is said, not hidden."""
    print(f"\n{title}")
    for row in rows:
        verdict = {True: "met", False: "NOT MET", None: ""}[row.met]
        print(f"  {row.what:<45} {_figure(row.ours):>9} {row.unit:<10} {row.asked:<22} {verdict}".rstrip())
        if row.peer is not None:
            print(f"      {row.ratio or 0:,.3g} × {row.peer_name}: {_figure(row.peer)} {row.unit}")
        elif row.peer_name:
            print(f"      {row.peer_name}")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
