"""The metered reference period carried over to other nights and other lamps (IPMVP option C, routine adjustments).

With three periods or more whose days and dark hours tell them apart, least squares find a base load and a power per
lamp: E = b·days + s·(dark hours × lamps). Else the energy per dark hour and lamp of all periods together is carried
over (ratio), with the standard error that is stated for it. What is installed is lamps, or kW, as the periods have it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lighting.energy.uncertainty import ErrorPart

Floats = NDArray[np.float64]
Method = Literal["regression", "ratio"]
LEAST_PERIODS = 3
DEFAULT_ERROR_PCT = 10.0
"""Of a carried-over ratio for which nobody states an error."""
_WORST_CONDITION = 1e4
"""Of the two scaled columns: above it, days and dark hours say the same and cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Reference periods, arrays (n,): energy in Ws, days, and dark time times what was installed, in ms × unit."""

    energy_ws: Floats
    days: Floats
    dark_installed_ms: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """The energy of the reporting span as the reference has it, and how it was found.

    ``base_w`` is the load by day and night, ``unit_w`` the power per unit installed while dark; ``error`` is the
    standard error of the whole with its degrees of freedom. ``r_squared`` is None for a ratio.
    """

    method: Method
    energy_ws: float
    base_w: float
    unit_w: float
    error: ErrorPart
    r_squared: float | None


def carried_over(periods: Periods, days: float, dark_installed_ms: float, error_pct: float | None = None) -> Fit:
    """Return the reference's energy for a span of ``days`` with that dark time times what was installed.

    Raises ValueError without a period that has energy and dark time.
    """
    if not periods.energy_ws.size or periods.dark_installed_ms.sum() <= 0:
        raise ValueError("a reference needs at least one period with dark hours and something installed")
    return _regression(periods, days, dark_installed_ms) or _ratio(periods, dark_installed_ms, error_pct)


def _ratio(periods: Periods, dark_installed_ms: float, error_pct: float | None) -> Fit:
    unit_w = float(periods.energy_ws.sum() / periods.dark_installed_ms.sum() * 1000.0)
    energy_ws = unit_w * dark_installed_ms / 1000.0
    share = (DEFAULT_ERROR_PCT if error_pct is None else error_pct) / 100.0
    return Fit("ratio", energy_ws, 0.0, unit_w, ErrorPart("reference", share * energy_ws), None)


def _regression(periods: Periods, days: float, dark_installed_ms: float) -> Fit | None:
    """Ordinary least squares with two coefficients; None where it cannot be, or gives a power under 0.

    The error of a prediction is that of the coefficients and the scatter of as many periods as the span has, taken as
    independent: s²·(x'(X'X)⁻¹x + days / mean days).
    """
    n = periods.energy_ws.size
    if n < LEAST_PERIODS:
        return None
    matrix = np.stack([periods.days, periods.dark_installed_ms], axis=1)
    scale = np.sqrt((matrix**2).mean(axis=0))
    scaled = matrix / scale
    if np.any(scale <= 0) or np.linalg.cond(scaled) > _WORST_CONDITION:
        return None
    inverse = np.linalg.inv(scaled.T @ scaled)
    coefficients = inverse @ scaled.T @ periods.energy_ws
    if np.any(coefficients < 0):
        return None
    residuals = periods.energy_ws - scaled @ coefficients
    variance = float(residuals @ residuals) / (n - 2)
    x = np.array([days, dark_installed_ms]) / scale
    spread = float(x @ inverse @ x) + days / float(periods.days.mean())
    about_mean = periods.energy_ws - periods.energy_ws.mean()
    whole = float(about_mean @ about_mean)
    base, unit = (coefficients / scale).tolist()
    return Fit(
        "regression",
        float(x @ coefficients),
        base / 86_400.0,
        unit * 1000.0,
        ErrorPart("reference", math.sqrt(variance * spread), float(n - 2)),
        1.0 - float(residuals @ residuals) / whole if whole > 0 else 1.0,
    )
