"""Assembly of ``lighting run``: the store, the lock, the starting point, signals, and a clean end."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import structlog

from lighting.assets.fact import Fact
from lighting.operation.controller import Controller
from lighting.operation.housekeeping import WriteReports
from lighting.operation.line_lock import LineLock
from lighting.operation.lines import holder_name, off_loopback
from lighting.operation.start import StartingPoint, open_site_store, starting_point
from lighting.store.clock import Clock, SystemClock
from lighting.store.holders import is_by_hand
from lighting.store.store import LockHeld, Store

LOCK_LOOK_S = 0.5

log = structlog.get_logger("lighting.operation")


class Refusal(Exception):
    """The controller does not start; ``exit_code`` is the documented one of the command line."""

    def __init__(self, fact: Fact, exit_code: int) -> None:
        super().__init__(fact.code)
        self.fact = fact
        self.exit_code = exit_code


def serve(folder: Path, *, write_reports: WriteReports | None = None) -> None:
    """Control the site of that folder until SIGTERM or Ctrl-C.

    Raises ``LockHeld`` when another controller owns the lines, ``NoGoodSite`` for a broken folder with no accepted
    revision, ``StoreError`` for a store that cannot be opened, and ``Refusal``.
    """
    with open_site_store(folder) as store:
        lock = _line_lock(store)
        try:
            clock = store.controller.clock()
            start = starting_point(store, folder, at_ms=clock.now_ms())
            for fact in (*([start.notice] if start.notice is not None else []), *start.program_profiles):
                log.warning(fact.code, **fact.values)
            check_clock(start, clock)
            _run(store, start, clock, lock, write_reports)
        finally:
            lock.release()
        if lock.lost is not None:
            raise Refusal(lock.lost, exit_code=1)


def _line_lock(store: Store) -> LineLock:
    """The site's lines; a command that a person began without a controller is waited for. Raises ``LockHeld``."""
    has_said = False
    while True:
        try:
            return LineLock(store, holder=holder_name("lighting run"))
        except LockHeld as held:
            if not is_by_hand(held.fact.values.get("holder")):
                raise
            if not has_said:
                log.warning("waiting_for_the_lines", holder=held.fact.values["holder"])
            has_said = True
            time.sleep(LOCK_LOOK_S)


def check_clock(start: StartingPoint, clock: Clock) -> None:
    """An accelerated clock is for simulated devices on this machine only. Raises ``Refusal``."""
    refusal = None if isinstance(clock, SystemClock) else off_loopback(start.site)
    if refusal is not None:
        raise Refusal(refusal, exit_code=2)


def _run(store: Store, start: StartingPoint, clock: Clock, lock: LineLock, write_reports: WriteReports | None) -> None:
    async def main() -> None:
        controller = Controller(store, start, clock, holder=holder_name("lighting run"), write_reports=write_reports)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, controller.stop)
        keeping = loop.create_task(lock.keep(controller.stop))
        try:
            await controller.run()
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])

    try:
        import uvloop
    except ImportError:
        loop_factory = None
    else:
        loop_factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(main())
