"""The other rules of a what-if: the present site with a program, a calendar or a whole folder put in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lighting.assets.draft import CALENDAR_FILE
from lighting.assets.fact import Fact
from lighting.assets.folder import read_accepted, read_site
from lighting.assets.model import ControlProgram, Site
from lighting.desk.refusal import BrokenSite, WrongUsage
from lighting.desk.scopes import not_found
from lighting.desk.site_source import texts_of

if TYPE_CHECKING:
    from lighting.desk.desk import Desk


def with_programs(site: Site, pairs: Sequence[str]) -> Site:
    """Return the site with programs replaced: of ``ID=OTHER``, all that would follow ID, by the calendar too, follows
    OTHER.

    Raises ``WrongUsage`` for what is no pair or names a program twice, ``NotFound`` for one that the site has not.
    """
    programs: dict[str, ControlProgram] = dict(site.programs)
    for pair in pairs:
        name, sign, other = (part.strip() for part in pair.partition("="))
        if not (name and sign and other):
            raise WrongUsage(Fact("whatif_program_not_understood", {"text": pair}))
        for wanted in (name, other):
            if wanted not in site.programs:
                raise not_found("program", wanted, list(site.programs))
        if programs[name] is not site.programs[name]:
            raise WrongUsage(Fact("whatif_program_twice", {"program": name}))
        programs[name] = replace(site.programs[other], id=name)
    return replace(site, programs=programs)


def with_calendar(desk: Desk, file: str, text: str) -> Site:
    """Return the present site with another ``calendar.toml``. Raises ``BrokenSite`` with its problems."""
    if desk.revision is not None:
        reading = read_accepted({**desk.revision.files, CALENDAR_FILE: text})
    else:
        reading = read_site({**texts_of(desk.folder), CALENDAR_FILE: text})
    if reading.site is None:
        problems = tuple(replace(p, file=file) if p.file == CALENDAR_FILE else p for p in reading.problems)
        wrong = sum(not problem.is_warning for problem in problems)
        raise BrokenSite(Fact("whatif_calendar_has_problems", {"file": file, "problems": wrong}), problems)
    return reading.site


def other_site(folder: Path) -> Site:
    """Return the site of another folder, as it stands there. Raises ``WrongUsage`` and ``BrokenSite``."""
    reading = read_site(texts_of(folder))
    if reading.site is None:
        problems = tuple(replace(problem, file=str(folder / problem.file)) for problem in reading.problems)
        wrong = sum(not problem.is_warning for problem in problems)
        raise BrokenSite(Fact("site_has_problems", {"folder": str(folder), "problems": wrong}), problems)
    return reading.site


def sections_used(site: Site) -> Mapping[str, int]:
    """Return how many circuits each traffic section has that some circuit names."""
    used: dict[str, int] = {}
    for circuit in site.circuits.values():
        if circuit.traffic_section:
            used[circuit.traffic_section] = used.get(circuit.traffic_section, 0) + 1
    return used


def is_adaptive(site: Site) -> bool:
    """Return whether some program has a step in which traffic chooses the class."""
    return any(step.adaptive for program in site.programs.values() for step in program.steps)
