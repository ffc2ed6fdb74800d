"""What one circuit's screen gets of its meter: the levels that its power means, and each channel's latest reading."""

from __future__ import annotations

import pytest

from lighting.desk.desk import Desk
from lighting.energy.luminaire_power import CircuitPower
from lighting.store.records import Quality, Reading
from lighting.store.store import Store


@pytest.fixture
def read(store: Store, desk: Desk) -> list[Reading]:
    """Three polls of C-0101, one of them not to be believed, and what its meter said last."""
    at_ms = desk.clock.now_ms() - 180_000
    circuit = store.keys.ensure("circuit", ["C-0101"], at_ms=at_ms)["C-0101"]
    meter = store.keys.ensure("meter", ["CB01-M:L1"], at_ms=at_ms)["CB01-M:L1"]
    half_w = float(CircuitPower(desk.site).expected_w([50.0, 0.0, 0.0, 0.0])[0])  # type: ignore[arg-type]
    readings = [
        Reading(at_ms, circuit, level_pct=50.0, power_w=half_w),
        Reading(at_ms + 60_000, circuit, level_pct=50.0, power_w=9e9, quality=Quality.OUT_OF_RANGE),
        Reading(at_ms + 120_000, circuit, level_pct=50.0),
        Reading(at_ms + 120_000, meter, power_w=half_w + 18, voltage_v=229.8, current_a=4.9, power_factor=0.96),
    ]
    store.readings.append(readings)
    return readings


def test_measured_power_is_told_as_the_level_that_it_means(desk: Desk, read: list[Reading]) -> None:
    answer = desk.circuit("C-0101")
    assert answer.measured == tuple(read[:3])
    level_pct, *others = answer.measured_level_pct
    assert level_pct == pytest.approx(50.0, abs=0.5)
    assert others == [None, None]


def test_each_channel_of_the_meter_tells_what_it_read_last(desk: Desk, read: list[Reading]) -> None:
    assert desk.circuit("C-0101").meter_readings == (("CB01-M:L1", read[3]),)


def test_a_meter_that_was_never_read_says_so(desk: Desk, store: Store) -> None:
    answer = desk.circuit("C-0201")
    assert answer.meter_readings == (("CB02-M:total", None),)
    assert answer.measured_level_pct == ()
