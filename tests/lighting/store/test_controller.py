"""One controller a site, its heartbeat, and the clock that all share."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from lighting.assets.fact import Fact
from lighting.store.clock import AcceleratedClock, SystemClock, going_on
from lighting.store.holders import by_hand
from lighting.store.records import ClockRow, ControllerBeat
from lighting.store.store import HeldLock, LockHeld, Store, open_store

BEAT = ControllerBeat("lighting run", 42, "cabinet-pc", 100, 200, 300, 7, 10.0, 1, 190)

HOLD = """
import sys, time
from lighting.store.store import open_store
lock = open_store(sys.argv[1]).controller.lock(holder="the other")
print("held", flush=True)
time.sleep(600)
"""


def _hold_elsewhere(url: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_no_controller_has_beaten_yet(store: Store) -> None:
    assert store.controller.last_beat() is None
    assert store.controller.newest_trusted_ms() is None
    assert not store.controller.is_locked()


def test_the_last_beat_stands_with_its_facts(store: Store) -> None:
    store.controller.beat(BEAT)
    assert store.controller.last_beat() == BEAT
    doubtful = dataclasses.replace(
        BEAT,
        tick=8,
        doubt=Fact("clock_stepped", {"by_s": 3600.0}),
        fault=Fact("store_full", {"place": "x"}),
        stopped=True,
    )
    store.controller.beat(doubtful)
    assert store.controller.last_beat() == doubtful
    assert store.controller.newest_trusted_ms() == 190


def test_a_second_controller_is_refused_and_told_who_holds_the_lines(store: Store, store_url: str) -> None:
    before_ms = SystemClock().now_ms()
    lock = store.controller.lock(holder="lighting run")
    with open_store(store_url) as second, pytest.raises(LockHeld) as refused:
        second.controller.lock(holder="impatient")
    values = refused.value.fact.values
    assert refused.value.fact.code == "lock_held"
    assert (values["holder"], values["pid"]) == ("lighting run", os.getpid())
    assert isinstance(values["since_ms"], int)
    assert before_ms <= values["since_ms"] <= SystemClock().now_ms()
    assert values["host"]
    lock.release()


def test_a_released_lock_can_be_taken_again(store: Store) -> None:
    for _ in range(2):
        lock = store.controller.lock(holder="lighting run")
        assert lock.is_held()
        assert store.controller.is_locked()
        lock.release()
        lock.release()
        assert not lock.is_held()
        assert not store.controller.is_locked()


def test_looking_does_not_take_or_lose_the_lock(store: Store, store_url: str) -> None:
    lock = store.controller.lock(holder="lighting run")
    with open_store(store_url) as desk:
        for _ in range(3):
            assert desk.controller.is_locked()
        with pytest.raises(LockHeld):
            desk.controller.lock(holder="second")
    assert lock.is_held(), "neither a look, nor a refused try, nor closing the file elsewhere frees it"
    assert store.controller.is_locked()
    lock.release()


def test_who_holds_the_lines_is_told_without_taking_them(store: Store, store_url: str) -> None:
    assert store.controller.holder() == ""
    lock = store.controller.lock(holder="lighting run, process 7 on pc")
    with open_store(store_url) as desk:
        assert desk.controller.holder() == "lighting run, process 7 on pc"
    assert lock.is_held()
    lock.release()
    assert store.controller.holder() == "", "what is written there is of the past"


def test_the_lock_is_free_when_its_process_is_killed(store: Store, store_url: str) -> None:
    process = _hold_elsewhere(store_url)
    try:
        assert store.controller.is_locked()
        with pytest.raises(LockHeld) as refused:
            store.controller.lock(holder="next")
        assert refused.value.fact.values["pid"] == process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    lock = _take_when_free(store)
    lock.release()


def _take_when_free(store: Store) -> HeldLock:
    """The server notices a dead client a moment later; the system frees a file lock at once."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return store.controller.lock(holder="next")
        except LockHeld:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@pytest.mark.postgresql
