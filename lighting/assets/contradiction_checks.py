"""Checks of what a control program says against itself, or against the circuits that follow it."""

from __future__ import annotations

from lighting.assets.draft import PHOTOCELLS_FILE, PROGRAMS_FILE, Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.lighting_classes import CLASS_LEVELS, same_family
from lighting.assets.lit_moments import after_noon_s, goes_round_noon, is_never_lit
from lighting.assets.model import Anchor, Circuit, ControlProgram
from lighting.assets.program_checks import followers, named
from lighting.assets.written import anchor_text

_NOON_MINUTES = 720


def check_contradictions(draft: Draft) -> None:
    """Warn of every program of which some words have no effect, or another one than they seem to have."""
    for program in draft.programs.values():
        circuits = followers(draft, program)
        _check_lit(draft, program, circuits)
        _check_bounds(draft, program)
        _check_steps(draft, program, circuits)
        _check_cells(draft, program, circuits)


def _check_lit(draft: Draft, program: ControlProgram, circuits: list[Circuit]) -> None:
    code = "program_never_lit" if is_never_lit(program) else "program_lit_by_day" if goes_round_noon(program) else ""
    if code:
        values: dict[str, Value] = {"program": program.id, "circuit_count": len(circuits)}
        until = anchor_text(program.lit_until)
        fact = Fact(code, {**values, "found": anchor_text(program.lit_from), "until": until})
        _warn(draft, fact, program, ("lit_from",))


def _check_bounds(draft: Draft, program: ControlProgram) -> None:
    """A moment whose bounds leave it one clock time in every night: ``not before 19:00 not after 17:30``."""
    places: list[tuple[tuple[str | int, ...], Anchor]] = [
        (("lit_from",), program.lit_from),
        (("lit_until",), program.lit_until),
        *((("steps", number), step.at) for number, step in enumerate(program.steps)),
    ]
    for place, anchor in places:
        first, last = after_noon_s(anchor)
        if anchor.parts and first == last:
            at = anchor_text(Anchor(clock_minutes=(first // 60 + _NOON_MINUTES) % 1440))
            fact = Fact("moment_always_same", {"program": program.id, "found": anchor_text(anchor), "at": at})
            _warn(draft, fact, program, place)


def _check_steps(draft: Draft, program: ControlProgram, circuits: list[Circuit]) -> None:
    seen: dict[Anchor, int] = {}
    for number, step in enumerate(program.steps):
        values: dict[str, Value] = {"program": program.id, "step_number": number + 1}
        if step.at in seen:
            fact = Fact("step_at_same_moment", {**values, "other": seen[step.at] + 1, "found": anchor_text(step.at)})
            _warn(draft, fact, program, ("steps", number))
        seen[step.at] = number
        if step.lighting_class not in CLASS_LEVELS:
            continue
        others = [
            circuit.id
            for circuit in circuits
            if circuit.design_class in CLASS_LEVELS and not same_family(circuit.design_class, step.lighting_class)
        ]
        if others:
            more: dict[str, Value] = {
                "lighting_class": step.lighting_class,
                "circuit_count": len(others),
                "circuits": named(others),
            }
            _warn(draft, Fact("step_class_of_other_family", {**values, **more}), program, ("steps", number))


def _check_cells(draft: Draft, program: ControlProgram, circuits: list[Circuit]) -> None:
    """A program that asks for the photocell, in districts that have none: the site's dusk and dawn stand for it."""
    if not program.uses_photocell:
        return
    with_cell = {cell.district for cell in draft.photocells.values()}
    without = [circuit.id for circuit in circuits if circuit.district not in with_cell]
    if without and not draft.unread_ids.get(PHOTOCELLS_FILE) and PHOTOCELLS_FILE not in draft.broken:
        values: dict[str, Value] = {"program": program.id, "circuit_count": len(without), "circuits": named(without)}
        place = "lit_from" if program.lit_from.uses_photocell else "lit_until"
        _warn(draft, Fact("program_without_photocell", values), program, (place,))


def _warn(draft: Draft, fact: Fact, program: ControlProgram, place: tuple[str | int, ...]) -> None:
    line = draft.toml_lines[PROGRAMS_FILE].line_of(("programs", program.id, *place))
    name = ".".join(str(part) for part in (program.id, *place))
    draft.problems.append(Problem(fact, PROGRAMS_FILE, line, name, is_warning=True))
