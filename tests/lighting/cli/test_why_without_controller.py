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
