"""Hourly counts of the city of Münster: one file a day, one row a cross-section, 24 hour columns of local time.

The file is wide and marks nothing that is missing, so much of it says less than it seems to. Whatever hour is not
certain is refused: rows that are packed left, all after the hour that clocks skip, the hour that they show twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import nearest, shown
from lighting.exchange.traffic_counts import (
    HOUR_MS,
    MOST_PLAUSIBLE_VEH_H,
    CountRefusal,
    CountRow,
    CountsError,
    CountsRead,
    text_of,
    vehicles_of,
)
from lighting.exchange.wall_times import wall_ms

HOURS = 24
_HEAD = re.compile(r"Name\s*/\s*Date:\s*(\d{4}_\d{2}_\d{2})\Z")
_FILE_DATE = re.compile(r"(?<!\d)(\d{4}_\d{2}_\d{2})(?!\d)")
_HOUR_NAMES = tuple(f"{hour}:00" for hour in range(HOURS))
_SUM = re.compile(r"Alle |LSA .*Schleifen", re.IGNORECASE)
_NUMBERED = re.compile(r"(.*?)\s*\(MQ\d+\)\Z")


@dataclass(frozen=True, slots=True)
class MuensterDay:
    """One file: the line and hour cells of each name (without its trailing ``(MQ…)``), and names of two rows."""

    file: str
    day: date
    rows: Mapping[str, tuple[int, tuple[str, ...]]]
    twice: frozenset[str]


def is_sum_row(name: str) -> bool:
    """Whether a row sums many loops of a junction by its name: no lane, and no carriageway either."""
    return _SUM.match(name) is not None


def read_muenster(
    data: bytes,
    file: str,
    timezone: str,
    detectors: Sequence[str],
    most_veh_h: float = MOST_PLAUSIBLE_VEH_H,
) -> CountsRead:
    """Read one day's file for the detectors of a section, one a lane in their order; times are local to the zone.

    Raises CountsError when the file is none of this form, or its name and its heading name different days. A detector
    that the file lacks is a remark: no name is in all files.
    """
    return counts_of_day(read_day(data, file), timezone, detectors, most_veh_h)


def counts_of_day(
    found: MuensterDay, timezone: str, detectors: Sequence[str], most_veh_h: float = MOST_PLAUSIBLE_VEH_H
) -> CountsRead:
    """The counts of these detectors in a day's file that was read."""
    file = found.file
    if not found.rows:
        return CountsRead(file, 0, (), (), (Fact("counts_day_empty", {"file": file, "day": found.day.isoformat()}),))
    names = [_plain(name) for name in detectors]
    missing = [name for name in names if name not in found.rows]
    if missing:
        return CountsRead(file, 0, (), (), tuple(_lacks(file, name, found.rows) for name in missing))
    lanes = [found.rows[name] for name in names]
    subject = " + ".join(names)
    if found.twice & set(names):
        refusal = CountRefusal(file, lanes[0][0], subject, Fact("detector_twice"), HOURS)
        return CountsRead(file, HOURS, (), (refusal,))
    hours = _hours(found.day, timezone)
    rows: list[CountRow] = []
    refusals: list[CountRefusal] = []
    for hour in range(HOURS):
        one = _hour(lanes, hour, hours[hour], most_veh_h)
        if isinstance(one, CountRow):
            rows.append(one)
        elif refusals and refusals[-1].fact == one:
            refusals[-1] = replace(refusals[-1], count=refusals[-1].count + 1)
        else:
            refusals.append(CountRefusal(file, lanes[0][0], subject, one))
    in_zone = Fact("counts_in_zone", {"timezone": timezone})
    return CountsRead(file, HOURS, tuple(rows), tuple(refusals), (in_zone,))


def _plain(name: str) -> str:
    numbered = _NUMBERED.match(name.strip())
    return numbered[1] if numbered else name.strip()


def _lacks(file: str, name: str, rows: Mapping[str, object]) -> Fact:
    values: dict[str, Value] = {"file": file, "detector": shown(name)}
    guess = nearest(_plain(name), tuple(rows))
    return (
        Fact("detector_not_in_file_nearest", {**values, "nearest": guess})
        if guess
        else Fact("detector_not_in_file", values)
    )


def read_day(data: bytes, file: str) -> MuensterDay:
    """Read a day's file, of all its detectors. Raises CountsError when it is none of this form."""
    lines = text_of(data, file).splitlines()
    heading = [cell.strip() for cell in lines[0].split(";")] if lines else [""]
    head = _HEAD.match(heading[0])
    if head is None or tuple(heading[1 : HOURS + 1]) != _HOUR_NAMES:
        raise CountsError(Fact("muenster_heading_not_known", {"file": file, "found": shown(heading[0])}))
    day = _date(head[1])
    of_name = _FILE_DATE.search(file)
    if day is None or of_name is None or of_name[1] != head[1]:
        values: dict[str, Value] = {"file": file, "found": head[1]}
        raise CountsError(Fact("muenster_dates_disagree", values))
    rows: dict[str, tuple[int, tuple[str, ...]]] = {}
    twice: set[str] = set()
    for line, written in enumerate(lines[1:], start=2):
        name, *cells = (cell.strip() for cell in written.split(";"))
        if not name:
            continue
        if _plain(name) in rows:
            twice.add(_plain(name))
        if cells and not cells[-1]:
            cells.pop()  # the separator that ends most rows
        rows[_plain(name)] = (line, tuple(cells))
    return MuensterDay(file, day, rows, frozenset(twice))


def _date(text: str) -> date | None:
    try:
        return date(*(int(part) for part in text.split("_")))
    except ValueError:
        return None


@lru_cache(maxsize=8)
def _hours(day: date, timezone: str) -> tuple[int | Fact, ...]:
    """The instant at which each hour column begins, or why that is not known.

    The file has 24 columns also on the day of 23 hours, with the hour that does not exist filled: from there on the
    hours are not known. On the day of 25 hours one column stands for two hours, or for either.
    """
    hours: list[int | Fact] = []
    skipped: Fact | None = None
    for hour in range(HOURS):
        at = wall_ms(datetime(day.year, day.month, day.day, hour), timezone)  # noqa: DTZ001 - a wall clock's face
        if isinstance(at, Fact) and at.code == "wall_time_does_not_exist":
            skipped = Fact("hour_unknown_after_clock_change", {"hour": f"{hour:02d}:00", "timezone": timezone})
        if isinstance(at, Fact) and at.code == "wall_time_is_twice":
            at = Fact("hour_is_twice", {"hour": f"{hour:02d}:00", "timezone": timezone})
        hours.append(skipped if skipped is not None else at)
    return tuple(hours)


def _hour(
    lanes: Sequence[tuple[int, tuple[str, ...]]], hour: int, from_ms: int | Fact, most_veh_h: float
) -> CountRow | Fact:
    vehicles = []
    for _line, cells in lanes:
        if len(cells) != HOURS:
            return Fact("row_packed_left", {"found_count": len(cells), "expected_count": HOURS})
    if isinstance(from_ms, Fact):
        return from_ms
    for _line, cells in lanes:
        if not cells[hour]:
            return Fact("hour_blank")
        one = vehicles_of(cells[hour], HOUR_MS, most_veh_h)
        if isinstance(one, Fact):
            return one
        vehicles.append(one)
    return CountRow(lanes[0][0], "", from_ms, from_ms + HOUR_MS, tuple(vehicles))
