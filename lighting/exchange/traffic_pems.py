"""PeMS station 5-minute files (California): one row a step, one flow column a lane, local times without offset.

A row that the detector did not wholly observe was filled in by PeMS: it is no count. Dates there are written in the
American way by PeMS itself, day first in some copies: the order is proven by the file, or told, and never guessed.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import listed, shown
from lighting.exchange.traffic_counts import (
    MOST_PLAUSIBLE_VEH_H,
    CountRefusal,
    CountRow,
    CountsError,
    CountsRead,
    text_of,
    vehicles_of,
)
from lighting.exchange.wall_times import wall_ms

DateOrder = Literal["day-first", "month-first"]
STEP_MS = 5 * 60_000
_TIME_COLUMN = "5 Minutes"
_OBSERVED_COLUMN = "% Observed"
_FLOW = re.compile(r"Lane (\d{1,2}) Flow \(Veh/5 Minutes\)\Z")
_STEP = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})\Z", re.ASCII)
_WHOLLY_PCT = 100.0


@dataclass(frozen=True, slots=True)
class _Table:
    """The cells of a file; ``lanes`` is the column of each lane, in the order of lanes."""

    time: int
    observed: int
    lanes: tuple[tuple[int, int], ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_pems(
    data: bytes,
    file: str,
    timezone: str,
    dates: DateOrder | None = None,
    most_veh_h: float = MOST_PLAUSIBLE_VEH_H,
) -> CountsRead:
    """Read a PeMS file; times are local to the zone. Raises CountsError when it cannot be used as a whole.

    So also where neither the file proves nor ``dates`` says the order of day and month, and where both disagree.
    """
    table = _table(text_of(data, file), file)
    order, proven_at = _order(table, file, dates)
    rows: list[CountRow] = []
    refusals: list[CountRefusal] = []
    days: list[date] = []
    for line, cells in table.rows:
        found = _row(table, line, cells, order, timezone, most_veh_h, days)
        if isinstance(found, CountRow):
            rows.append(found)
        else:
            refusals.append(CountRefusal(file, line, "", found))
    remarks = [_order_remark(file, order, proven_at), Fact("counts_in_zone", {"timezone": timezone})]
    remarks += _gaps(file, days)
    return CountsRead(file, len(table.rows), tuple(rows), tuple(refusals), tuple(remarks))


def _table(text: str, file: str) -> _Table:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, tuple(cell.strip() for cell in cells)) for cells in reader if any(cells)]
    except csv.Error as error:
        values: dict[str, Value] = {"file": file, "line": reader.line_num, "detail": str(error)}
        raise CountsError(Fact("counts_not_csv", values)) from None
    heading = lines[0][1] if lines else ()
    lanes = sorted((int(m[1]), at) for at, name in enumerate(heading) if (m := _FLOW.match(name)))
    if _TIME_COLUMN not in heading or _OBSERVED_COLUMN not in heading or not lanes:
        needed = f"{_TIME_COLUMN}, Lane 1 Flow (Veh/5 Minutes), {_OBSERVED_COLUMN}"
        values = {"file": file, "found": shown(", ".join(heading)), "needed": needed}
        raise CountsError(Fact("pems_columns_missing", values))
    if [lane for lane, _at in lanes] != list(range(1, len(lanes) + 1)):
        raise CountsError(Fact("pems_lanes_missing", {"file": file, "found": listed([str(lane) for lane, _ in lanes])}))
    if len(lines) < 2:
        raise CountsError(Fact("counts_empty", {"file": file}))
    return _Table(heading.index(_TIME_COLUMN), heading.index(_OBSERVED_COLUMN), tuple(lanes), tuple(lines[1:]))


def _order(table: _Table, file: str, told: DateOrder | None) -> tuple[DateOrder, int]:
    """The order of day and month, and the line that proves it (0: it was told)."""
    proof: dict[DateOrder, int] = {}
    for line, cells in table.rows:
        step = _STEP.match(cells[table.time]) if len(cells) > table.time else None
        if step and int(step[1]) > 12:
            proof.setdefault("day-first", line)
        if step and int(step[2]) > 12:
            proof.setdefault("month-first", line)
    if len(proof) > 1:
        values: dict[str, Value] = {"file": file, "line": proof["day-first"], "other_line": proof["month-first"]}
        raise CountsError(Fact("dates_in_both_orders", values))
    if not proof and told is None:
        raise CountsError(Fact("date_order_unknown", {"file": file}))
    for proven, line in proof.items():
        if told not in (None, proven):
            raise CountsError(
                Fact("date_order_disproved", {"file": file, "line": line, "told": told, "proven": proven})
            )
        return proven, line
    assert told is not None
    return told, 0


def _order_remark(file: str, order: DateOrder, proven_at: int) -> Fact:
    if proven_at:
        return Fact("date_order_proven", {"file": file, "order": order, "line": proven_at})
    return Fact("date_order_told", {"file": file, "order": order})


def _row(
    table: _Table,
    line: int,
    cells: Sequence[str],
    order: DateOrder,
    timezone: str,
    most_veh_h: float,
    days: list[date],
) -> CountRow | Fact:
    expected = max(table.time, table.observed, *(at for _lane, at in table.lanes)) + 1
    if len(cells) < expected:
        return Fact("wrong_cell_count", {"found_count": len(cells), "expected_count": expected})
    wall = _wall(cells[table.time], order)
    if wall is None:
        return Fact("count_time_not_understood", {"found": shown(cells[table.time])})
    days.append(wall.date())
    from_ms = wall_ms(wall, timezone)
    if isinstance(from_ms, Fact):
        return from_ms
    try:
        observed_pct = float(cells[table.observed])
    except ValueError:
        return Fact("count_not_a_number", {"found": shown(cells[table.observed])})
    if not observed_pct >= _WHOLLY_PCT:
        return Fact("pems_not_observed", {"observed_pct": observed_pct})
    lanes = []
    for _lane, at in table.lanes:
        vehicles = vehicles_of(cells[at], STEP_MS, most_veh_h)
        if isinstance(vehicles, Fact):
            return vehicles
        lanes.append(vehicles)
    return CountRow(line, "", from_ms, from_ms + STEP_MS, tuple(lanes))


def _wall(text: str, order: DateOrder) -> datetime | None:
    step = _STEP.match(text)
    if step is None:
        return None
    first, second, year, hour, minute = (int(part) for part in step.groups())
    month, day = (second, first) if order == "day-first" else (first, second)
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - a wall clock's face
    except ValueError:
        return None


def _gaps(file: str, days: Sequence[date]) -> list[Fact]:
    """Whole days that are missing between the first and the last: gaps, never filled."""
    seen = sorted(set(days))
    missing = [(b - a).days - 1 for a, b in itertools.pairwise(seen) if b - a > timedelta(days=1)]
    if not missing:
        return []
    values: Mapping[str, Value] = {"file": file, "gap_count": len(missing), "day_count": sum(missing)}
    return [Fact("counts_lack_days", values)]
