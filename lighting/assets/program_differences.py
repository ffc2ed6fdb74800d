"""What two states of a site say differently about levels: control programs step by step, and the calendar."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from lighting.assets.difference import Difference
from lighting.assets.fact import Fact, Value
from lighting.assets.model import Calendar, CalendarRule, ControlProgram, ProgramStep, Site
from lighting.assets.site_checks import ANY_PROGRAM
from lighting.assets.written import NOTHING, anchor_text, rule_fields, rule_text, step_text, value_text


def program_differences(before: Site, after: Site) -> Iterator[Difference]:
    """Programs that are new, gone or say something else, and which circuits follow them on some night."""
    for program in after.programs.values():
        circuits = following(program.id, before, after)
        old = before.programs.get(program.id)
        values: dict[str, Value] = {"program": program.id, "circuits": len(circuits)}
        if old is None:
            yield Difference("programs", Fact("program_added", values | {"after": _program_text(program)}), circuits)
        elif old != program:
            for fact in _changes(old, program, values):
                yield Difference("programs", fact, circuits)
    for program_id, program in before.programs.items():
        if program_id not in after.programs:
            circuits = following(program_id, before)
            values = {"program": program_id, "circuits": len(circuits), "before": _program_text(program)}
            yield Difference("programs", Fact("program_removed", values), circuits)


def following(program: str, *sites: Site) -> tuple[str, ...]:
    """The circuits that follow a program in one of these sites: always, or on the nights of a rule, wherever it is."""
    found: dict[str, None] = {}
    for site in sites:
        replaced = {own for rule in site.calendar.rules for own, used in rule.use.items() if used == program}
        own_programs = {program, *replaced}
        everybody = ANY_PROGRAM in replaced
        found |= dict.fromkeys(c.id for c in site.circuits.values() if everybody or c.program in own_programs)
    return tuple(found)


def _program_text(program: ControlProgram) -> str:
    lit = f"{anchor_text(program.lit_from)}..{anchor_text(program.lit_until)}"
    return "; ".join([lit, *(f"{anchor_text(step.at)} {step_text(step)}" for step in program.steps)])


def _changes(before: ControlProgram, after: ControlProgram, values: dict[str, Value]) -> Iterator[Fact]:
    for key in ("lit_from", "lit_until", "description"):
        old, new = value_text(getattr(before, key)), value_text(getattr(after, key))
        if old != new:
            yield Fact("program_changed", {**values, "field": key, "before": old, "after": new})
    yield from _step_changes(before.steps, after.steps, values)


def _step_changes(
    before: tuple[ProgramStep, ...], after: tuple[ProgramStep, ...], values: dict[str, Value]
) -> Iterator[Fact]:
    """Steps are the same where their moment is; one that asks the same at another moment has moved."""
    left = Counter(before) - Counter(after)
    right = Counter(after) - Counter(before)
    if not left and not right:
        if before != after:  # of two at the same moment the later one in the file rules
            order = ", ".join(anchor_text(step.at) for step in after)
            yield Fact("program_steps_reordered", {**values, "after": order})
        return
    gone, new = list(left.elements()), list(right.elements())
    for step in list(new):
        old = next((one for one in gone if one.at == step.at), None)
        if old is not None:
            gone.remove(old)
            new.remove(step)
            yield _changed_step(old, step, values)
    for step in list(new):
        old = next((one for one in gone if step_text(one) == step_text(step)), None)
        if old is not None:
            gone.remove(old)
            new.remove(step)
            moved = {"before": anchor_text(old.at), "after": anchor_text(step.at), "step": step_text(step)}
            yield Fact("program_step_moved", {**values, **moved})
    for step in gone:
        yield Fact("program_step_removed", {**values, "at": anchor_text(step.at), "before": step_text(step)})
    for step in new:
        yield Fact("program_step_added", {**values, "at": anchor_text(step.at), "after": step_text(step)})


def _changed_step(before: ProgramStep, after: ProgramStep, values: dict[str, Value]) -> Fact:
    told: dict[str, Value] = {**values, "at": anchor_text(after.at)}
    return Fact("program_step_changed", {**told, "before": step_text(before), "after": step_text(after)})


def calendar_differences(before: Site, after: Site) -> Iterator[Difference]:
    """Rules by their name, their order where it changed, and the holidays."""
    yield from _rules(before, after)
    for key in ("holiday_country", "holiday_region", "holidays_added", "holidays_removed"):
        old, new = _holidays(before.calendar, key), _holidays(after.calendar, key)
        if old != new:
            fact = Fact("holidays_changed", {"field": key, "before": old, "after": new})
            yield Difference("calendar", fact, _touched_by(after, (r for r in after.calendar.rules if r.holidays)))


def _holidays(calendar: Calendar, key: str) -> str:
    value = getattr(calendar, key)
    return (", ".join(value) if isinstance(value, tuple) else str(value)) or NOTHING


def _rules(before: Site, after: Site) -> Iterator[Difference]:
    old, new = _by_name(before.calendar), _by_name(after.calendar)
    for name, rule in new.items():
        position = list(new).index(name) + 1
        circuits = _touched_by(after, [rule])
        values: dict[str, Value] = {"rule": name, "circuits": len(circuits)}
        if name not in old:
            fact = Fact("rule_added", {**values, "position": position, "rules": len(new), "after": rule_text(rule)})
            yield Difference("calendar", fact, circuits)
        elif old[name] != rule:
            circuits = tuple(dict.fromkeys((*_touched_by(before, [old[name]]), *circuits)))
            for fact in _rule_changes(old[name], rule, values | {"circuits": len(circuits)}):
                yield Difference("calendar", fact, circuits)
    for name, rule in old.items():
        if name not in new:
            circuits = _touched_by(before, [rule])
            values = {"rule": name, "circuits": len(circuits), "before": rule_text(rule)}
            yield Difference("calendar", Fact("rule_removed", values), circuits)
    kept = [name for name in new if name in old]
    if kept != [name for name in old if name in new]:
        fact = Fact("rules_reordered", {"after": ", ".join(new)})
        yield Difference("calendar", fact, _touched_by(after, (new[name] for name in kept)))


def _by_name(calendar: Calendar) -> dict[str, CalendarRule]:
    """Rules by name; a name that comes again gets a number."""
    found: dict[str, CalendarRule] = {}
    for rule in calendar.rules:
        name, n = rule.name, 2
        while name in found:
            name, n = f"{rule.name} ({n})", n + 1
        found[name] = rule
    return found


def _rule_changes(before: CalendarRule, after: CalendarRule, values: Mapping[str, Value]) -> Iterator[Fact]:
    old, new = rule_fields(before), rule_fields(after)
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            told = {"field": key, "before": old.get(key, NOTHING), "after": new.get(key, NOTHING)}
            yield Fact("rule_changed", {**values, **told})


def _touched_by(site: Site, rules: Iterator[CalendarRule] | list[CalendarRule]) -> tuple[str, ...]:
    """The circuits whose own program one of the rules replaces, wherever they are."""
    replaced = {own for rule in rules for own in rule.use}
    return tuple(c.id for c in site.circuits.values() if ANY_PROGRAM in replaced or c.program in replaced)
