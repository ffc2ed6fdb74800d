"""An auditor's two commands: all worked out again to the end, and every figure held against the raw readings."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lighting.assets.template import template_texts
from lighting.cli.entry import run
from lighting.energy.account import ACCOUNT_COLUMNS
from lighting.store import rollup_work
from lighting.store.account_hours import COLUMNS, pack_hours, unpack_hours
from lighting.store.packing import pack, unpack
from lighting.store.reading_columns import ReadingColumns
from lighting.store.records import Reading
from tests.lighting.accounts.conftest import HOUR_MS, past_of
from tests.lighting.cli.test_energy import at_clock
from tests.lighting.cli.the_site import make_site, store_of
from tests.lighting.desk.conftest import local_ms

Capture = pytest.CaptureFixture[str]
METERS = ("CB01-M:L1", "CB01-M:L2", "CB01-M:L3", "CB02-M:total")
BEGIN_MS, DAYS = local_ms("2026-11-20T00:00"), 3
NOW = "2026-11-23T09:00"
PER_HOUR_WS = 3_600_000
STEP_MS = 600_000


@pytest.fixture(scope="module")
def unmade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose readings were imported and never rolled up: a kilowatt on each meter, and lit circuits."""
    folder = make_site(tmp_path_factory.mktemp("books") / "city")
    with store_of(folder) as store:
        past = past_of(store, template_texts(), at="2026-11-01T09:00")
        times = range(BEGIN_MS - STEP_MS, local_ms(NOW) + 1, STEP_MS)
        meters = [
            Reading(at, past.meters[m], energy_ws=10**9 + (at - BEGIN_MS), power_w=1000.0)
            for m in METERS
            for at in times
        ]
        circuits = [Reading(at, key, level_pct=60.0, power_w=500.0) for key in past.circuits.values() for at in times]
        store.readings.append_columns(ReadingColumns.of([*meters, *circuits]))
        store.readings.append([Reading(local_ms(NOW) + 1, past.meters[METERS[0]], energy_ws=2 * 10**9)])
    at_clock(folder, NOW)
    return folder


