"""The running controller: the loop of ticks on real monotonic time, and what happens between two of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Coroutine

import structlog

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.alarms import AlarmKey
from lighting.operation.burning import restore_burning
from lighting.operation.bus_book import BusBook
from lighting.operation.clock_watch import ClockLook, ClockWatch
from lighting.operation.housekeeping import Housekeeping, WriteReports, jobs_of, reports_job
from lighting.operation.inbox import Inbox, Mail
from lighting.operation.lamp_tests import end_those_of_before, ended_by_stop
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines, off_loopback
from lighting.operation.readings_waiting import MEGABYTE, ReadingsWaiting
from lighting.operation.senses import remembered
from lighting.operation.spool import SPOOL_FOLDER, ReadingSpool
from lighting.operation.start import StartingPoint, site_of
from lighting.operation.system_clock import boot_age_s, system_synchronised
from lighting.operation.takeover import ensure_keys, live_of, restore, restore_returned
from lighting.operation.task_runner import TaskRunner
from lighting.operation.tick import Tick
from lighting.operation.upkeep import Upkeep
from lighting.schedule.traffic_counts import TrafficCounts
from lighting.store.clock import Clock, SystemClock
from lighting.store.records import ControllerBeat, Revision
from lighting.store.store import STATE_FOLDER, Store, StoreError

log = structlog.get_logger("lighting.operation")

LEAST_TICK_S = 0.25
_AFTER_WARM_S = 0.01
REACTIONS_KEPT = 10


class Controller:
    """Owns the lines of a site under a lock that the caller holds. ``run`` returns when ``stop`` was called."""

    def __init__(
        self,
        store: Store,
        start: StartingPoint,
        clock: Clock,
        *,
        holder: str,
        look: Callable[[], ClockLook] | None = None,
        write_reports: WriteReports | None = None,
    ) -> None:
        self._store = store
        self._start = start
        self._clock = clock
        self._holder = holder
        self._write_reports = write_reports
        self._look = look or (lambda: look_at(clock))
        spool = ReadingSpool(start.folder / STATE_FOLDER / SPOOL_FOLDER, _spool_limit(start.site))
        self._ledger = Ledger(store, ReadingsWaiting(spool))
        self._lines = Lines(speed=clock.speed, folder=start.folder, holder=holder)
        self._nudge = asyncio.Event()
        self._stop = asyncio.Event()
        self._mail: Mail | None = None
        self._revision: Revision | None = None
        self._is_early = False
        self._notice = start.notice
        self._started_ms = clock.now_ms()
        self._reactions: deque[float] = deque(maxlen=REACTIONS_KEPT)
        self._ticks = 0
        self.tick: Tick | None = None

    def stop(self) -> None:
        """End the run; lamps stay as they are."""
        self._stop.set()
        self._nudge.set()

    async def run(self) -> None:
        """Control until stopped. Raises ``StoreError`` only for a store that fails before the first tick."""
        tick = await self._set_up()
        upkeep = Upkeep(self._store, self._clock, lambda: tick.live)
        jobs = jobs_of(self._ledger, self._clock, tick.failsafe.read_again, upkeep)
        if self._write_reports is not None:
            jobs = (*jobs, reports_job(lambda: tick.site, self._clock, self._write_reports))
        housekeeping = Housekeeping(jobs)
        tick.house_facts = housekeeping.failing
        inbox = Inbox(
            self._ledger,
            self._clock,
            revision_id=self._start.revision.id,
            deliver=self._deliver,
            take_pushes=self._take_pushes,
        )
        tasks = TaskRunner(
            self._ledger,
            self._clock,
            self._lines,
            site=lambda: tick.site,
            may_write=tick.may_write_for_a_person,
            settings_read=tick.failsafe.take_found,
        )
        book = BusBook(self._ledger, self._clock, self._lines, keys=lambda: tick.live.bus_keys)
        try:
            await inbox.open_at_start()
            await tasks.open_at_start()
            loop = asyncio.get_running_loop()
            watching = [loop.create_task(one) for one in (inbox.watch(), tasks.watch(), book.keep())]
            housekeeping.start()
            try:
                await self._loop(tick)
            finally:
                for watch in watching:
                    watch.cancel()
                await asyncio.wait(watching)
        finally:
            housekeeping.stop()
            tick.stopping = True
            await tasks.stop()
            await book.put()
            await self._end(tick)

    async def _set_up(self) -> Tick:
        now_ms = self._clock.now_ms()
        site = self._start.site
        store = self._store
        keys = await self._ledger.ask(lambda: ensure_keys(store, site, at_ms=now_ms))
        await self._ledger.ask(lambda: end_those_of_before(store, now_ms))
        rows = await self._ledger.ask(store.states.circuits)
        standing = await self._ledger.ask(lambda: store.history.alarms(standing_only=True))
        trusted_ms = await self._ledger.ask(store.controller.newest_trusted_ms)
        live = live_of(site, keys)
        restore(live, rows, standing)
        restore_burning(live, await self._ledger.ask(store.burning.all))
        await self._lines.take(site)
        watch = ClockWatch(newest_trusted_ms=trusted_ms, speed=self._clock.speed)
        tick = Tick(
            live,
            self._lines,
            self._ledger,
            self._clock,
            watch,
            look=self._look,
            revision_id=self._start.revision.id,
        )
        tick.alarms = {AlarmKey(a.kind, a.subject_kind, a.subject_id): a.fact for a in standing}
        tick.failsafe.restore(await self._ledger.ask(store.failsafes.all))
        tick.senses.restore(await self._ledger.ask(lambda: remembered(store, now_ms)))
        tick.writer.finished = self._nudge.set
        self.tick = tick
        log.info(
            "controller_started",
            revision=self._start.revision.id,
            circuits=len(live.circuits),
            devices=len(live.devices),
            buses=len(site.buses),
            speed=self._clock.speed,
        )
        return tick

    async def _loop(self, tick: Tick) -> None:
        while not self._stop.is_set():
            begun_s = time.monotonic()
            decided_before_ms = tick.decided_ms
            if not await self._guarded(self._one_tick(tick)):
                return
            self._ticks += 1
            if decided_before_ms is not None:
                self._reactions.append((self._clock.now_ms() - decided_before_ms) / 1000)
            self._beat(tick)
            self._ledger.flush_soon()
            while (
                time.monotonic() < (next_s := self._next_tick_s(tick, begun_s))
                and self._mail is None
                and not self._is_early
                and not self._stop.is_set()
            ):
                await self._guarded(self._rest(tick, next_s))

    def _next_tick_s(self, tick: Tick, begun_s: float) -> float:
        """Monotonic time of the next tick: a period after the last, or when lamps have warmed up before that."""
        next_s = begun_s + max(LEAST_TICK_S, tick.site.control.tick_s / self._clock.speed)
        warm_ms = tick.next_warm_ms()
        if warm_ms is None:
            return next_s
        warm_s = time.monotonic() + (warm_ms - self._clock.now_ms()) / 1000 / self._clock.speed + _AFTER_WARM_S
        return min(next_s, max(begun_s + LEAST_TICK_S, warm_s))

    async def _one_tick(self, tick: Tick) -> None:
        self._is_early = False
        await self._take_mail(tick)
        await tick.work()

    async def _guarded(self, work: Coroutine[object, object, None]) -> bool:
        """Do a piece of work unless stopped first (then False). A fault of our own in it must not end control."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
            return False
        error = working.exception()
        if error is not None:
            log.error("tick_failed", exc_info=error)
            self._notice = Fact("tick_failed", {"detail": type(error).__name__})
            await asyncio.sleep(LEAST_TICK_S)
        elif self._notice is not None and self._notice.code == "tick_failed":
            self._notice = None
        return True

    async def _rest(self, tick: Tick, until_s: float) -> None:
        """Sleep until the next tick, a follow-up, a watchdog to feed, the end of a sequence or a person's will.

        Then tell what is new.
        """
        times = (tick.poller.next_follow_up_s(), tick.poller.next_feed_s())
        wake_s = min([until_s, *(at_s for at_s in times if at_s is not None)])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, wake_s - time.monotonic())):
                await self._nudge.wait()
        self._nudge.clear()
        if time.monotonic() >= until_s or self._mail is not None or self._is_early:
            return
        await tick.poller.follow_up_due(bound_s=LEAST_TICK_S)
        await tick.poller.feed_due(bound_s=LEAST_TICK_S)
        tick.publish()
        self._ledger.flush_soon()

    def _deliver(self, mail: Mail) -> None:
        """Called by the inbox: lockouts hold from this moment, the rest wakes the tick."""
        if self.tick is None:
            return
        fresh = mail.instructions != self.tick.instructions
        self.tick.take_instructions(mail.instructions, mail.states)
        if fresh or mail.revision is not None:
            self._mail = mail
            self._revision = mail.revision or self._revision
            self._nudge.set()

    async def _take_pushes(self) -> None:
        """Counts of traffic that a script has pushed wake the tick. Raises ``StoreError``."""
        if self.tick is None:
            return
        senses, store, now_ms = self.tick.senses, self._store, self._clock.now_ms()
        wanted = senses.pushes_wanted(now_ms)
        if not wanted:
            return

        def read() -> dict[str, TrafficCounts]:
            return {
                section: store.senses.counts_between(section, from_ms, now_ms, ("push",))
                for section, from_ms in wanted.items()
            }

        if senses.take_pushed(await self._ledger.look(read), now_ms):
            self._is_early = True
            self._nudge.set()

    async def _take_mail(self, tick: Tick) -> None:
        self._mail = None
        revision, self._revision = self._revision, None
        if revision is not None:
            await self._take_revision(tick, revision)

    async def _take_revision(self, tick: Tick, revision: Revision) -> None:
        # A large city takes seconds to read; polls that feed watchdogs go on meanwhile.
        site = await asyncio.to_thread(site_of, revision)
        refusal = Fact("revision_not_accepted", {"revision": revision.id}) if site is None else None
        if site is not None and not isinstance(self._clock, SystemClock):
            refusal = off_loopback(site)
        if site is None or refusal is not None:
            self._notice = refusal
            log.error("revision_refused", revision=revision.id)
            return
        now_ms = self._clock.now_ms()
        try:
            keys = await self._ledger.ask(lambda: ensure_keys(self._store, site, at_ms=now_ms))
            rows = await self._ledger.ask(self._store.states.circuits)
            burning = await self._ledger.ask(self._store.burning.all)
        except StoreError as error:
            log.error("revision_waits", revision=revision.id, code=error.fact.code)
            self._revision = revision
            return
        if self._ledger.waiting is not None:
            self._ledger.waiting.spool.limit_bytes = _spool_limit(site)
        await self._lines.take(site)
        tick.burning.look(now_ms, at_once=True)
        live = live_of(site, keys, tick.live)
        restore_returned(live, tick.live, rows, burning)
        tick.take_live(live, revision.id)
        self._notice = None
        log.info("revision_taken", revision=revision.id, by=revision.by, circuits=len(site.circuits))

    def _beat(self, tick: Tick, *, stopped: bool = False) -> None:
        now_ms = self._clock.now_ms()
        self._ledger.put_beat(
            ControllerBeat(
                holder=self._holder,
                pid=os.getpid(),
                host=socket.gethostname(),
                started_ms=self._started_ms,
                beat_ms=now_ms,
                real_beat_ms=time.time_ns() // 1_000_000,
                tick=self._ticks,
                tick_s=self._effective_tick_s(tick),
                revision_id=tick.revision_id,
                trusted_ms=tick.watch.trusted_ms or 0,
                doubt=tick.watch.doubt,
                fault=self._ledger.fault or self._notice,
                stopped=stopped,
            )
        )

    def _effective_tick_s(self, tick: Tick) -> float:
        """Site seconds from one decision to the end of the next tick's work: the longest of the last ten."""
        return round(max(self._reactions, default=tick.site.control.tick_s), 3)

    async def _end(self, tick: Tick) -> None:
        tick.stopping = True
        await tick.writer.stop()
        await tick.poller.stop()
        await tick.failsafe.stop()
        tick.publish()
        tick.burning.look(self._clock.now_ms(), at_once=True)
        self._ledger.add_transitions(ended_by_stop(tick.instructions, self._clock.now_ms()))
        self._beat(tick, stopped=True)
        await self._ledger.close()
        await self._lines.close()
        log.info("controller_stopped", ticks=self._ticks)


def _spool_limit(site: Site) -> int:
    return round(site.control.spool_limit_mb * MEGABYTE)


def look_at(clock: Clock) -> ClockLook:
    """A look at the real clocks. Whether the machine is synchronised says nothing of an accelerated clock."""
    if isinstance(clock, SystemClock):
        return ClockLook(clock.now_ms(), time.monotonic(), system_synchronised(), boot_age_s())
    return ClockLook(clock.now_ms(), time.monotonic())
