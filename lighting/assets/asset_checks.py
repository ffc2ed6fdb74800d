"""Checks of each table's rows against the other tables: references, addresses, curves, classes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from lighting.assets import draft as names
from lighting.assets.bus_address import AddressProblem, is_public, line_of, parse_line_address
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Value
from lighting.assets.lighting_classes import CLASS_LEVELS, class_level_pct, is_brighter, same_family
from lighting.assets.model import Bus, Circuit, LuminaireType
from lighting.assets.nearest import not_one_of, shown, unknown_reference

_HIGH_SHARE, _ABSURD_SHARE = 3.0, 10.0
"""Full light over the design class's level: above the first a unit may be mixed up, from the second it is."""
_LOW_FLOOR_PCT, _NO_FLOOR_PCT = 5.0, 1.0


def check_assets(draft: Draft) -> None:
    """Check every row of every table."""
    _check_buses(draft)
    for cabinet in draft.cabinets.values():
        _refer(draft, names.CABINETS_FILE, cabinet.id, "district", cabinet.district)
    _check_devices(draft)
    for kind in draft.luminaire_types.values():
        _check_curve(draft, kind)
    for circuit in draft.circuits.values():
        _check_circuit(draft, circuit)


_TABLES = {
    "district": names.DISTRICTS_FILE,
    "bus": names.BUSES_FILE,
    "cabinet": names.CABINETS_FILE,
    "device": names.DEVICES_FILE,
    "luminaire_type": names.LUMINAIRE_TYPES_FILE,
    "program": names.PROGRAMS_FILE,
    "profile": names.PROFILES_FOLDER,
}


def _refer(draft: Draft, file: str, row: str | int, kind: str, found: str, field: str = "") -> bool:
    """Report a reference from a row that leads nowhere; whether it holds."""
    tables: dict[str, Mapping[str, object]] = {
        "district": draft.districts,
        "bus": draft.buses,
        "cabinet": draft.cabinets,
        "device": draft.devices,
        "luminaire_type": draft.luminaire_types,
        "program": draft.programs,
        "profile": draft.profiles,
    }
    if draft.is_known(_TABLES[kind], found, tables[kind]):
        return True
    draft.problem(unknown_reference(kind, found, draft.names(_TABLES[kind], tables[kind])), file, row, field or kind)
    return False


def _check_buses(draft: Draft) -> None:
    seen: dict[str, str] = {}
    for bus in draft.buses.values():
        try:
            address = parse_line_address(bus.url)
        except AddressProblem as problem:
            draft.problem(Fact(problem.code, problem.values), names.BUSES_FILE, bus.id, "url")
            continue
        other = seen.setdefault(line_of(address), bus.id)
        if other != bus.id:
            draft.problem(Fact("bus_url_twice", {"url": bus.url, "other": other}), names.BUSES_FILE, bus.id, "url")
        if address.framing in ("tcp", "rtu-tcp") and is_public(address.host):
            fact = Fact("bus_address_public", {"host": address.host})
            draft.problem(fact, names.BUSES_FILE, bus.id, "url", is_warning=True)
        _check_security(draft, bus, is_secured=address.framing == "tls")


def _check_security(draft: Draft, bus: Bus, *, is_secured: bool) -> None:
    """A TLS line needs all its files; columns that another line does not use would protect nothing."""
    files = {"ca": bus.ca, "certificate": bus.certificate, "key": bus.key}
    if is_secured:
        for column in (column for column, file in files.items() if not file):
            draft.problem(Fact("bus_tls_file_not_named", {"column": column}), names.BUSES_FILE, bus.id, column)
        return
    for column in (column for column, text in {**files, "peer_role": bus.peer_role}.items() if text):
        fact = Fact("bus_column_without_tls", {"column": column, "url": shown(bus.url)})
        draft.problem(fact, names.BUSES_FILE, bus.id, column)


def _check_devices(draft: Draft) -> None:
    seen: dict[tuple[str, int], str] = {}
    for device in draft.devices.values():
        for kind, found in (("cabinet", device.cabinet), ("bus", device.bus), ("profile", device.profile)):
            _refer(draft, names.DEVICES_FILE, device.id, kind, found)
        other = seen.setdefault((device.bus, device.unit_id), device.id)
        if other != device.id:
            fact = Fact("unit_id_twice", {"unit_id": device.unit_id, "bus": device.bus, "other": other})
            draft.problem(fact, names.DEVICES_FILE, device.id, "unit_id")


