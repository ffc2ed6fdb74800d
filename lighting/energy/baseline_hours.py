"""The hours of the baseline: when its lamps would be switched on and off at a place, by its switching point.

A photocell switches on when the light falls under one threshold and off when it rises over another; between the two it
stays as it is. The off threshold may be the lower one (cells of 70/35 lx): such a cell switches off when the morning
has passed it, at the latest when it passes the on threshold. Polar nights are lit through, polar days not at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.assets.baseline import Baseline, LitSpan, SwitchingPoint
from lighting.energy.sky_light import elevation_of_lx
from lighting.schedule.sun import NONE_MS, elevation_deg, events

Spans = NDArray[np.int64]
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
_LOOK_BACK_DAYS = (2, 8, 400)
"""To find whether lamps are lit at the beginning: one day is enough but near the poles."""
_LONGEST_OFF_MS = 36 * HOUR_MS
"""A longer time without light in a log is a gap in the log, which the switching point fills; in a polar day it fills it
with nothing."""
_BESIDE_MS = 2 * HOUR_MS


def switching_elevations(
    point: SwitchingPoint, logged: tuple[LitSpan, ...] = (), place: tuple[float, float] = (0, 0)
) -> tuple[float, float]:
    """Return the elevations of the sun in degrees at which the lamps go on in the evening and off in the morning.

    Of logged hours: the medians of the log at that ``place`` (latitude, longitude). Without any: a cell of 35/70 lx.
    """
    if point.is_logged and logged:
        log = np.array([(night.on_ms, night.off_ms) for night in logged], dtype=np.int64)
        on_deg, off_deg = np.median(elevation_deg(log, *place), axis=0).tolist()
        return on_deg, off_deg
    if point.on_elevation_deg is not None and point.off_elevation_deg is not None:
        return point.on_elevation_deg, point.off_elevation_deg
    default = SwitchingPoint()
    on_lx, off_lx = point.on_lx or default.on_lx or 0.0, point.off_lx or default.off_lx or 0.0
    return elevation_of_lx(on_lx), elevation_of_lx(off_lx)


def baseline_spans(baseline: Baseline, latitude_deg: float, longitude_deg: float, from_ms: int, until_ms: int) -> Spans:
    """Return (n, 2) UTC ms: when the baseline's lamps are lit within [from, until), in order and apart.

    Where hours are logged the log counts, and before, after and in its gaps its own switching elevations.
    """
    if until_ms <= from_ms:
        return np.empty((0, 2), np.int64)
    place = (latitude_deg, longitude_deg)
    on_deg, off_deg = switching_elevations(baseline.switching, baseline.logged, place)
    spans = _sun_spans(on_deg, off_deg, place, from_ms, until_ms)
    if baseline.switching.is_logged and baseline.logged:
        log = np.array([(night.on_ms, night.off_ms) for night in baseline.logged], dtype=np.int64)
        spans = _joined(np.concatenate([_outside(spans, _covered(log)), _clipped(log, from_ms, until_ms)]))
    return spans


def lit_ms_between(spans: Spans, edges_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n_edges - 1,) how long the spans are lit between edges, in ms: cut at every edge, nothing twice."""
    if spans.size == 0:
        return np.zeros(max(len(edges_ms) - 1, 0), np.int64)
    lengths = np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])])
    begun = np.searchsorted(spans[:, 0], edges_ms, side="right")
    running = np.where(begun > 0, spans[np.maximum(begun - 1, 0), 1] - edges_ms, 0)
    until: NDArray[np.int64] = (lengths[begun] - np.maximum(running, 0)).astype(np.int64)
    found: NDArray[np.int64] = np.diff(until)
    return found


def _sun_spans(on_deg: float, off_deg: float, place: tuple[float, float], from_ms: int, until_ms: int) -> Spans:
    lit = False
    for days in _LOOK_BACK_DAYS:
        changes_ms, states = _changes(on_deg, off_deg, place, from_ms - days * DAY_MS, until_ms)
        before = int(np.searchsorted(changes_ms, from_ms, side="right"))
        at_start = float(elevation_deg(from_ms, *place))
        if before > 0:
            lit = bool(states[before - 1])
            break
        if at_start < min(on_deg, off_deg) or at_start >= max(on_deg, off_deg):
            lit = at_start < min(on_deg, off_deg)
            break
    else:
        lit = at_start < on_deg
    inside = slice(before, None)
    return _spans_of(changes_ms[inside], states[inside], lit, from_ms, until_ms)


def _spans_of(
    changes_ms: NDArray[np.int64], states: NDArray[np.bool_], lit: bool, from_ms: int, until_ms: int
) -> Spans:
    """Turn changes of state in order into spans; a change to the state that is already there is none."""
    times = np.concatenate([[from_ms], changes_ms, [until_ms]]).astype(np.int64)
    state = np.concatenate([[lit], states, [False]])
    is_change = np.concatenate([[bool(lit)], state[1:] != state[:-1]])
    edges = times[is_change]
    spans: Spans = edges.reshape(-1, 2)
    return spans[spans[:, 1] > spans[:, 0]]


def _changes(
    on_deg: float, off_deg: float, place: tuple[float, float], from_ms: int, until_ms: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return every crossing that switches, in order of time, and whether the lamps are lit after it."""
    starts = np.arange(from_ms, until_ms, DAY_MS, dtype=np.int64)
    ends = np.minimum(starts + DAY_MS, until_ms)
    crossings = events(starts, ends, *place, (on_deg, off_deg))
    down_ms, up_ms = crossings.down_ms[0, :, 0].ravel(), crossings.up_ms[0, :, 1].ravel()
    if off_deg < on_deg:  # a night that never gets so dark ends where it began
        up_ms = np.concatenate([up_ms, crossings.up_ms[0, :, 0].ravel()])
    times = np.concatenate([down_ms, up_ms])
    states = np.concatenate([np.ones(down_ms.size, bool), np.zeros(up_ms.size, bool)])
    order = np.argsort(times, kind="stable")
    is_there = times[order] != NONE_MS
    return times[order][is_there], states[order][is_there]


def _covered(log: Spans) -> Spans:
    """Return the times of which the log tells: from before a first on to after a last off, without gaps.

    The two hours beside are dark in the log too: its night may have begun later or ended earlier than the sun's.
    """
    breaks = np.flatnonzero(log[1:, 0] - log[:-1, 1] > _LONGEST_OFF_MS) + 1
    return np.array(
        [(part[0, 0] - _BESIDE_MS, part[-1, 1] + _BESIDE_MS) for part in np.split(log, breaks)], dtype=np.int64
    )


def _outside(spans: Spans, covered: Spans) -> Spans:
    """Return the parts of spans that lie in none of the covered times."""
    edges = np.concatenate([[np.iinfo(np.int64).min], covered.ravel(), [np.iinfo(np.int64).max]]).reshape(-1, 2)
    parts = [_clipped(spans, int(first), int(last)) for first, last in edges]
    return np.concatenate(parts)


def _clipped(spans: Spans, from_ms: int, until_ms: int) -> Spans:
    cut = np.clip(spans, from_ms, until_ms)
    found: Spans = cut[cut[:, 1] > cut[:, 0]]
    return found


def _joined(spans: Spans) -> Spans:
    """Return the spans in order, those that touch made one."""
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    if not spans.size:
        return spans
    begins = np.concatenate([[True], spans[1:, 0] > np.maximum.accumulate(spans[:, 1])[:-1]])
    firsts = np.flatnonzero(begins)
    return np.stack([spans[firsts, 0], np.maximum.reduceat(spans[:, 1], firsts)], axis=1)
