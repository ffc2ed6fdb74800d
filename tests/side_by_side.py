"""Every test, in two runs beside each other: scenes, which mostly wait, and all others, which mostly compute.

Scenes keep time with real sockets and a running controller, so they want a processor at once but seldom; the others
get what is left (`nice`). Together they take little more than half of the time that one run takes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

SCENES = ("tests/scenario", "tests/tui", "tests/docs", "tests/lighting/cli/test_at_the_cabinet.py")
NOTHING_COLLECTED = 5


def main(words: list[str]) -> int:
    """Run pytest twice with these words; the exit code is that of the first run that failed."""
    command = [sys.executable, "-m", "pytest", "--dist", "loadgroup", *words]
    if any(Path(word.partition("::")[0]).exists() for word in words):
        return subprocess.run(command, check=False).returncode  # somebody names what to run: that, and nothing beside
    others = [f"--ignore={place}" for place in SCENES]
    with tempfile.TemporaryFile() as said:
        computing = subprocess.Popen(
            [*command, *others, "tests"], stdout=said, stderr=said, preexec_fn=lambda: os.nice(10)
        )
        try:
            scenes = subprocess.run([*command, *SCENES], check=False).returncode
            codes = [scenes, computing.wait()]
        finally:
            computing.kill()
        said.seek(0)
        sys.stdout.buffer.write(said.read())
    if set(codes) == {0, NOTHING_COLLECTED}:
        return 0
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    if not Path("pyproject.toml").exists():
        sys.exit("run it at the top of the project")
    sys.exit(main(sys.argv[1:]))
