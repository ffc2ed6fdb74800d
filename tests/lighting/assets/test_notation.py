"""The small notations of the folder: what is read, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets import notation
from lighting.assets.model import Anchor, ChannelRef, LampGroup


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("22:00", Anchor(clock_minutes=1320)),
        ("00:00", Anchor(clock_minutes=0)),
        ("sunset", Anchor(sun_event="sunset")),
        ("sunset+00:15", Anchor(sun_event="sunset", offset_s=900)),
        ("sunset - 1h30m", Anchor(sun_event="sunset", offset_s=-5400)),
        ("civil_dusk-10m", Anchor(sun_event="civil_dusk", offset_s=-600)),
        ("dawn+45s", Anchor(sun_event="dawn", offset_s=45)),
    ],
)
def test_anchor(text: str, anchor: Anchor) -> None:
    assert notation.parse_anchor(text) == anchor


@pytest.mark.parametrize("text", ["", "24:00", "7:30", "22.00", "sunset+", "sunset+x", "noon", "sunset+13:00", "+10m"])
def test_no_anchor(text: str) -> None:
    with pytest.raises(notation.NotationError):
        notation.parse_anchor(text)


@given(st.sampled_from(notation.SUN_EVENTS), st.integers(-12 * 60, 12 * 60))
def test_every_event_takes_offsets_of_up_to_twelve_hours(event: str, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    text = f"{event}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert notation.parse_anchor(text).offset_s == minutes * 60


def test_channels_lamps_and_meters() -> None:
    assert notation.parse_channel("CB01-D:1") == ChannelRef("CB01-D", "1")
    assert notation.parse_meter("CB01-M:L1+L2") == (ChannelRef("CB01-M", "L1"), ChannelRef("CB01-M", "L2"))
    assert notation.parse_lamps("led-60:20 + hps-150:4") == (LampGroup("led-60", 20), LampGroup("hps-150", 4))
    assert str(ChannelRef("CB01-D", "1")) == "CB01-D:1"


@pytest.mark.parametrize("text", ["led", "led:", ":3", "led:1.5", "led:-1", "led:1e3", "led:20,hps:4"])
def test_no_lamps(text: str) -> None:
    with pytest.raises(notation.NotationError):
        notation.parse_lamps(text)


def test_dates_are_inclusive_ranges_or_single_days() -> None:
    assert notation.parse_dates("2026-02-16..2026-02-20") == ("2026-02-16", "2026-02-20")
    assert notation.parse_dates("2026-12-24") == ("2026-12-24", "2026-12-24")
    with pytest.raises(notation.NotationError) as refusal:
        notation.parse_dates("2026-02-20..2026-02-16")
    assert refusal.value.fact.code == "dates_reversed"


@pytest.mark.parametrize("text", ["CB:1", "", " ", "-x", "a+b", "x" * 65, "a\nb", '"a"', "a "])
def test_no_id(text: str) -> None:
    with pytest.raises(notation.NotationError):
        notation.parse_id(text)


@pytest.mark.parametrize("text", ["CB01", "Đèn 7", "HPS/Induction", "118B8", "A.1", "a_b"])
def test_id(text: str) -> None:
    assert notation.parse_id(text) == text


@pytest.mark.parametrize("text", ["wb-mao4", "wb-mao4+pwm", "Đèn đường+lux 2"])
def test_a_profile_is_named_by_its_id_and_a_variant_beside_its_base(text: str) -> None:
    assert notation.parse_profile_id(text) == text


@pytest.mark.parametrize("text", ["", "+pwm", "a+b+c", "a + b", "a\t+b", "x" * 65])
def test_no_profile(text: str) -> None:
    with pytest.raises(notation.NotationError) as refusal:
        notation.parse_profile_id(text)
    assert refusal.value.fact.code == "id_not_valid"
