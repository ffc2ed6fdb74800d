"""The roots of the sun's elevation in windows of time: a quick road for the plain case, a careful one for the rest.

Plain: middle latitudes, the sun crosses the threshold steeply and well inside the window; Newton from the hour angle of
noon's declination. Careful: sample the elevation, refine its extremes, bisect every change of sign; so a sun that only
just rises, two sets in one window and the poles themselves are no special cases.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.sun_place import DAY_MS, Floats, SunTrack, TrackPoint, observer_figures

NONE_MS = int(np.iinfo(np.int64).min)
"""Stands for "no crossing" in arrays of instants."""

_TURN = 2.0 * np.pi
_ALWAYS_DOWN, _ALWAYS_UP = 0, 4
_MARGIN_MS = 1_800_000.0  # a steep crossing moves by less than this from day to day
_STEEPEST_LATITUDE_DEG = 75.0
_GENTLE_MARGIN_MS = 600_000.0  # the same, at lower latitudes and away from the shortest and longest days
_GENTLE_LATITUDE_DEG = 66.0
_GENTLE_ARC = 0.64
_STEEP_COSINE = 0.95
_DRIFT = 0.004  # sine of the declination's drift in half a long window
_PLAIN_WINDOW_MS = 26 * 3_600_000
_SAMPLE_MS = 900_000
_NEWTON_STEPS = 2
_BISECTIONS = 21  # 15 minutes to under a millisecond

Bools = NDArray[np.bool_]
_Past = Callable[[Floats], Bools]
Crossed = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class Observers:
    """Places as the height function needs them, arrays that broadcast against instants."""

    sin_latitude: Floats
    cos_latitude: Floats
    longitude_rad: Floats
    lowering: Floats  # by how much the horizon's parallax lowers the sine of elevation, per radian of parallax

    @classmethod
    def at(cls, latitude_deg: Floats, longitude_deg: Floats) -> Self:
        phi = np.radians(latitude_deg)
        rho_cos, rho_sin = observer_figures(latitude_deg)
        sin_phi, cos_phi = np.sin(phi), np.cos(phi)
        return cls(sin_phi, cos_phi, np.radians(longitude_deg), rho_cos * cos_phi + rho_sin * sin_phi)


@dataclass(frozen=True, slots=True)
class WindowedSun:
    """Windows (n_places, n_windows) with the sun's place at their middle, shared by all thresholds."""

    track: SunTrack
    start_ms: Floats
    end_ms: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    observers: Observers
    middle_ms: Floats
    middle: TrackPoint
    sin_sin: Floats
    cos_cos: Floats
    lowering: Floats

    @classmethod
    def over(
        cls,
        track: SunTrack,
        start_ms: NDArray[np.int64],
        end_ms: NDArray[np.int64],
        latitude_deg: Floats,
        longitude_deg: Floats,
    ) -> Self:
        """Prepare windows (n_places, n_windows) for places (n_places, 1)."""
        start, end = start_ms.astype(np.float64), end_ms.astype(np.float64)
        middle = 0.5 * (start + end)
        observers = Observers.at(latitude_deg, longitude_deg)
        point = track.at(middle)
        return cls(
            track=track,
            start_ms=start,
            end_ms=end,
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            observers=observers,
            middle_ms=middle,
            middle=point,
            sin_sin=observers.sin_latitude * point.sine,
            cos_cos=observers.cos_latitude * point.cosine,
            lowering=point.parallax_rad * observers.lowering,
        )


def cross_windows(windows: WindowedSun, threshold_deg: float) -> Crossed:
    """Return up- and down-crossings (n_places, n_windows, 2) int64 and the state (n_places, n_windows) uint8."""
    sine = float(np.sin(np.radians(threshold_deg)))
    needed = sine + windows.lowering - windows.sin_sin  # cos φ cos δ cos H at the crossing
    shape = needed.shape
    up = np.full((*shape, 2), NONE_MS, dtype=np.int64)
    down = np.full((*shape, 2), NONE_MS, dtype=np.int64)
    short = windows.end_ms - windows.start_ms <= _PLAIN_WINDOW_MS
    never = short & (np.abs(needed) > windows.cos_cos + _DRIFT)
    state = np.where(needed > 0.0, _ALWAYS_DOWN, _ALWAYS_UP).astype(np.uint8)
    steep = short & (np.abs(windows.latitude_deg) <= _STEEPEST_LATITUDE_DEG)
    steep &= np.abs(needed) <= _STEEP_COSINE * windows.cos_cos
    if steep.any():
        arc = _half_arc(windows, needed)
        clear_up, rises = _steep_crossings(windows, arc, sine, True, steep, up)
        clear_down, sets = _steep_crossings(windows, arc, sine, False, steep, down)
        plain = steep & clear_up & clear_down & (rises | sets)
        state = np.where(plain, rises + 2 * sets, state).astype(np.uint8)
        steep = plain
    hard = ~(never | steep)
    if hard.any():
        up[hard], down[hard], state[hard] = _careful(windows, hard, sine)
    return up, down, state


