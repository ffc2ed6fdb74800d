"""Taking a state of the site over: checked as a whole, told what it changes, and stored with who did it.

Two steps: a proposal is worked out and changes nothing; accepting it makes it the newest revision, unless something
has changed meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lighting.assets.changes import changed_files
from lighting.assets.fact import Fact, Problem
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.program_profiles import own_files, profiles_taken, program_problems, with_program_profiles
from lighting.desk.answers import ApplyAnswer
from lighting.desk.comparing import compared, content_of_folder, content_of_revision, revision_numbered
from lighting.desk.outputs_locked import let_go_by
from lighting.desk.refusal import BrokenSite, NotFound, Refused
from lighting.desk.revision_answers import Content, Proposal
from lighting.desk.site_source import store_to_look_at, texts_of
from lighting.desk.watchdogs_as_read import unfed_by_edit
from lighting.schedule.instructions import Layer
from lighting.store.records import Revision
from lighting.store.store import (
    DEFAULT_FILE,
    PIN_FILE,
    STATE_FOLDER,
    RevisionMoved,
    Store,
    pinned_store_url,
    resolved_store_url,
)


def propose_folder(folder: Path, store: Store, *, at_ms: int, known: Content | None = None) -> Proposal:
    """The folder as the newest revision, if it is good. A broken one has its problems, and nothing else.

    ``known`` is an accepted state that was read already: a large city need not be read twice.
    One whose polls could no longer feed the watchdog that a device has is refused as a broken one is.
    Raises ``Refused`` where it would let go of a line that is locked out or name another store.
    """
    return _proposed(folder, store, content_of_folder(folder, at_ms), at_ms, known)


def propose_rollback(
    folder: Path, store: Store, number: int | None, *, at_ms: int, known: Content | None = None
) -> Proposal:
    """The content of an old revision as the newest one; None: of that which ruled before the present one.

    It is read as the controller would read it: what this program judges more strictly than the one that accepted it is
    a warning. Raises as ``propose_folder`` does, ``NotFound`` for a number that there is not, and ``BrokenSite`` for a
    content that this program cannot read.
    """
    latest = store.revisions.latest()
    if latest is None:
        raise NotFound(Fact("no_revisions"))
    if number is None:
        wanted = store.revisions.before(latest.id)
        if wanted is None:
            raise NotFound(Fact("no_revision_before", {"revision": latest.id}))
    else:
        wanted = revision_numbered(store, number)
    content = content_of_revision(wanted)
    if content.site is None:
        raise BrokenSite(Fact("rollback_not_readable", {"revision": wanted.id}), content.problems)
    return _proposed(folder, store, content, at_ms, known)


def _proposed(folder: Path, store: Store, wanted: Content, at_ms: int, known: Content | None) -> Proposal:
    newest = store.revisions.latest()
    latest = None if newest is None else _read_once(newest, known)
    before = {} if newest is None else newest.files
    changed = changed_files(own_files(before), own_files(wanted.files))
    restores = None if wanted.revision is None else wanted.revision.id
    if wanted.site is None:
        return Proposal(latest, wanted, changed, wanted.problems, restores=restores)
    _keep_store(folder, wanted.site)
    taken = profiles_taken(before, wanted.files) if newest is not None else ()
    if latest is not None and (changed or taken):
        _keep_lockouts(store, latest, wanted.site, at_ms)
    problems = (*wanted.problems, *unfed_by_edit(wanted.site, store, newest))
    return Proposal(latest, wanted, changed, problems, taken, restores=restores)


def _read_once(revision: Revision, known: Content | None) -> Content:
    if known is not None and known.revision is not None and known.revision.id == revision.id:
        return known
    return content_of_revision(revision)


def with_comparison(proposal: Proposal, store: Store, at_ms: int) -> Proposal:
    """The proposal with what it changes by meaning, where both sides can be read."""
    latest = proposal.latest
    if latest is None or latest.site is None or not proposal.is_good or not proposal.is_new:
        return proposal
    return replace(proposal, comparison=compared(latest, proposal.wanted, store, at_ms))


def accept(folder: Path, store: Store, proposal: Proposal, *, at_ms: int, by: str, note: str) -> ApplyAnswer:
    """Make a proposal the newest revision: those very files, as they were looked at.

    An unchanged folder is accepted as what it already is, unless the program's own profiles have changed: a new
    revision takes them. Raises ``Refused`` for a line that was locked out meanwhile, or where another revision was
    accepted meanwhile: nothing has changed then.
    """
    if not proposal.is_good or proposal.wanted.site is None:
        return ApplyAnswer(None, proposal.changed_files, proposal.problems, accepted=False)
    latest = proposal.latest
    if not proposal.is_new and latest is not None:
        return ApplyAnswer(latest.revision, (), proposal.problems, accepted=True)
    if latest is not None:
        _keep_lockouts(store, latest, proposal.wanted.site, at_ms)
    try:
        revision = store.revisions.add(
            proposal.wanted.files,
            at_ms=at_ms,
            by=by,
            note=note,
            newest=0 if latest is None or latest.revision is None else latest.revision.id,
            restores=proposal.restores,
        )
    except RevisionMoved as moved:
        raise Refused(moved.fact) from moved
    return ApplyAnswer(
        revision, proposal.changed_files, proposal.problems, accepted=True, program_profiles=proposal.program_profiles
    )


def apply_folder(folder: Path, store: Store, *, at_ms: int, by: str, note: str, dry_run: bool) -> ApplyAnswer:
    """Make the folder the newest revision if it is good and differs; ``accepted`` tells whether it rules from now on.

    Raises as ``propose_folder`` and ``accept`` do, with ``dry_run`` too.
    """
    proposal = propose_folder(folder, store, at_ms=at_ms)
    if dry_run and proposal.is_good:
        return would_be(proposal)
    return accept(folder, store, proposal, at_ms=at_ms, by=by, note=note)


def would_be(proposal: Proposal) -> ApplyAnswer:
    """What a good proposal would become; nothing is accepted."""
    latest = None if proposal.latest is None else proposal.latest.revision
    return ApplyAnswer(
        latest, proposal.changed_files, proposal.problems, accepted=False, program_profiles=proposal.program_profiles
    )


def _keep_store(folder: Path, wanted: Site) -> None:
    """The store holds the revisions and lockouts themselves: an edit of its URL moves none of them."""
    pinned = pinned_store_url(folder)
    if pinned is not None and resolved_store_url(folder, wanted.store_url) != pinned:
        raise Refused(
            Fact("store_stays", {"pin": f"{STATE_FOLDER}/{PIN_FILE}", "default": f"{STATE_FOLDER}/{DEFAULT_FILE}"})
        )


def _keep_lockouts(store: Store, latest: Content, wanted: Site, at_ms: int) -> None:
    lockouts = [i for i in store.instructions.in_force(at_ms) if i.layer is Layer.LOCKOUT]
    if not lockouts:
        return
    if latest.site is None:  # what the lockouts hold cannot be known
        number = None if latest.revision is None else latest.revision.id
        raise BrokenSite(Fact("revision_not_readable", {"revision": number}), latest.problems)
    let_go = let_go_by(latest.site, wanted, lockouts)
    if let_go is not None:
        raise Refused(let_go)


def accept_first(folder: Path, store: Store, *, at_ms: int, by: str) -> None:
    """Make a good folder revision 1 where none was accepted yet, as the first run of the controller does.

    A lockout needs it: only beside an accepted site can an edit be seen that would let go of the locked line.
    """
    if store.revisions.latest() is not None:
        return
    texts = texts_of(folder)
    site = read_site(texts).site
    if site is not None:
        store.revisions.add(with_program_profiles(texts, site), at_ms=at_ms, by=by, note="")


def program_beside_revision(folder: Path) -> tuple[Problem, ...]:
    """Where this program's own profiles are not those of the folder's accepted revision; none where nothing was yet.

    Only looks. Raises ``StoreError`` for a store that cannot be read.
    """
    with store_to_look_at(folder) as store:
        latest = None if store is None else store.revisions.latest()
    return () if latest is None else program_problems(latest.files, latest.id)
