"""A faults file is read whole, and everything wrong in it is told at once with its line and field."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.simulator.fault_rule import FaultRule
from lighting.assets.template import template_texts, write_folder
from lighting.cli.faults_file import read_faults
from lighting.cli.say_faults import rule_words
from lighting.wording.speech import say_problem

BUSES = ("CB01-bus", "CB02-bus")
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "faults.md"

GOOD = """
schema_version = 1
seed = 9
[[rules]]
fault = "late"
requests = [3, "10-20"]
buses = ["CB01-bus"]
units = [1]
[[rules]]
fault = "delay"
probability = 0.25
delay_ms = 20
until_s = 60
"""

BAD = """\
schema_version = 2
sed = 1

[[rules]]
fault = "dely"

[[rules]]
fault = "drop"
probability = 0
requests = [3, "20-10"]

[[rules]]
fault = "delay"
code = 3
from_s = 9
until_s = 9
buses = ["CB01-bus", "CB1-bus"]

[[rules]]
fault = "mute"
units = [1]
"""


def told(text: str) -> list[str]:
    reading = read_faults(text, "faults.toml", BUSES)
    assert not reading.rules
    return [say_problem(problem) for problem in reading.problems]


def test_rules_become_rules() -> None:
    reading = read_faults(GOOD, "faults.toml", BUSES)
    assert reading.problems == ()
    assert reading.seed == 9
    assert reading.rules == (
        FaultRule("late", requests=((3, 3), (10, 20)), buses=("CB01-bus",), units=(1,)),
        FaultRule("delay", 0.25, delay_ms=20, until_s=60),
    )


def test_every_problem_is_told_at_once_with_line_and_field() -> None:
    said = told(BAD)
    assert [re.match(r"faults.toml:(\d+) ([\w.]+): ", line).groups() for line in said] == [  # type: ignore[union-attr]
        ("1", "schema_version"),
        ("2", "sed"),
        ("5", "rules.0.fault"),
        ("9", "rules.1.probability"),
        ("10", "rules.1.requests.1"),
        ("12", "rules.2.delay_ms"),
        ("14", "rules.2.code"),
        ("16", "rules.2.until_s"),
        ("17", "rules.2.buses"),
        ("21", "rules.3.units"),
    ]
    assert "did you mean delay?" in said[2]
    assert "did you mean CB01-bus?" in said[8]


@pytest.mark.parametrize(
    "text",
    ["", "schema_version = 1", "rules = [", "schema_version = 1\nrules = 3", 'schema_version = 1\nrules = ["x"]'],
)
def test_what_holds_no_rule_is_a_problem_and_no_crash(text: str) -> None:
    assert told(text)


def test_the_documents_example_is_a_good_file_and_every_fault_is_in_its_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.S)
    assert example is not None
    assert read_faults(example[1], "faults.md", BUSES).problems == ()
    from drivers.simulator.fault_rule import FaultKind

    assert re.findall(r"^\| `(\w+)` \|", text, re.M) == list(FaultKind.__args__)  # type: ignore[attr-defined]


def test_a_rule_in_few_words() -> None:
    rules = read_faults(GOOD, "faults.toml", BUSES).rules
    assert [rule_words(rule) for rule in rules] == [
        "late of requests 3, 10-20 units 1 buses CB01-bus",
        "delay 20 ms 25 % until 60 s",
    ]


def simulate(folder: Path, faults: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lighting", "simulate", "--site", str(folder), "--faults", str(faults)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with socket.socket() as first, socket.socket() as second:
        ports = []
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
            ports.append(one.getsockname()[1])
    buses = f"id,url\nCB01-bus,tcp://127.0.0.1:{ports[0]}\nCB02-bus,rtu-tcp://127.0.0.1:{ports[1]}\n"
    write_folder(tmp_path / "site", template_texts() | {"buses.csv": buses})
    return tmp_path / "site"


def test_the_command_does_the_faults_and_tells_how_many(folder: Path, tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    rule = '[[rules]]\nfault = "exception"\ncode = 11\nrequests = [2]\nbuses = ["CB01-bus"]\n'
    faults.write_text("schema_version = 1\n" + rule, encoding="utf-8")
    process = simulate(folder, faults)
    assert process.stderr is not None
    with process.stderr as said:
        assert "Faults on CB01-bus, seed 0: exception of requests 2 buses CB01-bus." in said.readline()
        assert "Simulating 2 lines" in said.readline()
        port = int((folder / "buses.csv").read_text(encoding="utf-8").splitlines()[1].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            functions = []
            for number in range(3):
                client.sendall(bytes((0, number, 0, 0, 0, 6, 1, 1, 0, 16, 0, 1)))
                functions.append(client.recv(100)[7])
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert "Faults done to 3 questions: exception 1." in said.read()
    assert functions == [1, 0x81, 1]


@pytest.mark.parametrize("text", [BAD, None])
def test_the_command_tells_a_wrong_file_and_ends_with_2(folder: Path, tmp_path: Path, text: str | None) -> None:
    faults = tmp_path / "faults.toml"
    if text is not None:
        faults.write_text(text, encoding="utf-8")
    process = simulate(folder, faults)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(said.splitlines()) == (10 if text else 1)
    assert "Traceback" not in said