@dataclass(frozen=True, slots=True)
class _HalfArc:
    """Half the sun's arc over the threshold at the middle's declination, radians, and by how much it grows in a day."""

    radians: Floats
    growth: Floats


def _half_arc(windows: WindowedSun, needed: Floats) -> _HalfArc:
    cosine = np.clip(needed / np.maximum(windows.cos_cos, 1e-12), -_STEEP_COSINE, _STEEP_COSINE)
    middle = windows.middle
    # dH/dδ = (tan φ − cos H tan δ) / sin H, and the rate of δ is that of sin δ over cos δ.
    tilt = windows.observers.sin_latitude / np.maximum(windows.observers.cos_latitude, 1e-12)
    by_declination = (tilt - cosine * middle.sine / middle.cosine) / np.sqrt(1.0 - cosine * cosine)
    return _HalfArc(np.arccos(cosine), by_declination * middle.sine_rate / middle.cosine)


def _steep_crossings(
    windows: WindowedSun, arc: _HalfArc, sine: float, rising: bool, wanted: Bools, into: NDArray[np.int64]
) -> tuple[Bools, Bools]:
    """Put the crossing nearest each window's middle ``into`` [..., 0]; return where it is clear, and where inside.

    Not clear is what lies near a window's border, or a window that could hold the neighbouring day's crossing too.
    """
    sign = -1.0 if rising else 1.0
    turns = (sign * arc.radians - windows.middle.clock_rad - windows.observers.longitude_rad) / _TURN
    turns -= np.rint(turns)
    at = windows.middle_ms + turns * (1.0 + sign * arc.growth / _TURN) * DAY_MS
    for _ in range(_NEWTON_STEPS):
        height, rate = _height(windows.track, windows.observers, at, sine)
        # Where the sun is not steep the rate may vanish; those are not used.
        with np.errstate(divide="ignore", invalid="ignore"):
            step = height / rate * DAY_MS
        at = at - np.where(wanted, step, 0.0)
    gentle = (arc.radians > _GENTLE_ARC) & (arc.radians < np.pi - _GENTLE_ARC)
    gentle &= np.abs(windows.latitude_deg) <= _GENTLE_LATITUDE_DEG
    margin = np.where(gentle, _GENTLE_MARGIN_MS, _MARGIN_MS)
    start, end = windows.start_ms, windows.end_ms
    inside = (at >= start + margin) & (at <= end - margin)
    outside = (at < start - margin) | (at > end + margin)
    alone = (at + (DAY_MS - margin) >= end) & (at - (DAY_MS - margin) < start)
    found = wanted & inside & alone
    into[..., 0][found] = (np.ceil(at[found]) if rising else np.floor(at[found])).astype(np.int64)
    return (inside | outside) & alone, inside


