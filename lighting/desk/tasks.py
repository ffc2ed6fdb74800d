"""Work on devices that a person asks for: who may, what is audited, and waiting for it.

While a controller runs it does the work, so that never two masters are on a line; here it is asked for and waited
for. Where nobody holds the lines, ``stand_in`` does it in this process.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site
from lighting.desk import rights
from lighting.desk.refusal import DeskError, NotConfirmed, NotFound, Refused, WrongUsage
from lighting.store.clock import Clock
from lighting.store.holders import is_by_hand
from lighting.store.records import AuditDraft, TaskStatus
from lighting.store.store import LockHeld, Store

LOOK_EVERY_S = 0.1
BEAT_EVERY_S = 1.0
TAKE_UP_S = 15.0
"""How long a task waits to be taken up by whoever holds the lines."""
_PATIENCE_S = 2.0

_NOT_FOUND = frozenset({"task_no_device", "task_no_bus", "task_no_point"})
_REFUSED = frozenset(
    {
        "task_locked_out",
        "task_output_ruled",
        "task_word_missing",
        "task_point_read_only",
        "task_budget_spent",
        "task_value_refused",
        "broadcast_locked_out",
        "broadcast_output_ruled",
        "broadcast_word_missing",
        "broadcast_refused",
        "commission_watchdog_not_fed",
    }
)
_OUR_FAILURE = frozenset({"task_fault", "task_kind_unknown", "task_parameter_wrong", "task_recording_already"})


@dataclass(frozen=True, slots=True)
class TaskWish:
    """What a person asks. ``writes``: it changes something on a device, which needs an operator and is audited."""

    kind: str
    params: Mapping[str, object]
    subject: str
    writes: bool = False
    reason: str = ""
    told: Mapping[str, Value] = field(default_factory=dict)
    """What the audit says of a write, beside its number."""


class Listener(Protocol):
    """Who is told how a task goes on."""

    def state(self, state: str) -> None:
        """A new state: ``waiting``, ``still_waiting``, ``queued``, ``running``, or ``alone`` for running here."""

    def progress(self, done: int, total: int) -> None: ...
    def output(self, output: Mapping[str, object]) -> None: ...


class StandIn(Protocol):
    """Carries the task out in this process; None when another took it up meanwhile. Raises ``LockHeld``."""

    def __call__(
        self, store: Store, site: Site, folder: Path, task_id: int, listener: Listener
    ) -> TaskStatus | None: ...


def ask(site: Site, store: Store, clock: Clock, user_id: str, wish: TaskWish) -> int:
    """Record the wish; its number. Raises ``Refused`` for want of a right."""
    rights.require(site, user_id, "operator" if wish.writes else "crew", wish.kind)
    draft = AuditDraft(f"task_{wish.kind}", wish.subject, {"reason": wish.reason, **wish.told}) if wish.writes else None
    return store.tasks.ask(
        kind=wish.kind, params=wish.params, by=user_id, reason=wish.reason, at_ms=clock.now_ms(), audit=draft
    )


@dataclass(slots=True)
class Following:
    """Waits for one task, in real time, and beats meanwhile so that the controller knows that somebody does."""

    site: Site
    folder: Path
    store: Store
    clock: Clock
    listener: Listener
    stand_in: StandIn

    def follow(self, task_id: int, *, finish_once_begun: bool = False) -> TaskStatus:
        """Until it has ended. Raises the ``DeskError`` of how it ended, unless it is done.

        At a KeyboardInterrupt it is cancelled; with ``finish_once_begun`` only where it has not begun.
        """
        try:
            status = self._until_ended(task_id)
        except KeyboardInterrupt:
            self.store.tasks.end(
                task_id,
                "cancelled",
                at_ms=self.clock.now_ms(),
                fact=Fact("task_cancelled"),
                unless_begun=finish_once_begun,
            )
            raise
        if status.state != "done":
            raise error_of(status)
        return status

    def _until_ended(self, task_id: int) -> TaskStatus:
        asked_s = beaten_s = time.monotonic()
        seen: tuple[str, int, int] = ("", 0, 0)
        after_id = 0
        counter, has_asked_patience = -1, False
        while True:
            fresh = self.store.changes.counters()["task"]
            if fresh != counter:
                counter = fresh
                status = self._status(task_id)
                for output in self.store.tasks.outputs(task_id, after_id=after_id):
                    after_id = output.id
                    self.listener.output(output.output)
                seen = self._told(status, seen)
                if status.has_ended:
                    return status
            now_s = time.monotonic()
            if not self.store.controller.is_locked():
                stood_in = self._nobody_holds_the_lines(status)
                if stood_in is not None:
                    return stood_in
            elif status.state == "waiting" and now_s - asked_s > TAKE_UP_S and not self._is_held_by_hand():
                self._lapse(task_id)
            elif status.state == "waiting" and now_s - asked_s > _PATIENCE_S and not has_asked_patience:
                has_asked_patience = True
                self.listener.state("still_waiting")
            if now_s - beaten_s >= BEAT_EVERY_S:
                beaten_s = now_s
                self.store.tasks.asker_waits(task_id)
            time.sleep(LOOK_EVERY_S)

    def _status(self, task_id: int) -> TaskStatus:
        status = self.store.tasks.get(task_id)
        if status is None:
            raise NotFound(Fact("no_such_task", {"id": task_id}))
        return status

    def _told(self, status: TaskStatus, seen: tuple[str, int, int]) -> tuple[str, int, int]:
        now = (status.state, status.done, status.total)
        if now[0] != seen[0] and not status.has_ended:
            self.listener.state(status.state)
        if now[1:] != seen[1:]:
            self.listener.progress(status.done, status.total)
        return now

    def _nobody_holds_the_lines(self, status: TaskStatus) -> TaskStatus | None:
        """Do it here; or, where a controller died over it, say so."""
        if status.state == "waiting":
            try:
                return self.stand_in(self.store, self.site, self.folder, status.task.id, self.listener)
            except LockHeld:
                return None  # another was quicker: it is waited for
        fact = Fact("task_controller_gone")
        self.store.tasks.end(status.task.id, "failed", at_ms=self.clock.now_ms(), fact=fact)
        return self.store.tasks.get(status.task.id)

    def _is_held_by_hand(self) -> bool:
        """Another command such as this one takes nothing up, but it ends; then this one takes the lines itself."""
        return is_by_hand(self.store.controller.holder())

    def _lapse(self, task_id: int) -> None:
        holder = self.store.controller.holder() or "?"
        fact = Fact("task_not_taken_up", {"longest_duration_ms": round(1000 * TAKE_UP_S), "holder": holder})
        self.store.tasks.end(task_id, "lapsed", at_ms=self.clock.now_ms(), fact=fact)


def error_of(status: TaskStatus) -> DeskError:
    """The error that an ended task is for a person, with the exit code of its kind."""
    fact = status.fact or Fact("task_ended_badly", {"id": status.task.id, "state": status.state})
    kind: type[DeskError] = NotConfirmed
    if fact.code in _NOT_FOUND:
        kind = NotFound
    elif fact.code in _REFUSED:
        kind = Refused
    elif fact.code in _OUR_FAILURE or fact.code.startswith("store_"):
        kind = DeskError
    elif fact.code == "accelerated_clock_off_loopback":
        kind = WrongUsage
    return kind(fact)
