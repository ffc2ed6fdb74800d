"""``lighting why`` tells when nobody writes the level that it explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from lighting.cli.entry import run
from lighting.store.records import CircuitState
from tests.lighting.cli.the_site import make_site, store_of


def test_what_differs_is_not_being_written_without_a_controller(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_site(tmp_path / "site")
    with store_of(folder) as store:
        key = store.keys.ensure("circuit", ["C-0101"], at_ms=1)["C-0101"]
        store.states.put_circuits([CircuitState(key, 1, desired_pct=80.0, accepted_pct=0.0, pending=True)])
    assert run(["--site", str(folder), "why", "C-0101"]) == 0
    said = capsys.readouterr().out
    assert "NOT RUNNING" in said
    assert "being written" not in said


def said_of(folder: Path, capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(["--site", str(folder), "why", "C-0101", *words]) == code
    shown = capsys.readouterr()
    return " ".join((shown.out + shown.err).split())


def test_only_what_the_devices_reported_is_old(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_site(tmp_path / "site")
    said = said_of(folder, capsys)
    assert "NOT RUNNING" in said
    assert "old" not in said, "it was worked out just now, and no device has reported"
    with store_of(folder) as store:
        key = store.keys.ensure("circuit", ["C-0101"], at_ms=1)["C-0101"]
        store.states.put_circuits([CircuitState(key, 1, desired_pct=80.0, accepted_pct=80.0, polled_ms=1)])
    assert "what the devices reported is old" in said_of(folder, capsys)


def test_now_may_be_named_and_a_night_is_no_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_site(tmp_path / "site")
    assert "NOT RUNNING" in said_of(folder, capsys, "--at", "Now"), "what is known of now alone is told too"
    refused = said_of(folder, capsys, "--at", "tonight", code=2)
    assert "“tonight” is a whole night" in refused
    assert "lighting plan" in refused


def test_of_a_moment_without_a_decision_it_says_what_tells_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_site(tmp_path / "site")
    refused = said_of(folder, capsys, "--at", "2026-01-01 01:30", code=2)
    assert "(lighting run)" in refused
    assert "lighting plan C-0101 --night 2025-12-31" in refused