def _careful(windows: WindowedSun, hard: Bools, sine: float) -> Crossed:
    """Find every crossing in the windows marked ``hard`` by sampling, refining extremes and bisecting."""
    start, end = windows.start_ms[hard], windows.end_ms[hard]
    shape = hard.shape
    observers = Observers.at(
        np.broadcast_to(windows.latitude_deg, shape)[hard], np.broadcast_to(windows.longitude_deg, shape)[hard]
    )
    count = int(np.ceil(float((end - start).max()) / _SAMPLE_MS)) + 1
    at = start[:, None] + (end - start)[:, None] * np.linspace(0.0, 1.0, count)
    wide = _pick(observers, (slice(None), None))
    height, _ = _height(windows.track, wide, at, sine)
    rows, first, last = _brackets(windows.track, observers, at, height, sine)
    up = np.full((start.size, 2), NONE_MS, dtype=np.int64)
    down = np.full((start.size, 2), NONE_MS, dtype=np.int64)
    if rows.size:
        chosen = _pick(observers, rows)
        rising = _height(windows.track, chosen, last, sine)[0] > 0.0
        root = _bisected(lambda t: (_height(windows.track, chosen, t, sine)[0] > 0.0) == rising, first, last)
        _place(up, rows[rising], np.ceil(root[rising]))
        _place(down, rows[~rising], np.floor(root[~rising]))
    rises, sets = up[:, 0] != NONE_MS, down[:, 0] != NONE_MS
    always = np.where(height[:, count // 2] > 0.0, _ALWAYS_UP, _ALWAYS_DOWN)
    return up, down, np.where(rises | sets, rises + 2 * sets, always).astype(np.uint8)


def _brackets(
    track: SunTrack, observers: Observers, at: Floats, height: Floats, sine: float
) -> tuple[NDArray[np.intp], Floats, Floats]:
    """Return rows and spans over which the height changes its sign just once, in order of time in each row."""
    above = height > 0.0
    rows, columns = np.nonzero(above[:, 1:] != above[:, :-1])
    spans = [(rows, at[rows, columns], at[rows, columns + 1])]
    # A top under the threshold between two samples, or a hollow above it, may hide a pair of crossings.
    before, here, after = height[:, :-2], height[:, 1:-1], height[:, 2:]
    hidden = np.where(here > 0.0, (here <= before) & (here <= after), (here >= before) & (here >= after))
    hidden &= (above[:, :-2] == above[:, 1:-1]) & (above[:, 2:] == above[:, 1:-1])
    rows, columns = np.nonzero(hidden)
    if rows.size:
        chosen = _pick(observers, rows)
        first, last, upper = at[rows, columns], at[rows, columns + 2], here[rows, columns] <= 0.0
        top = _bisected(lambda t: (_height(track, chosen, t, sine)[1] < 0.0) == upper, first, last)
        pair = (_height(track, chosen, top, sine)[0] > 0.0) == upper
        spans += [(rows[pair], first[pair], top[pair]), (rows[pair], top[pair], last[pair])]
    row = np.concatenate([span[0] for span in spans])
    first = np.concatenate([span[1] for span in spans])
    last = np.concatenate([span[2] for span in spans])
    order = np.lexsort((first, row))
    return row[order], first[order], last[order]


def _bisected(is_past: _Past, first: Floats, last: Floats) -> Floats:
    for _ in range(_BISECTIONS):
        middle = 0.5 * (first + last)
        past = is_past(middle)
        first, last = np.where(past, first, middle), np.where(past, middle, last)
    return 0.5 * (first + last)


def _place(into: NDArray[np.int64], rows: NDArray[np.intp], at: Floats) -> None:
    """Write instants in the first free places of their rows; ``rows`` ascends, two a row at most are kept."""
    rank = np.arange(rows.size) - np.searchsorted(rows, rows, side="left")
    kept = rank < into.shape[1]
    into[rows[kept], rank[kept]] = at[kept].astype(np.int64)


def _pick(observers: Observers, key: NDArray[np.intp] | tuple[slice, None]) -> Observers:
    return Observers(
        observers.sin_latitude[key],
        observers.cos_latitude[key],
        observers.longitude_rad[key],
        observers.lowering[key],
    )


def _height(track: SunTrack, observers: Observers, at_ms: Floats, sine: float) -> tuple[Floats, Floats]:
    """Return sine of elevation less ``sine`` (both scaled by the topocentric distance), and its rate a day."""
    point = track.at(at_ms)
    hour_angle = point.clock_rad + observers.longitude_rad
    cos_h = np.cos(hour_angle)
    flat = observers.cos_latitude * point.cosine
    horizon = point.parallax_rad * (observers.lowering - sine * sine) + sine
    height = observers.sin_latitude * point.sine + flat * cos_h - horizon
    tilt = observers.sin_latitude - observers.cos_latitude * cos_h * point.sine / point.cosine
    return height, tilt * point.sine_rate - flat * np.sin(hour_angle) * point.clock_rate
