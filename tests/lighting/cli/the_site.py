"""A small real site for the command line, and what a controller would have left in its store."""

from __future__ import annotations

import time
from pathlib import Path

from lighting.assets.fact import Fact
from lighting.assets.template import write_template
from lighting.schedule.instructions import Layer
from lighting.store.records import CircuitState, ControllerBeat, DeviceState, Reading
from lighting.store.store import Store, open_store, store_url_for


def make_site(folder: Path) -> Path:
    """The example site; returns its folder."""
    write_template(folder)
    return folder


def store_of(folder: Path) -> Store:
    return open_store(store_url_for(folder))


def with_traffic(folder: Path, rows: str = "MARKET,Market street,uni_11248,1800,1,no,,,,2\n") -> Path:
    """The site with traffic sections; the circuit of Market street belongs to the first of them."""
    sections = folder / "traffic_sections.csv"
    sections.write_text(sections.read_text(encoding="utf-8") + rows, encoding="utf-8")
    table = folder / "circuits.csv"
    written = []
    for line in table.read_text(encoding="utf-8").splitlines():
        section = ",traffic_section" if line.startswith("id,") else ",MARKET" if line.startswith("C-0101,") else ","
        written.append(line if line.startswith("#") else line + section)
    table.write_text("\n".join(written) + "\n", encoding="utf-8")
    return folder


def weeks_of_counts(section: str, weeks: int, *, days_ago: int = 0) -> str:
    """Hourly counts of the weeks up to the last whole hour, or so many days before it, in our own form of CSV."""
    until_s = int(time.time()) // 3600 * 3600 - days_ago * 86_400
    lines = ["section,from,until,vehicles"]
    for at_s in range(until_s - weeks * 7 * 86_400, until_s, 3600):
        begin, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(one)) for one in (at_s, at_s + 3600))
        lines.append(f"{section},{begin},{end},{300 + at_s // 3600 % 24}")
    return "\n".join(lines) + "\n"


def live_now(store: Store) -> None:
    """What a controller leaves that has just ended a tick: a beat, states, a reading, a device and an alarm."""
    now_ms = time.time_ns() // 1_000_000
    store.controller.beat(
        ControllerBeat("lighting run", 1, "here", now_ms, now_ms, now_ms, 7, 10.0, 1, now_ms, fault=Fact("store_full"))
    )
    key = store.keys.ensure("circuit", ["C-0101"], at_ms=now_ms)["C-0101"]
    store.states.put_circuits(
        [
            CircuitState(
                circuit_key=key,
                at_ms=now_ms,
                desired_pct=100.0,
                accepted_pct=100.0,
                actual_pct=98.0,
                lit=True,
                on_since_ms=now_ms - 1000,
                power_w=2100.0,
                expected_power_w=2160.0,
                layer=int(Layer.PROGRAM),
                cause=Fact("program_step", {"program": "main-road", "level_pct": 100.0}),
                dark=True,
                polled_ms=now_ms,
                relay_commanded=True,
                relay_closed=True,
            )
        ]
    )
    meter = store.keys.ensure("meter", ["CB01-M:L1"], at_ms=now_ms)["CB01-M:L1"]
    store.readings.append([Reading(now_ms, meter, power_w=2100.0)])
    device = store.keys.ensure("device", ["CB02-D"], at_ms=now_ms)["CB02-D"]
    store.states.put_devices(
        [DeviceState(device, now_ms, reachable=False, last_ok_ms=now_ms - 9000, fault="unreachable")]
    )
    store.history.raise_alarm(
        "device_silent", "device", "CB02-D", at_ms=now_ms, fact=Fact("device_silent", {"device": "CB02-D"})
    )
