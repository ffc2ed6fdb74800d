"""The lock of a line: one holder, whatever the line is called, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lighting.operation import line_claim
from lighting.operation.line_claim import LineClaim


def test_one_holder_at_a_time_who_is_named(tmp_path: Path) -> None:
    first = LineClaim("tcp://10.0.0.7:502", holder="the first", folder=tmp_path)
    second = LineClaim("rtu-tcp://10.0.0.7:502", holder="the second", folder=tmp_path)
    other = LineClaim("tcp://10.0.0.7:503", holder="another line", folder=tmp_path)
    assert (first.take(), first.take(), other.take()) == ("", "", "")
    assert second.take() == "10.0.0.7:502 is held by the first"
    first.release()
    assert second.take() == ""
    assert first.take() == "10.0.0.7:502 is held by the second"
    second.release()
    other.release()
    assert list(tmp_path.iterdir()) == []


def test_a_serial_port_is_one_line_under_all_its_names(tmp_path: Path) -> None:
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    locks = tmp_path / "locks"
    locks.mkdir()
    first = LineClaim(f"serial://{tmp_path}/ttyUSB0?baud=19200", holder="the first", folder=locks)
    second = LineClaim(f"serial://{tmp_path}/by-id", holder="the second", folder=locks)
    assert first.take() == ""
    assert "held by the first" in second.take()
    first.release()


def test_a_holder_that_dies_holds_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from lighting.operation.line_claim import LineClaim;"
        "claim = LineClaim('tcp://10.0.0.7', holder='the dead', folder=Path(sys.argv[1]));"
        "assert claim.take() == ''; os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env={**os.environ})
    assert len(list(tmp_path.iterdir())) == 1
    claim = LineClaim("tcp://10.0.0.7", holder="the next", folder=tmp_path)
    assert claim.take() == ""
    claim.release()


def test_a_machine_without_a_place_for_locks_goes_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(line_claim, "_PLACES", (tmp_path / "none",))
    claim = LineClaim("tcp://10.0.0.7", holder="the first")
    assert claim.take() == ""
    claim.release()


def test_every_user_may_take_a_line_that_another_has_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(line_claim, "_PLACES", (tmp_path / "none", tmp_path))
    claim = LineClaim("tcp://10.0.0.7", holder="the first")
    assert claim.take() == ""
    (folder,) = tmp_path.iterdir()
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o7777, file.stat().st_mode & 0o777) == (0o1777, 0o666)
    claim.release()
