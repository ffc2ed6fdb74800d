"""One register may hold a word and fields of its bits; nothing else may stand on another's address."""

from __future__ import annotations

import pytest

from drivers.profile_file import read_profile

HEAD = 'schema_version = 1\nid = "x"\nname = "X"\nmaker = "Nobody"\ntrust = "community"\n'
WORD = 'name = "word", quantity = "status", table = "input", address = 7, type = "u16"'
LOW = 'name = "low", quantity = "status", table = "input", address = 7, type = "u16", bits = { first = 0, width = 4 }'
HIGH = 'name = "high", quantity = "status", table = "input", address = 7, type = "u16", bits = { first = 4, width = 4 }'
MIDDLE = (
    'name = "mid", quantity = "status", table = "input", address = 7, type = "u16", bits = { first = 3, width = 2 }'
)
LONG = 'name = "long", quantity = "status", table = "input", address = 6, type = "u32", bits = { first = 9 }'


def codes(*points: str) -> set[str]:
    text = HEAD + "points = [\n" + "".join(f"  {{ {point} }},\n" for point in points) + "]\n"
    return {problem.code for problem in read_profile(text, "x.toml").problems}


@pytest.mark.parametrize("points", [(WORD, LOW), (LOW, HIGH), (HIGH, WORD, LOW)])
def test_a_word_and_fields_of_its_bits(points: tuple[str, ...]) -> None:
    assert codes(*points) == set()


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ((LOW, MIDDLE), {"profile_bits_overlap"}),
        ((WORD, LONG), {"profile_overlap"}),
        ((WORD, WORD.replace("word", "other")), {"profile_overlap"}),
    ],
)
def test_what_may_not_share(points: tuple[str, ...], found: set[str]) -> None:
    assert codes(*points) == found


def test_a_mode_names_a_point() -> None:
    text = HEAD + f'[mode]\npoint = "words"\nraw = 1\n[[points]]\n{WORD.replace(", ", chr(10))}\n'
    (problem,) = read_profile(text, "x.toml").problems
    assert (problem.code, problem.line) == ("profile_point_unknown", text.splitlines().index('point = "words"') + 1)
