"""A broken profile is refused with every problem at once, each at its line."""

from __future__ import annotations

from fractions import Fraction
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import profile_file
from drivers.profile_file import ProfileProblem, built_in_profiles, read_profile
from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.wording.speech import say
from lighting.wording.words_drivers import WORDS

GOOD = """\
schema_version = 1
id = "lamp"
name = "Lamp"
maker = "Nobody"
trust = "community"
probe = "level_1"

channels = [
  { id = "{n}", role = "dimmer", repeat = [{ as = "n", first = 1, count = 2 }] },
]

[[points]]
name = "level_{n}"
quantity = "dim_level"
channel = "{n}"
table = "holding"
address = 16
type = "u16"
scale = "1/2"
valid_min = 0
valid_max = 100
writable = true
write_min = 0
write_max = 100
repeat = [{ as = "n", first = 1, count = 2, stride = 3 }]

[[points]]
name = "mode"
quantity = "output_mode"
table = "holding"
address = 30
type = "u16"
class = "setting"
enumeration = { 0 = "pwm", 1 = "analog" }

[[vectors]]
point = "level_2"
raw = [50]
value = 25

[limits]
max_registers_per_read = 20
"""


def problems_of(text: str) -> list[tuple[str, int]]:
    reading = read_profile(text, "lamp.toml")
    assert (reading.profile is None) == bool(reading.problems)
    return [(problem.code, problem.line) for problem in reading.problems]


def only_problem(text: str) -> ProfileProblem:
    (problem,) = read_profile(text, "lamp.toml").problems
    return problem


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_repeats_become_one_point_a_channel_with_exact_scales() -> None:
    profile = read_profile(GOOD, "lamp.toml").profile
    assert profile is not None
    assert [(point.name, point.channel, point.address) for point in profile.points] == [
        ("level_1", "1", 16),
        ("level_2", "2", 19),
        ("mode", "", 30),
    ]
    assert [channel.id for channel in profile.channels] == ["1", "2"]
    point = profile.point(Quantity.DIM_LEVEL, "1")
    assert point is not None
    assert point.scale == Fraction(1, 2)


@pytest.mark.parametrize(
    ("manual", "numbers"),
    [
        ("40017", ["40017", "40020"]),
        ("0017", ["0017", "0020"]),
        ("0x00FE", ["0x00FE", "0x0101"]),
        ("0x00fe", ["0x00fe", "0x0101"]),
        ("0x8", ["0x8", "0xB"]),
        ("P{n}", ["P1", "P2"]),
        ("301 to 316", ["301 to 316", "301 to 316"]),
        ("5B", ["5B", "5B"]),
        ("", ["", ""]),
    ],
)
def test_the_manuals_number_counts_on_with_the_stride(manual: str, numbers: list[str]) -> None:
    profile = read_profile(GOOD.replace("address = 16", f'address = 16\nmanual = "{manual}"'), "lamp.toml").profile
    assert profile is not None
    assert [point.manual_number for point in profile.points] == [*numbers, ""]


def test_the_manuals_numbers_of_the_built_in_profiles_stay_as_far_from_the_address_as_the_first() -> None:
    points = built_in_profiles()["sdm630"].points
    assert {point.address - int(point.manual_number) for point in points if point.table == "input"} == {-30001}
    groups = [point for point in built_in_profiles()["ge-a-series"].points if point.name.startswith("group_")]
    assert [int(point.manual_number) for point in groups] == list(range(301, 317))


