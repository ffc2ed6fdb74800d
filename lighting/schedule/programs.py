"""A control program in one lighting night: an unbroken row of stretches, each with its level and its reason.

A program is lit from ``lit_from`` to ``lit_until``; its steps form a ring inside that period, so that before the first
step of a night the last one rules (TALQ Smart City Protocol 2.7.1). What the sun does not do that night:

* A missing evening event (sunset, dusk) of a night that begins under its threshold happens at the night's start.
* A missing morning event (sunrise, dawn) of a night that ends under its threshold happens at the night's end.
* A morning event that is missing because the sun never went so far down is replaced by sunrise as the end of the lit
  period; without one, and where the sun is always up, the program is not lit.
* Times that an offset moves out of the night are taken at the night's border.
* ``later of``: the latest of its parts; where a part is missing because the sun never went so far down, there is no
  such moment, except for the end of the lit period, for which the other parts count.
* ``earlier of``: the earliest of the parts that there are.
* ``lit_until`` that comes before ``lit_from`` in the night, or with it, leaves the program unlit in that night: it is
  never lit by day because its moments were exchanged, and the floor holds while it is dark. Two clock times alone are
  meant as they stand: from 06:00 until 22:00 goes through noon, as in an underpass. From a sunset (or dusk)
  to a sunrise (or dawn) the night that is meant is the dark itself, also where the sun rises only after noon.
* ``photocell`` stands at the site's dusk in the evening and at its dawn in the morning; what the cell makes of that is
  laid over it (see ``photocell_gate``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from lighting.assets.fact import Fact, Value
from lighting.assets.lit_moments import goes_round_noon
from lighting.assets.model import Anchor, ControlProgram, ProgramStep, SunEvent
from lighting.schedule.night import local_clock_ms
from lighting.schedule.sun import RISING_EVENTS, NightSun

Span = tuple[int, int]
_FULL_PCT = 100.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``from_ms`` until ``until_ms`` (UTC ms, half-open) the program asks for ``level_pct``.

    ``part_night`` marks darkness that the program means: only there it may stay under the floor. ``lighting_class``
    gives the level instead where it is set; ``lit`` is False outside the lit period. ``ramp_s`` is how long the way
    down from the stretch before takes; ``adaptive`` lets traffic choose the class.
    """

    from_ms: int
    until_ms: int
    level_pct: float
    part_night: bool
    fact: Fact
    lit: bool = True
    lighting_class: str = ""
    adaptive: bool = False
    ramp_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A moment of an anchor in a night. ``raw_ms`` is without the offset and gives the order of events."""

    raw_ms: int
    at_ms: int


def stretches(
    program: ControlProgram, sun: NightSun, timezone: str, rule: str = "", *, always_lit: bool = False
) -> tuple[Stretch, ...]:
    """Return the program's stretches, in order of time, covering the night from its start to its end.

    ``rule`` names the calendar rule that chose the program, for the reasons. ``always_lit`` leaves the lit period
    aside: what the steps would ask at every moment.
    """
    if sun.end_ms <= sun.start_ms:
        return ()
    lit = ((sun.start_ms, sun.end_ms),) if always_lit else lit_spans(program, sun, timezone)
    ring = _step_ring(program, sun, timezone)
    borders = {sun.start_ms, sun.end_ms, *(at for span in lit for at in span), *(at for at, _ in ring)}
    pieces: list[tuple[int, int, bool, ProgramStep | None]] = []
    for first, last in pairwise(sorted(at for at in borders if sun.start_ms <= at <= sun.end_ms)):
        is_lit = any(start <= first < end for start, end in lit)
        step = _step_at(ring, first) if is_lit else None
        if pieces and pieces[-1][2:] == (is_lit, step):
            pieces[-1] = (pieces[-1][0], last, is_lit, step)
        else:
            pieces.append((first, last, is_lit, step))
    sure = _surely_lit(program, sun, timezone) if always_lit else (sun.start_ms, sun.end_ms)
    return tuple(_stretch(program, rule, lit, sure, piece) for piece in pieces)


def _surely_lit(program: ControlProgram, sun: NightSun, timezone: str) -> tuple[int | None, int | None]:
    """From when and until when a program at a photocell is lit whatever the cell says; None where only the cell knows.

    Under civil twilight no cell keeps lamps off, so a photocell stands at civil dusk and civil dawn here.
    """
    from_ms = moment_ms(at_sun(program.lit_from, "dusk"), sun, timezone)
    until_ms = moment_ms(at_sun(program.lit_until, "dawn"), sun, timezone, is_end=True)
    if from_ms is None or until_ms is None or until_ms <= from_ms:
        return None, None
    begin = [_sure_ms(part, sun, timezone, is_end=False) for part in _parts_of(program.lit_from)]
    end = [_sure_ms(part, sun, timezone, is_end=True) for part in _parts_of(program.lit_until)]
    return (
        None if None in begin else moment_ms(at_sun(program.lit_from, "civil_dusk"), sun, timezone),
        None if None in end else moment_ms(at_sun(program.lit_until, "civil_dawn"), sun, timezone, is_end=True),
    )


def _sure_ms(part: Anchor, sun: NightSun, timezone: str, *, is_end: bool) -> int | None:
    return moment_ms(at_sun(part, "civil_dawn" if is_end else "civil_dusk"), sun, timezone, is_end=is_end)


def _parts_of(anchor: Anchor) -> tuple[Anchor, ...]:
    return tuple(plain for part in anchor.parts for plain in _parts_of(part)) if anchor.parts else (anchor,)


def lit_spans(program: ControlProgram, sun: NightSun, timezone: str) -> tuple[Span, ...]:
    """Return the periods of the night in which the program is lit, half-open, in order of time, not overlapping."""
    program = replace(program, lit_from=at_sun(program.lit_from, "dusk"), lit_until=at_sun(program.lit_until, "dawn"))
    if _is_day(program):
        return ()
    ons = _occurrences(program.lit_from, sun, timezone)
    offs = _occurrences(program.lit_until, sun, timezone, is_end=True)
    spans: list[Span] = []
    start_ms = sun.start_ms if _begins_lit(program, sun) else None
    # At one and the same moment light wins: off is looked at before on.
    events = [(True, event) for event in ons] + [(False, event) for event in offs]
    for is_on, event in sorted(events, key=lambda entry: (entry[1].raw_ms, entry[0])):
        if is_on and start_ms is None:
            start_ms = event.at_ms
        elif not is_on and start_ms is not None:
            spans.append((start_ms, event.at_ms))
            start_ms = None
    if start_ms is not None:
        spans.append((start_ms, _last_end(program, sun, start_ms, offs)))
    return _joined([(max(a, sun.start_ms), min(b, sun.end_ms)) for a, b in spans])


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def at_sun(anchor: Anchor, event: SunEvent) -> Anchor:
    """Return the anchor with every photocell in it replaced by the site's own dusk or dawn."""
    if anchor.photocell:
        return Anchor(sun_event=event, offset_s=anchor.offset_s)
    if not anchor.parts:
        return anchor
    parts = tuple(at_sun(part, event) for part in anchor.parts)
    return Anchor(later_of=parts) if anchor.later_of else Anchor(earlier_of=parts)


