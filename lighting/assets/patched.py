"""TOML files with shape errors, with a harmless value where each error was: so that the rest is checked in one go.

What comes out is for finding further problems alone, never for use.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

Location = tuple[str | int, ...]
NEEDED: Mapping[str, object] = {
    "at": "12:00",
    "level_pct": 100.0,
    "lit_from": "dusk",
    "lit_until": "dawn",
    "name": "-",
    "use": {},
}
"""What is required, or what another check asks for; any other key is left out."""

_OTHERS = ("at", "ramp_s", "part_night", "adaptive", "description", "steps")
"""Keys of programs and steps that can never have been meant for one that must be there."""


def patched(
    table: Mapping[str, Any], errors: Sequence[Location], instead: Mapping[str, object] = NEEDED
) -> dict[str, Any]:
    """Return a copy of the table with the values at these places replaced or left out; indices of lists stay."""
    result: dict[str, Any] = copy.deepcopy(dict(table))
    for location in errors:
        _patch(result, location, instead)
    return result


def _patch(table: dict[str, Any], location: Location, instead: Mapping[str, object]) -> None:
    """Replace the last key on the way to the error: a wrong element of a list takes the whole list with it."""
    inner: Any = table
    holder, last = table, location[0] if location else ""
    for part in location:
        if isinstance(inner, dict) and isinstance(part, str):
            holder, last = inner, part
        if isinstance(inner, dict):
            inner = inner.get(str(part))
        elif isinstance(inner, list) and isinstance(part, int) and part < len(inner):
            inner = inner[part]
        else:
            break
    holder.pop(str(last), None)
    if last in instead:
        holder[str(last)] = copy.deepcopy(instead[str(last)])
    _fill(holder, location, str(last))


def _fill(holder: dict[str, Any], location: Location, last: str) -> None:
    """What a misspelt key may have been, or what a program would have taken over, is not missed a second time."""
    if location[:1] != ("programs",) or last in _OTHERS:
        return
    if len(location) == 3:
        holder.setdefault("lit_from", "dusk")
        holder.setdefault("lit_until", "dawn")
    elif not {"level_pct", "lighting_class"} & holder.keys():
        holder["level_pct"] = 100.0
