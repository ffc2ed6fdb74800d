"""``lighting plan --chart``: the night in characters, one band of level for each group of equal circuits.

No colour is needed. Local hours stand underneath; in a high terminal each band has more lines.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len, set_cell_size

from lighting.assets.fact import Fact
from lighting.cli.plan_steps import Group, grouped, staggered_fact, whose
from lighting.cli.voice import Voice
from lighting.schedule.night import night_span_ms
from lighting.schedule.plan_changes import NightChanges, levels_of

BLOCKS = " ▁▂▃▄▅▆▇█"
_HOUR_MS = 3_600_000
_SCALE = 6
_MOST_LINES = 4
_AROUND = 5
"""Lines of the screen that are no band: heading, hours, key, and the prompt that follows."""


def print_chart(night: date, circuit_ids: Sequence[str], changes: NightChanges, voice: Voice) -> None:
    """Draw the night of every circuit given, on one screen of a terminal; all groups in a pipe, at 80 columns."""
    width, height = shutil.get_terminal_size((80, 24)) if sys.stdout.isatty() else (80, None)
    groups = sorted(grouped(changes), key=lambda group: (-len(group.columns), group.columns[0]))
    told = staggered_fact(changes)
    room = None if height is None else max(2, height - _AROUND - (told is not None))
    shown = groups if room is None or 2 * len(groups) <= room else groups[: max(1, (room - 1) // 2)]
    lines = 2 if room is None else max(1, min(_MOST_LINES, room // max(1, len(shown)) - 1))
    columns = max(24, width - _SCALE - 1)
    span = _lit_span(night, shown, voice.timezone)
    at_ms = (span[0] + (np.arange(columns) + 0.5) * (span[1] - span[0]) / columns).astype(np.int64)
    voice.data(Fact("plan_heading", {"night": night.isoformat(), "circuits": len(circuit_ids)}))
    for group in shown:
        print(_cut(voice.sentence(whose(group.columns, circuit_ids)), width))
        print("\n".join(band(levels_of(group.changes, at_ms), lines)))
    print((" " * _SCALE + hours(span, columns, voice.timezone)).rstrip())
    rest = groups[len(shown) :]
    if rest:
        voice.data(Fact("plan_more_groups", {"groups": len(rest), "circuits": sum(len(g.columns) for g in rest)}))
    voice.data(*([] if told is None else [told]), Fact("plan_chart_key"))


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"


def _lit_span(night: date, groups: Sequence[Group], timezone: str) -> tuple[int, int]:
    """From the full hour before the first light to the one after the last; the whole night where it is never lit."""
    start_ms, end_ms = night_span_ms(night, timezone)
    lit: list[int] = []
    for group in groups:
        changes = group.changes
        until = [*(change.at_ms for change in changes[1:]), end_ms]
        lit += [
            at
            for change, ends_ms in zip(changes, until, strict=True)
            if change.level_pct is None or change.level_pct > 0
            for at in (change.at_ms, ends_ms)
        ]
    if not lit:
        return start_ms, end_ms
    return max(start_ms, (min(lit) - 1) // _HOUR_MS * _HOUR_MS), min(end_ms, -(-(max(lit) + 1) // _HOUR_MS) * _HOUR_MS)


def band(level_pct: NDArray[np.float32], lines: int) -> list[str]:
    """A band of blocks for 0 … 100 % on so many lines, the scale at its left; off is ``_``, unknown ``?``."""
    drawn = []
    for line in range(lines):
        base = lines - 1 - line
        cells = [_cell(float(value), base, lines) for value in level_pct]
        scale = "100 %" if line == 0 else ""
        drawn.append(f"{scale:>{_SCALE - 1}} {''.join(cells)}".rstrip())
    return drawn


def _cell(value_pct: float, base: int, lines: int) -> str:
    if np.isnan(value_pct):
        return "?" if base == 0 else " "
    if value_pct <= 0:
        return "_" if base == 0 else " "
    eighths = round(value_pct / 100 * 8 * lines) - 8 * base
    return BLOCKS[max(1 if base == 0 else 0, min(8, eighths))]


def hours(span: tuple[int, int], columns: int, timezone: str) -> str:
    """Local hours under a band, as many as there is room for."""
    cells = [" "] * (columns + 2)
    width_ms = span[1] - span[0]
    every = next((n for n in (1, 2, 3, 6) if columns * _HOUR_MS * n / width_ms >= 4), 12)
    zone = ZoneInfo(timezone)
    quarter_ms = _HOUR_MS // 4  # some zones are whole quarters off
    for at_ms in range(-(-span[0] // quarter_ms) * quarter_ms, span[1], quarter_ms):
        local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
        column = (at_ms - span[0]) * columns // width_ms
        if local.minute == 0 and local.hour % every == 0 and cells[column] == " " and column + 2 <= len(cells):
            cells[column : column + 2] = f"{local.hour:02d}"
    return "".join(cells).rstrip()