def moment_ms(anchor: Anchor, sun: NightSun, timezone: str, *, is_end: bool = False) -> int | None:
    """Return the one moment of an anchor in a night, UTC ms; None where there is none.

    Of two sunsets the first counts, of two sunrises the last. A missing event of a night that begins or ends under its
    threshold is at the night's border. ``is_end`` is for the end of a lit period: missing parts are then left out, and
    of a night that ends in the dark a sunrise just past noon, which was the last night's, does not count.
    """
    if anchor.parts:
        moments = [moment_ms(part, sun, timezone, is_end=is_end) for part in anchor.parts]
        known = [moment for moment in moments if moment is not None]
        if anchor.earlier_of:
            return min(known, default=None)
        return max(known, default=None) if is_end or len(known) == len(moments) else None
    times = _step_times(anchor, sun, timezone)
    if not times:
        return None
    if is_end and anchor.sun_event in RISING_EVENTS and sun.threshold_of(anchor.sun_event).ends_under:
        return sun.end_ms
    return times[-1] if anchor.sun_event in RISING_EVENTS else times[0]


def _occurrences(anchor: Anchor, sun: NightSun, timezone: str, *, is_end: bool = False) -> tuple[_Occurrence, ...]:
    if anchor.parts:
        moment = moment_ms(anchor, sun, timezone, is_end=is_end)
        return () if moment is None else (_Occurrence(moment, moment),)
    shift_ms = anchor.offset_s * 1000
    if anchor.sun_event is not None:
        return tuple(_Occurrence(at, at + shift_ms) for at in sun.occurrences_ms(anchor.sun_event))
    if anchor.clock_minutes is None:
        return ()
    at = local_clock_ms(sun.night, anchor.clock_minutes, timezone)
    return (_Occurrence(at, at + shift_ms),)


