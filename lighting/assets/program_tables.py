"""Control programs from their tables: what one takes over from the program that it extends, and what each must have."""

from __future__ import annotations

from collections.abc import Mapping

from lighting.assets.draft import PROGRAMS_FILE, Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.lighting_classes import CLASS_LEVELS
from lighting.assets.model import ControlProgram, ProgramStep
from lighting.assets.nearest import not_one_of, unknown_reference
from lighting.assets.shapes import ProgramTable, StepTable

Place = tuple[str | int, ...]
_KEYS = ("lit_from", "lit_until", "steps")


def programs_of(tables: Mapping[str, ProgramTable], draft: Draft) -> dict[str, ControlProgram]:
    """Return the programs that can be understood; every other one is a problem in the draft."""
    programs = {}
    for key, table in tables.items():
        whole = _whole(key, tables, draft)
        if whole is None:
            draft.unread_ids.setdefault(PROGRAMS_FILE, set()).add(key)
            continue
        steps = tuple(_step(key, number, step, draft) for number, step in enumerate(whole.steps or ()))
        if whole.lit_from is not None and whole.lit_until is not None:
            extends = table.extends or ""
            programs[key] = ControlProgram(key, whole.description, whole.lit_from, whole.lit_until, steps, extends)
    return programs


def _whole(key: str, tables: Mapping[str, ProgramTable], draft: Draft) -> ProgramTable | None:
    """The table with what it has not itself taken from those that it extends; None with a problem where that fails."""
    chain = [key]
    while (base := tables[chain[-1]].extends) is not None:
        if base not in tables:
            _wrong(draft, unknown_reference("program", base, tables), key, chain[-1])
            return None
        if base in chain:
            _wrong(draft, Fact("program_extends_itself", {"programs": " → ".join([*chain, base])}), key, key)
            return None
        chain.append(base)
    whole = tables[key]
    for base in chain[1:]:
        taken = {name: getattr(tables[base], name) for name in _KEYS if getattr(whole, name) is None}
        whole = whole.model_copy(update=taken)
    missing = [name for name in ("lit_from", "lit_until") if getattr(whole, name) is None]
    for name in missing:
        _problem(draft, Fact("value_missing", {"field": name}), (key,), f"programs.{key}.{name}")
    return None if missing else whole


def _wrong(draft: Draft, fact: Fact, key: str, at: str) -> None:
    """Say it once, at the program that names the wrong one."""
    if key == at:
        _problem(draft, fact, (key, "extends"), f"programs.{key}.extends")


def _step(key: str, number: int, step: StepTable, draft: Draft) -> ProgramStep:
    place: Place = (key, "steps", number)
    name = f"programs.{key}.steps.{number}"
    values: dict[str, Value] = {"program": key, "step_number": number + 1}
    if (step.level_pct is None) == (not step.lighting_class):
        _problem(draft, Fact("step_level_or_class", values), place, name)
    if step.lighting_class and step.lighting_class not in CLASS_LEVELS:
        _problem(draft, not_one_of(step.lighting_class, CLASS_LEVELS), place, f"{name}.lighting_class")
    if step.adaptive and step.level_pct == 0:
        _problem(draft, Fact("step_off_adaptive", values), place, f"{name}.adaptive")
    level_pct = 100.0 if step.level_pct is None else step.level_pct
    return ProgramStep(step.at, level_pct, step.part_night, step.lighting_class, step.adaptive, step.ramp_s)


def _problem(draft: Draft, fact: Fact, place: Place, field: str) -> None:
    line = draft.toml_lines[PROGRAMS_FILE].line_of(("programs", *place))
    draft.problems.append(Problem(fact, PROGRAMS_FILE, line, field))
