"""Plain aligned tables: numbers to the right, text cut with … in a narrow terminal, never in a pipe."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from lighting.cli.voice import Voice
from lighting.wording.figures import visible

GAP = "  "
LEAST_WIDTH = 8
"""A text column is never cut narrower than this."""


@dataclass(frozen=True, slots=True)
class Column:
    """``right`` aligns numbers. ``gives_way`` columns are cut first, the widest of them first."""

    heading: str
    right: bool = False
    gives_way: bool = False


def terminal_width() -> int | None:
    """The width of the terminal on stdout in cells; None where stdout is none, so that nothing is cut."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else None


def table_lines(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], voice: Voice, *, width: int | None
) -> list[str]:
    """The heading and each row as a line without trailing spaces; at most ``width`` cells if columns give way."""
    headings = [voice.heading(column.heading) for column in columns]
    cells = [headings, *([visible(text) for text in row] for row in rows)]
    widths = [max(cell_len(line[n]) for line in cells) for n in range(len(columns))]
    if width is not None:
        _narrow(columns, widths, width)
    return [_line(columns, line, widths) for line in cells]


def _narrow(columns: Sequence[Column], widths: list[int], width: int) -> None:
    giving = [n for n, column in enumerate(columns) if column.gives_way]
    while sum(widths) + len(GAP) * (len(widths) - 1) > width:
        able = [n for n in giving if widths[n] > LEAST_WIDTH]
        if not able:
            return
        widths[max(able, key=lambda n: widths[n])] -= 1


def _line(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    written = [
        _padded(_cut(text, width), width, right=column.right)
        for column, text, width in zip(columns, cells, widths, strict=True)
    ]
    return GAP.join(written).rstrip()


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], voice: Voice) -> None:
    """Print a table on stdout; nothing where there are no rows."""
    if rows:
        print("\n".join(table_lines(columns, rows, voice, width=terminal_width())))