def _is_day(program: ControlProgram) -> bool:
    """Whether it is lit from a sunrise to a sunset, which is the day, in whatever order a night has them."""
    lit_from, lit_until = program.lit_from.sun_event, program.lit_until.sun_event
    if lit_from is None or lit_until is None or program.lit_until.offset_s > program.lit_from.offset_s:
        return False
    return lit_from in RISING_EVENTS and lit_until not in RISING_EVENTS


def _begins_lit(program: ControlProgram, sun: NightSun) -> bool:
    """Whether the program was lit before the night's first event: where it is lit from a sunset that came before."""
    if goes_round_noon(program):
        return True
    lit_from = program.lit_from.sun_event
    return lit_from is not None and lit_from not in RISING_EVENTS and sun.threshold_of(lit_from).begins_under


def _last_end(program: ControlProgram, sun: NightSun, start_ms: int, offs: tuple[_Occurrence, ...]) -> int:
    """Return when a period ends that no event of this night ends; ``start_ms`` itself where it should not be lit."""
    if goes_round_noon(program):
        return sun.end_ms
    lit_from, lit_until = program.lit_from.sun_event, program.lit_until.sun_event
    from_rising, until_rising = lit_from in RISING_EVENTS, lit_until in RISING_EVENTS
    ends_under = lit_until is not None and sun.threshold_of(lit_until).ends_under
    if until_rising and not from_rising and ends_under:
        return sun.end_ms
    through_the_dark = until_rising and lit_from is not None and not from_rising
    if (offs and not through_the_dark) or (ends_under and not until_rising):
        return start_ms  # its end came before its beginning
    sunrises = [at for at in sun.occurrences_ms("sunrise") if at > start_ms]
    if sunrises:
        return sunrises[0]
    return sun.end_ms if sun.threshold_of("sunrise").ends_under else start_ms


def _step_ring(program: ControlProgram, sun: NightSun, timezone: str) -> list[tuple[int, ProgramStep]]:
    """Return the steps that occur in the night, each with its moment, in order of time; equal ones as in the file."""
    ring = [
        (min(max(at, sun.start_ms), sun.end_ms), step)
        for step in program.steps
        for at in _step_moments(step.at, sun, timezone)
    ]
    return sorted(ring, key=lambda entry: entry[0])


def _step_moments(anchor: Anchor, sun: NightSun, timezone: str) -> list[int]:
    anchor = at_sun(anchor, "dusk")
    if not anchor.parts:
        return _step_times(anchor, sun, timezone)
    moment = moment_ms(anchor, sun, timezone)
    return [] if moment is None else [moment]


