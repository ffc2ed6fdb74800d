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
from lighting.schedule.photocell_gate import gate_borders_ms
from lighting.schedule.site_index import NightPrograms, SiteIndex


@dataclass(frozen=True, slots=True)
class Grid:
    """``at_ms`` (n_grid,) ascending; ``asked`` (n_steps,) are the rows of the instants that were asked about.

    ``dark`` (n_grid,): the sun is under the site's dusk; ``latest`` (n_latest, n_grid): under each of
    ``SiteIndex.latest_deg``. Both follow from the crossings of each night, so that an instant has one answer, whichever
    others are asked about. ``nights`` are the lighting nights, each with the slice of its rows.
    """

    at_ms: NDArray[np.int64]
    asked: NDArray[np.intp]
    dark: NDArray[np.bool_]
    latest: NDArray[np.bool_]
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
    before_acts: bool = True,
) -> Grid:
    """Return the grid of some ascending instants: from one look back before the first to one stagger after the last.

    ``before_acts``: with the moment before each beginning and end of an instruction.
    """
    if not asked_ms.size:
        empty = np.zeros(0, dtype=np.int64)
        nothing = np.zeros((len(index.latest_deg), 0), dtype=np.bool_)
        return Grid(empty, np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.bool_), nothing, ())
    first_ms = int(asked_ms[0]) - look_back_ms(index, planned=planned)
    last_ms = int(asked_ms[-1]) + index.longest_stagger_ms
    spans = nights_between(index, first_ms, last_ms)
    borders = borders_of(index, [night for _, night in spans], inputs, first_ms, last_ms)
    # What people ask begins and ends at once: only who looks for changes needs the moment before, too.
    acts = np.fromiter(_acts(notes), np.int64)
    acts = acts[(acts > first_ms) & (acts <= last_ms)]
    before = np.concatenate([borders, acts]) - 1 if before_acts else borders - 1
    ends = np.array([first_ms], dtype=np.int64)
    at_ms = np.unique(np.concatenate([asked_ms, borders, acts, before, ends]))
    nights = tuple(_slices(at_ms, spans))
    dark = np.zeros(at_ms.shape, dtype=np.bool_)
    latest = np.zeros((len(index.latest_deg), at_ms.size), dtype=np.bool_)
    for rows, night in nights:
        dark[rows] = night.sun.thresholds[_DUSK].under(at_ms[rows])
        for number, threshold in enumerate(night.latest):
            latest[number, rows] = threshold.under(at_ms[rows])
    return Grid(at_ms, np.searchsorted(at_ms, asked_ms).astype(np.intp), dark, latest, nights)


_DUSK = 4
"""The site's own threshold among those of a night."""


def borders_of(
    index: SiteIndex,
    nights: Sequence[NightPrograms],
    inputs: Inputs,
    first_ms: int,
    last_ms: int,
) -> NDArray[np.int64]:
    """Return every moment in (first, last] at which the site's rules change in these nights, in no order.

    Ends of a step's own ramp are among them; ends of the site's ramp and of a warm-up, which follow a border, are not.
    """
    borders = np.fromiter(_borders(index, nights), np.int64)
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


def _borders(index: SiteIndex, nights: Sequence[NightPrograms]) -> Iterable[int]:
    # The twilight at which a step is anchored is the border of a stretch, or a moment of a photocell's gate.
    for night in nights:
        for threshold in (night.sun.thresholds[_DUSK], *night.latest):
            yield from threshold.rises_ms
            yield from threshold.sets_ms
        yield night.sun.start_ms
        for column in night.columns:
            for stretch in (*(column.stretches or ()), *column.ring):
                yield stretch.from_ms
                if stretch.ramp_s:
                    yield stretch.from_ms + round(stretch.ramp_s * 1000)
            if column.ring and column.program is not None:
                yield from gate_borders_ms(column.program, night.sun, index.site.timezone)


def _acts(notes: Sequence[Instruction]) -> Iterable[int]:
    for note in notes:
        for at_ms in span_ms(note):
            if -FOREVER_MS < at_ms < FOREVER_MS:
                yield at_ms
