"""Values of points as a technician reads them: the number, its unit, what it means, how far it can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice
from lighting.wording.figures import number, visible

_COLUMNS = (
    Column("POINT"),
    Column("VALUE", right=True),
    Column("UNIT"),
    Column("QUALITY"),
    Column("MEANING", gives_way=True),
)
_RAW_COLUMNS = (Column("TABLE"), Column("ADDRESS", right=True), Column("RAW", gives_way=True))
_UNITS = {"degC": "°C", "deg": "°"}
_QUALITIES = {"good": "good", "out_of_range": "out of range", "unknown": "unknown"}


def print_points(points: Sequence[Mapping[str, Any]], voice: Voice, *, with_raw: bool) -> None:
    """A table of values; with their registers in hexadecimal where they were read for it."""
    rows = []
    for point in points:
        row = [point["point"], value_text(point), unit_text(point), quality_text(point), meaning_text(point)]
        if with_raw:
            raw = point.get("raw")
            words = "–" if raw is None else " ".join(_word(point, word) for word in raw)
            row += [point["table"], str(point["address"]), words]
        rows.append(row)
    print_table(_COLUMNS + (_RAW_COLUMNS if with_raw else ()), rows, voice)


def point_line(point: Mapping[str, Any]) -> str:
    """One value in running text: ``voltage.L1 230.4 V``, with its quality where it is not good."""
    words = [point["point"], value_text(point), unit_text(point)]
    if meaning_text(point):
        words.append(f"({meaning_text(point)})")
    if point["quality"] == "out_of_range":
        words.append(f"[{quality_text(point)}]")
    return " ".join(word for word in words if word)


def value_text(point: Mapping[str, Any]) -> str:
    """The value alone; – for unknown, which is never 0."""
    value = point["value"]
    if value is None:
        return "–"
    return visible(value) if isinstance(value, str) else number(value)


def unit_text(point: Mapping[str, Any]) -> str:
    """The unit as people write it."""
    return _UNITS.get(point["unit"], str(point["unit"]))


def quality_text(point: Mapping[str, Any]) -> str:
    """The quality in words."""
    return _QUALITIES.get(point["quality"], str(point["quality"]))


def meaning_text(point: Mapping[str, Any]) -> str:
    """What the number means: the word of a code, or yes and no of a bit."""
    if point["meaning"]:
        return str(point["meaning"])
    if point["table"] in ("coil", "discrete") and point["value"] is not None:
        return "yes" if point["value"] else "no"
    return ""


def _word(point: Mapping[str, Any], word: int) -> str:
    return str(word) if point["table"] in ("coil", "discrete") else f"{word:04X}"
