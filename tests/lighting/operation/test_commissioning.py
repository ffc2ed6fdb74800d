"""Giving a device its settings: the order, what is left alone, and that breaking off never makes a street darker."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.device import Device, WriteOutcome
from drivers.errors import Implausible, Rejected, Unreachable
from drivers.profile import Point
from drivers.setting_budget import SettingBudget
from lighting.assets.failsafe import Effect, output_effect
from lighting.assets.failsafe_settings import SettingChange, commissioned_values, outputs_by_device, setting_changes
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.operation.commissioning import SettingOutcome, write_changes
from tests.effort import examples


def example() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


SITE = example()
OUTPUTS = outputs_by_device(SITE)
BUDGET = cast("SettingBudget", None)
"""Not asked here: the account of writes is the device's business."""


class HalfDevice:
    """Takes writes until told otherwise: ``fails`` by point name, ``silent_after`` so many writes."""

    def __init__(
        self,
        device_id: str,
        values: dict[str, float | str | None],
        *,
        fails: dict[str, Exception] | None = None,
        silent_after: int = 1000,
    ) -> None:
        self.profile = SITE.profiles[SITE.devices[device_id].profile]
        self.values = values
        self.written: list[str] = []
        self._fails = fails or {}
        self._silent_after = silent_after

    async def write_setting(self, point: Point, value: float, **_options: object) -> WriteOutcome:
        if len(self.written) >= self._silent_after:
            raise Unreachable("no answer in time")
        if point.name in self._fails:
            raise self._fails[point.name]
        self.written.append(point.name)
        self.values[point.name] = value
        return WriteOutcome(True, value, 1)


def written(device: HalfDevice, changes: tuple[SettingChange, ...], *, locked: str = "") -> list[SettingOutcome]:
    def allowed(change: SettingChange) -> bool:
        return locked not in change.circuits

    work = write_changes(cast("Device", device), changes, budget=BUDGET, allowed=allowed)
    return list(asyncio.run(work))


def became(outcomes: list[SettingOutcome]) -> dict[str, str]:
    return {one.change.point: one.became for one in outcomes}


def changes_of(device_id: str, values: dict[str, float | str | None]) -> tuple[SettingChange, ...]:
    return setting_changes(SITE, device_id, OUTPUTS[device_id], values)


def in_mode(device_id: str) -> dict[str, float | str | None]:
    """The device in the mode of its profile, and nothing else read."""
    profile = SITE.profiles[SITE.devices[device_id].profile]
    mode = None if profile.mode is None else profile.mode.point
    return {
        name: value for name, value in commissioned_values(SITE, device_id, OUTPUTS[device_id]).items() if name == mode
    }


def test_what_depends_on_a_refused_level_is_left_alone_and_other_channels_are_done() -> None:
    values = in_mode("CB01-D")
    device = HalfDevice("CB01-D", values, fails={"safety_level_1": Rejected("worn out")})
    found = became(written(device, changes_of("CB01-D", values)))
    assert found["safety_level_1"] == "refused"
    assert found["safety_action_1"] == "left_alone"
    assert found["safety_action_2"] == "verified"
    assert found["watchdog"] == "left_alone"


def test_an_action_of_the_whole_device_waits_for_the_levels_of_all_its_channels() -> None:
    device = HalfDevice("CB01-R", {}, fails={"safety_state_3": Implausible("an echo of another value")})
    found = became(written(device, changes_of("CB01-R", {})))
    assert found["safety_state_3"] == "not_verified"
    assert found["power_on_action"] == found["safety_action_3"] == "left_alone"
    assert found["safety_action_1"] == found["safety_action_2"] == "verified"
    assert found["watchdog"] == "left_alone"


def test_a_device_that_falls_silent_is_not_asked_on() -> None:
    device = HalfDevice("CB02-R", {}, silent_after=1)
    outcomes = written(device, changes_of("CB02-R", {}))
    assert [one.became for one in outcomes] == ["verified", "unreachable", "left_alone", "left_alone"]


def test_what_somebody_works_on_is_not_written_nor_what_concerns_it() -> None:
    values = in_mode("CB01-D")
    device = HalfDevice("CB01-D", values)
    found = became(written(device, changes_of("CB01-D", values), locked="C-0102"))
    assert found["safety_level_1"] == found["safety_action_1"] == "verified"
    assert found["safety_level_2"] == "locked_out"
    assert found["watchdog"] in ("locked_out", "left_alone")
    assert not [name for name in device.written if name.endswith("_2")]


def rank(effect: Effect) -> int:
    """Darker is less."""
    return {"dark": 0, "hold": 1, "unknown": 1, "lit": 2}[effect.kind]


def ranks(device_id: str, values: dict[str, float | str | None]) -> list[int]:
    profile = SITE.profiles[SITE.devices[device_id].profile]
    return [
        rank(output_effect(profile, channel, role, cause, values))
        for channel, (role, _circuits) in OUTPUTS[device_id].items()
        for cause in ("lost_master", "power_return")
    ]


@settings(max_examples=examples(300))
@given(data=st.data(), device_id=st.sampled_from(["CB01-D", "CB01-R", "CB02-D", "CB02-R"]))
def test_breaking_off_anywhere_never_leaves_a_device_darker_than_before(data: st.DataObject, device_id: str) -> None:
    names = sorted({change.point for change in changes_of(device_id, in_mode(device_id))})
    before = in_mode(device_id) | {
        name: data.draw(st.none() | st.sampled_from([0.0, 1.0, 2.0, 3.0, 100.0]), label=name) for name in names
    }
    changes = changes_of(device_id, before)
    error = data.draw(st.sampled_from([Rejected("no"), Implausible("odd"), Unreachable("gone")]))
    bad = data.draw(st.sets(st.sampled_from(names), max_size=2))
    silent_after = data.draw(st.integers(0, len(names)))
    device = HalfDevice(device_id, dict(before), fails=dict.fromkeys(bad, error), silent_after=silent_after)
    outcomes = written(device, changes)
    assert len(outcomes) == len(changes)
    assert all(now >= then for now, then in zip(ranks(device_id, device.values), ranks(device_id, before), strict=True))


@pytest.mark.parametrize("device_id", list(OUTPUTS))
def test_all_of_it_makes_every_output_lit(device_id: str) -> None:
    values = in_mode(device_id)
    device = HalfDevice(device_id, values)
    assert set(became(written(device, changes_of(device_id, values))).values()) == {"verified"}
    assert set(ranks(device_id, values)) == {2}
