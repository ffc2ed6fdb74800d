"""What two states of a site say differently, by meaning and not by file: pure, facts out.

What is said differently in the same way of many (a program of 300 circuits) is one difference that names the first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, Literal

from lighting.assets.baseline import Baseline
from lighting.assets.changes import changed_files
from lighting.assets.difference import PARTS, Difference, Part, named
from lighting.assets.fact import Fact, Value
from lighting.assets.model import Circuit, Site, Tariff
from lighting.assets.program_differences import calendar_differences, program_differences
from lighting.assets.program_profiles import own_files
from lighting.assets.tariff import Series, TariffVersion
from lighting.assets.written import NOTHING, value_text

Circuits = tuple[str, ...]
Concerned = Callable[[str], Circuits]
"""The circuits that hang on a thing of that id."""

_IN_FILE = {"lamps": "luminaires"}


def differences(before: Site, after: Site) -> tuple[Difference, ...]:
    """All differences of meaning, the parts in the order of ``PARTS``; none where both say the same."""
    found = [
        *_settings(before, after),
        *_circuits(before, after),
        *program_differences(before, after),
        *calendar_differences(before, after),
        *_assets(before, after),
        *_lists(before, after),
        *_tariff(before.tariff, after.tariff),
        *_baseline(before.baseline, after.baseline),
    ]
    return tuple(sorted(found, key=lambda difference: PARTS.index(difference.part)))


def files_of_words_alone(
    before: Mapping[str, str], after: Mapping[str, str], found: Collection[Difference]
) -> Circuits:
    """The files of a folder that differ although no difference was found: comments, spelling, an order of lines."""
    return () if found else changed_files(own_files(before), own_files(after))


def _settings(before: Site, after: Site) -> Iterator[Difference]:
    everybody = tuple(after.circuits)
    for key in ("id", "name", "timezone", "latitude_deg", "longitude_deg"):
        old, new = value_text(getattr(before, key)), value_text(getattr(after, key))
        if old != new:
            circuits = () if key in ("id", "name") else everybody
            yield Difference("site", Fact("site_changed", {"field": key, "before": old, "after": new}), circuits)
    if before.store_url != after.store_url:  # the text may hold a password
        yield Difference("site", Fact("store_url_changed"))
    for field in fields(before.retention):
        old, new = (value_text(getattr(site.retention, field.name)) for site in (before, after))
        if old != new:
            fact = Fact("retention_changed", {"field": field.name, "before": old, "after": new})
            yield Difference("control", fact, ())
    for field in fields(before.control):
        old, new = (value_text(getattr(site.control, field.name)) for site in (before, after))
        if old != new:
            fact = Fact("control_changed", {"field": field.name, "before": old, "after": new})
            yield Difference("control", fact, everybody if field.name in _ABOUT_LIGHT else ())
    for field in fields(before.reports):
        old, new = (value_text(getattr(site.reports, field.name)) for site in (before, after))
        if old != new:
            yield Difference("other", Fact("reports_changed", {"field": field.name, "before": old, "after": new}))


_ABOUT_LIGHT = frozenset(
    {
        "dusk_elevation_deg",
        "floor_level_pct",
        "night_safe_level_pct",
        "fade_off",
        "ramp_down_s",
        "dusk_stagger_s",
    }
)


def _circuits(before: Site, after: Site) -> Iterator[Difference]:
    new = [circuit for circuit in after.circuits.values() if circuit.id not in before.circuits]
    gone = [circuit for circuit in before.circuits.values() if circuit.id not in after.circuits]
    for old, renamed in _renamed(gone, new):
        gone.remove(old)
        new.remove(renamed)
        fact = Fact("circuit_renamed", {"before": old.id, "after": renamed.id})
        yield Difference("circuits", fact, (renamed.id,))
        yield from _same_change("circuit", "circuits", [(renamed.id, old, renamed)], lambda circuit: (circuit,))
    for code, circuits in (("circuits_added", new), ("circuits_removed", gone)):
        if circuits:
            ids = tuple(circuit.id for circuit in circuits)
            lamps = sum(circuit.lamp_count for circuit in circuits)
            yield Difference("circuits", Fact(code, {**named(ids), "lamps": lamps}), ids)
    yield from _same_change("circuit", "circuits", _pairs(before.circuits, after.circuits), lambda circuit: (circuit,))


def _renamed(gone: Sequence[Circuit], new: Sequence[Circuit]) -> list[tuple[Circuit, Circuit]]:
    """Circuits that keep their outputs under another id: exactly one before and one after has them."""

    def by_outputs(circuits: Sequence[Circuit]) -> dict[tuple[object, object], list[Circuit]]:
        found: dict[tuple[object, object], list[Circuit]] = {}
        for circuit in circuits:
            found.setdefault((circuit.dimmer, circuit.relay), []).append(circuit)
        return found

    old, fresh = by_outputs(gone), by_outputs(new)
    return [
        (old[outputs][0], fresh[outputs][0]) for outputs in old if len(old[outputs]) == len(fresh.get(outputs, [])) == 1
    ]


def _pairs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """What is there both before and after and is not the same, by id."""
    return [(key, before[key], one) for key, one in after.items() if key in before and before[key] != one]


def _same_change(
    kind: str, part: Part, changed: Sequence[tuple[str, Any, Any]], concerned: Concerned
) -> Iterator[Difference]:
    """One difference for each field and its two values, whatever number of things has them."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for thing_id, old, new in changed:
        for field in fields(old):
            if field.name == "id":
                continue
            was, is_now = getattr(old, field.name), getattr(new, field.name)
            if was != is_now:
                key = (_IN_FILE.get(field.name, field.name), value_text(was), value_text(is_now))
                together.setdefault(key, []).append(thing_id)
    for (field_name, was, is_now), ids in together.items():
        circuits = _concerned(concerned, ids)
        values: dict[str, Value] = {"kind": kind, **named(ids), "field": field_name, "before": was, "after": is_now}
        yield Difference(part, _changed_fact(kind, field_name, values, circuits), circuits)


