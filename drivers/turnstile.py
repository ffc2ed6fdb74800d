"""Lets one request at a time onto a line, in a fair order, keeping the pauses that devices and the line want."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.fair_queue import FairQueue, Priority


class Turnstile:
    """``await enter`` … ``leave`` around each request. An idle line lets through at once, without a task switch."""

    def __init__(self) -> None:
        self._is_busy = False
        self._queue: FairQueue[asyncio.Future[None]] = FairQueue()
        self._ready_at_s: dict[int, float] = {}
        self._line_ready_at_s = 0.0
        self._wake_up: asyncio.TimerHandle | None = None

    async def enter(self, unit_id: int, priority: Priority) -> None:
        """Come back when the line is free for this unit. Raises what ``turn_away`` gives, when that comes first."""
        if not self._is_busy and not self._queue and self._is_ready(unit_id):
            self._is_busy = True
            return
        waiter = asyncio.get_running_loop().create_future()
        self._queue.push(priority, unit_id, waiter)
        self._let_next()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.leave(unit_id)
            raise

    def leave(self, unit_id: int, pause_s: float = 0.0, line_pause_s: float = 0.0) -> None:
        """Give the line on: to this unit when ``pause_s`` real seconds are over, to all after ``line_pause_s``."""
        self._is_busy = False
        if pause_s > 0 or line_pause_s > 0:
            now_s = asyncio.get_running_loop().time()
            if pause_s > 0:
                self._ready_at_s[unit_id] = now_s + pause_s
            if line_pause_s > 0:
                self._line_ready_at_s = now_s + line_pause_s
        if self._queue:
            self._let_next()

    def turn_away(self, error: Callable[[], Exception]) -> None:
        """Everyone who waits gets an error."""
        if self._wake_up is not None:
            self._wake_up.cancel()
        for waiter in self._queue.clear():
            if not waiter.done():
                waiter.set_exception(error())

    def _is_ready(self, unit_id: int) -> bool:
        ready_at_s = self._ready_at_s.get(unit_id, 0.0) if unit_id else self._all_ready_at_s()
        if ready_at_s < self._line_ready_at_s:
            ready_at_s = self._line_ready_at_s
        return not ready_at_s or ready_at_s <= asyncio.get_running_loop().time()

    def _all_ready_at_s(self) -> float:
        """When the pauses of all units are over: what is told to unit 0, every one of them hears."""
        return max(self._ready_at_s.values(), default=0.0)

    def _let_next(self) -> None:
        while not self._is_busy and self._queue:
            waiter = self._queue.pop(self._is_ready)
            if waiter is None:
                self._look_again()
                return
            if not waiter.done():
                self._is_busy = True
                waiter.set_result(None)

    def _look_again(self) -> None:
        """All who wait, wait for a pause to end: look again when the first one does."""
        if self._wake_up is not None:
            self._wake_up.cancel()
        first_s = min(
            self._ready_at_s.get(unit, 0.0) if unit else self._all_ready_at_s() for unit in self._queue.units()
        )
        at_s = max(first_s, self._line_ready_at_s)
        self._wake_up = asyncio.get_running_loop().call_at(at_s, self._let_next)
