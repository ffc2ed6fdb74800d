"""Standard errors of many lines at once (days, months, districts, circuits): of use, baseline and saving.

As ``lighting.energy.baselines`` has them for a whole claim of option A, for arrays of lines. With u a relative standard
error, B the baseline, U what was used, M the part of U that no meter counted, and A the part that is a share of a
meter, by model:

* used: u_meter·(U - M) and u_model·(M + A);
* baseline: u_watts·B and u_hours·B;
* saved: u_watts·(B - M) where the lamps are the same in both, else u_legacy·B and u_watts·M; u_hours·B; and what the
  error of the used energy is made of.

Each is the root of the sum of their squares. Lines share meters, watts and hours, so that the errors of lines must not
be added in quadrature to that of their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Circuit, Site
from lighting.energy.uncertainty import SiteErrors, meter_share, watts_error

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Energies in Ws, each (n,): the baseline, what was used, and of it what is modelled and what is apportioned."""

    baseline_ws: Integers
    used_ws: Integers
    modelled_ws: Floats
    apportioned_ws: Floats


@dataclass(frozen=True, slots=True)
class LineShares:
    """Relative standard errors of lines: (n,), or one for all. ``watts_before`` where the baseline has other lamps."""

    watts: Floats
    watts_before: Floats
    meter: Floats
    hours: Floats
    model: float

    @classmethod
    def of_site(cls, errors: SiteErrors, hours: Floats) -> LineShares:
        """The same for every line, but for the hours (n,)."""
        watts, before, meter = (np.full(hours.size, one.share) for one in (errors.present, errors.legacy, errors.meter))
        return cls(watts, before, meter, hours, errors.model.share)

    @classmethod
    def of_places(cls, site: Site, circuits: Sequence[Sequence[Circuit]], hours: float) -> LineShares:
        """Of places with these circuits each; types of lamps in quadrature, meters linearly, by their full power.

        A place without lamps (a permanent load) has stated watts: the error of the model stands for theirs.
        """
        watts = _of_types(site, circuits, legacy=False)
        before = _of_types(site, circuits, legacy=True)
        return cls(watts, before, _of_meters(site, circuits), np.full(watts.shape, hours), _model(site))


@dataclass(frozen=True, slots=True)
class LineErrors:
    """Standard errors in Ws, each (n,)."""

    used_ws: Integers
    baseline_ws: Integers
    saved_ws: Integers


def line_errors(lines: Lines, shares: LineShares, *, are_same_lamps: bool) -> LineErrors:
    """Return the standard errors of all lines."""
    baseline, modelled = lines.baseline_ws.astype(np.float64), lines.modelled_ws
    metered = shares.meter * (lines.used_ws - modelled)
    used = metered**2 + (shares.model * (modelled + lines.apportioned_ws)) ** 2
    hours = (shares.hours * baseline) ** 2
    if are_same_lamps:
        watts, saved_watts = (shares.watts * baseline) ** 2, (shares.watts * (baseline - modelled)) ** 2
    else:
        watts = (shares.watts_before * baseline) ** 2
        saved_watts = watts + (shares.watts * modelled) ** 2
    return LineErrors(_root(used), _root(watts + hours), _root(saved_watts + hours + used))


def _root(squares: Floats) -> Integers:
    return np.asarray(np.rint(np.sqrt(squares)), dtype=np.int64)


def _model(site: Site) -> float:
    return site.baseline.model_error_pct / 100.0


def _full_w(site: Site, circuit: Circuit) -> float:
    return sum(group.count * site.luminaire_types[group.luminaire_type].rated_w for group in circuit.lamps)


def _of_types(site: Site, circuits: Sequence[Sequence[Circuit]], *, legacy: bool) -> Floats:
    """(n,): of each place, the types in quadrature, each with its part of the power."""
    number = {one: n for n, one in enumerate(site.luminaire_types)}
    lamps = np.zeros((len(circuits), len(number)))
    for row, of_place in zip(lamps, circuits, strict=True):
        for circuit in of_place:
            for group in circuit.lamps:
                row[number[group.luminaire_type]] += group.count
    counts = dict.fromkeys(number, 0)
    for circuit in site.circuits.values():
        for group in circuit.lamps:
            counts[group.luminaire_type] += group.count
    power, error = np.zeros(len(number)), np.zeros(len(number))
    for kind in site.luminaire_types.values():
        is_legacy = legacy and kind.legacy_w is not None
        stated = site.baseline.watts_of(kind.id, "legacy" if is_legacy else "present")
        power[number[kind.id]] = kind.legacy_w if is_legacy and kind.legacy_w is not None else kind.rated_w
        error[number[kind.id]] = watts_error(stated, counts[kind.id]).share
    whole = lamps @ power
    root = np.sqrt((lamps * power * error) ** 2 @ np.ones(len(number)))
    found: Floats = np.divide(root, whole, out=np.full(len(circuits), _model(site)), where=whole > 0)
    return found


def _of_meters(site: Site, circuits: Sequence[Sequence[Circuit]]) -> Floats:
    """(n,): of each place the mean of its meters' classes; without any, that of the site."""
    power = np.zeros((2, len(circuits)))
    for n, of_place in enumerate(circuits):
        for circuit in of_place:
            if circuit.meter:
                full_w = _full_w(site, circuit)
                power[:, n] += full_w, full_w * meter_share(site.baseline.class_of(circuit.meter[0].device))
    usual = np.full(len(circuits), meter_share(site.baseline.meter_class))
    found: Floats = np.divide(power[1], power[0], out=usual, where=power[0] > 0)
    return found
