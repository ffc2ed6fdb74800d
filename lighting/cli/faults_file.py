"""The TOML file of ``lighting simulate --faults``: what the fault proxies of a site's buses shall do wrong.

Every problem at once, with its line and field, as for the site's own files.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from drivers.simulator.fault_rule import FaultKind, FaultRule, Part, Way
from lighting.assets.fact import Fact, Problem
from lighting.assets.nearest import unknown_reference
from lighting.assets.shape_problems import problems_of
from lighting.assets.shapes import NOTATION_ERROR, Shape
from lighting.assets.toml_file import TomlLines, read_toml

_USED_BY: dict[str, frozenset[FaultKind]] = {
    "delay_ms": frozenset({"delay", "duplicate"}),
    "jitter_ms": frozenset({"delay", "duplicate"}),
    "any_connection": frozenset({"delay"}),
    "lost": frozenset({"drop", "reset"}),
    "bits": frozenset({"corrupt"}),
    "repair_crc": frozenset({"corrupt"}),
    "where": frozenset({"corrupt", "wrong_echo"}),
    "code": frozenset({"exception"}),
}
"""What only some faults know. ``units`` and ``functions`` are of questions, and ``mute`` is of connections."""


def _span(value: object) -> tuple[int, int]:
    """``7`` or ``"10-20"`` as (first, last)."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value, value
    found = re.fullmatch(r"\s*(\d{1,9})\s*-\s*(\d{1,9})\s*", value) if isinstance(value, str) else None
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        fact = Fact("not_in_form", {"found": str(value)[:60], "form": '7 or "10-20", from 1'})
        raise PydanticCustomError(NOTATION_ERROR, "{code}", {"code": fact.code, "fact": fact})
    return int(found[1]), int(found[2])


Span = Annotated[tuple[int, int], BeforeValidator(_span)]
Milliseconds = Annotated[float, Field(ge=0, le=3_600_000)]
Seconds = Annotated[float, Field(ge=0, le=31_536_000)]


class RuleTable(Shape):
    fault: FaultKind
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    requests: tuple[Span, ...] = ()
    buses: tuple[str, ...] = ()
    units: tuple[Annotated[int, Field(ge=0, le=255)], ...] = ()
    functions: tuple[Annotated[int, Field(ge=1, le=127)], ...] = ()
    from_s: Seconds = 0.0
    until_s: Seconds | None = None
    at_most: Annotated[int, Field(ge=1)] | None = None
    delay_ms: Milliseconds = 0.0
    jitter_ms: Milliseconds = 0.0
    any_connection: bool = False
    lost: Way = "answer"
    bits: Annotated[int, Field(ge=1, le=64)] = 1
    where: Part = "anywhere"
    repair_crc: bool = False
    code: Annotated[int, Field(ge=1, le=255)] = 6


class FaultsFile(Shape):
    schema_version: Literal[1]
    seed: Annotated[int, Field(ge=0)] | None = None
    rules: tuple[RuleTable, ...] = ()


@dataclass(frozen=True, slots=True)
class FaultsReading:
    """``problems`` is empty exactly when the rules may be used. ``seed``: None where the file gives none."""

    rules: tuple[FaultRule, ...] = ()
    seed: int | None = None
    problems: tuple[Problem, ...] = ()


def read_faults(text: str, file: str, buses: Collection[str]) -> FaultsReading:
    """Read and check a faults file for a site with these buses. Never raises for its content."""
    table, problems = read_toml(text, file)
    lines = TomlLines(text)
    if problems:
        return FaultsReading(problems=tuple(problems))
    shape: FaultsFile | None = None
    try:
        shape = FaultsFile.model_validate(table)
    except ValidationError as error:
        problems += problems_of(error, FaultsFile, file, lines.line_of)
    if not table.get("rules"):
        problems.append(Problem(Fact("value_missing", {"field": "rules"}), file, 0, "rules"))
    for index, rule in _well_shaped(table.get("rules")):
        for key, fact in _misfits(rule, buses):
            place = ("rules", index, key)
            problems.append(Problem(fact, file, lines.line_of(place), f"rules.{index}.{key}"))
    if shape is None or problems:
        return FaultsReading(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
    return FaultsReading(tuple(FaultRule(**rule.fields()) for rule in shape.rules), shape.seed)


def _well_shaped(rules: object) -> Iterator[tuple[int, RuleTable]]:
    """The rules that can be looked at further, also where others cannot."""
    for index, table in enumerate(rules if isinstance(rules, list) else ()):
        try:
            yield index, RuleTable.model_validate(table)
        except ValidationError:
            continue  # told with the shape of the whole file


def _misfits(rule: RuleTable, buses: Collection[str]) -> Iterator[tuple[str, Fact]]:
    """(key, what is wrong) for all that one rule's shape cannot say."""
    for bus in rule.buses:
        if bus not in buses:
            yield "buses", unknown_reference("bus", bus, buses)
    if rule.until_s is not None and rule.until_s <= rule.from_s:
        yield "until_s", Fact("fault_ends_before", {"from_s": rule.from_s, "until_s": rule.until_s})
    if rule.fault == "delay" and not (rule.delay_ms or rule.jitter_ms):
        yield "delay_ms", Fact("value_missing", {"field": "delay_ms"})
    for key in sorted(rule.model_fields_set):
        used_by = _USED_BY.get(key)
        is_lost = rule.fault == "mute" if key in ("units", "functions") else used_by and rule.fault not in used_by
        if is_lost:
            allowed = "all but mute" if used_by is None else ", ".join(sorted(used_by))
            yield key, Fact("fault_field_not_used", {"field": key, "fault": rule.fault, "allowed": allowed})
