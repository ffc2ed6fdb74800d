"""A small real site with a real store and a clock that stands where a test puts it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lighting.assets.template import write_template
from lighting.desk.desk import Desk
from lighting.store.records import CircuitState, ControllerBeat
from lighting.store.store import HeldLock, Store, open_store, store_url_for

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def local_ms(text: str) -> int:
    """UTC milliseconds of a local date-time of the example site."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


class StandingClock:
    """A clock that moves only when told."""

    speed = 1.0

    def __init__(self, now_ms: int) -> None:
        self.at_ms = now_ms

    def now_ms(self) -> int:
        return self.at_ms


@pytest.fixture
def clock() -> StandingClock:
    """20:00 on Monday evening: dark, main road at 100 %."""
    return StandingClock(local_ms("2026-11-23T20:00"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "site"
    write_template(place)
    return place


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_store(store_url_for(folder)) as opened:
        yield opened


@pytest.fixture
def desk(folder: Path, store: Store, clock: StandingClock) -> Iterator[Desk]:
    with Desk(folder, user_id="operator", store=store, clock=clock) as opened:
        yield opened


DeskOf = Callable[[str], Desk]


@pytest.fixture
def desk_of(folder: Path, store: Store, clock: StandingClock) -> DeskOf:
    """A desk for another person."""
    return lambda user_id: Desk(folder, user_id=user_id, store=store, clock=clock)


class Controller:
    """What a controller leaves in the store: its lock, its beat, and the states of circuits."""

    def __init__(self, store: Store, clock: StandingClock) -> None:
        self.store, self.clock = store, clock
        self._tick = 0
        self.lock: HeldLock | None = None

    def start(self) -> None:
        self.lock = self.store.controller.lock(holder="test")
        self.beat()

    def stop(self) -> None:
        if self.lock is not None:
            self.lock.release()
            self.lock = None

    def beat(self, *, real_age_s: float = 0.0) -> None:
        self._tick += 1
        now_ms = self.clock.now_ms()
        self.store.controller.beat(
            ControllerBeat(
                holder="test",
                pid=1,
                host="here",
                started_ms=now_ms,
                beat_ms=now_ms,
                real_beat_ms=round((time.time() - real_age_s) * 1000),
                tick=self._tick,
                tick_s=10.0,
                revision_id=1,
                trusted_ms=now_ms,
            )
        )

    def key(self, circuit_id: str) -> int:
        return self.store.keys.ensure("circuit", [circuit_id], at_ms=self.clock.now_ms())[circuit_id]

    def put(self, circuit_id: str, **values: object) -> None:
        now_ms = self.clock.now_ms()
        known: dict[str, object] = {"circuit_key": self.key(circuit_id), "at_ms": now_ms, "polled_ms": now_ms}
        self.store.states.put_circuits([CircuitState(**{**known, **values})])  # type: ignore[arg-type]


@pytest.fixture
def controller(store: Store, clock: StandingClock) -> Iterator[Controller]:
    made = Controller(store, clock)
    yield made
    made.stop()
