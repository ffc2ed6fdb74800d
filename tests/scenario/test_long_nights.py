"""A whole accelerated night of a real city, from its inventory to the last lamp: the full form, ``make long``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.bench_champaign import IMPORT_OPTIONS


def lighting(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "lighting", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.long
@pytest.mark.shared
@pytest.mark.xdist_group("fixed-ports")
@pytest.mark.timeout(900)
def test_champaign_is_imported_checked_and_lit_for_a_night(shared_dir: Path, tmp_path: Path) -> None:
    inventory = shared_dir / "data" / "lights_champaign_il" / "Streetlights.csv"
    imported = lighting("import", "lights", str(inventory), "--out", str(tmp_path / "city"), *IMPORT_OPTIONS)
    assert imported.returncode == 0, imported.stderr
    assert lighting("check", "--site", str(tmp_path / "city")).returncode == 0
    night = lighting(
        *("demo", "--headless", "--json", "--speed", "300", "--until", "06:30"),
        *("--like", str(tmp_path / "city"), "--site", str(tmp_path / "night")),
    )
    assert night.returncode == 0, night.stdout + night.stderr
    summary: dict[str, Any] = json.loads(night.stdout)
    print(json.dumps(summary, indent=2))
    assert summary["failed_count"] == 0
