"""An accepted folder is a revision: whole, numbered, audited; the newest is what runs."""

from __future__ import annotations

from lighting.store.store import Store

SITE = {"site.toml": 'name = "Hà Nội"\n', "circuits.csv": "id,cabinet\nC-1,CB-1\n"}
DIMMED = SITE | {"site.toml": 'name = "Hà Nội"\nfloor = 30\n'}


def test_the_newest_revision_is_the_whole_text(store: Store) -> None:
    assert store.revisions.latest() is None
    added = store.revisions.add(SITE, at_ms=5, by="thu", note="first")
    assert store.revisions.latest() == added
    assert added.files == SITE
    assert (added.at_ms, added.by, added.note) == (5, "thu", "first")


def test_the_same_folder_again_is_the_present_revision(store: Store) -> None:
    first = store.revisions.add(SITE, at_ms=5, by="thu", note="first")
    assert store.revisions.add(dict(reversed(SITE.items())), at_ms=9, by="an", note="again") == first
    assert len(store.revisions.list()) == 1
    assert store.changes.counters()["revision"] == 1


def test_an_old_content_becomes_a_new_revision(store: Store) -> None:
    first = store.revisions.add(SITE, at_ms=1, by="thu", note="first")
    second = store.revisions.add(DIMMED, at_ms=2, by="thu", note="dimmed")
    third = store.revisions.add(SITE, at_ms=3, by="thu", note="rollback")
    assert first.id < second.id < third.id
    assert third.content_hash == first.content_hash != second.content_hash
    assert store.revisions.latest() == third
    assert store.revisions.get(second.id) == second
    assert store.revisions.get(99) is None


def test_the_list_is_newest_first_without_the_texts(store: Store) -> None:
    for number, files in enumerate((SITE, DIMMED, SITE)):
        store.revisions.add(files, at_ms=number, by="thu", note=str(number))
    listed = store.revisions.list(limit=2)
    assert [revision.note for revision in listed] == ["2", "1"]
    assert all(revision.files == {} for revision in listed)


def test_a_revision_is_audited_with_the_files_that_changed(store: Store) -> None:
    store.revisions.add(SITE, at_ms=1, by="thu", note="")
    added = store.revisions.add(DIMMED | {"new.csv": ""}, at_ms=2, by="an", note="n")
    entry = store.history.audit()[0]
    assert (entry.at_ms, entry.by, entry.act, entry.subject) == (2, "an", "add_revision", f"revision:{added.id}")
    assert entry.values["changed_files"] == "new.csv, site.toml"


def test_a_file_that_moved_or_swapped_its_text_is_another_revision(store: Store) -> None:
    first = store.revisions.add({"a": "1", "b": "2"}, at_ms=1, by="thu", note="")
    swapped = store.revisions.add({"a": "2", "b": "1"}, at_ms=2, by="thu", note="")
    assert first.content_hash != swapped.content_hash
    assert store.revisions.latest() == swapped
