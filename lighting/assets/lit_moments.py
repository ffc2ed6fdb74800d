"""What is sure of a program's moments without the sun of the site: their order in a lighting night, noon to noon."""

from __future__ import annotations

from lighting.assets.model import Anchor, ControlProgram

_DAY_S = 86_400
_NOON_S = 43_200
_MORNING = ("sunrise", "dawn", "civil_dawn", "nautical_dawn", "astronomical_dawn")


def goes_round_noon(program: ControlProgram) -> bool:
    """Return whether two clock times light it by day, as an underpass is: from 06:00 until 22:00, or round the clock.

    Who writes two clock times means them; only moments of the sun can be exchanged by its seasons.
    """
    lit_from, lit_until = program.lit_from, program.lit_until
    if lit_from.clock_minutes is None or lit_until.clock_minutes is None:
        return False
    return after_noon_s(lit_until) <= after_noon_s(lit_from)


def is_never_lit(program: ControlProgram) -> bool:
    """Return whether ``lit_until`` comes before ``lit_from``, or with it, in every night, wherever the site is."""
    lit_from, lit_until = program.lit_from, program.lit_until
    if goes_round_noon(program):
        return False
    if lit_from.sun_event in _MORNING and lit_until.sun_event and lit_until.sun_event not in _MORNING:
        return lit_until.offset_s <= lit_from.offset_s
    return after_noon_s(lit_until)[1] <= after_noon_s(lit_from)[0]


def after_noon_s(anchor: Anchor) -> tuple[int, int]:
    """Return the earliest and the latest that a moment can be, in seconds after the noon at which the night begins."""
    if anchor.parts:
        spans = [after_noon_s(part) for part in anchor.parts]
        pick = max if anchor.later_of else min
        return pick(first for first, _ in spans), pick(last for _, last in spans)
    if anchor.clock_minutes is None:
        return 0, _DAY_S
    at_s = (anchor.clock_minutes * 60 - _NOON_S) % _DAY_S
    return at_s, at_s
