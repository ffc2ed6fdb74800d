"""Taking the edited folder over: checked as a whole, told what changed, and stored with who did it."""

from __future__ import annotations

from pathlib import Path

from lighting.assets.bus_files import with_bus_files
from lighting.assets.changes import changed_files
from lighting.assets.fact import Fact, Problem
from lighting.assets.folder import read_accepted, read_site
from lighting.assets.model import Site
from lighting.assets.program_profiles import own_files, profiles_taken, program_problems, with_program_profiles
from lighting.desk.answers import ApplyAnswer
from lighting.desk.outputs_locked import let_go_by
from lighting.desk.refusal import BrokenSite, Refused
from lighting.desk.site_source import store_to_look_at, texts_of
from lighting.desk.watchdogs_as_read import unfed_by_edit
from lighting.schedule.instructions import Layer
from lighting.store.records import Revision
from lighting.store.store import (
    DEFAULT_FILE,
    PIN_FILE,
    STATE_FOLDER,
    Store,
    pinned_store_url,
    resolved_store_url,
)


def apply_folder(folder: Path, store: Store, *, at_ms: int, by: str, note: str, dry_run: bool) -> ApplyAnswer:
    """Make the folder the newest revision if it is good and differs; ``accepted`` tells whether it rules from now on.

    An unchanged folder is accepted as what it already is, unless the program's own profiles have changed: a new
    revision takes them. A broken one changes nothing: its problems are all there. One whose polls could no longer feed
    the watchdog that a device has is refused as a broken one is.
    Raises ``Refused`` where it would let go of a line that is locked out or name another store, with ``dry_run`` too.
    """
    texts = texts_of(folder)
    reading = with_bus_files(read_site(texts, at_ms=at_ms), folder, texts)
    latest = store.revisions.latest()
    changed = changed_files(own_files(latest.files) if latest is not None else {}, texts)
    if reading.site is None:
        return ApplyAnswer(None, changed, reading.problems, accepted=False)
    _keep_store(folder, reading.site)
    files = with_program_profiles(texts, reading.site)
    taken = profiles_taken(latest.files, files) if latest is not None else ()
    if latest is not None and (changed or taken):
        _keep_lockouts(store, latest, reading.site, at_ms)
    problems = (*reading.problems, *unfed_by_edit(reading.site, store, latest))
    if any(not problem.is_warning for problem in problems):
        return ApplyAnswer(None, changed, problems, accepted=False)
    if dry_run:
        return ApplyAnswer(latest, changed, problems, accepted=False, program_profiles=taken)
    if latest is not None and not (changed or taken):
        return ApplyAnswer(latest, (), problems, accepted=True)
    revision = store.revisions.add(files, at_ms=at_ms, by=by, note=note)
    return ApplyAnswer(revision, changed, problems, accepted=True, program_profiles=taken)


def _keep_store(folder: Path, wanted: Site) -> None:
    """The store holds the revisions and lockouts themselves: an edit of its URL moves none of them."""
    pinned = pinned_store_url(folder)
    if pinned is not None and resolved_store_url(folder, wanted.store_url) != pinned:
        raise Refused(
            Fact("store_stays", {"pin": f"{STATE_FOLDER}/{PIN_FILE}", "default": f"{STATE_FOLDER}/{DEFAULT_FILE}"})
        )


def _keep_lockouts(store: Store, latest: Revision, wanted: Site, at_ms: int) -> None:
    lockouts = [i for i in store.instructions.in_force(at_ms) if i.layer is Layer.LOCKOUT]
    if not lockouts:
        return
    present = read_accepted(latest.files)
    if present.site is None:  # what the lockouts hold cannot be known
        raise BrokenSite(Fact("revision_not_readable", {"revision": latest.id}), present.problems)
    let_go = let_go_by(present.site, wanted, lockouts)
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
