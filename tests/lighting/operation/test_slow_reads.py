"""Slow and once points are read at their pace, beside the polls, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from drivers.codec import UNKNOWN, Sample, SampleQuality
from drivers.errors import DriverError, Rejected, Unreachable
from drivers.profile import Point
from lighting.assets.model import Site
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live
from lighting.operation.poller import Poller
from lighting.operation.takeover import SiteKeys, live_of
from lighting.operation.wiring import wire

DEVICE = "CB01-D"


class SetClock:
    speed = 1.0

    def __init__(self) -> None:
        self.at_ms = 1_800_000_000_000

    def now_ms(self) -> int:
        return self.at_ms


class Board:
    """A device that answers everything with 1 and writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.values: dict[str, Sample] = {}
        self.error: DriverError | None = None
        self.slow_error: DriverError | None = None
        self.restarts = 0

    async def read(self, points: Sequence[Point], **_options: object) -> dict[str, Sample]:
        names = {point.name for point in points}
        self.asked.append(names)
        error = self.slow_error if "serial_number" in names or "temperature" in names else self.error
        if error is not None:
            raise error
        return {name: self.values.get(name, Sample(1.0, SampleQuality.GOOD)) for name in names}

    def restarted(self) -> None:
        self.restarts += 1

    def slow_reads(self) -> list[set[str]]:
        return [names for names in self.asked if "uptime" not in names]


class Bench:
    """A poller with one device on it, and a clock that the test sets."""

    def __init__(self, live: Live) -> None:
        self.live, self.clock, self.board = live, SetClock(), Board()
        self.readings = 0
        lines = cast("Lines", SimpleNamespace(devices={DEVICE: self.board}))
        self.poller = Poller(live, lines, cast("Ledger", SimpleNamespace(add_readings=self._count)), self.clock)

    def _count(self, readings: Sequence[object]) -> None:
        self.readings += len(readings)

    async def poll(self, after_s: float = 0.0, uptime_s: float | None = None) -> None:
        self.clock.at_ms += round(1000 * after_s)
        if uptime_s is not None:
            self.board.values["uptime"] = Sample(uptime_s, SampleQuality.GOOD)
        await self.poller.round([DEVICE], bound_s=5.0)
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def bench(live: Live) -> Bench:
    return Bench(live)


def names(points: Sequence[Point]) -> set[str]:
    return {point.name for point in points}


def test_slow_and_once_points_are_those_of_the_device_and_of_the_channels_in_use(site: Site) -> None:
    wiring = wire(site).devices[DEVICE]
    assert {"supply_voltage", "temperature", "output_voltage_1", "output_voltage_2"} <= names(wiring.slow)
    assert "output_voltage_3" not in names(wiring.slow)
    assert {"serial_number", "firmware", "watchdog", "safety_action_2", "power_on_level_1"} <= names(wiring.once)
    assert "safety_action_3" not in names(wiring.once)
    assert not (names(wiring.slow) | names(wiring.once)) & set(wiring.points)


async def test_slow_points_are_read_now_and_then_and_settings_once(bench: Bench) -> None:
    wiring = bench.live.wiring.devices[DEVICE]
    await bench.poll(uptime_s=100)
    assert bench.board.slow_reads() == [names(wiring.slow) | names(wiring.once)]
    device = bench.live.devices[DEVICE]
    assert device.latest["temperature"].value == 1.0
    assert device.latest["safety_action_1"].value == 1.0
    assert device.latest["level_1"].value == 1.0
    assert device.slow_ms == device.once_ms == bench.clock.at_ms
    for n in range(1, 11):
        await bench.poll(60, uptime_s=100 + 60 * n)
    assert bench.board.slow_reads()[1:] == [names(wiring.slow)]
    assert device.once_ms == bench.clock.at_ms - 600_000


async def test_they_are_no_readings(bench: Bench) -> None:
    await bench.poll(uptime_s=100)
    first = bench.readings
    await bench.poll(60, uptime_s=160)
    assert bench.readings == 2 * first


async def test_settings_are_read_again_after_a_restart_and_after_silence(bench: Bench) -> None:
    once = names(bench.live.wiring.devices[DEVICE].once)
    await bench.poll(uptime_s=1000)
    await bench.poll(60, uptime_s=1060)
    assert len(bench.board.slow_reads()) == 1
    await bench.poll(60, uptime_s=5)
    assert bench.board.restarts == 1
    assert bench.board.slow_reads()[1:] == [once]
    bench.board.error = Unreachable("no answer in time")
    await bench.poll(60)
    bench.board.error = None
    await bench.poll(60, uptime_s=125)
    assert bench.board.restarts == 1
    assert bench.board.slow_reads()[2:] == [once]
    bench.poller.read_once_again([DEVICE])
    await bench.poll(60, uptime_s=185)
    assert bench.board.slow_reads()[3:] == [once]


