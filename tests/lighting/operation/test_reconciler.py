"""From what is asked and what is reported to the next write."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.operation.reconciler import (
    Answers,
    Output,
    Reported,
    Step,
    StepKind,
    accepted_level,
    asked_level,
    differs,
    next_step,
    possible_step,
)

FULL = Output(has_dimmer=True, has_relay=True, has_output_switch=True, start_s=2.0)
DIMMER_ONLY = Output(has_dimmer=True, has_relay=False)
RELAY_ONLY = Output(has_dimmer=False, has_relay=True)


def kinds_until_settled(output: Output, asked: float, reported: Reported) -> list[StepKind]:
    """Play the steps against perfect devices."""
    kinds: list[StepKind] = []
    for _ in range(10):
        step = next_step(output, asked, reported)
        if step is None:
            return kinds
        kinds.append(step.kind)
        reported = after(reported, step)
    raise AssertionError(f"never settles: {kinds}")


def after(reported: Reported, step: Step) -> Reported:
    level, closed, on, since = reported.level_pct, reported.relay_closed, reported.output_on, reported.closed_for_s
    held = reported.level_for_s
    match step.kind:
        case StepKind.CLOSE_RELAY:
            closed, since = True, 0.0
        case StepKind.OPEN_RELAY:
            closed, since = False, None
        case StepKind.OUTPUT_ON:
            on = True
        case StepKind.SET_LEVEL | StepKind.FADE:
            level, held = step.value, 0.0
        case StepKind.WAIT:
            since = (since or 0.0) + step.value
            held = None if held is None else held + step.value
    return Reported(level, closed, on, since, held)


def test_on_closes_the_contactor_waits_for_the_drivers_and_sets_the_level() -> None:
    off = Reported(level_pct=100.0, relay_closed=False, output_on=True)
    assert kinds_until_settled(FULL, 60.0, off) == [StepKind.CLOSE_RELAY, StepKind.WAIT, StepKind.SET_LEVEL]


def test_on_at_the_night_safe_level_needs_only_the_contactor() -> None:
    off = Reported(level_pct=100.0, relay_closed=False, output_on=True)
    assert kinds_until_settled(FULL, 100.0, off) == [StepKind.CLOSE_RELAY]


def test_off_opens_the_contactor_and_sets_the_dimmer_to_its_night_safe_level() -> None:
    lit = Reported(level_pct=40.0, relay_closed=True, output_on=True, closed_for_s=500.0)
    assert next_step(FULL, 0.0, lit) == Step(StepKind.OPEN_RELAY, 0.0)
    assert kinds_until_settled(FULL, 0.0, lit) == [StepKind.OPEN_RELAY, StepKind.SET_LEVEL]
    opened = Reported(level_pct=40.0, relay_closed=False, output_on=True)
    assert next_step(FULL, 0.0, opened) == Step(StepKind.SET_LEVEL, 100.0)


def test_a_dimmer_left_low_by_day_is_put_back_to_its_night_safe_level() -> None:
    lost_write = Reported(level_pct=30.0, relay_closed=False, output_on=False)
    assert kinds_until_settled(FULL, 0.0, lost_write) == [StepKind.SET_LEVEL, StepKind.OUTPUT_ON]


def test_without_a_contactor_off_is_level_0() -> None:
    assert next_step(DIMMER_ONLY, 0.0, Reported(level_pct=70.0)) == Step(StepKind.SET_LEVEL, 0.0)
    assert next_step(DIMMER_ONLY, 0.0, Reported(level_pct=0.0)) is None


def test_a_relay_alone_is_closed_and_opened() -> None:
    assert next_step(RELAY_ONLY, 100.0, Reported(relay_closed=False)) == Step(StepKind.CLOSE_RELAY)
    assert next_step(RELAY_ONLY, 0.0, Reported(relay_closed=True)) == Step(StepKind.OPEN_RELAY, 0.0)
    assert next_step(RELAY_ONLY, 100.0, Reported(relay_closed=True)) is None


def test_an_output_that_reads_off_is_switched_on() -> None:
    dark = Reported(level_pct=60.0, relay_closed=True, output_on=False, closed_for_s=100.0)
    assert next_step(FULL, 60.0, dark) == Step(StepKind.OUTPUT_ON)


FADING = replace(FULL, fade_level_pct=10.0, fade_s=4.0)
LIT = Reported(level_pct=60.0, relay_closed=True, output_on=True, closed_for_s=500.0, level_for_s=500.0)


def test_where_it_is_wanted_lamps_fade_before_the_contactor_opens() -> None:
    kinds = kinds_until_settled(FADING, 0.0, LIT)
    assert kinds == [StepKind.FADE, StepKind.WAIT, StepKind.OPEN_RELAY, StepKind.SET_LEVEL]
    assert next_step(FADING, 0.0, LIT) == Step(StepKind.FADE, 10.0)
    faded = replace(LIT, level_pct=10.0, level_for_s=1.0)
    assert next_step(FADING, 0.0, faded) == Step(StepKind.WAIT, 3.0)
    assert next_step(FADING, 0.0, replace(faded, level_for_s=4.0)) == Step(StepKind.OPEN_RELAY, 0.0)
    opened = replace(faded, relay_closed=False, closed_for_s=None)
    assert next_step(FADING, 0.0, opened) == Step(StepKind.SET_LEVEL, 100.0)


def test_a_fade_that_is_wanted_no_more_goes_up_again() -> None:
    assert next_step(FADING, 60.0, replace(LIT, level_pct=10.0)) == Step(StepKind.SET_LEVEL, 60.0)


def test_no_fade_where_a_level_or_the_contactor_is_not_known() -> None:
    assert next_step(FADING, 0.0, replace(LIT, level_pct=None)) == Step(StepKind.OPEN_RELAY, 0.0)
    assert next_step(FADING, 0.0, replace(LIT, relay_closed=None)) == Step(StepKind.OPEN_RELAY, 0.0)


def test_no_fade_without_a_contactor_that_answers_and_none_is_left_dimmed_down() -> None:
    assert possible_step(FADING, 0.0, LIT, Answers(relay=False)) is None
    assert possible_step(FADING, 0.0, LIT, Answers(dimmer=False)) == Step(StepKind.OPEN_RELAY, 0.0)
    faded = replace(LIT, level_pct=10.0)
    assert possible_step(FADING, 0.0, faded, Answers(relay=False)) == Step(StepKind.SET_LEVEL, 100.0)


def test_an_uneven_dimmer_is_asked_only_for_what_it_can_hold() -> None:
    coarse = replace(DIMMER_ONLY, levels_pct=(10.0, 20.0, 50.0, 100.0), dead_band_pct=1.0)
    asked = [asked_level(coarse, level) for level in (0.0, 0.1, 14.0, 15.0, 34.9, 35.0, 80.0, 100.0)]
    assert asked == [0.0, 10.0, 10.0, 20.0, 20.0, 50.0, 100.0, 100.0]


def test_a_level_outside_what_may_be_written_is_asked_at_its_end() -> None:
    bounded = replace(DIMMER_ONLY, lowest_pct=10.0, highest_pct=95.0)
    assert [asked_level(bounded, level) for level in (0.0, 5.0, 50.0, 100.0)] == [0.0, 10.0, 50.0, 95.0]


DEAD_DIMMER, DEAD_RELAY = Answers(dimmer=False), Answers(relay=False)


def test_a_dead_dimmer_keeps_no_contactor_from_closing_or_opening() -> None:
    off = Reported(level_pct=None, relay_closed=False, output_on=None)
    assert possible_step(FULL, 60.0, off, DEAD_DIMMER) == Step(StepKind.CLOSE_RELAY)
    lit = Reported(level_pct=None, relay_closed=True, output_on=None, closed_for_s=0.5)
    assert possible_step(FULL, 60.0, lit, DEAD_DIMMER) is None
    assert possible_step(FULL, 0.0, lit, DEAD_DIMMER) == Step(StepKind.OPEN_RELAY, 0.0)
    assert possible_step(FULL, 0.0, off, DEAD_DIMMER) is None


def test_a_dead_contactor_keeps_no_level_from_being_set() -> None:
    unknown = Reported(level_pct=100.0, relay_closed=None, output_on=True)
    assert possible_step(FULL, 60.0, unknown, DEAD_RELAY) == Step(StepKind.SET_LEVEL, 60.0)
    assert possible_step(FULL, 60.0, Reported(100.0, False, True), DEAD_RELAY) == Step(StepKind.SET_LEVEL, 60.0)
    assert possible_step(FULL, 100.0, unknown, DEAD_RELAY) is None


def test_off_without_its_contactor_takes_no_dimmer_down() -> None:
    lit = Reported(level_pct=60.0, relay_closed=True, output_on=True, closed_for_s=500.0)
    assert possible_step(FULL, 0.0, lit, DEAD_RELAY) is None
    assert possible_step(DIMMER_ONLY, 0.0, lit, DEAD_RELAY) == Step(StepKind.SET_LEVEL, 0.0)


def test_nothing_is_asked_where_nothing_may_be_written() -> None:
    assert asked_level(FULL, math.nan) is None
    assert next_step(FULL, None, Reported()) is None


def test_the_dead_band_holds_between_the_ends_only() -> None:
    assert not differs(60.0, 60.6, 1.0)
    assert differs(60.0, 61.0, 1.0)
    assert differs(100.0, 99.5, 1.0)
    assert differs(0.0, 0.5, 1.0)
    assert differs(0.6, 0.0, 1.0)
    assert differs(50.0, None, 1.0)


@pytest.mark.parametrize(("level", "asked"), [(42.3, 42.0), (0.2, 1.0), (0.0, 0.0), (99.7, 100.0), (100.0, 100.0)])
def test_a_level_is_asked_in_the_steps_of_the_device(level: float, asked: float) -> None:
    assert asked_level(DIMMER_ONLY, level) == asked


def test_without_a_dimmer_any_light_is_full_light() -> None:
    assert asked_level(RELAY_ONLY, 40.0) == 100.0
    assert asked_level(RELAY_ONLY, 0.0) == 0.0


def test_an_open_contactor_is_dark_whatever_the_dimmer_says() -> None:
    assert accepted_level(FULL, Reported(level_pct=100.0, relay_closed=False)) == 0.0
    assert accepted_level(FULL, Reported(level_pct=100.0, relay_closed=None)) is None
    assert accepted_level(FULL, Reported(level_pct=60.0, relay_closed=True, output_on=False)) == 0.0


OUTPUTS = st.builds(
    Output,
    has_dimmer=st.booleans(),
    has_relay=st.booleans(),
    has_output_switch=st.booleans(),
    level_step_pct=st.sampled_from([1.0, 0.5, 0.1]),
    start_s=st.floats(0.0, 10.0),
    fade_level_pct=st.none() | st.floats(1.0, 30.0),
    fade_s=st.floats(0.1, 10.0),
).filter(lambda output: (output.has_dimmer or output.has_relay) and (output.has_dimmer or not output.has_output_switch))
LEVELS = st.floats(0.0, 100.0)


@given(
    output=OUTPUTS,
    decided=LEVELS,
    level=st.none() | LEVELS,
    closed=st.none() | st.booleans(),
    on=st.none() | st.booleans(),
)
def test_where_all_devices_answer_the_possible_step_is_the_next_one(
    output: Output, decided: float, level: float | None, closed: bool | None, on: bool | None
) -> None:
    reported = Reported(level, closed, on, 0.0 if closed else None)
    asked = asked_level(output, decided)
    assert possible_step(output, asked, reported, Answers()) == next_step(output, asked, reported)
    assert possible_step(output, asked, reported, Answers(relay=False, dimmer=False)) is None


@given(
    output=OUTPUTS,
    decided=LEVELS,
    level=st.none() | LEVELS,
    closed=st.none() | st.booleans(),
    on=st.none() | st.booleans(),
)
def test_perfect_devices_always_settle_and_then_agree(
    output: Output, decided: float, level: float | None, closed: bool | None, on: bool | None
) -> None:
    asked = asked_level(output, decided)
    assert asked is not None
    reported = Reported(level, closed, on, 0.0 if closed else None)
    for _ in range(10):
        step = next_step(output, asked, reported)
        if step is None:
            break
        reported = after(reported, step)
    assert next_step(output, asked, reported) is None
    if not output.has_output_switch or asked > 0:
        assert not differs(asked, accepted_level(output, reported), output.dead_band_pct)
