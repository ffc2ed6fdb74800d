"""While the store is gone readings wait in memory, then on disk; none is lost until a limit, and that is alarmed."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from lighting.operation import ledger as ledger_module
from lighting.operation import readings_waiting as waiting_module
from lighting.operation import spool as spool_module
from lighting.operation.ledger import Ledger
from lighting.operation.readings_waiting import SPILL_AFTER_S, ReadingsWaiting
from lighting.operation.spool import ReadingSpool
from lighting.store import engine
from lighting.store.records import ControllerBeat, Reading
from lighting.store.store import Store, open_store

SERIES = 7


class Street:
    """A ledger with a spool over a real store whose file can be taken away."""

    def __init__(self, folder: Path, *, limit_bytes: int = 100_000_000, url: str = "") -> None:
        self.path = folder / "store" / "lighting.db"
        self.spool_folder = folder / "spool"
        self.now_s = 0.0
        self.at_ms = 0
        self.store = open_store(url or f"sqlite:///{self.path}")
        self.ledger = self.another(limit_bytes)

    def another(self, limit_bytes: int = 100_000_000) -> Ledger:
        spool = ReadingSpool(self.spool_folder, limit_bytes)
        return Ledger(self.store, ReadingsWaiting(spool, now_s=lambda: self.now_s))

    async def minute(self, count: int = 10) -> None:
        """A minute passes, and so many readings come."""
        self.now_s += 60.0
        self.ledger.add_readings(Reading(at_ms=self.at_ms + n, series_key=SERIES, power_w=1.0) for n in range(count))
        self.at_ms += count
        await self.ledger.flush()

    def stored(self) -> list[int]:
        return [reading.at_ms for reading in self.store.readings.of_series(SERIES, 0, 10**9)]

    @property
    def alarms(self) -> set[str]:
        assert self.ledger.waiting is not None
        return set(self.ledger.waiting.alarms())

    @property
    def waiting(self) -> ReadingsWaiting:
        assert self.ledger.waiting is not None
        return self.ledger.waiting


class Locked:
    """Another process holds the database."""

    def __init__(self, store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._other = sqlite3.connect(path, isolation_level=None)
        self._other.execute("BEGIN EXCLUSIVE")

    def end(self) -> None:
        self._other.execute("ROLLBACK")
        self._other.close()


@pytest.fixture
def quick_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A locked database says so at once."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0.01)


async def test_they_wait_in_memory_then_on_disk_and_all_come_back_in_order(
    tmp_path: Path, quick_busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = Street(tmp_path)
    await street.minute()
    assert street.alarms == set()
    locked = Locked(street.store, street.path, monkeypatch)
    await street.minute()
    assert street.waiting.spool.waiting == 0, "a short lock costs no write to the disk"
    for _ in range(3):
        await street.minute()
    assert street.waiting.spool.waiting >= 20
    assert street.alarms == {"readings_waiting"}
    locked.end()
    await street.minute()
    await street.minute()
    assert street.stored() == list(range(70))
    assert street.waiting.spool.waiting == 0
    assert street.alarms == set()
    assert street.ledger.dropped == 0
    await street.ledger.close()
    street.store.close()


async def test_after_a_crash_the_next_controller_carries_them_over(
    tmp_path: Path, quick_busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = Street(tmp_path)
    locked = Locked(street.store, street.path, monkeypatch)
    for _ in range(4):
        await street.minute()
    on_disk = street.waiting.spool.waiting
    assert on_disk
    locked.end()
    street.ledger = street.another()  # the first one is gone with what it had in memory
    await street.minute()
    assert street.stored() == [*range(on_disk), *range(40, 50)]
    assert street.alarms == set()
    street.store.close()


async def test_at_the_end_whatever_still_waits_is_written_down(
    tmp_path: Path, quick_busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = Street(tmp_path)
    locked = Locked(street.store, street.path, monkeypatch)
    await street.minute()
    await street.ledger.close()
    locked.end()
    street.ledger = street.another()
    await street.ledger.flush()
    assert street.stored() == list(range(10))
    street.store.close()


async def test_a_database_that_was_moved_away_is_survived(tmp_path: Path) -> None:
    street = Street(tmp_path)
    await street.minute()
    street.store.close()
    away = tmp_path / "away"
    street.path.parent.rename(away)
    for _ in range(4):
        await street.minute()
    assert street.waiting.spool.waiting >= 20
    assert street.alarms == {"readings_waiting"}
    away.rename(street.path.parent)
    await street.minute()
    await street.minute()
    assert street.stored() == list(range(70))
    street.store.close()


async def test_at_the_limit_the_loss_is_counted_and_alarmed_until_all_that_was_kept_is_carried_over(
    tmp_path: Path, quick_busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "_LEAST_SEGMENT_BYTES", 1)
    street = Street(tmp_path, limit_bytes=3_000)
    locked = Locked(street.store, street.path, monkeypatch)
    while not street.waiting.lost:
        await street.minute()
    lost = street.waiting.lost
    assert street.alarms == {"readings_waiting", "readings_lost"}
    fact = street.waiting.alarms()["readings_lost"]
    assert fact.values == {"count": lost, "limit_mb": 0}
    locked.end()
    monkeypatch.setattr(waiting_module, "PORTIONS_A_FLUSH", 2)
    await street.minute(1)
    assert "readings_lost" in street.alarms
    while street.waiting.spool.waiting:
        await street.minute(1)
    await street.minute(1)
    assert street.alarms == set()
    assert street.stored() == list(range(lost, street.at_ms))
    street.store.close()


async def test_a_disk_that_is_full_leaves_them_in_memory_to_its_limit(
    tmp_path: Path, quick_busy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = Street(tmp_path)
    monkeypatch.setattr(ledger_module, "READINGS_KEPT", 45)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    locked = Locked(street.store, street.path, monkeypatch)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        for _ in range(6):
            await street.minute()
        assert street.alarms == {"readings_waiting", "readings_lost"}
        assert street.waiting.alarms()["readings_lost"].values["count"] == 15
    locked.end()
    await street.minute()
    assert street.stored() == list(range(15, 70))
    assert street.ledger.dropped == 15
    await street.minute()
    assert street.alarms == set()
    street.store.close()


async def test_while_a_store_hangs_they_go_to_the_disk_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    street, answered = Street(tmp_path), threading.Event()
    monkeypatch.setattr(type(street.store.controller), "beat", lambda _gateway, _beat: answered.wait(30))
    street.ledger.put_beat(ControllerBeat("x", 1, "h", 0, 0, 0, 0, 1.0, 1, 0, None, None, False))
    street.ledger.flush_soon()
    for minute in range(4):
        street.now_s += SPILL_AFTER_S
        street.ledger.add_readings([Reading(at_ms=minute, series_key=SERIES)])
        street.ledger.flush_soon()
        if street.waiting._spilling is not None:
            await street.waiting._spilling
    assert street.waiting.spool.waiting >= 2
    answered.set()
    await street.ledger.close()
    street.ledger = street.another()
    await street.ledger.flush()
    assert street.stored() == [0, 1, 2, 3]
    street.store.close()
