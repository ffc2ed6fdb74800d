"""``lighting why``: one screen of plain language about one circuit at one instant."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Circuit
from lighting.cli.json_forms import form, plain
from lighting.cli.voice import Voice, laid_out, print_json
from lighting.desk.answers import WhyAnswer
from lighting.desk.without_us_facts import remedy, sentence
from lighting.schedule.trail import TrailEntry
from lighting.store.records import CircuitState
from lighting.wording.figures import Manner, local_second
from lighting.wording.speech import say_trail

SCHEMA = "lighting.why/1"


def print_why(answer: WhyAnswer, circuit: Circuit, voice: Voice, *, as_json: bool) -> None:
    """Print the level, what ruled, what else had a say, and what the device reports."""
    if as_json:
        print_json(form(SCHEMA, **plain(answer)))
        return
    voice.data(_headline(answer, circuit))
    ruling = [step for step in answer.trail if step.layer is not None and step.ruled]
    aside = [step for step in answer.trail if step.layer is not None and not step.ruled]
    shaping = [step for step in answer.trail if step.layer is None]
    _print_steps(answer, ruling, voice)
    for fact in _coming(answer, voice):
        print(laid_out(voice.sentence(fact), sys.stdout, indent="  "))
    for heading, steps in ((Fact("why_set_aside"), aside), (Fact("why_shaped"), shaping)):
        if steps:
            voice.data(heading)
            _print_steps(answer, steps, voice)
    if answer.held_at_pct is not None:
        voice.data(_held(answer, circuit))
    if answer.state is not None:
        voice.data(*_reported(answer, answer.state, voice))
    if answer.without_us is not None:
        mend = remedy(circuit, answer.without_us)
        voice.data(sentence(answer.without_us), *([] if mend is None else [mend]), *answer.without_us.not_fed)
    if answer.controller not in (None, "running"):
        is_read = answer.state is not None and answer.state.polled_ms is not None
        voice.data(Fact("why_no_controller_since") if is_read else Fact("why_no_controller"))


def _print_steps(answer: WhyAnswer, steps: Sequence[TrailEntry], voice: Voice) -> None:
    lines = say_trail(steps, timezone=voice.timezone, reference_ms=answer.at_ms, language=voice.language)
    if lines:
        print("\n".join(laid_out(line, sys.stdout, indent="  ") for line in lines))


def _coming(answer: WhyAnswer, voice: Voice) -> Iterator[Fact]:
    """Until when, and what comes next."""
    near = replace(voice, now_ms=answer.at_ms)
    level_pct = answer.level_pct
    if answer.falling is not None and answer.falling.level_pct is not None:
        level_pct = answer.falling.level_pct
        yield _falls(answer.falling.at_ms + answer.falling.over_ms, level_pct, near)
    for number, change in enumerate(answer.coming):
        values: dict[str, Value] = {"at_ms": change.at_ms, "because": near.sentence(change.cause)}
        to_pct = None if change.level_pct is None else round(change.level_pct, 1)
        if to_pct is None:
            yield Fact("why_then_nothing", values)
        elif number == 0 and level_pct is not None and to_pct == round(level_pct, 1):
            yield Fact("why_then_kept", {**values, "level_pct": to_pct})
        elif to_pct == 0:
            yield Fact("why_then_off", values)
        else:
            yield Fact("why_then_level", {**values, "level_pct": to_pct})
    if answer.tense == "past" and not answer.coming:
        yield Fact("why_still_so")


def _falls(reached_ms: int, level_pct: float, voice: Voice) -> Fact:
    """Where the way down ends, and when: to the second, for it takes seconds as a rule."""
    at = local_second(round(reached_ms, -3), Manner(voice.timezone, voice.now_ms))
    return Fact("why_falls_off" if level_pct == 0 else "why_falls", {"at": at, "level_pct": round(level_pct, 1)})


def _held(answer: WhyAnswer, circuit: Circuit) -> Fact:
    dimmer = "" if circuit.dimmer is None else circuit.dimmer.device
    return Fact("why_held_at", {"device": dimmer, "held_pct": answer.held_at_pct})


def _headline(answer: WhyAnswer, circuit: Circuit) -> Fact:
    place: dict[str, Value] = {"circuit": circuit.id, "name": circuit.name or circuit.road, "at_ms": answer.at_ms}
    if answer.level_pct is None:
        return Fact("why_not_written", place)
    if answer.level_pct == 0:
        return Fact("why_off_planned", place) if answer.tense == "future" else Fact("why_off", place)
    values = {**place, "level_pct": round(answer.level_pct, 1)}
    return Fact("why_level_planned", values) if answer.tense == "future" else Fact("why_level", values)


def _reported(answer: WhyAnswer, state: CircuitState, voice: Voice) -> list[Fact]:
    """What the device reports, and from when: to the second, for a change may be younger than a minute."""
    reported: dict[str, Value] = {
        "accepted_pct": state.accepted_pct,
        "actual_pct": _round(state.actual_pct),
        "power_w": state.power_w,
    }
    before = answer.read_before_change
    facts = [Fact("why_reported_before", reported) if before else Fact("why_reported", reported)]
    if state.pending and answer.controller == "running":
        facts.append(Fact("why_pending"))
    if state.polled_ms is not None:
        read_at = local_second(state.polled_ms, Manner(voice.timezone, answer.at_ms))
        facts.append(Fact("why_polled_before", {"at": read_at}) if before else Fact("why_polled", {"at": read_at}))
    return facts


def _round(value_pct: float | None) -> float | None:
    return None if value_pct is None else round(value_pct)
