"""A CSV file of past readings, in portions: comma, semicolon or tab; decimal point or comma; with or without a BOM."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from lighting.assets.fact import Fact
from lighting.exchange.reading_roles import ReadingsError
from lighting.exchange.reading_rows import Integers, Refusals

ROWS_AT_ONCE = 5_000
_DELIMITERS = ";\t,"

Columns = Sequence[Sequence[str]]


def csv_heading(file: Path) -> list[str]:
    """The columns of the file. Raises ``ReadingsError`` where it is empty or no text."""
    with _opened(file) as stream:
        return _heading(stream, file)[0]


def csv_portions(file: Path, refusals: Refusals) -> Iterator[tuple[Integers, Columns]]:
    """(lines, columns) of the rows, some at a time; a row that has not as many cells as the heading is refused."""
    with _opened(file) as stream:
        heading, delimiter = _heading(stream, file)
        reader = csv.reader(stream, delimiter=delimiter)
        before = 1
        while rows := _some(reader, file):
            now = reader.line_num + 1
            # Only a cell with a line feed in it makes rows and lines differ: the line is then one of the portion.
            lines = np.minimum(np.arange(before + 1, before + 1 + len(rows)), now)
            before = now
            whole = [len(row) == len(heading) for row in rows]
            if not all(whole):
                rows, lines = _without_odd(rows, lines, len(heading), refusals)
            if rows:
                yield lines, list(zip(*rows, strict=True))


def _opened(file: Path) -> IO[str]:
    return file.open(encoding="utf-8-sig", newline="")


def _heading(stream: IO[str], file: Path) -> tuple[list[str], str]:
    try:
        line = stream.readline()
    except UnicodeDecodeError as error:
        raise _no_text(file) from error
    if not line.strip():
        raise ReadingsError(Fact("readings_empty", {"file": file.name}))
    delimiter = max(_DELIMITERS, key=line.count)
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter))], delimiter


def _some(reader: Iterator[list[str]], file: Path) -> list[list[str]]:
    try:
        return list(islice(reader, ROWS_AT_ONCE))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_text(file) from error


def _no_text(file: Path) -> ReadingsError:
    """Text is decoded some way ahead: the line is looked for once more."""
    with file.open("rb") as lines:
        number = next((number for number, line in enumerate(lines, start=1) if not _is_text(line)), None)
    return ReadingsError(Fact("readings_not_text", {"file": file.name, "line": number}))


def _is_text(line: bytes) -> bool:
    try:
        return "\0" not in line.decode()
    except UnicodeDecodeError:
        return False


def _without_odd(
    rows: list[list[str]], lines: Integers, width: int, refusals: Refusals
) -> tuple[list[list[str]], Integers]:
    kept = []
    for place, row in enumerate(rows):
        if len(row) == width:
            kept.append(place)
        elif row:  # a blank line is none
            refusals.add(int(lines[place]), "", Fact("reading_row_width", {"found": len(row), "allowed": width}))
    return [rows[place] for place in kept], lines[np.array(kept, np.intp)]
