"""Our own form of counts: CSV ``section,from,until,vehicles[,lane]``, or one JSON object a line with the same names.

Both may come in one stream: a line that begins with a brace is JSON, any other CSV of the heading before it.
``from`` and ``until`` are ISO times with an offset, or local ones of the site. ``vehicles`` is one number, or one for
each lane: ``57+41``, in JSON also ``[57, 41]``. ``lane`` (from 1) says that it is of that lane alone.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import listed, shown, unknown_key
from lighting.exchange.traffic_counts import (
    LONGEST_COUNT_MS,
    MOST_PLAUSIBLE_VEH_H,
    CountRefusal,
    CountRow,
    CountsError,
    CountsRead,
    text_of,
    vehicles_of,
)
from lighting.exchange.wall_times import iso_ms

COLUMNS = ("section", "from", "until", "vehicles", "lane")
NEEDED = COLUMNS[:4]
_LONGEST_LINE = 10_000


@dataclass(slots=True)
class CountLines:
    """Reads lines as they come, from a file or a stream; each says by its first character which form it is.

    A line alone cannot raise: what cannot be read is a refusal. Only a first line that is neither a heading nor JSON
    raises CountsError.
    """

    file: str
    timezone: str
    most_veh_h: float = MOST_PLAUSIBLE_VEH_H
    line: int = 0
    _columns: tuple[str, ...] | None = None
    _begun: bool = field(default=False)

    def read(self, text: str) -> CountRow | CountRefusal | None:
        """The count that one line says, why it says none, or None for a heading, a comment and an empty line."""
        self.line += 1
        text = text.strip().removeprefix("\ufeff")
        if not text or text.startswith("#"):
            return None
        is_json, is_first, self._begun = text.startswith("{"), not self._begun, True
        if not is_json and self._columns is None and (is_first or set(NEEDED) <= set(_names(text))):
            self._columns = self._heading(text)
            return None
        cells = self._cells(text)
        if isinstance(cells, Fact):
            return self._refusal("", cells)
        row = self._row(cells)
        return self._refusal(shown(cells.get("section", "")), row) if isinstance(row, Fact) else row

    def _refusal(self, subject: str, fact: Fact) -> CountRefusal:
        return CountRefusal(self.file, self.line, subject, fact)

    def _heading(self, text: str) -> tuple[str, ...]:
        found = _names(text)
        for name in found:
            if name not in COLUMNS and set(NEEDED) & set(found):
                raise CountsError(unknown_key(name, COLUMNS))
        if not set(NEEDED) <= set(found) or len(set(found)) < len(found):
            values: dict[str, Value] = {
                "file": self.file,
                "line": self.line,
                "found": shown(text),
                "needed": ",".join(NEEDED),
            }
            raise CountsError(Fact("counts_without_heading", values))
        return found

    def _cells(self, text: str) -> Mapping[str, str] | Fact:
        if len(text) > _LONGEST_LINE:
            return Fact("count_line_too_long", {"longest": _LONGEST_LINE})
        if text.startswith("{") or self._columns is None:
            return _json_cells(text)
        try:
            cells = next(csv.reader([text], strict=True))
        except (csv.Error, StopIteration):
            return Fact("count_line_not_csv", {"found": shown(text)})
        if len(cells) != len(self._columns):
            return Fact("wrong_cell_count", {"found_count": len(cells), "expected_count": len(self._columns)})
        return {name: cell.strip() for name, cell in zip(self._columns, cells, strict=True)}

    def _row(self, cells: Mapping[str, str]) -> CountRow | Fact:
        if not cells["section"]:
            return Fact("count_without_section")
        span = _span(cells, self.timezone)
        if isinstance(span, Fact):
            return span
        vehicles = _lanes(cells["vehicles"], span[1] - span[0], self.most_veh_h)
        if isinstance(vehicles, Fact):
            return vehicles
        lane = cells.get("lane", "")
        if lane and not (lane.isascii() and lane.isdigit() and 1 <= int(lane) <= 99):
            return Fact("lane_not_a_number", {"found": shown(lane)})
        if lane and len(vehicles) > 1:
            return Fact("lane_and_many", {"found": shown(cells["vehicles"])})
        return CountRow(self.line, cells["section"], *span, vehicles, int(lane) if lane else None)


def _names(heading: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in heading.split(","))


def _json_cells(text: str) -> Mapping[str, str] | Fact:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return Fact("count_line_not_json", {"found": shown(text)})
    if not isinstance(found, dict) or not set(NEEDED) <= set(found):
        return Fact("count_object_incomplete", {"found": shown(text), "needed": listed(NEEDED)})
    for name in found:
        if name not in COLUMNS:
            return unknown_key(str(name), COLUMNS)
    return {name: _cell(value) for name, value in found.items()}


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "+".join(_cell(one) for one in value)
    return "" if value is None else str(value).strip()


def _span(cells: Mapping[str, str], timezone: str) -> tuple[int, int] | Fact:
    ends = [iso_ms(cells[name], timezone) for name in ("from", "until")]
    for end in ends:
        if isinstance(end, Fact):
            return end
    from_ms, until_ms = (end for end in ends if isinstance(end, int))
    return span_fact(from_ms, until_ms) or (from_ms, until_ms)


def span_fact(from_ms: int, until_ms: int) -> Fact | None:
    """What is wrong with an interval: it must end after it begins, and not later than a day."""
    if until_ms <= from_ms:
        return Fact("count_ends_before_it_begins", {"from_ms": from_ms, "until_ms": until_ms})
    if until_ms - from_ms > LONGEST_COUNT_MS:
        return Fact("count_too_long", {"duration_ms": until_ms - from_ms, "longest_duration_ms": LONGEST_COUNT_MS})
    return None


def _lanes(text: str, length_ms: int, most_veh_h: float) -> tuple[float, ...] | Fact:
    return lanes_of(text.split("+"), length_ms, most_veh_h)


def lanes_of(texts: Sequence[str], length_ms: int, most_veh_h: float) -> tuple[float, ...] | Fact:
    """The vehicles of each lane, or why one of them is no count."""
    found = []
    for text in texts:
        vehicles = vehicles_of(text, length_ms, most_veh_h)
        if isinstance(vehicles, Fact):
            return vehicles
        found.append(vehicles)
    return tuple(found)


def read_csv_counts(data: bytes, file: str, timezone: str, most_veh_h: float = MOST_PLAUSIBLE_VEH_H) -> CountsRead:
    """Read a whole file of our own form. Raises CountsError when it is no text, or does not begin as it should."""
    lines = CountLines(file, timezone, most_veh_h)
    rows: list[CountRow] = []
    refusals: list[CountRefusal] = []
    for text in text_of(data, file).splitlines():
        found = lines.read(text)
        if isinstance(found, CountRow):
            rows.append(found)
        elif found is not None:
            refusals.append(found)
    if not rows and not refusals:
        raise CountsError(Fact("counts_empty", {"file": file}))
    return CountsRead(file, len(rows) + len(refusals), tuple(rows), tuple(refusals))
