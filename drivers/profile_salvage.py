"""What is left of a misshapen profile once its misshapen entries are put aside, so that the rest is checked too.

A key that has no right value takes its whole entry (a point, a channel, a vector) with it: half an entry would be
blamed for what only its other half explains. In a plain table, such as ``limits``, the key alone goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drivers.profile_problem import AddProblem, Path, Value

_STAND_INS = {"id": "x", "name": "x", "maker": "x", "trust": "community"}
"""For what a profile must have and this one has not in a right form: none of them can be blamed for anything."""
_ABSENCES = {
    "profile_channel_unknown": "channel",
    "profile_fed_point_unknown": "point",
    "profile_point_unknown": "point",
}
"""Problems that something is not there, and the value that names it."""
_ABSENT_MEANINGS = frozenset(
    {"profile_channel_without_point", "profile_reaction_without_point", "profile_watchdog_without_point"}
)
"""Problems that nothing of some meaning is there: what was put aside may have been it."""
_LETTER = re.compile(r"\\\{\w*\\\}")


@dataclass(frozen=True, slots=True)
class Salvage:
    """``document`` has no misshapen entry. ``kept`` gives, for each list that lost some, the places of the others."""

    document: dict[str, object]
    kept: Mapping[Path, tuple[int, ...]]
    put_aside: tuple[str, ...]

    def told_through(self, add: AddProblem) -> AddProblem:
        """Tell ``add`` the problems of the salvaged document, each at its place in the whole one.

        What is only not there because it was put aside is not told.
        """
        gone = [re.compile(_LETTER.sub(r"\\w+", re.escape(name))) for name in self.put_aside]

        def told(code: str, values: dict[str, Value], path: Path) -> None:
            named = values.get(_ABSENCES.get(code, ""))
            if gone and code in _ABSENT_MEANINGS:
                return
            if isinstance(named, str) and any(name.fullmatch(named) for name in gone):
                return
            add(code, values, self._place(path))

        return told

    def _place(self, path: Path) -> Path:
        place: Path = ()
        for part in path:
            kept = self.kept.get(place) if isinstance(part, int) else None
            place = (*place, kept[part] if kept is not None and isinstance(part, int) else part)
        return place


def salvaged(document: Mapping[str, object], misshapen: Iterable[Path]) -> Salvage:
    """The document without the entries that these paths lead into."""
    kept: dict[Path, tuple[int, ...]] = {}
    names: list[str] = []
    rest = _table_without(document, (), set(misshapen), kept, names)
    return Salvage(_STAND_INS | rest, kept, tuple(names))


def _table_without(
    table: Mapping[str, object], path: Path, bad: set[Path], kept: dict[Path, tuple[int, ...]], names: list[str]
) -> dict[str, object]:
    left: dict[str, object] = {}
    for key, value in table.items():
        place = (*path, key)
        inside = {one for one in bad if one[: len(place)] == place}
        if not inside:
            left[key] = value
        elif place in inside or not isinstance(value, list | dict):
            continue
        elif isinstance(value, dict):
            left[key] = _table_without(value, place, inside, kept, names)
        else:
            left[key] = _list_without(value, place, inside, kept, names)
    return left


def _list_without(
    entries: list[object], path: Path, bad: set[Path], kept: dict[Path, tuple[int, ...]], names: list[str]
) -> list[object]:
    left: list[object] = []
    places: list[int] = []
    for at, entry in enumerate(entries):
        place = (*path, at)
        inside = {one for one in bad if one[: len(place)] == place}
        if inside and not _is_variant_with_bad_points(place, inside):
            names += _names_of(entry)
            continue
        left.append(_table_without(entry, place, inside, kept, names) if inside and isinstance(entry, dict) else entry)
        places.append(at)
    # Only now: what lies deeper was placed by the entries of the whole file.
    kept.update({path: tuple(places)})
    return left


def _is_variant_with_bad_points(place: Path, inside: Iterable[Path]) -> bool:
    """A variant stands as long as only entries of its own lists are misshapen."""
    return place[0] == "variants" and all(len(one) > len(place) + 1 for one in inside)


def _names_of(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return []
    return [name for name in (entry.get("name"), entry.get("id")) if isinstance(name, str)]
