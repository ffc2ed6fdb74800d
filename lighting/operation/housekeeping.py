"""The small hours' work: APScheduler, used here and nowhere else, for what need not be on time.

It follows the wall clock, so that nothing that switches lamps may ever hang on it; the control tick has its own loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from lighting.accounts.upkeep import Keeper
from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.ledger import Ledger
from lighting.operation.upkeep import Upkeep
from lighting.store.clock import Clock

log = structlog.get_logger("lighting.operation.housekeeping")

ROLL_EVERY_S = 240
REORDER_EVERY_S = 900
FORGET_EVERY_S = 3600
RETIRE_EVERY_S = 6 * 3600
CHECK_FAILSAFE_EVERY_S = 3600
LAPSE_EVERY_S = 60
REPORTS_EVERY_S = 3600
TASK_OUTPUTS_MS = 86_400_000
ACCOUNTS_EVERY_S = 300
LEAST_EVERY_S = 3.0
ACCOUNT_DAYS_AT_ONCE = 3
ACCOUNT_FOR_S = 30.0
"""For so long days are accounted in one run: a tenth of a core at most, however many have to be made again."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job's name, real seconds between two runs, and its short body."""

    name: str
    every_s: float
    body: Callable[[], Awaitable[None]]


class Housekeeping:
    """Runs jobs in UTC, one instance each, late rather than never. ``failing`` holds the fact of each job that
    failed last.
    """

    def __init__(self, jobs: tuple[Job, ...]) -> None:
        self.failing: dict[str, Fact] = {}
        self._is_stopping = False
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            jobstores={"default": MemoryJobStore()},
            executors={"default": AsyncIOExecutor()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.add_listener(self._heard, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED)
        self._scheduler.add_listener(self._heard_late, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        for job in jobs:
            body = partial(self._until_stopped, job.body)
            self._scheduler.add_job(body, IntervalTrigger(seconds=job.every_s), id=job.name, name=job.name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no more jobs, and break off those that run: each of them can be done again from where it was."""
        self._is_stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _until_stopped(self, body: Callable[[], Awaitable[None]]) -> None:
        """A job that is broken off by our stop, or fails while others are stopped around it, has not failed."""
        try:
            await body()
        except BaseException as problem:
            if not self._is_stopping:
                raise
            log.info("housekeeping_broken_off", detail=type(problem).__name__)

    def _heard(self, event: JobEvent) -> None:
        problem = getattr(event, "exception", None)
        if problem is None:
            self.failing.pop(event.job_id, None)
            return
        if event.job_id not in self.failing:
            log.error("housekeeping_failed", job=event.job_id, detail=str(problem))
        self.failing[event.job_id] = Fact(
            "housekeeping_failed", {"job": event.job_id, "detail": type(problem).__name__}
        )

    def _heard_late(self, event: JobEvent) -> None:
        log.warning("housekeeping_late", job=event.job_id)


WriteReports = Callable[[Site, int], Coroutine[object, object, None]]
"""Writes what is due of ``site.reports`` at an instant; the command line gives it: reports stand above this room."""


def reports_job(site: Callable[[], Site], clock: Clock, write_reports: WriteReports) -> Job:
    """The monthly reports, looked after every hour: ``write_reports`` is given the site as it is then, and the time."""

    async def reports() -> None:
        await write_reports(site(), clock.now_ms())

    return Job("write_reports", REPORTS_EVERY_S, reports)


def jobs_of(ledger: Ledger, clock: Clock, check_failsafe: Callable[[], None], upkeep: Upkeep) -> tuple[Job, ...]:
    """The jobs of a controller.

    Readings are rolled up every few minutes, move once a day to the archive that is quick to read by circuit, and go
    when they are older than the site keeps them; see ``Upkeep``. What ended tasks put out is
    forgotten after a day, for it was told to the one who asked. Every hour the settings that keep lamps lit without us
    are read again. Proposals that nobody confirmed in time are written down as lapsed. Days that are over get their
    account of energy, and those of which later readings came get a new one.
    """
    keeper = Keeper(ledger.store)

    async def forget() -> None:
        before_ms = clock.now_ms() - TASK_OUTPUTS_MS
        await ledger.ask(lambda: ledger.store.tasks.forget_outputs(before_ms))

    async def lapse() -> None:
        now_ms = clock.now_ms()
        await ledger.ask(lambda: ledger.store.instructions.lapse(now_ms))

    async def account() -> None:
        now_ms = clock.now_ms()
        began_s, made, left = time.monotonic(), 0, 1
        while left and time.monotonic() - began_s < ACCOUNT_FOR_S:
            # In a thread of its own: a city's day takes seconds, and nobody waits for it.
            done = await asyncio.to_thread(keeper.bring_up_to_date, now_ms, most_days=ACCOUNT_DAYS_AT_ONCE)
            made, left = made + done.made, done.left if done.made else 0
        if made:
            log.info("days_accounted", days=made, left=left)

    async def failsafe() -> None:
        check_failsafe()

    return (
        Job("roll_up_readings", _of_site_time(ROLL_EVERY_S, clock), upkeep.roll),
        Job("reorder_readings", REORDER_EVERY_S, upkeep.reorder),
        Job("retire_old", RETIRE_EVERY_S, upkeep.retire),
        Job("forget_task_outputs", FORGET_EVERY_S, forget),
        Job("lapse_proposals", LAPSE_EVERY_S, lapse),
        Job("account_days", _of_site_time(ACCOUNTS_EVERY_S, clock), account),
        Job("check_failsafe", CHECK_FAILSAFE_EVERY_S, failsafe),
    )


def _of_site_time(every_s: float, clock: Clock) -> float:
    """Seconds of the machine between two runs of what follows the site's clock, which may be accelerated."""
    return max(LEAST_EVERY_S, every_s / clock.speed)
