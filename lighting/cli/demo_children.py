"""The demonstration's two processes, the simulator and the controller: started, watched, ended, never orphaned."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_PR_SET_PDEATHSIG = 1
_END_WITHIN_S = 8.0
_TAIL_LINES = 5


class Child:
    """One ``lighting`` command as a process of its own. Its talk goes into ``log_file``."""

    def __init__(self, name: str, arguments: Sequence[str], log_file: Path) -> None:
        self.name = name
        self.log_file = log_file
        with log_file.open("ab") as log:
            self._said_before = log.tell()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
                [sys.executable, "-m", "lighting", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl-C in the terminal is the parent's, who ends its children in order.
                start_new_session=True,
                preexec_fn=_end_with_parent(os.getpid()),
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def words(self) -> str:
        """What it has logged so far."""
        return self.log_file.read_bytes()[self._said_before :].decode("utf-8", "replace")

    def last_words(self) -> str:
        """The end of its log, on one line."""
        lines = self.words().splitlines()
        return " / ".join(line.strip() for line in lines[-_TAIL_LINES:] if line.strip())

    def ask_to_end(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait_ended(self, until_s: float) -> bool:
        """Wait until that monotonic time, then kill it; whether it ended by itself."""
        try:
            self._process.wait(max(0.0, until_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True


class Children:
    """All children; leaving the block ends them, whatever happened inside."""

    def __init__(self) -> None:
        self._running: list[Child] = []

    def start(self, name: str, arguments: Sequence[str], log_file: Path) -> Child:
        child = Child(name, arguments, log_file)
        self._running.append(child)
        return child

    def dead(self) -> Child | None:
        """The first child that has ended without being asked to."""
        return next((child for child in self._running if child.exit_code is not None), None)

    def end(self, child: Child) -> bool:
        """End one child; whether it went by itself within its time."""
        self._running.remove(child)
        child.ask_to_end()
        return child.wait_ended(time.monotonic() + _END_WITHIN_S)

    def end_all(self) -> bool:
        """End them, the last started first: the controller while its lines still answer."""
        went_by_themselves = [self.end(child) for child in reversed(list(self._running))]
        return all(went_by_themselves)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_all()


def _end_with_parent(parent_pid: int) -> Callable[[], None] | None:
    """Run in the child before it becomes ``lighting``: the kernel sends it SIGTERM when its parent dies (prctl(2)).

    Linux only; elsewhere a parent that is killed outright leaves its children to be ended by hand.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arrange() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent_pid:
            os._exit(1)

    return arrange
