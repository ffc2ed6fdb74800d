"""Baselines, and the saving against each with its uncertainty at 90 % confidence (IPMVP options A and C).

(a) ``same_lamps_full_power`` and (b) ``lamps_before`` are option A: stated watts times the stipulated hours of the
baseline's switching point, against what was metered. (c) ``metered_reference`` is option C: a metered period, adjusted
for night length and installed lamps. Undelivered light and time without data are in none of them.

The saving is S = B - U. With u a relative standard error and M the part of U that is modelled:

* watts: (a) u·|B - M|, as the same lamps are in both; (b) u_legacy·B, and u_present·M beside it;
* hours: minutes a night × nights / hours of the baseline, times B (A only);
* meter: u·(U - M); in option C also that of the reference, u·B;
* model: u·M;
* reference: what ``lighting.energy.reference_fit`` says (C only).

They are independent and add in quadrature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lighting.assets.baseline import Adjustment
from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.energy.baseline_hours import baseline_spans, lit_ms_between
from lighting.energy.reference_fit import DEFAULT_ERROR_PCT, Fit, Periods, carried_over
from lighting.energy.slots import day_start_ms
from lighting.energy.uncertainty import (
    ErrorPart,
    ShareError,
    SiteErrors,
    combined,
    is_shown,
    meter_share,
    site_errors,
    within_90_ws,
)
from lighting.energy.worlds import CAUSES, WORLDS

Code = Literal["same_lamps_full_power", "lamps_before", "metered_reference"]
Integers = NDArray[np.int64]
WS_PER_KWH = 3_600_000
DAYS_PER_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class ClaimSpan:
    """What a span of local days took, summed over what is claimed for.

    ``worlds_ws`` (n_worlds,) as ``Account`` has them; ``modelled_ws`` is the part of the metered world that no meter
    counted (modelled and unmetered); ``undelivered_ws`` what full power would have taken in undelivered light.
    ``days`` are all local days of the span, ``installed`` (n_days,) what was installed on each: lamps, or kW where the
    reference periods have kW. ``known_share`` is the share of circuit-time whose energy is known.
    """

    days: Sequence[date]
    worlds_ws: Sequence[int]
    modelled_ws: int
    undelivered_ws: int
    installed: Sequence[float]
    known_share: float = 1.0

    def of_world(self, world: str) -> int:
        return int(self.worlds_ws[WORLDS.index(world)])


@dataclass(frozen=True, slots=True)
class Claim:
    """The saving against one baseline. ``parts`` are the standard errors that ``se_ws`` is made of."""

    code: Code
    option: Literal["A", "C"]
    baseline_ws: int
    used_ws: int
    saved_ws: int
    se_ws: int
    within_ws: int
    is_shown: bool
    adjustments: tuple[Fact, ...]
    parts: tuple[ErrorPart, ...]


def claims(site: Site, span: ClaimSpan, circuits: Sequence[str] | None = None) -> tuple[Claim, ...]:
    """Return the claims that a site can make of a span: (a) always, (b) with legacy watts, (c) with a reference.

    ``circuits``: those that the span is about, all where None; a reference is of the whole site, and left out else.
    """
    errors = site_errors(site, circuits)
    lit_ms = lit_ms_of_days(site, span.days)
    adjusted = adjustments_ws(site.baseline.adjustments, span.days, lit_ms) if circuits is None else []
    found = [_option_a("same_lamps_full_power", span, errors, lit_ms, adjusted)]
    if has_legacy(site, circuits):
        found.append(_option_a("lamps_before", span, errors, lit_ms, adjusted))
    if circuits is None and site.baseline.reference.periods:
        found.append(_option_c(site, span, errors, lit_ms, adjusted))
    return tuple(found)


def has_legacy(site: Site, circuits: Sequence[str] | None = None) -> bool:
    """Return whether any lamp of these circuits has the watts of the one before it."""
    chosen = site.circuits.values() if circuits is None else [site.circuits[one] for one in circuits]
    kinds = {group.luminaire_type for circuit in chosen for group in circuit.lamps}
    return any(site.luminaire_types[kind].legacy_w is not None for kind in kinds)


def lit_ms_of_days(site: Site, days: Sequence[date]) -> Integers:
    """Return (n_days,) how long the baseline is lit on each local day, in ms. ``days`` follow each other."""
    if not days:
        return np.zeros(0, np.int64)
    edges = np.array([day_start_ms(day, site.timezone) for day in (*days, days[-1] + timedelta(days=1))], np.int64)
    place = (site.latitude_deg, site.longitude_deg)
    return lit_ms_between(baseline_spans(site.baseline, *place, int(edges[0]), int(edges[-1])), edges)


def adjustments_ws(
    adjustments: Sequence[Adjustment], days: Sequence[date], lit_ms: Integers
) -> list[tuple[Adjustment, int]]:
    """Return the non-routine adjustments that concern these days, each with what it adds to the baseline in Ws."""
    names = np.array([day.isoformat() for day in days])
    found = []
    for one in adjustments:
        holds = (names >= one.date) & (names <= (one.until or "9999-12-31"))
        if one.kwh is not None:
            holds = names == one.date
            amount_ws = one.kwh * WS_PER_KWH
        elif one.kwh_per_year is not None:
            amount_ws = one.kwh_per_year * WS_PER_KWH * float(holds.sum()) / DAYS_PER_YEAR
        else:
            amount_ws = (one.lamps or 0) * (one.lamp_w or 0.0) * float(lit_ms[holds].sum()) / 1000.0
        if holds.any():
            found.append((one, round(amount_ws)))
    return found


def reference_periods(site: Site) -> Periods:
    """Return the reference periods with their days and dark hours, at the baseline's switching point."""
    rows = []
    for period in site.baseline.reference.periods:
        first, last = date.fromisoformat(period.from_day), date.fromisoformat(period.to_day)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        installed = period.lamps if period.lamps is not None else period.installed_kw or 0.0
        rows.append((period.kwh * WS_PER_KWH, len(days), float(lit_ms_of_days(site, days).sum()) * installed))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Periods(table[:, 0], table[:, 1], table[:, 2])


