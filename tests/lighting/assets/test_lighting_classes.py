"""Floors from lighting classes, holidays, and what differs between two states of a folder."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from lighting.assets.changes import changed_files
from lighting.assets.folder import read_site
from lighting.assets.holiday_dates import is_holiday
from lighting.assets.lighting_classes import CLASS_LEVELS, floor_level_pct
from lighting.assets.model import Calendar, Circuit, Site
from lighting.assets.template import template_texts


@pytest.fixture(scope="module")
def site() -> Site:
    found = read_site(template_texts()).site
    assert found is not None
    return found


@pytest.fixture(scope="module")
def circuit(site: Site) -> Circuit:
    return site.circuits["C-0101"]


@pytest.mark.parametrize(
    ("changes", "floor_pct"),
    [
        ({"lowest_class": "M5", "maintained_level": 1.0}, 50.0),
        ({"lowest_class": "M6", "maintained_level": 1.5}, 20.0),
        ({"lowest_class": "P6", "design_class": "P4", "maintained_level": 8.0}, 25.0),
        ({"lowest_class": "M5", "maintained_level": 0.4}, 100.0),
        ({"lowest_class": "M5", "maintained_level": None}, 30.0),
        ({"lowest_class": "", "maintained_level": 1.0}, 30.0),
        ({"lowest_class": "M5", "maintained_level": 1.0, "never_dim": True}, 100.0),
    ],
)
def test_floor(site: Site, circuit: Circuit, changes: dict[str, object], floor_pct: float) -> None:
    assert floor_level_pct(dataclasses.replace(circuit, **changes), site) == pytest.approx(floor_pct)  # type: ignore[arg-type]


@pytest.mark.parametrize("family", ["M", "C", "P"])
def test_classes_get_darker_with_their_number(family: str) -> None:
    levels = [level for name, level in CLASS_LEVELS.items() if name.startswith(family)]
    assert len(levels) == 6
    assert levels == sorted(levels, reverse=True)


# Viet Nam's Tết of 2026 is 16 to 20 February; Hùng Kings' day is observed on 27 April.
@pytest.mark.parametrize(
    ("date", "expected"),
    [("2026-02-15", False), ("2026-02-16", True), ("2026-02-20", True), ("2026-04-27", True), ("2026-04-28", False)],
)
def test_public_holidays_of_viet_nam(date: str, expected: bool) -> None:
    calendar = Calendar(holiday_country="VN")
    assert is_holiday(calendar, date) is expected
    assert is_holiday(calendar, dt.date.fromisoformat(date)) is expected


def test_the_sites_own_additions_and_removals_win() -> None:
    calendar = Calendar(
        holiday_country="VN", holidays_added=("2026-10-10",), holidays_removed=("2026-02-16", "2026-10-11")
    )
    assert is_holiday(calendar, "2026-10-10")
    assert not is_holiday(calendar, "2026-02-16")
    assert is_holiday(calendar, "2026-02-17")


def test_a_region_has_holidays_of_its_own() -> None:
    assert is_holiday(Calendar(holiday_country="DE", holiday_region="BY"), "2026-01-06")
    assert not is_holiday(Calendar(holiday_country="DE", holiday_region="BE"), "2026-01-06")


def test_without_a_country_only_the_added_dates_are_holidays() -> None:
    assert not is_holiday(Calendar(), "2026-01-01")
    assert is_holiday(Calendar(holidays_added=("2026-01-01",)), "2026-01-01")


def test_changed_files() -> None:
    old = {"site.toml": "a\n", "circuits.csv": "b\n", "gone.toml": "c"}
    new = {"site.toml": "\ufeffa\r\n", "circuits.csv": "b2\n", "new.toml": "d"}
    assert changed_files(old, new) == ("circuits.csv", "gone.toml", "new.toml")
    assert changed_files(old, old) == ()
