"""A CSV file of past readings, in portions: comma, semicolon or tab; decimal point or comma; with or without a BOM."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

import numpy as np

from lighting.assets.fact import Fact
from lighting.exchange.reading_roles import ReadingsError
from lighting.exchange.reading_rows import Integers, Refusals

ROWS_AT_ONCE = 5_000
_BYTES_AT_ONCE = 1 << 20
_LONGEST_LINE = 100_000
_DELIMITERS = ";\t,"

Columns = Sequence[Sequence[str]]


def csv_heading(file: Path) -> list[str]:
    """The columns of the file. Raises ``ReadingsError`` where it is empty, or where some of it is no text: what is
    found out in the middle of an import would leave half of it behind.
    """
    _check_text(file)
    with _opened(file) as stream:
        return _heading(stream, file)[0]


def _check_text(file: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with file.open("rb") as stream:
            while portion := stream.read(_BYTES_AT_ONCE):
                decoder.decode(portion)
                if b"\0" in portion:
                    raise _no_text(file)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _no_text(file) from error


def csv_portions(file: Path, refusals: Refusals) -> Iterator[tuple[Integers, Columns]]:
    """(lines, columns) of the rows, some at a time. A line is a row; one that has not as many cells as the heading, or
    leaves a quote open, is refused.
    """
    with _opened(file) as stream:
        heading, delimiter = _heading(stream, file)
        reader = csv.reader(_whole_lines(stream, refusals), delimiter=delimiter)
        before = 1
        while rows := list(islice(reader, ROWS_AT_ONCE)):
            lines = np.arange(before + 1, before + 1 + len(rows))
            before += len(rows)
            whole = [len(row) == len(heading) for row in rows]
            if not all(whole):
                rows, lines = _without_odd(rows, lines, len(heading), refusals)
            if rows:
                yield lines, list(zip(*rows, strict=True))


def _whole_lines(stream: Iterable[str], refusals: Refusals) -> Iterator[str]:
    """The lines, with a blank one in the place of each that would swallow others, or that no reader takes."""
    for number, line in enumerate(stream, start=2):
        if line.count('"') % 2:
            refusals.add(number, "", Fact("reading_quote_open"))
            yield "\n"
        elif len(line) > _LONGEST_LINE:
            refusals.add(number, "", Fact("line_too_long"))
            yield "\n"
        else:
            yield line


def _opened(file: Path) -> IO[str]:
    return file.open(encoding="utf-8-sig", newline="")


def _heading(stream: IO[str], file: Path) -> tuple[list[str], str]:
    line = stream.readline()
    if not line.strip():
        raise ReadingsError(Fact("readings_empty", {"file": file.name}))
    if len(line) > _LONGEST_LINE:
        raise ReadingsError(Fact("readings_not_text", {"file": file.name, "line": 1}))
    delimiter = max(_DELIMITERS, key=line.count)
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter))], delimiter


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
