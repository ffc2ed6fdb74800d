"""Checks of groups, traffic sections, photocells, and of what programs, rules and luminaires ask of them."""

from __future__ import annotations

import itertools

from drivers.quantity import Quantity
from lighting.assets import draft as names
from lighting.assets.area import AREA_FORM, parse_area
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.lighting_classes import CLASS_LEVELS, is_brighter, same_family
from lighting.assets.model import ChannelRef, CurveKind, LuminaireType, Place, TrafficSection
from lighting.assets.nearest import unknown_reference


def check_senses(draft: Draft) -> None:
    """Check every row of these tables, and every reference to them."""
    for number, (_, member) in enumerate(draft.members):
        _refer(draft, names.GROUPS_FILE, number, "circuit", member)
    for section in draft.traffic_sections.values():
        _check_section(draft, section)
    _check_photocells(draft)
    for circuit in draft.circuits.values():
        if circuit.traffic_section:
            _refer(draft, names.CIRCUITS_FILE, circuit.id, "traffic_section", circuit.traffic_section)
            if not circuit.design_class or not circuit.maintained_level:
                fact = Fact("section_without_class", {"section": circuit.traffic_section})
                draft.problem(fact, names.CIRCUITS_FILE, circuit.id, "traffic_section", is_warning=True)
    for kind in draft.luminaire_types.values():
        _check_output(draft, kind)
    _check_places(draft)
    _check_steps(draft)


_FILES = {
    "circuit": names.CIRCUITS_FILE,
    "cabinet": names.CABINETS_FILE,
    "district": names.DISTRICTS_FILE,
    "device": names.DEVICES_FILE,
    "traffic_section": names.TRAFFIC_SECTIONS_FILE,
    "group": names.GROUPS_FILE,
}


def _tables(draft: Draft) -> dict[str, dict[str, object]]:
    return {
        "circuit": dict(draft.circuits),
        "cabinet": dict(draft.cabinets),
        "district": dict(draft.districts),
        "device": dict(draft.devices),
        "traffic_section": dict(draft.traffic_sections),
        "group": dict(draft.groups),
    }


def _refer(draft: Draft, file: str, row: str | int, kind: str, found: str, field: str = "") -> bool:
    """Report a reference from a row that leads nowhere; whether it holds."""
    table = _tables(draft)[kind]
    if draft.is_known(_FILES[kind], found, table):
        return True
    draft.problem(unknown_reference(kind, found, draft.names(_FILES[kind], table)), file, row, field or kind)
    return False


def _check_section(draft: Draft, section: TrafficSection) -> None:
    file = names.TRAFFIC_SECTIONS_FILE
    for other in section.tied_to:
        _refer(draft, file, section.id, "traffic_section", other, "tied_to")
    for counter in section.counters:
        _check_channel(draft, file, section.id, counter, (Quantity.PULSE_COUNT,), "counters")
    if section.basis == "uni_11248" and section.counters and len(section.counters) != section.lanes:
        values = {"lanes": section.lanes, "counters": len(section.counters)}
        draft.problem(Fact("counter_for_each_lane", values), file, section.id, "counters")
    if not any(circuit.traffic_section == section.id for circuit in draft.circuits.values()):
        draft.problem(Fact("section_of_no_circuit", {"section": section.id}), file, section.id, "id", is_warning=True)


def _check_photocells(draft: Draft) -> None:
    file = names.PHOTOCELLS_FILE
    seen: dict[str, str] = {}
    for cell in draft.photocells.values():
        _refer(draft, file, cell.id, "district", cell.district)
        _check_channel(draft, file, cell.id, cell.channel, (Quantity.ILLUMINANCE,), "channel")
        if cell.off_lx <= cell.on_lx:
            fact = Fact("photocell_without_hysteresis", {"on_lx": cell.on_lx, "off_lx": cell.off_lx})
            draft.problem(fact, file, cell.id, "off_lx")
        other = seen.setdefault(cell.district, cell.id)
        if other != cell.id:
            fact = Fact("photocell_of_district_twice", {"district": cell.district, "other": other})
            draft.problem(fact, file, cell.id, "district")


