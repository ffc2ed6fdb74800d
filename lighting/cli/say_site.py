"""``lighting check``, ``init`` and ``apply``: the site folder, its problems and its revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lighting.assets.bus_files import with_bus_files
from lighting.assets.draft import CALENDAR_FILE
from lighting.assets.fact import Fact, Problem
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import FolderNotEmpty, write_template
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.voice import Voice, print_json, voice_for
from lighting.desk.answers import ApplyAnswer
from lighting.desk.calendars import calendar_warnings
from lighting.desk.refusal import WrongUsage
from lighting.desk.revising import program_beside_revision
from lighting.desk.site_source import texts_of
from lighting.desk.watchdogs_as_read import unfed_beside_store
from lighting.store.clock import SystemClock
from lighting.store.store import StoreError

CHECK_SCHEMA = "lighting.check/1"
APPLY_SCHEMA = "lighting.apply/1"


def write_example(folder: Path, *, operator: str) -> int:
    """Write the example site, with its writer as an operator; refuses a folder that holds anything."""
    voice = voice_for()
    try:
        files = write_template(folder, operator=operator)
    except FolderNotEmpty as refusal:
        raise WrongUsage(refusal.fact) from refusal
    except NotADirectoryError as error:
        raise WrongUsage(Fact("not_a_folder", {"folder": str(folder)})) from error
    for file in files:
        print(file)
    voice.tell(Fact("example_written", {"folder": str(folder)}))
    return Exit.FINE


def print_check(folder: Path, *, as_json: bool) -> int:
    """Every problem of the folder on a line of its own, warnings apart; 2 when one of them is an error."""
    voice = voice_for()
    texts = texts_of(folder)
    reading = with_bus_files(read_site(texts, at_ms=SystemClock().now_ms()), folder, texts)
    problems = (*reading.problems, *_idle(reading.site, texts), *_beside_store(folder, reading.site, voice))
    errors = [problem for problem in problems if not problem.is_warning]
    warnings = [problem for problem in problems if problem.is_warning]
    if as_json:
        print_json(form(CHECK_SCHEMA, ok=reading.site is not None, counts=_counts(reading.site), problems=problems))
    else:
        _print_problems(voice, errors, warnings)
        if reading.site is not None:
            voice.data(Fact("check_ok", {**_counts(reading.site), "warnings": len(warnings)}))
        else:
            voice.tell(Fact("check_failed", {"problems": len(errors), "warnings": len(warnings)}))
    return Exit.FINE if reading.site is not None else Exit.WRONG_USAGE


def _idle(site: Site | None, texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """Rules of the calendar that can never rule."""
    if site is None:
        return ()
    return calendar_warnings(site, texts.get(CALENDAR_FILE, ""), SystemClock().now_ms())


def _beside_store(folder: Path, site: Site | None, voice: Voice) -> tuple[Problem, ...]:
    """Where the program's profiles are not those of the accepted revision, and watchdogs as read that are not fed.

    A folder is checked without a store too.
    """
    try:
        unfed = () if site is None else unfed_beside_store(folder, site)
        return (*unfed, *program_beside_revision(folder))
    except StoreError as error:
        voice.tell(error.fact, Fact("check_without_store"))
        return ()


def _print_problems(voice: Voice, errors: Sequence[Problem], warnings: Sequence[Problem]) -> None:
    voice.problems(errors, to_stdout=True)
    if warnings:
        voice.data(Fact("check_warnings", {"warnings": len(warnings)}))
        voice.problems(warnings, to_stdout=True)


def _counts(site: Site | None) -> dict[str, int]:
    if site is None:
        return {}
    return {
        "districts": len(site.districts),
        "cabinets": len(site.cabinets),
        "buses": len(site.buses),
        "devices": len(site.devices),
        "circuits": len(site.circuits),
        "luminaires": sum(circuit.lamp_count for circuit in site.circuits.values()),
    }


def print_applied(answer: ApplyAnswer, voice: Voice, *, dry_run: bool, quiet: bool = False) -> int:
    """What became of the folder; 2 when it is broken, and then nothing has changed. ``quiet``: the code alone."""
    broken = any(not problem.is_warning for problem in answer.problems)
    if quiet:
        return Exit.WRONG_USAGE if broken else Exit.FINE
    voice.problems(answer.problems)
    if broken:
        voice.tell(Fact("apply_refused", {"problems": sum(not p.is_warning for p in answer.problems)}))
        return Exit.WRONG_USAGE
    for file in answer.changed_files:
        print(file)
    tell_outcome(answer, voice, dry_run=dry_run)
    return Exit.FINE


def tell_outcome(answer: ApplyAnswer, voice: Voice, *, dry_run: bool) -> None:
    """What a good folder became."""
    if answer.program_profiles:
        voice.tell(Fact("apply_program_profiles", {"names": ", ".join(answer.program_profiles)}))
    voice.tell(_outcome(answer, dry_run))


def _outcome(answer: ApplyAnswer, dry_run: bool) -> Fact:
    revision = None if answer.revision is None else answer.revision.id
    if not answer.changed_files and not answer.program_profiles:
        return Fact("apply_nothing_new", {"revision": revision})
    if dry_run:
        return Fact("apply_would_change", {"files": len(answer.changed_files)})
    return Fact("apply_accepted", {"revision": revision, "files": len(answer.changed_files)})