def _check_curve(draft: Draft, kind: LuminaireType) -> None:
    """A table of points must say the power at every level from the minimum to 100 %, and never fall."""
    file = names.LUMINAIRE_TYPES_FILE
    points = kind.curve_points
    if kind.curve != "table":
        if points:
            draft.problem(Fact("curve_points_unused", {"curve": kind.curve}), file, kind.id, "curve_points")
    elif len(points) < 2:
        draft.problem(Fact("curve_points_missing"), file, kind.id, "curve_points")
    elif any(b[0] <= a[0] or b[1] < a[1] for a, b in itertools.pairwise(points)):
        draft.problem(Fact("curve_points_not_rising"), file, kind.id, "curve_points")
    elif points[0][0] < 0 or points[0][1] < 0 or points[0][0] > kind.minimum_level_pct or points[-1][0] != 100:
        values = {"from_pct": kind.minimum_level_pct, "until_pct": 100.0}
        draft.problem(Fact("curve_points_not_whole", values), file, kind.id, "curve_points")
    elif abs(points[-1][1] - kind.rated_w) > 0.05 * kind.rated_w:
        values = {"found_w": points[-1][1], "rated_w": kind.rated_w}
        draft.problem(Fact("curve_points_off_rated", values), file, kind.id, "curve_points")
    if kind.standby_w >= kind.rated_w:
        values = {"standby_w": kind.standby_w, "rated_w": kind.rated_w}
        draft.problem(Fact("standby_not_under_rated", values), file, kind.id, "standby_w")


def _check_circuit(draft: Draft, circuit: Circuit) -> None:
    file = names.CIRCUITS_FILE
    if _refer(draft, file, circuit.id, "cabinet", circuit.cabinet) and circuit.district:
        _refer(draft, file, circuit.id, "district", circuit.district)
    _refer(draft, file, circuit.id, "program", circuit.program)
    for group in circuit.lamps:
        _refer(draft, file, circuit.id, "luminaire_type", group.luminaire_type, "luminaires")
    if circuit.dimmer is None and circuit.relay is None:
        draft.problem(Fact("circuit_without_control", {"circuit": circuit.id}), file, circuit.id, "dimmer")
    kinds = [draft.luminaire_types.get(group.luminaire_type) for group in circuit.lamps]
    if circuit.dimmer and all(kind is not None and kind.curve == "none" for kind in kinds):
        fact = Fact("dimmer_without_dimmable_lamps", {"circuit": circuit.id})
        draft.problem(fact, file, circuit.id, "dimmer", is_warning=True)
    _check_classes(draft, circuit)


def _check_classes(draft: Draft, circuit: Circuit) -> None:
    file = names.CIRCUITS_FILE
    design, lowest = circuit.design_class, circuit.lowest_class
    unknown = False
    for field, found in (("design_class", design), ("lowest_class", lowest)):
        if found and found not in CLASS_LEVELS:
            unknown = True
            draft.problem(not_one_of(found, CLASS_LEVELS), file, circuit.id, field)
    if unknown:
        return
    if design and lowest and not same_family(design, lowest):
        fact = Fact("classes_of_two_families", {"design_class": design, "lowest_class": lowest})
        draft.problem(fact, file, circuit.id, "lowest_class")
    elif design and lowest and is_brighter(lowest, design):
        fact = Fact("lowest_class_brighter", {"design_class": design, "lowest_class": lowest})
        draft.problem(fact, file, circuit.id, "lowest_class")
    if design and circuit.maintained_level and circuit.maintained_level < CLASS_LEVELS[design]:
        values: dict[str, Value] = {
            "found": circuit.maintained_level,
            "design_class": design,
            "minimum": CLASS_LEVELS[design],
        }
        draft.problem(Fact("maintained_under_class", values), file, circuit.id, "maintained_level", is_warning=True)
    else:
        _check_floor(draft, circuit)


def _check_floor(draft: Draft, circuit: Circuit) -> None:
    """A maintained level far above the class makes the floor of the lowest class so low that the road is dark."""
    maintained, design, lowest = circuit.maintained_level, circuit.design_class, circuit.lowest_class
    if not maintained:
        return
    values: dict[str, Value] = {"found": maintained}
    if design and maintained > _HIGH_SHARE * CLASS_LEVELS[design]:
        values |= {"design_class": design, "expected": CLASS_LEVELS[design]}
        fact = Fact("maintained_over_class", values)
        is_warning = maintained < _ABSURD_SHARE * CLASS_LEVELS[design]
    elif lowest and (floor_pct := class_level_pct(lowest, maintained)) < _LOW_FLOOR_PCT:
        values |= {"lowest_class": lowest, "expected": CLASS_LEVELS[lowest], "floor_level_pct": round(floor_pct, 2)}
        fact = Fact("floor_of_class_dark", values)
        is_warning = floor_pct >= _NO_FLOOR_PCT
    else:
        return
    draft.problem(fact, names.CIRCUITS_FILE, circuit.id, "maintained_level", is_warning=is_warning)