def _check_channel(
    draft: Draft, file: str, row: str, ref: ChannelRef, quantities: tuple[Quantity, ...], field: str
) -> None:
    """A channel of a known device that can be read as one of the quantities."""
    if not _refer(draft, file, row, "device", ref.device, field):
        return
    device = draft.devices.get(ref.device)
    profile = None if device is None else draft.profiles.get(device.profile)
    if profile is None:
        return
    if not any(profile.point(quantity, ref.channel) is not None for quantity in quantities):
        values = {"channel": str(ref), "profile": profile.id, "quantity": quantities[0].value.replace("_", " ")}
        draft.problem(Fact("channel_without_quantity", values), file, row, field)


def _check_output(draft: Draft, kind: LuminaireType) -> None:
    """Constant light output: points from 0 h on, rising, none under the lamp minimum; needed only where we make it."""
    points, file = kind.output_points, names.LUMINAIRE_TYPES_FILE
    undimmed: CurveKind = "none"
    if kind.output_correction != "controller":
        if points and kind.output_correction == "none":
            draft.problem(Fact("output_points_unused"), file, kind.id, "output_points", is_warning=True)
        return
    if kind.curve == undimmed:
        draft.problem(Fact("output_not_dimmable"), file, kind.id, "output_correction")
    elif len(points) < 2 or points[0][0] != 0:
        draft.problem(Fact("output_points_missing"), file, kind.id, "output_points")
    elif any(b[0] <= a[0] or b[1] < a[1] for a, b in itertools.pairwise(points)):
        draft.problem(Fact("output_points_not_rising"), file, kind.id, "output_points")
    elif points[0][1] < 50 or points[-1][1] > 100:
        draft.problem(Fact("output_points_out_of_range"), file, kind.id, "output_points")


def _check_places(draft: Draft) -> None:
    """Every place that a rule of the calendar is limited to."""
    roads = {circuit.road for circuit in draft.circuits.values()}
    for number, rule in enumerate(draft.calendar.rules):
        for at, place in enumerate(rule.places):
            fact = _place_fact(draft, place, roads)
            if fact is not None:
                line = draft.toml_lines[names.CALENDAR_FILE].line_of(("rules", number, "places", at))
                draft.problems.append(Problem(fact, names.CALENDAR_FILE, line, f"rules.{number}.places"))


def _place_fact(draft: Draft, place: Place, roads: set[str]) -> Fact | None:
    if place.kind == "area":
        return None if parse_area(place.id) else Fact("not_in_form", {"found": place.id, "form": AREA_FORM})
    if place.kind == "road":
        return None if place.id in roads else unknown_reference("road", place.id, dict.fromkeys(roads))
    table = _tables(draft)[place.kind]
    if draft.is_known(_FILES[place.kind], place.id, table):
        return None
    return unknown_reference(place.kind, place.id, draft.names(_FILES[place.kind], table))


def _check_steps(draft: Draft) -> None:
    """Steps that ask for what the circuits cannot tell: a class without figures, traffic without a section."""
    for program in draft.programs.values():
        circuits = [circuit for circuit in draft.circuits.values() if circuit.program == program.id]
        blind = sum(not circuit.maintained_level for circuit in circuits)
        alone = sum(not circuit.traffic_section for circuit in circuits)
        for number, step in enumerate(program.steps):
            values: dict[str, Value] = {"program": program.id, "step_number": number + 1, "of": len(circuits)}
            if step.lighting_class and blind:
                _warn_step(draft, program.id, number, Fact("step_class_unknown", {**values, "circuits": blind}))
            if step.adaptive and alone:
                _warn_step(draft, program.id, number, Fact("step_adaptive_alone", {**values, "circuits": alone}))
            under = [c for c in circuits if step.lighting_class and _is_under(c.lowest_class, step.lighting_class)]
            if under:
                _warn_step(
                    draft, program.id, number, Fact("step_class_under_lowest", {**values, "circuits": len(under)})
                )


def _is_under(lowest: str, wanted: str) -> bool:
    """Whether the wanted class gives less than the lowest one; never where one of them is none: told before."""
    return {lowest, wanted} <= CLASS_LEVELS.keys() and same_family(lowest, wanted) and is_brighter(lowest, wanted)


def _warn_step(draft: Draft, program: str, number: int, fact: Fact) -> None:
    line = draft.toml_lines[names.PROGRAMS_FILE].line_of(("programs", program, "steps", number))
    draft.problems.append(Problem(fact, names.PROGRAMS_FILE, line, f"{program}.steps.{number}", is_warning=True))
