"""Drawing a night in characters: the plan as a line, what was measured as points, both over local hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isnan

import numpy as np
from numpy.typing import NDArray

from tui.figures import local
from tui.parts import Part, Role

HOUR_MS = 3_600_000
BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a drawing covers, in ``columns`` equal steps."""

    from_ms: int
    until_ms: int
    columns: int

    def column(self, at_ms: int) -> int:
        """The column of an instant; may lie outside 0 … columns − 1."""
        return int((at_ms - self.from_ms) * self.columns // (self.until_ms - self.from_ms))

    def centres_ms(self) -> NDArray[np.int64]:
        step = (self.until_ms - self.from_ms) / self.columns
        return (self.from_ms + (np.arange(self.columns) + 0.5) * step).astype(np.int64)


def lit_span(
    at_ms: NDArray[np.int64],
    level_pct: NDArray[np.float32],
    columns: int,
    dark: tuple[int | None, int | None] = (None, None),
) -> Span | None:
    """From an hour before it is first lit or dark to an hour after it last is; the whole plan where it never is.

    ``dark`` is dusk and dawn (UTC ms), so that a night which is not ours to write is drawn all the same.
    """
    if len(at_ms) < 2 or columns < 2:
        return None
    lit = at_ms[np.nan_to_num(level_pct, nan=0.0) > 0]
    times = [int(t) for t in (*lit[:1], *lit[-1:])] + [t for t in dark if t is not None]
    times = times or [int(at_ms[0]), int(at_ms[-1])]
    start = max(int(at_ms[0]), min(times) - HOUR_MS)
    end = min(int(at_ms[-1]), max(times) + HOUR_MS)
    return Span(start, end, columns) if end > start else None


def sampled(at_ms: NDArray[np.int64], values: NDArray[np.float32], span: Span) -> list[float]:
    """The plan's value in each column (the step that is in force at its centre)."""
    steps = np.searchsorted(at_ms, span.centres_ms(), side="right") - 1
    return [float(v) for v in values[np.clip(steps, 0, len(at_ms) - 1)]]


def binned(at_ms: Sequence[int], values: Sequence[float | None], span: Span) -> list[float]:
    """The mean of what was measured in each column, NaN where nothing was."""
    sums = [0.0] * span.columns
    counts = [0] * span.columns
    for at, value in zip(at_ms, values, strict=True):
        column = span.column(at)
        if value is not None and not isnan(value) and 0 <= column < span.columns:
            sums[column] += value
            counts[column] += 1
    return [total / n if n else float("nan") for total, n in zip(sums, counts, strict=True)]


def bridged(values: Sequence[float], *, gap: int) -> list[float]:
    """Short gaps (up to ``gap`` columns between two values) filled with the value before: a line stays a line."""
    filled = list(values)
    last = None
    for column, value in enumerate(values):
        if isnan(value):
            continue
        if last is not None and column - last - 1 <= gap:
            filled[last + 1 : column] = [values[last]] * (column - last - 1)
        last = column
    return filled


def band(values: Sequence[float]) -> str:
    """One line of blocks for 0 … 100; a blank where the value is unknown or nothing."""
    return "".join(" " if isnan(v) else BLOCKS[min(8, max(1, round(v / 12.5)))] if v > 0 else "_" for v in values)


def hour_axis(span: Span, timezone: str) -> str:
    """Local hours under a drawing, as many as there is room for."""
    cells = [" "] * (span.columns + 2)
    hours = max(1, (span.until_ms - span.from_ms) // HOUR_MS)
    every = next((n for n in (1, 2, 3, 6, 12) if span.columns / hours * n >= 4), 12)
    at_ms = _next_full_hour(span.from_ms, timezone)
    while at_ms < span.until_ms:
        hour = local(at_ms, timezone).hour
        column = span.column(at_ms)
        if hour % every == 0 and column + 2 <= len(cells):
            cells[column : column + 2] = f"{hour:02d}"
        at_ms += HOUR_MS
    return "".join(cells).rstrip()


def _next_full_hour(at_ms: int, timezone: str) -> int:
    at = local(at_ms, timezone)
    into_ms = (at.minute * 60 + at.second) * 1_000 + at_ms % 1_000
    return at_ms if into_ms == 0 else at_ms - into_ms + HOUR_MS


def step_chart(plan: Sequence[float], measured: Sequence[float], height: int, now_column: int) -> list[list[Part]]:
    """The plan as a stepped line and the measured levels as points on ``height`` rows for 100 … 0 %.

    ``now_column`` is marked by a dotted upright. Returns one line of parts for each row, with its scale on the left.
    """
    columns = len(plan)
    grid: list[list[tuple[str, Role]]] = [[(" ", "")] * columns for _ in range(height)]
    if 0 <= now_column < columns:
        for row in grid:
            row[now_column] = ("┊", "faint")
    _draw_steps(grid, [_row_of(v, height) for v in plan])
    for column, value in enumerate(measured[:columns]):
        if (row_number := _row_of(value, height)) is not None:
            grid[row_number][column] = ("▪", "good")
    return [[_scale(n, height), *_runs(row)] for n, row in enumerate(grid)]


def _row_of(value: float, height: int) -> int | None:
    if isnan(value):
        return None
    return round((100 - min(100.0, max(0.0, value))) / 100 * (height - 1))


def _draw_steps(grid: list[list[tuple[str, Role]]], rows: Sequence[int | None]) -> None:
    before: int | None = None
    for column, row in enumerate(rows):
        if row is None:
            before = None
            continue
        if before is None or before == row:
            grid[row][column] = ("─", "plan")
        else:
            falls = row > before
            grid[before][column] = ("╮" if falls else "╯", "plan")
            grid[row][column] = ("╰" if falls else "╭", "plan")
            for between in range(min(before, row) + 1, max(before, row)):
                grid[between][column] = ("│", "plan")
        before = row


def _scale(row: int, height: int) -> Part:
    value = 100 * (1 - row / (height - 1))
    marks = {0: "100", height - 1: "  0"}
    if height % 2 and row == height // 2:
        marks[row] = f"{value:3.0f}"
    return f" {marks.get(row, '   ')} {'┼' if row == height - 1 else '┤'}", "faint"


def _runs(row: Sequence[tuple[str, Role]]) -> list[Part]:
    return [("".join(c for c, _ in run), role) for role, run in groupby(row, key=lambda cell: cell[1])]
