"""Makes the README's pictures of the dashboard from a running demonstration (``make pictures``)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PICTURES = Path(__file__).resolve().parent / "pictures"
SCREENS = ("overview", "circuits", "circuit")
SIZE = "108x31"
SPEED, EVENING_S = "240", 3 * 3600


def lighting(site: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "lighting", "--site", site, *arguments]


def evening_has_come(site: str) -> bool:
    """Whether the demonstration's clock is three hours past its sunset."""
    done = subprocess.run(lighting(site, "status", "--json"), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return False
    status = json.loads(done.stdout)
    sunset_ms = status["tonight"]["sunset_ms"]
    # Before it has set its own clock, the status tells the machine's.
    return bool(status["clock_speed"] > 1 and sunset_ms and status["now_ms"] > sunset_ms + EVENING_S * 1000)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        site = str(Path(folder) / "city")
        demo = subprocess.Popen(lighting(site, "demo", "--headless", "--speed", SPEED, "--until", "23:30"))
        try:
            ends = time.monotonic() + 180
            while not evening_has_come(site):
                if demo.poll() is not None or time.monotonic() > ends:
                    print("the demonstration did not reach its evening", file=sys.stderr)
                    return 1
                time.sleep(0.5)
            for screen in SCREENS:
                picture = str(PICTURES / f"{screen}.svg")
                command = ["-m", "tui.picture", picture, "--site", site, "--screen", screen, "--size", SIZE]
                subprocess.run([sys.executable, *command], check=True)
        finally:
            demo.terminate()
            demo.wait(timeout=30)
    subprocess.run([sys.executable, str(PICTURES.parent / "architecture.py")], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
