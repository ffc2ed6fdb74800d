"""What ``lighting device broadcast`` does: says whom it reaches, has it confirmed, sends it, and lists who took it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import typer

from drivers.profile import Point
from lighting.assets.fact import Fact
from lighting.assets.model import Bus, Device
from lighting.assets.outputs_touched import is_ruled_output
from lighting.cli.device_work import result_of
from lighting.cli.device_writing import tell_of_rounding
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.say_settings_written import standing_of, tell_what_it_means
from lighting.cli.task_progress import TaskProgress
from lighting.cli.voice import Voice, print_json
from lighting.desk import rights
from lighting.desk.acts import reason_given
from lighting.desk.desk import Desk
from lighting.desk.devices import bus_named, point_named, profile_of, value_given
from lighting.desk.refusal import NotFound, Refused
from lighting.desk.tasks import TaskWish

BROADCAST_SCHEMA = "lighting.device_broadcast/1"


def report_broadcast(
    desk: Desk, voice: Voice, name: str, point_name: str, text: str, *, reason: str, word: str, as_json: bool
) -> int:
    """Write one point of all devices of a bus. 0 when each confirms it, 4 when one does not, 5 when it is refused."""
    bus = bus_named(desk.site, name)
    devices = [device for device in desk.site.devices.values() if device.bus == bus.id]
    if not devices:
        raise Refused(Fact("broadcast_no_device", {"bus": bus.id}))
    points = _points(desk, bus, devices, point_name)
    point = points[0]
    value = _value(bus, devices, points, text)
    rights.require(desk.site, desk.user_id, "operator", "broadcast")
    reason = reason_given(reason)
    _refuse_ruled(desk, bus, devices, points)
    shown = f"{text} {point.unit_name}".strip()
    told: dict[str, Any] = {"bus": bus.id, "point": point.name, "new": shown}
    voice.tell(Fact("broadcast_reaches", {**told, "devices": ", ".join(device.id for device in devices)}))
    tell_of_rounding(voice, devices[0], point, value)
    word = _confirmed(voice, bus, point, word=word, may_ask=not as_json)
    params = {"bus": bus.id, "point": point.name, "value": value, "word": word}
    wish = TaskWish(
        "broadcast",
        params,
        f"bus:{bus.id}",
        writes=True,
        reason=reason,
        told={"point": point.name, "value": value, "class": point.point_class},
    )
    names = {device.id for device in devices}
    standing = standing_of(desk, names)
    result = result_of(desk, wish, TaskProgress(voice), finish_once_begun=True)
    if as_json:
        print_json(form(BROADCAST_SCHEMA, **result))
    else:
        for device in result["devices"]:
            voice.data(_end_of(device, result))
    voice.tell(_outcome(result))
    tell_what_it_means(voice, standing, standing_of(desk, names))
    return Exit.FINE if all(device["confirmed"] for device in result["devices"]) else Exit.NOT_CONFIRMED


def _points(desk: Desk, bus: Bus, devices: Sequence[Device], name: str) -> tuple[Point, ...]:
    """The point of each device. Raises ``NotFound`` where none has it, ``Refused`` where only some have."""
    found: list[Point] = []
    missing: list[tuple[Device, NotFound]] = []
    for device in devices:
        try:
            found.append(point_named(profile_of(desk.site, device), name))
        except NotFound as error:
            missing.append((device, error))
    if missing and not found:
        raise missing[0][1]
    if missing:
        raise Refused(Fact("broadcast_not_everywhere", {"bus": bus.id, "point": name, "device": missing[0][0].id}))
    return tuple(found)


def _value(bus: Bus, devices: Sequence[Device], points: Sequence[Point], text: str) -> float | str:
    """The value, the same for all. Raises ``Refused`` where a word means another number on another device."""
    values = [value_given(point, text) for point in points]
    for device, value in zip(devices, values, strict=True):
        if value != values[0]:
            said = {"bus": bus.id, "point": points[0].name, "device": device.id, "found": text}
            raise Refused(Fact("broadcast_value_differs", said))
    return values[0]


def _refuse_ruled(desk: Desk, bus: Bus, devices: Sequence[Device], points: Sequence[Point]) -> None:
    """A controller would write it over at its next tick."""
    for device, point in zip(devices, points, strict=True):
        if desk.are_lines_held() and is_ruled_output(desk.site, device.id, point):
            raise Refused(Fact("broadcast_output_ruled", {"bus": bus.id, "point": point.name, "device": device.id}))


def _confirmed(voice: Voice, bus: Bus, point: Point, *, word: str, may_ask: bool) -> str:
    """The typed name of the bus, whatever the class of the point."""
    if not word and may_ask and sys.stdin.isatty() and sys.stderr.isatty():
        if point.point_class != "setting":
            said = "write_ask_command" if point.point_class == "command" else "write_ask_live"
            voice.tell(Fact(said, {"point": point.name}))
        word = typer.prompt(voice.sentence(Fact("write_ask_word", {"point": bus.id})), err=True)
    if word != bus.id:
        raise Refused(Fact("broadcast_word_missing", {"bus": bus.id}))
    return word


def _end_of(device: Mapping[str, Any], result: Mapping[str, Any]) -> Fact:
    values = {"device": device["device"], "unit_id": device["unit_id"]}
    if device["confirmed"]:
        return Fact("broadcast_confirmed" if result["written"] else "broadcast_stood_already", values)
    if not device["can_be_read"]:
        return Fact("broadcast_unreadable", values)
    if device["read_back"] is None:
        return Fact("broadcast_not_read", values)
    return Fact("broadcast_reads_otherwise", {**values, "read_back": f"{device['read_back']:g}"})


def _outcome(result: Mapping[str, Any]) -> Fact:
    confirmed = sum(device["confirmed"] for device in result["devices"])
    values = {"bus": result["bus"], "point": result["point"], "confirmed": confirmed, "devices": len(result["devices"])}
    if not result["written"]:
        return Fact("broadcast_nothing_written", values)
    return Fact("broadcast_done" if confirmed == len(result["devices"]) else "broadcast_not_whole", values)
