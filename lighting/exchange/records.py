"""The bytes of an inventory as records of texts: CSV with any usual separator, or GeoJSON points."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import shown
from lighting.exchange.inventory import WGS84, InventoryError, RawRow

GEOMETRY_X = "geometry.x"
GEOMETRY_Y = "geometry.y"
"""The columns that a GeoJSON point's coordinates are read into."""

_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Records:
    """Columns in their order, rows, and the coordinate system that the file itself states (empty for none)."""

    columns: tuple[str, ...]
    rows: tuple[RawRow, ...]
    crs: str = ""


def read_records(data: bytes, filename: str, encoding: str = "utf-8-sig") -> Records:
    """The records of a file. Raises InventoryError when it is no text of that encoding, empty, or neither form."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        values: dict[str, Value] = {"file": filename, "line": line, "encoding": encoding.removesuffix("-sig")}
        raise InventoryError(Fact("inventory_not_text", values)) from None
    except LookupError:
        raise InventoryError(Fact("unknown_encoding", {"found": shown(encoding)})) from None
    if text.lstrip().startswith("{"):
        return _geojson(text, filename)
    return _csv(text, filename)


def _csv(text: str, filename: str) -> Records:
    header_line = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    header: list[str] | None = None
    rows: list[RawRow] = []
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
            else:
                rows.append(_csv_row(len(rows) + 1, line, header, cells))
    except csv.Error as error:
        values: dict[str, Value] = {"file": filename, "line": reader.line_num, "detail": str(error)}
        raise InventoryError(Fact("inventory_not_csv", values)) from None
    if header is None or len(set(header)) < len(header):
        raise InventoryError(Fact("inventory_without_header", {"file": filename}))
    if not rows:
        raise InventoryError(Fact("inventory_empty", {"file": filename}))
    return Records(tuple(header), tuple(rows))


def _csv_row(row: int, line: int, header: list[str], cells: list[str]) -> RawRow:
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    if len(cells) == len(header):
        return RawRow(row, line, values)
    counts = {"found_count": len(cells), "expected_count": len(header)}
    return RawRow(row, line, values, Fact("wrong_cell_count", counts))


def _geojson(text: str, filename: str) -> Records:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        values: dict[str, Value] = {"file": filename, "line": line, "detail": str(error)[:80]}
        raise InventoryError(Fact("inventory_not_json", values)) from None
    features = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise InventoryError(Fact("inventory_not_features", {"file": filename}))
    if not features:
        raise InventoryError(Fact("inventory_empty", {"file": filename}))
    rows = tuple(_feature_row(number, feature) for number, feature in enumerate(features, start=1))
    columns = dict.fromkeys(name for row in rows for name in row.cells)
    return Records(tuple(columns), rows, _stated_crs(document))


def _feature_row(row: int, feature: object) -> RawRow:
    if not isinstance(feature, Mapping):
        return RawRow(row, 0, {}, Fact("feature_not_readable"))
    properties = feature.get("properties")
    named = properties if isinstance(properties, Mapping) else {}
    cells = {str(name): _text(value) for name, value in named.items()}
    geometry = feature.get("geometry")
    if geometry is None:
        return RawRow(row, 0, cells)
    point = geometry.get("coordinates") if isinstance(geometry, Mapping) and geometry.get("type") == "Point" else None
    if not isinstance(point, list) or len(point) < 2:
        kind = geometry.get("type") if isinstance(geometry, Mapping) else geometry
        if kind == "Point":
            return RawRow(row, 0, cells, Fact("point_without_coordinates"))
        return RawRow(row, 0, cells, Fact("geometry_not_a_point", {"found": shown(str(kind))}))
    return RawRow(row, 0, {**cells, GEOMETRY_X: _text(point[0]), GEOMETRY_Y: _text(point[1])})


def _text(value: object) -> str:
    """A JSON value as a table would have it: nothing for null, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _stated_crs(document: Mapping[str, Any]) -> str:
    """GeoJSON is in degrees (RFC 7946); older files may name another system."""
    stated = document.get("crs")
    properties = stated.get("properties") if isinstance(stated, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str) or name.endswith("CRS84"):
        return WGS84
    return name
