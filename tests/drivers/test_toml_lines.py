"""Every key of a TOML text is found at its line, however its tables are written."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.profile_file import built_in_texts
from drivers.toml_lines import TomlLines

TEXT = '''\
top = 1  # a comment with [brackets] and "quotes
"quoted key".inner = 'x'

notes = """
[points]
name = "not a key"
"""
list = [ { name = "a", deep = [
    { letter = "n" },
    { letter = "m" }, # ]
  ] }, { name = "b" },
]

[failsafe]
fed_by = "write"
[failsafe.lost_master]
kind = "lit"
meanings = { 0 = "dark", 1 = "lit" }

[[variants]]
id = "one"
[[variants.points]]
name = "x"
[[variants.points]]
name = "y"
  [[variants.points.repeat]]
  as = "n"
[[variants]]
id = "two"
[[variants.points]]
name = "z"
'''

EXPECTED = [
    (("top",), 1),
    (("quoted key", "inner"), 2),
    (("notes",), 4),
    (("list", 0, "name"), 8),
    (("list", 0, "deep", 1, "letter"), 10),
    (("list", 1, "name"), 11),
    (("failsafe", "fed_by"), 15),
    (("failsafe", "lost_master"), 16),
    (("failsafe", "lost_master", "meanings", "1"), 18),
    (("variants", 0, "points", 1, "name"), 25),
    (("variants", 0, "points", 1, "repeat", 0, "as"), 27),
    (("variants", 1, "points", 0, "name"), 31),
    (("variants", 1, "points", 0, "missing"), 30),
    (("variants", 1, "nowhere"), 28),
    (("nowhere",), 0),
]


@pytest.mark.parametrize(("path", "line"), EXPECTED)
def test_a_key_is_found_at_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert TomlLines(TEXT).line_of(path) == line
    assert TomlLines("\ufeff" + TEXT.replace("\n", "\r\n")).line_of(path) == line


def paths_in(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        return [
            found for key, inner in value.items() for found in [((*path, key), inner), *paths_in(inner, (*path, key))]
        ]
    if isinstance(value, list):
        return [
            found for at, inner in enumerate(value) for found in [((*path, at), inner), *paths_in(inner, (*path, at))]
        ]
    return []


@pytest.mark.parametrize("file", built_in_texts())
def test_every_key_of_our_own_profiles_is_found(file: str) -> None:
    text = built_in_texts()[file]
    lines, source = TomlLines(text), text.splitlines()
    for path, _ in paths_in(tomllib.loads(text)):
        if isinstance(path[-1], str):
            assert path[-1] in source[lines.line_of(path) - 1], path


@given(st.text(st.sampled_from("a1.=\"[]{}#,\n '\\")))
def test_what_is_no_toml_is_no_accident(text: str) -> None:
    lines = TomlLines(text)
    assert 0 <= lines.line_of(("a",)) <= text.count("\n") + 1