def _changed_fact(kind: str, field: str, values: dict[str, Value], circuits: Circuits) -> Fact:
    if kind != "circuit":
        return _of_assets("changed", values, circuits)
    if field == "cabinet":
        return Fact("circuits_moved", values)
    return Fact("circuits_program" if field == "program" else "circuits_changed", values)


def _of_assets(code: Literal["added", "removed", "changed"], values: dict[str, Value], circuits: Circuits) -> Fact:
    """Told with the number of circuits that hang on them, where any does."""
    if not circuits:
        return Fact(_ASSETS[code], values)
    return Fact(_ASSETS_OF_CIRCUITS[code], {**values, "circuits": len(circuits)})


_ASSETS = {"added": "assets_added", "removed": "assets_removed", "changed": "assets_changed"}
_ASSETS_OF_CIRCUITS = {
    "added": "assets_of_circuits_added",
    "removed": "assets_of_circuits_removed",
    "changed": "assets_of_circuits_changed",
}


def _concerned(concerned: Concerned, ids: Sequence[str]) -> Circuits:
    return tuple(dict.fromkeys(circuit for thing_id in ids for circuit in concerned(thing_id)))


def _assets(before: Site, after: Site) -> Iterator[Difference]:
    sites = (before, after)
    by_device = _hanging(sites, lambda c, site: (r.device for r in (c.dimmer, c.relay, *c.meter) if r is not None))
    by_bus = _hanging(sites, lambda c, site: (site.devices[r.device].bus for r in (c.dimmer, c.relay) if r is not None))
    profile_of = _hanging(
        sites, lambda c, site: (site.devices[r.device].profile for r in (c.dimmer, c.relay) if r is not None)
    )
    by_type = _hanging(sites, lambda c, site: (group.luminaire_type for group in c.lamps))
    by_cabinet = _hanging(sites, lambda c, site: (c.cabinet,))
    by_section = _hanging(sites, lambda c, site: (c.traffic_section,))
    by_district = _hanging(sites, lambda c, site: (c.district,))
    table = partial(_table, before, after)
    yield from table("luminaire type", "luminaire_types", "luminaire_types", by_type)
    yield from table("traffic section", "traffic", "traffic_sections", by_section)
    yield from table("photocell", "traffic", "photocells", _of_cells(sites, by_district))
    yield from table("district", "lines", "districts", _nobody)
    yield from table("cabinet", "lines", "cabinets", by_cabinet)
    yield from table("bus", "lines", "buses", by_bus)
    yield from table("device", "lines", "devices", by_device)
    yield from _profiles(before, after, profile_of)
    yield from table("supply", "other", "supplies", _hanging(sites, lambda c, site: (c.supply,)))
    yield from table("user", "users", "users", _nobody)


def _nobody(thing_id: str) -> Circuits:
    return ()


def _of_cells(sites: Sequence[Site], by_district: Concerned) -> Concerned:
    districts = {cell.id: cell.district for site in sites for cell in site.photocells.values()}
    return lambda cell: by_district(districts.get(cell, ""))


def _hanging(sites: Sequence[Site], on: Callable[[Circuit, Site], Iterator[str] | tuple[str, ...]]) -> Concerned:
    """Circuits by what they hang on, before or after; worked out when it is first asked."""
    found: dict[str, dict[str, None]] | None = None

    def concerned(thing_id: str) -> Circuits:
        nonlocal found
        if found is None:
            found = {}
            for site in sites:
                for circuit in site.circuits.values():
                    for thing in on(circuit, site):
                        found.setdefault(thing, {})[circuit.id] = None
        return tuple(found.get(thing_id, ()))

    return concerned


