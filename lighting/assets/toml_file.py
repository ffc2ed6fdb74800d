"""TOML text into a table, with the line of each key for problems."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lighting.assets.fact import Fact, Problem

Location = tuple[str | int, ...]

_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')
_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_LINE_OF_ERROR = re.compile(r"at line (\d+)")


def read_toml(text: str, file: str) -> tuple[dict[str, Any], list[Problem]]:
    """The table of a TOML text; an empty one with a problem that names the line when it is none."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n")), []
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, OverflowError) as error:
        found = _LINE_OF_ERROR.search(str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        return {}, [Problem(Fact("not_toml", {"detail": str(error)[:120]}), file, line)]


class TomlLines:
    """Where the keys of a TOML text stand, found by reading its lines: good enough to point a person at the place."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Location, int] = {}
        self._read(text.removeprefix("\ufeff").splitlines())

    def line_of(self, location: Sequence[str | int]) -> int:
        """The 1-based line of the longest known beginning of that location; 0 when none is known."""
        path = tuple(location)
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 0

    def _read(self, lines: Sequence[str]) -> None:
        table: Location = ()
        arrays: dict[Location, int] = {}
        open_array: Location = ()
        depth = element = 0
        for number, raw in enumerate(lines, start=1):
            bare = _without_comment(raw)
            if depth > 0:
                if bare.lstrip().startswith(("{", '"', "'")):
                    self._lines.setdefault((*open_array, element), number)
                    element += 1
                depth += _brackets(bare)
            elif header := _HEADER.match(raw):
                table = self._enter(header.group(1) == "[[", _parts(header.group(2)), arrays)
                self._lines.setdefault(table, number)
            elif key := _KEY.match(raw):
                open_array = (*table, *_parts(key.group(1)))
                self._lines.setdefault(open_array, number)
                depth, element = _brackets(bare[key.end() :]) if key.end() <= len(bare) else 0, 0

    def _enter(self, is_array: bool, parts: Location, arrays: dict[Location, int]) -> Location:
        """The location of a table header; tables of an array are numbered, those inside one belong to its newest."""
        path: Location = ()
        for index, part in enumerate(parts):
            path = (*path, part)
            is_last = index == len(parts) - 1
            if is_last and is_array:
                arrays[path] = arrays.get(path, -1) + 1
            if path in arrays:
                path = (*path, arrays[path])
        return path


def _parts(dotted: str) -> Location:
    return tuple(part.strip("\"'") for part in _KEY_PART.findall(dotted))


def _without_comment(raw: str) -> str:
    """The line with its strings kept as empty quotes of the same length and its comment gone."""
    masked = _STRING.sub(lambda m: '"' + "x" * (len(m.group()) - 2) + '"', raw)
    return masked.split("#", 1)[0]


def _brackets(text: str) -> int:
    """How many square brackets stay open at the end of this text."""
    return text.count("[") - text.count("]")


def texts_in(value: object, place: Location = ()) -> Iterator[tuple[Location, str]]:
    """Every text of a TOML value with its location, keys among them."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield (*place, key), key
            yield from texts_in(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts_in(inner, (*place, index))


def as_table(value: object) -> Mapping[str, Any]:
    """The value when it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}
