"""A year's figures of a site, for whoever tells what an edit would change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import CarbonFactor, Site
from lighting.assets.template import template_texts
from lighting.desk.whatif import year_of
from lighting.energy.replay import World, nights_from, replay

NIGHT = date(2026, 11, 23)


def example() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


def test_a_year_is_the_replay_of_its_365_nights() -> None:
    site = example()
    found = replay(World(site), nights_from(NIGHT, date(2027, 11, 22)))
    year = year_of(site, night=NIGHT)
    assert len(found.nights) == 365
    assert year.energy_kwh == pytest.approx(found.energy_kwh.sum())
    assert year.money == pytest.approx(found.money.sum())
    assert (year.currency, year.co2_kg, year.peak_kw) == ("VND", None, found.peak_kw)


def test_money_and_co2_are_told_as_far_as_the_tariff_goes() -> None:
    site = example()
    bare = year_of(replace(site, tariff=None), night=NIGHT)
    assert (bare.money, bare.currency, bare.co2_kg) == (None, "", None)
    assert site.tariff is not None
    with_factor = replace(site, tariff=replace(site.tariff, co2=CarbonFactor(500.0, "a table", 2025)))
    assert year_of(with_factor, night=NIGHT).co2_kg == pytest.approx(bare.energy_kwh / 2)
