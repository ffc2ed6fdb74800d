"""The dashboard in a real terminal: tmux shows it, keys are sent, the pane is read."""

from __future__ import annotations

import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DEADLINE_S = 30.0
SCRIPT = """
import os, pathlib
from tests.tui.fake_desk import FakeDesk
from tui.app import Dashboard, show
pathlib.Path(__file__).with_name("pid").write_text(str(os.getpid()))
code = show(Dashboard(FakeDesk(100), refresh_s=0.2))
print("left cleanly", code)
"""

pytestmark = pytest.mark.terminal


class Terminal:
    """A tmux server of its own, with one pane."""

    def __init__(self, columns: int, rows: int, **environment: str) -> None:
        self._socket = f"streetlights-{uuid.uuid4().hex[:12]}"
        setting = {"LC_ALL": "C.UTF-8", "PYTHONPATH": str(CHECKOUT), **environment}
        # A test runner may have fixed COLUMNS and LINES, which would hide the terminal's own size.
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        self._environment = {**kept, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        told = [part for name, value in setting.items() for part in ("-e", f"{name}={value}")]
        size = ["-x", str(columns), "-y", str(rows)]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, *told, "sh")
        self.send("clear", "Enter")

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-L", self._socket, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=self._environment, timeout=20)
        return done.stdout

    def send(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def seen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def until_seen(self, text: str) -> str:
        deadline = time.monotonic() + DEADLINE_S
        while text not in (shown := self.seen()):
            if time.monotonic() > deadline:
                size = self._tmux("display-message", "-p", "#{pane_width}x#{pane_height}").strip()
                raise AssertionError(f"never saw {text!r} at {size} in\n{shown}")
            time.sleep(0.05)
        return shown

    def end(self) -> None:
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], check=False, capture_output=True, timeout=20)


@pytest.fixture
def script(tmp_path: Path) -> str:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed (Debian package tmux)")
    path = tmp_path / "dashboard.py"
    path.write_text(SCRIPT, encoding="utf-8")
    return f"{sys.executable} {path}"


@pytest.fixture
def terminal(script: str) -> Iterator[Terminal]:
    pane = Terminal(80, 24)
    try:
        pane.send(script, "Enter")
        yield pane
    finally:
        pane.end()


def test_a_crew_finds_a_circuit_and_sets_it(terminal: Terminal) -> None:
    terminal.until_seen("lit 100 of 100")
    terminal.send("2")
    terminal.until_seen("1–18 of 100")
    terminal.send("/")
    terminal.send("-l", "dinh cb-10")
    terminal.until_seen("1–1 of 1")
    terminal.send("Enter", "Enter")  # the filter is left and its row is opened, however fast one types
    terminal.until_seen("C-0040 · Đinh Tiên Hoàng · CB-10")
    terminal.send("s")
    terminal.until_seen("Set a level")
    terminal.send("-l", "40")
    terminal.send("Enter")
    terminal.send("-l", "06:00")
    terminal.send("Enter")
    terminal.send("-l", "road works")
    terminal.send("Enter")
    terminal.until_seen("[Enter] do it")
    terminal.send("Enter")
    terminal.until_seen("C-0040 to 40 % (#17): confirmed (4.1 s)")
    terminal.resize(160, 50)
    shown = terminal.until_seen("─" * 160)
    terminal.send("Escape")
    terminal.until_seen("BECAUSE")
    assert "C-0040 · Đinh Tiên Hoàng" in shown
    terminal.send("q")
    terminal.until_seen("left cleanly")


def test_a_poor_terminal_gets_plain_ascii(script: str) -> None:
    pane = Terminal(80, 24, LIGHTING_ASCII="1")
    try:
        pane.send(script, "Enter")
        shown = pane.until_seen("lit 100 of 100")
        assert shown.isascii()
        assert "controller * 2 s" in shown
    finally:
        pane.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_a_terminal_that_can_be_used(
    terminal: Terminal, tmp_path: Path, number: signal.Signals
) -> None:
    terminal.until_seen("lit 100 of 100")
    os.kill(int((tmp_path / "pid").read_text()), number)
    terminal.until_seen(f"left cleanly {128 + number}")
    terminal.send("-l", "PS1=; stty -a | grep -o -w -e '-*icanon' -e '-*echo'; echo $((40 + 2)) asked")
    terminal.send("Enter")
    shown = terminal.until_seen("42 asked")
    assert "lit 100 of 100" not in shown
    assert {"icanon", "echo"} <= {line.removeprefix("# ").removeprefix("$ ") for line in shown.splitlines()}


@pytest.mark.parametrize("is_leader", [True, False])
def test_a_terminal_that_is_gone_leaves_no_process(tmp_path: Path, is_leader: bool) -> None:
    """Under another leader, such as make, the kernel does not tell the dashboard that its terminal went."""
    path, noted = tmp_path / "dashboard.py", tmp_path / "pid"
    path.write_text(SCRIPT, encoding="utf-8")
    leader = [sys.executable, str(path)]
    if not is_leader:
        leader = ["/bin/sh", "-c", f'trap "" HUP; {sys.executable} {path}; sleep {10 * DEADLINE_S}']
    pid, master = pty.fork()
    if pid == 0:
        setting = {**os.environ, "PYTHONPATH": str(CHECKOUT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        os.execve(leader[0], leader, setting)
    try:
        seen = b""
        while b"NEEDS YOU" not in seen:
            seen += os.read(master, 65536)
        os.close(master)
        dashboard = int(noted.read_text())
        deadline = time.monotonic() + DEADLINE_S
        while is_alive(dashboard):
            assert time.monotonic() < deadline, "still there after its terminal was closed"
            time.sleep(0.05)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and was not asked for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
