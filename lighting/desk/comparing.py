"""Two states of the site beside each other: the folder, the accepted revision, or any other."""

from __future__ import annotations

from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

from lighting.assets.bus_files import with_bus_files
from lighting.assets.changes import changed_files
from lighting.assets.difference import Difference
from lighting.assets.differences import differences, files_of_words_alone
from lighting.assets.fact import Fact
from lighting.assets.failsafe import ReadValues, local_date
from lighting.assets.folder import read_accepted, read_site
from lighting.assets.model import Site
from lighting.assets.program_profiles import own_files, with_program_profiles
from lighting.desk.darkening import darkening
from lighting.desk.refusal import BrokenSite, NotFound, WrongUsage
from lighting.desk.revision_answers import Comparison, Content
from lighting.desk.site_source import texts_of
from lighting.desk.without_us import settings_of
from lighting.store.records import Revision
from lighting.store.store import Store

_LISTED = 6
_NO_FILE = "/dev/null"


def content_of_folder(folder: Path, at_ms: int) -> Content:
    """The edited folder as it is; a broken one has its problems. Raises ``WrongUsage`` where there is none."""
    texts = texts_of(folder)
    reading = with_bus_files(read_site(texts, at_ms=at_ms), folder, texts)
    files = texts if reading.site is None else with_program_profiles(texts, reading.site)
    return Content(None, files, reading.site, reading.problems)


def content_of_revision(revision: Revision) -> Content:
    """An accepted state, read as the controller would read it."""
    reading = read_accepted(revision.files)
    return Content(revision, revision.files, reading.site, reading.problems)


def revision_numbered(store: Store | None, number: int) -> Revision:
    """Raises ``NotFound`` with the numbers there are."""
    found = None if store is None else store.revisions.get(number)
    if found is not None:
        return found
    known = [] if store is None else store.revisions.list(limit=_LISTED)
    if not known:
        raise NotFound(Fact("no_revision_at_all", {"revision": number}))
    raise NotFound(Fact("revision_not_found", {"revision": number, "newest": known[0].id}))


def known_site(content: Content) -> Site:
    """Its site. Raises ``WrongUsage`` (``BrokenSite``) with the problems of one that cannot be read."""
    if content.site is not None:
        return content.site
    errors = sum(not problem.is_warning for problem in content.problems)
    if content.revision is None:
        raise BrokenSite(Fact("folder_not_comparable", {"problems": errors}), content.problems)
    raise BrokenSite(Fact("revision_not_comparable", {"revision": content.revision.id}), content.problems)


def compared(before: Content, after: Content, store: Store | None, at_ms: int) -> Comparison:
    """What one says otherwise than the other. Raises ``BrokenSite`` where one of them cannot be read."""
    old, new = known_site(before), known_site(after)
    found = differences(old, new)
    return Comparison(
        before,
        after,
        changed_files(own_files(before.files), own_files(after.files)),
        found,
        files_of_words_alone(before.files, after.files, found),
        darkening(old, new, _read_by(store), today=local_date(new.timezone, at_ms), renamed=renamed_of(found)),
    )


def renamed_of(found: tuple[Difference, ...]) -> dict[str, str]:
    """The old id of each circuit that keeps its outputs under a new one."""
    facts = [one.fact.values for one in found if one.fact.code == "circuit_renamed"]
    return {str(values["after"]): str(values["before"]) for values in facts}


def _read_by(store: Store | None) -> Callable[[Site], ReadValues]:
    return lambda site: {name: device.found.values for name, device in settings_of(site, store).items()}


def text_difference(before: Content, after: Content) -> str:
    """The unified difference of the site's own files; empty where none differs."""
    old, new = own_files(before.files), own_files(after.files)
    pieces: list[str] = []
    for name in changed_files(old, new):
        was, will = (files[name].splitlines(keepends=True) if name in files else [] for files in (old, new))
        head, other = (f"{side}/{name}" if name in of else _NO_FILE for side, of in (("a", old), ("b", new)))
        pieces += (_whole_line(line) for line in unified_diff(was, will, head, other))
    return "".join(pieces)


def _whole_line(line: str) -> str:
    return line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"


def number_of(text: str) -> int:
    """The number of a revision as a person writes it. Raises ``WrongUsage``."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise WrongUsage(Fact("revision_not_a_number", {"found": text}))
    return int(text)
