"""What ``lighting device write`` does: shows what is there, has it confirmed, writes, and says what came of it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Any

import typer

from drivers.errors import Rejected
from drivers.profile import Point
from drivers.writing import held_for
from lighting.assets.fact import Fact
from lighting.assets.model import Device
from lighting.assets.outputs_touched import circuits_touched, is_ruled_output
from lighting.cli.device_work import result_of
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.say_points import meaning_text, unit_text, value_text
from lighting.cli.say_settings_written import standing_of, tell_what_it_means
from lighting.cli.task_progress import TaskProgress
from lighting.cli.voice import Voice, print_json
from lighting.desk import rights
from lighting.desk.acts import reason_given
from lighting.desk.desk import Desk
from lighting.desk.devices import device_named, point_named, profile_of, value_given
from lighting.desk.refusal import Refused, WrongUsage
from lighting.desk.tasks import TaskWish

WRITE_SCHEMA = "lighting.device_write/1"


def report_write(
    desk: Desk,
    voice: Voice,
    name: str,
    point_name: str,
    text: str,
    *,
    reason: str,
    word: str,
    yes: bool,
    as_json: bool,
) -> int:
    """Write one point. 0 when it is verified or stood so already, 4 when it is not, 5 when it is refused."""
    device = device_named(desk.site, name)
    point = point_named(profile_of(desk.site, device), point_name)
    value = value_given(point, text)
    rights.require(desk.site, desk.user_id, "operator", "write")
    reason = reason_given(reason)
    _refuse_ruled(desk, device, point)
    progress = TaskProgress(voice)
    before = _present(desk, progress, device, point)
    if before is not None:
        shown = " ".join(word for word in (value_text(before), unit_text(before), _in_words(before)) if word)
        values = {"device": device.id, "point": point.name, "present": shown}
        voice.tell(Fact("write_present", {**values, "new": f"{text} {point.unit_name}".strip()}))
    tell_of_rounding(voice, device, point, value)
    word = _confirmed(voice, device, point, word=word, yes=yes or _stands(before, value), may_ask=not as_json)
    params = {"device": device.id, "point": point.name, "value": value, "word": word}
    told = {"point": point.name, "value": value, "class": point.point_class}
    wish = TaskWish("write", params, f"device:{device.id}", writes=True, reason=reason, told=told)
    standing = standing_of(desk, {device.id})
    result = result_of(desk, wish, progress, finish_once_begun=True)
    if as_json:
        print_json(form(WRITE_SCHEMA, **result))
    voice.tell(_outcome(result))
    tell_what_it_means(voice, standing, standing_of(desk, {device.id}))
    return Exit.FINE if result["verified"] or result["echo_is_all"] else Exit.NOT_CONFIRMED


def _refuse_ruled(desk: Desk, device: Device, point: Point) -> None:
    """A controller would write it over; the act that lasts is an override."""
    if desk.are_lines_held() and is_ruled_output(desk.site, device.id, point):
        circuits = circuits_touched(desk.site, device.id, point)
        raise Refused(Fact("task_output_ruled", {"point": point.name, "circuit": circuits[0]}))


def _present(desk: Desk, progress: TaskProgress, device: Device, point: Point) -> Mapping[str, Any] | None:
    if not point.readable:
        return None
    params = {"device": device.id, "points": [point.name], "raw": False}
    result = result_of(desk, TaskWish("read", params, f"device:{device.id}"), progress)
    found: Mapping[str, Any] = result["points"][0]
    return found


def tell_of_rounding(voice: Voice, device: Device, point: Point, value: float | str) -> None:
    """Before it is confirmed: a device holds only what its steps allow."""
    try:
        held = held_for(point, value)
    except Rejected:
        return  # refused where it is written, with the reason
    if isinstance(held, float) and isinstance(value, float) and not math.isclose(held, value, rel_tol=1e-6):
        shown = f"{held:.12g} {point.unit_name}".strip()
        voice.tell(Fact("write_rounded", {"device": device.id, "point": point.name, "held": shown}))


def _in_words(before: Mapping[str, Any]) -> str:
    return f"({meaning_text(before)})" if meaning_text(before) else ""


def _stands(before: Mapping[str, Any] | None, value: float | str) -> bool:
    return before is not None and before["value"] == value and before["class"] == "setting"


def _confirmed(voice: Voice, device: Device, point: Point, *, word: str, yes: bool, may_ask: bool) -> str:
    """The word that confirms it: for a setting a yes, else the typed name of the point."""
    asks = may_ask and sys.stdin.isatty() and sys.stderr.isatty()
    if point.point_class == "setting":
        if yes:
            return word
        if not asks:
            raise WrongUsage(Fact("write_needs_yes", {"point": point.name}))
        if not typer.confirm(voice.sentence(Fact("write_ask", {"device": device.id, "point": point.name})), err=True):
            raise Refused(Fact("write_not_confirmed_by_person"))
        return word
    if not word and asks:
        said = "write_ask_command" if point.point_class == "command" else "write_ask_live"
        voice.tell(Fact(said, {"point": point.name}))
        word = typer.prompt(voice.sentence(Fact("write_ask_word", {"point": point.name})), err=True)
    if word != point.name:
        raise Refused(Fact("task_word_missing", {"point": point.name}))
    return word


def _outcome(result: Mapping[str, Any]) -> Fact:
    values = {"device": result["device"], "point": result["point"]}
    if result["skipped"]:
        return Fact("write_stood_already", values)
    if result["verified"]:
        return Fact("write_verified", {**values, "latency_ms": result["latency_ms"]})
    if result["echo_is_all"]:
        return Fact("write_echoed", values)
    shown = "unknown" if result["read_back"] is None else f"{result['read_back']:g}"
    return Fact("write_not_verified", {**values, "read_back": shown})