def test_a_lock_whose_connection_the_server_ended_is_held_no_more(made_schema: str) -> None:
    with open_store(made_schema) as store:
        lock = store.controller.lock(holder="lighting run")
        engine = create_engine(made_schema, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                    " AND classid = 1 AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid"
                )
            )
        engine.dispose()
        assert not lock.is_held()
        lock.release()
        _take_when_free(store).release()


@pytest.mark.postgresql
def test_sites_in_two_schemas_of_one_database_have_two_locks(new_schema: Callable[[], str]) -> None:
    with open_store(new_schema()) as hanoi, open_store(new_schema()) as hue:
        lock = hanoi.controller.lock(holder="hanoi")
        assert not hue.controller.is_locked()
        hue.controller.lock(holder="hue").release()
        lock.release()


def test_a_lock_file_without_a_readable_holder_still_refuses(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a.sqlite3") as store:
        lock = store.controller.lock(holder="lighting run")
        (tmp_path / "controller.lock").write_text("half a line {")
        with pytest.raises(LockHeld) as refused:
            store.controller.lock(holder="second")
        assert refused.value.fact.values == {"holder": None, "pid": None, "host": None, "since_ms": None}
        lock.release()


def test_the_clock_is_the_machines_unless_three_numbers_are_stored(store: Store) -> None:
    assert store.controller.clock_row() is None
    assert isinstance(store.controller.clock(), SystemClock)
    row = ClockRow(real_start_ms=1_000, simulated_start_ms=500_000, speed=600.0)
    store.controller.set_clock_row(row)
    assert store.controller.clock_row() == row
    clock = store.controller.clock()
    assert isinstance(clock, AcceleratedClock)
    assert clock.speed == 600.0
    store.controller.set_clock_row(None)
    assert store.controller.clock_row() is None


def test_an_accelerated_clock_stands_at_the_last_beat_once_its_controller_is_gone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ClockRow(real_start_ms=1_000_000, simulated_start_ms=5_000_000, speed=600.0)
    real_ms = 1_002_500
    monkeypatch.setattr("time.time_ns", lambda: real_ms * 1_000_000)
    store.controller.set_clock_row(row)
    began = AcceleratedClock(row).now_ms()
    # What another clock has stamped says nothing of this one.
    store.controller.beat(dataclasses.replace(BEAT, beat_ms=began - 86_400_000, real_beat_ms=real_ms, stopped=True))
    real_ms += 10_000
    assert store.controller.clock().now_ms() == began + 10_000 * 600
    lock = store.controller.lock(holder="lighting run")
    store.controller.beat(dataclasses.replace(BEAT, beat_ms=began + 10_000 * 600, real_beat_ms=real_ms))
    real_ms += 3_600_000
    assert store.controller.clock().now_ms() == AcceleratedClock(row).now_ms(), "while it runs"
    lock.release()  # as the system does when it is killed
    assert store.controller.clock().now_ms() == began + 10_000 * 600
    lock = store.controller.lock(holder=by_hand("probe"))
    assert store.controller.clock().now_ms() == began + 10_000 * 600, "a command by hand is no controller"
    alone = going_on(store.controller.clock())
    real_ms += 1_000
    assert alone.now_ms() == began + 11_000 * 600, "it goes on from there by itself"
    lock.release()
    lock = store.controller.lock(holder="lighting run")
    assert store.controller.clock().now_ms() == AcceleratedClock(row).now_ms(), "the next one goes on"
    lock.release()


def test_an_accelerated_clock_runs_by_its_three_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = AcceleratedClock(ClockRow(real_start_ms=1_000_000, simulated_start_ms=5_000_000, speed=600.0))
    monkeypatch.setattr("time.time_ns", lambda: 1_002_500 * 1_000_000)
    assert clock.now_ms() == 5_000_000 + 2_500 * 600
