"""Taking the edited folder over: checked as a whole, told what changed, and stored with who did it."""

from __future__ import annotations

from pathlib import Path

from lighting.assets.changes import changed_files
from lighting.assets.folder import read_site
from lighting.desk.answers import ApplyAnswer
from lighting.desk.site_source import texts_of
from lighting.store.store import Store


def apply_folder(folder: Path, store: Store, *, at_ms: int, by: str, note: str, dry_run: bool) -> ApplyAnswer:
    """Make the folder the newest revision if it is good and differs; ``accepted`` tells whether it rules from now on.

    An unchanged folder is accepted as what it already is. A broken one changes nothing: its problems are all there.
    """
    texts = texts_of(folder)
    reading = read_site(texts)
    latest = store.revisions.latest()
    changed = changed_files(latest.files if latest is not None else {}, texts)
    if reading.site is None:
        return ApplyAnswer(None, changed, reading.problems, accepted=False)
    if dry_run:
        return ApplyAnswer(latest, changed, reading.problems, accepted=False)
    if latest is not None and not changed:
        return ApplyAnswer(latest, (), reading.problems, accepted=True)
    revision = store.revisions.add(texts, at_ms=at_ms, by=by, note=note)
    return ApplyAnswer(revision, changed, reading.problems, accepted=True)
