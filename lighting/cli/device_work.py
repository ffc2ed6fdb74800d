"""What ``lighting device read``, ``probe`` and ``watch`` do, and how they say it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len

from lighting.assets.fact import Fact
from lighting.assets.model import Device
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.say_points import point_line, print_points
from lighting.cli.say_probe import print_probe
from lighting.cli.table import terminal_width
from lighting.cli.task_progress import TaskProgress, perform
from lighting.cli.voice import Voice, print_json
from lighting.desk.desk import Desk
from lighting.desk.devices import Which, device_named, points_wanted, profile_of
from lighting.desk.tasks import TaskWish
from lighting.desk.times import length_s
from lighting.wording.figures import Manner, local_second

READ_SCHEMA = "lighting.device_read/1"
PROBE_SCHEMA = "lighting.device_probe/1"
WATCH_SCHEMA = "lighting.device_watch/1"


def report_read(
    desk: Desk, voice: Voice, name: str, names: Sequence[str], which: Which, *, with_raw: bool, as_json: bool
) -> int:
    """Read points of a device once."""
    device = device_named(desk.site, name)
    points = points_wanted(profile_of(desk.site, device), names, which)
    params = {"device": device.id, "points": [point.name for point in points], "raw": with_raw}
    with TaskProgress(voice) as progress:
        result = result_of(desk, TaskWish("read", params, f"device:{device.id}"), progress)
    if as_json:
        print_json(form(READ_SCHEMA, **result))
        return Exit.FINE
    voice.tell(_heading(desk, device))
    print_points(result["points"], voice, with_raw=with_raw)
    return Exit.FINE


def report_probe(desk: Desk, voice: Voice, name: str, *, as_json: bool) -> int:
    """Is it there, and is it what its profile says? 0 for a fit, 1 for a device that is another or cannot be told."""
    device = device_named(desk.site, name)
    with TaskProgress(voice, label=device.id) as progress:
        result = result_of(desk, TaskWish("probe", {"device": device.id}, f"device:{device.id}"), progress)
    if as_json:
        print_json(form(PROBE_SCHEMA, **result))
    else:
        voice.tell(_heading(desk, device))
        print_probe(result, voice)
    return Exit.FINE if result["fits"] == "yes" else Exit.FAILURE


def report_watch(
    desk: Desk, voice: Voice, name: str, names: Sequence[str], every: str, *, count: int, as_json: bool
) -> int:
    """Lines of values until Ctrl-C, which is its regular end."""
    device = device_named(desk.site, name)
    points = points_wanted(profile_of(desk.site, device), names, "fast")
    params = {
        "device": device.id,
        "points": [point.name for point in points],
        "every_s": length_s(every),
        "rounds": count,
    }

    shown_ms: int | None = None

    def show(output: Mapping[str, Any]) -> None:
        nonlocal shown_ms
        if output["at_ms"] == shown_ms:
            return  # the same reading told again, as where its task ends while it is told
        shown_ms = output["at_ms"]
        if as_json:
            print(json.dumps(form(WATCH_SCHEMA, device=device.id, **output), ensure_ascii=False), flush=True)
        else:
            _print_look(output, voice)

    if not as_json:
        voice.tell(_heading(desk, device))
    with TaskProgress(voice, output=show) as progress:
        try:
            perform(desk, TaskWish("watch", params, f"device:{device.id}"), progress)
        except KeyboardInterrupt:
            return Exit.FINE
    return Exit.FINE


def result_of(desk: Desk, wish: TaskWish, progress: TaskProgress, *, finish_once_begun: bool = False) -> dict[str, Any]:
    """The result of a task that is done."""
    return dict(perform(desk, wish, progress, finish_once_begun=finish_once_begun).result or {})


def _heading(desk: Desk, device: Device) -> Fact:
    profile = profile_of(desk.site, device)
    return Fact(
        "device_heading",
        {
            "device": device.id,
            "name": profile.name,
            "profile": profile.id,
            "unit": device.unit_id,
            "bus": device.bus,
        },
    )


def _print_look(output: Mapping[str, Any], voice: Voice) -> None:
    at = local_second(output["at_ms"], Manner(voice.timezone, output["at_ms"]))
    if output["error"] is not None:
        text = voice.sentence(Fact(str(output["error"])))
        print(f"{at}  {text} ({output['detail']})" if output["detail"] else f"{at}  {text}", flush=True)
        return
    print("\n".join(look_lines(at, [point_line(p) for p in output["points"]], terminal_width())), flush=True)


def look_lines(at: str, points: Sequence[str], width: int | None) -> list[str]:
    """A reading with its time; on a terminal it is broken between two points and never inside one."""
    lines, indent = [at], " " * len(at)
    for point in points:
        if width is not None and lines[-1] != indent and cell_len(f"{lines[-1]}  {point}") > width:
            lines.append(indent)
        lines[-1] += f"  {point}"
    return lines
