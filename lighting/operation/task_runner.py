"""The controller's side of tasks: takes them up, runs them beside its ticks, tells how far they are, and ends them.

It shares the loop with the tick and never holds it up: devices are asked on the same fair queue of each bus as polls
and writes, and the store is asked in the ledger's thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import structlog

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.background import start_task
from lighting.operation.ledger import Ledger
from lighting.operation.setting_budget import StoredBudget
from lighting.operation.task_kinds import task_kinds
from lighting.operation.task_work import OpenLines, TaskEnd, TaskKind, TaskWork, carry_out
from lighting.store.clock import Clock
from lighting.store.failsafe_record import FoundSettings
from lighting.store.records import TaskStatus
from lighting.store.store import Store, StoreError

T = TypeVar("T")
LOOK_EVERY_S = 0.25
LOOK_ANYWAY_AFTER = 20
ASKER_GONE_S = 15.0
"""Real seconds without a beat of the asker, who beats every second, after which nobody waits any more."""
_OUTPUTS_KEPT = 20_000
_LAST_WAIT_S = 2.0

log = structlog.get_logger("lighting.operation.tasks")


class Turns:
    """One task at a time on a bus."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def turn(self, bus_id: str) -> AsyncIterator[None]:
        """Wait for the place on that bus and hold it."""
        async with self._locks.setdefault(bus_id, asyncio.Lock()):
            yield

    def any_taken(self, bus_ids: Iterable[str]) -> bool:
        """Whether a task would have to wait for one of them."""
        return any(bus_id in self._locks and self._locks[bus_id].locked() for bus_id in bus_ids)


@dataclass(slots=True)
class _Run:
    """A task under way, and what of it was not told to the store yet."""

    status: TaskStatus
    ends_with_asker: bool
    beats: int
    heard_s: float
    work: asyncio.Task[None] | None = None
    outputs: list[Mapping[str, object]] = field(default_factory=list)
    progress: tuple[int, int] | None = None
    gone: bool = False
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)

    def emit(self, output: Mapping[str, object]) -> None:
        """Keep an output until it is told; while the store fails, the newest go."""
        if len(self.outputs) < _OUTPUTS_KEPT:
            self.outputs.append(output)


