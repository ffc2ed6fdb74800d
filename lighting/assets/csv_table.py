"""CSV text into rows with their places. Knows nothing of what the columns mean."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lighting.assets.fact import Fact, Problem
from lighting.assets.nearest import shown, unknown_key

_LINE_END = re.compile(r"\r\n|\n|\r")
# Also C1 (0x9b alone begins an escape code), the separators that end a line, and marks that turn the text's direction.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its 1-based line in the file, and its cells by column, stripped; empty cells are left out."""

    line: int
    cells: Mapping[str, str]


def lines_of(text: str) -> list[str]:
    """The lines of a text with any line ending, without a byte-order mark."""
    return _LINE_END.split(text.removeprefix("\ufeff"))


def has_control_character(text: str) -> bool:
    """Whether a text holds a character that no table should: NUL, escape, line end, half a surrogate pair."""
    return _CONTROL.search(text) is not None


def read_csv(
    text: str, file: str, columns: Sequence[str], required: Sequence[str], *, delimiter: str = ","
) -> tuple[list[CsvRow], list[Problem]]:
    """Rows of a table whose first line that is no comment names the columns.

    A line is a row: a cell never holds a line end. Lines starting with ``#`` and blank lines are skipped. A row that
    cannot be read is reported and left out, so that the rest is checked too.
    """
    problems: list[Problem] = []
    rows: list[CsvRow] = []
    header: list[str] | None = None
    for line, raw in enumerate(lines_of(text), start=1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        cells = _split(raw, file, line, problems, delimiter)
        if cells is None:
            continue
        if header is None:
            header = cells
            problems += _header_problems(header, file, line, columns, required)
        elif len(cells) != len(header):
            values = {"found_count": len(cells), "expected_count": len(header)}
            problems.append(Problem(Fact("wrong_cell_count", values), file, line))
        else:
            rows.append(CsvRow(line, {k: v for k, v in zip(header, cells, strict=True) if v and k in columns}))
    if header is None:
        problems.append(Problem(Fact("table_without_header", {"allowed": ", ".join(columns)}), file))
    return rows, problems


def _split(raw: str, file: str, line: int, problems: list[Problem], delimiter: str) -> list[str] | None:
    """The stripped cells of one line, or None with a problem."""
    if has_control_character(raw.replace("\t", " ")):
        problems.append(Problem(Fact("control_character"), file, line))
        return None
    try:
        cells = next(csv.reader([raw], delimiter=delimiter, strict=True))
    except csv.Error as error:
        problems.append(Problem(Fact("not_csv", {"detail": str(error)}), file, line))
        return None
    return [cell.strip() for cell in cells]


def _header_problems(
    header: list[str], file: str, line: int, columns: Sequence[str], required: Sequence[str]
) -> list[Problem]:
    problems = [Problem(unknown_key(name, columns), file, line, shown(name)) for name in header if name not in columns]
    problems += [
        Problem(Fact("column_missing", {"column": name}), file, line, name) for name in required if name not in header
    ]
    twice = sorted({name for name in header if header.count(name) > 1})
    problems += [Problem(Fact("column_twice", {"column": shown(name)}), file, line, shown(name)) for name in twice]
    return problems
