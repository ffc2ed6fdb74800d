"""What people have asked since the last look: the store's change counters, looked at every 250 ms in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from lighting.operation.ledger import Ledger
from lighting.schedule.instructions import Instruction
from lighting.store.clock import Clock
from lighting.store.records import InstructionStateName, Revision
from lighting.store.store import StoreError

LOOK_EVERY_S = 0.25
LOOK_ANYWAY_AFTER = 20

log = structlog.get_logger("lighting.operation.inbox")


@dataclass(frozen=True, slots=True)
class Mail:
    """A look's result. ``states`` tells where each instruction stands; ``revision`` is set when it is a new one.

    ``ended`` are those that ended a little while ago, from whose levels lamps may still be on their way down.
    """

    instructions: tuple[Instruction, ...]
    states: dict[int, InstructionStateName]
    revision: Revision | None = None
    ended: tuple[Instruction, ...] = ()


class Inbox:
    """Keeps the last known instructions; while the store fails, they stay in force as they were.

    ``take_pushes`` is called when counts of traffic may have been pushed.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        *,
        revision_id: int,
        deliver: Callable[[Mail], None],
        take_pushes: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._revision_id = revision_id
        self._deliver = deliver
        self._take_pushes = take_pushes
        self._counters: dict[str, int] = {}
        self._states: dict[int, InstructionStateName] = {}
        self._failing = False

    async def open_at_start(self) -> None:
        """The first look, before the first tick. Raises ``StoreError``."""
        self._counters = await self._ledger.look(self._ledger.store.changes.counters)
        self._deliver(await self._read(look_at_revision=False))
        if self._take_pushes is not None:
            await self._take_pushes()

    async def watch(self) -> None:
        """Look until cancelled; a store that fails is said once and looked at again."""
        looks = 0
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            looks += 1
            try:
                await self._look(anyway=looks % LOOK_ANYWAY_AFTER == 0)
                self._failing = False
            except StoreError as error:
                if not self._failing:
                    log.error("instructions_not_readable", code=error.fact.code)
                self._failing = True
            except Exception:  # whatever it is, people must be heard again at the next look
                if not self._failing:
                    log.exception("instructions_not_readable")
                self._failing = True

    async def _look(self, *, anyway: bool) -> None:
        counters = await self._ledger.look(self._ledger.store.changes.counters)
        before, self._counters = self._counters, counters
        new_revision = counters.get("revision") != before.get("revision")
        if anyway or new_revision or counters.get("instruction") != before.get("instruction"):
            try:
                mail = await self._read(look_at_revision=new_revision)
            except StoreError:
                self._counters = before
                raise
            self._deliver(mail)
        if self._take_pushes is not None and (anyway or counters.get("traffic") != before.get("traffic")):
            try:
                await self._take_pushes()
            except StoreError:
                self._counters = before
                raise

    async def _read(self, *, look_at_revision: bool) -> Mail:
        store = self._ledger.store
        now_ms = self._clock.now_ms()

        def read() -> Mail:
            instructions = tuple(store.instructions.in_force(now_ms))
            for note in instructions:
                if note.id not in self._states:
                    status = store.instructions.get(note.id)
                    self._states[note.id] = "recorded" if status is None else status.state
            revision = store.revisions.latest() if look_at_revision else None
            ended = tuple(store.instructions.lately_ended(now_ms))
            return Mail(instructions, dict(self._states), revision, ended)

        mail = await self._ledger.look(read)
        if mail.revision is not None and mail.revision.id == self._revision_id:
            return replace(mail, revision=None)
        if mail.revision is not None:
            self._revision_id = mail.revision.id
        return mail
