"""From the answers of a device to what is known and to readings."""

from __future__ import annotations

import pytest

from drivers.codec import UNKNOWN, Sample, SampleQuality
from lighting.operation.feedback import Poll, absorb, explain_by_failsafe
from lighting.operation.live import Live, OwnWatch
from lighting.store.records import Quality, Reading

GAP_MS = 180_000.0
NOBODY: frozenset[str] = frozenset()


def good(value: float) -> Sample:
    return Sample(value, SampleQuality.GOOD)


def odd(value: float) -> Sample:
    return Sample(value, SampleQuality.OUT_OF_RANGE)


def poll(
    live: Live, device: str, samples: dict[str, Sample], *, at_ms: int = 1000, doubted: bool = False
) -> list[Reading]:
    return absorb(
        live,
        Poll(device, samples, started_s=at_ms / 1000, at_ms=at_ms, clock_doubted=doubted),
        locked=NOBODY,
        gap_limit_ms=GAP_MS,
    )


def by_series(readings: list[Reading]) -> dict[int, Reading]:
    return {reading.series_key: reading for reading in readings}


def test_reports_become_accepted_levels(live: Live) -> None:
    poll(live, "CB02-D", {"level_1": good(80.0), "on_1": good(1.0), "uptime": good(500.0)})
    poll(live, "CB02-R", {"contact_1": good(1.0), "uptime": good(500.0)})
    assert live.circuits["C-0201"].accepted_pct == 80.0
    poll(live, "CB02-R", {"contact_1": good(0.0), "uptime": good(1.0)}, at_ms=61_000)
    assert live.circuits["C-0201"].accepted_pct == 0.0


def test_an_unknown_or_odd_report_is_unknown_and_never_zero(live: Live) -> None:
    poll(live, "CB02-R", {"contact_1": good(1.0)})
    poll(live, "CB02-D", {"level_1": UNKNOWN, "on_1": good(1.0)})
    assert live.circuits["C-0201"].accepted_pct is None
    poll(live, "CB02-D", {"level_1": odd(254.0), "on_1": good(1.0)})
    assert live.circuits["C-0201"].accepted_pct is None
    assert live.odd_readings == {"CB02-D": "level_1"}


def named_points(live: Live) -> dict[str, str]:
    """Field of the meter → name of the profile's point."""
    return {field: point for point, (_, field) in live.wiring.devices["CB02-M"].meters.items()}


def test_a_meter_gives_readings_in_exact_units_and_power_of_its_circuit(live: Live) -> None:
    points = named_points(live)
    samples = {
        points["power_w"]: good(960.0),
        points["energy_kwh"]: good(1234.567),
        points["voltage_v"]: good(230.0),
        points["current_a"]: good(4.2),
        points["power_factor"]: good(0.97),
        points["reactive_var"]: good(-240.5),
    }
    readings = by_series(poll(live, "CB02-M", samples))
    meter = readings[live.meter_keys["CB02-M:total"]]
    assert meter.energy_ws == 4_444_441_200
    assert meter.power_w == 960.0
    assert meter.reactive_var == -240.5
    assert meter.quality == Quality.GOOD
    circuit = readings[live.circuits["C-0201"].key]
    assert circuit.power_w == 960.0
    assert circuit.quality == Quality.MISSING, "its level is not known yet"


def test_an_odd_power_is_kept_in_the_reading_and_not_used(live: Live) -> None:
    points = named_points(live)
    samples = {point: good(1.0) for point in points.values()} | {points["power_w"]: odd(9e9)}
    readings = by_series(poll(live, "CB02-M", samples))
    meter = readings[live.meter_keys["CB02-M:total"]]
    assert meter.power_w == 9e9
    assert meter.quality & Quality.OUT_OF_RANGE
    assert live.circuits["C-0201"].power_w is None


def test_readings_of_a_doubted_clock_are_flagged(live: Live) -> None:
    points = named_points(live)
    readings = poll(live, "CB02-M", {point: good(1.0) for point in points.values()}, doubted=True)
    assert readings
    assert all(reading.quality & Quality.CLOCK_DOUBTED for reading in readings)


def test_a_poll_that_began_before_a_write_ended_says_nothing_of_its_circuit(live: Live) -> None:
    circuit = live.circuits["C-0201"]
    circuit.level_pct, circuit.written_s = 60.0, 50.0
    poll(live, "CB02-D", {"level_1": good(100.0), "on_1": good(1.0)}, at_ms=49_000)
    assert circuit.level_pct == 60.0
    poll(live, "CB02-D", {"level_1": good(100.0), "on_1": good(1.0)}, at_ms=51_000)
    assert circuit.level_pct == 100.0


def test_a_relay_that_moves_under_a_lockout_or_a_hand_switch_is_explained(live: Live) -> None:
    circuit = live.circuits["C-0201"]
    first = Poll("CB02-R", {"contact_1": good(0.0), "uptime": good(100.0)}, 1.0, 1000)
    moved = Poll("CB02-R", {"contact_1": good(1.0), "uptime": good(160.0)}, 61.0, 61_000)
    absorb(live, first, locked=NOBODY, gap_limit_ms=GAP_MS)
    absorb(live, moved, locked=frozenset({"C-0201"}), gap_limit_ms=GAP_MS)
    assert circuit.unexplained_since_ms is None
    back = Poll("CB02-R", {"contact_1": good(0.0), "uptime": good(220.0)}, 121.0, 121_000)
    absorb(live, back, locked=NOBODY, gap_limit_ms=GAP_MS)
    assert circuit.unexplained_since_ms == 121_000


def dropped(live: Live, watch: OwnWatch) -> None:
    """The relay of C-0201 was closed at the first look, and is open at the next one, a minute later."""
    device = live.devices["CB02-R"]
    device.watch = watch
    poll(live, "CB02-R", {"contact_1": good(1.0)}, at_ms=1000)
    device.last_ok_ms, device.last_ok_s = 1000, 1.0
    poll(live, "CB02-R", {"contact_1": good(0.0)}, at_ms=61_000)


def test_a_relay_that_took_its_failsafe_state_after_its_watchdog_ran_out_was_not_moved_by_hand(live: Live) -> None:
    dropped(live, OwnWatch(watchdog_s=10.0, closed_after={"1": False}))
    assert live.circuits["C-0201"].unexplained_since_ms is None
    assert live.circuits["C-0201"].relay_closed is False  # so that it is written back


@pytest.mark.parametrize(
    "watch",
    [
        OwnWatch(watchdog_s=10.0, closed_after={"1": True}),
        OwnWatch(watchdog_s=300.0, closed_after={"1": False}),
        OwnWatch(watchdog_s=10.0),
    ],
    ids=["another state", "a longer watchdog", "a state that nobody knows"],
)
def test_what_its_failsafe_does_not_explain_was_moved_by_hand(live: Live, watch: OwnWatch) -> None:
    dropped(live, watch)
    assert live.circuits["C-0201"].unexplained_since_ms == 61_000


def test_settings_that_are_read_afterwards_explain_it_too(live: Live) -> None:
    circuit, device = live.circuits["C-0201"], live.devices["CB02-R"]
    dropped(live, OwnWatch())
    assert circuit.unexplained_since_ms == 61_000
    assert device.settings_doubted
    device.watch = OwnWatch(watchdog_s=300.0, closed_after={"1": False})
    assert not explain_by_failsafe(circuit, device)
    device.watch = OwnWatch(watchdog_s=10.0, closed_after={"1": False})
    assert explain_by_failsafe(circuit, device)
    assert circuit.unexplained_since_ms is None
