"""From pulse counters to vehicles: the difference is exact, wraps are seen, and nothing is guessed."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.profile import Point
from drivers.quantity import Quantity
from lighting.assets.model import ChannelRef, TrafficSection
from lighting.operation.lane_counts import LaneCounts
from lighting.schedule.traffic_counts import TrafficCount

ROAD = TrafficSection("S1", "", "uni_11248", 1000.0, lanes=2, counters=(ChannelRef("T", "1"), ChannelRef("T", "2")))
POINT = Point(
    name="count_1",
    quantity=Quantity.PULSE_COUNT,
    channel="1",
    table="input",
    address=60,
    data_type="u16",
    counter_bits=16,
    counter_reset="on_power_loss",
)


def lanes(section: TrafficSection = ROAD, point: Point = POINT) -> LaneCounts:
    return LaneCounts(section, [point] * len(section.counters))


def polled(
    counts: LaneCounts, at_s: float, *values: float | None, uptime_s: float | None = -1.0
) -> TrafficCount | None:
    """All lanes of one poll; the device has been up for a day longer than the test has run."""
    up = 86_400.0 + at_s if uptime_s == -1.0 else uptime_s
    found = None
    for lane, value in enumerate(values):
        counts.read(lane, value, round(at_s * 1000), up)
        found = counts.count() or found
    return found


def test_the_difference_of_two_readings_is_what_passed() -> None:
    counts = lanes()
    assert polled(counts, 60, 100, 7) is None
    assert polled(counts, 120, 112, 7) == TrafficCount(60_000, 120_000, (12.0, 0.0))
    assert polled(counts, 300, 118, 10) == TrafficCount(120_000, 300_000, (6.0, 3.0)), (
        "a poll that failed loses nothing"
    )


def test_a_counter_wraps_at_the_width_of_its_register() -> None:
    counts = lanes()
    polled(counts, 60, 65_530, 0)
    assert polled(counts, 120, 10, 3) == TrafficCount(60_000, 120_000, (16.0, 3.0))


def test_pulses_are_divided_by_those_of_a_vehicle() -> None:
    counts = lanes(replace(ROAD, pulses_per_vehicle=2.0))
    polled(counts, 60, 0, 0)
    assert polled(counts, 120, 9, 4) == TrafficCount(60_000, 120_000, (4.5, 2.0))


def test_a_count_waits_until_every_lane_was_read() -> None:
    counts = lanes()
    polled(counts, 60, 100, 7)
    assert polled(counts, 120, 110, None) is None
    assert polled(counts, 180, None, 9) == TrafficCount(60_000, 180_000, (10.0, 2.0))


@pytest.mark.parametrize(
    ("value", "uptime_s"),
    [
        (5.0, 20.0),  # the device has restarted
        (150.0, 20.0),  # and counted past where it was before
        (5.0, None),  # it fell, and nobody can tell whether it wrapped
        (60_000.0, None),  # faster than vehicles can drive
        (60_000.0, 86_460.0),
    ],
)
def test_what_cannot_be_told_is_a_failed_count(value: float, uptime_s: float | None) -> None:
    counts = lanes()
    polled(counts, 60, 100, 7, uptime_s=None if uptime_s is None else 86_400.0)
    found = polled(counts, 120, value, 8, uptime_s=uptime_s)
    assert found is not None
    assert math.isnan(found.vehicles[0])
    after = polled(counts, 180, value + 4, 9, uptime_s=None if uptime_s is None else uptime_s + 60)
    assert after is not None
    assert after.vehicles[0] == 4.0, "from the new reading on it is counted again"


def test_a_counter_that_keeps_its_count_may_wrap_without_an_uptime() -> None:
    counts = lanes(point=replace(POINT, counter_reset="never"))
    polled(counts, 60, 65_530, 0, uptime_s=None)
    found = polled(counts, 120, 10, 0, uptime_s=None)
    assert found is not None
    assert found.vehicles[0] == 16.0


def test_a_restart_of_the_controller_loses_no_vehicle() -> None:
    counts = lanes()
    polled(counts, 60, 100, 7)
    polled(counts, 120, 110, 9)
    polled(counts, 150, 112, None)
    again = lanes()
    again.restore(json.loads(json.dumps(counts.as_values())))
    assert polled(again, 300, 120, 12) == TrafficCount(120_000, 300_000, (10.0, 3.0))


def test_what_other_channels_counted_is_not_carried_on() -> None:
    counts = lanes()
    polled(counts, 60, 100, 7)
    moved = lanes(replace(ROAD, counters=(ChannelRef("T", "3"), ChannelRef("T", "4"))))
    moved.restore(counts.as_values())
    assert polled(moved, 120, 500, 500) is None


def test_a_clock_that_was_stepped_back_counts_nothing_until_it_is_past() -> None:
    counts = lanes()
    polled(counts, 60, 100, 7)
    assert polled(counts, 30, 103, 8) is None
    assert polled(counts, 120, 110, 9) == TrafficCount(60_000, 120_000, (10.0, 2.0))


@given(
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 150), st.booleans()), max_size=40), st.integers(0, 65_535)
)
def test_every_vehicle_is_counted_once_whichever_polls_fail(steps: list[tuple[int, int, bool]], first: int) -> None:
    section = replace(ROAD, lanes=1, counters=(ChannelRef("T", "1"),))
    counts, at_s, total, told, seen = lanes(section), 0.0, first, 0.0, first
    polled(counts, at_s, total % 65_536)
    for seconds, passed, fails in steps:
        at_s += seconds
        total += min(passed, seconds)
        found = polled(counts, at_s, None if fails else total % 65_536)
        seen = seen if fails else total
        told += 0.0 if found is None else found.vehicles[0]
    assert told == seen - first
