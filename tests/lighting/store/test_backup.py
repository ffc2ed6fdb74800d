"""A backup is one state of the whole store, and is read back whole or not at all, by either database."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.store.backup import back_up
from lighting.store.backup_file import BackupError, BackupExists, new_backup, open_backup
from lighting.store.backup_lines import line_maker, row_reader
from lighting.store.engine import Database
from lighting.store.errors import LockHeld, StoreUnavailable
from lighting.store.records import Reading
from lighting.store.restore import RestoreAudit, newest_files, restore
from lighting.store.schema import SCHEMA_VERSION, metadata
from lighting.store.schema_at import shapes_at
from lighting.store.store import Store, open_store
from tests.lighting.store.conftest import BACKENDS
from tests.lighting.store.filled import fill, rows_of
from tests.lighting.store.test_migrations import SEEDS, make_older

ENTRY = RestoreAudit(5, "thu", {"file": "b.zip"})


@pytest.fixture
def filled_url(store_url: str) -> str:
    fill(store_url)
    return store_url


@pytest.fixture
def backup_file(filled_url: str, tmp_path: Path) -> Path:
    file = tmp_path / "b.zip"
    back_up(filled_url, file, at_ms=4)
    return file


@pytest.fixture(params=BACKENDS)
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where nothing was made yet, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'other' / 'lighting.sqlite3'}"
    make: Callable[[], str] = request.getfixturevalue("new_schema")
    return make()


def test_every_table_is_filled(filled_url: str) -> None:
    assert [name for name, rows in rows_of(filled_url).items() if not rows] == []


def test_all_rows_come_back_in_either_database(filled_url: str, backup_file: Path, other_url: str) -> None:
    with open_backup(backup_file) as backup:
        restore(backup, other_url, entry=ENTRY)
    assert rows_of(other_url, without_restore=True) == rows_of(filled_url)
    with open_store(other_url, create=False) as store:
        entry = store.history.audit(limit=1)[0]
        assert (entry.act, entry.by, entry.at_ms, dict(entry.values)) == ("db_restore", "thu", 5, {"file": "b.zip"})


def test_numbers_go_on_above_every_one_that_was_given(backup_file: Path, other_url: str) -> None:
    with open_backup(backup_file) as backup:
        restore(backup, other_url, entry=ENTRY)
    with open_store(other_url, create=False) as store:
        assert store.history.audit(limit=1)[0].id == 501, "500 was given once, though its row is gone"
        assert store.history.add_audit(at_ms=6, by="thu", act="note", subject="", values={}) == 502
        assert store.keys.ensure("circuit", ["C-2"], at_ms=1)["C-2"] > 3


def test_the_same_rows_make_the_same_text_from_either_database(
    filled_url: str, backup_file: Path, other_url: str, tmp_path: Path
) -> None:
    with open_backup(backup_file) as backup:
        restore(backup, other_url, entry=ENTRY)
    again = tmp_path / "again.zip"
    back_up(other_url, again, at_ms=4)
    with zipfile.ZipFile(backup_file) as first, zipfile.ZipFile(again) as second:
        for shape in shapes_at(SCHEMA_VERSION):
            name = f"tables/{shape.name}.tsv"
            if shape.name != "audit" and "real" not in shape.kinds:  # one row more; 40 and 40.0 are the same double
                assert first.read(name) == second.read(name), name


@pytest.mark.parametrize("version", [*SEEDS][0 : -1 : len(SEEDS) - 2])
def test_an_older_backup_is_brought_up(version: str, empty_url: str, other_url: str, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    database = Database(empty_url)
    with database.writing(durable=True) as connection:
        make_older(connection, version)
    database.close()
    file = tmp_path / "older.zip"
    assert back_up(empty_url, file, at_ms=4).schema_version == version
    with open_backup(file) as backup:
        restore(backup, other_url, entry=ENTRY)
    open_store(empty_url).close()
    assert rows_of(other_url, without_restore=True) == rows_of(empty_url)


def test_a_store_that_is_made_and_empty_takes_a_backup(backup_file: Path, filled_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'made' / 'lighting.sqlite3'}"
    with open_store(url) as store:
        store.changes.bump("state")
        with open_backup(backup_file) as backup:
            restore(backup, url, entry=ENTRY)
        assert store.keys.known("circuit") == {"C-1": 3}, "who had it open goes on with it"
    assert rows_of(url, without_restore=True) == rows_of(filled_url)


def test_a_store_with_content_is_left_alone(backup_file: Path, filled_url: str) -> None:
    before = rows_of(filled_url)
    with open_backup(backup_file) as backup, pytest.raises(StoreUnavailable) as refused:
        restore(backup, filled_url, entry=ENTRY)
    assert refused.value.fact.code == "restore_into_used"
    assert rows_of(filled_url) == before


def test_nothing_is_restored_while_somebody_holds_the_lines(backup_file: Path, other_url: str) -> None:
    with open_store(other_url) as store:
        lock = store.controller.lock(holder="run")
        with open_backup(backup_file) as backup, pytest.raises(LockHeld) as refused:
            restore(backup, other_url, entry=ENTRY)
        assert refused.value.fact.values["holder"] == "run"
        assert store.keys.known("circuit") == {}
        lock.release()


def _damaged(file: Path, entry: str) -> None:
    """A bit turned in the middle of what is stored of an entry."""
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo(entry)
    data = bytearray(file.read_bytes())
    begin = info.header_offset + 30 + int.from_bytes(data[info.header_offset + 26 :][:2], "little")
    begin += int.from_bytes(data[info.header_offset + 28 :][:2], "little")
    data[begin + info.compress_size // 2] ^= 0x10
    file.write_bytes(bytes(data))


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def _other_row(file: Path) -> None:
    """A zip that is whole in itself, with a text that is not the one that was written."""
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    texts["tables/bill.tsv"] = texts["tables/bill.tsv"].replace(b"B-1", b"B-2")
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in texts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: _damaged(file, "tables/asset.tsv"),
        lambda file: _damaged(file, "manifest.json"),
        _cut,
        _other_row,
        lambda file: file.write_text("x"),
    ],
    ids=["a bit of a table", "a bit of the manifest", "cut short", "another row", "no zip"],
)
def test_a_damaged_backup_is_refused_and_nothing_is_touched(
    backup_file: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(backup_file)
    place = tmp_path / "other" / "lighting.sqlite3"
    with pytest.raises(BackupError) as refused, open_backup(backup_file) as backup:
        restore(backup, f"sqlite:///{place}", entry=ENTRY)
    assert refused.value.fact.code in ("backup_damaged", "backup_table_differs")
    assert not place.parent.exists()


def test_a_restore_that_fails_on_the_way_takes_away_what_it_made(backup_file: Path, tmp_path: Path) -> None:
    place = tmp_path / "other" / "lighting.sqlite3"

    def fail(_table: str, _rows: int) -> None:
        raise RuntimeError("on the way")

    with pytest.raises(RuntimeError), open_backup(backup_file) as backup:
        restore(backup, f"sqlite:///{place}", entry=ENTRY, progress=fail)
    assert not place.parent.exists()


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("format", "lighting.backup/2", "backup_format_unknown"),
        ("schema_version", "9999", "backup_outdated"),
        ("schema_version", "0001", "backup_schema_differs"),
        ("schema_version", "x", "backup_damaged"),
        ("tables", 3, "backup_damaged"),
    ],
)
def test_a_backup_of_another_kind_is_refused(
    backup_file: Path, tmp_path: Path, field: str, value: object, code: str
) -> None:
    with zipfile.ZipFile(backup_file) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    texts["manifest.json"] = json.dumps({**json.loads(texts["manifest.json"]), field: value}).encode()
    with zipfile.ZipFile(backup_file, "w") as archive:
        for name, content in texts.items():
            archive.writestr(name, content)
    with pytest.raises(BackupError) as refused, open_backup(backup_file) as backup:
        restore(backup, f"sqlite:///{tmp_path / 'other' / 'x.sqlite3'}", entry=ENTRY)
    assert refused.value.fact.code == code


def test_a_file_that_is_there_is_not_written_over_unless_told(filled_url: str, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_text("mine")
    with pytest.raises(BackupExists):
        back_up(filled_url, file, at_ms=4)
    assert file.read_text() == "mine"
    back_up(filled_url, file, at_ms=4, overwrite=True)
    with open_backup(file) as backup:
        assert backup.manifest.made_ms == 4
        assert newest_files(backup) == {"site.toml": "name = 1"}


def test_a_file_that_comes_while_the_backup_is_written_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    with pytest.raises(BackupExists), new_backup(file):
        file.write_text("mine")
    assert [one.name for one in tmp_path.iterdir()] == ["b.zip"]
    assert file.read_text() == "mine"


def test_a_backup_that_cannot_be_written_leaves_no_file(filled_url: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError) as refused:
        back_up(filled_url, tmp_path / "no" / "b.zip", at_ms=4)
    assert refused.value.fact.code == "backup_not_written"
    with pytest.raises(RuntimeError), new_backup(tmp_path / "c.zip"):
        raise RuntimeError
    assert [one.name for one in tmp_path.iterdir() if one.name != "state"] == []


def test_a_backup_beside_a_writer_is_one_state(store: Store, store_url: str, tmp_path: Path) -> None:
    """Each write is a task with its state in one transaction, and pairs of readings: no backup has half of one."""
    stop, begun = threading.Event(), threading.Event()

    def write() -> None:
        at_ms = 0
        while not stop.is_set():
            at_ms += 1
            store.readings.append([Reading(at_ms, 1, power_w=1.0), Reading(at_ms, 2, power_w=2.0)])
            store.tasks.ask(kind="read", params={}, by="thu", reason="", at_ms=at_ms)
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(10)
        files = [tmp_path / f"{number}.zip" for number in range(3)]
        for file in files:
            back_up(store_url, file, at_ms=4)
    finally:
        stop.set()
        writer.join()
    for number, file in enumerate(files):
        url = f"sqlite:///{tmp_path / str(number) / 'lighting.sqlite3'}"
        with open_backup(file) as backup:
            restore(backup, url, entry=ENTRY)
        rows = rows_of(url)
        assert len(rows["task"]) == len(rows["task_state"])
        assert sum(int(str(row[3])) for row in rows["reading_batch"]) == 2 * int(str(rows["reading_batch"][-1][1]))


_KILLED = """
import os, signal, sys
from pathlib import Path
from lighting.store.backup_file import open_backup
from lighting.store.restore import RestoreAudit, restore

