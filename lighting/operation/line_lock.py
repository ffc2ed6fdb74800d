"""Keeping the right to the site's lines: a lock on a server is lost with its connection, and must be had again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from lighting.assets.fact import Fact
from lighting.store.store import HeldLock, LockHeld, Store, StoreError

log = structlog.get_logger("lighting.operation")

LOOK_EVERY_S = 5.0


class LineLock:
    """The lock of a running controller. ``lost`` is None, or the fact of the other that took the lines meanwhile.

    While the server is gone nobody can take the lock, so the lamps go on being controlled; once it answers again the
    lock is taken anew, or, where another controller was quicker, this one gives way.
    """

    def __init__(self, store: Store, *, holder: str) -> None:
        self._store = store
        self._holder = holder
        self._lock: HeldLock | None = store.controller.lock(holder=holder)
        self.lost: Fact | None = None

    async def keep(self, give_way: Callable[[], None], *, every_s: float = LOOK_EVERY_S) -> None:
        """Look at the lock now and then, for as long as the controller runs; ``give_way`` is called when it is lost."""
        while self.lost is None:
            await asyncio.sleep(every_s)
            await asyncio.to_thread(self.look)
        log.error("lines_taken_by_another", **self.lost.values)
        give_way()

    def look(self) -> None:
        """Take the lock anew where it was lost; sets ``lost`` where another has it."""
        if self._lock is not None and self._lock.is_held():
            return
        self.release()
        try:
            self._lock = self._store.controller.lock(holder=self._holder)
        except LockHeld as held:
            self.lost = held.fact
        except StoreError as error:
            log.warning("lock_not_had_again_yet", code=error.fact.code)
        else:
            log.warning("lock_had_again")

    def release(self) -> None:
        """Give the lines free."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()
