"""Power over level, for one luminaire and for all circuits, and back from power to level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.folder import read_site
from lighting.assets.model import LuminaireType
from lighting.assets.template import template_texts
from lighting.energy.luminaire_power import CircuitPower, level_from_power, power_w

LED = LuminaireType("led", "LED", rated_w=100, standby_w=0.5)
TABLE = LuminaireType(
    "table", "table", rated_w=40, standby_w=0.4, curve="table", curve_points=((10, 6), (50, 20), (100, 40))
)
SODIUM = LuminaireType("hps", "HPS", rated_w=169, curve="none", minimum_level_pct=100)


def levels(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def example_power() -> CircuitPower:
    site = read_site(template_texts()).site
    assert site is not None
    return CircuitPower(site)


def test_led_power_is_standby_then_fixed_loss_and_linear_quadratic() -> None:
    # 5 + 95 × (0.9 × 0.5 + 0.1 × 0.25) = 50.125
    assert power_w(LED, levels(0, 50, 100)) == pytest.approx([0.5, 50.125, 100.0])


def test_under_the_minimum_level_a_lamp_gives_its_minimum() -> None:
    assert power_w(LED, levels(1, 10))[0] == power_w(LED, levels(1, 10))[1]


def test_a_table_is_interpolated_between_its_points() -> None:
    assert power_w(TABLE, levels(0, 5, 10, 30, 75, 100)) == pytest.approx([0.4, 6, 6, 13, 30, 40])


def test_a_lamp_that_cannot_be_dimmed_is_on_or_off() -> None:
    assert power_w(SODIUM, levels(0, 1, 60, 100)) == pytest.approx([0, 169, 169, 169])


def test_unknown_levels_give_unknown_power() -> None:
    for kind in (LED, TABLE, SODIUM):
        assert np.isnan(power_w(kind, levels(np.nan))).all()


@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_more_light_never_takes_less_power(one: float, other: float) -> None:
    low, high = sorted((one, other))
    for kind in (LED, TABLE, SODIUM):
        powers = power_w(kind, levels(low, high))
        assert powers[0] <= powers[1] + 1e-9


def test_circuits_at_full_level() -> None:
    power = example_power()
    assert power.circuit_ids == ("C-0101", "C-0102", "C-0103", "C-0201")
    assert power.full_w() == pytest.approx([24 * 90, 6 * 90, 8 * 169, 30 * 40])


def test_an_open_contactor_cuts_standby_too() -> None:
    texts = template_texts()
    texts["circuits.csv"] = texts["circuits.csv"].replace("CB01-D:1,CB01-R:1", "CB01-D:1,")
    site = read_site(texts).site
    assert site is not None
    off_w = CircuitPower(site).expected_w(np.zeros(4))
    assert off_w == pytest.approx([24 * 0.5, 0, 0, 0])


def test_steps_by_circuits_give_the_same_as_one_step_at_a_time() -> None:
    power = example_power()
    steps = np.array([[0.0, 20, 100, 55], [100, 0, 0, 5], [np.nan, 1, 30, 100]])
    whole = power.expected_w(steps)
    assert whole.shape == steps.shape
    for row, step in zip(whole, steps, strict=True):
        np.testing.assert_allclose(row, power.expected_w(step))


def test_a_circuit_without_a_dimmer_is_at_full_power_at_any_level() -> None:
    assert example_power().expected_w(levels(30, 30, 30, 30))[2] == 8 * 169


@given(st.lists(st.floats(10, 100), min_size=4, max_size=4))
def test_power_of_a_level_means_that_level(wanted: list[float]) -> None:
    power = example_power()
    found = level_from_power(power, power.expected_w(np.array(wanted)))
    dimmable = [0, 1, 3]
    np.testing.assert_allclose(found[dimmable], np.array(wanted)[dimmable], atol=0.05)
    assert found[2] == 100.0


def test_levels_of_surprising_powers() -> None:
    power = example_power()
    nothing = power.level_from_power(np.zeros(4))
    assert nothing.tolist() == [0, 0, 0, 0]
    assert power.level_from_power(np.full(4, 1e6)).tolist() == [100, 100, 100, 100]
    assert np.isnan(power.level_from_power(np.full(4, np.nan))).all()
    slightly_under_minimum = power.minimum_lit_w() * 0.9
    assert power.level_from_power(slightly_under_minimum).tolist() == [10, 10, 100, 10]


def test_one_circuit_alone_gives_the_same() -> None:
    power = example_power()
    measured = power.expected_w(levels(40, 60, 100, 25))
    together = power.level_from_power(measured)
    for circuit, watts, level in zip(power.circuit_ids, measured, together, strict=True):
        assert power.circuit_level(circuit, float(watts)) == pytest.approx(level)
    with pytest.raises(KeyError):
        power.circuit_level("C-9999", 10.0)


def test_many_powers_of_one_circuit_are_the_same_as_one_by_one() -> None:
    site = read_site(template_texts()).site
    assert site is not None
    power = CircuitPower(site)
    measured_w = np.array([0.0, 300.0, 1100.0, 5000.0, np.nan])
    together = power.circuit_levels("C-0101", measured_w)
    one_by_one = [power.circuit_level("C-0101", float(watts)) for watts in measured_w]
    np.testing.assert_array_equal(together, one_by_one)
    assert 0.0 < together[2] < 100.0
