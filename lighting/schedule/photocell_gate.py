"""How a photocell moves the lit period of a program that is anchored at it.

On early in a storm: lit at any hour at which a believed cell says dark. Late in a bright dusk: not before the cell
says dark, but always while the sun is under the cell's ``latest_elevation_deg`` (civil twilight at the lowest). A cell
that is missing or not believed leaves the sun to decide. The evening's half of the night obeys ``lit_from``, the
morning's half ``lit_until``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Anchor, ControlProgram
from lighting.schedule.inputs import DARK, UNKNOWN, Series
from lighting.schedule.programs import at_sun, moment_ms
from lighting.schedule.sun import NightSun

Bools = NDArray[np.bool_]
Instants = NDArray[np.int64]


def cell_dark(
    known: Series | None, at_ms: Instants, sun_dark: Bools, sun_latest: Bools
) -> tuple[Bools, NDArray[np.int8]]:
    """Return where it counts as dark in the cell's district, and what the cell says (BRIGHT, DARK or UNKNOWN).

    ``sun_dark`` is where the sun is under the site's dusk, ``sun_latest`` where it is so low that no cell is asked.
    """
    if known is None:
        value = np.full(at_ms.shape, UNKNOWN, dtype=np.int8)
    else:
        value, _ = known.at(at_ms)
    return np.where(value == UNKNOWN, sun_dark, (value == DARK) | sun_latest), value


def lit_by_gate(program: ControlProgram, sun: NightSun, timezone: str, at_ms: Instants, dark: Bools) -> Bools:
    """Return where the program is lit in a night, with ``dark`` standing for its photocell."""
    evening = _holds(program.lit_from, sun, timezone, at_ms, dark, is_end=False)
    morning = _holds(program.lit_until, sun, timezone, at_ms, dark, is_end=True)
    from_ms = moment_ms(at_sun(program.lit_from, "dusk"), sun, timezone)
    until_ms = moment_ms(at_sun(program.lit_until, "dawn"), sun, timezone, is_end=True)
    if from_ms is None or until_ms is None or until_ms <= from_ms:
        middle_ms = (sun.start_ms + sun.end_ms) // 2
    else:
        middle_ms = (from_ms + until_ms) // 2
    return np.where(at_ms < middle_ms, evening, morning)


def _holds(anchor: Anchor, sun: NightSun, timezone: str, at_ms: Instants, dark: Bools, *, is_end: bool) -> Bools:
    """Where a lit period has begun by its anchor, or (``is_end``) has not ended yet."""
    if anchor.photocell:
        return dark
    if anchor.parts:
        parts = [_holds(part, sun, timezone, at_ms, dark, is_end=is_end) for part in anchor.parts]
        # Begun at the later: all have begun. Not ended at the later: one of them has not.
        every = bool(anchor.later_of) != is_end
        return np.asarray(np.all(parts, axis=0) if every else np.any(parts, axis=0), dtype=np.bool_)
    moment = moment_ms(anchor, sun, timezone, is_end=is_end)
    if moment is None:
        return dark
    return at_ms < moment if is_end else at_ms >= moment
