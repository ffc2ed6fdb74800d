"""Standard errors of energies, how they combine, and what they mean at 90 % confidence (IPMVP, uncertainty guide).

A limit within which any value is as likely (a meter's class, a nameplate's tolerance) is taken as a standard error of
the limit divided by √3 (JCGM 100:2008, 4.3.7). What is common to everything that it touches (a class of meters, the
hours of every night) adds linearly; what is independent (types of lamps, meter against watts) in quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lighting.assets.baseline import Baseline, MeterClass, StatedWatts
from lighting.assets.model import LuminaireType, Site

SHOWN_FROM = 2.0
"""A saving is shown from this many of its standard errors on (IPMVP)."""
METER_LIMIT_PCT: dict[MeterClass, float] = {
    "0.2S": 0.2,
    "0.5S": 0.5,
    "0.5": 0.5,
    "1": 1.0,
    "2": 2.0,
    "A": 2.0,
    "B": 1.0,
    "C": 0.5,
}
"""Limits of error of active energy at nominal current (IEC 62053-21, IEC 62053-22, EN 50470-3), in percent."""
_ROOT_3 = math.sqrt(3.0)
NORMAL_90 = 1.6448536269514722
"""By what a standard error is multiplied for ± at 90 % confidence, where it rests on no small sample."""
_T_90 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812)
"""Student's t of 90 % two-sided confidence for 1 to 10 degrees of freedom."""


@dataclass(frozen=True, slots=True)
class ErrorPart:
    """One cause of uncertainty: its standard error in Ws, and the degrees of freedom with which that is known."""

    code: str
    se_ws: float
    freedom: float = math.inf


def combined(parts: Sequence[ErrorPart]) -> ErrorPart:
    """Return independent parts in quadrature, with the effective degrees of freedom of Welch and Satterthwaite."""
    variance = sum(part.se_ws**2 for part in parts)
    if variance <= 0:
        return ErrorPart("combined", 0.0)
    # In shares of the whole, as a fourth power of watt-seconds may leave what a float holds.
    spent = sum((part.se_ws**2 / variance) ** 2 / part.freedom for part in parts if part.se_ws > 0)
    return ErrorPart("combined", math.sqrt(variance), 1.0 / spent if spent > 0 else math.inf)


def factor_90(freedom: float) -> float:
    """Return by what a standard error is multiplied for ± at 90 % confidence: Student's t, 1.645 without end.

    Above 10 degrees by the expansion of t in 1/ν (Abramowitz and Stegun, 26.7.5), between whole ones below linearly.
    """
    if freedom >= len(_T_90):
        z = NORMAL_90
        first = (z**3 + z) / 4.0
        second = (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / 96.0
        return z if math.isinf(freedom) else z + first / freedom + second / freedom**2
    low = max(1, math.floor(freedom))
    high = min(low + 1, len(_T_90))
    return _T_90[low - 1] + (max(freedom, 1.0) - low) * (_T_90[high - 1] - _T_90[low - 1])


def within_90_ws(part: ErrorPart) -> int:
    """Return the ± in Ws at 90 % confidence."""
    return round(part.se_ws * factor_90(part.freedom))


def is_shown(saved_ws: float, se_ws: float) -> bool:
    """Return whether a saving, or a loss (negative), is more than chance: at least twice its standard error."""
    return saved_ws != 0 and abs(saved_ws) >= SHOWN_FROM * se_ws


@dataclass(frozen=True, slots=True)
class ShareError:
    """A relative standard error (0.01 is 1 %), and the degrees of freedom with which it is known."""

    share: float
    freedom: float = math.inf

    def of(self, code: str, energy_ws: float) -> ErrorPart:
        """Return what it makes of an energy."""
        return ErrorPart(code, self.share * abs(energy_ws), self.freedom)


def meter_share(meter_class: MeterClass) -> float:
    """Return the relative standard error of a meter of a class: the class's limit over √3."""
    return METER_LIMIT_PCT[meter_class] / 100.0 / _ROOT_3


def watts_error(stated: StatedWatts | None, lamps: int) -> ShareError:
    """Return the relative standard error of the mean watts of ``lamps`` lamps of one type.

    Of a sample: s/√n, with the correction for a finite number of lamps √((N - n)/(N - 1)), over its mean; of a
    nameplate: the tolerance over √3. Without a statement: a nameplate of ± 5 %.
    """
    said = stated or StatedWatts("")
    n = said.sample_size
    if said.basis == "nameplate" or not said.mean_w or said.standard_deviation_w is None or n < 2:
        return ShareError(said.tolerance_pct / 100.0 / _ROOT_3)
    finite = math.sqrt(max(lamps - n, 0) / (lamps - 1)) if lamps > 1 else 0.0
    return ShareError(said.standard_deviation_w / math.sqrt(n) * finite / said.mean_w, float(n - 1))


@dataclass(frozen=True, slots=True)
class SiteErrors:
    """The relative standard errors of a site, or of some of its circuits. ``hours_ms`` is that of a night's hours."""

    present: ShareError
    legacy: ShareError
    meter: ShareError
    model: ShareError
    hours_ms: float

    def hours(self, nights: float, lit_ms: float) -> ShareError:
        """Return the relative error of the baseline's hours, the same way in every night."""
        return ShareError(self.hours_ms * nights / lit_ms if lit_ms > 0 else 0.0)


def site_errors(site: Site, circuits: Sequence[str] | None = None) -> SiteErrors:
    """Return the errors of a site (or of these circuits), types and meters weighted with their full power.

    Types of lamps are independent of each other; meters are not (one maker, one test bench): theirs add linearly.
    """
    chosen = list(site.circuits.values()) if circuits is None else [site.circuits[one] for one in circuits]
    counts: dict[str, int] = {}
    metered = [0.0, 0.0]
    for circuit in chosen:
        full_w = 0.0
        for group in circuit.lamps:
            counts[group.luminaire_type] = counts.get(group.luminaire_type, 0) + group.count
            full_w += group.count * site.luminaire_types[group.luminaire_type].rated_w
        if circuit.meter:
            metered[0] += full_w
            metered[1] += full_w * meter_share(site.baseline.class_of(circuit.meter[0].device))
    meter = metered[1] / metered[0] if metered[0] > 0 else meter_share(site.baseline.meter_class)
    types = [(site.luminaire_types[one], count) for one, count in counts.items()]
    return SiteErrors(
        _of_types(site.baseline, types, legacy=False),
        _of_types(site.baseline, types, legacy=True),
        ShareError(meter),
        ShareError(site.baseline.model_error_pct / 100.0),
        site.baseline.switching.error_min * 60_000.0,
    )


def _of_types(baseline: Baseline, types: Sequence[tuple[LuminaireType, int]], *, legacy: bool) -> ShareError:
    """Types in quadrature, each with its part of the power; a type without legacy watts was what it is."""
    total_w, parts = 0.0, []
    for kind, count in types:
        is_legacy = legacy and kind.legacy_w is not None
        power_w = count * (kind.legacy_w if is_legacy and kind.legacy_w is not None else kind.rated_w)
        error = watts_error(baseline.watts_of(kind.id, "legacy" if is_legacy else "present"), count)
        total_w += power_w
        parts.append(error.of("watts", power_w))
    whole = combined(parts)
    return ShareError(whole.se_ws / total_w if total_w > 0 else 0.0, whole.freedom)
