"""Hourly prices and CO₂ factors of a site: CSV ``from,until,price_per_kwh`` or ``from,until,g_per_kwh``.

Times are instants: with their offset or Z, so that the hours of a clock change are each there once. ``until`` may be
left out: until the next ``from``, the last as long as the one before it. A gap is none of the file's errors: what
falls into it has no price, and is told so.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from lighting.assets.csv_table import CsvRow, read_csv
from lighting.assets.fact import Fact, Problem
from lighting.assets.nearest import shown
from lighting.assets.tariff import Series

PRICES_FOLDER = "prices/"
CO2_FOLDER = "co2/"
SERIES_FOLDERS = (PRICES_FOLDER, CO2_FOLDER)
PRICE_COLUMN = "price_per_kwh"
CO2_COLUMN = "g_per_kwh"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_MS, _LONGEST_MS = 60_000, 86_400_000
_RANGES = {PRICE_COLUMN: (-1_000_000.0, 1_000_000.0), CO2_COLUMN: (0.0, 5_000.0)}


def is_series_file(name: str) -> bool:
    """Whether a file of the folder is one of hourly values."""
    return name.startswith(SERIES_FOLDERS) and name.endswith(".csv")


def read_series(text: str, file: str) -> tuple[Series, list[Problem]]:
    """The values of a file, ascending, with every problem of it; a row with a problem is left out."""
    column = CO2_COLUMN if file.startswith(CO2_FOLDER) else PRICE_COLUMN
    rows, problems = read_csv(text, file, ("from", "until", column), ("from", column))
    if problems:
        return Series(file), problems
    if not rows:
        return Series(file), [Problem(Fact("series_empty"), file)]
    found = [_row(row, file, column, problems) for row in rows]
    good = [one for one in found if one is not None]
    ends = _ended(good, file, problems)
    return Series(file, tuple(one[1] for one in good), tuple(ends), tuple(one[3] for one in good)), problems


def _row(row: CsvRow, file: str, column: str, problems: list[Problem]) -> tuple[int, int, int | None, float] | None:
    """(line, from, until, value); None with a problem."""
    begin = _instant(row, "from", file, problems)
    end = _instant(row, "until", file, problems) if "until" in row.cells else None
    value = _value(row, column, file, problems)
    if begin is None or value is None or ("until" in row.cells and end is None):
        return None
    if end is not None and not _LEAST_MS <= end - begin <= _LONGEST_MS:
        problems.append(Problem(Fact("series_length", {"duration_ms": end - begin}), file, row.line, "until"))
        return None
    return row.line, begin, end, value


def _instant(row: CsvRow, column: str, file: str, problems: list[Problem]) -> int | None:
    text = row.cells.get(column, "")
    if not text:
        problems.append(Problem(Fact("value_missing", {"field": column}), file, row.line, column))
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        fact = Fact("not_in_form", {"found": shown(text), "form": "2026-01-31T23:00+01:00, 2026-01-31T22:00Z"})
        problems.append(Problem(fact, file, row.line, column))
        return None
    if at.tzinfo is None:
        problems.append(Problem(Fact("series_without_offset", {"found": shown(text)}), file, row.line, column))
        return None
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _value(row: CsvRow, column: str, file: str, problems: list[Problem]) -> float | None:
    text = row.cells.get(column, "")
    least, most = _RANGES[column]
    if not text:
        problems.append(Problem(Fact("value_missing", {"field": column}), file, row.line, column))
        return None
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    fact = None
    if not math.isfinite(value) or "_" in text:
        fact = Fact("not_a_number", {"found": shown(text)})
    elif value < least:
        fact = Fact("number_too_small", {"found": shown(text), "minimum": least})
    elif value > most:
        fact = Fact("number_too_large", {"found": shown(text), "maximum": most})
    if fact is not None:
        problems.append(Problem(fact, file, row.line, column))
        return None
    return value


def _ended(rows: list[tuple[int, int, int | None, float]], file: str, problems: list[Problem]) -> list[int]:
    """When each ends; one that begins before the one above it ends is a problem."""
    ends: list[int] = []
    for (line, begin, end, _), (next_line, follows, _, _) in pairwise(rows):
        until = follows if end is None else end
        if follows <= begin or follows < until:
            code = "series_twice" if follows == begin else "series_not_rising"
            problems.append(Problem(Fact(code, {"line": line}), file, next_line, "from"))
        elif end is None and until - begin > _LONGEST_MS:
            problems.append(Problem(Fact("series_length", {"duration_ms": until - begin}), file, line, "until"))
        ends.append(until)
    if rows:
        _, begin, end, _ = rows[-1]
        before = ends[-1] - rows[-2][1] if ends else 3_600_000
        ends.append(begin + before if end is None else end)
    return ends
