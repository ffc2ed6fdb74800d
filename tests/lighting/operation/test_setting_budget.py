"""The account of writes to settings outlives the controller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from drivers.errors import Rejected
from drivers.profile import Point
from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.operation.ledger import Ledger
from lighting.operation.setting_budget import StoredBudget
from lighting.store.records import SettingWrite
from lighting.store.store import Store, StoreUnavailable, open_store

SETTING = Point(
    "delay", Quantity.STARTUP_DELAY, "", "holding", 30, "u16", writable=True, point_class="setting", daily_budget=2
)
T = TypeVar("T")
OTHER = replace(SETTING, name="other")
HOUR_MS = 3_600_000


class SetClock:
    speed = 1.0

    def __init__(self) -> None:
        self.at_ms = 1_800_000_000_000

    def now_ms(self) -> int:
        return self.at_ms


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'state' / 'lighting.db'}"


def budget_of(store: Store, clock: SetClock) -> StoredBudget:
    ledger = Ledger(store)

    async def ask(question: Callable[[Store], T]) -> T:
        return await ledger.ask(lambda: question(store))

    return StoredBudget(ask, clock, by="op")


def writes_of(store: Store, device: str) -> list[SettingWrite]:
    return store.setting_writes.recent(store.keys.known("device")[device], 0)


async def test_a_claim_is_stored_before_it_returns_and_counts_after_a_restart(url: str) -> None:
    clock = SetClock()
    store = open_store(url)
    budget = budget_of(store, clock)
    await budget.claim("D1", SETTING)
    (row,) = writes_of(store, "D1")
    assert (row.point, row.by, row.at_ms) == ("delay", "op", clock.at_ms)
    clock.at_ms += HOUR_MS
    await budget.claim("D1", SETTING)
    store.close()
    again = open_store(url)
    budget = budget_of(again, clock)
    with pytest.raises(Rejected, match="2 times in 24 h"):
        await budget.claim("D1", SETTING)
    await budget.claim("D1", OTHER)  # each setting and each device has its own
    await budget.claim("D2", SETTING)
    clock.at_ms += 23 * HOUR_MS
    await budget.claim("D1", SETTING)
    assert len(writes_of(again, "D1")) == 4
    again.close()


async def test_of_claims_made_at_once_no_more_pass_than_there_are(url: str) -> None:
    store = open_store(url)
    budget = budget_of(store, SetClock())
    outcomes = await asyncio.gather(*(budget.claim("D1", SETTING) for _ in range(6)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(Rejected) == 4
    assert len(writes_of(store, "D1")) == 2
    store.close()


async def test_an_interval_longer_than_a_day_is_kept(url: str) -> None:
    clock = SetClock()
    store = open_store(url)
    budget = budget_of(store, clock)
    weekly = replace(SETTING, min_interval_s=7 * 86_400.0)
    await budget.claim("D1", weekly)
    clock.at_ms += 72 * HOUR_MS
    with pytest.raises(Rejected, match="may be again in"):
        await budget.claim("D1", weekly)
    store.close()


async def test_what_cannot_be_accounted_for_is_not_written(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(url)

    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable(Fact("store_full", {"place": "state"}))

    monkeypatch.setattr(type(store.setting_writes), "record", full)
    with pytest.raises(Rejected, match="cannot account for it"):
        await budget_of(store, SetClock()).claim("D1", SETTING)
    store.close()
