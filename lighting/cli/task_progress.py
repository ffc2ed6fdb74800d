"""What is said on stderr while a task on devices is under way: who does it, how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.cli.voice import Voice
from lighting.desk.desk import Desk
from lighting.desk.tasks import Listener, TaskWish
from lighting.store.records import TaskStatus
from lighting.store.store import Store

PLAIN_EVERY_S = 5.0

_SAID = {"alone": "task_alone", "queued": "task_queued", "still_waiting": "task_still_waiting"}


class TaskProgress:
    """A listener. ``label`` names a bar on a terminal, or plain lines elsewhere; without one nothing is drawn."""

    def __init__(
        self, voice: Voice, *, label: str = "", output: Callable[[Mapping[str, object]], None] | None = None
    ) -> None:
        self._voice = voice
        self._label = label
        self._output = output
        self._bar: Progress | None = None
        self._row: TaskID | None = None
        self._said_s = time.monotonic()
        self._told: set[str] = set()

    def __enter__(self) -> Self:
        if self._label and sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def state(self, state: str) -> None:
        """Say once what a person would wonder about: who does it, and why it does not begin."""
        if state in _SAID and state not in self._told:
            self._told.add(state)
            self._voice.tell(Fact(_SAID[state]))

    def progress(self, done: int, total: int) -> None:
        """Draw it, or say it now and then."""
        if not self._label or total <= 0:
            return
        if self._bar is not None:
            if self._row is None:
                self._row = self._bar.add_task(self._label, total=total)
            self._bar.update(self._row, completed=done, total=total)
        elif time.monotonic() - self._said_s >= PLAIN_EVERY_S:
            self._said_s = time.monotonic()
            self._voice.tell(Fact("task_progress", {"what": self._label, "done": done, "total": total}))

    def output(self, output: Mapping[str, object]) -> None:
        """Hand on what was found."""
        if self._output is not None:
            self._output(output)


def perform(desk: Desk, wish: TaskWish, progress: TaskProgress, *, finish_once_begun: bool = False) -> TaskStatus:
    """Have it done by the controller, or here where none runs. Raises ``DeskError``."""
    return desk.perform(wish, listener=progress, stand_in=_here, finish_once_begun=finish_once_begun)


def _here(store: Store, site: Site, folder: Path, task_id: int, listener: Listener) -> TaskStatus | None:
    from lighting.operation.alone import Place, run_alone

    with _quiet_logs():
        return run_alone(Place(store, site, folder), task_id, listener)


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """What a controller would log, a command says itself or keeps to itself: its stdout is for data."""
    import logging

    import structlog

    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)
