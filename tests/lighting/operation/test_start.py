"""What a controller starts from, when the folder was edited since the last accepted revision."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lighting.assets.template import write_template
from lighting.operation.start import NoGoodSite, open_site_store, starting_point
from lighting.schedule.instructions import Layer

AT_MS = 1_800_000_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site with a store of its own choice, accepted once, with somebody at work on a circuit."""
    write_template(tmp_path / "site")
    settings = tmp_path / "site" / "site.toml"
    settings.write_text(settings.read_text().replace("[store]", '[store]\nurl = "sqlite:///../own.db"'))
    with open_site_store(tmp_path / "site") as store:
        starting_point(store, tmp_path / "site", at_ms=AT_MS)
        store.instructions.record(
            layer=Layer.LOCKOUT,
            scope_kind="circuit",
            scope_id="C-0101",
            level_pct=None,
            from_ms=AT_MS,
            until_ms=None,
            by="crew",
            reason="driver",
        )
    return tmp_path / "site"


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text.replace("../own.db", "../other.db"), id="another store"),
        pytest.param(lambda text: text.replace('url = "sqlite:///../own.db"', ""), id="no store named"),
        pytest.param(lambda text: "[[[", id="a broken file"),
    ],
)
def test_an_edited_folder_hides_neither_the_revision_nor_a_lockout(folder: Path, edit: object) -> None:
    assert callable(edit)
    settings = folder / "site.toml"
    settings.write_text(edit(settings.read_text()))
    with open_site_store(folder) as store:
        start = starting_point(store, folder, at_ms=AT_MS + 1)
        assert start.revision.id == 1
        assert start.notice is not None
        assert [note.scope_id for note in store.instructions.in_force(AT_MS + 1)] == ["C-0101"]


def test_a_broken_folder_that_never_ran_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text("[[[")
    with pytest.raises(NoGoodSite):
        open_site_store(tmp_path)


def test_a_store_of_the_first_release_is_brought_up_even_beside_a_broken_folder(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    stored = Path(__file__).parents[1] / "store" / "stored" / "store-0.1.0.sql"
    with closing(sqlite3.connect(tmp_path / "state" / "lighting.sqlite3")) as connection:
        connection.executescript(stored.read_text(encoding="utf-8"))
    (tmp_path / "site.toml").write_text("[[[")
    with open_site_store(tmp_path) as store:
        start = starting_point(store, tmp_path, at_ms=AT_MS)
        assert start.revision.id == 1
        assert store.tasks.unended() == []


def test_the_first_run_keeps_the_programs_profiles_and_a_later_program_runs_them(tmp_path: Path) -> None:
    write_template(tmp_path / "site")
    kept = "program/profiles/wb-mr6c.toml"
    with open_site_store(tmp_path / "site") as store:
        first = starting_point(store, tmp_path / "site", at_ms=AT_MS)
        assert (kept in first.revision.files, first.program_profiles) == (True, ())
        assert starting_point(store, tmp_path / "site", at_ms=AT_MS + 1).notice is None
        older = first.revision.files[kept].replace("pause_ms = 8 ", "pause_ms = 77 ")
        store.revisions.add({**first.revision.files, kept: older}, at_ms=AT_MS + 2, by="an", note="")
        start = starting_point(store, tmp_path / "site", at_ms=AT_MS + 3)
        assert start.site.profiles["wb-mr6c"].limits.pause_ms == 77
        assert start.notice is None, "the folder was not edited"
        assert [fact.code for fact in start.program_profiles] == ["program_profile_differs"]
