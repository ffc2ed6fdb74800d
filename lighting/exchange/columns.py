"""Which column of an inventory means what: as a person says, or by names that many cities use."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, ValidationError

from lighting.assets.fact import Fact, Problem
from lighting.assets.nearest import listed, nearest, shown
from lighting.assets.shape_problems import problems_of
from lighting.assets.shapes import Shape, Words
from lighting.assets.toml_file import TomlLines, read_toml
from lighting.exchange.inventory import NO_COLUMN, WGS84, InventoryError, InventoryMapping
from lighting.exchange.records import GEOMETRY_X, GEOMETRY_Y, Records

_KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    "controller": ("controllerid", "controller", "cabinetid", "cabinet", "feederpillar", "feeder", "schrank"),
    "wattage": ("lampwattage", "wattage", "watts", "ratedw", "powerw", "lampwatts", "leistung"),
    "lamp_type": (
        *("lamptype", "lighttype", "bulbtype", "technology", "luminairetype", "lamptechnology", "lampkind"),
        *("lightsource", "lightsourcetype", "sourcetype", "leuchtmittel", "lampart", "type"),
    ),
    "branch": ("controllercircuit", "circuitid", "circuit", "branch", "circuitno"),
    "lamp_id": ("objectid", "lampid", "lightid", "poleid", "assetid", "id", "facilityid"),
    "road": ("street", "streetname", "road", "roadname", "strasse"),
    "x": ("longitude", "lon", "long", "lng", "x", "xcoord", "easting"),
    "y": ("latitude", "lat", "y", "ycoord", "northing"),
}
_DEGREE_NAMES = {"longitude", "lon", "long", "lng", "latitude", "lat"}
NEEDED = ("controller", "wattage")


class MappingFile(Shape):
    """A mapping file: the same names as the options of the command line."""

    controller: Words = ""
    wattage: Words = ""
    lamp_type: Words = ""
    branch: Words = ""
    lamp_id: Words = ""
    road: Words = ""
    x: Words = ""
    y: Words = ""
    crs: Words = ""
    encoding: Words = "utf-8-sig"
    assume_watts: dict[Words, Annotated[float, Field(gt=0, le=2000)]] = Field(default_factory=dict)


def read_mapping(text: str, file: str) -> tuple[InventoryMapping, Mapping[str, float], list[Problem]]:
    """A mapping and the assumed watts from a TOML text, with every problem in it."""
    table, problems = read_toml(text, file)
    try:
        shape = MappingFile.model_validate(table)
    except ValidationError as error:
        problems += problems_of(error, MappingFile, file, TomlLines(text).line_of)
        return InventoryMapping(), {}, problems
    values = shape.fields()
    assume_watts = values.pop("assume_watts")
    return InventoryMapping(**values), assume_watts, problems


def resolve_mapping(mapping: InventoryMapping, records: Records) -> tuple[InventoryMapping, list[Fact]]:
    """The mapping with every column that is empty filled in by known names, and what was assumed by that.

    Raises InventoryError for a column that the file does not have, and when the controller or wattage column is
    neither given, nor declared absent with ``-``, nor recognised.
    """
    remarks: list[Fact] = []
    chosen: dict[str, str] = {}
    for role in _KNOWN_NAMES:
        given = getattr(mapping, role)
        chosen[role] = _given(given, records) if given else _guessed(role, records, remarks)
    for role in NEEDED:
        if not chosen[role] and getattr(mapping, role) != NO_COLUMN:
            values = {"role": role.replace("_", "-"), "allowed": listed(records.columns)}
            raise InventoryError(Fact("inventory_column_needed", values))
    crs = mapping.crs or records.crs or _crs_of(chosen, records, remarks)
    return dataclasses.replace(mapping, **chosen, crs=crs), remarks


def _given(name: str, records: Records) -> str:
    if name == NO_COLUMN:
        return ""
    if name in records.columns:
        return name
    guess = nearest(name, records.columns)
    values = {"found": shown(name), "nearest": guess, "allowed": listed(records.columns)}
    if guess:
        raise InventoryError(Fact("inventory_column_unknown_nearest", values))
    raise InventoryError(Fact("inventory_column_unknown", values))


def _guessed(role: str, records: Records, remarks: list[Fact]) -> str:
    """The column for a role by its name; a GeoJSON point's own coordinates come first."""
    if role in ("x", "y") and GEOMETRY_X in records.columns:
        return GEOMETRY_X if role == "x" else GEOMETRY_Y
    plain = {_plain(column): column for column in reversed(records.columns)}
    found = next((plain[name] for name in _KNOWN_NAMES[role] if name in plain), "")
    if found:
        remarks.append(Fact("column_assumed", {"role": role.replace("_", "-"), "column": found}))
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _crs_of(chosen: Mapping[str, str], records: Records, remarks: list[Fact]) -> str:
    """Degrees when the columns are called so or every value fits; else the person must say."""
    if not (chosen["x"] and chosen["y"]):
        return ""
    if _plain(chosen["x"]) in _DEGREE_NAMES and _plain(chosen["y"]) in _DEGREE_NAMES:
        return WGS84
    for row in records.rows:
        if not (_fits(row.cells.get(chosen["x"], ""), 180) and _fits(row.cells.get(chosen["y"], ""), 90)):
            raise InventoryError(Fact("crs_needed", {"x": chosen["x"], "y": chosen["y"], "row": row.row}))
    remarks.append(Fact("degrees_assumed", {"x": chosen["x"], "y": chosen["y"]}))
    return WGS84


def _fits(text: str, limit: float) -> bool:
    try:
        return not text or abs(float(text)) <= limit
    except ValueError:
        return True