# What is changed, what is said, and the text on the line that it is said of.
BROKEN = [
    ('scale = "1/2"', 'scale = "0"', "profile_scale_zero", "scale"),
    ('scale = "1/2"', "scale = 0.5", "profile_value_wrong", "scale"),
    ('scale = "1/2"', 'scale = "1/0"', "profile_value_wrong", "scale"),
    ('scale = "1/2"', 'scale = "1/1_0"', "profile_number_digits", "scale"),
    ('scale = "1/2"', 'scale = "٢"', "profile_number_digits", "scale"),
    ('scale = "1/2"', 'scale = "1/2"\noffset = "1_000"', "profile_number_digits", "offset"),
    ('1 = "analog"', '"1_0" = "analog"', "profile_number_digits", "enumeration"),
    ('scale = "1/2"', 'scael = "1/2"', "profile_key_unknown", "scael"),
    ('scale = "1/2"', 'xyzxyz = "1/2"', "profile_key_unknown_here", "xyzxyz"),
    ("max_registers_per_read = 20", "max_registers = 20", "profile_key_unknown", "max_registers"),
    ('class = "setting"', 'clas = "setting"', "profile_key_unknown", "clas"),
    ('maker = "Nobody"\n', "", "profile_key_missing", ""),
    ('quantity = "output_mode"\n', "", "profile_key_missing", ""),
    ('quantity = "output_mode"', 'quantity = "output_node"', "profile_value_wrong", "output_node"),
    ('quantity = "output_mode"', 'quantity = "dim_level"\nchannel = "1"', "profile_meaning_doubled", ""),
    ("address = 30", "address = 70000", "profile_value_wrong", "address = 70000"),
    ("address = 30", "address = true", "profile_value_wrong", "address = true"),
    ("address = 30", "address = 19", "profile_overlap", "address = 19"),
    ("count = 2, stride = 3", "count = 2, stride = 0", "profile_overlap", "address = 16"),
    ('channel = "{n}"', 'channel = "x{n}"', "profile_channel_unknown", "channel ="),
    ('name = "level_{n}"', 'name = "level_{m}"', "profile_repeat_letters", 'name = "level'),
    ('name = "mode"', 'name = "level_1"', "profile_point_doubled", 'name = "level_1"'),
    ("write_max = 100", "write_max = 40000", "profile_write_range", "write_max"),
    ("write_min = 0", "write_min = -1", "profile_write_range", "write_min"),
    ("write_min = 0", "write_min = 101", "profile_range_reversed", "write_min"),
    ('1 = "analog"', '1 = "pwm"', "profile_enumeration", "enumeration"),
    ('1 = "analog"', '"0x0" = "analog"', "profile_enumeration", "enumeration"),
    ('1 = "analog"', '70000 = "analog"', "profile_enumeration", "enumeration"),
    ('1 = "analog"', 'one = "analog"', "profile_enumeration", "enumeration"),
    ('table = "holding"\naddress = 30', 'table = "coil"\naddress = 30', "profile_type_in_table", ""),
    ("address = 30\n", 'address = 30\nverify = "nothing"\n', "profile_point_unknown", ""),
    ('probe = "level_1"', 'probe = "level_3"', "profile_point_unknown", "probe"),
    ('point = "level_2"', 'point = "level_3"', "profile_point_unknown", 'point = "level_3"'),
    ("raw = [50]", "raw = [51]", "profile_vector_wrong", "raw"),
    ("raw = [50]", "raw = [70000]", "profile_value_wrong", "raw"),
    ("schema_version = 1", "schema_version = 2", "profile_schema_version", "schema_version"),
    ("schema_version = 1\n", "", "profile_schema_version", ""),
    ('id = "lamp"', 'id = "lamp', "profile_not_toml", 'id = "lamp'),
    ("address = 30\n", "address = 30\nsentinels = [65536]\n", "profile_pattern_beyond", "sentinels"),
    ("address = 30\n", "address = 30\nreadable = false\n", "profile_point_useless", "readable"),
    ("address = 30\n", "address = 30\nregisters = 2\n", "profile_registers_fixed", "registers"),
    ("max_registers_per_read = 20", "max_registers_per_read = 0", "profile_value_wrong", "max_registers_per_read"),
]


