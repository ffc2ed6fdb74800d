"""Every command of the README, run in its order as a new user would, in a folder of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = """lamp_id,cabinet,watts,lamp,lat,lon
1,CB-A,60,LED,52.0100,4.3600
2,CB-A,60,LED,52.0101,4.3602
3,CB-A,150,HPS,52.0103,4.3604
4,CB-B,90,LED,52.0110,4.3610
5,CB-B,90,LED,52.0111,4.3612
"""


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.split(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


class Shell:
    """Runs the tour's commands one after the other, keeping the folder and what was put into the background."""

    def __init__(self, folder: Path) -> None:
        self.folder = self.night = folder
        self.background: list[subprocess.Popen[bytes]] = []
        self.ahead: dict[str, subprocess.Popen[str]] = {}
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LIGHTING_USER": "newcomer",
            "COLUMNS": "100",
        }
        self.environment.pop("LIGHTING_SITE", None)

    def start_ahead(self, command: str, folder: Path) -> None:
        """Begin a command that needs nothing of the tour, in a folder of its own; its turn is when it is judged."""
        folder.mkdir()
        self.ahead[command] = subprocess.Popen(
            shlex.split(command),
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, command: str) -> None:
        words = shlex.split(command)
        if command in self.ahead:
            child = self.ahead[command]
            said, complained = child.communicate(timeout=240)
            self._judge(words, child.returncode, said, complained)
            return
        if words[0] == "cd":
            self.folder = self.folder / words[1]
            assert self.folder.is_dir()
        elif words[0] == "export":
            self._export(words[1])
        elif words[0] == "make":
            self._check([*words, "--dry-run"], ROOT)
        elif words[-1] == "&":
            self._start(words[:-1])
        elif words[:2] == ["lighting", "tui"]:
            self._in_a_terminal(words)
        else:
            self._check(words, self.night if "demo-site" in words else self.folder)
        if words[:2] == ["lighting", "init"]:
            self._move_ports(self.folder / words[2])

    def _export(self, assignment: str) -> None:
        """As a shell in the checkout does it; the command of the tour is then that of its own ``.venv``."""
        name, _, value = assignment.partition("=")
        there = {**self.environment, "PWD": str(ROOT)}
        self.environment[name] = re.sub(r"\$(\w+)", lambda found: there[found[1]], value)
        if (ROOT / ".venv" / "bin" / "lighting").exists():
            found = shutil.which("lighting", path=self.environment["PATH"])
            assert found == str(ROOT / ".venv" / "bin" / "lighting")

    @staticmethod
    def _move_ports(site: Path) -> None:
        """Ports that are free now: on this machine somebody else may be on the tour."""
        with socket.socket() as one, socket.socket() as other:
            for probe in (one, other):
                probe.bind(("127.0.0.1", 0))
            text = (site / "buses.csv").read_text(encoding="utf-8")
            for port, probe in ((":15021", one), (":15022", other)):
                assert port in text
                text = text.replace(port, f":{probe.getsockname()[1]}")
        (site / "buses.csv").write_text(text, encoding="utf-8")

    def _check(self, words: list[str], folder: Path) -> None:
        done = subprocess.run(
            words, cwd=folder, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )
        self._judge(words, done.returncode, done.stdout, done.stderr)

    @staticmethod
    def _judge(words: list[str], exit_code: int, said: str, complained: str) -> None:
        assert exit_code == 0, f"{shlex.join(words)}: exit {exit_code}\n{said}\n{complained}"
        assert "Traceback" not in complained
        if "--json" in words:
            assert json.loads(said)["schema"].startswith("lighting.")

    def _start(self, words: list[str]) -> None:
        log = (self.folder / f"{words[1]}.log").open("wb")
        with log:
            child = subprocess.Popen(words, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        self.background.append(child)
        if words[1] == "run":
            self._wait_for(lambda: self._status()["controller"]["life"] == "running")
            self._wait_for(lambda: self._status()["unknown"] == 0)

    def _status(self) -> dict[str, Any]:
        done = subprocess.run(
            ["lighting", "status", "--json"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        status: dict[str, Any] = json.loads(done.stdout)
        return status

    @staticmethod
    def _wait_for(holds: Callable[[], bool], deadline_s: float = 60.0) -> None:
        ends = time.monotonic() + deadline_s
        while not holds():
            assert time.monotonic() < ends, "it did not come about in time"
            time.sleep(0.25)

    def _in_a_terminal(self, words: list[str]) -> None:
        """The dashboard in a pseudo-terminal: it draws the site's name, and `q` ends it."""
        pid, terminal = pty.fork()
        if pid == 0:  # pragma: no cover - the child
            os.chdir(self.folder)
            os.execvpe(words[0], words, {**self.environment, "TERM": "xterm-256color", "LINES": "24"})
        seen = b""
        ends = time.monotonic() + 60
        asked_to_quit = False
        while time.monotonic() < ends:
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    seen += os.read(terminal, 65536)
                except OSError:  # the child closed it
                    break
            if b"quit" in seen and not asked_to_quit:
                os.write(terminal, b"q")
                asked_to_quit = True
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        assert asked_to_quit
        assert os.waitstatus_to_exitcode(status) == 0, seen[-2000:]

    def close(self) -> None:
        for started in self.ahead.values():
            if started.poll() is None:
                started.terminate()
                started.communicate(timeout=60)
        for child in reversed(self.background):
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
        ends = [child.wait(timeout=15) for child in self.background]
        assert ends == [0] * len(ends)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    try:
        yield shell
    finally:
        shell.close()


@pytest.mark.timeout(400)
@pytest.mark.xdist_group("fixed-ports")
def test_every_command_of_the_readme_does_what_it_says(shell: Shell, tmp_path: Path) -> None:
    commands = readme_commands()
    assert len(commands) > 20
    (night,) = (command for command in commands if command.startswith("lighting demo"))
    shell.night = tmp_path / "night"  # where the demonstration makes its site
    shell.start_ahead(night, shell.night)
    for command in commands:
        if command.startswith("lighting import"):
            (shell.folder / "inventory.csv").write_text(INVENTORY, encoding="utf-8")
        shell.run(command)


def test_every_link_of_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / target).exists(), target