async def test_a_silent_slow_read_is_tried_at_the_next_poll_and_a_refused_one_at_the_next_slow_one(
    bench: Bench,
) -> None:
    bench.board.slow_error = Unreachable("no answer in time")
    await bench.poll(uptime_s=100)
    await bench.poll(60, uptime_s=160)
    assert len(bench.board.slow_reads()) == 2
    bench.board.slow_error = Rejected("exception 1", exception_code=1)
    await bench.poll(60, uptime_s=220)
    for n in range(1, 6):
        await bench.poll(60, uptime_s=220 + 60 * n)
    assert len(bench.board.slow_reads()) == 3
    assert bench.live.devices[DEVICE].reachable is True
    bench.board.slow_error = None
    await bench.poll(300, uptime_s=820)
    assert "watchdog" in bench.live.devices[DEVICE].latest


async def test_a_silent_device_is_asked_for_nothing_slow(bench: Bench) -> None:
    bench.board.error = Unreachable("no answer in time")
    await bench.poll()
    assert bench.board.slow_reads() == []


async def test_an_odd_slow_value_stands_as_odd_until_it_is_well_again(bench: Bench) -> None:
    bench.board.values["temperature"] = Sample(300.0, SampleQuality.OUT_OF_RANGE)
    bench.board.values["supply_voltage"] = UNKNOWN
    await bench.poll(uptime_s=100)
    await bench.poll(60, uptime_s=160)
    assert bench.live.odd_readings == {DEVICE: "temperature"}
    assert bench.live.devices[DEVICE].latest["supply_voltage"] is UNKNOWN
    bench.board.values.clear()
    await bench.poll(600, uptime_s=760)
    await bench.poll(60, uptime_s=820)
    assert bench.live.odd_readings == {}


async def test_a_clock_that_was_stepped_back_stops_no_slow_read(bench: Bench) -> None:
    await bench.poll(uptime_s=100)
    await bench.poll(-7200, uptime_s=160)
    assert len(bench.board.slow_reads()) == 2


async def test_a_revision_that_uses_another_channel_reads_its_settings(
    site: Site, keys: SiteKeys, bench: Bench
) -> None:
    await bench.poll(uptime_s=100)
    dimmer = site.circuits["C-0101"].dimmer
    assert dimmer is not None
    moved = replace(site.circuits["C-0101"], dimmer=replace(dimmer, channel="3"))
    bench.live = live_of(replace(site, circuits={**site.circuits, "C-0101": moved}), keys, bench.live)
    bench.poller.live = bench.live
    await bench.poll(60, uptime_s=160)
    assert "safety_action_3" in bench.live.devices[DEVICE].latest


async def test_a_slow_meter_point_goes_into_its_reading_when_it_is_its_turn(site: Site, keys: SiteKeys) -> None:
    """And between two turns its absence is no failure."""
    profile = site.profiles["sdm120"]
    points = tuple(
        replace(point, poll="slow") if point.quantity in ("energy_import", "active_power") else point
        for point in profile.points
    )
    slow_site = replace(site, profiles={**site.profiles, "sdm120": replace(profile, points=points)})
    wiring = wire(slow_site).devices["CB02-M"]
    (energy,) = (name for name in wiring.slow_meters if wiring.meters[name][1] != "reactive_var")
    assert wiring.meters[energy][1] == "energy_kwh"
    assert "power_w" in {wiring.meters[name][1] for name in wiring.points}  # lamps out are seen by it
    bench = Bench(live_of(slow_site, keys))
    lines = cast("Lines", SimpleNamespace(devices={"CB02-M": bench.board}))
    readings: list[tuple[int | None, int]] = []

    def note(rows: Sequence[object]) -> None:
        readings.extend((row.energy_ws, row.quality) for row in rows if row.voltage_v is not None)  # type: ignore[attr-defined]

    poller = Poller(bench.live, lines, cast("Ledger", SimpleNamespace(add_readings=note)), bench.clock)
    for _ in range(11):
        await poller.round(["CB02-M"], bound_s=5.0)
        await asyncio.sleep(0)
        bench.clock.at_ms += 60_000
    assert [energy_ws is not None for energy_ws, _ in readings] == [True, *[False] * 9, True]
    assert {quality for _, quality in readings} == {0}