@pytest.mark.parametrize(("part", "instead", "code", "at"), BROKEN, ids=[f"{row[2]}: {row[1]!r}" for row in BROKEN])
def test_each_mistake_is_named_at_its_line(part: str, instead: str, code: str, at: str) -> None:
    assert part in GOOD
    text = GOOD.replace(part, instead, 1)
    found = dict(problems_of(text))
    assert code in found
    if at:
        assert found[code] == line_of(text, at.strip("\n"))


def test_a_read_only_table_is_not_written() -> None:
    text = GOOD.replace('table = "holding"', 'table = "input"', 1)
    assert ("profile_write_to_read_only_table", line_of(text, "writable")) in problems_of(text)


def test_a_point_longer_than_a_request_may_be() -> None:
    text = GOOD + "max_registers_per_write = 1\n"
    text = text.replace("max_registers_per_read = 20", "max_registers_per_read = 1").replace(
        'type = "u16"\nscale', 'type = "u32"\nscale'
    )
    assert "profile_block_over_limit" in dict(problems_of(text))


def test_an_unknown_key_is_answered_with_the_nearest_valid_one() -> None:
    problem = only_problem(GOOD.replace('scale = "1/2"', 'scael = "1/2"'))
    assert problem.values["found"] == "scael"
    assert problem.values["nearest"] == "scale"
    assert problem.file == "lamp.toml"


def test_an_unknown_key_that_is_like_no_other_names_none() -> None:
    problem = only_problem(GOOD.replace('scale = "1/2"', 'scale = "1/2"\nxyzxyz = 1'))
    assert problem.code == "profile_key_unknown_here"
    assert "nearest" not in problem.values
    said = say(Fact(problem.code, problem.values))
    assert said.startswith("unknown key xyzxyz; allowed: name, ")


def test_all_mistakes_come_at_once() -> None:
    text = GOOD.replace('scale = "1/2"', 'scale = "0"').replace("raw = [50]", "raw = [51]").replace("= 30", "= 19")
    assert {code for code, _ in problems_of(text)} >= {"profile_scale_zero", "profile_overlap"}
    shape = GOOD.replace("address = 30", "address = -1").replace('trust = "community"', 'trust = "hearsay"')
    assert len(problems_of(shape)) == 2


def test_lines_in_tables_written_in_one_line() -> None:
    text = resources.files("drivers").joinpath("profiles/wb-mao4.toml").read_text(encoding="utf-8")
    broken = text.replace('name = "mcu_voltage", quantity', 'name = "mcu_voltage", quantitty')
    assert line_of(broken, "quantitty") in dict.fromkeys(line for _, line in problems_of(broken))


def test_every_problem_has_words_and_the_words_have_their_values() -> None:
    for part, instead, *_ in BROKEN:
        for problem in read_profile(GOOD.replace(part, instead, 1), "lamp.toml").problems:
            assert WORDS[problem.code].format(**problem.values)


@given(st.integers(0, len(GOOD)), st.integers(0, 12), st.text(max_size=4))
def test_a_mutilated_profile_is_a_problem_and_never_an_accident(start: int, length: int, instead: str) -> None:
    reading = read_profile(GOOD[:start] + instead + GOOD[start + length :], "lamp.toml")
    assert (reading.profile is None) == bool(reading.problems)
    for problem in reading.problems:
        assert WORDS[problem.code].format(**problem.values)


def test_a_built_in_profile_is_found_by_its_id_and_no_other_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def noted(text: str, file: str) -> profile_file.ProfileReading:
        read.append(file)
        return read_profile(text, file)

    profile_file._built_in.cache_clear()
    monkeypatch.setattr(profile_file, "read_profile", noted)
    table = profile_file.BuiltInProfiles()
    assert table["wb-mao4+pwm"].id == "wb-mao4+pwm"
    assert "wb-mao4" in table
    assert [one in table for one in ("wb-mao4+dali", "wb-mao5", "", "../wb-mao4")] == [False] * 4
    assert read == ["wb-mao4.toml"]
    assert len(table) > len(read)
    assert all(table[one].id == one for one in table)
