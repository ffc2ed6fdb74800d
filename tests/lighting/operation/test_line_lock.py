"""The right to the lines: kept, had again after a lost connection, and given up to another that was quicker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import pytest

from lighting.assets.fact import Fact
from lighting.operation.line_lock import LineLock
from lighting.store.store import LockHeld, Store, StoreUnavailable


@dataclass
class LostWithItsConnection:
    """A lock of a server whose connection can be cut."""

    held: bool = True

    def is_held(self) -> bool:
        return self.held

    def release(self) -> None:
        self.held = False


@dataclass
class Server:
    """Gives locks out, or refuses as it is told."""

    refusal: Exception | None = None
    given: list[LostWithItsConnection] = field(default_factory=list)

    def lock(self, *, holder: str) -> LostWithItsConnection:
        if self.refusal is not None:
            raise self.refusal
        self.given.append(LostWithItsConnection())
        return self.given[-1]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def lock(server: Server) -> LineLock:
    return LineLock(cast("Store", SimpleNamespace(controller=server)), holder="one")


def test_a_held_lock_is_left_alone(server: Server, lock: LineLock) -> None:
    lock.look()
    assert len(server.given) == 1
    assert lock.lost is None


def test_a_lost_lock_is_had_again(server: Server, lock: LineLock) -> None:
    server.given[0].held = False
    lock.look()
    assert [given.held for given in server.given] == [False, True]
    assert lock.lost is None


def test_while_the_server_is_gone_the_lamps_go_on_being_controlled(server: Server, lock: LineLock) -> None:
    server.given[0].held = False
    server.refusal = StoreUnavailable(Fact("store_unreachable"))
    lock.look()
    assert lock.lost is None
    server.refusal = None
    lock.look()
    assert server.given[-1].held


async def test_a_controller_gives_way_to_another_that_was_quicker(server: Server, lock: LineLock) -> None:
    server.given[0].held = False
    server.refusal = LockHeld(Fact("lock_held", {"holder": "two"}))
    gave_way = asyncio.Event()
    await asyncio.wait_for(lock.keep(gave_way.set, every_s=0.01), timeout=10)
    assert gave_way.is_set()
    assert lock.lost == Fact("lock_held", {"holder": "two"})
    lock.release()
    assert len(server.given) == 1


def test_releasing_gives_the_lines_free(server: Server, lock: LineLock) -> None:
    lock.release()
    assert not server.given[0].held
