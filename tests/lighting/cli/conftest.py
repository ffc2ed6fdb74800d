"""Every test of the command line runs in a folder and an environment of its own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LIGHTING_SITE", "LIGHTING_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LIGHTING_USER", "operator")
    monkeypatch.chdir(tmp_path)