class TaskRunner:
    """``site`` and ``may_write`` are asked each time: a revision or a lockout may have come."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        lines: OpenLines,
        *,
        site: Callable[[], Site],
        may_write: Callable[[Iterable[str]], bool],
        settings_read: Callable[[str, FoundSettings], None],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lines = lines
        self._site = site
        self._may_write = may_write
        self._settings_read = settings_read
        self._turns = Turns()
        self._runs: dict[int, _Run] = {}
        self._left_over: dict[int, tuple[int, float]] = {}
        self._counter = -1
        self._failing = False

    async def open_at_start(self) -> None:
        """End what a controller before this one left unfinished; what waits is looked at again.

        Raises ``StoreError``.
        """
        for status in await self._ledger.look(self._ledger.store.tasks.unended):
            if status.state == "waiting":
                # Nobody may wait for it any more: it is taken up only once its asker is heard.
                self._left_over[status.task.id] = (status.asker_beats, time.monotonic())
            else:
                await self._end(status.task.id, TaskEnd("failed", fact=Fact("task_controller_gone")))

    async def watch(self) -> None:
        """Look until cancelled; a store that fails is said once and looked at again."""
        looks = 0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            looks += 1
            try:
                await self.look(anyway=looks % LOOK_ANYWAY_AFTER == 0)
                self._failing = False
            except StoreError as error:
                if not self._failing:
                    log.error("tasks_not_readable", code=error.fact.code)
                self._failing = True
            except Exception:  # whatever it is, the next look tries again
                if not self._failing:
                    log.exception("tasks_not_readable")
                self._failing = True

    async def stop(self) -> None:
        """End all that runs; it is told as ended with the controller."""
        runs = list(self._runs.values())
        to_their_end = [run.work for run in runs if run.work is not None and not run.ends_with_asker]
        if to_their_end:
            await asyncio.wait(to_their_end, timeout=_LAST_WAIT_S)
        works = [run.work for run in runs if run.work is not None]
        for work in works:
            work.cancel()
        if works:
            await asyncio.wait(works, timeout=_LAST_WAIT_S)
        for run in runs:
            await self._conclude(run, TaskEnd("failed", fact=Fact("task_controller_gone")))

    async def look(self, *, anyway: bool = False) -> None:
        """Tell what is new of running tasks, take up new ones, and end those that nobody wants any more."""
        for run in list(self._runs.values()):
            await self._tell(run)
        store = self._ledger.store
        counter = (await self._ledger.look(store.changes.counters)).get("task", 0)
        if counter == self._counter and not (anyway or self._runs or self._left_over):
            return
        unended = {status.task.id: status for status in await self._ledger.look(store.tasks.unended)}
        self._counter = counter
        for number, run in list(self._runs.items()):
            self._mind(run, unended.get(number))
        for number, status in unended.items():
            if number not in self._runs and status.state == "waiting":
                await self._consider(status)
        self._left_over = {number: seen for number, seen in self._left_over.items() if number in unended}

    async def _consider(self, status: TaskStatus) -> None:
        """Take up a waiting task; one from before this controller only if its asker still waits."""
        left = self._left_over.get(status.task.id)
        if left is not None:
            beats, since_s = left
            if status.asker_beats == beats:
                if time.monotonic() - since_s > ASKER_GONE_S:
                    store, now_ms = self._ledger.store, self._clock.now_ms()
                    number = status.task.id
                    fact = Fact("task_asker_gone")
                    await self._ledger.ask(lambda: store.tasks.end(number, "lapsed", at_ms=now_ms, fact=fact))
                return
            del self._left_over[status.task.id]
        kind = task_kinds().get(status.task.kind)
        if kind is None:
            fact = Fact("task_kind_unknown", {"kind": status.task.kind})
            await self._end(status.task.id, TaskEnd("failed", fact=fact))
            return
        run = _Run(status, kind.ends_with_asker, status.asker_beats, time.monotonic())
        self._runs[status.task.id] = run
        run.work = start_task(self._serve(run, kind), f"task {status.task.id}")

    def _mind(self, run: _Run, status: TaskStatus | None) -> None:
        """Cancel what was cancelled in the store, and what nobody waits for."""
        if run.work is None or run.work.done():
            return
        if status is None:
            run.work.cancel()
        elif status.asker_beats != run.beats:
            run.beats, run.heard_s = status.asker_beats, time.monotonic()
        elif run.ends_with_asker and time.monotonic() - run.heard_s > ASKER_GONE_S:
            run.gone = True
            run.work.cancel()

    async def _serve(self, run: _Run, kind: TaskKind) -> None:
        task = run.status.task
        buses = kind.buses(self._site(), task.params) if kind.holds_bus else ()
        end: TaskEnd | None = None
        try:
            async with AsyncExitStack() as held:
                if self._turns.any_taken(buses) and not await self._take(task.id, "queued"):
                    return
                for bus_id in buses:
                    await held.enter_async_context(self._turns.turn(bus_id))
                if not await self._take(task.id, "running"):
                    return
                log.info("task_begun", task=task.id, kind=task.kind, by=task.by)
                end = await carry_out(kind, self._work(run))
        except asyncio.CancelledError:
            if not run.gone:
                raise
            end = TaskEnd("failed", fact=Fact("task_asker_gone"))
        except StoreError as error:
            log.error("task_not_told", task=task.id, code=error.fact.code)
        finally:
            if end is not None:
                await self._conclude(run, end)
            self._runs.pop(task.id, None)

    async def _conclude(self, run: _Run, end: TaskEnd) -> None:
        try:
            await self._tell(run)
            await self._end(run.status.task.id, end)
        except StoreError as error:
            log.error("task_not_told", task=run.status.task.id, code=error.fact.code)
        log.info("task_ended", task=run.status.task.id, state=end.state, code=end.fact.code if end.fact else "")

    def _work(self, run: _Run) -> TaskWork:
        def progress(done: int, total: int) -> None:
            run.progress = (done, total)

        task = run.status.task
        return TaskWork(
            site=self._site(),
            lines=self._lines,
            params=task.params,
            by=task.by,
            reason=task.reason,
            clock=self._clock,
            ruled=True,
            allowed=self._may_write,
            progress=progress,
            emit=run.emit,
            ask=self._ask,
            budget=StoredBudget(self._ask, self._clock, by=task.by),
            turn=self._turns.turn,
            settings_read=self._settings_read,
        )

    async def _ask(self, question: Callable[[Store], T]) -> T:
        return await self._ledger.ask(lambda: question(self._ledger.store))

    async def _tell(self, run: _Run) -> None:
        """Carry progress and outputs over to the store."""
        store, number, now_ms = self._ledger.store, run.status.task.id, self._clock.now_ms()
        async with run.telling:
            progress, run.progress = run.progress, None
            outputs, run.outputs = run.outputs, []
            if progress is not None:
                done, total = progress
                await self._ledger.ask(lambda: store.tasks.progress(number, done, total))
            if outputs:
                try:
                    await self._ledger.ask(lambda: store.tasks.add_outputs(number, outputs, at_ms=now_ms))
                except StoreError:
                    run.outputs[:0] = outputs  # not stored: told with the next
                    raise

    async def _take(self, number: int, state: Literal["queued", "running"]) -> bool:
        store, now_ms = self._ledger.store, self._clock.now_ms()
        return await self._ledger.ask(lambda: store.tasks.take(number, state, at_ms=now_ms))

    async def _end(self, number: int, end: TaskEnd) -> None:
        store, now_ms = self._ledger.store, self._clock.now_ms()
        await self._ledger.ask(
            lambda: store.tasks.end(number, end.state, at_ms=now_ms, result=end.result, fact=end.fact)
        )
