"""Rows as lines of PostgreSQL's COPY text format and back: what a server does itself, done here for SQLite.

https://www.postgresql.org/docs/current/sql-copy.html (Text Format). Numbers keep every bit: a double is written with
the fewest digits that read back as the same (so does the server).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lighting.store.schema_at import Kind

Row = Sequence[Any]
UNKNOWN = "\\N"
_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_TO_ESCAPE = re.compile("[\\\\\b\f\n\r\t\v]")
_UNESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def line_maker(kinds: Sequence[Kind]) -> Callable[[Iterable[Row]], str]:
    """Makes the text of many rows whose columns are of these kinds, as SQLite answers them."""
    if set(kinds) <= {"integer", "real"}:
        pattern = "\t".join(["%s"] * len(kinds))
        # No number has a name in it but None.
        return lambda rows: "".join([f"{pattern % tuple(row)}\n" for row in rows]).replace("None", UNKNOWN)
    written = [_WRITTEN[kind] for kind in kinds]

    def lines(rows: Iterable[Row]) -> str:
        return "".join(
            "\t".join([UNKNOWN if value is None else write(value) for write, value in zip(written, row, strict=True)])
            + "\n"
            for row in rows
        )

    return lines


def row_reader(kinds: Sequence[Kind]) -> Callable[[Sequence[str]], list[Row]]:
    """Reads lines (each with its line feed) as rows for SQLite. Raises ValueError for a line that is none."""
    read = [_READ[kind] for kind in kinds]

    def rows(lines: Sequence[str]) -> list[Row]:
        if not lines:
            return []
        cells = [line[:-1].split("\t") for line in lines]
        if any(len(row) != len(kinds) for row in cells):
            raise ValueError(f"a row that has not {len(kinds)} columns")
        columns = [
            [None if cell == UNKNOWN else one(cell) for cell in column]
            for one, column in zip(read, zip(*cells, strict=True), strict=True)
        ]
        return list(zip(*columns, strict=True))

    return rows


def _text(value: object) -> str:
    text = str(value)
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[found[0]], text) if _TO_ESCAPE.search(text) else text


def _unescaped(cell: str) -> str:
    if "\\" not in cell:
        return cell
    return _ESCAPED.sub(lambda found: _UNESCAPES.get(found[1], found[1]), cell)


def _bytes(value: bytes) -> str:
    return "\\\\x" + bytes(value).hex()


def _from_hex(cell: str) -> bytes:
    if not cell.startswith("\\\\x"):
        raise ValueError("bytes that are not in hexadecimal")
    return bytes.fromhex(cell[3:])


def _truth(cell: str) -> bool:
    if cell not in ("t", "f"):
        raise ValueError(f"{cell} is neither t nor f")
    return cell == "t"


_WRITTEN: dict[Kind, Callable[[Any], str]] = {
    "integer": str,
    "real": lambda value: repr(float(value)),
    "boolean": lambda value: "t" if value else "f",
    "text": _text,
    "bytes": _bytes,
}
_READ: dict[Kind, Callable[[str], Any]] = {
    "integer": int,
    "real": float,
    "boolean": _truth,
    "text": _unescaped,
    "bytes": _from_hex,
}
