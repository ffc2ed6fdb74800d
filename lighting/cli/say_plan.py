"""``lighting plan``: tonight's levels, circuits with the same night together; or one circuit with every cause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form, plain
from lighting.cli.table import Column, print_table, terminal_width
from lighting.cli.voice import Voice, print_json
from lighting.desk.answers import PlanChange
from lighting.wording.figures import Manner, level, local_time

SCHEMA = "lighting.plan/1"
_MOST_NAMES = 6
INDENT = "  "

Changes = tuple[PlanChange, ...]


def print_city_plan(night: date, changes: Mapping[str, Changes], voice: Voice, *, as_json: bool) -> None:
    """Every circuit of the site, those whose levels change alike on one line."""
    if as_json:
        _print_form(night, changes)
        return
    voice.data(Fact("plan_heading", {"night": night.isoformat(), "circuits": len(changes)}))
    together: dict[tuple[tuple[int, float | None], ...], list[str]] = {}
    for circuit_id, of_circuit in changes.items():
        together.setdefault(levels_alone(of_circuit), []).append(circuit_id)
    for steps, circuit_ids in together.items():
        print()
        voice.data(_whose(circuit_ids))
        print("\n".join(_wrapped([f"{_clock(at_ms, voice)} {_level(value)}" for at_ms, value in steps])))


def _whose(circuit_ids: list[str]) -> Fact:
    if len(circuit_ids) <= _MOST_NAMES:
        return Fact("plan_of", {"circuits": len(circuit_ids), "names": ", ".join(circuit_ids)})
    values: dict[str, Value] = {"circuits": len(circuit_ids), "names": ", ".join(circuit_ids[: _MOST_NAMES - 1])}
    return Fact("plan_of_many", {**values, "more": len(circuit_ids) - _MOST_NAMES + 1})


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


def levels_alone(changes: Changes) -> tuple[tuple[int, float | None], ...]:
    """The moments at which the level itself changes: one cause after another at the same level is no change here."""
    steps: list[tuple[int, float | None]] = []
    for change in changes:
        if not steps or steps[-1][1] != change.level_pct:
            steps.append((change.at_ms, change.level_pct))
    return tuple(steps)


def _level(value_pct: float | None) -> str:
    if value_pct is None:
        return "–"
    return "off" if value_pct == 0 else level(value_pct)


def _clock(at_ms: int, voice: Voice) -> str:
    return local_time(at_ms, Manner(voice.timezone, at_ms))


def print_circuit_plan(night: date, circuit_id: str, changes: Changes, voice: Voice, *, as_json: bool) -> None:
    """One circuit: each change with its cause."""
    if as_json:
        _print_form(night, {circuit_id: changes})
        return
    voice.data(Fact("plan_heading_one", {"night": night.isoformat(), "circuit": circuit_id}))
    columns = (Column("FROM"), Column("LEVEL", right=True), Column("BECAUSE", gives_way=True))
    rows = [(_clock(c.at_ms, voice), _level(c.level_pct), voice.sentence(c.cause)) for c in changes]
    print_table(columns, rows, voice)


def _print_form(night: date, changes: Mapping[str, Changes]) -> None:
    circuits = [{"circuit": circuit_id, "changes": plain(of_circuit)} for circuit_id, of_circuit in changes.items()]
    print_json(form(SCHEMA, night=night.isoformat(), circuits=circuits))
