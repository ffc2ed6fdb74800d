"""What ``lighting scan`` and ``lighting record`` do, and how they say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from drivers.recording import RecordingHead, exchange_line, head_line
from lighting.assets.fact import Fact
from lighting.assets.model import Bus
from lighting.cli.device_work import result_of
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.say_points import value_text
from lighting.cli.task_progress import TaskProgress
from lighting.cli.voice import Voice, print_json
from lighting.desk.desk import Desk
from lighting.desk.devices import bus_named
from lighting.desk.refusal import WrongUsage
from lighting.desk.tasks import TaskWish
from lighting.desk.times import length_s

SCAN_SCHEMA = "lighting.scan/1"
RECORD_SCHEMA = "lighting.record/1"
LONGEST_RECORD_S = 3600.0
_UNITS = re.compile(r"(\d{1,3})(?:\s*[-–…]\s*(\d{1,3}))?\Z", re.ASCII)
_LAST_UNIT = 255
"""Units 248 to 255 are reserved on a serial line (Modbus over Serial Line V1.02, 2.2); some gateways use 255."""


def report_scan(desk: Desk, voice: Voice, name: str, units: str, *, as_json: bool) -> int:
    """Which units answer, and what they are. 0 when any does, 4 when none."""
    bus = bus_named(desk.site, name)
    first, last = unit_range(units)
    params = {"bus": bus.id, "first": first, "last": last}
    listed = {device.unit_id: device for device in desk.site.devices.values() if device.bus == bus.id}

    def show(unit: Mapping[str, Any]) -> None:
        if not as_json:
            _say_unit(unit, voice, listed[unit["unit_id"]].profile if unit["unit_id"] in listed else "")

    if not as_json:
        voice.tell(Fact("scan_begins", {"bus": bus.id, "url": bus.url, "first": first, "last": last}))
    with TaskProgress(voice, label=bus.id, output=show) as progress:
        result = result_of(desk, TaskWish("scan", params, f"bus:{bus.id}"), progress)
    found = {unit["unit_id"] for unit in result["units"]}
    silent = [device.id for unit_id, device in listed.items() if first <= unit_id <= last and unit_id not in found]
    if as_json:
        for unit in result["units"]:
            device = listed.get(unit["unit_id"])
            unit["listed_device"] = None if device is None else device.id
            unit["listed_profile"] = None if device is None else device.profile
        print_json(form(SCAN_SCHEMA, **result, listed_silent=silent))
    else:
        _say_end(result, silent, voice)
    return Exit.FINE if found else Exit.NOT_CONFIRMED


def unit_range(text: str) -> tuple[int, int]:
    """First and last unit id of ``5`` or ``1-247``. Raises ``WrongUsage``; 0 is the broadcast and no unit."""
    match = _UNITS.match(text.strip())
    first = int(match[1]) if match else 0
    last = int(match[2] or match[1]) if match else 0
    if not 1 <= first <= last <= _LAST_UNIT:
        raise WrongUsage(Fact("units_not_understood", {"text": text, "last": _LAST_UNIT}))
    return first, last


def _say_unit(unit: Mapping[str, Any], voice: Voice, listed_profile: str) -> None:
    fits = unit["fits"]
    values = {"unit": unit["unit_id"]}
    if unit["verdict"] == "one":
        best = fits[0]
        voice.data(Fact("scan_one", {**values, "profile": best["profile"], **_counts(best), "found": _found(best)}))
    elif unit["verdict"] == "ambiguous":
        whole = [fit for fit in fits if fit["fitted"] == fit["checks"] == fits[0]["checks"]]
        names = ", ".join(fit["profile"] for fit in whole)
        voice.data(Fact("scan_ambiguous", {**values, "profiles": names, **_counts(fits[0])}))
    elif unit["verdict"] == "part":
        names = ", ".join(f"{fit['profile']} {fit['fitted']}/{fit['checks']}" for fit in fits)
        voice.data(Fact("scan_part", {**values, "profiles": names}))
    else:
        voice.data(Fact("scan_none", {**values, "answered": unit["answered"], "refused": unit["refused"]}))
    weak = ", ".join(
        fit["profile"] for fit in fits if fit.get("weak") and fit["fitted"] == fit["checks"] == fits[0]["fitted"]
    )
    if weak:
        voice.data(Fact("scan_weak", {**values, "profiles": weak}))
    if unit["trouble"]:
        voice.data(Fact("scan_trouble", {**values, "detail": unit["trouble"]}))
    if listed_profile:
        is_whole = listed_profile.split("+")[0] in {fit["profile"] for fit in fits if fit["fitted"] == fit["checks"]}
        if not is_whole:
            voice.data(Fact("scan_listed_otherwise", {**values, "profile": listed_profile}))
        elif unit["verdict"] == "ambiguous":
            voice.data(Fact("scan_listed_among", {**values, "profile": listed_profile}))


def _counts(fit: Mapping[str, Any]) -> dict[str, int]:
    return {"fitted": fit["fitted"], "checks": fit["checks"]}


def _found(fit: Mapping[str, Any]) -> str:
    return ", ".join(f"{one['point']} = {value_text(one)} {one['unit']}".strip() for one in fit["found"])


def _say_end(result: Mapping[str, Any], silent: list[str], voice: Voice) -> None:
    asked = result["last"] - result["first"] + 1
    voice.tell(Fact("scan_ended", {"bus": result["bus"], "found": len(result["units"]), "asked": asked}))
    if silent:
        voice.tell(Fact("scan_listed_silent", {"devices": ", ".join(silent)}))


def report_record(desk: Desk, voice: Voice, name: str, file: Path, for_time: str, *, as_json: bool) -> int:
    """Record a bus into a new file. Ctrl-C is a regular end; 4 when nothing passed."""
    bus = bus_named(desk.site, name)
    seconds = length_s(for_time)
    if seconds > LONGEST_RECORD_S:
        raise WrongUsage(Fact("record_too_long", {"longest_s": LONGEST_RECORD_S}))
    params = {"bus": bus.id, "seconds": seconds}
    with file.open("x", encoding="utf-8") as out:
        count = 0
        try:
            count = _record(desk, voice, bus, TaskWish("record", params, f"bus:{bus.id}"), out)
        finally:
            if not count:
                file.unlink()
    if as_json:
        print_json(form(RECORD_SCHEMA, bus=bus.id, url=bus.url, file=str(file), exchanges=count))
    else:
        voice.tell(
            Fact("recorded", {"exchanges": count, "file": str(file)})
            if count
            else Fact("recorded_nothing", {"bus": bus.id})
        )
    return Exit.FINE if count else Exit.NOT_CONFIRMED


def _record(desk: Desk, voice: Voice, bus: Bus, wish: TaskWish, out: TextIO) -> int:
    count = 0

    def keep(exchange: Mapping[str, object]) -> None:
        nonlocal count
        count += 1
        out.write(exchange_line(exchange) + "\n")

    out.write(head_line(RecordingHead(bus.id, bus.url, desk.clock.now_ms())) + "\n")
    with TaskProgress(voice, label=bus.id, output=keep) as progress:
        try:
            result_of(desk, wish, progress)
        except KeyboardInterrupt:
            return count
    return count
