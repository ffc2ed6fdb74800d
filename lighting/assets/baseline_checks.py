"""Checks of what the baseline, the supplies and the lit areas say, against each other and the other tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from lighting.assets import draft as names
from lighting.assets.baseline import Adjustment, Baseline, ReferencePeriod, StatedWatts
from lighting.assets.baseline_shapes import BaselineFile
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.model import Circuit
from lighting.assets.nearest import unknown_reference

_SAMPLE_FIELDS = ("sample_size", "mean_w", "standard_deviation_w", "date", "instrument", "by")
_AMOUNTS = ("kwh", "kwh_per_year", "lamps")
_MOST_LIT_MS = 30 * 24 * 3_600_000
"""A polar night may be lit for weeks; a longer span is a slip of the pen."""


def check_baseline_file(file: BaselineFile, draft: Draft) -> None:
    """Check that each table of ``baseline.toml`` says one thing, and all of it."""
    point = file.switching
    said = [
        name
        for name, is_said in (
            ("lx", (point.on_lx, point.off_lx) != (None, None)),
            ("elevation_deg", (point.on_elevation_deg, point.off_elevation_deg) != (None, None)),
            ("logged", point.logged),
        )
        if is_said
    ]
    if len(said) > 1:
        _note(draft, "baseline_switching_twice", ("switching",), {"found": ", ".join(said)})
    for first, second in (("on_lx", "off_lx"), ("on_elevation_deg", "off_elevation_deg")):
        missing = [name for name in (first, second) if getattr(point, name) is None]
        if len(missing) == 1:
            _note(draft, "baseline_switching_half", ("switching",), {"field": missing[0]})


def check_baseline(draft: Draft) -> None:
    """Check the baseline against the other tables; called when all is read."""
    baseline = draft.baseline
    for index, watts in enumerate(baseline.watts):
        _check_watts(draft, baseline, index, watts)
    devices: set[str] = set()
    for index, meter in enumerate(baseline.meters):
        place = ("meters", index, "device")
        if not draft.is_known(names.DEVICES_FILE, meter.device, draft.devices):
            fact = unknown_reference("device", meter.device, draft.names(names.DEVICES_FILE, draft.devices))
            _problem(draft, fact, place)
        elif meter.device in devices:
            _note(draft, "baseline_twice", place, {"found": meter.device})
        devices.add(meter.device)
    for index, adjustment in enumerate(baseline.adjustments):
        _check_adjustment(draft, index, adjustment)
    _check_periods(draft, baseline.reference.periods)
    _check_log(draft, baseline)
    for circuit in draft.circuits.values():
        _check_area(draft, circuit)


def _check_watts(draft: Draft, baseline: Baseline, index: int, watts: StatedWatts) -> None:
    place = ("watts", index)
    kind = draft.luminaire_types.get(watts.luminaire_type)
    if not draft.is_known(names.LUMINAIRE_TYPES_FILE, watts.luminaire_type, draft.luminaire_types):
        known = draft.names(names.LUMINAIRE_TYPES_FILE, draft.luminaire_types)
        _problem(draft, unknown_reference("luminaire type", watts.luminaire_type, known), (*place, "luminaire_type"))
    if baseline.watts_of(watts.luminaire_type, watts.of) is not watts:
        _note(draft, "baseline_twice", (*place, "luminaire_type"), {"found": f"{watts.luminaire_type} {watts.of}"})
    missing = [name for name in _SAMPLE_FIELDS if getattr(watts, name) in (None, "", 0)]
    if watts.basis == "sample" and (missing or watts.sample_size < 2):
        _note(draft, "baseline_sample_half", place, {"fields": ", ".join(missing) or "sample_size"})
        return
    stated_w = None if kind is None else kind.rated_w if watts.of == "present" else kind.legacy_w
    if kind is not None and stated_w is None:
        values: dict[str, Value] = {"luminaire_type": watts.luminaire_type}
        _note(draft, "baseline_no_legacy_watts", (*place, "of"), values)
    elif stated_w is not None and watts.mean_w is not None and watts.standard_deviation_w is not None:
        error_w = watts.standard_deviation_w / max(watts.sample_size, 1) ** 0.5
        # The tables say what the baseline takes; a sample far from them is evidence for another figure.
        if abs(watts.mean_w - stated_w) > max(2.0 * error_w, 0.005 * stated_w):
            values = {
                "luminaire_type": watts.luminaire_type,
                "mean_w": watts.mean_w,
                "stated_w": stated_w,
                "field": "rated_w" if watts.of == "present" else "legacy_w",
            }
            _note(draft, "baseline_sample_differs", (*place, "mean_w"), values, is_warning=True)


def _check_adjustment(draft: Draft, index: int, adjustment: Adjustment) -> None:
    place = ("adjustments", index)
    said = [name for name in _AMOUNTS if getattr(adjustment, name) is not None]
    if len(said) != 1:
        _note(draft, "baseline_adjustment_amount", place, {"found": ", ".join(said) or "–"})
    if (adjustment.lamps is None) != (adjustment.lamp_w is None):
        _note(draft, "baseline_adjustment_lamp_watts", place)
    for name in ("signed_by", "reason"):
        if not getattr(adjustment, name).strip():
            _problem(draft, Fact("value_missing", {"field": name}), (*place, name))
    if adjustment.until and adjustment.until < adjustment.date:
        _note(draft, "dates_reversed", (*place, "until"), {"found": f"{adjustment.date}..{adjustment.until}"})


def _check_periods(draft: Draft, periods: tuple[ReferencePeriod, ...]) -> None:
    for index, period in enumerate(periods):
        place = ("reference", "periods", index)
        if period.to_day < period.from_day:
            _note(draft, "dates_reversed", (*place, "to"), {"found": f"{period.from_day}..{period.to_day}"})
        if (period.lamps is None) == (period.installed_kw is None):
            _note(draft, "baseline_reference_installed", place)
        elif (period.lamps is None) != (periods[0].lamps is None):
            _note(draft, "baseline_reference_mixed", place)
    numbered = sorted(enumerate(periods), key=lambda one: one[1].from_day)
    for (_, before), (index, after) in itertools.pairwise(numbered):
        if after.from_day <= before.to_day:
            values: dict[str, Value] = {"from_date": after.from_day, "to_date": before.to_day}
            _note(draft, "baseline_reference_overlaps", ("reference", "periods", index, "from"), values)


def _check_log(draft: Draft, baseline: Baseline) -> None:
    file = names.BASELINE_HOURS_FILE
    if baseline.switching.is_logged and not baseline.logged and file not in draft.broken:
        _note(draft, "baseline_log_missing", ("switching", "logged"), {"file": file})
    before_ms = None
    for index, night in enumerate(baseline.logged):
        if not 0 < night.off_ms - night.on_ms <= _MOST_LIT_MS:
            draft.problem(Fact("baseline_log_span"), file, index, "off")
        if before_ms is not None and night.on_ms < before_ms:
            draft.problem(Fact("baseline_log_order"), file, index, "on")
        before_ms = night.off_ms


def _check_area(draft: Draft, circuit: Circuit) -> None:
    file = names.CIRCUITS_FILE
    if circuit.area_m2 is not None and circuit.width_m is not None:
        draft.problem(Fact("area_said_twice"), file, circuit.id, "area_m2")
    elif circuit.width_m is not None and circuit.length_m is None:
        draft.problem(Fact("width_without_length"), file, circuit.id, "width_m")
    is_lux = circuit.design_class[:1] in ("C", "P")
    maintained, level = circuit.maintained_lx, circuit.maintained_level
    if is_lux and maintained is not None and level is not None and abs(maintained - level) > 0.05 * level:
        values: dict[str, Value] = {"found": maintained, "expected": level, "design_class": circuit.design_class}
        draft.problem(Fact("maintained_lx_differs", values), file, circuit.id, "maintained_lx", is_warning=True)
    if circuit.supply and not draft.is_known(names.SUPPLIES_FILE, circuit.supply, draft.supplies):
        fact = unknown_reference("supply", circuit.supply, draft.names(names.SUPPLIES_FILE, draft.supplies))
        draft.problem(fact, file, circuit.id, "supply")


Place = tuple[str | int, ...]
_OF_CHECKS = ("baseline_", "dates_reversed", "unknown_reference")
"""How the problems begin that this file finds; all others are of single values."""


def _note(
    draft: Draft, code: str, place: Place, values: dict[str, Value] | None = None, *, is_warning: bool = False
) -> None:
    _problem(draft, Fact(code, values or {}), place, is_warning=is_warning)


def _problem(draft: Draft, fact: Fact, place: Place, *, is_warning: bool = False) -> None:
    lines = draft.toml_lines.get(names.BASELINE_FILE)
    line = 0 if lines is None else lines.line_of(place)
    field = _dotted(place)
    if names.BASELINE_FILE in draft.broken and _hangs_on_another(draft, fact, field):
        return
    draft.problems.append(Problem(fact, names.BASELINE_FILE, line, field, is_warning))


def _hangs_on_another(draft: Draft, fact: Fact, field: str) -> bool:
    """Whether a problem may come of a wrong value of the same table, which is told: what else is there is no less wrong
    for it, but what seems to lack may be the wrong value.
    """
    of_file = [problem for problem in draft.problems if problem.file == names.BASELINE_FILE]
    wrong = [problem.field for problem in of_file if not problem.fact.code.startswith(_OF_CHECKS)]
    is_sure = fact.code == "baseline_switching_twice" or "," in str(fact.values.get("found", ""))
    if fact.code.startswith("unknown_reference"):
        return field in wrong
    table = field if any(one.startswith(f"{field}.") for one in wrong) else field.rpartition(".")[0]
    return not is_sure and any(one.startswith(f"{table}.") for one in wrong)


def _dotted(place: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in place)
