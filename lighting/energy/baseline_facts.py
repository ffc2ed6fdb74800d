"""What a claim rests on, and what it lacks, as facts: for the report's inputs and for who sets up the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lighting.assets.baseline import Adjustment, ReferencePeriod, StatedWatts, WattsOf
from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.energy.baseline_hours import switching_elevations
from lighting.energy.baselines import Code, has_legacy
from lighting.energy.reference_fit import DEFAULT_ERROR_PCT, LEAST_PERIODS
from lighting.energy.uncertainty import meter_share, watts_error

OPTION_OF: Mapping[Code, str] = {"same_lamps_full_power": "A", "lamps_before": "A", "metered_reference": "C"}
_MOST_NAMES = 5


def claim_inputs(site: Site, code: Code) -> tuple[Fact, ...]:
    """Return what a claim of that code rests on: switching point, watts or reference periods, meters, model."""
    found = [switching_fact(site)]
    if code == "metered_reference":
        found += [reference_fact(period) for period in site.baseline.reference.periods]
    else:
        found += watts_facts(site, "legacy" if code == "lamps_before" else "present")
    return (*found, *meter_facts(site), Fact("baseline_model", {"error_pct": site.baseline.model_error_pct}))


def switching_fact(site: Site) -> Fact:
    """Return the switching point with the elevations of the sun at which it switches."""
    point = site.baseline.switching
    place = (site.latitude_deg, site.longitude_deg)
    on_deg, off_deg = switching_elevations(point, site.baseline.logged, place)
    values: dict[str, Value] = {
        "on_deg": round(on_deg, 2),
        "off_deg": round(off_deg, 2),
        "source": point.source or None,
    }
    values["error_s"] = point.error_min * 60.0
    if point.is_logged:
        return Fact("baseline_switching_logged", {**values, "nights": len(site.baseline.logged)})
    if point.on_lx is None or point.off_lx is None:
        return Fact("baseline_switching_elevation", values)
    return Fact("baseline_switching_photocell", {**values, "on_lx": point.on_lx, "off_lx": point.off_lx})


def watts_facts(site: Site, of: WattsOf) -> list[Fact]:
    """Return what the watts of each type in use rest on; for the legacy ones only types that have them."""
    found = []
    for name, lamps in lamps_by_type(site).items():
        kind = site.luminaire_types[name]
        watts = kind.rated_w if of == "present" else kind.legacy_w
        if watts is None:
            continue
        stated = site.baseline.watts_of(name, of) or StatedWatts(name, of)
        error = watts_error(stated, lamps)
        values: dict[str, Value] = {"luminaire_type": name, "of": of, "watts": watts, "lamps": lamps}
        values["error_pct"] = round(100.0 * error.share, 2)
        if stated.basis == "nameplate":
            found.append(Fact("baseline_watts_nameplate", {**values, "tolerance_pct": stated.tolerance_pct}))
            continue
        values |= {"sample_size": stated.sample_size, "mean_watts": stated.mean_w}
        values |= {"date": stated.date, "instrument": stated.instrument, "by": stated.by}
        found.append(Fact("baseline_watts_sample", {**values, "deviation_watts": stated.standard_deviation_w}))
    return found


def meter_facts(site: Site) -> list[Fact]:
    """Return the accuracy class of the meters, and of those that have another one."""

    def values(meter_class: str, share: float) -> dict[str, Value]:
        return {"meter_class": meter_class, "error_pct": round(100.0 * share, 3)}

    baseline = site.baseline
    others = [
        Fact("baseline_meter", {"device": one.device, **values(one.meter_class, meter_share(one.meter_class))})
        for one in baseline.meters
    ]
    return [Fact("baseline_meters", values(baseline.meter_class, meter_share(baseline.meter_class))), *others]


def reference_fact(period: ReferencePeriod) -> Fact:
    """Return a reference period as it is stated."""
    is_lamps = period.lamps is not None
    values: dict[str, Value] = {"from_date": period.from_day, "to_date": period.to_day, "energy_kwh": period.kwh}
    values |= {"installed": period.lamps if is_lamps else period.installed_kw, "unit": "lamps" if is_lamps else "kW"}
    return Fact("baseline_reference", {**values, "source": period.source, "number": period.number})


def adjustment_fact(one: Adjustment) -> Fact:
    """Return a non-routine adjustment as it is stated."""
    values: dict[str, Value] = {"date": one.date, "signed_by": one.signed_by, "reason": one.reason}
    if one.kwh is not None:
        return Fact("baseline_adjustment_once", {**values, "energy_kwh": one.kwh})
    values["until"] = one.until or None
    if one.kwh_per_year is not None:
        return Fact("baseline_adjustment_yearly", {**values, "energy_kwh": one.kwh_per_year})
    return Fact("baseline_adjustment_lamps", {**values, "lamps": one.lamps, "watts": one.lamp_w})


def lamps_by_type(site: Site) -> dict[str, int]:
    """Return how many lamps of each type circuits have, in the order of the types."""
    counts = dict.fromkeys(site.luminaire_types, 0)
    for circuit in site.circuits.values():
        for group in circuit.lamps:
            counts[group.luminaire_type] += group.count
    return {name: count for name, count in counts.items() if count}


def lacking(site: Site) -> tuple[Fact, ...]:
    """Return what a defensible claim lacks, what weighs most first; nothing where all is stated."""
    return (*_lacking_in_baseline(site), *_lacking_in_reference(site), *_lacking_in_tables(site))


def _lacking_in_baseline(site: Site) -> list[Fact]:
    baseline, found = site.baseline, []
    if baseline.switching.error_min == 0:
        found.append(Fact("lacking_hours_error"))
    if not baseline.switching.source and not baseline.switching.is_logged:
        found.append(Fact("lacking_switching_source"))
    types = lamps_by_type(site)
    without = [name for name in types if site.luminaire_types[name].legacy_w is None]
    if without:
        found.append(Fact("lacking_legacy_watts", _named(without)))
    sides: tuple[WattsOf, ...] = ("present", "legacy") if has_legacy(site) else ("present",)
    for of in sides:
        wanted = [name for name in types if of == "present" or name not in without]
        stated = [baseline.watts_of(name, of) for name in wanted]
        unsampled = [name for name, one in zip(wanted, stated, strict=True) if one is None or one.basis != "sample"]
        if unsampled:
            found.append(Fact("lacking_sample", {"of": of, **_named(unsampled)}))
    return found


def _lacking_in_reference(site: Site) -> list[Fact]:
    reference = site.baseline.reference
    if not reference.periods:
        return [Fact("lacking_reference")]
    if len(reference.periods) < LEAST_PERIODS and reference.error_pct is None:
        values: dict[str, Value] = {"periods": len(reference.periods), "error_pct": DEFAULT_ERROR_PCT}
        return [Fact("lacking_reference_error", values)]
    return []


def _lacking_in_tables(site: Site) -> list[Fact]:
    circuits = site.circuits.values()
    checks = (
        ("lacking_meter", [one.id for one in circuits if not one.meter]),
        ("lacking_area", [one.id for one in circuits if one.lit_area_m2 is None]),
        ("lacking_illuminance", [one.id for one in circuits if one.illuminance_lx is None]),
        ("lacking_length", [one.id for one in circuits if one.length_m is None]),
    )
    return [Fact(code, {**_named(ids), "of_count": len(site.circuits)}) for code, ids in checks if ids]


def _named(ids: Sequence[str]) -> dict[str, Value]:
    more = len(ids) - _MOST_NAMES
    return {"count": len(ids), "names": ", ".join(ids[:_MOST_NAMES]) + (f" +{more}" if more > 0 else "")}
