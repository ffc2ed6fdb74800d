"""What is written of a moment is read again as the same one; steps, rules and values in the notation of the files."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.model import Anchor, CalendarRule, ChannelRef, LampGroup, Place, ProgramStep, SunEvent
from lighting.assets.notation import parse_anchor
from lighting.assets.written import anchor_text, number_text, rule_text, step_text, value_text

PLAIN = st.one_of(
    st.builds(Anchor, clock_minutes=st.integers(0, 1439)),
    st.builds(Anchor, sun_event=st.sampled_from(get_args(SunEvent)), offset_s=st.integers(-43_200, 43_200)),
    st.just(Anchor(photocell=True)),
)


def bounded(first: Anchor, bounds: list[tuple[bool, Anchor]]) -> Anchor:
    for is_later, bound in bounds:
        first = Anchor(later_of=(first, bound)) if is_later else Anchor(earlier_of=(first, bound))
    return first


BOUNDED = st.builds(bounded, PLAIN, st.lists(st.tuples(st.booleans(), PLAIN), max_size=3))
ANCHORS = st.one_of(
    BOUNDED,
    st.builds(
        lambda is_later, parts: Anchor(later_of=parts) if is_later else Anchor(earlier_of=parts),
        st.booleans(),
        st.lists(BOUNDED, min_size=2, max_size=4).map(tuple),
    ),
)


@given(ANCHORS)
def test_a_written_moment_is_read_as_the_same(anchor: Anchor) -> None:
    assert parse_anchor(anchor_text(anchor)) == anchor


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (ProgramStep(Anchor(), 60.0), "60 %"),
        (ProgramStep(Anchor(), 0.0, part_night=True), "0 % part_night"),
        (ProgramStep(Anchor(), 100.0, lighting_class="M4", adaptive=True), "M4 adaptive"),
        (ProgramStep(Anchor(), 62.5, ramp_s=300.0), "62.5 % ramp_s=300"),
    ],
)
def test_steps(step: ProgramStep, text: str) -> None:
    assert step_text(step) == text


def test_a_rule_says_only_what_it_says() -> None:
    rule = CalendarRule(
        "match",
        {"main": "bright", "*": "dim"},
        dates=(("2026-12-24", "2026-12-24"), ("2026-12-30", "2027-01-01")),
        seasons=(((10, 15), (3, 15)),),
        nth_weekdays=((2, 4), (-1, 6), (5, 0)),
        places=(Place("circuit", "C-1"), Place("district", "centre")),
    )
    assert rule_text(rule) == (
        "dates 2026-12-24, 2026-12-30..2027-01-01; seasons 10-15..03-15; nth_weekdays 2nd fri, last sun, 5th mon; "
        "places C-1, district:centre; use main → bright, * → dim"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("", "–"),
        ((), "–"),
        (True, "yes"),
        (3.0, "3"),
        (0.25, "0.25"),
        ((LampGroup("led", 3), LampGroup("hps", 1)), "led:3+hps:1"),
        (((10.0, 6.0), (100.0, 40.0)), "10:6+100:40"),
        (ChannelRef("D", "1"), "D:1"),
        ((ChannelRef("M", "L1"), ChannelRef("M", "L2")), "M:L1+M:L2"),
        ({"mon": 1}, "mon 1"),
    ],
)
def test_values(value: object, text: str) -> None:
    assert value_text(value) == text


def test_numbers_lose_nothing() -> None:
    assert [number_text(one) for one in (30.0, -0.833, 1e20)] == ["30", "-0.833", "1e+20"]