def cause_errors_ws(
    worlds_ws: Sequence[int], modelled_ws: int, errors: SiteErrors, hours: ShareError
) -> tuple[int, ...]:
    """Return the standard error in Ws of the saving by each cause, in the order of ``CAUSES``.

    What lies between two modelled worlds has the error of the watts and of the model in proportion to the saving; the
    retrofit has that of both lamps' watts and of the hours, switching times that of the hours of the whole baseline,
    and what is unexplained has the meter's against the model's.
    """
    energy = dict(zip(WORLDS, worlds_ws, strict=True))
    return tuple(
        round(
            combined(_parts_of_cause(cause.code, energy, cause.before, cause.after, modelled_ws, errors, hours)).se_ws
        )
        for cause in CAUSES
    )


def _parts_of_cause(
    code: str,
    energy: Mapping[str, int],
    before: str,
    after: str,
    modelled_ws: int,
    errors: SiteErrors,
    hours: ShareError,
) -> list[ErrorPart]:
    saved_ws = energy[before] - energy[after]
    if code == "retrofit":
        watts = [errors.legacy.of("watts", energy[before]), errors.present.of("watts", energy[after])]
        return [*watts, hours.of("hours", saved_ws)] if saved_ws else []
    if code == "switching_times":
        return [hours.of("hours", energy[before]), errors.present.of("watts", saved_ws)]
    if code == "unexplained":
        compared_ws = energy[before] - modelled_ws
        model = [errors.present.of("watts", compared_ws), errors.model.of("model", compared_ws)]
        return [*model, errors.meter.of("meter", energy[after] - modelled_ws)]
    return [errors.present.of("watts", saved_ws), errors.model.of("model", saved_ws)]


def _option_a(
    code: Literal["same_lamps_full_power", "lamps_before"],
    span: ClaimSpan,
    errors: SiteErrors,
    lit_ms: Integers,
    adjusted: Sequence[tuple[Adjustment, int]],
) -> Claim:
    is_legacy = code == "lamps_before"
    world_ws = span.of_world("legacy" if is_legacy else "full")
    hours = errors.hours(len(span.days), float(lit_ms.sum()))
    if is_legacy:
        watts = [errors.legacy.of("watts_before", world_ws), errors.present.of("watts", span.modelled_ws)]
    else:
        watts = [errors.present.of("watts", world_ws - span.modelled_ws)]
    parts = [*watts, hours.of("hours", world_ws), *_use_parts(span, errors)]
    routine = [
        Fact("claim_hours_stipulated", {"hours": round(float(lit_ms.sum()) / WS_PER_KWH, 1), "days": len(lit_ms)})
    ]
    if span.undelivered_ws:
        routine.append(Fact("claim_undelivered_left_out", {"undelivered_ws": span.undelivered_ws}))
    return _claim(code, "A", world_ws, span, parts, routine, adjusted)


