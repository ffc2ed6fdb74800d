"""``lighting plan``: tonight's levels, circuits with the same night together; or one circuit with every cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lighting.assets.fact import Fact
from lighting.cli.json_forms import form, plain
from lighting.cli.plan_steps import clocks, grouped, staggered_fact, step_words, whose, with_causes
from lighting.cli.table import Column, print_table, terminal_width
from lighting.cli.voice import Voice, print_json
from lighting.desk.answers import PlanSeries
from lighting.schedule.night import night_span_ms
from lighting.schedule.plan_changes import LevelChange, NightChanges

SCHEMA = "lighting.plan/1"
INDENT = "  "
LEAST_RAMP_S = 60.0
"""A shorter way down lies within the minute that is printed."""


def print_city_plan(night: date, circuit_ids: Sequence[str], changes: NightChanges, voice: Voice) -> None:
    """Every circuit, those whose levels change alike on one line."""
    voice.data(Fact("plan_heading", {"night": night.isoformat(), "circuits": len(circuit_ids)}))
    for group in grouped(changes):
        print()
        voice.data(whose(group.columns, circuit_ids))
        shown = clocks([step.at_ms for step in group.steps], voice)
        steps = [
            f"{clock} {step_words(step, voice, least_s=LEAST_RAMP_S)}"
            for clock, step in zip(shown, group.steps, strict=True)
        ]
        print("\n".join(_wrapped(steps)))
    told = staggered_fact(changes)
    if told is not None:
        print()
        voice.data(told)


def _wrapped(steps: list[str]) -> list[str]:
    """The steps on as many indented lines as the terminal needs; on one line in a pipe."""
    width = terminal_width()
    lines = [INDENT + steps[0]]
    for step in steps[1:]:
        longer = f"{lines[-1]}  {step}"
        if width is None or len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(INDENT + step)
    return lines


def print_circuit_plan(night: date, circuit_id: str, changes: Sequence[LevelChange], voice: Voice) -> None:
    """One circuit: each change with its cause."""
    voice = of_night(voice, night)
    voice.data(Fact("plan_heading_one", {"night": night.isoformat(), "circuit": circuit_id}))
    columns = (Column("FROM"), Column("LEVEL", right=True), Column("BECAUSE", gives_way=True))
    steps = with_causes(changes)
    rows = [
        (clock, step_words(step, voice), voice.sentence(step.cause))
        for clock, step in zip(clocks([step.at_ms for step in steps], voice), steps, strict=True)
    ]
    print_table(columns, rows, voice)


def of_night(voice: Voice, night: date) -> Voice:
    """The voice to which that night's times are near, so that they go without a date."""
    start_ms, end_ms = night_span_ms(night, voice.timezone)
    return replace(voice, now_ms=(start_ms + end_ms) // 2)


def print_plan_json(
    night: date, circuit_ids: Sequence[str], changes: NightChanges, steps: PlanSeries | None, step_s: float | None
) -> None:
    """The changes of every circuit, and with a step the levels at each step too."""
    plain_of = [plain(of_kind) for of_kind in changes.of_kind]
    circuits = []
    for column, circuit_id in enumerate(circuit_ids):
        kind = int(changes.of_circuit[column])
        own = plain_of[kind] if not changes.stagger_ms[column] else plain(changes.of(column))
        circuits.append({"circuit": circuit_id, "changes": own})
        if steps is not None:
            circuits[-1]["levels_pct"] = plain(steps.level_pct[:, column])
    at = {} if steps is None else {"step_s": step_s, "at_ms": steps.at_ms}
    print_json({**form(SCHEMA, night=night.isoformat(), **at), "circuits": circuits})
