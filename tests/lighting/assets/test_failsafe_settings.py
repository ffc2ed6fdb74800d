"""Which settings are watched, and what would be written so that a circuit stays lit."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.codec import encode
from drivers.profile import Reaction
from drivers.quantity import Quantity
from lighting.assets.failsafe import output_effect
from lighting.assets.failsafe_settings import (
    STAGES,
    SettingChange,
    outputs_by_device,
    planned_watchdog_s,
    raw_of,
    setting_changes,
    value_of_raw,
    wanted_of_reaction,
    watched_points,
)
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from tests.effort import examples


def example() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


EXAMPLE = example()
OUTPUTS = outputs_by_device(EXAMPLE)


def changes(device: str, values: dict[str, float | str | None], site: Site = EXAMPLE) -> dict[str, SettingChange]:
    return {change.point: change for change in setting_changes(site, device, outputs_by_device(site)[device], values)}


def test_only_outputs_in_use_are_watched_and_each_setting_once() -> None:
    points = [point.name for point in watched_points(EXAMPLE.profiles["wb-mr6c"], OUTPUTS["CB02-R"])]
    assert points == ["watchdog", "safety_action_1", "safety_state_1", "power_on_action"]
    assert "CB02-M" not in OUTPUTS


def test_what_is_written_is_only_what_differs() -> None:
    wanted = {name: change.to_value for name, change in changes("CB02-R", {}).items()}
    assert wanted == {"safety_state_1": 100.0, "safety_action_1": 1.0, "power_on_action": 0.0, "watchdog": 300.0}
    assert changes("CB02-R", dict(wanted)) == {}
    found = changes("CB02-R", {**wanted, "watchdog": 10.0})
    assert list(found) == ["watchdog"]
    assert (found["watchdog"].from_raw, found["watchdog"].to_raw, found["watchdog"].unit) == (10, 300, "s")


def test_a_change_says_from_and_to_in_words_too() -> None:
    change = changes("CB02-D", {"safety_action_1": 1.0})["safety_action_1"]
    assert (change.from_word, change.to_word) == ("off", "level")
    assert changes("CB02-D", {})["safety_action_1"].from_raw is None


def test_levels_come_before_the_actions_that_use_them_and_the_watchdog_last() -> None:
    stages = [change.stage for change in setting_changes(EXAMPLE, "CB01-D", OUTPUTS["CB01-D"], {})]
    assert stages == sorted(stages, key=STAGES.index)
    assert stages[-1] == "watchdog"


def test_a_setting_of_the_whole_device_concerns_all_of_its_circuits() -> None:
    found = changes("CB01-R", {})
    assert found["power_on_action"].circuits == ("C-0101", "C-0102", "C-0103")
    assert found["safety_action_2"].circuits == ("C-0102",)


def test_a_circuit_that_is_never_dimmed_asks_for_full_light() -> None:
    control = replace(EXAMPLE.control, night_safe_level_pct=60.0)
    found = changes("CB01-D", {}, replace(EXAMPLE, control=control))
    assert found["safety_level_1"].to_value == 60.0
    assert found["safety_level_2"].to_value == 100.0


def test_the_watchdog_time_stays_within_the_range_of_the_device() -> None:
    profile = EXAMPLE.profiles["wb-mao4"]
    points = tuple(replace(p, write_max=240.0) if p.name == "watchdog" else p for p in profile.points)
    assert planned_watchdog_s(replace(profile, points=points), "1", "dimmer", EXAMPLE.control) == 240.0
    fixed = replace(profile, failsafe=replace(profile.failsafe, watchdog=None, watchdog_s=20.0))
    assert planned_watchdog_s(fixed, "1", "dimmer", EXAMPLE.control) == 20.0


def test_a_watchdog_that_could_only_make_it_dark_is_left_alone() -> None:
    profile = EXAMPLE.profiles["wb-mr6c"]
    dark = replace(profile, failsafe=replace(profile.failsafe, lost_master=Reaction("dark")))
    site = replace(EXAMPLE, profiles={**EXAMPLE.profiles, "wb-mr6c": dark})
    assert "watchdog" not in changes("CB02-R", {}, site)


def test_what_cannot_be_written_is_not_promised() -> None:
    profile = EXAMPLE.profiles["wb-mao4"]
    points = tuple(replace(p, writable=False) if p.quantity is Quantity.SAFETY_LEVEL else p for p in profile.points)
    site = replace(EXAMPLE, profiles={**EXAMPLE.profiles, "wb-mao4": replace(profile, points=points)})
    assert "safety_action_1" not in changes("CB02-D", {}, site)


@pytest.mark.parametrize("raw", [0, 1, 2, 3, 77, 65534])
def test_raw_and_value_are_two_faces_of_one(raw: int) -> None:
    point = EXAMPLE.profiles["wb-mao4"].point_named("watchdog")
    assert point is not None
    scaled = replace(point, scale=Fraction(1, 10))
    for each in (point, scaled):
        assert raw_of(each, value_of_raw(each, raw)) == raw
    assert raw_of(point, None) is None
    assert raw_of(point, "text") is None


@settings(max_examples=examples(200))
@given(
    meanings=st.dictionaries(
        st.integers(0, 3), st.sampled_from(["lit", "hold", "dark", "level", "unknown"]), max_size=4
    ),
    target_pct=st.sampled_from([30.0, 60.0, 100.0]),
    present=st.dictionaries(
        st.sampled_from(["safety_action_1", "safety_level_1"]), st.sampled_from([0.0, 1.0, 2.0, 3.0, 60.0, 100.0])
    ),
)
def test_what_is_written_lights_it(meanings: dict[int, str], target_pct: float, present: dict[str, float]) -> None:
    """Whatever the choices of a dimmer are: after the writes it is lit at the level, or nothing was promised."""
    reaction = Reaction(
        action=Quantity.SAFETY_ACTION,
        meanings=meanings,  # type: ignore[arg-type]
        level=Quantity.SAFETY_LEVEL,
    )
    profile = EXAMPLE.profiles["wb-mao4"]
    failsafe = replace(profile.failsafe, lost_master=reaction, watchdog=None, watchdog_s=None)
    profile = replace(profile, failsafe=failsafe, mode=None)
    wanted = wanted_of_reaction(profile, "1", "dimmer", reaction, target_pct, present)
    if wanted is None:
        assert "level" not in meanings.values()
        return
    for _stage, point, value in wanted:
        encode(point, value)  # raises for what the device cannot take
    after = present | {point.name: value for _stage, point, value in wanted}
    effect = output_effect(profile, "1", "dimmer", "lost_master", after)
    assert (effect.kind, effect.level_pct) == ("lit", target_pct)
