"""A task without a controller: the command takes the site's lines itself, runs the same code, and gives them back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.ledger import Ledger
from lighting.operation.line_lock import LineLock
from lighting.operation.lines import Lines, off_loopback
from lighting.operation.lines import holder_name as program_name
from lighting.operation.lockout import locked_circuits
from lighting.operation.setting_budget import StoredBudget
from lighting.operation.task_kinds import task_kinds
from lighting.operation.task_work import TaskEnd, TaskKind, TaskWork, carry_out
from lighting.store.clock import Clock, going_on
from lighting.store.holders import by_hand
from lighting.store.records import Task, TaskStatus
from lighting.store.store import Store

T = TypeVar("T")


class Heard(Protocol):
    """Who is told how the task goes on; ``alone`` once the lines are taken."""

    def state(self, state: str) -> None: ...
    def progress(self, done: int, total: int) -> None: ...
    def output(self, output: Mapping[str, object]) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task is carried out. ``folder`` is the site's, for the certificates of its lines."""

    store: Store
    site: Site
    folder: Path


def run_alone(place: Place, task_id: int, heard: Heard) -> TaskStatus | None:
    """Carry out a waiting task in this process, under the line lock, which is given back at the end.

    None when the task was taken up, or ended, by somebody else meanwhile. Raises ``LockHeld`` when a controller or
    another such command holds the lines, KeyboardInterrupt when the person ends it (it is then told as cancelled).
    """
    tasks = place.store.tasks
    status = tasks.get(task_id)
    kind = None if status is None else task_kinds().get(status.task.kind)
    if status is None or kind is None:
        return status
    clock = going_on(place.store.controller.clock())
    lock = LineLock(place.store, holder=holder_name(kind.name))
    try:
        if not tasks.take(task_id, "running", at_ms=clock.now_ms()):
            return None
        heard.state("alone")
        end = _run(place, kind, status.task, heard, lock, clock)
        tasks.end(task_id, end.state, at_ms=clock.now_ms(), result=end.result, fact=end.fact)
    except BaseException:
        tasks.end(task_id, "cancelled", at_ms=clock.now_ms(), fact=Fact("task_cancelled"))
        raise
    finally:
        lock.release()
    return tasks.get(task_id)


def holder_name(kind: str) -> str:
    """Who holds the lines, for a controller that is refused meanwhile."""
    return program_name(by_hand(kind))


def _run(place: Place, kind: TaskKind, task: Task, heard: Heard, lock: LineLock, clock: Clock) -> TaskEnd:
    part = _part_of(place.site, kind, task.params)
    if place.store.controller.clock_row() is not None:
        refusal = off_loopback(part)
        if refusal is not None:
            return TaskEnd("failed", fact=refusal)
    with asyncio.Runner() as runner:
        return runner.run(_work(place, part, kind, task, heard, lock, clock))


def _part_of(site: Site, kind: TaskKind, params: Mapping[str, object]) -> Site:
    """The site with only the buses and devices that the task needs: the others are not connected."""
    wanted = kind.buses(site, params)
    buses = {bus_id: site.buses[bus_id] for bus_id in wanted}
    devices = {device.id: device for device in site.devices.values() if device.bus in buses}
    return replace(site, buses=buses, devices=devices)


async def _work(
    place: Place, part: Site, kind: TaskKind, task: Task, heard: Heard, lock: LineLock, clock: Clock
) -> TaskEnd:
    store, site = place.store, place.site
    lines = Lines(speed=clock.speed, folder=place.folder, holder=holder_name(kind.name))
    ledger = Ledger(store)

    async def ask(question: Callable[[Store], T]) -> T:
        return await ledger.ask(lambda: question(store))

    def allowed(circuit_ids: Iterable[str]) -> bool:
        """Asked of the store at the very moment: nobody else brings news of a lockout here."""
        locked = locked_circuits(site, store.instructions.in_force(clock.now_ms()))
        return lock.lost is None and locked.isdisjoint(circuit_ids)

    try:
        await lines.take(part)
        work = TaskWork(
            site=site,
            lines=lines,
            params=task.params,
            by=task.by,
            reason=task.reason,
            clock=clock,
            ruled=False,
            allowed=allowed,
            progress=heard.progress,
            emit=heard.output,
            ask=ask,
            budget=StoredBudget(ask, clock, by=task.by),
            turn=_turn,
        )
        return await _while_held(carry_out(kind, work), lock)
    finally:
        await lines.close()
        await ledger.close()


async def _while_held(work: Coroutine[object, object, TaskEnd], lock: LineLock) -> TaskEnd:
    """Carry out while the lines are ours; a lock on a server is lost with its connection."""
    working = asyncio.ensure_future(work)
    keeping = asyncio.ensure_future(lock.keep(lambda: _cancel(working)))
    try:
        return await working
    except asyncio.CancelledError:
        if lock.lost is None:
            raise
        return TaskEnd("failed", fact=lock.lost)
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


def _cancel(working: asyncio.Future[TaskEnd]) -> None:
    working.cancel()


@asynccontextmanager
async def _turn(_bus_id: str) -> AsyncIterator[None]:
    yield