def _option_c(
    site: Site, span: ClaimSpan, errors: SiteErrors, lit_ms: Integers, adjusted: Sequence[tuple[Adjustment, int]]
) -> Claim:
    periods = reference_periods(site)
    dark_installed_ms = float((lit_ms * np.asarray(span.installed, dtype=np.float64)).sum())
    fit = carried_over(periods, len(span.days), dark_installed_ms, site.baseline.reference.error_pct)
    known_ws = fit.energy_ws * span.known_share
    undelivered_ws = undelivered_before_ws(span)
    baseline_ws = round(known_ws) - undelivered_ws
    parts = [
        ErrorPart("reference", fit.error.se_ws * span.known_share, fit.error.freedom),
        ErrorPart("reference_meter", meter_share(site.baseline.meter_class) * known_ws),
        *_use_parts(span, errors),
    ]
    return _claim(
        "metered_reference", "C", baseline_ws, span, parts, _routine_c(site, span, lit_ms, periods, fit), adjusted
    )


def undelivered_before_ws(span: ClaimSpan) -> int:
    """Return what the lamps before would have taken in the time of undelivered light, by their watts to the present."""
    full_ws = span.of_world("full")
    return round(span.undelivered_ws * (span.of_world("legacy") / full_ws if full_ws else 1.0))


def _use_parts(span: ClaimSpan, errors: SiteErrors) -> list[ErrorPart]:
    counted_ws = span.of_world("metered") - span.modelled_ws
    return [errors.meter.of("meter", counted_ws), errors.model.of("model", span.modelled_ws)]


def _routine_c(site: Site, span: ClaimSpan, lit_ms: Integers, periods: Periods, fit: Fit) -> list[Fact]:
    """Night length, what is installed, how it was carried over, and what was left out."""
    stated = site.baseline.reference.periods
    installed = [p.lamps if p.lamps is not None else p.installed_kw or 0.0 for p in stated]
    dark_ms = [d / i if i else 0.0 for d, i in zip(periods.dark_installed_ms, installed, strict=True)]
    before_h, after_h = (
        float(sum(dark_ms)) / float(periods.days.sum()) / WS_PER_KWH,
        float(lit_ms.mean()) / WS_PER_KWH,
    )
    facts = [Fact("claim_night_length", {"before": round(before_h, 3), "after": round(after_h, 3)})]
    before = float(np.average(installed, weights=periods.days))
    unit = "lamps" if stated[0].lamps is not None else "kW"
    after = float(np.mean(span.installed))
    facts.append(Fact("claim_installed", {"unit": unit, "before": round(before, 2), "after": round(after, 2)}))
    values: dict[str, Value]
    if fit.method == "regression":
        values = {"periods": len(stated), "base_w": fit.base_w, "unit_w": fit.unit_w, "unit": unit}
        facts.append(Fact("claim_by_regression", {**values, "r_squared": round(fit.r_squared or 0.0, 4)}))
    else:
        error_pct = site.baseline.reference.error_pct
        values = {"periods": len(stated), "unit_w": fit.unit_w, "unit": unit}
        stated_pct = DEFAULT_ERROR_PCT if error_pct is None else error_pct
        facts.append(Fact("claim_by_ratio", {**values, "error_pct": stated_pct}))
    if span.known_share < 1.0:
        facts.append(Fact("claim_known_time", {"known_pct": round(100.0 * span.known_share, 2)}))
    if undelivered_ws := undelivered_before_ws(span):
        facts.append(Fact("claim_undelivered_taken_out", {"undelivered_ws": undelivered_ws}))
    return facts


def _claim(
    code: Code,
    option: Literal["A", "C"],
    baseline_ws: int,
    span: ClaimSpan,
    parts: Sequence[ErrorPart],
    routine: Sequence[Fact],
    adjusted: Sequence[tuple[Adjustment, int]],
) -> Claim:
    whole_ws = baseline_ws + sum(amount for _, amount in adjusted)
    used_ws = span.of_world("metered")
    saved_ws = whole_ws - used_ws
    error = combined(parts)
    non_routine = [
        Fact(
            "claim_adjusted",
            {"date": one.date, "signed_by": one.signed_by, "reason": one.reason, "added_ws": amount},
        )
        for one, amount in adjusted
    ]
    return Claim(
        code,
        option,
        whole_ws,
        used_ws,
        saved_ws,
        round(error.se_ws),
        within_90_ws(error),
        is_shown(saved_ws, error.se_ws),
        (*routine, *non_routine),
        tuple(parts),
    )
