"""Upkeep of what is measured: rolled up within minutes, reordered once a day, and let go when it is old.

It runs beside the controller's own store work, in a thread of its own, in transactions that are over at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from lighting.accounts.rolling import GRACE_MS, FactsNow
from lighting.assets.model import RetentionSettings
from lighting.operation.live import Live
from lighting.store.clock import Clock
from lighting.store.store import Store

log = structlog.get_logger("lighting.operation.upkeep")

LIVE_READINGS_MS = 3_600_000
"""Readings stay at least so long where they came in."""
REORDER_AFTER_MS = 25 * 3_600_000
REORDER_FROM = 1_000_000
"""A day is reordered at once, or so many readings: each time every series costs a flash card a page or two."""
_DAY_MS = 86_400_000


class Upkeep:
    """``live`` answers what the controller runs now."""

    def __init__(self, store: Store, clock: Clock, live: Callable[[], Live]) -> None:
        self._store = store
        self._clock = clock
        self._live = live

    async def roll(self) -> None:
        """Roll up what is over and what is marked, in portions."""
        site = self._live().wiring.site
        facts = FactsNow(self._store, site)
        await asyncio.to_thread(self._store.readings.renew_latest)
        done = 0
        while True:
            until_ms = self._clock.now_ms() - GRACE_MS
            portion = partial(self._store.rollups.roll, until_ms, site.timezone, facts, once=True)
            rolled = await asyncio.to_thread(portion)
            done += rolled.done
            if rolled.fact is not None:
                log.warning(rolled.fact.code, **rolled.fact.values)
            if not rolled.is_more:
                break
        if done:
            log.info("readings_rolled_up", hours=done)

    async def reorder(self) -> None:
        """Move a day's readings to the archive that is quick to read by circuit."""
        waiting = await asyncio.to_thread(self._store.readings.waiting)
        now_ms = self._clock.now_ms()
        if waiting is None or (waiting[0] > now_ms - REORDER_AFTER_MS and waiting[1] < REORDER_FROM):
            return
        move = partial(self._store.readings.reorder, now_ms - LIVE_READINGS_MS, once=True)
        moved = 0
        while portion := await asyncio.to_thread(move):
            moved += portion
        # The log is cut here, so that it does not keep the size of its largest hour.
        await asyncio.to_thread(self._store.checkpoint)
        log.info("readings_reordered", moved=moved)

    async def retire(self) -> None:
        """Let go what is older than the site keeps."""
        kept = self._live().wiring.site.retention
        await asyncio.to_thread(retire, self._store, kept, self._clock.now_ms())


def retire(store: Store, kept: RetentionSettings, now_ms: int) -> None:
    """Let go what is older than that at that time."""

    def before(days: int) -> int | None:
        return now_ms - days * _DAY_MS if days else None

    gone = {"readings": 0, "rollups": store.retention.retire_rollups(before(kept.hours_days), before(kept.days_days))}
    readings_before_ms = before(kept.readings_days)
    if readings_before_ms is not None:
        gone["readings"] = store.retention.retire_readings(readings_before_ms)
        store.retention.retire_inputs(readings_before_ms)
    if any(gone.values()):
        log.info("old_data_retired", **gone)
