"""EN 13201-5 by constructed figures, the mean of constant light output, and sums over hours."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.folder import read_site
from lighting.assets.model import Circuit, Site
from lighting.assets.template import template_texts
from lighting.energy.indicators import (
    PROFILE_HOURS,
    annual_energy_wh_m2,
    coverage,
    lit_areas,
    load_duration_w,
    load_profile_w,
    local_hours,
    mean_output_pct,
    power_density_w_lx_m2,
    reactive_by_period,
    system_power,
    use_figures,
    worst,
)
from lighting.energy.slots import hour_edges_ms


def example() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


def with_circuits(site: Site, **changes: dict[str, object]) -> Site:
    circuits: dict[str, Circuit] = dict(site.circuits)
    for name, values in changes.items():
        one = name.replace("_", "-")
        circuits[one] = replace(circuits[one], **values)  # type: ignore[arg-type]
    return replace(site, circuits=circuits)


def test_the_constructed_figures_of_power_density_and_annual_energy() -> None:
    """Ten lamps of 50 W, each over 30 m × 7 m, 10 lx; 4,000 h full, or 2,400 h full and 1,600 h at half power."""
    power_w, area_m2 = [50.0] * 10, [30.0 * 7.0] * 10
    assert round(power_density_w_lx_m2(power_w, [10.0] * 10, area_m2), 5) == 0.02381
    full_ws = [50 * 4_000 * 3_600] * 10
    part_ws = [(50 * 2_400 + 25 * 1_600) * 3_600] * 10
    assert round(annual_energy_wh_m2(full_ws, area_m2), 1) == 952.4
    assert round(annual_energy_wh_m2(part_ws, area_m2), 1) == 761.9


def test_the_energy_of_a_part_of_the_year_is_brought_to_a_year() -> None:
    assert annual_energy_wh_m2([3_600_000], [10.0], 73.0) == pytest.approx(500.0)


@pytest.mark.parametrize("areas", [[], [0.0]])
def test_no_area_is_no_indicator(areas: list[float]) -> None:
    with pytest.raises(ValueError, match="area"):
        annual_energy_wh_m2([1], areas)
    with pytest.raises(ValueError, match="area"):
        power_density_w_lx_m2([1.0], [10.0] * len(areas), areas)


TALQ = ((0.0, 80.0), (5_000.0, 85.0), (10_000.0, 90.0), (15_000.0, 95.0), (20_000.0, 100.0))


def test_the_mean_of_constant_light_output_over_its_life_is_90_percent() -> None:
    assert mean_output_pct(TALQ, 20_000.0) == pytest.approx(90.0)
    assert mean_output_pct(TALQ, 5_000.0) == pytest.approx(82.5)
    assert mean_output_pct(TALQ, 40_000.0) == pytest.approx(95.0)
    assert mean_output_pct((), 1_000.0) == 100.0


def test_system_power_counts_standby_and_what_stands_beside_the_lamps() -> None:
    site = example()
    whole = system_power(site)
    assert whole.lamps_w == 24 * 90 + 6 * 90 + 8 * 169 + 30 * 40
    assert whole.permanent_w == 18.0
    assert whole.total_w == whole.lamps_w + 18.0
    assert whole.standby_w == 0.0  # contactors cut it
    bare = with_circuits(site, C_0201={"relay": None})
    kind = site.luminaire_types["led-40"]
    assert system_power(bare).standby_w == 30 * kind.standby_w > 0
    assert system_power(site, ["C-0201"]).permanent_w == 0.0


def test_lit_areas_take_lux_from_the_class_and_what_is_said_beside_a_luminance() -> None:
    area = {"length_m": 100.0, "width_m": 5.0}
    site = with_circuits(example(), C_0101=area, C_0102={"area_m2": 300.0}, C_0201=area)
    found = lit_areas(site)
    assert found.circuits_with_area == ("C-0101", "C-0102", "C-0201")
    assert found.circuits_with_illuminance == ("C-0102", "C-0201")  # M3 has a luminance
    assert found.illuminance_area_lx_m2 == 300 * 22 + 500 * 5.5
    assert found.area_m2 == 1300.0
    assert found.length_km == 0.2
    lamps_w = 6 * 90 + 30 * 40
    assert found.power_w == pytest.approx(lamps_w * (1 + 18 / system_power(site).lamps_w))
    more = lit_areas(with_circuits(site, C_0101={"maintained_lx": 16.0}))
    assert more.illuminance_area_lx_m2 == 300 * 22 + 500 * 5.5 + 500 * 16


def ms(*when: int) -> int:
    return round(datetime(*when, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc]


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_a_constant_load_is_flat_from_noon_to_noon_through_a_clock_change(timezone: str) -> None:
    edges = hour_edges_ms(ms(2026, 3, 20), ms(2026, 11, 10), timezone)
    lengths = np.diff(edges)
    profile = load_profile_w(edges[:-1], lengths * 2, lengths, timezone)  # 2 Ws in a ms
    assert profile == pytest.approx([2000.0] * 24)
    assert PROFILE_HOURS[0] == 12
    assert PROFILE_HOURS[12] == 0


def test_an_hour_that_is_never_known_has_no_mean() -> None:
    edges = hour_edges_ms(ms(2026, 1, 1), ms(2026, 1, 3), "UTC")
    known = np.where(local_hours(edges[:-1], "UTC") == 13, 0, np.diff(edges))
    profile = load_profile_w(edges[:-1], np.diff(edges), known, "UTC")
    assert profile[1] is None
    assert [value is None for value in profile].count(True) == 1


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=3000), st.integers(2, 500))
def test_a_load_duration_falls_and_keeps_its_ends(powers: list[float], most: int) -> None:
    found = load_duration_w(np.array(powers), most)
    assert len(found) <= most
    shares, values = zip(*found, strict=True)
    assert values[0] == max(powers)
    assert (shares[-1], values[-1]) == (1.0, min(powers))
    assert all(a >= b for a, b in itertools.pairwise(values))
    assert all(a < b for a, b in itertools.pairwise(shares))
    for share, value in found:
        assert sum(power >= value for power in powers) >= round(share * len(powers))


def test_hours_without_a_value_are_in_no_load_duration() -> None:
    assert load_duration_w(np.array([np.nan, 5.0, np.nan, 7.0])) == ((0.5, 7.0), (1.0, 5.0))
    assert load_duration_w(np.array([np.nan])) == ()


def test_tan_phi_is_of_the_slots_that_have_both() -> None:
    found = reactive_by_period(
        ["day", "night", "night", "off"],
        np.array([100, 200, 300, 50]),
        np.array([50, -60, 999, 0]),
        np.array([True, True, False, False]),
    )
    assert [(one.period, one.energy_ws, one.reactive_vars, one.tan_phi) for one in found] == [
        ("day", 100, 50, 0.5),
        ("night", 500, -60, -0.3),
        ("off", 50, None, None),
    ]


def test_use_figures() -> None:
    edges = np.array([0, 3_600_000, 7_200_000])
    found = use_figures(7_200_000, 4 * 3_600_000, 2, 0.5, edges, np.array([3_600_000, 7_200_000]))
    assert (found.burning_h, found.kwh_per_lamp, found.kwh_per_km) == (2.0, 1.0, 4.0)
    assert (found.peak_w, found.peak_ms) == (2000.0, 3_600_000)
    none = use_figures(0, 0, 0, 0.0, np.array([0]), np.array([], dtype=np.int64))
    assert (none.burning_h, none.kwh_per_km, none.peak_w) == (0.0, None, None)


def test_the_worst_come_first_and_equal_ones_by_id() -> None:
    assert worst({"b": 2.0, "a": 2.0, "c": 9.0, "d": float("nan"), "e": 1.0}, 3) == ("c", "a", "b")


def test_coverage_is_in_shares_of_circuit_time() -> None:
    found = coverage(
        np.array([60, 20]), np.array([10, 0]), np.array([0, 20]), np.array([5, 7]), ["metered", "modelled"]
    )
    assert (found.known_share, found.spread_share, found.unknown_share) == (0.8, 0.1, 0.2)
    assert found.energy_ws == {"metered": 5, "modelled": 7}
    empty = np.zeros(0, np.int64)
    assert coverage(empty, empty, empty, empty, []).unknown_share == 1.0
