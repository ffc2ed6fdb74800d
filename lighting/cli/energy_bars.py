"""Bars of energy in characters; no colour is needed, and no block where the terminal has none."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from lighting.cli.say_whatif import written
from lighting.cli.voice import Voice
from lighting.desk.energy_answers import EnergyReport, Known, Worth

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS, _PLAIN_HEIGHTS = "▁▂▃▄▅▆▇█", "_.:-=+*#"
_KWH_WS = 3_600_000
_MOST_DAYS = 31


def _has_blocks() -> bool:
    return "utf" in (sys.stdout.encoding or "").lower()


def bar(share: float, width: int) -> str:
    """A bar of −1 … 1 of the width: a saving in full blocks, a loss in light ones."""
    cells = min(1.0, abs(share)) * width
    if not _has_blocks():
        return ("-" if share < 0 else "#") * max(1, round(cells))
    if share < 0:
        return "░" * max(1, round(cells))
    whole = int(cells)
    return ("█" * whole + _EIGHTHS[round((cells - whole) * 8)].strip()) or "▏"


def spark(values: Sequence[float]) -> str:
    """One character a value, the highest full; nothing for less than two values."""
    most = max(values, default=0.0)
    if len(values) < 2 or most <= 0:
        return ""
    heights = _HEIGHTS if _has_blocks() else _PLAIN_HEIGHTS
    return "".join(heights[min(7, int(max(0.0, value) / most * 8))] for value in values)


def print_bars(report: EnergyReport, voice: Voice) -> None:
    """A bar a day, or a month where those are many: what was used, and behind it the baseline."""
    lines = report.days if len(report.days) <= _MOST_DAYS else report.months
    length = 10 if lines is report.days else 7
    width = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80
    known = [Known.of(report, line) for line in lines]
    figures = [(_kwh(one.used), _kwh(one.baseline)) for one in known]
    room = max(10, width - length - 4 - max(len(a) + len(b) for a, b in figures) if figures else 10)
    most = max((max(_ws(one.used), _ws(one.baseline)) for one in known), default=0)
    right = max((len(used) for used, _ in figures), default=0), max((len(base) for _, base in figures), default=0)
    for line, one, (used, base) in zip(lines, known, figures, strict=True):
        drawn = f"{_drawn(one, most, room):<{room}}"
        print(f"{line.from_day[:length]} {drawn} {used:>{right[0]}} {base:>{right[1]}}".rstrip())
    full, light = ("█", "░") if _has_blocks() else ("#", "-")
    print(f"{'':<{length}} {full} {voice.heading('used')}  {light} {voice.heading('baseline')}  kWh")


def _ws(worth: Worth | None) -> int:
    return 0 if worth is None else max(0, worth.energy_ws)


def _kwh(worth: Worth | None) -> str:
    return written(None if worth is None else worth.energy_ws / _KWH_WS)


def _drawn(line: Known, most: int, room: int) -> str:
    if most <= 0:
        return ""
    full, light = ("█", "░") if _has_blocks() else ("#", "-")
    used = round(_ws(line.used) / most * room)
    behind = round(_ws(line.baseline) / most * room)
    return full * used + light * max(0, behind - used)