@pytest.fixture(scope="module")
def made_once(unmade: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "city"
    shutil.copytree(unmade, folder)
    assert run(["-s", str(folder), "--user", "operator", "db", "rebuild"]) == 0
    return folder


@pytest.fixture
def site(made_once: Path, tmp_path: Path) -> Path:
    """One whose books are made, for a test to tamper with."""
    shutil.copytree(made_once, tmp_path / "city")
    return tmp_path / "city"


def asked(folder: Path, capsys: Capture, *words: str, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["-s", str(folder), *words, "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_rebuild_makes_rollups_and_accounts_to_the_end(unmade: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "city"
    shutil.copytree(unmade, folder)
    answer = asked(folder, capsys, "db", "rebuild")
    assert answer["rollup_hours"] == 82
    assert (answer["account_days"], answer["days_made"], answer["days_left"]) == (5, 3 + 1, 0)
    with store_of(folder) as store:
        assert store.rollups.dirty_count() == 0
        read = store.accounts.made_days(BEGIN_MS, BEGIN_MS + DAYS * 24 * HOUR_MS)
        assert len(read) == DAYS
        subjects, _ = store.accounts.stored_day(BEGIN_MS, BEGIN_MS + 24 * HOUR_MS)
        assert (
            sum(row[1 + ACCOUNT_COLUMNS.index("metered_ws")] or 0 for row in subjects.values())
            == len(METERS) * 24 * PER_HOUR_WS
        )
    assert asked(folder, capsys, "db", "verify")["is_whole"] is True


def test_it_is_said_on_stderr_how_far_it_is(unmade: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "city"
    shutil.copytree(unmade, folder)
    assert run(["-s", str(folder), "db", "rebuild"]) == 0
    captured = capsys.readouterr()
    assert "rolling up: " in captured.err
    assert "making accounts: 4 of 4 days" in captured.err
    assert "the accounts of 4 days are made" in captured.out


def test_beside_a_controller_that_rolls_up_too_it_comes_to_its_end(
    site: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, overtaken = rollup_work.RollupWork._make, 0

    def overtake(work: Any, *arguments: Any) -> None:
        nonlocal overtaken
        overtaken += 1
        if overtaken == 1:
            with store_of(site) as store:
                store.rollups.roll(local_ms(NOW), "Asia/Ho_Chi_Minh", lambda: work.facts, once=True)
        made(work, *arguments)

    monkeypatch.setattr(rollup_work.RollupWork, "_make", overtake)
    with store_of(site) as store:
        lock = store.controller.lock(holder="lighting run")
        try:
            assert asked(site, capsys, "db", "rebuild")["days_left"] == 0
        finally:
            lock.release()
        assert store.rollups.dirty_count() == 0
    monkeypatch.undo()
    assert asked(site, capsys, "db", "verify", "--all")["is_whole"] is True


def _run_sql(statement: str) -> Callable[[sqlite3.Connection], None]:
    return lambda connection: _changed(connection, statement)


def _changed(connection: sqlite3.Connection, statement: str) -> None:
    assert connection.execute(statement).rowcount > 0
    connection.commit()


def _change_a_block(connection: sqlite3.Connection) -> None:
    """A kilowatt-hour more on every reading of a meter from the middle of the first day on."""
    key = connection.execute("SELECT key FROM asset WHERE text_id = 'CB02-M:total'").fetchone()[0]
    row = connection.execute("SELECT from_ms, packed FROM reading_block WHERE series_key = ?", (key,)).fetchone()
    found = unpack(row[1])
    more = np.where(found.at_ms >= BEGIN_MS + 12 * HOUR_MS, PER_HOUR_WS // 2, 0)
    columns = {name: getattr(found, name) for name in found.__slots__} | {"energy_ws": found.energy_ws + more}
    packed = pack(ReadingColumns(**columns))
    connection.execute(
        "UPDATE reading_block SET packed = ? WHERE series_key = ? AND from_ms = ?", (packed, key, row[0])
    )
    connection.commit()


def _break_a_block(connection: sqlite3.Connection) -> None:
    _changed(connection, "UPDATE reading_block SET packed = zeroblob(length(packed))")


def _change_an_hour(connection: sqlite3.Connection) -> None:
    """Of every district, as somebody would who knows how the hours of a day are packed."""
    begin_ms, packed = connection.execute(
        f"SELECT start_ms, packed FROM account_hours WHERE start_ms <= {AT} AND last_ms >= {AT}"
    ).fetchone()
    hours = unpack_hours(packed)
    hours[COLUMNS.index("metered_ws"), hours[0] == AT] += 9
    connection.execute("UPDATE account_hours SET packed = ? WHERE start_ms = ?", (pack_hours(hours), begin_ms))
    connection.commit()


METER = "(SELECT key FROM asset WHERE text_id = 'CB02-M:total')"
AT = BEGIN_MS + 3 * HOUR_MS
TAMPERED: dict[str, tuple[Callable[[sqlite3.Connection], None], set[tuple[str, str | None, str | None]]]] = {
    "a month": (
        _run_sql("UPDATE account_month SET metered_ws = metered_ws + 1"),
        {("verify_month", None, None)},
    ),
    "a rollup's energy": (
        _run_sql(f"UPDATE rollup_hour SET energy_ws = energy_ws - 7 WHERE start_ms = {AT} AND series_key = {METER}"),
        {("verify_hour_differs", "CB02-M:total", "2026-11-20"), ("verify_day", "CB02-M:total", "2026-11-20")},
    ),
    "a rollup and its day": (
        _run_sql(f"DELETE FROM rollup_hour WHERE start_ms = {AT} AND series_key = {METER}"),
        {("verify_hour_differs", "CB02-M:total", "2026-11-20"), ("verify_day", "CB02-M:total", "2026-11-20")},
    ),
    "the levels of a circuit": (
        _run_sql(
            f"UPDATE rollup_hour SET levels = (SELECT levels FROM rollup_hour WHERE start_ms = {BEGIN_MS - HOUR_MS}"
            f" AND levels IS NOT NULL LIMIT 1) WHERE start_ms = {AT} AND levels IS NOT NULL AND series_key ="
            " (SELECT key FROM asset WHERE text_id = 'C-0101')"
        ),
        {("verify_hour_differs", "C-0101", "2026-11-20")},
    ),
    "an account": (
        _run_sql(
            f"UPDATE account_day SET full_ws = full_ws + 1 WHERE start_ms = {BEGIN_MS}"
            " AND subject_key = (SELECT key FROM asset WHERE text_id = 'C-0201')"
        ),
        {("verify_account_differs", "C-0201", "2026-11-20"), ("verify_month", None, None)},
    ),
    "an hour of a district": (
        _change_an_hour,
        {
            ("verify_account_hour_differs", "centre", "2026-11-20"),
            ("verify_account_hour_differs", "lakeside", "2026-11-20"),
        },
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_changed_by_hand_is_named(site: Path, capsys: Capture, what: str) -> None:
    tamper, expected = TAMPERED[what]
    with closing(sqlite3.connect(site / "state" / "lighting.sqlite3")) as connection:
        tamper(connection)
    answer = asked(site, capsys, "db", "verify", code=1)
    found = {
        (fact["code"], fact["values"].get("id"), fact["values"].get("day"))
        for fact in (one["fact"] for one in answer["faults"])
    }
    assert all(one[1] for one in found), "each has a name, and no number of the store's own"
    assert {one for one in found if one[2]} == {one for one in expected if one[2]}
    assert {one[0] for one in found} == {one[0] for one in expected}
    if what == "a rollup's energy":
        assert run(["-s", str(site), "db", "verify"]) == 1
        hour = "meter CB02-M:total: the hour of 2026-11-20 03:00 is stored with"
        assert [
            line.split(" 1")[0] for line in capsys.readouterr().out.splitlines() if "(difference in Ws: 7)" in line
        ] == [hour]
    # What it names as remedy mends it.
    assert asked(site, capsys, "db", "rebuild", "--from", "2026-11-20", "--to", "2026-11-20")["days_left"] == 0
    assert asked(site, capsys, "db", "verify")["is_whole"] is True


def test_a_raw_block_that_was_changed_shows_in_all_that_was_made_of_it(site: Path, capsys: Capture) -> None:
    with closing(sqlite3.connect(site / "state" / "lighting.sqlite3")) as connection:
        _change_a_block(connection)
    answer = asked(site, capsys, "db", "verify", code=1)
    found = {(one["fact"]["code"], one["fact"]["values"].get("id")) for one in answer["faults"]}
    assert ("verify_hour_differs", "CB02-M:total") in found
    assert any(code == "verify_account_differs" for code, _ in found), "the accounts are of other readings too"
    assert {name for code, name in found if code == "verify_hour_differs"} == {"CB02-M:total"}


def test_a_raw_block_that_cannot_be_read_is_a_fault_and_no_crash(site: Path, capsys: Capture) -> None:
    with closing(sqlite3.connect(site / "state" / "lighting.sqlite3")) as connection:
        _break_a_block(connection)
    answer = asked(site, capsys, "db", "verify", code=1)
    assert {one["fact"]["code"] for one in answer["faults"]} >= {"verify_raw_unreadable"}
    assert run(["-s", str(site), "db", "verify"]) == 1


def test_the_span_is_that_which_was_asked_for(site: Path, capsys: Capture) -> None:
    with closing(sqlite3.connect(site / "state" / "lighting.sqlite3")) as connection:
        TAMPERED["an account"][0](connection)
    answer = asked(site, capsys, "db", "verify", "--from", "2026-11-21", "--to", "2026-11-22", code=1)
    assert {one["fact"]["code"] for one in answer["faults"]} == {"verify_month"}, "the day itself was not asked for"
    assert (answer["recomputed"]["first_day"], answer["recomputed"]["days"]) == ("2026-11-21", 2)
    assert run(["-s", str(site), "db", "verify", "--from", "2026-11-22", "--to", "2026-11-21"]) == 2
    assert run(["-s", str(site), "db", "verify", "--from", "yesterday"]) == 2
    answer = asked(site, capsys, "db", "verify", "--all", code=1)
    assert {one["fact"]["code"] for one in answer["faults"]} == {"verify_month", "verify_account_differs"}


def test_what_waits_to_be_made_again_is_told_and_no_fault(site: Path, capsys: Capture) -> None:
    with store_of(site) as store:
        key = store.keys.known("meter")["CB02-M:total"]
        store.readings.append([Reading(AT + 1, key, energy_ws=10**9 + (AT - BEGIN_MS) + 5)])
    answer = asked(site, capsys, "db", "verify")
    assert answer["is_whole"] is True
    assert answer["recomputed"]["hours_waiting"] > 0
    assert run(["-s", str(site), "db", "verify"]) == 0
    assert "wait to be rolled up again; lighting db rebuild" in capsys.readouterr().out
