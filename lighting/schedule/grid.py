"""The instants at which a decision is worked out: those asked about, and every moment at which something changes.

Between two such moments nothing changes but ramps, so that a level follows from what is known there, however far apart
the asked instants are: that is why a minute plan and a live decision of the same instant agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import FOREVER_MS, Instruction, span_ms
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.site_index import NightPrograms, SiteIndex
from lighting.schedule.sun import elevation_deg


@dataclass(frozen=True, slots=True)
class Grid:
    """``at_ms`` (n_grid,) ascending; ``asked`` (n_steps,) are the rows of the instants that were asked about.

    ``elevation_deg`` (n_grid,) is the sun's; ``nights`` are the lighting nights, each with the slice of its rows.
    """

    at_ms: NDArray[np.int64]
    asked: NDArray[np.intp]
    elevation_deg: NDArray[np.float64]
    nights: tuple[tuple[slice, NightPrograms], ...]

    def row_of(self, at_ms: int) -> int | None:
        """Return the row of an instant; None where it is not on the grid."""
        row = int(np.searchsorted(self.at_ms, at_ms))
        return row if row < self.at_ms.size and int(self.at_ms[row]) == at_ms else None


def grid_of(
    index: SiteIndex,
    asked_ms: NDArray[np.int64],
    notes: Sequence[Instruction],
    inputs: Inputs,
    *,
    planned: bool = False,
) -> Grid:
    """Return the grid of some ascending instants: from one look back before the first to one stagger after the last."""
    if not asked_ms.size:
        empty = np.zeros(0, dtype=np.int64)
        return Grid(empty, np.zeros(0, dtype=np.intp), np.zeros(0), ())
    first_ms = int(asked_ms[0]) - look_back_ms(index, planned=planned)
    last_ms = int(asked_ms[-1]) + index.longest_stagger_ms
    spans = nights_between(index, first_ms, last_ms)
    borders = borders_of(index, [night for _, night in spans], notes, inputs, first_ms, last_ms)
    ends = np.array([first_ms], dtype=np.int64)
    at_ms = np.unique(np.concatenate([asked_ms, borders, borders - 1, ends]))
    site = index.site
    return Grid(
        at_ms=at_ms,
        asked=np.searchsorted(at_ms, asked_ms).astype(np.intp),
        elevation_deg=elevation_deg(at_ms, site.latitude_deg, site.longitude_deg),
        nights=tuple(_slices(at_ms, spans)),
    )


def borders_of(
    index: SiteIndex,
    nights: Sequence[NightPrograms],
    notes: Sequence[Instruction],
    inputs: Inputs,
    first_ms: int,
    last_ms: int,
) -> NDArray[np.int64]:
    """Return every moment in (first, last] at which something changes in these nights, in no order.

    Ends of a step's own ramp are among them; ends of the site's ramp and of a warm-up, which follow a border, are not.
    """
    borders = np.fromiter(_borders(index, nights, notes), np.int64)
    borders = np.concatenate([borders, *inputs.changes_between(first_ms, last_ms)])
    return borders[(borders > first_ms) & (borders <= last_ms)]


def look_back_ms(index: SiteIndex, *, planned: bool = False) -> int:
    """Return for how long a level can still show in a ramp; in a plan also how long since lamps warm up or are kept."""
    ramp_ms = round(index.site.control.ramp_down_s * 1000)
    return ramp_ms + index.longest_lamps_ms if planned else ramp_ms


def nights_between(index: SiteIndex, first_ms: int, last_ms: int) -> list[tuple[int, NightPrograms]]:
    """Return the lighting nights from one instant to another, both included, each with the instant of its end."""
    timezone = index.site.timezone
    nights, ends = [], []
    at_ms = first_ms
    while at_ms <= last_ms:
        nights.append(night_of(at_ms, timezone))
        ends.append(night_span_ms(nights[-1], timezone)[1])
        at_ms = ends[-1]
    return list(zip(ends, index.night_programs(nights), strict=True))


def _slices(
    at_ms: NDArray[np.int64], spans: Sequence[tuple[int, NightPrograms]]
) -> Iterable[tuple[slice, NightPrograms]]:
    begin = 0
    for end_ms, night in spans:
        end = int(np.searchsorted(at_ms, end_ms, side="left"))
        if end > begin:
            yield slice(begin, end), night
        begin = end


_SUN_PASSED_MS = 10
"""A crossing is right to some milliseconds: by then the sun is surely on its other side, so that the grid knows it."""


def _borders(index: SiteIndex, nights: Sequence[NightPrograms], notes: Sequence[Instruction]) -> Iterable[int]:
    # What twilight a program's step is anchored at is the border of a stretch; a photocell's program may pass any.
    by_photocell = any(column.photocell for column in index.columns)
    for night in nights:
        for threshold in night.sun.thresholds if by_photocell else night.sun.thresholds[-1:]:
            for at_ms in (*threshold.rises_ms, *threshold.sets_ms):
                yield at_ms
                yield at_ms + _SUN_PASSED_MS
        yield night.sun.start_ms
        for column in night.columns:
            for stretch in column.stretches or ():
                yield stretch.from_ms
                if stretch.ramp_s:
                    yield stretch.from_ms + round(stretch.ramp_s * 1000)
            for stretch in column.ring:
                yield stretch.from_ms
    for note in notes:
        for at_ms in span_ms(note):
            if -FOREVER_MS < at_ms < FOREVER_MS:
                yield at_ms
