"""TOML text into a table, with the line of each key for problems."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from drivers.toml_lines import Location, TomlLines
from lighting.assets.fact import Fact, Problem

__all__ = ["TomlLines", "as_table", "read_toml", "texts_in"]

_LINE_OF_ERROR = re.compile(r"at line (\d+)")


def read_toml(text: str, file: str) -> tuple[dict[str, Any], list[Problem]]:
    """The table of a TOML text; an empty one with a problem that names the line when it is none."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n")), []
    except (tomllib.TOMLDecodeError, RecursionError, ValueError, OverflowError) as error:
        found = _LINE_OF_ERROR.search(str(error))
        line = int(found.group(1)) if found else text.count("\n") + 1
        return {}, [Problem(Fact("not_toml", {"detail": str(error)[:120]}), file, line)]


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
