"""The judgement of a night follows what was measured, not what was claimed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.cli.demo_city import demo_city_texts
from lighting.cli.demo_night import DemoNight, lit_bound_s, night_for
from lighting.cli.demo_summary import DemoSummary, counted_channels, has_own_meter, summarise
from lighting.store.records import DeviceWrite, Reading
from lighting.store.store import Store, open_store, store_url_for

TICK_S = 150.0
KWH = 3_600_000


@pytest.fixture(scope="module")
def site() -> Site:
    site = read_site(demo_city_texts()).site
    assert site is not None
    return site


@pytest.fixture(scope="module")
def night(site: Site) -> DemoNight:
    return night_for(site, dt.date(2026, 11, 23), 390)


@pytest.fixture
def store(tmp_path: Path, site: Site) -> Iterator[Store]:
    with open_store(store_url_for(tmp_path)) as store:
        store.keys.ensure("circuit", list(site.circuits), at_ms=0)
        store.keys.ensure("device", list(site.devices), at_ms=0)
        store.keys.ensure("meter", [str(ref) for ref in counted_channels(site)], at_ms=0)
        yield store


def light(store: Store, site: Site, night: DemoNight, *, late: dict[str, float]) -> None:
    """Readings of a city that was lit exactly at each circuit's bound, or ``late`` seconds after it."""
    keys = store.keys.known("circuit")
    readings = []
    for circuit_id, lighting in night.lightings.items():
        circuit = site.circuits[circuit_id]
        bound_s = lit_bound_s(site, circuit, lighting.level_pct, TICK_S)
        lit_ms = lighting.at_ms + round(1000 * (bound_s + late.get(circuit_id, 0.0)))
        own = has_own_meter(site, circuit)
        # The echo of an own-metered circuit claims 100 % from the start: only its power may be believed.
        key, zero_w = keys[circuit_id], 0.0 if own else None
        before = Reading(night.start_ms, key, level_pct=100.0 if own else 0.0, power_w=zero_w)
        after = Reading(lit_ms, key, level_pct=100.0, power_w=20_000.0 if own else None)
        readings += [before, after]
    store.readings.append(readings)


def write(store: Store, night: DemoNight, outcome: str) -> None:
    store.history.add_writes([DeviceWrite(night.sunset_ms, 1, "1", "dim_level", 100.0, outcome, 3)])


def judged(store: Store, site: Site, night: DemoNight) -> DemoSummary:
    return summarise(site, store, night, [(night.sunset_ms, TICK_S)])


def test_lit_at_the_bound_with_every_command_confirmed_is_good(store: Store, site: Site, night: DemoNight) -> None:
    light(store, site, night, late={})
    write(store, night, "verified")
    summary = judged(store, site, night)
    assert summary.is_good
    assert summary.late == ()
    assert summary.facts()[-1].code == "demo_good"
    by = [circuit.judged_by for circuit in summary.circuits]
    assert (by.count("power"), by.count("feedback")) == (84, 16)


def test_a_second_over_the_bound_is_late(store: Store, site: Site, night: DemoNight) -> None:
    light(store, site, night, late={"C-0001": 1.0, "C-0005": 1.0})
    write(store, night, "verified")
    summary = judged(store, site, night)
    assert [circuit.circuit for circuit in summary.late] == ["C-0001", "C-0005"]
    assert not summary.is_good
    assert [fact.code for fact in summary.facts()].count("demo_lit_late") == 2


def test_an_echo_without_power_is_not_light(store: Store, site: Site, night: DemoNight) -> None:
    light(store, site, night, late={"C-0001": 10e6})
    write(store, night, "verified")
    summary = judged(store, site, night)
    assert [(circuit.circuit, circuit.lit_ms) for circuit in summary.late] == [("C-0001", None)]
    assert "demo_never_lit" in [fact.code for fact in summary.facts()]


@pytest.mark.parametrize("outcome", ["unreachable", "rejected", "implausible", "echoed"])
def test_one_command_that_was_not_confirmed_is_not_good(
    store: Store, site: Site, night: DemoNight, outcome: str
) -> None:
    light(store, site, night, late={})
    write(store, night, "verified")
    write(store, night, outcome)
    summary = judged(store, site, night)
    assert (summary.sent_count, summary.confirmed_count) == (2, 1)
    assert not summary.is_good
    assert summary.as_json()["failed_count"] == 1


def test_energy_is_the_counters_difference_without_the_permanent_loads(
    store: Store, site: Site, night: DemoNight
) -> None:
    keys = store.keys.known("meter")
    hours = (night.until_ms - night.start_ms) / 3_600_000
    readings = []
    for ref in counted_channels(site):
        permanent_kwh = (14 + 22) / 1000 * hours if ref.device in ("HK02-M", "HK08-M", "HK14-M", "HK20-M") else 0.0
        for at_ms, kwh in ((night.start_ms, 5000.0), (night.until_ms, 5010.0 + permanent_kwh)):
            readings.append(Reading(at_ms, keys[str(ref)], power_w=0.0, energy_ws=round(kwh * KWH)))
    store.readings.append(readings)
    summary = judged(store, site, night)
    assert summary.energy_kwh == pytest.approx(10.0 * len(counted_channels(site)), abs=0.02)
    dark_hours = (night.sunrise_ms - night.sunset_ms) / 3_600_000
    full_kw = sum(
        site.luminaire_types[g.luminaire_type].rated_w * g.count for c in site.circuits.values() for g in c.lamps
    )
    assert summary.full_power_kwh == pytest.approx(full_kw / 1000 * dark_hours, abs=0.01)


def test_every_lamp_is_counted_by_exactly_one_channel(site: Site) -> None:
    counted = counted_channels(site)
    for circuit in site.circuits.values():
        assert sum(ref in counted for ref in circuit.meter) == len(circuit.meter)
    assert len({(ref.device, ref.channel) for ref in counted}) == len(counted)


def test_the_tick_of_the_lighting_counts_and_not_a_later_hiccup(store: Store, site: Site, night: DemoNight) -> None:
    ticks = [(night.start_ms, 900.0), (night.sunset_ms, 150.0), (night.until_ms, 4000.0)]
    assert summarise(site, store, night, ticks).effective_tick_s == 150.0
