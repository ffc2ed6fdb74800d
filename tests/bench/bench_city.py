"""The same 1,000 buses under the whole controller of `lighting run`: store, decisions, alarms"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop

from lighting.__main__ import collect_seldom
from lighting.operation.controller import Controller
from lighting.operation.line_lock import LineLock
from lighting.operation.log import set_up_logs
from lighting.operation.start import open_site_store, starting_point
from tests.bench.bench_champaign import lighting
from tests.bench.bench_fleet import LATENCY_MS, LEVEL_PCT, OUTPUTS, buses_possible, rows_of, server_row
from tests.bench.modbus_server import FastServer
from tests.bench.peak import allow_open_files, peak_mb
from tests.bench.table import Row

LONGEST_S, SETTLE_S = 120.0, 5.0
LAMP = "led-90,LED street light 90 W,90,0.5,led,,10,12600,1,0,0,150"
"""A lamp that needs no warming up: else each would first be held at full light, and be written twice."""


@dataclass(frozen=True, slots=True)
class Switching:
    """Seconds from the call of ``lighting set``: until every lamp was written and read back, and until it returned."""

    read_back_s: float
    returned_s: float
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the measured process tells. ``first_s``, ``settled_s``: from its start until every device was read once, and
    until every lamp had the level that it decided.
    """

    first_s: float
    settled_s: float
    poll_s: float
    read: int


def write_site(folder: Path, ports: list[int], districts: Sequence[str] = ("centre",)) -> None:
    """A site of so many buses: a cabinet and three WB-MAO4 each, ten dimmed circuits, nothing else; cabinets are in
    the districts in turn.
    """
    subprocess.run(lighting("init", str(folder)), check=True, capture_output=True)
    cabinets, buses, devices, circuits = [], [], [], []
    for number, port in enumerate(ports):
        place, lamps, district = f"K{number:04}", 0, districts[number % len(districts)]
        cabinets.append(f"{place},Cabinet {number},{district},{21 + number * 1e-5:.5f},105.85,astronomical_switch,,")
        buses.append(f"{place}-bus,tcp://127.0.0.1:{port}")
        for unit, channels in OUTPUTS.items():
            devices.append(f"{place}-D{unit},{place},{place}-bus,{unit},wb-mao4")
            for channel in channels:
                lamps += 1
                circuits.append(
                    f"{place}-{lamps},{place},Road {lamps},Road {number},{district},main-road,led-90:24,"
                    f"{place}-D{unit}:{channel},,,,,,no,,"
                )
    named = [f"{one},{one}" for one in districts]
    tables = {
        "districts": named,
        "cabinets": cabinets,
        "buses": buses,
        "devices": devices,
        "circuits": circuits,
        "permanent_loads": [],
    }
    for name, rows in {**tables, "luminaire_types": [LAMP]}.items():
        file = folder / f"{name}.csv"
        header = next(line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        file.write_text("\n".join([header, *rows, ""]), encoding="utf-8")


async def _until(what: str, is_true: Callable[[], bool]) -> float:
    """Monotonic time, which all processes share, at which something has come true."""
    ends = time.monotonic() + LONGEST_S
    while not is_true():
        await asyncio.sleep(0.05)
        if time.monotonic() > ends:
            raise RuntimeError(f"the controller did not {what} in {LONGEST_S:.0f} s")
    return time.monotonic()


async def _watch(controller: Controller, began_s: float) -> None:
    """Time its start, one poll of every device the way a tick starts it, and the switching that a person asks for."""
    await _until("begin", lambda: controller.tick is not None)
    tick = controller.tick
    assert tick is not None
    devices, circuits = tick.live.devices, tick.live.circuits.values()
    first_s = await _until("read every device", lambda: all(d.reachable for d in devices.values()))
    settled_s = await _until("set every lamp", lambda: all(c.level_pct == c.asked_pct is not None for c in circuits))
    await asyncio.sleep(SETTLE_S)  # what follows its first writes is over: reading back later, alarms, the store
    before_s = time.monotonic()
    await tick.poller.round(list(devices), bound_s=LONGEST_S)
    poll_s, read = time.monotonic() - before_s, sum(device.last_ok_s >= before_s for device in devices.values())
    print(json.dumps(asdict(Found(first_s - began_s, settled_s - began_s, poll_s, read))), flush=True)
    print(await _until("switch every lamp", lambda: all(c.level_pct == LEVEL_PCT for c in circuits)), flush=True)


async def _control(folder: Path) -> None:
    """The controller of that folder, until SIGTERM; what was found is printed as soon as it is known."""
    began_s = time.monotonic()
    with open_site_store(folder) as store:
        lock, clock = LineLock(store, holder="bench"), store.controller.clock()
        controller = Controller(store, starting_point(store, folder, at_ms=clock.now_ms()), clock, holder="bench")
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, controller.stop)
        watching = asyncio.create_task(_watch(controller, began_s))
        watching.add_done_callback(lambda done: controller.stop() if done.cancelled() or done.exception() else None)
        await controller.run()
        watching.cancel()
        lock.release()


def _run(folder: Path) -> tuple[Found, Switching, float]:
    """What the controller tells, how a person's ``lighting set`` went, and the controller's peak memory in MB."""
    command = [sys.executable, "-m", "tests.bench.bench_city", str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert child.stdout is not None
    try:
        if not (answer := child.stdout.readline()):
            raise RuntimeError("the controller ended before every lamp was set")
        began_s = time.monotonic()
        words = ("set", "district:centre", f"{LEVEL_PCT:.0f}", "--below-floor", "--reason", "benchmark")
        done = subprocess.run(
            lighting("--site", str(folder), "--user", "operator", *words), capture_output=True, text=True, check=False
        )
        returned_s = time.monotonic()
        if done.returncode not in (0, 4):
            raise RuntimeError(f"lighting set: {done.stderr.strip()}")
        switched_s = float(child.stdout.readline())
        switching = Switching(switched_s - began_s, returned_s - began_s, done.returncode == 0)
        return Found(**json.loads(answer)), switching, peak_mb(child.pid)
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=30)


def run(*, large: bool = False) -> list[Row]:
    """The bounds of the drivers alone, met by what users run: from the call of ``lighting set`` to the last lamp."""
    buses = buses_possible()
    with FastServer(ports=buses, latency_ms=LATENCY_MS) as server, tempfile.TemporaryDirectory() as parent:
        if not server.can:
            return []
        folder = Path(parent) / "site"
        write_site(folder, server.ports)
        before_s, began_s = server.cpu_s(), time.monotonic()
        found, switching, memory_mb = _run(folder)
        busy_share = (server.cpu_s() - before_s) / (time.monotonic() - began_s)
    whole = found.read == buses * len(OUTPUTS)
    answer = "confirmed" if switching.is_confirmed else "recorded, not yet confirmed"
    return [
        Row("start until every device was read once", found.first_s, "s"),
        Row("start until every lamp has its level", found.settled_s, "s"),
        *rows_of(found.poll_s, switching.read_back_s, memory_mb, buses, whole),
        Row(f"lighting set returned ({answer})", switching.returned_s, "s"),
        server_row(busy_share),
    ]


if __name__ == "__main__":
    allow_open_files()
    collect_seldom()  # as ``lighting run`` does
    set_up_logs(level="ERROR")
    uvloop.run(_control(Path(sys.argv[1])))
