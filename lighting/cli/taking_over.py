"""What ``lighting apply`` and ``lighting rollback`` do: say what changes and what it does, ask, and take it over.

A question is asked of a person at a terminal only. Scripts that applied before there was a question go on as they did.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from lighting.assets.fact import Fact
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.say_revisions import MOST_LINES, diff_form, tell_differences, tell_effects
from lighting.cli.say_site import APPLY_SCHEMA, print_applied, tell_outcome
from lighting.cli.voice import Voice, print_json
from lighting.desk.answers import ApplyAnswer
from lighting.desk.comparing import number_of
from lighting.desk.refusal import Refused, WrongUsage
from lighting.desk.revising import would_be
from lighting.desk.revision_answers import Effects, Proposal
from lighting.desk.revision_desk import RevisionDesk

ROLLBACK_SCHEMA = "lighting.rollback/1"


def report_apply(
    revisions: RevisionDesk, voice: Voice, *, note: str, dry_run: bool, yes: bool, year: bool, as_json: bool
) -> int:
    """0 where the folder rules (or would); 2 where it is broken, 5 where the person said no."""
    proposal = revisions.propose(note=note)
    if not proposal.is_good or not proposal.is_new:
        answer = would_be(proposal) if proposal.is_good and dry_run else revisions.accept(proposal, note=note)
        if as_json:
            print_json(form(APPLY_SCHEMA, **_document(answer, proposal, Effects(), dry_run=dry_run)))
        return print_applied(answer, voice, dry_run=dry_run, quiet=as_json)
    effects = _told(revisions, proposal, voice, year=year, as_json=as_json)
    if not dry_run:
        _confirm(voice, Fact("apply_ask"), yes=yes or as_json)
    answer = would_be(proposal) if dry_run else revisions.accept(proposal, note=note)
    if as_json:
        print_json(form(APPLY_SCHEMA, **_document(answer, proposal, effects, dry_run=dry_run)))
    else:
        tell_outcome(answer, voice, dry_run=dry_run)
    return Exit.FINE


def report_rollback(
    revisions: RevisionDesk,
    voice: Voice,
    number: int | None,
    *,
    note: str,
    dry_run: bool,
    yes: bool,
    year: bool,
    restore: Path | None,
    as_json: bool,
) -> int:
    """0 where the old content rules (or would); 2 where this program refuses it, 5 where the person said no."""
    proposal = revisions.propose_rollback(number, note=note)
    if not proposal.is_good:
        return _refused(proposal, voice, dry_run=dry_run, as_json=as_json)
    effects = Effects()
    if proposal.is_new:
        effects = _told(revisions, proposal, voice, year=year, as_json=as_json)
    if not dry_run and proposal.is_new:
        _confirm(voice, Fact("rollback_ask", {"restores": proposal.restores}), yes=yes or as_json)
    answer = would_be(proposal) if dry_run else revisions.accept(proposal, note=note)
    if not as_json:
        voice.tell(_rollback_outcome(answer, proposal, dry_run=dry_run))
    written = (
        None if dry_run or restore is None else revisions.export(proposal.wanted, restore, replacing=proposal.latest)
    )
    differs = revisions.folder_differs()
    if as_json:
        document = _document(answer, proposal, effects, dry_run=dry_run)
        print_json(form(ROLLBACK_SCHEMA, **document, folder_differs=differs, files_written=written))
    else:
        _tell_files(answer, written, restore, voice, differs=differs and not dry_run)
    return Exit.FINE


def _tell_files(
    answer: ApplyAnswer, written: tuple[str, ...] | None, restore: Path | None, voice: Voice, *, differs: bool
) -> None:
    number = None if answer.revision is None else answer.revision.id
    if written is not None:
        values = {"files": len(written), "revision": number, "folder": str(restore)}
        voice.tell(Fact("files_written", values))
    if differs:
        voice.tell(Fact("rollback_folder_differs", {"revision": number}))


def _refused(proposal: Proposal, voice: Voice, *, dry_run: bool, as_json: bool) -> int:
    if as_json:
        answer = ApplyAnswer(None, proposal.changed_files, proposal.problems, accepted=False)
        document = _document(answer, proposal, Effects(), dry_run=dry_run)
        print_json(form(ROLLBACK_SCHEMA, **document, folder_differs=None, files_written=None))
        return Exit.WRONG_USAGE
    voice.problems(proposal.problems)
    problems = sum(not problem.is_warning for problem in proposal.problems)
    voice.tell(Fact("rollback_refused", {"restores": proposal.restores, "problems": problems}))
    return Exit.WRONG_USAGE


def _rollback_outcome(answer: ApplyAnswer, proposal: Proposal, *, dry_run: bool) -> Fact:
    if not proposal.is_new:
        return Fact("rollback_nothing_new", {"restores": proposal.restores})
    if dry_run:
        return Fact("rollback_would_change", {"restores": proposal.restores})
    number = None if answer.revision is None else answer.revision.id
    return Fact("rollback_accepted", {"revision": number, "restores": proposal.restores})


def _told(revisions: RevisionDesk, proposal: Proposal, voice: Voice, *, year: bool, as_json: bool) -> Effects:
    """What changes is said at once, and what it does when that is worked out."""
    if as_json:
        return _effects(revisions, proposal, year=year)
    voice.problems(proposal.problems)
    for file in proposal.changed_files:
        print(file)
    if proposal.comparison is not None:
        tell_differences(proposal.comparison, voice, most=MOST_LINES)
    elif proposal.latest is not None and proposal.latest.revision is not None:
        voice.tell(Fact("effects_unknown", {"revision": proposal.latest.revision.id}))
    sys.stdout.flush()
    effects = _effects(revisions, proposal, year=year)
    tell_effects(effects, voice)
    return effects


def _confirm(voice: Voice, question: Fact, *, yes: bool) -> None:
    if yes or not is_at_terminal():
        return
    sys.stdout.flush()
    if not typer.confirm(voice.sentence(question), default=False, err=True):
        raise Refused(Fact("apply_not_confirmed"))


def is_at_terminal() -> bool:
    """Whether there is a person who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _document(answer: ApplyAnswer, proposal: Proposal, effects: Effects, *, dry_run: bool) -> dict[str, Any]:
    comparison = proposal.comparison
    told = {} if comparison is None else diff_form(comparison)
    return {
        "accepted": answer.accepted,
        "dry_run": dry_run,
        "revision": answer.revision,
        "restores": proposal.restores,
        "changed_files": answer.changed_files,
        "problems": answer.problems,
        "program_profiles": answer.program_profiles,
        "differences": told.get("differences", []),
        "warnings": told.get("warnings", []),
        "night": effects.night,
        "year": effects.year,
    }


def _effects(revisions: RevisionDesk, proposal: Proposal, *, year: bool) -> Effects:
    with _bar() as progress:
        return revisions.effects(proposal, year=year, progress=progress)


@contextmanager
def _bar() -> Iterator[Callable[[float], None]]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TimeElapsedColumn

    with Progress(BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task("", total=1.0)
        yield lambda share: bar.update(row, completed=share)


def wanted_number(text: str | None, *, last: bool) -> int | None:
    """Which revision to go back to; None with ``--last``. Raises ``WrongUsage``."""
    if (text is None) is not last:
        raise WrongUsage(Fact("rollback_which"))
    return None if text is None else number_of(text)
