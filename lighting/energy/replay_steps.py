"""The instants of a replay, and the few of them at which the decision has to be worked out.

The span is cut into steps of equal length, from the noon of each lighting night; what holds in the middle of a step
counts for the whole of it (the mid-point rule). Between two changes, once ramps and warm-ups are over, every instant
has the same levels: only one of them is worked out, and the others refer to its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.grid import borders_of, look_back_ms
from lighting.schedule.inputs import Inputs
from lighting.schedule.night import night_span_ms
from lighting.schedule.site_index import NightPrograms, SiteIndex
from lighting.schedule.sun import elevation_deg

MS_PER_H = 3_600_000.0


@dataclass(frozen=True, slots=True)
class Steps:
    """Steps of some nights in order: (n_steps,) the instant in the middle of each (UTC ms), its length in hours, and
    which of the nights it is in. They cover from ``start_ms`` to ``end_ms`` without gap or overlap.
    """

    nights: tuple[date, ...]
    start_ms: int
    end_ms: int
    at_ms: NDArray[np.int64]
    hours: NDArray[np.float64]
    night: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Rows:
    """``at_ms`` (n_rows,) are worked out; ``of_step`` (n_steps,) is the row of each step, never descending."""

    at_ms: NDArray[np.int64]
    of_step: NDArray[np.intp]
    starts: NDArray[np.intp]


def steps_of(nights: Sequence[date], timezone: str, step_ms: int) -> Steps:
    """Return the steps of consecutive lighting nights; the last of a night is shorter where its length says so."""
    spans = [night_span_ms(night, timezone) for night in nights]
    begins = [np.arange(start, end, step_ms, dtype=np.int64) for start, end in spans]
    ends = [np.minimum(begin + step_ms, end) for begin, (_, end) in zip(begins, spans, strict=True)]
    begin, end = np.concatenate(begins), np.concatenate(ends)
    return Steps(
        nights=tuple(nights),
        start_ms=spans[0][0],
        end_ms=spans[-1][1],
        at_ms=(begin + end) // 2,
        hours=(end - begin) / MS_PER_H,
        night=np.repeat(np.arange(len(spans), dtype=np.intp), [len(one) for one in begins]),
    )


def batches(steps: Steps, most_nights: int) -> Iterator[tuple[Steps, slice]]:
    """Yield the steps of a few nights at a time, with the slice that they are of all."""
    for first in range(0, len(steps.nights), most_nights):
        nights = steps.nights[first : first + most_nights]
        begin, end = np.searchsorted(steps.night, (first, first + len(nights))).tolist()
        span = slice(begin, end)
        middle, half_ms = steps.at_ms[span], steps.hours[span] * MS_PER_H / 2
        yield (
            Steps(
                nights,
                start_ms=int(middle[0] - half_ms[0]),
                end_ms=int(np.ceil(middle[-1] + half_ms[-1])),
                at_ms=middle,
                hours=steps.hours[span],
                night=steps.night[span] - first,
            ),
            span,
        )


def rows_of(index: SiteIndex, steps: Steps, inputs: Inputs) -> Rows:
    """Return the instants that differ. ``inputs`` are those that the decision is given."""
    programs = index.night_programs(steps.nights)
    flips = _flips(index, steps.at_ms)
    borders = borders_of(index, programs, inputs, steps.start_ms - 1, steps.end_ms)
    borders = np.unique(np.concatenate([borders, flips]))
    latest = np.searchsorted(borders, steps.at_ms, side="right") - 1
    is_settled = steps.at_ms - borders[latest] >= look_back_ms(index)
    may_switch = borders if index.site.photocells else np.unique(np.fromiter(_switching(programs), np.int64))
    before = np.searchsorted(may_switch, steps.at_ms, side="right") - 1
    since_ms = np.where(before >= 0, steps.at_ms - may_switch[np.maximum(before, 0)], _LONG_MS)
    is_settled &= since_ms >= look_back_ms(index, planned=True)
    is_settled &= ~_in_ramps(programs, steps.at_ms)
    same = np.zeros(is_settled.shape, dtype=np.bool_)
    same[1:] = is_settled[1:] & is_settled[:-1] & (latest[1:] == latest[:-1])
    return Rows(
        at_ms=steps.at_ms[~same],
        of_step=np.cumsum(~same, dtype=np.intp) - 1,
        starts=np.flatnonzero(~same),
    )


_LONG_MS = 2**62


def _switching(programs: Sequence[NightPrograms]) -> Iterator[int]:
    """Yield the moments at which lamps may be switched on: their warm-up begins there."""
    for night in programs:
        yield from (night.sun.start_ms, *night.sun.thresholds[-1].rises_ms, *night.sun.thresholds[-1].sets_ms)
        for column in night.columns:
            was_on = False
            for stretch in column.stretches or ():
                is_on = bool(stretch.lighting_class) or stretch.level_pct > 0
                if is_on and not was_on:
                    yield stretch.from_ms
                was_on = is_on


def merged(rows: Rows, differs: NDArray[np.bool_]) -> tuple[Rows, NDArray[np.intp]]:
    """Return fewer rows, and which of the old ones they are: (n_rows,) ``differs`` says where one differs from the one
    before.
    """
    kept = np.flatnonzero(differs)
    new = np.cumsum(differs, dtype=np.intp) - 1
    return Rows(rows.at_ms[kept], new[rows.of_step], rows.starts[kept]), kept


def _flips(index: SiteIndex, at_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the instants that are the first after the sun passed the limit of a photocell, which is no border."""
    limits = {
        min(index.site.photocells[column.photocell].latest_elevation_deg, index.site.control.dusk_elevation_deg)
        for column in index.columns
        if column.photocell
    }
    if not limits:
        return np.zeros(0, dtype=np.int64)
    elevation = elevation_deg(at_ms, index.site.latitude_deg, index.site.longitude_deg)
    found = [at_ms[1:][(elevation[1:] < limit) != (elevation[:-1] < limit)] for limit in sorted(limits)]
    return np.concatenate(found)


def _in_ramps(programs: Sequence[NightPrograms], at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which instants are in the ramp that a step of a program asks for itself."""
    spans = {
        (stretch.from_ms, stretch.from_ms + round(stretch.ramp_s * 1000))
        for night in programs
        for column in night.columns
        for stretch in (*(column.stretches or ()), *column.ring)
        if stretch.ramp_s
    }
    if not spans:
        return np.zeros(at_ms.shape, dtype=np.bool_)
    begins, ends = (np.array(sorted(values), dtype=np.int64) for values in zip(*spans, strict=True))
    begun = np.searchsorted(begins, at_ms, side="right")
    return np.asarray(begun > np.searchsorted(ends, at_ms, side="right"), dtype=np.bool_)
