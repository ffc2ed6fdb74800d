"""The baselines of a report with their uncertainty, and the baseline row of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.energy_answers import BaselineLine, CauseLine, Worth
from lighting.desk.energy_ledger import BASELINE, Against, Sums
from lighting.desk.energy_prices import shared_by
from lighting.desk.refusal import NotFound
from lighting.energy.baselines import Claim, ClaimSpan, cause_errors_ws, claims, lit_ms_of_days
from lighting.energy.uncertainty import ErrorPart, combined, site_errors, within_90_ws
from lighting.energy.worlds import CAUSES, WORLDS, Cause

Integers = NDArray[np.int64]
_WORLD_OF = {"same_lamps_full_power": "full", "lamps_before": "legacy", "metered_reference": "full"}
CODES = tuple(_WORLD_OF)


@dataclass(frozen=True, slots=True)
class Claims:
    """What is claimed for the days that have an account; none where there is no day."""

    site: Site
    circuits: tuple[str, ...] | None
    span: ClaimSpan
    found: tuple[Claim, ...]
    lit_ms: Integers
    """(n_days,) how long the baseline is lit on each of the days."""

    def of(self, code: str) -> Claim | None:
        return next((one for one in self.found if one.code == code), None)


def claims_of(
    site: Site, districts: Sequence[str], days: Sequence[date], worlds_ws: Integers, modelled_ws: int, sums: ClaimSums
) -> Claims:
    """The claims of a span; ``days`` follow each other, ``worlds_ws`` (n_worlds,)."""
    circuits = tuple(one.id for one in site.circuits.values() if one.district in districts) if districts else None
    chosen = site.circuits.values() if circuits is None else [site.circuits[one] for one in circuits]
    span = ClaimSpan(
        days=days,
        worlds_ws=tuple(int(ws) for ws in worlds_ws[: len(WORLDS)]),
        modelled_ws=modelled_ws,
        undelivered_ws=sums.undelivered_ws,
        installed=[_installed(site, sum(one.lamp_count for one in chosen))] * len(days),
        known_share=sums.known_share,
    )
    return Claims(site, circuits, span, claims(site, span, circuits) if days else (), lit_ms_of_days(site, days))


@dataclass(frozen=True, slots=True)
class ClaimSums:
    """What stands beside the worlds of a claim."""

    undelivered_ws: int
    known_share: float


def _installed(site: Site, lamps: int) -> float:
    """Lamps, or kW at full power where the reference periods have kW."""
    periods = site.baseline.reference.periods
    if not periods or periods[0].lamps is not None:
        return float(lamps)
    types = site.luminaire_types
    groups = [group for circuit in site.circuits.values() for group in circuit.lamps]
    return sum(types[group.luminaire_type].rated_w * group.count for group in groups) / 1000.0


def against_of(made: Claims, code: str) -> Against:
    """The baseline of that code: a world, or a row of its own before one where it is adjusted or metered.

    Raises ``NotFound`` for one that the site does not have.
    """
    world = _WORLD_OF[code]
    claim = made.of(code)
    causes = CAUSES if world == "legacy" else CAUSES[1:]
    if claim is None:
        if made.span.days:
            raise NotFound(Fact(_missing(made, code), {"baseline": code}))
        return Against(code, world, causes)
    if claim.baseline_ws == made.span.of_world(world) and claim.option == "A":
        return Against(code, world, causes)
    own = "reference_difference" if claim.option == "C" else "adjustments"
    return Against(code, BASELINE, (Cause(own, BASELINE, world), *causes))


def _missing(made: Claims, code: str) -> str:
    """Why the site, or what was asked of it, has no baseline of that code."""
    if code == "lamps_before":
        return "energy_baseline_without_watts"
    has_reference = bool(made.site.baseline.reference.periods)
    return "energy_baseline_of_whole_site" if has_reference else "energy_baseline_without_reference"


def baseline_row(made: Claims, against: Against, worlds_ws: Integers) -> Integers:
    """(n,) the baseline as claimed, shared out to rows by the world that it stands before."""
    claim = made.of(against.code)
    row: Integers = worlds_ws[WORLDS.index(_WORLD_OF[against.code])]
    if claim is None or against.world != BASELINE:
        return row
    found: Integers = row + shared_by(claim.baseline_ws - int(row.sum()), row.astype(np.float64), row)
    return found


def lines(made: Claims, total: Sums, against: Against) -> tuple[BaselineLine, ...]:
    """Each baseline that the site has; the one that the report is against as its own lines have it."""
    used = total.worth("metered")
    found = []
    for claim in made.found:
        world = against.world if claim.code == against.code else _WORLD_OF[claim.code]
        baseline = _of_energy(total.worth(world), claim.baseline_ws)
        found.append(
            BaselineLine(
                code=claim.code,
                option=claim.option,
                baseline=baseline,
                used=used,
                saved=_less(baseline, used),
                se_ws=claim.se_ws,
                within_ws=claim.within_ws,
                is_shown=claim.is_shown,
                adjustments=claim.adjustments,
                inputs=_inputs(made.site, claim),
            )
        )
    return tuple(found)


def _of_energy(worth: Worth, energy_ws: int) -> Worth:
    """Another energy at the same mean price."""
    if worth.energy_ws == energy_ws or not worth.energy_ws:
        return replace(worth, energy_ws=energy_ws)

    def scaled(value: int | None) -> int | None:
        return None if value is None else (2 * value * energy_ws + worth.energy_ws) // (2 * worth.energy_ws)

    return Worth(energy_ws, scaled(worth.money_e4), scaled(worth.co2_g))


def _less(one: Worth, other: Worth) -> Worth:
    return Worth(
        one.energy_ws - other.energy_ws,
        None if one.money_e4 is None or other.money_e4 is None else one.money_e4 - other.money_e4,
        None if one.co2_g is None or other.co2_g is None else one.co2_g - other.co2_g,
    )


def _inputs(site: Site, claim: Claim) -> tuple[Fact, ...]:
    """What it rests on: the switching point, and what its uncertainty is made of."""
    point = site.baseline.switching
    facts = []
    if point.is_logged:
        facts.append(Fact("energy_hours_logged", {"nights": len(site.baseline.logged), "source": point.source or None}))
    elif point.on_elevation_deg is not None:
        elevations = {"on_elevation_deg": point.on_elevation_deg, "off_elevation_deg": point.off_elevation_deg}
        facts.append(Fact("energy_hours_by_elevation", {**elevations, "source": point.source or None}))
    else:
        facts.append(
            Fact("energy_hours_by_lux", {"on_lx": point.on_lx, "off_lx": point.off_lx, "source": point.source or None})
        )
    parts = (part for part in claim.parts if part.se_ws > 0)
    return (*facts, *(Fact("energy_error_part", {"part": one.code, "part_ws": round(one.se_ws)}) for one in parts))


def with_errors(lines: Sequence[CauseLine], made: Claims) -> tuple[CauseLine, ...]:
    """The causes with the standard error of each; that of an adjustment that somebody signed is not known.

    That of a reference less the model is the reference's, with that of watts and hours of the model.
    """
    if not made.span.days:
        return tuple(lines)
    errors = site_errors(made.site, made.circuits)
    hours = errors.hours(len(made.span.days), float(made.lit_ms.sum()))
    se_ws = cause_errors_ws(made.span.worlds_ws, made.span.modelled_ws, errors, hours)
    of = {cause.code: ErrorPart(cause.code, error) for cause, error in zip(CAUSES, se_ws, strict=True)}
    reference = made.of("metered_reference")
    if reference is not None:
        full_ws = made.span.of_world("full")
        model = [errors.present.of("watts", full_ws), hours.of("hours", full_ws)]
        parts = [part for part in reference.parts if part.code.startswith("reference")]
        of["reference_difference"] = ErrorPart("reference", combined([*parts, *model]).se_ws)
    return tuple(
        replace(line, se_ws=round(of[line.code].se_ws), within_ws=within_90_ws(of[line.code]))
        if line.code in of
        else line
        for line in lines
    )
