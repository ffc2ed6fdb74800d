"""A mistake of shape hides no other: what is well-shaped in a misshapen profile is checked all the same."""

from __future__ import annotations

import pytest

from drivers.profile_file import read_profile

HEAD = """schema_version = 1
id = "salvage"
name = "Salvage"
maker = "Nobody"
trust = "community"
"""
GOOD = '{ name = "volts", quantity = "voltage", table = "input", address = 0, type = "u16" },'
BEYOND = '{ name = "far", quantity = "current", table = "input", address = 65535, type = "u32" },'


def told(text: str) -> set[tuple[str, str]]:
    """Code and field of every problem."""
    reading = read_profile(text, "salvage.toml")
    assert reading.profile is None
    return {(problem.code, problem.field) for problem in reading.problems}


def profile_of(*points: str, tail: str = "") -> str:
    return HEAD + "points = [\n" + "\n".join(points) + "\n]\n" + tail


def test_a_misshapen_point_hides_no_mistake_of_the_points_around_it() -> None:
    misshapen = '{ name = "odd", quantity = "voltag", table = "input", address = 10, type = "u16" },'
    assert told(profile_of(GOOD, misshapen, BEYOND)) == {
        ("profile_value_wrong", "points.2.quantity"),
        ("profile_address_beyond", "points.3.address"),
    }


def test_places_are_those_of_the_whole_file() -> None:
    misshapen = '{ name = "odd", quantity = "other", table = "input", address = -1, type = "u16" },'
    reading = read_profile(profile_of(misshapen, misshapen, GOOD, BEYOND), "salvage.toml")
    lines = {problem.code: problem.line for problem in reading.problems}
    assert lines["profile_address_beyond"] == 10


@pytest.mark.parametrize(
    ("misshapen", "field"),
    [
        ('trust = "sure"', "trust"),
        ("id = 7", "id"),
        ("name = []", "name"),
    ],
)
def test_a_misshapen_head_hides_nothing(misshapen: str, field: str) -> None:
    key = misshapen.split(" ")[0]
    head = "\n".join(misshapen if line.startswith(f"{key} ") else line for line in HEAD.splitlines())
    text = head + "\npoints = [\n" + GOOD + "\n" + BEYOND + "\n]\n"
    assert told(text) == {("profile_value_wrong", field), ("profile_address_beyond", "points.2.address")}


def test_what_was_put_aside_is_not_said_to_be_missing() -> None:
    misshapen = (
        '{ name = "level_{n}", quantity = "dim_level", channel = "{n}", table = "holding", address = 1, type = "u17", '
        'repeat = [{ as = "n", first = 1, count = 2, stride = 1 }] },'
    )
    tail = """channels = [{ id = "{n}", role = "dimmer", repeat = [{ as = "n", first = 1, count = 2 }] }]
vectors = [{ point = "level_2", raw = [5], value = 5 }, { point = "nowhere", raw = [5], value = 5 }]
"""
    text = HEAD + tail + "points = [\n" + GOOD + "\n" + misshapen + "\n]\n"
    assert told(text) == {
        ("profile_value_wrong", "points.2.type"),
        ("profile_point_unknown", "vectors.2.point"),
    }


def test_in_a_variant_only_the_misshapen_point_goes() -> None:
    variant = f"""
[[variants]]
id = "other"
name = "Other mode"
points = [
  {{ name = "odd", quantity = "other", table = "input", address = 20, type = "u17" }},
  {BEYOND.rstrip(",")},
]
"""
    assert told(profile_of(GOOD, tail=variant)) == {
        ("profile_value_wrong", "variants.1.points.1.type"),
        ("profile_address_beyond", "variants.1.points.2.address"),
    }


def test_a_file_of_which_nothing_is_left_tells_its_shape_alone() -> None:
    misshapen = '{ name = "odd", quantity = "voltag", table = "input", address = 10, type = "u16" },'
    assert told(profile_of(misshapen)) == {("profile_value_wrong", "points.1.quantity")}


def test_a_vector_that_does_not_hold_says_what_this_file_makes_of_it() -> None:
    tail = 'vectors = [{ point = "volts", raw = [230], value = 23.0 }]\n'
    reading = read_profile(HEAD + tail + "points = [\n" + GOOD + "\n]\n", "salvage.toml")
    (problem,) = reading.problems
    assert problem.code == "profile_vector_wrong"
    assert problem.values == {"point": "volts", "found": "230", "registers": "[23]"}
