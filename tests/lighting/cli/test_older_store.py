"""A store that the first release left, under a newer program: no command but the controller brings it up."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lighting.cli.entry import run
from lighting.operation.start import open_site_store
from lighting.store.lock import lock_file
from lighting.store.schema import SCHEMA_VERSION
from lighting.store.store import StoreUnavailable
from tests.lighting.cli.the_site import make_site, store_of

Capture = pytest.CaptureFixture[str]
STORED = Path(__file__).parents[1] / "store" / "stored" / "store-0.1.0.sql"
SAID = (
    f"the store has an older schema (0001, this program reads {SCHEMA_VERSION}); it is brought up by the next "
    "lighting run"
)


@pytest.fixture
def older(tmp_path: Path) -> Path:
    folder = make_site(tmp_path / "site")
    (folder / "state").mkdir()
    with closing(sqlite3.connect(folder / "state" / "lighting.sqlite3")) as connection:
        connection.executescript(STORED.read_text(encoding="utf-8"))
    return folder


def content(folder: Path) -> str:
    return hashlib.sha256((folder / "state" / "lighting.sqlite3").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    "words",
    [
        ["status"],
        ["status", "--circuits", "--json"],
        ["why", "C-0101"],
        ["plan"],
        ["instructions"],
        ["revisions"],
        ["buses"],
        ["sun"],
        ["commission", "--dry-run"],
        ["device", "read", "CB01-D"],
        ["device", "probe", "CB01-D"],
        ["scan", "CB01-bus"],
        ["set", "C-0101", "60", "--reason", "works", "--no-wait"],
        ["lock", "C-0101", "--reason", "works", "--no-wait"],
        ["apply"],
    ],
    ids=" ".join,
)
def test_a_command_leaves_it_as_it_is_and_says_what_brings_it_up(
    older: Path, capsys: Capture, words: list[str]
) -> None:
    before = content(older)
    assert run([*words, "-s", str(older)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert SAID in line
    assert content(older) == before
    assert not (older / "state" / "lighting.sqlite3-wal").exists()


def test_the_folder_is_checked_all_the_same(older: Path, capsys: Capture) -> None:
    before = content(older)
    assert run(["check", "-s", str(older)]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("ok: ")
    assert SAID in shown.err
    assert content(older) == before


def test_the_controller_brings_it_up_unless_an_older_one_runs(older: Path, capsys: Capture) -> None:
    held = lock_file(older / "state" / "controller.lock", holder="lighting run")
    with pytest.raises(StoreUnavailable) as refused:
        open_site_store(older)
    held.release()
    assert refused.value.fact.code == "store_migration_held"
    assert refused.value.fact.values["holder"] == "lighting run"
    with closing(sqlite3.connect(older / "state" / "lighting.sqlite3")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    open_site_store(older).close()
    with store_of(older) as store:
        assert [one.scope_id for one in store.instructions.in_force(1_795_594_900_000)] == ["C-0101", "C-0103"]
    assert run(["revisions", "-s", str(older)]) == 0
    assert "lighting run" in capsys.readouterr().out
