"""From a difference between asked and reported to the next write: pure, one step at a time.

A sequence (close the contactor, wait for the drivers to start, set the level) is never stored: after each step the
next one follows from what is reported then, so that a crash, a new instruction or a hand in the cabinet in the
middle of it needs no case of its own.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

_EDGE_PCT = 0.05


class StepKind(Enum):
    """What to do next with a circuit."""

    CLOSE_RELAY = auto()
    OPEN_RELAY = auto()
    OUTPUT_ON = auto()
    FADE = auto()
    SET_LEVEL = auto()
    WAIT = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """``value`` is a level in percent for SET_LEVEL and FADE, site seconds for WAIT, else 1 or 0."""

    kind: StepKind
    value: float = 1.0


_OF_THE_RELAY = (StepKind.CLOSE_RELAY, StepKind.OPEN_RELAY)


@dataclass(frozen=True, slots=True)
class Answers:
    """Whether the devices of a circuit's contactor and of its dimmer answer at this moment."""

    relay: bool = True
    dimmer: bool = True

    def to(self, kind: StepKind) -> bool:
        """Whether a step of that kind can be carried out now.

        A fade only where the contactor answers, to open after it: what is dimmed down must not stay so until dusk.
        """
        if kind is StepKind.FADE:
            return self.relay and self.dimmer
        return self.relay if kind in _OF_THE_RELAY else self.dimmer


@dataclass(frozen=True, slots=True)
class Output:
    """How a circuit is switched and dimmed. ``level_step_pct`` is the finest step that its dimmer takes.

    ``levels_pct`` are, where its steps are not even, all levels above 0 that it can hold, rising; ``lowest_pct`` and
    ``highest_pct`` bound what may be written.
    ``fade_level_pct`` is where it is dimmed down to before its contactor opens (None: it is not), for ``fade_s``.
    """

    has_dimmer: bool
    has_relay: bool
    has_output_switch: bool = False
    level_step_pct: float = 1.0
    start_s: float = 1.0
    dead_band_pct: float = 1.0
    night_safe_level_pct: float = 100.0
    fade_level_pct: float | None = None
    fade_s: float = 0.0
    levels_pct: tuple[float, ...] = ()
    lowest_pct: float = 0.0
    highest_pct: float = 100.0


@dataclass(frozen=True, slots=True)
class Reported:
    """What the devices report. None is unknown. ``closed_for_s`` is site seconds since the contactor closed,
    ``level_for_s`` since the level became what it is.
    """

    level_pct: float | None = None
    relay_closed: bool | None = None
    output_on: bool | None = None
    closed_for_s: float | None = None
    level_for_s: float | None = None


def asked_level(output: Output, level_pct: float) -> float | None:
    """The level to ask of the device for a decided one: one that it can hold, and 0 or 100 without a dimmer.

    NaN (not ours to write) gives None. A level above 0 never becomes 0 by rounding.
    """
    if math.isnan(level_pct):
        return None
    if level_pct <= 0:
        return 0.0
    if not output.has_dimmer:
        return 100.0
    if output.levels_pct:
        return _nearest(output.levels_pct, level_pct)
    steps = max(1, round(level_pct / output.level_step_pct))
    return min(output.highest_pct, max(output.lowest_pct, round(steps * output.level_step_pct, 6)))


def _nearest(levels_pct: tuple[float, ...], level_pct: float) -> float:
    at = bisect_left(levels_pct, level_pct)
    beside = levels_pct[max(0, at - 1) : at + 1]
    return min(beside, key=lambda held_pct: (abs(held_pct - level_pct), -held_pct))


class Echoes(Protocol):
    """What says at which level a circuit is."""

    @property
    def level_pct(self) -> float | None: ...
    @property
    def relay_closed(self) -> bool | None: ...
    @property
    def output_on(self) -> bool | None: ...


def accepted_level(output: Output, reported: Echoes) -> float | None:
    """The circuit's level as its devices report it; an open contactor is 0 whatever the dimmer says."""
    if output.has_relay:
        if reported.relay_closed is None:
            return None
        if not reported.relay_closed:
            return 0.0
        if not output.has_dimmer:
            return 100.0
    if output.has_output_switch and reported.output_on is False:
        return 0.0
    return reported.level_pct


