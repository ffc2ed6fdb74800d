"""Controller and dashboard are separate processes that share only the store."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from lighting.schedule.instructions import Layer
from lighting.store.records import Reading
from lighting.store.store import Store, open_store

RECORD = """
import sys
from lighting.schedule.instructions import Layer
from lighting.store.store import open_store
with open_store(sys.argv[1]) as store:
    for number in range(int(sys.argv[2])):
        store.instructions.record(layer=Layer.OVERRIDE, scope_kind="circuit", scope_id=sys.argv[3], level_pct=40.0,
                                  from_ms=number, until_ms=None, by=sys.argv[3], reason="test")
"""

APPEND_FOREVER = """
import sys
from lighting.store.records import Reading
from lighting.store.store import open_store
with open_store(sys.argv[1]) as store:
    for poll in range(1_000_000):
        store.readings.append([Reading(poll, key, power_w=float(poll)) for key in range(1, 101)])
        if poll == 3:
            print("writing", flush=True)
"""

STAND_IN_A_TRANSACTION = """
import sys, time
from lighting.store.engine import Database
from lighting.store.store import open_store
open_store(sys.argv[1]).keys.ensure("circuit", ["kept"], at_ms=1)
with Database(sys.argv[1]).writing(durable=True) as connection:
    connection.exec_driver_sql("INSERT INTO asset (kind, text_id, since_ms) VALUES ('circuit', 'half done', 1)")
    print("open", flush=True)
    time.sleep(600)
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True)


def _wait_for_line(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == f"{line}\n"


def test_two_processes_write_at_once_and_nothing_is_lost(store: Store, store_url: str) -> None:
    processes = [_start(RECORD, store_url, "40", name) for name in ("an", "thu")]
    assert [process.wait() for process in processes if process.communicate() is not None] == [0, 0]
    found = store.instructions.recent(limit=1000)
    assert len({status.instruction.id for status in found}) == 80
    for name in ("an", "thu"):
        mine = [status.instruction.from_ms for status in found if status.instruction.by == name]
        assert mine == list(range(39, -1, -1))
    assert store.changes.counters()["instruction"] == 80
    assert len(store.history.audit(limit=1000)) == 80


def test_a_reader_sees_whole_polls_while_another_process_writes(store: Store, store_url: str) -> None:
    process = _start(APPEND_FOREVER, store_url)
    try:
        _wait_for_line(process, "writing")
        seen = 0
        for _ in range(30):
            newest = store.readings.latest()
            assert len(newest) == 100
            assert len({reading.at_ms for reading in newest.values()}) == 1, "a poll is seen whole or not at all"
            seen = max(seen, newest[1].at_ms)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    # Killed in the middle of its writing: what is there is whole, and others write at once.
    assert store.readings.count() % 100 == 0
    assert store.readings.latest()[1].at_ms >= seen
    store.readings.append([Reading(2_000_000, 1)])
    assert store.readings.latest()[1].at_ms == 2_000_000


def test_a_process_killed_in_a_transaction_leaves_nothing_of_it(store: Store, store_url: str) -> None:
    process = _start(STAND_IN_A_TRANSACTION, store_url)
    try:
        _wait_for_line(process, "open")
        assert list(store.keys.known("circuit")) == ["kept"]
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert list(store.keys.ensure("circuit", ["next"], at_ms=2)) == ["next"]
    assert sorted(store.keys.known("circuit")) == ["kept", "next"]


def test_an_instruction_survives_the_death_of_its_writer(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/lighting.sqlite3"
    script = RECORD + "    import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    process = _start(script, url, "3", "thu")
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    with open_store(url) as store:
        assert [found.layer for found in store.instructions.in_force(100)] == [Layer.OVERRIDE] * 3
