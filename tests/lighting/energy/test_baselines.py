"""Claims against the three baselines: adjusted, with an uncertainty that follows its parts, shown or not."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.baseline import (
    Adjustment,
    Baseline,
    MeterOfDevice,
    Reference,
    ReferencePeriod,
    StatedWatts,
    SwitchingPoint,
)
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.energy.baselines import (
    WS_PER_KWH,
    ClaimSpan,
    adjustments_ws,
    cause_errors_ws,
    claims,
    lit_ms_of_days,
    reference_periods,
)
from lighting.energy.reference_fit import Periods, carried_over
from lighting.energy.uncertainty import (
    ErrorPart,
    ShareError,
    SiteErrors,
    combined,
    factor_90,
    meter_share,
    site_errors,
    watts_error,
)
from lighting.energy.worlds import CAUSES, WORLDS


def example(baseline: Baseline | None = None) -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return replace(site, baseline=baseline or Baseline())


DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def worlds(**energies_kwh: float) -> tuple[int, ...]:
    """Each world as named, the others like the one before."""
    found, last = [], 0.0
    for world in WORLDS:
        last = energies_kwh.get(world, last)
        found.append(round(last * WS_PER_KWH))
    return tuple(found)


def span(modelled_kwh: float = 0.0, lamps: float = 68.0, known_share: float = 1.0, **energies_kwh: float) -> ClaimSpan:
    return ClaimSpan(DAYS, worlds(**energies_kwh), round(modelled_kwh * WS_PER_KWH), 0, [lamps] * 365, known_share)


@pytest.mark.parametrize(
    ("freedom", "t"), [(1, 6.314), (2, 2.920), (9, 1.833), (20, 1.7247), (60, 1.6706), (1e9, 1.6449)]
)
def test_students_factor_at_90_percent(freedom: float, t: float) -> None:
    assert factor_90(freedom) == pytest.approx(t, abs=6e-4)


def test_the_factor_never_rises_with_freedom() -> None:
    found = [factor_90(freedom) for freedom in np.arange(1.0, 200.0, 0.1)]
    assert all(a >= b for a, b in itertools.pairwise(found))
    assert factor_90(math.inf) == pytest.approx(1.64485, abs=1e-5)


def test_a_class_is_a_limit_within_which_any_error_is_as_likely() -> None:
    assert meter_share("1") == pytest.approx(0.01 / math.sqrt(3))


def test_a_sample_has_its_spread_a_nameplate_its_tolerance() -> None:
    sample = StatedWatts("x", "legacy", "sample", sample_size=25, mean_w=170.0, standard_deviation_w=8.5)
    found = watts_error(sample, 400)
    assert found.share == pytest.approx(8.5 / 5 / 170 * math.sqrt(375 / 399))
    assert found.freedom == 24
    assert watts_error(sample, 25).share == 0.0  # all of them were measured
    assert watts_error(None, 400) == ShareError(0.05 / math.sqrt(3))
    assert watts_error(StatedWatts("x", tolerance_pct=10.0), 400).share == pytest.approx(0.1 / math.sqrt(3))


def test_types_of_lamps_are_independent_and_meters_are_not() -> None:
    site = example()
    errors = site_errors(site)
    shares = np.array([30 * 90, 8 * 169, 30 * 40], dtype=float)
    expected = 0.05 / math.sqrt(3) * math.sqrt((shares**2).sum()) / shares.sum()
    assert errors.present.share == pytest.approx(expected)
    assert errors.meter.share == pytest.approx(meter_share("1"))
    better = replace(site, baseline=Baseline(meters=(MeterOfDevice("CB01-M", "0.5"),)))
    of_first = (30 * 90 + 8 * 169) / shares.sum()
    expected = of_first * meter_share("0.5") + (1 - of_first) * meter_share("1")
    assert site_errors(better).meter.share == pytest.approx(expected)
    assert site_errors(site, ["C-0201"]).present.share == pytest.approx(0.05 / math.sqrt(3))


def test_full_power_of_the_same_lamps_is_option_a_and_carries_its_parts() -> None:
    site = example()
    (same, *_) = claims(site, span(legacy=40_000, full=22_000, scheduled=15_000))
    assert (same.code, same.option) == ("same_lamps_full_power", "A")
    assert same.saved_ws == 7_000 * WS_PER_KWH
    parts = {part.code: part.se_ws / WS_PER_KWH for part in same.parts}
    errors = site_errors(site)
    lit_h = float(lit_ms_of_days(site, DAYS).sum()) / 3_600_000
    assert parts["watts"] == pytest.approx(22_000 * errors.present.share)
    assert parts["hours"] == pytest.approx(22_000 * 365 * 10 / 60 / lit_h)
    assert parts["meter"] == pytest.approx(15_000 * meter_share("1"))
    assert parts["model"] == 0.0
    assert same.se_ws / WS_PER_KWH == pytest.approx(math.sqrt(sum(part**2 for part in parts.values())), rel=1e-6)
    assert same.within_ws == pytest.approx(1.645 * same.se_ws, rel=1e-3)
    assert same.is_shown


def test_what_is_modelled_shares_the_error_of_the_watts_with_the_baseline() -> None:
    same, *_ = claims(example(), span(modelled_kwh=15_000, full=22_000, scheduled=15_000))
    parts = {part.code: part.se_ws / WS_PER_KWH for part in same.parts}
    errors = site_errors(example())
    assert parts["watts"] == pytest.approx(7_000 * errors.present.share)
    assert parts["meter"] == 0.0
    assert parts["model"] == pytest.approx(15_000 * 0.05)


def test_a_saving_under_twice_its_standard_error_is_not_shown() -> None:
    same, *_ = claims(example(), span(full=22_000, scheduled=21_500))
    assert 0 < same.saved_ws < 2 * same.se_ws
    assert not same.is_shown
    more, *_ = claims(example(), span(full=22_000, people=23_000))
    assert more.saved_ws < 0
    assert not more.is_shown


def test_the_lamps_before_are_there_only_with_their_watts() -> None:
    site = example()
    kinds = {name: replace(kind, legacy_w=None) for name, kind in site.luminaire_types.items()}
    bare = replace(site, luminaire_types=kinds)
    assert [one.code for one in claims(bare, span(full=10.0))] == ["same_lamps_full_power"]
    kinds["led-90"] = replace(kinds["led-90"], legacy_w=169.0)
    found = claims(replace(site, luminaire_types=kinds), span(legacy=40_000, full=22_000, scheduled=15_000))
    assert [one.code for one in found] == ["same_lamps_full_power", "lamps_before"]
    assert found[1].saved_ws == 25_000 * WS_PER_KWH
    assert found[1].option == "A"


MONTHS = [
    (date(2023, month, 1), date(2023 + month // 12, month % 12 + 1, 1) - timedelta(days=1)) for month in range(1, 13)
]
BASE_W, LAMP_W = 120.0, 175.0


def reference(site: Site, months: int, noise: float = 0.0) -> Reference:
    rng = np.random.default_rng(7)
    periods = []
    for first, last in MONTHS[:months]:
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        dark_h = float(lit_ms_of_days(site, days).sum()) / 3_600_000
        kwh = (BASE_W * 24 * len(days) + LAMP_W * 60 * dark_h) / 1000 * (1 + noise * rng.standard_normal())
        periods.append(ReferencePeriod(first.isoformat(), last.isoformat(), kwh, lamps=60.0))
    return Reference(tuple(periods))


def berlin(months: int, noise: float = 0.0, **changes: object) -> Site:
    """Where nights differ enough for months to tell base load and lamps apart."""
    site = replace(example(), latitude_deg=52.5, longitude_deg=13.4, timezone="Europe/Berlin")
    stated = replace(Baseline(), **changes)  # type: ignore[arg-type]
    site = replace(site, baseline=stated)
    return replace(site, baseline=replace(stated, reference=reference(site, months, noise)))


def test_a_reference_of_a_year_is_carried_over_to_other_nights_and_more_lamps() -> None:
    site = berlin(12)
    *_, found = claims(site, span(full=20_000, scheduled=30_000, lamps=80.0))
    assert (found.code, found.option) == ("metered_reference", "C")
    dark_h = float(lit_ms_of_days(site, DAYS).sum()) / 3_600_000
    true_kwh = (BASE_W * 24 * 365 + LAMP_W * 80 * dark_h) / 1000
    assert found.baseline_ws / WS_PER_KWH == pytest.approx(true_kwh, rel=1e-6)
    assert [fact.code for fact in found.adjustments] == ["claim_night_length", "claim_installed", "claim_by_regression"]
    by_code = {fact.code: fact.values for fact in found.adjustments}
    assert by_code["claim_installed"] == {"unit": "lamps", "before": 60.0, "after": 80.0}
    assert by_code["claim_by_regression"]["base_w"] == pytest.approx(BASE_W)
    assert by_code["claim_by_regression"]["unit_w"] == pytest.approx(LAMP_W)


def test_less_than_three_periods_are_a_ratio_with_a_stated_error() -> None:
    site = berlin(2)
    stated = replace(site.baseline, reference=replace(site.baseline.reference, error_pct=4.0))
    *_, found = claims(replace(site, baseline=stated), span(full=20_000, scheduled=30_000, lamps=60.0))
    assert "claim_by_ratio" in [fact.code for fact in found.adjustments]
    parts = {part.code: part.se_ws for part in found.parts}
    assert parts["reference"] == pytest.approx(0.04 * found.baseline_ws, rel=1e-6)
    *_, unstated = claims(site, span(full=20_000, scheduled=30_000, lamps=60.0))
    assert unstated.se_ws > found.se_ws


def test_unknown_time_and_undelivered_light_are_left_out_of_the_reference_too() -> None:
    site = berlin(12)
    *_, whole = claims(site, span(full=20_000, scheduled=15_000))
    part = replace(span(legacy=40_000, full=20_000, scheduled=15_000, known_share=0.9), undelivered_ws=WS_PER_KWH)
    *_, less = claims(site, part)
    assert less.baseline_ws == pytest.approx(0.9 * whole.baseline_ws - 2 * WS_PER_KWH, rel=1e-9)  # the old lamps' watts


def test_a_reference_is_of_the_whole_site() -> None:
    found = claims(berlin(12), span(full=20_000, scheduled=15_000), ["C-0101"])
    assert "metered_reference" not in [one.code for one in found]


def test_periods_that_tell_nothing_apart_are_a_ratio() -> None:
    """Three times the same year: days and dark hours say the same."""
    same = Periods(np.full(3, 1e9), np.full(3, 365.0), np.full(3, 1e12))
    assert carried_over(same, 365, 1e12).method == "ratio"
    negative = Periods(np.array([1e9, 2e9, 3e9]), np.full(3, 30.0), np.array([3e10, 4e10, 5e10]))
    assert carried_over(negative, 30, 4e10).method == "ratio"  # less than no base load
    with pytest.raises(ValueError, match="period"):
        carried_over(Periods(np.zeros(0), np.zeros(0), np.zeros(0)), 1, 1.0)


def test_non_routine_adjustments_are_dated_signed_and_applied() -> None:
    lamps = Adjustment("2026-12-30", "An", "festoons", lamps=-10, lamp_w=100.0)
    yearly = Adjustment("2026-07-02", "An", "pump", kwh_per_year=365.0, until="2026-07-31")
    once = Adjustment("2026-05-01", "An", "fair", kwh=12.5)
    elsewhere = Adjustment("2027-01-01", "An", "later", kwh=99.0)
    site = example(Baseline(adjustments=(lamps, yearly, once, elsewhere)))
    lit_ms = lit_ms_of_days(site, DAYS)
    found = dict(adjustments_ws(site.baseline.adjustments, DAYS, lit_ms))
    assert found[yearly] == 30 * WS_PER_KWH
    assert found[once] == 12.5 * WS_PER_KWH
    assert found[lamps] == -round(1000 * float(lit_ms[-2:].sum()) / 1000)
    assert elsewhere not in found
    plain, *_ = claims(example(), span(full=22_000, scheduled=15_000))
    adjusted, *_ = claims(site, span(full=22_000, scheduled=15_000))
    assert adjusted.baseline_ws - plain.baseline_ws == sum(found.values())
    signed = [fact for fact in adjusted.adjustments if fact.code == "claim_adjusted"]
    assert [(fact.values["date"], fact.values["signed_by"]) for fact in signed] == [
        ("2026-12-30", "An"),
        ("2026-07-02", "An"),
        ("2026-05-01", "An"),
    ]


@settings(max_examples=50)
@given(st.floats(0.001, 0.2), st.floats(1.01, 4.0))
def test_more_scatter_is_more_error(noise: float, times: float) -> None:
    """The same scatter, larger, about the same line."""
    days, dark = np.full(12, 30.0), np.linspace(1.0, 2.0, 12) * 1e12
    wiggle = np.tile([1.0, -1.0], 6)
    matrix = np.stack([days, dark / 1e12], axis=1)
    wiggle = wiggle - matrix @ np.linalg.lstsq(matrix, wiggle, rcond=None)[0]
    errors = []
    for size in (noise, noise * times):
        fit = carried_over(Periods(1e9 * days / 30 + dark * 0.01 + size * 1e9 * wiggle, days, dark), 365, 1.8e13)
        assert fit.method == "regression"
        errors.append(fit.error.se_ws)
    assert errors[1] == pytest.approx(errors[0] * times, rel=1e-6)


shares = st.floats(0.0, 0.2)


@settings(max_examples=80)
@given(
    base=st.tuples(shares, shares, shares, shares, st.floats(0, 3_600_000)),
    more=st.tuples(shares, shares, shares, shares, st.floats(0, 3_600_000)),
    energies=st.lists(st.integers(0, 10**12), min_size=len(WORLDS), max_size=len(WORLDS)),
    modelled=st.integers(0, 10**12),
)
def test_no_error_of_an_input_makes_a_cause_surer(
    base: tuple[float, ...], more: tuple[float, ...], energies: list[int], modelled: int
) -> None:
    def errors_of(values: tuple[float, ...]) -> tuple[int, ...]:
        present, legacy, meter, model, hours_ms = values
        errors = SiteErrors(ShareError(present), ShareError(legacy), ShareError(meter), ShareError(model), hours_ms)
        return cause_errors_ws(energies, modelled, errors, errors.hours(1, 12 * 3_600_000))

    less = errors_of(base)
    greater = errors_of(tuple(a + b for a, b in zip(base, more, strict=True)))
    assert len(less) == len(CAUSES)
    assert all(a <= b + 1 for a, b in zip(less, greater, strict=True))
    assert errors_of((0.0,) * 5) == (0,) * len(CAUSES)


@given(st.lists(st.tuples(st.integers(0, 10**15), st.floats(1, 100)), min_size=1, max_size=6))
def test_a_combination_is_no_surer_than_its_largest_part(parts: list[tuple[int, float]]) -> None:
    found = combined([ErrorPart("x", *part) for part in parts])
    assert found.se_ws >= max(part[0] for part in parts) * (1 - 1e-12)
    assert found.se_ws <= sum(part[0] for part in parts) * (1 + 1e-12)
    assert found.freedom >= 1 - 1e-9


def test_a_reference_period_knows_its_dark_hours_by_the_switching_point() -> None:
    photocell, sunset = berlin(1), berlin(1, switching=SwitchingPoint(None, None, -0.833, -0.833))
    dark, longer = (float(reference_periods(site).dark_installed_ms[0]) for site in (photocell, sunset))
    assert dark < longer
    assert reference_periods(photocell).days.tolist() == [31.0]