def differs(asked_pct: float, reported_pct: float | None, dead_band_pct: float) -> bool:
    """Whether the two are worth a write. The dead band does not hold at 0 and 100, where "nearly" is wrong."""
    if reported_pct is None:
        return True
    gap = abs(asked_pct - reported_pct)
    edges = (0.0, 100.0)
    if asked_pct in edges or reported_pct in edges:
        return gap > _EDGE_PCT
    return gap >= dead_band_pct - 1e-9


def next_step(output: Output, asked_pct: float | None, reported: Reported) -> Step | None:
    """The next step from what is reported towards what is asked, or None when they agree (or nothing may be
    written).
    """
    return next(_steps_ahead(output, asked_pct, reported), None)


def possible_step(output: Output, asked_pct: float | None, reported: Reported, answers: Answers) -> Step | None:
    """The first step towards what is asked that a device which answers can take, or None when there is none.

    A dead dimmer must not keep the contactor open: the dimmer waits at its night-safe level, and the street is lit. A
    contactor that does not answer may be closed, so the level is set all the same. Off without an answer from the
    contactor is no step at all: the dimmer is not taken down, as nobody may be left to take it up at dusk.
    """
    return next((step for step in _steps_ahead(output, asked_pct, reported) if answers.to(step.kind)), None)


def _steps_ahead(output: Output, asked_pct: float | None, reported: Reported) -> Iterator[Step]:
    """What follows from this report, the most urgent first; only the first is right if all devices answer."""
    if asked_pct is None:
        return
    if asked_pct > 0:
        yield from _towards_on(output, asked_pct, reported)
    else:
        yield from _towards_off(output, reported)


def _towards_on(output: Output, asked_pct: float, reported: Reported) -> Iterator[Step]:
    if output.has_relay and reported.relay_closed is not True:
        yield Step(StepKind.CLOSE_RELAY)
    if not output.has_dimmer:
        return
    level_differs = differs(asked_pct, reported.level_pct, output.dead_band_pct)
    output_is_off = output.has_output_switch and reported.output_on is False
    if not (level_differs or output_is_off):
        return
    if output.has_relay and reported.closed_for_s is not None and reported.closed_for_s < output.start_s:
        yield Step(StepKind.WAIT, output.start_s - reported.closed_for_s)
    elif level_differs:
        yield Step(StepKind.SET_LEVEL, asked_pct)
    else:
        yield Step(StepKind.OUTPUT_ON)


def _towards_off(output: Output, reported: Reported) -> Iterator[Step]:
    if not output.has_relay:
        dark_already = reported.level_pct is not None and not differs(0.0, reported.level_pct, output.dead_band_pct)
        if not dark_already:
            yield Step(StepKind.SET_LEVEL, 0.0)
        return
    if reported.relay_closed is not False:
        yield from _fade(output, reported)
        yield Step(StepKind.OPEN_RELAY, 0.0)
        if _is_faded(output, reported):
            # The contactor does not answer any more: what was dimmed for it is not left so.
            yield Step(StepKind.SET_LEVEL, output.night_safe_level_pct)
        return
    if not output.has_dimmer:
        return
    # The lamps are off; the dimmer waits at its night-safe level, so that a bypass or a lost write at dusk lights
    # the street.
    if differs(output.night_safe_level_pct, reported.level_pct, output.dead_band_pct):
        yield Step(StepKind.SET_LEVEL, output.night_safe_level_pct)
    elif output.has_output_switch and reported.output_on is False:
        yield Step(StepKind.OUTPUT_ON)


def _fade(output: Output, reported: Reported) -> Iterator[Step]:
    """Down to the fade level, and the time that takes; nothing where a level is not known or low enough already."""
    if output.fade_level_pct is None or reported.level_pct is None or reported.relay_closed is not True:
        return
    if not _is_faded(output, reported):
        yield Step(StepKind.FADE, output.fade_level_pct)
    elif reported.level_for_s is not None and reported.level_for_s < output.fade_s:
        yield Step(StepKind.WAIT, output.fade_s - reported.level_for_s)


def _is_faded(output: Output, reported: Reported) -> bool:
    if not output.has_dimmer or output.fade_level_pct is None or reported.level_pct is None:
        return False
    return reported.level_pct <= output.fade_level_pct + output.dead_band_pct
