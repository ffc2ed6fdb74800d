"""Does a control program leave a road unlit while it is dark? Judged from its anchors alone, on the safe side.

The sun's elevation never changes faster than 15° an hour, so from an event at elevation e to the site's dusk
elevation d it takes at least (e − d) / 15 hours. An anchor that cannot be shown to lie in daylight on every night is
warned of.
"""

from __future__ import annotations

from lighting.assets.draft import PROGRAMS_FILE, Draft
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.lighting_classes import floor_of
from lighting.assets.lit_moments import is_never_lit
from lighting.assets.model import Anchor, Circuit, ControlProgram, ControlSettings
from lighting.assets.site_checks import ANY_PROGRAM
from lighting.assets.written import anchor_text

_SECONDS_PER_DEG = 240
_MOST_NAMED = 5
_EVENING_DEG = {"sunset": -0.833, "civil_dusk": -6.0, "nautical_dusk": -12.0, "astronomical_dusk": -18.0}
_MORNING_DEG = {"sunrise": -0.833, "civil_dawn": -6.0, "nautical_dawn": -12.0, "astronomical_dawn": -18.0}


def check_programs(draft: Draft, control: ControlSettings) -> None:
    """Warn of every part of a program that may leave a road unlit while it is dark and is not marked so."""
    for program in draft.programs.values():
        circuits = followers(draft, program)
        floors = [floor_of(circuit, control.floor_level_pct) for circuit in circuits]
        floor_pct = round(min(floors, default=control.floor_level_pct), 1)
        unlit: dict[str, Value] = {
            "program": program.id,
            "circuit_count": len(circuits),
            "floor_pct": floor_pct,
        }
        if not lights_by_dusk(program.lit_from, control.dusk_elevation_deg) and not is_never_lit(program):
            fact = Fact("program_lit_late", {**unlit, "found": anchor_text(program.lit_from)})
            _warn(draft, fact, program, ("lit_from",))
        if not lit_till_dawn(program.lit_until, control.dusk_elevation_deg) and not is_never_lit(program):
            fact = Fact("program_unlit_early", {**unlit, "found": anchor_text(program.lit_until)})
            _warn(draft, fact, program, ("lit_until",))
        for index, step in enumerate(program.steps):
            if step.level_pct == 0 and not step.part_night and not step.lighting_class:
                fact = Fact("program_step_unlit", {**unlit, "step_number": index + 1, "found": anchor_text(step.at)})
                _warn(draft, fact, program, ("steps", index))
            elif step.part_night and step.level_pct == 0 and not step.lighting_class:
                _warn_never_dimmed(draft, program, index)
            elif step.part_night and step.level_pct > 0:
                fact = Fact("part_night_step_lit", {"program": program.id, "step_number": index + 1})
                _warn(draft, fact, program, ("steps", index))


def followers(draft: Draft, program: ControlProgram) -> list[Circuit]:
    """Return the circuits that follow the program, on every night or on those of a rule of the calendar."""
    replaced = {own for rule in draft.calendar.rules for own, used in rule.use.items() if used == program.id}
    circuits = draft.circuits.values()
    if ANY_PROGRAM in replaced:
        return list(circuits)
    return [circuit for circuit in circuits if circuit.program in {program.id, *replaced}]


def _warn_never_dimmed(draft: Draft, program: ControlProgram, index: int) -> None:
    """Name the circuits that stay lit in a part-night off because they are never dimmed."""
    kept = [circuit.id for circuit in followers(draft, program) if circuit.never_dim]
    if kept:
        values: dict[str, Value] = {"program": program.id, "step_number": index + 1, "circuit_count": len(kept)}
        fact = Fact("part_night_never_dim", {**values, "circuits": named(kept)})
        _warn(draft, fact, program, ("steps", index))


def named(ids: list[str]) -> str:
    """Return the first of some ids, for a sentence."""
    return ", ".join(ids[:_MOST_NAMED]) + (" …" if len(ids) > _MOST_NAMED else "")


def lights_by_dusk(anchor: Anchor, dusk_elevation_deg: float) -> bool:
    """Whether an evening anchor is surely not later than the site's dusk, on every night of the year."""
    if anchor.parts:
        sure = [lights_by_dusk(part, dusk_elevation_deg) for part in anchor.parts]
        return all(sure) if anchor.later_of else any(sure)
    if anchor.photocell:  # while it is believed, it says what dark is; while it is not, dusk does
        return True
    elevation = dusk_elevation_deg if anchor.sun_event == "dusk" else _EVENING_DEG.get(anchor.sun_event or "")
    return elevation is not None and _is_before(elevation, anchor.offset_s, dusk_elevation_deg)


def lit_till_dawn(anchor: Anchor, dusk_elevation_deg: float) -> bool:
    """Whether a morning anchor is surely not earlier than the site's dawn, on every night of the year."""
    if anchor.parts:
        sure = [lit_till_dawn(part, dusk_elevation_deg) for part in anchor.parts]
        return any(sure) if anchor.later_of else all(sure)
    if anchor.photocell:
        return True
    elevation = dusk_elevation_deg if anchor.sun_event == "dawn" else _MORNING_DEG.get(anchor.sun_event or "")
    return elevation is not None and _is_before(elevation, -anchor.offset_s, dusk_elevation_deg)


def _is_before(event_deg: float, offset_into_dark_s: float, dusk_deg: float) -> bool:
    """Whether the event, moved that far towards the dark, is still on the light side of dusk."""
    return event_deg >= dusk_deg and offset_into_dark_s <= (event_deg - dusk_deg) * _SECONDS_PER_DEG


def _warn(draft: Draft, fact: Fact, program: ControlProgram, place: tuple[str | int, ...]) -> None:
    line = draft.toml_lines[PROGRAMS_FILE].line_of(("programs", program.id, *place))
    name = ".".join(str(part) for part in (program.id, *place))
    draft.problems.append(Problem(fact, PROGRAMS_FILE, line, name, is_warning=True))
