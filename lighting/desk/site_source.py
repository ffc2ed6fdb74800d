"""Where the desk's site comes from: the last accepted revision of the store, else the folder itself."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from lighting.assets.draft import PROFILES_FOLDER, PROGRAM_FOLDER
from lighting.assets.fact import Fact, Problem
from lighting.assets.folder import folder_texts, read_accepted, read_site
from lighting.assets.model import Site
from lighting.assets.program_profiles import is_of_revision, program_problems
from lighting.desk.refusal import BrokenSite, WrongUsage
from lighting.store.records import Revision
from lighting.store.store import Store, StoreUnavailable, open_store, pinned_store_url, store_url_for


@dataclass(frozen=True, slots=True)
class SourcedSite:
    """A usable site; ``revision`` is None while nothing was ever accepted and the folder itself is read."""

    site: Site
    revision: Revision | None


@dataclass(frozen=True, slots=True)
class FolderStanding:
    """The folder and the program beside the accepted revision. ``problems`` are those of an edited folder.

    ``program_profiles`` are warnings: where this program's own profiles are not those of the revision.
    """

    differs: bool
    problems: tuple[Problem, ...]
    program_profiles: tuple[Problem, ...] = ()


def store_url_of(folder: Path) -> str:
    """The URL of the site's store, read from ``site.toml`` without checking the rest of the folder.

    A file that cannot be read leaves the default: a broken edit must not hide the store that the controller runs on.
    """
    try:
        with (folder / "site.toml").open("rb") as file:
            table = tomllib.load(file).get("store", {})
    except (OSError, ValueError):
        table = {}
    url = table.get("url", "") if isinstance(table, dict) else ""
    return store_url_for(folder, url if isinstance(url, str) else "")


def store_exists(url: str) -> bool:
    """Whether there is a store to read. Only for a SQLite file can this be known without connecting; others: yes."""
    return not url.startswith(_SQLITE) or _sqlite_file(url).is_file()


_SQLITE = "sqlite:///"


def _sqlite_file(url: str) -> Path:
    return Path(unquote(url.removeprefix(_SQLITE)).split("?")[0])


@contextmanager
def store_to_look_at(folder: Path) -> Iterator[Store | None]:
    """The folder's store for a look: one that is missing is not made, and an older one not brought up.

    Raises ``StoreError`` for one that cannot be read.
    """
    url = store_url_of(folder)
    if not store_exists(url):
        yield None
        return
    with open_store(url, create=False) as store:
        yield store


def open_existing_store(folder: Path) -> Store | None:
    """The site's store, or None when no controller and no instruction has ever made one.

    Raises ``StoreError`` for one that cannot be opened, also where its file or its folder has gone: what is in it is
    then unknown, not nothing. So for one of an older schema, which is left as it is: an older controller may run on it.
    """
    url = store_url_of(folder)
    if store_exists(url):
        return open_store(url, migrate=False)
    _check_absence(folder, _sqlite_file(url), url)
    return None


def _check_absence(folder: Path, file: Path, url: str) -> None:
    """Raise ``StoreUnavailable`` unless a store that is not there may be one that was never made."""
    place, own = file.parent, folder.resolve()
    if place.is_dir() or (not _is_there(place) and place.is_relative_to(own)):
        if _is_there(file):
            raise _unavailable(url, "not a file")
        if pinned_store_url(folder) is not None:
            raise _unavailable(url, "the file that held it is gone")
        return
    raise _unavailable(url, "not a folder" if _is_there(place) else "no such folder")


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _unavailable(url: str, detail: str) -> StoreUnavailable:
    return StoreUnavailable(Fact("store_cannot_open", {"place": url, "detail": detail}))


def source_site(folder: Path, store: Store | None) -> SourcedSite:
    """The site that rules now. Raises ``WrongUsage`` without one, ``BrokenSite`` with every problem of it."""
    revision = store.revisions.latest() if store is not None else None
    if revision is not None:
        reading = read_accepted(revision.files)
        if reading.site is not None:
            return SourcedSite(reading.site, revision)
        # Written by another version of the program: the rules became stricter since it was accepted.
        raise BrokenSite(Fact("revision_not_readable", {"revision": revision.id}), reading.problems)
    reading = read_site(texts_of(folder))
    if reading.site is None:
        errors = sum(not problem.is_warning for problem in reading.problems)
        raise BrokenSite(Fact("site_has_problems", {"folder": str(folder), "problems": errors}), reading.problems)
    return SourcedSite(reading.site, None)


def texts_of(folder: Path) -> dict[str, str]:
    """The texts of the folder's files. Raises ``WrongUsage`` where there is no site, or a file cannot be read."""
    if not (folder / "site.toml").is_file():
        raise WrongUsage(Fact("no_site_here", {"folder": str(folder)}))
    try:
        return folder_texts(folder)
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise WrongUsage(
            Fact("folder_not_readable", {"folder": str(folder), "file": str(error.filename or ""), "detail": detail})
        ) from error


class FolderWatch:
    """Tells whether the folder differs from a revision; reads it again only when a file's time or size changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[object, ...] = ()
        self._standing = FolderStanding(False, ())

    def standing(self, revision: Revision | None) -> FolderStanding:
        """Beside the accepted revision (None: nothing accepted yet, so that nothing differs)."""
        if revision is None:
            return FolderStanding(False, ())
        seen = (id(revision), *self._signature())
        if seen != self._seen:
            of_program = program_problems(revision.files, revision.id)
            self._standing, self._seen = replace(self._compare(revision.files), program_profiles=of_program), seen
        return self._standing

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        try:
            patterns = ("*.toml", "*.csv", f"{PROFILES_FOLDER}*.toml", "prices/*.csv", "co2/*.csv", PROGRAM_FOLDER)
            found = [path for pattern in patterns for path in self._folder.glob(pattern)]
            marks = [(str(path), path.stat()) for path in sorted(found)]
        except OSError:
            return ()
        return tuple((path, mark.st_mtime_ns, mark.st_size) for path, mark in marks)

    def _compare(self, files: Mapping[str, str]) -> FolderStanding:
        try:
            texts = texts_of(self._folder)
        except WrongUsage as error:
            return FolderStanding(True, (Problem(error.fact, "site.toml"),))
        if is_of_revision(texts, files):
            return FolderStanding(False, ())
        return FolderStanding(True, read_site(texts).problems)
