"""How a photocell moves the lit period of a program that is anchored at it.

On early in a storm: lit at any hour at which a believed cell says dark. Late in a bright dusk: not before the cell
says dark, but always while the sun is under the cell's ``latest_elevation_deg`` (civil twilight at the lowest). A cell
that is missing or not believed leaves the sun to decide. The evening's half of the night obeys ``lit_from``, the
morning's half ``lit_until``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Anchor, ControlProgram
from lighting.schedule.inputs import DARK, UNKNOWN, Series
from lighting.schedule.programs import at_sun, lit_spans, moment_ms
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
    """Return where the program is lit in a night, with ``dark`` standing for its photocell.

    In a night in which the sun alone would not light it, it is lit where it is dark, and nowhere else; where that is
    because its end comes before its beginning, only where it has begun by the cell and has not ended.
    """
    evening = _holds(program.lit_from, sun, timezone, at_ms, dark, is_end=False)
    morning = _holds(program.lit_until, sun, timezone, at_ms, dark, is_end=True)
    span = _sun_span_ms(program, sun, timezone)
    if span is not None and not lit_spans(program, sun, timezone):
        return evening & morning & dark
    lit = np.where(at_ms < _middle_ms(span, sun), evening, morning)
    return lit if span is not None else lit & dark


def gate_borders_ms(program: ControlProgram, sun: NightSun, timezone: str) -> Iterator[int]:
    """Yield every moment of a night at which the gate may open or close by itself, whatever a cell says."""
    yield _middle_ms(_sun_span_ms(program, sun, timezone), sun)
    for anchor, is_end in ((program.lit_from, False), (program.lit_until, True)):
        for part in _plain_parts(anchor):
            moment = moment_ms(part, sun, timezone, is_end=is_end)
            if moment is not None:
                yield moment


def _plain_parts(anchor: Anchor) -> Iterator[Anchor]:
    if anchor.parts:
        for part in anchor.parts:
            yield from _plain_parts(part)
    elif not anchor.photocell:
        yield anchor


def _sun_span_ms(program: ControlProgram, sun: NightSun, timezone: str) -> tuple[int, int] | None:
    """Return from when until when the sun alone would light it; None where it would not."""
    from_ms = moment_ms(at_sun(program.lit_from, "dusk"), sun, timezone)
    until_ms = moment_ms(at_sun(program.lit_until, "dawn"), sun, timezone, is_end=True)
    return None if from_ms is None or until_ms is None else (from_ms, until_ms)


def _middle_ms(span_ms: tuple[int, int] | None, sun: NightSun) -> int:
    if span_ms is None or span_ms[1] <= span_ms[0]:
        return (sun.start_ms + sun.end_ms) // 2
    return (span_ms[0] + span_ms[1]) // 2


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
