"""``lighting db``: the store looked at, backed up, moved and brought up from the command line."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from lighting.cli.entry import run
from lighting.store.records import Reading
from lighting.store.schema import SCHEMA_VERSION
from lighting.store.store import pinned_store_url
from tests.lighting.cli.the_site import make_site, store_of

Capture = pytest.CaptureFixture[str]
STORED = Path(__file__).parents[1] / "store" / "stored" / "store-0.1.0.sql"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = make_site(tmp_path / "site")
    monkeypatch.setenv("LIGHTING_SITE", str(folder))
    return folder


@pytest.fixture
def kept(site: Path) -> Path:
    """The site with a store that has a reading in it."""
    with store_of(site) as store:
        key = store.keys.ensure("circuit", ["C-0101"], at_ms=1)["C-0101"]
        store.readings.append([Reading(1_767_200_400_500, key, power_w=12.5, energy_ws=7)])
    return site


def json_of(capsys: Capture, *words: str, code: int = 0) -> dict[str, object]:
    capsys.readouterr()
    assert run([*words, "--json"]) == code
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def errors_of(capsys: Capture, *words: str, code: int) -> str:
    capsys.readouterr()
    assert run(list(words)) == code
    return capsys.readouterr().err


def test_alone_it_tells_what_the_store_holds(kept: Path, capsys: Capture) -> None:
    answer = json_of(capsys, "db")
    assert (answer["schema_version"], answer["known_version"], answer["last_backup_ms"]) == (
        *[SCHEMA_VERSION] * 2,
        None,
    )
    groups = {one["group"]: one for one in answer["groups"]}  # type: ignore[attr-defined]
    assert groups["readings"] == {
        "group": "readings",
        "rows": 1,
        "rows_at_least": False,
        "first_ms": 1_767_200_400_500,
        "last_ms": 1_767_200_400_500,
    }
    assert run(["db", "status"]) == 0
    assert "No backup was ever made" in capsys.readouterr().out


def test_without_a_store_or_a_site_it_says_so(site: Path, tmp_path: Path, capsys: Capture) -> None:
    assert "there is no store yet" in errors_of(capsys, "db", code=1)
    assert "there is no store yet" in errors_of(capsys, "db", "backup", "b.zip", code=1)
    assert errors_of(capsys, "db", "--site", str(tmp_path / "nowhere"), code=2)
    assert not (site / "state").exists()


def test_a_site_moves_to_another_store_and_back(kept: Path, capsys: Capture) -> None:
    answer = json_of(capsys, "db", "backup", "b.zip")
    assert Path("b.zip").stat().st_size == answer["bytes_on_disk"]
    assert "is there already" in errors_of(capsys, "db", "backup", "b.zip", code=1)
    assert json_of(capsys, "db")["last_backup_ms"] is not None
    assert "is not empty" in errors_of(capsys, "db", "restore", "b.zip", code=1)
    other = f"sqlite:///{kept / 'state' / 'other.sqlite3'}"
    moved = json_of(capsys, "db", "restore", "b.zip", "--store", "sqlite:///state/other.sqlite3")
    assert moved["is_moved"] is True
    assert pinned_store_url(kept) == other
    with store_of(kept) as store:
        assert (store.url, store.readings.count()) == (other, 1)
        assert [entry.act for entry in store.history.audit()] == ["db_restore"]
    assert run(["db", "backup", "c.zip"]) == 0
    (kept / "state" / "lighting.sqlite3").unlink()
    assert json_of(capsys, "db", "restore", "c.zip", "--store", "sqlite:///state/lighting.sqlite3")["is_moved"] is True
    with store_of(kept) as store:
        assert [entry.act for entry in store.history.audit()] == ["db_restore", "db_restore"]


def test_nothing_moves_while_a_controller_runs(kept: Path, capsys: Capture) -> None:
    assert run(["db", "backup", "b.zip"]) == 0
    with store_of(kept) as store:
        lock = store.controller.lock(holder="lighting run")
        other = f"sqlite:///{kept.parent / 'x' / 'o.db'}"
        said = errors_of(capsys, "db", "restore", "b.zip", "--store", other, code=1)
        lock.release()
    assert "lighting run holds the lines" in said
    assert not (kept.parent / "x").exists()


def test_a_bare_folder_gets_its_store_and_files_back(kept: Path, tmp_path: Path, capsys: Capture) -> None:
    """All that is left of a site is the backup: what it holds decides who may."""
    with store_of(kept) as store:
        files = {path.relative_to(kept).as_posix(): path.read_text() for path in kept.glob("*.*") if path.is_file()}
        store.revisions.add(files, at_ms=1, by="thu", note="")
    assert run(["db", "backup", "b.zip"]) == 0
    bare = tmp_path / "bare"
    bare.mkdir()
    whole = Path("b.zip").read_bytes()
    with zipfile.ZipFile("b.zip") as archive:
        largest = max(archive.infolist(), key=lambda entry: entry.compress_size)
    at = largest.header_offset + 30 + len(largest.filename) + largest.compress_size // 2
    Path("bad.zip").write_bytes(whole[:at] + bytes(byte ^ 0x55 for byte in whole[at : at + 40]) + whole[at + 40 :])
    Path("none.zip").write_text("x")
    for file, said in (("bad.zip", "bad.zip is "), ("none.zip", "it is no zip file, or its end is missing")):
        capsys.readouterr()
        assert run(["--site", str(bare), "db", "restore", file]) == 1
        told = capsys.readouterr().err
        assert said in told
        assert "Error -3" not in told
        assert list(bare.iterdir()) == [], "nothing was changed"
    assert run(["--site", str(bare), "db", "restore", "b.zip"]) == 0
    assert run(["--site", str(bare), "status"]) == 0
    capsys.readouterr()


@pytest.fixture
def older(site: Path) -> Path:
    (site / "state").mkdir()
    with closing(sqlite3.connect(site / "state" / "lighting.sqlite3")) as connection:
        connection.executescript(STORED.read_text(encoding="utf-8"))
    return site


def test_an_older_store_is_looked_at_backed_up_and_brought_up(older: Path, capsys: Capture) -> None:
    assert json_of(capsys, "db")["schema_version"] == "0001"
    assert "lighting db upgrade" in errors_of(capsys, "db", "verify", code=1)
    answer = json_of(capsys, "db", "upgrade")
    assert (answer["from_version"], answer["to_version"]) == ("0001", SCHEMA_VERSION)
    (backup,) = (older / "state").glob("before-upgrade-from-0001-*.zip")
    assert answer["backup"] == str(backup)
    assert json_of(capsys, "db", "upgrade")["backup"] is None, "nothing to do"
    assert json_of(capsys, "db", "verify", "--full")["is_whole"] is True
    other = f"sqlite:///{older.parent / 'o' / 'o.db'}"
    assert run(["db", "restore", str(backup), "--store", other]) == 0
    assert json_of(capsys, "db")["schema_version"] == SCHEMA_VERSION


def test_an_older_store_that_is_held_is_left_alone(older: Path, capsys: Capture) -> None:
    from lighting.store.lock import lock_file

    lock = lock_file(older / "state" / "controller.lock", holder="lighting run 0.1.0")
    assert "lighting run 0.1.0 holds the lines" in errors_of(capsys, "db", "upgrade", code=1)
    lock.release()
    assert list((older / "state").glob("*.zip")) == []


FAULTS = {
    "verify_reference": "INSERT INTO revision_file (revision_id, path, text_hash) VALUES (9, 'a', 'b')",
    "verify_number": "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'asset'",
    "verify_state_missing": "INSERT INTO task (kind, params, \"by\", reason, asked_ms) VALUES ('', '', '', '', 1)",
    "verify_latest_passed": "INSERT INTO reading_archive (series_key, at_ms, quality) VALUES (99, 5, 0)",
    "verify_rollup": (
        "INSERT INTO rollup_state (id, timezone, rolled_until_ms, raw_from_ms, roller)"
        " VALUES (1, 'UTC', 1767204000000, 0, 1);"
        "INSERT INTO rollup_hour (start_ms, series_key, energy_ws, known_ms, spread_ms, integrated_ms, readings, flags)"
        " SELECT 1767200400000, key, 4, 1, 0, 0, 2, 0 FROM asset"
    ),
    "verify_table_missing": "DROP TABLE bill",
    "verify_day": (
        "INSERT INTO rollup_day (start_ms, series_key, energy_ws, known_ms, spread_ms, integrated_ms, readings, flags)"
        " VALUES (0, 3, 5, 1, 0, 0, 1, 0);"
        "INSERT INTO rollup_hour (start_ms, series_key, energy_ws, known_ms, spread_ms, integrated_ms, readings, flags)"
        " VALUES (0, 3, 4, 1, 0, 0, 1, 0)"
    ),
}


@pytest.mark.parametrize("code", list(FAULTS))
def test_each_fault_is_found_with_its_place(kept: Path, capsys: Capture, code: str) -> None:
    assert json_of(capsys, "db", "verify")["is_whole"] is True
    with closing(sqlite3.connect(kept / "state" / "lighting.sqlite3")) as connection:
        connection.executescript(FAULTS[code])
    answer = json_of(capsys, "db", "verify", code=1)
    assert {fault["fact"]["code"] for fault in answer["faults"]} == {code}  # type: ignore[attr-defined]
    assert run(["db", "verify"]) == 1
    assert "The store is whole" not in capsys.readouterr().out


def test_a_damaged_page_is_found(kept: Path, capsys: Capture) -> None:
    file = kept / "state" / "lighting.sqlite3"
    with store_of(kept) as store:
        store.checkpoint()
    data = bytearray(file.read_bytes())
    for place in range(4096 * 3, len(data), 4096):
        data[place : place + 64] = b"\xff" * 64
    file.write_bytes(bytes(data))
    assert run(["db", "verify"]) == 1
    captured = capsys.readouterr()
    assert "damaged" in captured.out + captured.err


def test_tables_come_out_with_ids_times_and_units(kept: Path, capsys: Capture) -> None:
    assert run(["db", "export", "out", "--what", "readings", "--what", "audit"]) == 0
    rows = list(csv.DictReader(Path("out/readings.csv").read_text(encoding="utf-8").splitlines()))
    (row,) = rows
    assert (row["series_kind"], row["series"]) == ("circuit", "C-0101")
    assert (row["at"], row["at_ms"]) == ("2026-01-01T00:00:00.500+07:00", "1767200400500")
    assert (row["power_w"], row["energy_ws"], row["voltage_v"]) == ("12.5", "7", "")
    assert sorted(one.name for one in Path("out").iterdir()) == ["audit.csv", "readings.csv"]
    assert "is there already" in errors_of(capsys, "db", "export", "out", "--what", "audit", code=2)
    assert run(["db", "export", "out", "--what", "audit", "--force"]) == 0
    assert "there are readings, hours" in errors_of(capsys, "db", "export", "out", "--what", "lamps", code=2)
    assert errors_of(capsys, "db", "export", "out", "--from", "2026-02-01", "--to", "2026-01-01", code=2)
    assert run(["db", "export", "none", "--what", "readings", "--from", "2026-01-02"]) == 0
    assert len(Path("none/readings.csv").read_text().splitlines()) == 1


def test_every_table_comes_out_as_parquet_too(kept: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert run(["db", "export", "out", "--format", "parquet"]) == 0
    table = parquet.read_table("out/readings.parquet")
    assert table.column("series").to_pylist() == ["C-0101"]
    assert str(table.column("at")[0].as_py()) == "2026-01-01 00:00:00.500000+07:00"


def test_only_an_operator_keeps_the_store(kept: Path, capsys: Capture) -> None:
    with store_of(kept) as store:
        files = {path.relative_to(kept).as_posix(): path.read_text() for path in kept.glob("*.*") if path.is_file()}
        store.revisions.add(files, at_ms=1, by="thu", note="")
    for words in (["backup", "b.zip"], ["restore", "b.zip"], ["upgrade"], ["rebuild"]):
        if words[0] == "restore":
            assert run(["db", "backup", "b.zip"]) == 0
        assert errors_of(capsys, "--user", "nobody", "db", *words, code=5)
    assert run(["--user", "nobody", "db", "verify"]) == 0
