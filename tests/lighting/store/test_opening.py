"""Opening is cheap, makes what is missing, and refuses what it does not understand with one clear fact."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from lighting.store import engine as engine_module
from lighting.store.records import CircuitState, Reading
from lighting.store.schema import SCHEMA_VERSION
from lighting.store.store import (
    Store,
    StoreError,
    StoreOutdated,
    StoreUnavailable,
    open_store,
    pin_store_url,
    store_url_for,
)


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_missing_store_is_made_only_if_asked(empty_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        open_store(empty_url, create=False)
    assert refused.value.fact.code == "store_missing"
    assert list(tmp_path.iterdir()) == [], "a look leaves nothing behind"
    with open_store(empty_url) as store:
        assert store.keys.ensure("circuit", ["C-1"], at_ms=1)
    with open_store(empty_url, create=False) as store:
        assert store.keys.known("circuit")


def test_many_that_open_a_new_store_at_once_all_get_it(empty_url: str) -> None:
    def use(number: int) -> int:
        with open_store(empty_url) as store:
            return store.keys.ensure("circuit", [f"C-{number}"], at_ms=1)[f"C-{number}"]

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(use, range(6))) == [1, 2, 3, 4, 5, 6]


def test_a_store_of_a_newer_program_is_not_touched(store_url: str) -> None:
    _execute(store_url, "UPDATE alembic_version SET version_num = '0099'")
    try:
        for create in (True, False):
            with pytest.raises(StoreOutdated) as refused:
                open_store(store_url, create=create)
            assert refused.value.fact.values["stored_version"] == "0099"
    finally:
        _execute(store_url, f"UPDATE alembic_version SET version_num = '{SCHEMA_VERSION}'")


def test_opening_and_reading_an_up_to_date_store_does_not_load_alembic(store_url: str) -> None:
    script = (
        "import sys; from lighting.store.store import open_store; store = open_store(sys.argv[1]);"
        "store.controller.last_beat(); store.close(); print('alembic' in sys.modules, 'sqlalchemy.orm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, store_url], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_the_contract_alone_loads_no_database() -> None:
    script = "import sys, lighting.store.store; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    "url",
    ["mysql://root@localhost/x", "no url at all", "sqlite://", "sqlite:///", "oracle+strange://x"],
)
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_store(url)
    assert refused.value.fact.code == "store_url_unknown"


def test_an_unreachable_server_is_unavailable_and_its_password_is_not_told() -> None:
    with pytest.raises(StoreUnavailable) as refused:
        open_store("postgresql://lighting:secret@127.0.0.1:1/none")
    assert refused.value.fact.code == "store_cannot_open"
    assert "secret" not in str(dict(refused.value.fact.values))


def test_the_url_of_a_site(tmp_path: Path) -> None:
    assert store_url_for(tmp_path) == f"sqlite:///{tmp_path}/state/lighting.sqlite3"
    assert store_url_for(tmp_path, "sqlite:///own/place.db") == f"sqlite:///{tmp_path}/own/place.db"
    assert store_url_for(tmp_path, "sqlite:////var/lib/x.db") == "sqlite:////var/lib/x.db"
    assert store_url_for(tmp_path, "postgresql://db/city") == "postgresql://db/city"


def test_a_folder_with_odd_characters_holds_a_store(tmp_path: Path) -> None:
    folder = tmp_path / "Hà Nội 100% #1?x"
    folder.mkdir()
    with open_store(store_url_for(folder)) as store:
        assert store.keys.known("circuit") == {}
    assert (folder / "state" / "lighting.sqlite3").is_file()


# --- SQLite ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path, made_file: Path) -> Path:
    copied = tmp_path / "lighting.sqlite3"
    shutil.copy(made_file, copied)
    return copied


@pytest.fixture
def on_file(file: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{file}", create=False) as opened:
        yield opened


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "lighting.sqlite3"
    file.write_text("id,cabinet\n" * 100)
    with pytest.raises(StoreUnavailable) as refused:
        open_store(f"sqlite:///{file}")
    assert refused.value.fact.code == "store_not_a_database"
    assert file.read_text() == "id,cabinet\n" * 100


def test_a_folder_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    for create in (True, False):
        with pytest.raises(StoreUnavailable) as refused:
            open_store(f"sqlite:///{tmp_path}/state/lighting.sqlite3", create=create)
        assert refused.value.fact.code == "store_cannot_open"


def test_a_full_disk_is_said_and_leaves_what_was_there(on_file: Store) -> None:
    on_file.keys.ensure("circuit", ["C-1"], at_ms=1)
    database = on_file.keys._database  # type: ignore[attr-defined]
    database.pragma(f"max_page_count = {database.pragma('page_count')}")
    with pytest.raises(StoreUnavailable) as refused:
        on_file.keys.ensure("circuit", [f"{number:0500}" for number in range(500)], at_ms=1)
    assert refused.value.fact.code == "store_full"
    assert on_file.keys.known("circuit") == {"C-1": 1}
    database.pragma("max_page_count = 1000000")
    assert len(on_file.keys.ensure("circuit", [f"{number:0500}" for number in range(500)], at_ms=1)) == 500


def test_a_lock_past_its_time_out_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_S", 0.02)
    other = sqlite3.connect(file, isolation_level=None)
    with open_store(f"sqlite:///{file}") as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable) as refused:
            store.readings.append([Reading(1, 1)])
        assert refused.value.fact.code == "store_locked"
        assert store.readings.count() == 0, "readers go on meanwhile"
        other.execute("ROLLBACK")
        store.readings.append([Reading(1, 1)])
        assert store.readings.count() == 1
    other.close()


def test_a_store_that_may_not_be_written_is_said_to_be_so(made_file: Path) -> None:
    # Not tmp_path, whose parents another user may not enter.
    folder = Path(tempfile.mkdtemp())
    shutil.copy(made_file, folder / "lighting.sqlite3")
    (folder / "lighting.sqlite3").chmod(0o444)
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        with pytest.raises(StoreUnavailable) as refused, open_store(f"sqlite:///{folder}/lighting.sqlite3") as store:
            store.readings.append([Reading(1, 1)])
        with pytest.raises(StoreUnavailable) as not_made:
            open_store(f"sqlite:///{folder}/state/lighting.sqlite3")
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)
    assert refused.value.fact.code in {"store_read_only", "store_cannot_open"}
    assert not_made.value.fact.code == "store_read_only"


def test_a_vanished_table_is_a_store_error_and_not_a_traceback(on_file: Store, file: Path) -> None:
    other = sqlite3.connect(file)
    other.execute("DROP TABLE circuit_state")
    other.close()
    with pytest.raises(StoreError):
        on_file.states.put_circuits([CircuitState(1, 1)])


def test_instructions_are_synced_and_readings_need_not_be(on_file: Store) -> None:
    database = on_file.keys._database  # type: ignore[attr-defined]
    full, normal = 2, 1
    for durable, expected in ((True, full), (False, normal), (True, full)):
        with database.writing(durable=durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == expected
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    assert database.pragma("journal_mode") == "wal"


def test_the_log_can_be_emptied(on_file: Store, file: Path) -> None:
    on_file.readings.append([Reading(at_ms, 1) for at_ms in range(1000)])
    log = file.with_name(file.name + "-wal")
    assert log.stat().st_size > 0
    on_file.checkpoint()
    assert log.stat().st_size == 0
    assert on_file.readings.count() == 1000


# --- values that no database takes -----------------------------------------------------------------------------------


def test_a_text_that_is_no_unicode_is_a_store_error(store: Store) -> None:
    with pytest.raises(StoreError) as refused:
        store.history.add_audit(at_ms=1, by="broken \udcff byte", act="a", subject="s", values={})
    assert refused.value.fact.code == "store_refused"
    assert store.history.audit() == []


def test_a_time_without_a_zone_is_refused_for_good(store: Store) -> None:
    key = store.keys.ensure("meter", ["M-1:L1"], at_ms=1)["M-1:L1"]
    with pytest.raises(StoreError) as refused:
        store.keys.install(key, "SN-1", from_utc=datetime.fromisoformat("2026-01-01"))
    assert refused.value.fact.code == "store_refused"
    assert store.keys.installations(key) == []


def test_a_number_that_is_too_large_is_a_store_error(store: Store) -> None:
    with pytest.raises(StoreError):
        store.readings.append([Reading(2**70, 1)])
    assert store.readings.count() == 0


# --- the pin ---------------------------------------------------------------------------------------------------------


def test_an_edit_of_the_folder_does_not_move_a_site_from_its_store(tmp_path: Path) -> None:
    first = f"sqlite:///{tmp_path}/elsewhere/own.db"
    assert store_url_for(tmp_path, "sqlite:///elsewhere/own.db") == first
    pin_store_url(tmp_path, first)
    assert store_url_for(tmp_path) == first
    assert store_url_for(tmp_path, "postgresql://db/city") == first
    pin_store_url(tmp_path, "postgresql://db/city")
    assert store_url_for(tmp_path) == first
    (tmp_path / "state" / "store-url").unlink()
    assert store_url_for(tmp_path, "postgresql://db/city") == "postgresql://db/city"


def test_a_site_with_a_store_in_its_folder_stays_on_it(tmp_path: Path) -> None:
    own = store_url_for(tmp_path)
    open_store(own).close()
    pin_store_url(tmp_path, own)
    assert store_url_for(tmp_path, "postgresql://db/city") == own
    assert not (tmp_path / "state" / "store-url").exists(), "a folder that is moved takes its store along"


def test_a_file_that_was_replaced_while_open_is_written_no_more(tmp_path: Path) -> None:
    with open_store(store_url_for(tmp_path)) as store:
        store.keys.ensure("circuit", ["C-1"], at_ms=1)
        (tmp_path / "state").rename(tmp_path / "state.old")
        for _ in range(2):
            with pytest.raises(StoreUnavailable) as refused:
                store.keys.ensure("circuit", ["C-2"], at_ms=1)
            assert refused.value.fact.code == "store_moved"
            open_store(store_url_for(tmp_path)).close()
