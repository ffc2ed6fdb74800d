"""``lighting plan --at-step``: the level at every step of the night, for groups of equal circuits or one circuit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date

import numpy as np

from lighting.assets.fact import Fact
from lighting.cli.plan_steps import clocks, level_words, whose
from lighting.cli.say_plan import of_night
from lighting.cli.table import GAP, Column, print_table, terminal_width
from lighting.cli.voice import Voice, laid_out
from lighting.desk.answers import PlanSeries
from lighting.schedule.plan_changes import LevelChange

_CELL = 6


def print_city_levels(night: date, steps: PlanSeries, voice: Voice) -> None:
    """A row a step, a column for each group of circuits that are alike at every step; the largest groups first."""
    voice.data(Fact("plan_heading", {"night": night.isoformat(), "circuits": len(steps.circuit_ids)}))
    if not steps.circuit_ids:
        return
    tenths = np.round(steps.level_pct * 10)
    _, first, of_circuit = np.unique(tenths.T, axis=0, return_index=True, return_inverse=True, equal_nan=True)
    groups = [np.flatnonzero(of_circuit == number) for number in range(first.size)]
    groups.sort(key=lambda columns: (-len(columns), int(columns[0])))
    width, shown = terminal_width(), clocks(steps.at_ms.tolist(), voice, every=True)
    most = len(groups) if width is None else max(1, (width - max(map(len, shown))) // (_CELL + len(GAP)))
    for number, columns in enumerate(groups[:most], start=1):
        names = voice.sentence(whose(columns.tolist(), steps.circuit_ids))
        print(laid_out(f"{number:>3}  {names}", sys.stdout, indent=""))
    rest = groups[most:]
    if rest:
        voice.data(Fact("plan_more_groups", {"groups": len(rest), "circuits": sum(map(len, rest))}))
    print()
    headings = (Column("FROM"), *(Column(str(number + 1), right=True) for number in range(len(groups[:most]))))
    rows = [
        [clock, *(_level(float(steps.level_pct[row, columns[0]])) for columns in groups[:most])]
        for row, clock in enumerate(shown)
    ]
    print_table(headings, rows, voice)


def _level(value_pct: float) -> str:
    return level_words(None if np.isnan(value_pct) else round(value_pct, 1))


def print_circuit_levels(
    night: date, circuit_id: str, steps: PlanSeries, changes: Sequence[LevelChange], voice: Voice
) -> None:
    """A row a step, with the cause that rules there."""
    voice = of_night(voice, night)
    voice.data(Fact("plan_heading_one", {"night": night.isoformat(), "circuit": circuit_id}))
    begins = np.array([change.at_ms for change in changes], dtype=np.int64)
    which = np.maximum(np.searchsorted(begins, steps.at_ms, side="right") - 1, 0)
    shown = clocks(steps.at_ms.tolist(), voice, every=True)
    rows = [
        (clock, _level(float(value)), voice.sentence(changes[number].cause))
        for clock, value, number in zip(shown, steps.level_pct[:, 0], which.tolist(), strict=True)
    ]
    print_table((Column("FROM"), Column("LEVEL", right=True), Column("BECAUSE", gives_way=True)), rows, voice)
