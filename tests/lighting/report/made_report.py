"""A made-up but consistent report: causes sum to baseline less used, months and districts to the whole. No dice."""

from __future__ import annotations

import calendar
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lighting.assets.fact import Fact
from lighting.desk.energy_answers import (
    BaselineLine,
    BillLine,
    CauseLine,
    Coverage,
    EnergyReport,
    Errors,
    Indicators,
    LoadProfile,
    PlaceLine,
    ReactiveLine,
    SpanLine,
    Worth,
)
from lighting.energy.reconcile import Verdict
from lighting.energy.worlds import CAUSES

KWH = 3_600_000
PRICE_E4 = 158_000
"""10⁻⁴ of a cent for a kWh: 15.80 cents."""
CO2_G = 380
SHARES = {
    "retrofit": 0.0,
    "switching_times": 0.021,
    "scheduled_dimming": 0.187,
    "traffic_dimming": 0.062,
    "constant_light_output": 0.033,
    "demand_limits": 0.002,
    "overrides": -0.004,
    "ramps_and_delays": 0.001,
    "day_burners": -0.009,
    "not_followed": -0.003,
}


def worth(energy_ws: int, *, has_money: bool = True, has_co2: bool = True) -> Worth:
    """An energy with its worth at one price; the worth is linear, so that parts of a sum stay exact."""
    return Worth(
        energy_ws,
        energy_ws * PRICE_E4 // KWH if has_money else None,
        energy_ws * CO2_G // KWH if has_co2 else None,
    )


def errors(used: Worth, baseline: Worth) -> Errors:
    """1 % of what was used, 3 % of the baseline, and both of the saving."""
    one, other = used.energy_ws // 100, baseline.energy_ws * 3 // 100
    three = (one, other, one + other)
    return Errors(*three, *(round(1.645 * se_ws) for se_ws in three))


def minus(one: Worth, other: Worth) -> Worth:
    return Worth(
        one.energy_ws - other.energy_ws,
        None if one.money_e4 is None or other.money_e4 is None else one.money_e4 - other.money_e4,
        None if one.co2_g is None or other.co2_g is None else one.co2_g - other.co2_g,
    )


def plus(lines: list[Worth]) -> Worth:
    money, co2 = [line.money_e4 for line in lines], [line.co2_g for line in lines]
    return Worth(
        sum(line.energy_ws for line in lines),
        None if None in money else sum(value or 0 for value in money),
        None if None in co2 else sum(value or 0 for value in co2),
    )