def progress(table, rows):
    if table == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

with open_backup(Path(sys.argv[1])) as backup:
    restore(backup, sys.argv[2], entry=RestoreAudit(5, "thu", {}), progress=progress)
"""


@pytest.mark.parametrize("table", ["account_day", "task_output"])
def test_who_is_killed_while_restoring_leaves_an_empty_store(backup_file: Path, other_url: str, table: str) -> None:
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(backup_file), other_url, table], check=False)
    assert ended.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 10  # a server notices a lost client a moment later
    while True:
        try:
            with open_store(other_url) as store:
                assert not store.controller.is_locked()
        except StoreUnavailable:
            assert time.monotonic() < deadline
            continue
        break
    assert [name for name, rows in rows_of(other_url).items() if rows] == []
    with open_backup(backup_file) as backup:
        restore(backup, other_url, entry=ENTRY)
    assert all(rows_of(other_url).values())


_KINDS = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "real": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "text": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    "bytes": st.binary(),
}


@given(st.data())
def test_every_row_is_read_back_from_its_line(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(sorted(_KINDS)), min_size=1, max_size=5))
    row = st.tuples(*(st.none() | _KINDS[kind] for kind in kinds))
    rows = data.draw(st.lists(row, max_size=5))
    text_of_rows = line_maker(kinds)(rows)  # type: ignore[arg-type]
    lines = re.findall("[^\n]*\n", text_of_rows)
    assert len(lines) == len(rows)
    assert row_reader(kinds)(lines) == rows  # type: ignore[arg-type]


def test_shapes_are_those_of_the_tables() -> None:
    assert {shape.name for shape in shapes_at(SCHEMA_VERSION)} == set(metadata.tables)
    assert os.sep not in SCHEMA_VERSION