def _table(before: Site, after: Site, kind: str, part: Part, table: str, concerned: Concerned) -> Iterator[Difference]:
    old, new = getattr(before, table), getattr(after, table)
    added = [key for key in new if key not in old]
    removed = [key for key in old if key not in new]
    changes: tuple[tuple[Literal["added", "removed"], list[str]], ...] = (("added", added), ("removed", removed))
    for code, ids in changes:
        if ids:
            circuits = _concerned(concerned, ids)
            yield Difference(part, _of_assets(code, {"kind": kind, **named(ids)}, circuits), circuits)
    yield from _same_change(kind, part, _pairs(old, new), concerned)


def _profiles(before: Site, after: Site, concerned: Concerned) -> Iterator[Difference]:
    """The profiles that devices use before and after, and that say something else now."""
    used = [{device.profile for device in site.devices.values()} for site in (before, after)]
    changed = sorted(one for one in used[0] & used[1] if before.profiles[one] != after.profiles[one])
    if changed:
        circuits = _concerned(concerned, changed)
        fact = Fact("profiles_changed", {**named(changed), "circuits": len(circuits)})
        yield Difference("lines", fact, circuits)


def _tariff(before: Tariff | None, after: Tariff | None) -> Iterator[Difference]:
    """By field; of a tariff with versions by the day from which each is valid."""
    for field in fields(Tariff):
        if field.name != "versions":
            yield from _tariff_field(field.name, before, after, field.name)
    old, new = ({} if one is None else {v.valid_from: v for v in one.versions} for one in (before, after))
    for day in sorted({*old, *new}):
        known = (old.get(day), new.get(day))
        if None in known:
            is_new = known[0] is None
            fact = Fact("tariff_version_added" if is_new else "tariff_version_removed", {"from_date": day or NOTHING})
            yield Difference("tariff", fact)
            continue
        for field in fields(TariffVersion):
            yield from _tariff_field(field.name, *known, f"{day} {field.name}".strip())


def _tariff_field(
    name: str, before: Tariff | TariffVersion | None, after: Tariff | TariffVersion | None, field: str
) -> Iterator[Difference]:
    was, is_now = (None if one is None else getattr(one, name) for one in (before, after))
    if was == is_now or (not was and not is_now and value_text(was) == value_text(is_now)):
        return
    values: dict[str, Value] = {"field": field, "before": _tariff_text(was), "after": _tariff_text(is_now)}
    yield Difference("tariff", Fact("tariff_changed", values))


def _tariff_text(value: object) -> str:
    """A file of prices by its name and size; what a charge or period does not say is left out."""
    if isinstance(value, Series):
        return str(value)
    if isinstance(value, tuple) and value and all(is_dataclass(one) for one in value):
        return " + ".join(_tariff_text(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        said = [getattr(value, one.name) for one in fields(value) if getattr(value, one.name) != one.default]
        return ", ".join(_tariff_text(one) for one in said) or NOTHING
    return value_text(value)


def _baseline(before: Baseline, after: Baseline) -> Iterator[Difference]:
    for field in fields(Baseline):
        if field.name == "is_stated":
            continue
        was, is_now = getattr(before, field.name), getattr(after, field.name)
        if was == is_now:
            continue
        if field.name == "logged":  # a row for every night: their number says more
            fact = Fact("baseline_log_changed", {"before_count": len(was), "after_count": len(is_now)})
        else:
            values: dict[str, Value] = {"before": value_text(was), "after": value_text(is_now)}
            fact = Fact("baseline_changed", {"field": field.name, **values})
        yield Difference("baseline", fact)


def _lists(before: Site, after: Site) -> Iterator[Difference]:
    for group in dict.fromkeys((*before.groups, *after.groups)):
        old, new = set(before.groups.get(group, ())), set(after.groups.get(group, ()))
        if old != new:
            values: dict[str, Value] = {"group": group, "added": len(new - old), "removed": len(old - new)}
            yield Difference("other", Fact("group_changed", values), tuple(sorted(old ^ new)))
    for kind, table in (("permanent load", "permanent_loads"), ("failsafe exception", "failsafe_exceptions")):
        was, is_now = getattr(before, table), getattr(after, table)
        for code, rows in (("rows_added", is_now), ("rows_removed", was)):
            others = was if rows is is_now else is_now
            found = [value_text(row) for row in rows if row not in others]
            if found:
                values = {"kind": kind, "count": len(found), "names": "; ".join(found[:3])}
                yield Difference("other", Fact(code, values))
