"""Traffic and photocells through whole evenings: from pulses and lux on the wire to the lamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lighting.cli.simulated_city import SiteSeconds
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN
from lighting.schedule.instructions import Layer
from lighting.schedule.traffic_rules import TrafficCount
from tests.lighting.senses_site import with_senses

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

MIN = 60_000
M3, M4, M5 = 100 / 1.1, 75 / 1.1, 50 / 1.1
"""Levels of C-0101, which gives 1.1 cd/m² at 100 %: its design class and the two below it."""


def flow(street: Street, veh_h: float) -> None:
    for lane, counter in enumerate(street.city.counters["quay"]):
        counter.set_flow(veh_h / (lane + 1))


def sky(street: Street, lx: float) -> None:
    street.city.light_sensors["square"].set_sky(lx)


def said(street: Street, kind: str = "traffic", one: str = "quay") -> list[int]:
    changes = street.store.senses.changes_between("traffic" if kind == "traffic" else "photocell", 0, 2**60)
    return [change.value for change in changes.get(one, [])]


def slow_down(street: Street, speed: float) -> None:
    """The rest of the evening at a pace at which a restart is a matter of a minute."""
    street.clock.change_speed(speed)
    assert isinstance(street.city.now_s, SiteSeconds)
    street.city.now_s.change_speed(speed)


def is_at(street: Street, circuit: str, level_pct: float) -> bool:
    return street.level(circuit) == pytest.approx(level_pct, abs=1.0)


async def test_an_empty_road_is_dimmed_class_by_class_and_counts_that_stop_mean_the_design_class(
    make_street: MakeStreet,
) -> None:
    street = await make_street(after_dusk_s=900, speed=600.0, more=with_senses())
    flow(street, 60.0)
    sky(street, 1.0)
    await street.start()
    await street.until(lambda: is_at(street, "C-0101", M3))
    await street.until(lambda: is_at(street, "C-0101", M5))
    await street.until(lambda: said(street) == [0, 1, 2])  # one class at a time
    await street.until(lambda: street.states()["C-0101"].cause.values.get("lighting_class") == "M5")
    state = street.states()["C-0101"]
    assert state.layer == Layer.TRAFFIC
    assert state.cause.code == "traffic_counted"
    assert state.cause.values["section"] == "quay"
    assert street.store.senses.counts_between("quay", 0, 2**60, ("counter",)), "windows are kept for what-if"
    assert street.states()["C-0201"].cause.code == "traffic_unknown"
    street.device("CB01-T").silence()
    await street.until(lambda: is_at(street, "C-0101", M3))
    await street.until(lambda: said(street)[-1] == UNKNOWN)
    await street.until(lambda: street.states()["C-0101"].cause.code == "traffic_counts_stale")
    await street.until(lambda: ("traffic_unknown", "lake") in street.alarms())
    assert ("traffic_unknown", "quay") not in street.alarms(), "its silent counter is the alarm"
    assert ("device_silent", "CB01-T") in street.alarms()


async def test_a_restart_changes_no_lamp_and_rising_traffic_lights_the_road_at_once(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=900, speed=600.0, more=with_senses())
    flow(street, 60.0)
    sky(street, 1.0)
    await street.start()
    await street.until(lambda: is_at(street, "C-0101", M5))
    slow_down(street, 60.0)
    writes = len(street.device("CB01-D").writes)
    before = said(street)
    for _ in range(2):
        await street.stop()
        await street.start()
        await street.ticks(6)
    assert is_at(street, "C-0101", M5)
    assert len(street.device("CB01-D").writes) == writes, "no lamp flickers"
    assert said(street) == before
    flow(street, 2400.0)
    await street.until(lambda: is_at(street, "C-0101", M3))
    await street.until(lambda: said(street)[-1] == 0)
    changes = street.store.senses.changes_between("traffic", 0, 2**60)["quay"]
    rise = [change for change in changes[len(before) :] if change.value == 0]
    assert rise
    assert rise[0].at_ms - changes[len(before)].at_ms < 2 * MIN, "not after a whole window"


async def test_a_counter_that_boots_loses_its_window_and_nothing_is_guessed(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=900, speed=600.0, more=with_senses())
    flow(street, 60.0)
    sky(street, 1.0)
    await street.start()
    await street.until(lambda: is_at(street, "C-0101", M5))
    street.device("CB01-T").reboot()
    await street.until(lambda: UNKNOWN in said(street))
    changes = street.store.senses.changes_between("traffic", 0, 2**60)["quay"]
    lost = next(change for change in changes if change.value == UNKNOWN)
    assert lost.fact.code == "traffic_count_failed"
    await street.until(lambda: said(street)[-1] == 2)  # it is believed again once it has counted twice


async def test_a_storm_by_day_lights_its_own_district_only(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=-3 * 3600, speed=60.0, more=with_senses())
    flow(street, 60.0)
    sky(street, 20_000.0)
    await street.start()
    await street.until(lambda: said(street, "photocell", "square") == [BRIGHT])
    assert street.lit() == set()
    sky(street, 20.0)
    await street.until(lambda: street.lit() == {"C-0103"})
    state = street.states()["C-0103"]
    assert state.dark
    await street.until(lambda: said(street, "photocell", "square") == [BRIGHT, DARK])
    street.city.light_sensors["square"].lamps_lx = lambda _now_s: 60.0 if "C-0103" in street.lit() else 0.0
    sky(street, 40.0)  # with the light of its own lamps 100 lx, over what is bright
    await street.ticks(20)
    assert street.lit() == {"C-0103"}
    sky(street, 8_000.0)
    await street.until(lambda: street.lit() == set())


async def test_a_push_wakes_the_controller_long_before_its_next_tick(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=7200, speed=1.0, tick_s=30.0, more=with_senses())
    sky(street, 1.0)
    await street.start()
    await street.until(lambda: street.layer_of("C-0201") == Layer.TRAFFIC)
    begin = street.clock.now_ms() - 60 * MIN
    counts = [TrafficCount(begin + i * 10 * MIN, begin + (i + 1) * 10 * MIN, (2.0,)) for i in range(6)]
    assert tuple(street.store.senses.add_counts("lake", counts, "push")) == (6, 0, 0)
    await street.until(lambda: said(street, one="lake") == [2])
    await street.until(lambda: street.states()["C-0201"].cause.values.get("lighting_class") == "P6")
