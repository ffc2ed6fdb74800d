"""The CSV tables of a site folder as facts, with every problem of shape, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import ValidationError

from drivers.plain_number import odd_sign
from lighting.assets import draft as names
from lighting.assets.baseline import Supply
from lighting.assets.baseline_file import lit_span_of
from lighting.assets.baseline_shapes import LoggedHoursRow, SupplyRow
from lighting.assets.csv_table import CsvRow, read_csv
from lighting.assets.draft import Draft
from lighting.assets.fact import Fact, Problem
from lighting.assets.model import (
    Bus,
    Cabinet,
    Circuit,
    Device,
    District,
    FailsafeException,
    LuminaireType,
    PermanentLoad,
    Photocell,
    TrafficSection,
)
from lighting.assets.nearest import shown
from lighting.assets.shape_problems import problems_of
from lighting.assets.shapes import (
    BusRow,
    CabinetRow,
    CircuitRow,
    DeviceRow,
    DistrictRow,
    FailsafeExceptionRow,
    GroupRow,
    LuminaireTypeRow,
    PermanentLoadRow,
    PhotocellRow,
    Shape,
    TrafficSectionRow,
    columns_of,
    required_columns,
)

S = TypeVar("S", bound=Shape)
T = TypeVar("T")


def read_tables(texts: Mapping[str, str], draft: Draft) -> None:
    """Read every table that is there into the draft."""
    _keyed(texts, draft, names.DISTRICTS_FILE, DistrictRow, draft.districts, _district)
    _keyed(texts, draft, names.BUSES_FILE, BusRow, draft.buses, lambda row: Bus(**row.fields()))
    _keyed(texts, draft, names.CABINETS_FILE, CabinetRow, draft.cabinets, _cabinet)
    _keyed(texts, draft, names.DEVICES_FILE, DeviceRow, draft.devices, lambda row: Device(**row.fields()))
    _keyed(texts, draft, names.LUMINAIRE_TYPES_FILE, LuminaireTypeRow, draft.luminaire_types, _luminaire_type)
    _keyed(texts, draft, names.CIRCUITS_FILE, CircuitRow, draft.circuits, lambda row: _circuit(row, draft))
    _keyed(texts, draft, names.TRAFFIC_SECTIONS_FILE, TrafficSectionRow, draft.traffic_sections, _section)
    _keyed(texts, draft, names.PHOTOCELLS_FILE, PhotocellRow, draft.photocells, lambda row: Photocell(**row.fields()))
    _keyed(texts, draft, names.SUPPLIES_FILE, SupplyRow, draft.supplies, _supply)
    for index, (night, line) in enumerate(_rows(texts, draft, names.BASELINE_HOURS_FILE, LoggedHoursRow)):
        draft.logged_hours.append(lit_span_of(night))
        draft.lines[names.BASELINE_HOURS_FILE, index] = line
    for number, (member, line) in enumerate(_rows(texts, draft, names.GROUPS_FILE, GroupRow)):
        draft.groups.setdefault(member.group, []).append(member.circuit)
        draft.lines[names.GROUPS_FILE, number] = line
        draft.members.append((member.group, member.circuit))
    for index, (row, line) in enumerate(_rows(texts, draft, names.PERMANENT_LOADS_FILE, PermanentLoadRow)):
        draft.permanent_loads.append(PermanentLoad(**row.fields()))
        draft.lines[names.PERMANENT_LOADS_FILE, index] = line
    for index, (signed, line) in enumerate(_rows(texts, draft, names.FAILSAFE_EXCEPTIONS_FILE, FailsafeExceptionRow)):
        draft.failsafe_exceptions.append(_exception(signed))
        draft.lines[names.FAILSAFE_EXCEPTIONS_FILE, index] = line


def _keyed(
    texts: Mapping[str, str],
    draft: Draft,
    file: str,
    shape: type[S],
    table: dict[str, T],
    make: Callable[[S], T],
) -> None:
    """Read a table whose rows have an ``id``; a doubled id is reported with the line of the first."""
    for row, line in _rows(texts, draft, file, shape):
        key = str(getattr(row, "id", ""))
        if key in table:
            fact = Fact("id_twice", {"id": key, "first_line": draft.lines[file, key]})
            draft.problems.append(Problem(fact, file, line, "id"))
            continue
        draft.lines[file, key] = line
        table[key] = make(row)


def _rows(texts: Mapping[str, str], draft: Draft, file: str, shape: type[S]) -> list[tuple[S, int]]:
    """The rows of a table that fit its shape, each with its line."""
    if file not in texts:
        return []
    required = required_columns(shape)
    raw, problems = read_csv(texts[file], file, columns_of(shape), required)
    draft.problems += problems
    lost_columns = {p.field for p in problems if p.fact.code == "column_missing"}
    if problems:
        draft.broken.add(file)
    rows = []
    for row in raw:
        try:
            fitting = shape.model_validate(row.cells)
        except ValidationError as error:
            _note_bad_row(error, draft, file, shape, row, lost_columns)
            continue
        rows.append((fitting, row.line))
        _check_digits(fitting, row, draft, file)
    return rows


def _check_digits(fitting: Shape, row: CsvRow, draft: Draft, file: str) -> None:
    """A number has the digits 0 to 9; what an older program took besides is told, and an accepted revision stands."""
    for name, text in row.cells.items():
        is_number = isinstance(getattr(fitting, name, None), (int, float)) or name == "curve_points"
        if is_number and (odd := odd_sign(text)):
            fact = Fact("number_digits", {"found": shown(text), "sign": odd})
            draft.problems.append(Problem(fact, file, row.line, name))


def _note_bad_row(
    error: ValidationError, draft: Draft, file: str, shape: type[Shape], row: CsvRow, lost_columns: set[str]
) -> None:
    """Report a row that does not fit; what a missing column causes in every row is said once, for the column."""
    found = problems_of(error, shape, file, lambda _: row.line)
    draft.problems += [problem for problem in found if problem.field not in lost_columns]
    draft.unread_ids.setdefault(file, set()).add(row.cells.get("id", ""))


def _exception(row: FailsafeExceptionRow) -> FailsafeException:
    return FailsafeException(**{name: value or "" for name, value in row.fields().items()})


def _section(row: TrafficSectionRow) -> TrafficSection:
    return TrafficSection(**{**row.fields(), "name": row.name or row.id})


def _supply(row: SupplyRow) -> Supply:
    return Supply(**{**row.fields(), "name": row.name or row.id})


def _district(row: DistrictRow) -> District:
    return District(id=row.id, name=row.name or row.id)


def _cabinet(row: CabinetRow) -> Cabinet:
    return Cabinet(**{**row.fields(), "name": row.name or row.id})


def _luminaire_type(row: LuminaireTypeRow) -> LuminaireType:
    return LuminaireType(**{**row.fields(), "name": row.name or row.id})


def _circuit(row: CircuitRow, draft: Draft) -> Circuit:
    """A circuit without a district of its own is in its cabinet's."""
    values = row.fields()
    values["lamps"] = values.pop("luminaires")
    cabinet = draft.cabinets.get(row.cabinet)
    values["district"] = row.district or (cabinet.district if cabinet else "")
    values["name"] = row.name or row.id
    return Circuit(**values)
