"""What a photocell says, and when it is not believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.model import ChannelRef, Photocell
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN
from lighting.schedule.photocell_rules import (
    PhotocellState,
    Surroundings,
    advance,
    overtaken,
    stale_after,
)
from tests.effort import examples

MIN = 60_000
HOUR = 60
CELL = Photocell("P1", "centre", ChannelRef("D1", "1"))
DAY = Surroundings(40.0)
NIGHT = Surroundings(-20.0)
TWILIGHT = Surroundings(-2.0)

Reading = tuple[float, float | None]


def lived(
    readings: Sequence[Reading],
    around: Surroundings | Callable[[float], Surroundings] = TWILIGHT,
    state: PhotocellState | None = None,
) -> tuple[PhotocellState, list[tuple[float, int, str]]]:
    """Readings as (minute, lux); changes as (minute, value, why)."""
    state, told = state or PhotocellState(), []
    for minute, lux in readings:
        at = around(minute) if callable(around) else around
        state, changes = advance(CELL, state, round(minute * MIN), lux, at)
        told += [(at_ms / MIN, value, fact.code) for at_ms, value, fact in changes]
    return state, told


def every_minute(*lux: float, begin: int = 1) -> list[Reading]:
    return [(begin + minute, value) for minute, value in enumerate(lux)]


def test_two_minutes_of_agreement_each_way_and_nothing_between_the_limits() -> None:
    """Practice: on at 35 lx or less, off at 70 lx or more, two minutes of agreement."""
    readings = every_minute(500, 500, 500, 50, 35, 36, 35, 35, 35, 60, 69.9, 70, 70, 69, 70, 70, 70)
    assert lived(readings)[1] == [
        (3, BRIGHT, "photocell_bright"),
        (9, DARK, "photocell_dark"),
        (17, BRIGHT, "photocell_bright"),
    ]


def test_between_the_limits_nothing_is_known_at_first() -> None:
    assert lived(every_minute(*[50.0] * 20))[0].value == UNKNOWN


@pytest.mark.parametrize(("lux", "value", "minutes"), [(20.0, DARK, 10), (500.0, BRIGHT, 3)])
def test_silence_is_doubt_and_doubt_goes_to_light(lux: float, value: int, minutes: int) -> None:
    state, _ = lived(every_minute(lux, lux, lux))
    assert state.value == value
    assert stale_after(state) == (3 + minutes) * MIN
    assert overtaken(CELL, state, (3 + minutes) * MIN - 1) == (state, [])
    state, changes = overtaken(CELL, state, 60 * MIN)
    assert [(at, told, fact.code) for at, told, fact in changes] == [((3 + minutes) * MIN, UNKNOWN, "photocell_silent")]
    assert lived(every_minute(lux, lux, lux, begin=61), state=state)[1] == [
        (63, value, "photocell_dark" if value == DARK else "photocell_bright")
    ]


@pytest.mark.parametrize("lux", [None, float("nan"), -1.0])
def test_what_is_no_figure_is_no_reading(lux: float | None) -> None:
    state, _ = lived(every_minute(500, 500, 500))
    assert advance(CELL, state, 4 * MIN, lux, TWILIGHT) == (state, [])
    assert advance(CELL, state, 2 * MIN, 10.0, TWILIGHT) == (state, [])


def test_a_storm_by_day_is_dark_and_an_hour_of_it_is_not_believed() -> None:
    told = lived(every_minute(*[20.0 + i % 7 for i in range(70)]), DAY)[1]
    assert told == [(3, DARK, "photocell_dark"), (64, UNKNOWN, "photocell_dark_by_day")]


def test_a_storm_over_the_whole_city_is_believed_and_one_dark_cell_among_bright_ones_is_not() -> None:
    readings = every_minute(*[20.0 + i % 7 for i in range(70)])
    assert lived(readings, Surroundings(40.0, others_bright=False))[0].value == DARK
    assert lived(readings, Surroundings(40.0, others_bright=True))[0].value == UNKNOWN


def test_bright_by_night_is_not_believed_and_two_good_days_make_it_good() -> None:
    state, told = lived(every_minute(500, 500, 500, 500), NIGHT)
    assert told == []
    assert state.doubt == "photocell_bright_by_night"

    def sun(minute: float) -> Surroundings:
        in_twilight = minute % (12 * HOUR) < 30
        return Surroundings(-3.0 if in_twilight else 30.0 if minute // (12 * HOUR) % 2 == 0 else -30.0)

    readings = [(float(m), (5.0 if m // (12 * HOUR) % 2 else 900.0) + m % 5) for m in range(24 * HOUR, 74 * HOUR, 2)]
    told = lived(readings, sun, state)[1]
    assert told[0][0] == pytest.approx(72 * HOUR, abs=10)
    assert told[0][1] == DARK


def test_two_good_days_are_days_in_which_it_was_read() -> None:
    state, _ = lived(every_minute(500, 500, 500, 500), NIGHT)
    readings = [(float(m), 900.0 + m % 5) for m in range(60, 26 * HOUR, 2)]
    readings += [(float(m), 900.0 + m % 5) for m in range(28 * HOUR, 60 * HOUR, 2)]
    assert lived(readings, DAY, state)[0].doubt == "photocell_bright_by_night"


def test_the_very_same_figure_for_a_day_is_not_believed_but_in_a_polar_night() -> None:
    readings = [(float(m), 600.0) for m in range(0, 25 * HOUR, 2)]
    assert lived(readings, DAY)[1][-1] == (24 * HOUR, UNKNOWN, "photocell_constant")
    night = [(minute, 0.0) for minute, _ in readings]
    assert lived(night, NIGHT)[0].value == DARK


def test_more_than_six_changes_an_hour_are_not_believed() -> None:
    lux = [500.0 + i if i // 4 % 2 else 20.0 + i % 3 for i in range(60)]
    state, told = lived(every_minute(*lux))
    assert state.doubt == "photocell_restless"
    assert sum(value in (BRIGHT, DARK) for _, value, _ in told) == 7
    assert told[-1][1:] == (UNKNOWN, "photocell_restless")


def test_the_light_of_its_own_lamps_does_not_switch_it_off() -> None:
    """The sky gives 30 lx, the lamps 60 more: without them it is dark, and 90 lx are no day."""
    state, _ = lived(every_minute(500, 500, 500, 30, 30, 30))
    lit = Surroundings(-2.0, lamps_on=True)
    state, more = lived(every_minute(*[90.0, 91.0] * 5, begin=7), lit, state)
    assert more == []
    assert state.value == DARK
    assert lived(every_minute(131, 131, 131, begin=17), lit, state)[1] == [(19, BRIGHT, "photocell_bright")]


def test_the_state_goes_through_json() -> None:
    state, _ = lived(every_minute(500, 500, 500, 20, 20, 20, 20))
    assert PhotocellState.from_values(json.loads(json.dumps(state.as_values()))) == state
    with pytest.raises((ValueError, TypeError)):
        PhotocellState.from_values({"value": 7})
    with pytest.raises((ValueError, TypeError)):
        PhotocellState.from_values({"read_lx": "bright"})


_LUX = st.one_of(st.none(), st.floats(0, 200), st.sampled_from([0.0, 20.0, 35.0, 70.0, 5000.0, float("nan"), -3.0]))


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), _LUX), max_size=80), st.sampled_from([-20.0, -7.0, 0.0, 30.0]))
def test_bright_is_only_said_for_what_was_read_just_now(steps: list[tuple[int, float | None]], sun: float) -> None:
    """Whatever fails: bright needs agreeing readings of the last minutes, and never stands against the night."""
    state, at_ms, read = PhotocellState(), 0, [(-1, 0.0)]
    for minutes, lux in steps:
        at_ms += minutes * MIN
        state, changes = advance(CELL, state, at_ms, lux, Surroundings(sun))
        assert [at for at, _, _ in changes] == sorted(at for at, _, _ in changes)
        if lux is not None and lux >= 0 and at_ms > read[-1][0]:
            read.append((at_ms, lux))
        if state.value == BRIGHT:
            assert sun >= -6.0
            assert at_ms - read[-1][0] < 3 * MIN
            assert any(lux >= CELL.off_lx for _, lux in read[1:])
