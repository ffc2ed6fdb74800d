"""Buffers that outlive a failing store, and housekeeping that reports its faults."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lighting.assets.fact import Fact
from lighting.operation import ledger as ledger_module
from lighting.operation.housekeeping import Housekeeping, Job
from lighting.operation.ledger import Ledger, Transition
from lighting.store.records import CircuitState, Reading
from lighting.store.store import Store, StoreUnavailable, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'state' / 'lighting.db'}")


def fault_of(ledger: Ledger) -> str:
    return "" if ledger.fault is None else ledger.fault.code


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not within 10 s")


def break_readings(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def append(_gateway: object, _readings: list[Reading]) -> None:
        raise StoreUnavailable(Fact("store_full", {"place": "state"}))

    monkeypatch.setattr(type(store.readings), "append", append)


async def test_what_cannot_be_stored_waits_and_is_stored_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    key = store.keys.ensure("circuit", ["C-1"], at_ms=0)["C-1"]
    ledger = Ledger(store)
    with monkeypatch.context() as broken:
        break_readings(store, broken)
        ledger.add_readings([Reading(at_ms=1, series_key=key, power_w=5.0)])
        await ledger.flush()
        assert fault_of(ledger) == "store_full"
    ledger.add_readings([Reading(at_ms=2, series_key=key, power_w=6.0)])
    await ledger.flush()
    assert fault_of(ledger) == ""
    assert [reading.at_ms for reading in store.readings.of_series(key, 0, 10)] == [1, 2]
    await ledger.close()
    store.close()


async def test_a_full_buffer_loses_the_oldest_and_counts_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "READINGS_KEPT", 10)
    key = store.keys.ensure("circuit", ["C-1"], at_ms=0)["C-1"]
    ledger = Ledger(store)
    with monkeypatch.context() as broken:
        break_readings(store, broken)
        for first in range(0, 30, 5):
            ledger.add_readings([Reading(at_ms=first + i, series_key=key) for i in range(5)])
            await ledger.flush()
        ledger.add_readings([Reading(at_ms=30, series_key=key)])
        await ledger.flush()
    await ledger.flush()
    kept = [reading.at_ms for reading in store.readings.of_series(key, 0, 100)]
    assert kept == list(range(20, 31))[-len(kept) :]
    assert len(kept) <= 11
    assert ledger.dropped >= 20
    await ledger.close()
    store.close()


async def test_questions_of_people_do_not_wait_behind_a_flush(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, answered = Ledger(store), threading.Event()
    monkeypatch.setattr(type(store.states), "put_circuits", lambda _gateway, _states: answered.wait(10))
    ledger.put_circuit(CircuitState(1, 10))
    ledger.flush_soon()
    counters = await ledger.look(store.changes.counters)  # waits for ever if the flush must end first
    answered.set()
    assert counters["instruction"] == 0
    await ledger.close()
    store.close()


async def test_an_instructions_step_overtakes_the_flush_that_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, told, loop = Ledger(store), [], asyncio.get_running_loop()
    step = Transition(1, "confirmed", 20)

    def put_circuits(_gateway: object, _states: list[CircuitState]) -> None:
        told.append("circuits")
        asyncio.run_coroutine_threadsafe(happen(), loop).result(10)

    async def happen() -> None:
        ledger.add_transitions([step])

    monkeypatch.setattr(type(store.states), "put_circuits", put_circuits)
    monkeypatch.setattr(type(store.instructions), "transition", lambda *_a, **_k: told.append("step"))
    monkeypatch.setattr(type(store.readings), "append", lambda *_a: told.append("readings"))
    ledger.put_circuit(CircuitState(1, 10))
    ledger.add_readings([Reading(10, 1)])
    await ledger.flush()
    assert told == ["circuits", "step", "readings"]
    await ledger.close()
    assert told == ["circuits", "step", "readings"]
    store.close()


async def test_a_fault_of_our_own_in_a_flush_loses_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    key = store.keys.ensure("circuit", ["C-1"], at_ms=0)["C-1"]
    ledger = Ledger(store)
    ledger.add_readings([Reading(at_ms=1, series_key=key)])
    with monkeypatch.context() as broken:
        broken.setattr(type(store.readings), "append", lambda _gateway, _readings: 1 / 0)
        await ledger.flush()
        assert fault_of(ledger) == "store_flush_failed"
    await ledger.flush()
    assert fault_of(ledger) == ""
    assert len(store.readings.of_series(key, 0, 10)) == 1
    await ledger.close()
    store.close()


async def test_a_failing_job_is_a_fact_until_it_succeeds() -> None:
    fails = True

    async def body() -> None:
        if fails:
            raise StoreUnavailable(Fact("store_full", {}))

    housekeeping = Housekeeping((Job("reorder_readings", 0.05, body),))
    housekeeping.start()
    try:
        await until(lambda: "reorder_readings" in housekeeping.failing)
        assert housekeeping.failing["reorder_readings"].code == "housekeeping_failed"
        fails = False
        await until(lambda: not housekeeping.failing)
    finally:
        housekeeping.stop()