def _step_times(anchor: Anchor, sun: NightSun, timezone: str) -> list[int]:
    times = [event.at_ms for event in _occurrences(anchor, sun, timezone)]
    if times or anchor.sun_event is None:
        return times
    threshold = sun.threshold_of(anchor.sun_event)
    if anchor.sun_event in RISING_EVENTS:
        return [sun.end_ms] if threshold.ends_under else []
    return [sun.start_ms] if threshold.begins_under else []


def _step_at(ring: list[tuple[int, ProgramStep]], at_ms: int) -> ProgramStep | None:
    """Return the step that rules: the latest begun, else the ring's last; None without steps."""
    begun = [step for moment, step in ring if moment <= at_ms]
    if begun:
        return begun[-1]
    return ring[-1][1] if ring else None


def _stretch(
    program: ControlProgram,
    rule: str,
    lit: tuple[Span, ...],
    sure: tuple[int | None, int | None],
    piece: tuple[int, int, bool, ProgramStep | None],
) -> Stretch:
    first, last, is_lit, step = piece
    if not is_lit:
        return Stretch(first, last, 0.0, False, _unlit_fact(program, rule, lit, first), lit=False)
    step = ProgramStep(program.lit_from, _FULL_PCT) if step is None else step
    part_night = step.part_night and step.level_pct == 0.0 and not step.lighting_class
    times = _times_told(program, sure, first, last)
    values: dict[str, Value] = {**times, "rule": rule}
    if step.lighting_class:
        of_class: dict[str, Value] = {"program": program.id, **values, "lighting_class": step.lighting_class}
        fact = Fact(_STEP_OF_CLASS[tuple(times)], of_class)
        return Stretch(first, last, _FULL_PCT, False, fact, True, step.lighting_class, step.adaptive, step.ramp_s)
    codes = _PART_NIGHT if part_night else _STEP
    fact = Fact(codes[tuple(times)], {"program": program.id, "level_pct": step.level_pct, **values})
    return Stretch(first, last, step.level_pct, part_night, fact, True, "", step.adaptive, step.ramp_s)


_SINCE, _UNTIL = ("since_ms",), ("until_ms",)
_BOTH = (*_SINCE, *_UNTIL)
_STEP = {
    _BOTH: "program_step",
    _SINCE: "program_step_since",
    _UNTIL: "program_step_until",
    (): "program_step_by_photocell",
}
_STEP_OF_CLASS = {
    _BOTH: "program_step_of_class",
    _SINCE: "program_step_of_class_since",
    _UNTIL: "program_step_of_class_until",
    (): "program_step_of_class_by_photocell",
}
_PART_NIGHT = {
    _BOTH: "part_night_off",
    _SINCE: "part_night_off_since",
    _UNTIL: "part_night_off_until",
    (): "part_night_off_by_photocell",
}


def _times_told(
    program: ControlProgram, sure: tuple[int | None, int | None], first: int, last: int
) -> dict[str, Value]:
    """The begin and end of a stretch as far as they are sure: what a photocell moves has no time beforehand."""
    from_ms, until_ms = sure
    times: dict[str, Value] = {}
    if from_ms is not None and (first >= from_ms or not program.lit_from.uses_photocell):
        times["since_ms"] = max(first, from_ms)
    if until_ms is not None and (last <= until_ms or not program.lit_until.uses_photocell):
        times["until_ms"] = min(last, until_ms)
    return times


def _unlit_fact(program: ControlProgram, rule: str, lit: tuple[Span, ...], from_ms: int) -> Fact:
    coming = [start for start, _ in lit if start > from_ms]
    if coming:
        return Fact("program_off_until", {"program": program.id, "until_ms": coming[0], "rule": rule})
    if lit:
        return Fact("program_off", {"program": program.id, "since_ms": from_ms, "rule": rule})
    return Fact("program_not_lit", {"program": program.id, "rule": rule})
