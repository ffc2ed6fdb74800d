"""What the controller starts from: the last accepted revision, or the folder when there is none yet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lighting.assets.fact import Fact, Problem
from lighting.assets.folder import SiteReading, folder_texts, read_accepted, read_site
from lighting.assets.model import Site
from lighting.assets.program_profiles import is_of_revision, program_problems, with_program_profiles
from lighting.store.records import Revision
from lighting.store.store import Store, StoreUnavailable, open_store, pin_store_url, store_url_for

FIRST_ACCEPTED_BY = "lighting run"


class NoGoodSite(Exception):
    """There is no accepted revision and the folder is broken: every problem of it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """``notice`` says that the folder is broken or differs, and that the revision runs all the same.

    ``folder`` is where the files lie that are no text of a revision: certificates and keys. ``program_profiles`` says
    where this program's own profiles are not those that the revision runs on.
    """

    site: Site
    revision: Revision
    notice: Fact | None = None
    folder: Path = Path()
    program_profiles: tuple[Fact, ...] = ()


def starting_point(store: Store, folder: Path, *, at_ms: int) -> StartingPoint:
    """The last accepted revision; the first run accepts a good folder as revision 1. Raises ``NoGoodSite``."""
    revision = store.revisions.latest()
    if revision is None:
        return _accept_first(store, folder, at_ms)
    site = site_of(revision)
    if site is None:
        raise NoGoodSite(read_accepted(revision.files).problems)
    differing = tuple(problem.fact for problem in program_problems(revision.files, revision.id))
    return StartingPoint(site, revision, _notice(folder, revision), folder, differing)


def site_of(revision: Revision) -> Site | None:
    """The site of a stored revision; None when this program does not accept its text any more."""
    return read_accepted(revision.files).site


def open_site_store(folder: Path) -> Store:
    """The store of that folder's site; a new one is made only for a folder that is good.

    Raises ``NoGoodSite`` for a broken folder that has no store, ``StoreError`` for a store that cannot be used and
    OSError for a folder that cannot be read.
    """
    try:
        reading = read_site(folder_texts(folder))
    except UnicodeDecodeError as error:
        raise OSError(str(error)) from error
    url = store_url_for(folder, "" if reading.site is None else reading.site.store_url)
    try:
        store = open_store(url, create=reading.site is not None)
    except StoreUnavailable as error:
        if reading.site is None and error.fact.code == "store_missing":
            raise NoGoodSite(reading.problems) from error
        if error.fact.code != "store_needs_migration":
            raise
        # An older program's store has a revision to run, whatever became of the folder since.
        store = open_store(url)
    pin_store_url(folder, url)
    return store


def _accept_first(store: Store, folder: Path, at_ms: int) -> StartingPoint:
    texts = folder_texts(folder)
    reading = read_site(texts)
    if reading.site is None:
        raise NoGoodSite(reading.problems)
    files = with_program_profiles(texts, reading.site)
    revision = store.revisions.add(files, at_ms=at_ms, by=FIRST_ACCEPTED_BY, note="")
    return StartingPoint(reading.site, revision, folder=folder)


def _notice(folder: Path, revision: Revision) -> Fact | None:
    try:
        texts = folder_texts(folder)
    except (OSError, UnicodeDecodeError):
        return Fact("folder_unreadable_revision_runs", {"revision": revision.id})
    if is_of_revision(texts, revision.files):
        return None
    errors = _errors(read_site(texts))
    if errors:
        return Fact("folder_broken_revision_runs", {"revision": revision.id, "problems": errors})
    return Fact("folder_differs_revision_runs", {"revision": revision.id})


def _errors(reading: SiteReading) -> int:
    return sum(not problem.is_warning for problem in reading.problems)
