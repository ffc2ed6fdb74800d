"""What the lamps of a circuit draw, and what their meter counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.simulator.lamp_bank import COLD_POWER_SHARE, LampBank, LampKind

RATED_W = 90.0


def led_w(level_pct: float) -> float:
    """Linear-quadratic with a fixed loss of 5 %, 0.5 W standby."""
    if level_pct <= 0.0:
        return 0.5
    light = level_pct / 100.0
    return 4.5 + (RATED_W - 4.5) * (0.9 * light + 0.1 * light * light)


def led(count: int = 20, **changes: float) -> LampKind:
    return LampKind(count, led_w, **{"start_s": 1.0, "warm_up_s": 5.0, **changes})  # type: ignore[arg-type]


def sodium(count: int = 10) -> LampKind:
    return LampKind(count, lambda level: 170.0 if level else 0.0, dimmable=False, warm_up_s=600.0, restrike_s=120.0)


def plain(*kinds: LampKind, parts: int = 1) -> LampBank:
    return LampBank(kinds, now_s=0.0, parts=parts, tolerance=0.0, drift=0.0)


def test_power_follows_the_level_after_the_ramp_and_the_warm_up() -> None:
    bank = plain(led())
    bank.set_level(60.0, 0.0)
    assert bank.power_w(100.0) == pytest.approx(20 * led_w(60.0))
    bank.set_level(100.0, 100.0, ramp_ms_per_pct=20.0)
    assert bank.level_pct(100.4) == pytest.approx(80.0)
    assert bank.power_w(100.4) == pytest.approx(20 * led_w(80.0))
    assert bank.power_w(101.0) == pytest.approx(20 * RATED_W)


def test_a_level_under_the_lamps_minimum_gives_the_minimum_and_zero_gives_standby() -> None:
    bank = plain(led())
    bank.set_level(3.0, 0.0)
    assert bank.power_w(60.0) == pytest.approx(20 * led_w(10.0))
    bank.set_level(0.0, 60.0)
    assert bank.power_w(61.0) == pytest.approx(20 * 0.5)


def test_an_open_contactor_cuts_standby_too_and_a_closed_one_lights_after_the_start_time() -> None:
    bank = plain(led())
    bank.set_level(100.0, 0.0)
    bank.set_contactor(False, 10.0)
    assert bank.power_w(11.0) == 0.0
    bank.set_contactor(True, 20.0)
    assert bank.power_w(20.5) == 0.0
    assert bank.power_w(21.0) == pytest.approx(20 * RATED_W * COLD_POWER_SHARE)
    assert bank.power_w(26.0) == pytest.approx(20 * RATED_W)


def test_a_discharge_lamp_takes_minutes_to_full_power_and_does_not_strike_hot() -> None:
    bank = plain(sodium())
    assert bank.power_w(1.0) == pytest.approx(850.0)
    assert bank.power_w(301.0) == pytest.approx(0.75 * 1700.0)
    assert bank.power_w(601.0) == pytest.approx(1700.0)
    bank.set_contactor(False, 1000.0)
    bank.set_contactor(True, 1005.0)
    assert bank.power_w(1100.0) == 0.0, "it restrikes 120 s after it went out, plus its start time"
    assert bank.power_w(1122.0) > 0.0


def test_a_discharge_lamp_is_not_dimmed_before_it_is_warm() -> None:
    kind = LampKind(1, led_w, warm_up_s=600.0)
    bank = plain(kind)
    bank.set_level(50.0, 0.0)
    assert bank.power_w(301.0) == pytest.approx(0.75 * RATED_W)
    assert bank.power_w(601.0) == pytest.approx(led_w(50.0))


def test_a_stuck_contactor_does_not_follow() -> None:
    bank = plain(led())
    bank.set_level(100.0, 0.0)
    bank.stick_contactor("closed", 50.0)
    bank.set_contactor(False, 60.0)
    assert bank.power_w(70.0) > 0.0
    bank.stick_contactor("open", 80.0)
    bank.set_contactor(True, 90.0)
    assert bank.power_w(99.0) == 0.0
    bank.stick_contactor(None, 100.0)
    assert bank.power_w(110.0) > 0.0


def test_failed_lamps_are_missing_in_the_power_until_they_are_mended() -> None:
    bank = plain(led(20))
    bank.set_level(100.0, 0.0)
    bank.fail_lamps(3, 60.0)
    assert bank.failed_count == 3
    assert bank.power_w(60.0) == pytest.approx(17 * RATED_W)
    bank.fail_lamps(99, 61.0)
    assert bank.power_w(61.0) == 0.0
    bank.repair_lamps(62.0)
    assert bank.power_w(62.0) == pytest.approx(20 * RATED_W)


def test_the_output_switched_off_forgets_no_setpoint() -> None:
    bank = plain(led())
    bank.set_level(70.0, 0.0)
    bank.set_output_on(False, 10.0)
    assert bank.power_w(20.0) == pytest.approx(20 * 0.5)
    bank.set_output_on(True, 30.0)
    assert bank.power_w(40.0) == pytest.approx(20 * led_w(70.0))


def test_lamps_are_spread_over_the_phases() -> None:
    bank = plain(led(20), parts=3)
    bank.set_level(100.0, 0.0)
    assert [bank.power_w(60.0, part) for part in range(3)] == [
        pytest.approx(7 * RATED_W),
        pytest.approx(7 * RATED_W),
        pytest.approx(540.0),
    ]


def test_tolerance_and_drift_come_from_the_seed_and_stay_small() -> None:
    def night(seed: int) -> list[float]:
        bank = LampBank([led()], seed=seed, tolerance=0.05, drift=0.003)
        bank.set_level(100.0, 0.0)
        return [bank.power_w(minute * 60.0) for minute in range(1, 200)]

    assert night(1) == night(1)
    assert night(1) != night(2)
    assert all(abs(power_w / (20 * RATED_W) - 1.0) < 0.054 for power_w in night(3))
    assert max(night(1)) > min(night(1)), "drift moves it"


def test_energy_over_steps_is_the_exact_sum() -> None:
    bank = plain(led(start_s=0.0, warm_up_s=0.0))
    bank.set_level(100.0, 0.0)
    bank.set_level(50.0, 3600.0)
    bank.set_contactor(False, 7200.0)
    expected_ws = 3600.0 * 20 * (RATED_W + led_w(50.0))
    assert bank.energy_ws(10_800.0, 0) == pytest.approx(expected_ws, rel=1e-12)


@given(
    levels=st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 200.0)), min_size=1, max_size=5),
    ramp=st.sampled_from([0.0, 20.0, 500.0]),
)
def test_energy_is_the_integral_of_power_through_ramps_and_warm_up(
    levels: list[tuple[float, float]], ramp: float
) -> None:
    bank = plain(led(2))
    twin = plain(led(2))
    at_s = 0.0
    summed_ws = 0.0
    steps = 2000
    for level_pct, length_s in levels:
        for each in (bank, twin):
            each.set_level(level_pct, at_s, ramp_ms_per_pct=ramp)
        width_s = length_s / steps
        summed_ws += width_s * sum(bank.power_w(at_s + (i + 0.5) * width_s) for i in range(steps))
        at_s += length_s
    # The midpoint sum misses up to one step's width at each of the few jumps; the integral must lie inside that.
    assert twin.energy_ws(at_s, 0) == pytest.approx(
        summed_ws, abs=2 * 2 * RATED_W * sum(s for _, s in levels) / steps + 1e-6
    )


@given(st.lists(st.floats(0.01, 900.0), min_size=1, max_size=30))
def test_energy_does_not_depend_on_how_often_it_is_read(reads: list[float]) -> None:
    often, once = (LampBank([led(), sodium()], seed=5) for _ in range(2))
    for bank in (often, once):
        bank.set_level(80.0, 0.0, ramp_ms_per_pct=20.0)
    at_s = 0.0
    for gap_s in reads:
        at_s += gap_s
        often.energy_ws(at_s, 0)
    assert often.energy_ws(at_s, 0) == pytest.approx(once.energy_ws(at_s, 0), rel=1e-4, abs=1e-6)


def test_a_time_that_runs_backwards_counts_nothing() -> None:
    bank = plain(led())
    bank.set_level(100.0, 0.0)
    counted_ws = bank.energy_ws(100.0, 0)
    assert bank.energy_ws(50.0, 0) == counted_ws
