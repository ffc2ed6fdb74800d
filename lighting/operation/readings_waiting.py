"""Readings that the store has not taken: first in memory, then in the spool on disk, and what is said of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import structlog

from lighting.assets.fact import Fact, Value
from lighting.operation.background import start_task
from lighting.operation.spool import ReadingSpool
from lighting.store.records import Reading

T = TypeVar("T")

SPILL_AFTER_S = 60.0
"""So long readings wait in memory, and a crash may cost them, before they are written to the spool."""
SPILL_AT = 20_000
"""Or until there are so many of them."""
PORTIONS_A_FLUSH = 20
"""Carried over in one flush, so that what happens now is not kept waiting by what happened."""

MEGABYTE = 1_000_000

log = structlog.get_logger("lighting.operation.readings_waiting")


class ReadingsWaiting:
    """Owned by the ledger and used from its event loop; the disk is touched in a thread of its own.

    ``lost_in_memory`` counts readings that found no place on the disk nor in memory. A spool that cannot be written
    leaves them in memory, and control goes on.
    """

    def __init__(self, spool: ReadingSpool, *, now_s: Callable[[], float] = time.monotonic) -> None:
        self.spool = spool
        self.lost_in_memory = 0
        self.disk_fault = ""
        self._now_s = now_s
        self._waits_since_s: float | None = None
        self._in_memory = 0
        self._count = spool.waiting
        self._is_well = True
        self._spilling: asyncio.Task[None] | None = None
        self._returned: list[Reading] = []
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")

    @property
    def lost(self) -> int:
        """How many readings were lost since the store was well last."""
        return self.lost_in_memory + self.spool.lost

    def alarms(self) -> dict[str, Fact]:
        """The fact of each alarm that should stand, by its kind."""
        found: dict[str, Fact] = {}
        count = self._count + self._in_memory
        if count and (self._count or self._waits_s() >= SPILL_AFTER_S):
            found["readings_waiting"] = Fact("readings_waiting", {"count": count, "on_disk": self._count})
        if self.lost:
            limit_mb = self.spool.limit_bytes // MEGABYTE
            values: dict[str, Value] = {"count": self.lost, "limit_mb": limit_mb}
            found["readings_lost"] = Fact("readings_lost", values)
            if self.disk_fault:
                found["readings_lost"] = Fact("readings_lost_disk", {"count": self.lost, "detail": self.disk_fault})
        return found

    async def after_flush(self, left: list[Reading], *, store_is_well: bool) -> list[Reading]:
        """Take what a flush has left in memory to the disk once that is due; returns what stays in memory."""
        left = self._with_returned(left)
        self._is_well = store_is_well
        if not left:
            self._waits_since_s, self._in_memory = None, 0
            self._forget_losses()
            return left
        if not self._is_due(len(left)):
            self._in_memory = len(left)
            return left
        return await self._spill(left)

    def spill_soon(self, readings: list[Reading]) -> list[Reading]:
        """The same while a flush hangs: in the background; returns what stays in memory."""
        readings = self._with_returned(readings)
        self._in_memory = len(readings)
        if not readings or not self._is_due(len(readings)):
            return readings
        if self._spilling is not None and not self._spilling.done():
            return readings

        async def spill() -> None:
            self._returned += await self._spill(readings)

        self._spilling = start_task(spill(), "spill")
        return []

    async def carry_over(self, store: Callable[[list[Reading]], Awaitable[None]]) -> None:
        """Give the store what lies on the disk, oldest first, some portions at a time. Raises what ``store`` raises."""
        for _ in range(PORTIONS_A_FLUSH if self._count else 0):
            try:
                portion = await self._disk(self.spool.first)
            except OSError as error:
                self._note_disk(error)
                return
            if not portion:
                break
            await store(portion)
            await self._disk(self.spool.carried_over)
        before, self._count = self._count, self.spool.waiting
        if before and not self._count:
            log.info("readings_carried_over", lost=self.lost)

    async def close(self, left: list[Reading]) -> list[Reading]:
        """Write down whatever still waits; returns what could not be."""
        if self._spilling is not None:
            await asyncio.wait([self._spilling])
        left = self._with_returned(left)
        if left:
            left = await self._spill(left)
        self._worker.shutdown(wait=False)
        return left

    def _with_returned(self, readings: list[Reading]) -> list[Reading]:
        returned, self._returned = self._returned, []
        return returned + readings if returned else readings

    def _is_due(self, count: int) -> bool:
        if self._waits_since_s is None:
            self._waits_since_s = self._now_s()
        return count >= SPILL_AT or self._waits_s() >= SPILL_AFTER_S

    def _waits_s(self) -> float:
        return 0.0 if self._waits_since_s is None else self._now_s() - self._waits_since_s

    async def _spill(self, readings: list[Reading]) -> list[Reading]:
        try:
            await self._disk(partial(self.spool.append, readings))
        except OSError as error:
            self._note_disk(error)
            self._in_memory = len(readings)
            return readings
        self.disk_fault = ""
        self._in_memory, self._count, self._waits_since_s = 0, self.spool.waiting, self._now_s()
        return []

    def _note_disk(self, error: OSError) -> None:
        detail = error.strerror or type(error).__name__
        if detail != self.disk_fault:
            log.error("spool_failing", detail=detail)
        self.disk_fault = detail

    def _forget_losses(self) -> None:
        """The alarm of what was lost stands until everything that was kept is carried over."""
        if self._is_well and not self._count and self.lost:
            log.warning("readings_were_lost", count=self.lost)
            self.lost_in_memory = self.spool.lost = 0
            self.disk_fault = ""

    async def _disk(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)
