"""Whether a device is what its profile says, as a technician reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lighting.assets.fact import Fact
from lighting.cli.say_points import point_line, unit_text, value_text
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice

_CHECK_COLUMNS = (
    Column("POINT"),
    Column("VALUE", right=True),
    Column("UNIT"),
    Column("EXPECTED"),
    Column("FITS"),
)


def print_probe(result: Mapping[str, Any], voice: Voice) -> None:
    """Each check beside what was read, then what that means."""
    rows = []
    for check in result["checks"]:
        wanted = check["expected"]
        expected = _range(check) if wanted is None else str(wanted)
        found = value_text(check) if check["is_there"] else "–"
        rows.append((check["point"], found, unit_text(check), expected, "yes" if check["fits"] else "NO"))
    print_table(_CHECK_COLUMNS, rows, voice)
    for own in result["of_itself"]:
        print(point_line(own))
    times = result["round_trips_ms"]
    if times["count"]:
        mean, least, most = (f"{times[name]:.1f}" for name in ("mean", "min", "max"))
        voice.data(Fact("probe_round_trips", {"mean": mean, "least": least, "most": most}))
    if result["out_of_range"]:
        voice.data(Fact("probe_out_of_range", {"points": ", ".join(result["out_of_range"])}))
    if result["unknown"]:
        voice.data(Fact("probe_unknown", {"points": ", ".join(result["unknown"])}))
    said = {"yes": "probe_fits", "no": "probe_does_not_fit"}.get(result["fits"], "probe_cannot_tell")
    voice.data(Fact(said, {"device": result["device"], "profile": result["profile"]}))


def _range(check: Mapping[str, Any]) -> str:
    low, high = check["valid_min"], check["valid_max"]
    if low is None and high is None:
        return "any"
    return f"{'' if low is None else f'{low:g}'}…{'' if high is None else f'{high:g}'}"
