"""The demonstration as a person starts it: real processes, real Modbus, an evening at 600 times the speed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest


def demo(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "lighting", "demo", "--site", str(folder), "--headless", *arguments]


def children_of(folder: Path) -> list[psutil.Process]:
    """The simulators and controllers that work on this folder, whoever started them."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if str(folder) in words and ("run" in words or "simulate" in words):
            found.append(process)
    return found


def wait_until(is_so: Callable[[], bool], *, within_s: float = 60.0) -> None:
    deadline_s = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.timeout(300)
def test_an_evening_lights_every_circuit_in_time_and_leaves_no_process(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    ended = subprocess.run(
        demo(folder, "--speed", "600", "--until", "18:00", "--json"),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stderr
    summary = json.loads(ended.stdout)
    assert summary["schema"] == "lighting.demo/1"
    assert summary["is_good"] is True
    assert len(summary["circuits"]) == 100
    assert sum(circuit["judged_by"] == "power" for circuit in summary["circuits"]) == 84
    assert summary["sent_count"] == summary["confirmed_count"] > 100
    assert 0 < summary["energy_kwh"] < summary["full_power_kwh"]
    assert summary["reading_count"] > 1000
    assert children_of(folder) == []


@pytest.mark.timeout(200)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_takes_its_children_along(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "city"
    process = subprocess.Popen(demo(folder), stdout=subprocess.DEVNULL)
    wait_until(lambda: len(children_of(folder)) == 2)
    process.send_signal(number)
    assert process.wait(60) == 130
    assert children_of(folder) == []


@pytest.mark.timeout(200)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's parent-death signal is Linux only")
def test_no_second_one_starts_beside_it_and_killed_outright_it_leaves_no_orphans(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    process = subprocess.Popen(demo(folder), stdout=subprocess.DEVNULL)
    wait_until(lambda: len(children_of(folder)) == 2)
    refused = subprocess.run(demo(folder), capture_output=True, text=True, check=False, timeout=60)
    process.kill()
    process.wait(10)
    wait_until(lambda: children_of(folder) == [])
    assert refused.returncode == 1
    assert "already runs" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--until", "half six"), "half six"), (("--speed", "0"), "0"), (("--speed", "nan"), "nan")],
)
def test_wrong_arguments_get_one_line_and_start_nothing(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    folder = tmp_path / "city"
    ended = subprocess.run(demo(folder, *arguments), capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not folder.exists()


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    ended = subprocess.run(demo(tmp_path), capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
