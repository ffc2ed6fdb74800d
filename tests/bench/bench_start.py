"""Start of the command line, as whole processes, beside a bare interpreter"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.table import Row, best_of


def _seconds(*arguments: str) -> float:
    def once() -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)

    return best_of(once, times=9)


def run(*, large: bool = False) -> list[Row]:
    """``--version`` ≤ 200 ms, ``--help`` ≤ 300 ms, ``status`` ≤ 1 s on the example site."""
    bare_ms = _seconds("-c", "pass") * 1e3
    with tempfile.TemporaryDirectory() as folder:
        site = str(Path(folder) / "site")
        subprocess.run([sys.executable, "-m", "lighting", "init", site], check=True, capture_output=True)
        asked = {("--version",): 200.0, ("--help",): 300.0, ("--site", site, "status"): 1000.0}
        rows = []
        for arguments, bound_ms in asked.items():
            ours_ms = _seconds("-m", "lighting", *arguments) * 1e3
            rows.append(
                Row(
                    f"lighting {arguments[-1]}",
                    ours_ms,
                    "ms",
                    "bare interpreter",
                    bare_ms,
                    f"≤ {bound_ms:.0f} ms",
                    ours_ms <= bound_ms,
                )
            )
    return rows