def _circuit(number: int, n: int, days: int, *, has_money: bool, has_co2: bool) -> PlaceLine:
    lamps = 8 + number * 7 % 25
    full = lamps * 100 * (11 * 3600) * days
    part = 0.58 + 0.2 * ((number * 37 % 101) / 101)
    baseline, used = (worth(ws, has_money=has_money, has_co2=has_co2) for ws in (full, round(full * part)))
    rows = max(1, math.isqrt(n))
    kind = ("metered", "metered", "apportioned", "modelled", "unmetered")[number * 13 % 5]
    return PlaceLine(
        id=f"C-{number + 1:04d}",
        name="" if number % 3 else ("Đường Lê Lợi", "Phố Huế", "Station Road")[number // 3 % 3],
        kind=kind,
        lamps=lamps,
        used=used,
        baseline=baseline,
        saved=minus(baseline, used),
        kwh_per_lamp=used.energy_ws / KWH / lamps,
        undelivered_lamp_h=float(number % 7),
        known_share=1.0 - (number % 11) * 0.004,
        latitude_deg=21.02 + 0.0021 * (number // rows) + 0.0004 * math.sin(number),
        longitude_deg=105.84 + 0.0023 * (number % rows) + 0.0004 * math.cos(number),
        errors=errors(used, baseline),
    )


def _load(days: int, *, has_money: bool, has_co2: bool) -> PlaceLine:
    """A gateway: it takes the same in every world, and is no circuit."""
    took = worth(12 * 86_400 * days, has_money=has_money, has_co2=has_co2)
    return PlaceLine(
        "CB01-M:L1/gateway", "", "metered", 0, took, took, minus(took, took), 0.0, 0.0, 1.0, is_circuit=False
    )


def _error_parts(*codes: str) -> tuple[Fact, ...]:
    return tuple(Fact("energy_error_part", {"part": code, "part_ws": 100 * KWH}) for code in codes)


_CO2 = (
    Fact("energy_co2_factor", {"source": "Ministry", "year": "2025", "g_per_kwh": 380.0}),
    Fact("energy_co2_by_hour", {"source": "Grid operator", "year": "2026"}),
)
_DAYS = {"from_date": "2026-03-02", "to_date": "2026-03-05"}
_NOTES = (
    Fact("energy_days_without_account", {"days": 4, "of": 365, **_DAYS}),
    Fact("energy_days_dirty", {"days": 2, **_DAYS}),
    Fact("energy_today", {"date": "2026-12-31"}),
    Fact("energy_basis_changed", {"bases": 2, "revisions": 2}),
    Fact("energy_circuits_differ", {"difference_ws": 3 * KWH}),
    Fact("energy_circuit_money_is_mean"),
    Fact("energy_unknown_left_out"),
    Fact("energy_of_districts", {"districts": "d1", "of": 3}),
    Fact("energy_no_tariff"),
    Fact("energy_no_co2"),
    Fact("energy_hours_without_price", {"unpriced_s": 7200.0}),
    Fact("energy_hours_without_co2", {"unknown_s": 7200.0}),
    Fact("energy_money_shared", {"parts": "tiers, demand, minimum"}),
    Fact("energy_money_without_reactive"),
    Fact("energy_tariff_changed", {"from_date": "2026-07-01"}),
    Fact("energy_days_replayed", {"days": 3, "hours": 12.5}),
    Fact("energy_days_without_reports", {"days": 3}),
    Fact("energy_days_meters_unknown", {"days": 3, "hours": 40}),
    Fact("energy_other_currency", {"currencies": "VND", "currency": "EUR"}),
)
"""Everything that a report may say of itself, whether or not it fits together."""


def made_report(
    *,
    n_circuits: int = 24,
    n_months: int = 12,
    has_money: bool = True,
    has_co2: bool = True,
    baseline_code: str = "same_lamps_full_power",
) -> EnergyReport:
    """A year (or its first months) of a small city; the same arguments give the same report."""
    last = date(2026, n_months, calendar.monthrange(2026, n_months)[1])
    days = last.timetuple().tm_yday
    circuits = tuple(
        _circuit(number, n_circuits, days, has_money=has_money, has_co2=has_co2) for number in range(n_circuits)
    )
    lines = (*circuits, _load(days, has_money=has_money, has_co2=has_co2))
    used, baseline = plus([line.used for line in lines]), plus([line.baseline for line in lines])
    saved = minus(baseline, used)
    months = _months(n_months, days, used, baseline, lines)
    of_total = replace(errors(used, baseline), saved_se_ws=saved.energy_ws // 25)
    of_total = replace(of_total, saved_within_ws=round(1.645 * (saved.energy_ws // 25)))
    total = SpanLine("2026-01-01", last.isoformat(), used, baseline, saved, _lamp_h(lines), _known(lines), of_total)
    return EnergyReport(
        site_id="hoan-kiem",
        site_name="Hoàn Kiếm",
        timezone="Asia/Ho_Chi_Minh",
        from_day="2026-01-01",
        to_day=last.isoformat(),
        districts=(),
        currency="EUR" if has_money else "",
        currency_digits=2,
        baseline_code=baseline_code,
        baselines=_baselines(total, saved),
        causes=_causes(saved, baseline, has_money=has_money, has_co2=has_co2),
        total=total,
        undelivered_lamp_h=_lamp_h(lines),
        undelivered_ws=round(_lamp_h(lines) * 3600 * 100),
        coverage=_coverage(lines, days),
        months=months,
        days=months[0:1],
        places=_districts(lines),
        worst=tuple(sorted(circuits, key=lambda line: -line.kwh_per_lamp)[:10]),
        circuits=lines,
        indicators=_indicators(circuits, used, days),
        load_profile=_profile(baseline, used, days),
        load_duration_w=_duration(baseline, days),
        reactive=(
            ReactiveLine("peak", used.energy_ws // 3, used.energy_ws // 9, 0.333, 0.4),
            ReactiveLine("night", used.energy_ws - used.energy_ws // 3, -used.energy_ws // 3, -0.5, 0.4),
            ReactiveLine("", 3 * KWH, None, None, None),
        ),
        bills=_bills(months, has_money=has_money),
        co2_source="Ministry, 2025: 380 g/kWh; Grid operator, 2026: by the hour" if has_co2 else "",
        co2_sources=_CO2 if has_co2 else (),
        tariff_name="Public lighting 2026" if has_money else "",
        revision_ids=(3, 7),
        basis_hash="0f3c9a7e51d2",
        notes=_NOTES,
    )


def _lamp_h(circuits: Sequence[PlaceLine]) -> float:
    return sum(line.undelivered_lamp_h for line in circuits)


def _known(circuits: Sequence[PlaceLine]) -> float:
    return sum(line.known_share for line in circuits) / max(1, len(circuits))


def _months(n: int, days: int, used: Worth, baseline: Worth, circuits: tuple[PlaceLine, ...]) -> tuple[SpanLine, ...]:
    """Longer nights in winter; the last month takes what is left, so that they sum to the whole."""
    weights = [
        calendar.monthrange(2026, month)[1] * (1 + 0.25 * math.cos((month - 1) / 6 * math.pi))
        for month in range(1, n + 1)
    ]
    shares = [weight / sum(weights) for weight in weights]
    spans = []
    left_used, left_baseline = used, baseline
    for month, share in enumerate(shares, 1):
        is_last = month == n
        one_used = left_used if is_last else _part(used, share)
        one_baseline = left_baseline if is_last else _part(baseline, share)
        left_used, left_baseline = minus(left_used, one_used), minus(left_baseline, one_baseline)
        length = calendar.monthrange(2026, month)[1]
        spans.append(
            SpanLine(
                f"2026-{month:02d}-01",
                f"2026-{month:02d}-{length:02d}",
                one_used,
                one_baseline,
                minus(one_baseline, one_used),
                _lamp_h(circuits) * length / days,
                _known(circuits),
                errors(one_used, one_baseline),
            )
        )
    return tuple(spans)


def _part(whole: Worth, share: float) -> Worth:
    return Worth(
        round(whole.energy_ws * share),
        None if whole.money_e4 is None else round(whole.money_e4 * share),
        None if whole.co2_g is None else round(whole.co2_g * share),
    )


def _causes(saved: Worth, baseline: Worth, *, has_money: bool, has_co2: bool) -> tuple[CauseLine, ...]:
    """«Unexplained» takes what is left, so that the causes sum to the saving exactly."""
    lines, left = [], saved
    for cause in CAUSES[:-1]:
        one = _part(baseline, SHARES[cause.code])
        left = minus(left, one)
        se_ws = None if cause.code == "overrides" else abs(one.energy_ws) // 10 + 5 * KWH
        lines.append(CauseLine(cause.code, one, se_ws, None if se_ws is None else round(1.645 * se_ws)))
    se_ws = abs(left.energy_ws) // 8 + KWH
    lines.append(CauseLine("unexplained", left, se_ws, round(1.645 * se_ws)))
    return tuple(lines)


def _baselines(total: SpanLine, saved: Worth) -> tuple[BaselineLine, ...]:
    se_ws = saved.energy_ws // 25
    full = BaselineLine(
        "same_lamps_full_power",
        "A",
        total.baseline,
        total.used,
        saved,
        se_ws,
        round(1.645 * se_ws),
        is_shown=True,
        adjustments=(
            Fact("claim_hours_stipulated", {"hours": 4380.5, "days": 365}),
            Fact("claim_undelivered_left_out", {"undelivered_ws": 7 * KWH}),
            Fact(
                "claim_adjusted", {"date": "2026-05-01", "signed_by": "Trần An", "reason": "chợ đêm", "added_ws": KWH}
            ),
        ),
        inputs=(
            Fact("energy_hours_by_lux", {"on_lx": 35.0, "off_lx": 70.0, "source": "TCVN 259"}),
            *_error_parts("watts", "watts_before", "hours", "meter", "model"),
        ),
    )
    reference_ws = total.used.energy_ws + 40 * KWH
    reference = BaselineLine(
        "metered_reference",
        "C",
        worth(reference_ws),
        total.used,
        minus(worth(reference_ws), total.used),
        45 * KWH,
        74 * KWH,
        is_shown=False,
        adjustments=(
            Fact("claim_night_length", {"before": 11.75, "after": 12.0}),
            Fact("claim_installed", {"unit": "lamps", "before": 480, "after": 474}),
            Fact(
                "claim_by_regression",
                {"periods": 12, "base_w": 870.0, "unit_w": 91.5, "unit": "lamps", "r_squared": 0.97},
            ),
            Fact("claim_by_ratio", {"periods": 2, "unit_w": 91.5, "unit": "kW", "error_pct": 5.0}),
            Fact("claim_known_time", {"known_pct": 98.15}),
            Fact("claim_undelivered_taken_out", {"undelivered_ws": 7 * KWH}),
        ),
        inputs=(
            Fact("energy_hours_by_elevation", {"on_elevation_deg": -3.5, "off_elevation_deg": -2.5, "source": None}),
            Fact("energy_hours_logged", {"nights": 300, "source": "log 2025"}),
            *_error_parts("reference", "reference_meter"),
        ),
    )
    return (full, reference)


def _coverage(circuits: tuple[PlaceLine, ...], days: int) -> Coverage:
    by_kind = dict.fromkeys(("metered", "apportioned", "modelled", "unmetered"), 0)
    for line in circuits:
        by_kind[line.kind] += line.used.energy_ws
    known = _known(circuits)
    return Coverage(
        known, 0.011, 1 - known, by_kind["metered"], by_kind["apportioned"], by_kind["modelled"], by_kind["unmetered"],
        days, 0,
    )  # fmt: skip


def _districts(circuits: tuple[PlaceLine, ...]) -> tuple[PlaceLine, ...]:
    found = []
    for number, name in enumerate(("Old Quarter", "Riverside", "Bến Thành")):
        members = [line for line in circuits if line.is_circuit][number::3]
        if not members:
            continue
        members += [line for line in circuits if not line.is_circuit and not number]
        used, baseline = plus([line.used for line in members]), plus([line.baseline for line in members])
        lamps = sum(line.lamps for line in members)
        found.append(
            PlaceLine(
                f"d{number + 1}",
                name,
                "",
                lamps,
                used,
                baseline,
                minus(baseline, used),
                used.energy_ws / KWH / lamps,
                _lamp_h(members),
                _known(members),
                errors=errors(used, baseline),
            )
        )
    return tuple(found)


def _indicators(circuits: tuple[PlaceLine, ...], used: Worth, days: int) -> Indicators:
    lamps = sum(line.lamps for line in circuits)
    area, power = lamps * 210.0, lamps * 104.0
    return Indicators(
        power_density_w_lx_m2=power / (area * 10),
        annual_energy_wh_m2=used.energy_ws / 3600 / area * 365 / days,
        is_annualised=days != 365,
        system_power_w=power,
        illuminance_area_lx_m2=area * 10,
        area_m2=area,
        circuits_with_area=max(0, len(circuits) - 2),
        circuits=len(circuits),
        length_km=lamps * 0.03,
        kwh_per_km=used.energy_ws / KWH / (lamps * 0.03) if lamps else None,
        lamps=lamps,
        kwh_per_lamp=used.energy_ws / KWH / lamps if lamps else 0.0,
        burning_h=11.0 * days,
        daytime_ws=used.energy_ws // 50,
        peak_w=power * 1.02,
        peak_ms=1_767_290_400_000,
        standby_w=870.0,
        standby_h=days * 12.25,
        standby_ws=round(870 * days * 12.25 * 3600),
    )


def _shape(hour: int) -> tuple[float, float]:
    """Used and baseline as shares of the greatest power, by local hour."""
    if hour < 6 or hour >= 18:
        return (0.45 if hour < 5 else 0.7 if hour >= 22 else 0.95), 1.0
    return 0.02, 0.02


def _profile(baseline: Worth, used: Worth, days: int) -> LoadProfile:
    hours = tuple((12 + hour) % 24 for hour in range(24))
    mean_w = baseline.energy_ws / (days * 12 * 3600)
    used_w = tuple(None if hour == 12 else mean_w * _shape(hour)[0] for hour in hours)
    known = tuple(0 if hour == 12 else days - hour % 3 for hour in hours)
    return LoadProfile(hours, used_w, tuple(mean_w * _shape(hour)[1] for hour in hours), known, (days,) * 24)


def _duration(baseline: Worth, days: int) -> tuple[tuple[float, float], ...]:
    mean_w = baseline.energy_ws / (days * 12 * 3600)
    return tuple((place / 199, mean_w * (1 - 0.4 * place / 99 if place < 99 else 0.02)) for place in range(200))


def _bills(months: tuple[SpanLine, ...], *, has_money: bool) -> tuple[BillLine, ...]:
    found = []
    verdicts: tuple[Verdict, ...] = ("agreed", "differs", "cannot_tell")
    for number, month in enumerate(months[:3]):
        billed = month.used.energy_ws + (12 * KWH if number == 1 else 0)
        found.append(
            BillLine(
                supply="S-1",
                number=f"2026/{number + 1}",
                from_day=month.from_day,
                to_day=month.to_day,
                billed_ws=billed,
                metered_ws=month.used.energy_ws if number < 2 else None,
                billed_e4=1_234_500_000 + number,
                reckoned_e4=1_234_000_000 if has_money and number < 2 else None,
                currency="EUR",
                known_share=0.993,
                is_agreed=(True, False, None)[number],
                verdict=verdicts[number],
            )
        )
    return tuple(found)


def made_not_shown() -> EnergyReport:
    """A saving under twice its standard error."""
    found = made_report()
    main = replace(found.baselines[0], is_shown=False, se_ws=found.total.saved.energy_ws)
    return replace(found, baselines=(main, *found.baselines[1:]))


def made_loss() -> EnergyReport:
    """More was used than the baseline would have taken."""
    found = made_report(n_circuits=3, n_months=2)
    loss = replace(found.total, used=found.total.baseline, baseline=found.total.used)
    loss = replace(loss, saved=minus(loss.baseline, loss.used))
    causes = tuple(
        CauseLine(line.code, loss.saved if line.code == "overrides" else worth(0), None) for line in found.causes
    )
    return replace(found, total=loss, causes=causes)


def made_bare() -> EnergyReport:
    """Two days of one circuit: no tariff, no CO₂, nothing metered, no baseline, no position, no bills."""
    found = made_report(n_circuits=1, n_months=1, has_money=False, has_co2=False, baseline_code="")
    nothing = Worth(0)
    line = replace(found.circuits[0], kind="modelled", latitude_deg=None, longitude_deg=None, saved=nothing)
    total = replace(found.total, to_day="2026-01-02", baseline=nothing, saved=nothing)
    coverage = Coverage(0.5, 0.0, 0.5, 0, 0, line.used.energy_ws, 0, 2, 1)
    indicators = replace(
        found.indicators, power_density_w_lx_m2=None, annual_energy_wh_m2=None, illuminance_area_lx_m2=None,
        area_m2=None, circuits_with_area=0, length_km=None, kwh_per_km=None, peak_w=None, peak_ms=None,
    )  # fmt: skip
    return replace(
        found, to_day="2026-01-02", baselines=(), causes=(), total=total, coverage=coverage, places=(), worst=(),
        circuits=(line,), indicators=indicators, load_profile=LoadProfile((), (), ()), load_duration_w=(),
        reactive=(), bills=(), notes=(), months=(), revision_ids=(), basis_hash="",
    )  # fmt: skip


def made_empty() -> EnergyReport:
    """A span in which nothing is known at all."""
    found = made_bare()
    total = replace(found.total, used=Worth(0), known_share=0.0)
    return replace(found, total=total, circuits=(), coverage=Coverage(0, 0, 1, 0, 0, 0, 0, 2, 2))
