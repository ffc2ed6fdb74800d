"""Makes the README's pictures from a running demonstration (``make pictures``): the dashboard, and a report's page.

The report is drawn by a headless browser; where there is none its picture stays as it is, and that is said.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PICTURES = Path(__file__).resolve().parent / "pictures"
SCREENS = ("overview", "circuits", "circuit")
SIZE = "108x31"
SPEED, EVENING_S, MORNING = "240", 3 * 3600, "06:30"
NIGHT_S = 400
"""Of this machine, at most, until that morning has come, or the next midnight after it."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PAGE_SIZE = "1000,900"


def lighting(site: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "lighting", "--site", site, *arguments]


def status_of(site: str) -> dict[str, Any] | None:
    """The demonstration's status; None before it has set its own clock, when the status would tell the machine's."""
    done = subprocess.run(lighting(site, "status", "--json"), capture_output=True, text=True, check=False)
    status = json.loads(done.stdout) if done.returncode == 0 else {}
    return status if status.get("clock_speed", 1) > 1 else None


def evening_has_come(site: str) -> bool:
    """Whether the demonstration's clock is three hours past its sunset."""
    status = status_of(site)
    sunset_ms = status and status["tonight"]["sunset_ms"]
    return bool(status and sunset_ms and status["now_ms"] > sunset_ms + EVENING_S * 1000)


def days_of_night(site: str) -> tuple[str, str] | None:
    """Both days of the demonstration's night, once the second is over: its clock goes on when it has ended."""
    status = status_of(site)
    if status is None:
        return None
    today = datetime.fromtimestamp(status["now_ms"] / 1000, ZoneInfo(status["timezone"])).date()
    first, second = today - timedelta(days=2), today - timedelta(days=1)
    asked = lighting(site, "energy", "--from", str(first), "--to", str(second), "--json")
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    days = json.loads(told.stdout)["spans"][0]["days"] if told.returncode == 0 else []
    is_whole = [day["from_day"] for day in days if day["known_share"]] == [str(first), str(second)]
    return (str(first), str(second)) if is_whole else None


def photograph(page: Path, picture: Path) -> str:
    """The top of a page as a PNG; why there is none, else empty. An old picture goes only when the new one is there."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return f"{picture.name}: not made, for this machine has no headless browser (Debian package chromium)"
    made = page.with_suffix(".png")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={PAGE_SIZE}")
    folder = f"--user-data-dir={page.parent / 'browser'}"
    command = [browser, *options, folder, f"--screenshot={made}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0 or not made.is_file():
        return f"{picture.name}: not made, for {browser} failed: {done.stderr.strip()[-300:]}"
    shutil.copyfile(made, picture)
    return ""


def picture_of_report(site: str, page: Path) -> str:
    """Report on the night when its second day is over, and picture that; says what became of it."""
    ends = time.monotonic() + NIGHT_S
    while (days := days_of_night(site)) is None:
        if time.monotonic() > ends:
            return "report.png: not made, for the demonstration's second day did not end"
        time.sleep(5)
    subprocess.run(lighting(site, "report", "--from", days[0], "--to", days[1], "--out", str(page)), check=True)
    return photograph(page, PICTURES / "report.png") or "docs/pictures/report.png: made"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        site = str(Path(folder) / "city")
        demo = subprocess.Popen(lighting(site, "demo", "--headless", "--speed", SPEED, "--until", MORNING))
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
            demo.wait(timeout=NIGHT_S)
            print(picture_of_report(site, Path(folder) / "report.html"))
        finally:
            demo.terminate()
            demo.wait(timeout=30)
    subprocess.run([sys.executable, str(PICTURES.parent / "architecture.py")], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
