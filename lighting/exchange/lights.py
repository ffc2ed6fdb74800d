"""A city's lamp inventory (CSV or GeoJSON) as lamps on controllers. Read = used + refused, row by row."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import shown
from lighting.assets.notation import NotationError, parse_id, parse_words
from lighting.exchange.columns import resolve_mapping
from lighting.exchange.controller_ids import right_spellings
from lighting.exchange.inventory import (
    Inventory,
    InventoryMapping,
    Lamp,
    LampPart,
    RawRow,
    ReadingOptions,
    RowNote,
)
from lighting.exchange.positions import FAR_AWAY, positions_of
from lighting.exchange.records import read_records
from lighting.exchange.wattage import Watts, parse_wattage, parts_of, split_types

_LONGEST_CONTROLLER_ID = 40


def read_inventory(
    data: bytes, filename: str, mapping: InventoryMapping, options: ReadingOptions | None = None
) -> Inventory:
    """Read an inventory. Raises InventoryError when the file as a whole cannot be used.

    A row is refused when it has no controller, a mistyped one (unless ``fix_ids``), a wattage or coordinates that are
    not understood. A missing wattage is assumed, and noted row by row: what the options say for its lamp type, else
    the median of the rows of that type, else (no type stated either) the median of all rows.
    """
    records = read_records(data, filename, mapping.encoding)
    resolved, remarks = resolve_mapping(mapping, records)
    reading = _Reading(resolved, options or ReadingOptions(), records.rows)
    positions = positions_of(records.rows, resolved)
    for row, position in zip(records.rows, positions, strict=True):
        reading.take(row, position)
    return Inventory(
        len(records.rows), tuple(reading.lamps), tuple(reading.refusals), tuple(reading.assumptions), tuple(remarks)
    )


class Median(NamedTuple):
    """The median of the watts that ``lamp_count`` luminaires state."""

    watts: float
    lamp_count: int


@dataclass(slots=True)
class _Reading:
    """The rows taken so far, and what is known of the file as a whole."""

    mapping: InventoryMapping
    options: ReadingOptions
    rows: Sequence[RawRow]
    lamps: list[Lamp] = field(default_factory=list)
    refusals: list[RowNote] = field(default_factory=list)
    assumptions: list[RowNote] = field(default_factory=list)
    right_ids: Mapping[str, str] = field(default_factory=dict)
    medians: Mapping[str, Median] = field(default_factory=dict)
    told_watts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.right_ids = right_spellings(self._cell(row, self.mapping.controller) for row in self.rows)
        self.told_watts = {kind.casefold(): watts for kind, watts in self.options.assume_watts.items()}
        self.medians = _medians([self._stated(row) for row in self.rows if row.refusal is None])

    def take(self, row: RawRow, position: tuple[float, float] | Fact | None) -> None:
        """Use a row as a lamp, or refuse it with the first reason there is."""
        lamp_id = shown(self._cell(row, self.mapping.lamp_id) or str(row.row))
        notes: list[Fact] = []
        if isinstance(position, Fact) and position.code == FAR_AWAY:
            notes, position = [position], None
        elif position is None and self.mapping.x:
            notes = [Fact("position_missing")]
        controller = row.refusal or self._controller(row, notes)
        if isinstance(controller, str) and isinstance(position, Fact):
            controller = position
        parts = controller if isinstance(controller, Fact) else self._parts(row, notes)
        if isinstance(controller, Fact) or isinstance(parts, Fact):
            reason = controller if isinstance(controller, Fact) else parts
            assert isinstance(reason, Fact)
            self.refusals.append(RowNote(row.row, row.line, lamp_id, reason))
            return
        latitude, longitude = position if isinstance(position, tuple) else (None, None)
        branch, road = self._cell(row, self.mapping.branch), _words(self._cell(row, self.mapping.road))
        self.lamps.append(Lamp(row.row, row.line, lamp_id, controller, branch, road, parts, latitude, longitude))
        self.assumptions += [RowNote(row.row, row.line, lamp_id, note) for note in notes]

    def _cell(self, row: RawRow, column: str) -> str:
        return row.cells.get(column, "").strip() if column else ""

    def _controller(self, row: RawRow, notes: list[Fact]) -> str | Fact:
        """The controller's id, right, mended or collected as the options allow; a fact when there is none."""
        found = self._cell(row, self.mapping.controller)
        if not found:
            if not self.options.orphans:
                return Fact("controller_missing")
            notes.append(Fact("controller_assumed", {"controller": self.options.orphans}))
            return self.options.orphans
        right = self.right_ids.get(found)
        if right is not None:
            values = {"found": shown(found), "nearest": right}
            if not self.options.fix_ids:
                return Fact("controller_mistyped", values)
            notes.append(Fact("controller_mended", values))
            found = right
        try:
            parse_id(found)
        except NotationError as error:
            return error.fact
        if len(found) > _LONGEST_CONTROLLER_ID:
            return Fact("text_too_long", {"found_count": len(found), "maximum_count": _LONGEST_CONTROLLER_ID})
        return found

    def _stated(self, row: RawRow) -> tuple[tuple[str, ...], tuple[Watts, ...] | Fact]:
        types = split_types(self._cell(row, self.mapping.lamp_type))
        return types, parse_wattage(self._cell(row, self.mapping.wattage))

    def _parts(self, row: RawRow, notes: list[Fact]) -> tuple[LampPart, ...] | Fact:
        """The luminaires of a row, with what had to be assumed; a fact when they are not understood."""
        types, watts = self._stated(row)
        if isinstance(watts, Fact):
            return watts
        if not watts:
            return self._assumed_parts(types or ("",), notes)
        found = parts_of(types, watts)
        if isinstance(found, Fact):
            return found
        parts, assumed = found
        if not types and any(not part.kind for part in parts):
            notes.append(Fact("lamp_type_missing"))
        notes += assumed
        return parts

    def _assumed_parts(self, types: tuple[str, ...], notes: list[Fact]) -> tuple[LampPart, ...] | Fact:
        """One luminaire for each type that the row names, with watts that it does not."""
        parts: list[LampPart] = []
        for kind in types:
            given = self.told_watts.get(kind.casefold())
            median = self.medians.get(kind.casefold())
            if given is not None:
                watts = given
                notes.append(Fact("watts_as_told", {"lamp_type": kind, "watts_w": given}))
            elif median is None:
                return Fact("wattage_missing", {"lamp_type": shown(kind) or "-"})
            elif kind:
                watts = median.watts
                values: dict[str, Value] = {"watts_w": watts, "lamp_count": median.lamp_count}
                notes.append(Fact("watts_by_median_of_type", {"lamp_type": shown(kind), **values}))
            else:
                watts = median.watts
                notes.append(Fact("watts_by_median_of_all", {"watts_w": watts, "lamp_count": median.lamp_count}))
            parts.append(LampPart(kind, watts))
        return tuple(parts)


def _medians(stated: Sequence[tuple[tuple[str, ...], tuple[Watts, ...] | Fact]]) -> dict[str, Median]:
    """The median of the stated watts of each lamp type (its name folded); under the empty name that of all rows."""
    watts_by_kind: dict[str, list[float]] = {}
    for types, watts in stated:
        if isinstance(watts, Fact) or not watts:
            continue
        found = parts_of(types, watts)
        if isinstance(found, Fact):
            continue
        for part in found[0]:
            if part.kind:
                watts_by_kind.setdefault(part.kind.casefold(), []).append(part.watts)
            watts_by_kind.setdefault("", []).append(part.watts)
    return {kind: Median(float(statistics.median_low(w)), len(w)) for kind, w in watts_by_kind.items()}


def _words(text: str) -> str:
    """A road's name as the site's tables may hold it; what is no plain text of at most 200 characters is left out."""
    try:
        return parse_words(text)
    except NotationError:
        return ""
