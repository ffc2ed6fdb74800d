"""The controller of the Champaign site (4,556 lamps of a real inventory) at one-minute polling"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.bench.table import Row

INVENTORY = Path(__file__).resolve().parents[3] / "shared" / "data" / "lights_champaign_il" / "Streetlights.csv"
SETTLE_S, MEASURED_S, LARGE_S = 20.0, 120.0, 600.0


def lighting(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "lighting", *arguments]


def import_champaign(out: Path) -> None:
    """The inventory as a site folder, with each choice that its traps ask for said in words."""
    command = lighting("import", "lights", str(INVENTORY), "--out", str(out), *IMPORT_OPTIONS)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"import failed: {done.stderr}")


IMPORT_OPTIONS = (
    *("--controller", "Controller_ID", "--wattage", "Lamp_Wattage", "--type", "Lamp_Type"),
    *("--x", "X", "--y", "Y", "--crs", "EPSG:3857", "--timezone", "America/Chicago"),
)


def _wait_until_running(site: Path, deadline_s: float = 60.0) -> None:
    ends = time.monotonic() + deadline_s
    while time.monotonic() < ends:
        done = subprocess.run(
            lighting("--site", str(site), "status", "--json"), capture_output=True, text=True, check=False
        )
        if done.returncode == 0 and json.loads(done.stdout)["controller"]["life"] == "running":
            return
        time.sleep(0.5)
    raise RuntimeError("the controller did not start")


def run(*, large: bool = False) -> list[Row]:
    """Under half a core and under 250 MB for the controller, beside an idle interpreter that has loaded pymodbus."""
    if not INVENTORY.is_file():
        print("\nThe Champaign site: skipped, the reference data folder (../shared) is not beside this checkout")
        return []
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "champaign"
        import_champaign(site)
        simulator = subprocess.Popen(lighting("--site", str(site), "simulate"), stderr=subprocess.DEVNULL)
        controller = subprocess.Popen(lighting("--site", str(site), "run"), stderr=subprocess.DEVNULL)
        idle = subprocess.Popen([sys.executable, "-c", "import pymodbus.client, time; time.sleep(3600)"])
        try:
            _wait_until_running(site)
            time.sleep(SETTLE_S)
            watched, bare = psutil.Process(controller.pid), psutil.Process(idle.pid)
            before, started = watched.cpu_times(), time.monotonic()
            peak_mb = 0.0
            while time.monotonic() - started < (LARGE_S if large else MEASURED_S):
                time.sleep(1.0)
                peak_mb = max(peak_mb, watched.memory_info().rss / 1e6)
            after, elapsed = watched.cpu_times(), time.monotonic() - started
            cores = (after.user + after.system - before.user - before.system) / elapsed
            bare_mb = bare.memory_info().rss / 1e6
        finally:
            for child in (controller, simulator, idle):
                child.terminate()
            for child in (controller, simulator, idle):
                child.wait(timeout=15)
    return [
        Row("controller, processor", cores, "cores", "", None, "< 0.5 core", cores < 0.5),
        Row("controller, memory", peak_mb, "MB", "pymodbus, idle", bare_mb, "< 250 MB", peak_mb < 250.0),
    ]
