"""What is wrong with a profile beyond its shape is told at its line, all at once."""

from __future__ import annotations

import re

import pytest

from drivers.codec import encode
from drivers.profile_file import read_profile
from lighting.wording.words_drivers import WORDS
from tests.drivers.test_profile_file import BROKEN

GOOD = """\
schema_version = 1
id = "gateway"
name = "Gateway"
maker = "Nobody"
trust = "vendor"
sources = ["a sheet of paper"]
probe = "frequency"

channels = [
  { id = "1", role = "dimmer" },
  { id = "2", role = "relay" },
  { id = "m", role = "meter" },
]

[[points]]
name = "frequency"
quantity = "frequency"
table = "input"
address = 0
type = "u16"
scale = "1/100"
valid_min = 45
valid_max = 65

[[points]]
name = "level"
quantity = "dim_level"
channel = "1"
table = "holding"
address = 10
type = "u16"
curve = "dali_log"
writable = true
write_min = 0
write_max = 100
write_step = "1"
write_address = 60
verify = "level_actual"
verify_after_ms = 500

[[points]]
name = "level_actual"
quantity = "dim_level_actual"
channel = "1"
table = "input"
address = 10
type = "u16"
curve = "table"
curve_points = [[0, 0], [100, 10], [254, 100]]

[[points]]
name = "fading"
quantity = "status"
channel = "1"
table = "holding"
address = 11
type = "u16"
bits = { first = 4, width = 3 }
enumeration = { 0 = "no", 7 = "yes" }

[[points]]
name = "alarms"
quantity = "other"
table = "holding"
address = 11
type = "u16"
bits = { first = 8, width = 8 }
flags = { 0 = "short", 7 = "open" }

[[points]]
name = "relay"
quantity = "relay_closed"
channel = "2"
table = "coil"
address = 0
type = "bit"
writable = true

[[points]]
name = "energy"
quantity = "energy_import"
channel = "m"
table = "input"
address = 20
type = "u32"
scale = "1/100"
counter_bits = 32
counter_wrap = 100000000
counter_reset = "never"

[[points]]
name = "action"
quantity = "safety_action"
channel = "1"
table = "holding"
address = 30
type = "u16"
class = "setting"
writable = true
enumeration = { 0 = "off", 1 = "keep", 2 = "level" }
min_interval_s = 60
daily_budget = 10

[[points]]
name = "safety"
quantity = "safety_level"
channel = "1"
table = "holding"
address = 31
type = "u16"
class = "setting"
writable = true
write_min = 0
write_max = 100

[[points]]
name = "watchdog"
quantity = "watchdog_timeout"
table = "holding"
address = 32
type = "u16"
class = "setting"
writable = true

[[points]]
name = "reset"
quantity = "command"
table = "holding"
address = 40
type = "u16"
class = "command"
readable = false
writable = true
forbidden_raw = [0]

[[points]]
name = "serial"
quantity = "serial_number"
table = "input"
address = 50
type = "string"
registers = 4
chars_per_register = 2
poll = "once"

[[points]]
name = "mode"
quantity = "output_mode"
table = "holding"
address = 41
type = "u16"
class = "setting"
enumeration = { 0 = "dali", 1 = "analog" }

[[vectors]]
point = "level"
raw = [170]
value = 10.1

[limits]
functions = [1, 3, 4, 5, 6]
broadcast = true

[[identity]]
point = "serial"
equals = "GW1"

[failsafe]
fed_by = "register"
fed_point = "level"
watchdog = "watchdog_timeout"
watchdog_off_raw = [0]

[failsafe.lost_master]
action = "safety_action"
level = "safety_level"
meanings = { 0 = "dark", 1 = "hold", 2 = "level" }

[failsafe.power_return]
kind = "lit"
level_pct = 80

[[variants]]
id = "analog"
name = "Gateway, analog"
without = ["level_actual"]
mode = { point = "mode", raw = 1 }

[[variants.points]]
name = "level"
quantity = "dim_level"
channel = "1"
table = "holding"
address = 12
type = "u16"
writable = true

[[variants.vectors]]
point = "level"
raw = [50]
value = 50
"""


def test_the_good_one_is_good() -> None:
    reading = read_profile(GOOD, "gateway.toml")
    assert reading.problems == ()
    assert reading.profile is not None
    assert [variant.id for variant in reading.profile.variants] == ["gateway+analog"]


def test_a_relay_that_is_active_low_is_written_as_a_scale() -> None:
    text = GOOD.replace(
        'type = "bit"\nwritable = true\n', 'type = "bit"\nwritable = true\nscale = "-1"\noffset = "1"\n', 1
    )
    reading = read_profile(text, "gateway.toml")
    assert reading.problems == ()
    assert reading.profile is not None
    relay = reading.profile.point_named("relay")
    assert relay is not None
    assert encode(relay, 1.0) == (0,)


# What is changed, what stands there instead (the last line of it is at fault), and what is said.
WRONG = [
    ("[[vectors]]", "#" * 200_000 + "\n[[vectors]]", "profile_too_long"),
    (
        'poll = "once"\n',
        'poll = "once"\nrepeat = [{ as = "n", count = 256 }, { as = "m", count = 256 }]\n',
        "profile_too_many",
    ),
    ('name = "Gateway"', 'name = "Gate\\u001bway"', "profile_text_unprintable"),
    ('0 = "short"', '0 = "sh\\u202eort"', "profile_text_unprintable"),
    ('scale = "1/100"\nvalid_min', 'scale = "1/100"\nunit = "kHz"\nvalid_min', "profile_unit"),
    ('curve = "dali_log"', 'curve = "dali_log"\nchars_per_register = 2', "profile_key_for_type"),
    ("chars_per_register = 2", 'chars_per_register = 2\nscale = "2"', "profile_key_for_type"),
    ("counter_wrap = 100000000", "counter_wrap = 100000000\nmin_interval_s = 60", "profile_key_without_write"),
    ("functions = [1, 3, 4, 5, 6]", "functions = [1, 3, 4, 5]", "profile_function_missing"),
    ("functions = [1, 3, 4, 5, 6]", "functions = [1, 3, 6]", "profile_function_missing"),
    ("forbidden_raw = [0]", 'forbidden_raw = [0]\npoll = "fast"', "profile_poll_of_setting"),
    ("readable = false\nwritable = true", "", "profile_command_without_write"),
    ('write_step = "1"', "daily_budget = 3", "profile_budget_of_no_setting"),
    ("first = 4, width = 3 }", "first = 4, width = 3 }\nwritable = true", "profile_bits_written"),
    ("first = 8, width = 8", "first = 8, width = 9", "profile_bits_beyond"),
    ("first = 8, width = 8", "first = 6, width = 8", "profile_bits_overlap"),
    ('7 = "open"', '8 = "open"', "profile_flags_beyond"),
    (
        'address = 11\ntype = "u16"\nbits = { first = 8',
        'address = 11\nscale = "2"\ntype = "u16"\nbits = { first = 8',
        "profile_flags_scaled",
    ),
    *(
        ('type = "bit"\nwritable = true\n', instead, code)
        for instead, code in (
            ('type = "bit"\nwritable = true\nenumeration = { 0 = "closed", 1 = "open" }\n', "profile_output_words"),
            ('type = "bit"\n', "profile_output_use"),
            ('type = "bit"\nwritable = true\nreadable = false\n', "profile_output_use"),
            ('type = "bit"\nwritable = true\nclass = "setting"\n', "profile_output_use"),
            ('type = "bit"\nwritable = true\npoll = "never"\n', "profile_output_use"),
            ('type = "bit"\nwritable = true\nforbidden_raw = [1]\n', "profile_output_state"),
            ('type = "bit"\nwritable = true\nwrite_max = 0\n', "profile_output_state"),
            ('type = "bit"\nwritable = true\nscale = "1/2"\n', "profile_output_state"),
        )
    ),
    ('curve = "dali_log"\n', 'flags = { 0 = "lit" }\n', "profile_output_type"),
    ('curve = "dali_log"\n', 'enumeration = { 0 = "off", 1 = "half" }\n', "profile_output_words"),
    ('curve = "table"\n', "", "profile_curve_points"),
    ('curve = "dali_log"\n', 'curve = "table"\n', "profile_curve_points"),
    ("address = 20\n", 'address = 20\ncurve = "dali_log_pct"\n', "profile_curve_of_no_level"),
    ('curve = "dali_log"\n', 'curve = "dali_log"\nscale = "-1"\n', "profile_curve_scale"),
    ("[254, 100]]", '[254, 100]]\nscale = "2"', "profile_curve_scaled"),
    ('curve = "dali_log"\n', 'curve = "dali_log"\noffset = "300"\n', "profile_curve_unreached"),
    ("[[0, 0], [100, 10]", "[[0, 0], [100, 0]", "profile_curve_rising"),
    ("[[0, 0], [100, 10]", "[[0, 0], [300, 10]", "profile_curve_rising"),
    ("[254, 100]]", "[254, 101]]", "profile_curve_beyond"),
    ("valid_max = 65", "valid_max = -1", "profile_range_reversed"),
    ("valid_min = 45\nvalid_max = 65", "valid_max = 800\nvalid_min = 700", "profile_valid_range"),
    (
        'class = "setting"\nwritable = true\nwrite_min = 0\nwrite_max = 100',
        'class = "setting"\nwritable = true\nwrite_min = 0\nwrite_max = 101',
        "profile_level_range",
    ),
    ('write_step = "1"', 'write_step = "0"', "profile_step_zero"),
    ('write_step = "1"', 'write_step = "30"', "profile_step_reach"),
    (
        "writable = true\nwrite_min = 0\nwrite_max = 100\n\n",
        'writable = true\nwrite_step = "0.5"\n\n',
        "profile_step_held",
    ),
    ("counter_bits = 32", "counter_bits = 33", "profile_counter_bits"),
    ("counter_wrap = 100000000", "counter_wrap = 4294967297", "profile_counter_wrap"),
    ("functions = [1, 3, 4, 5, 6]", "functions = [1, 3, 4]", "profile_broadcast"),
    ("broadcast = true", "broadcast_tcp = true", "profile_broadcast_tcp"),
    ('enumeration = { 0 = "off"', 'readable = false\nenumeration = { 0 = "off"', "profile_reaction_unreadable"),
    ('0 = "short", 7', '"0x7" = "short", 7', "profile_flags"),
    ('{ 0 = "dark", 1', '{ "0x1" = "dark", 1', "profile_meanings"),
    ("[failsafe.power", '[[variants]]\nid = "analog"\nname = "x"\n\n[failsafe.power', "profile_variant_doubled"),
    ('id = "2", role = "relay"', 'id = "1", role = "dimmer"', "profile_channel_doubled"),
    ("address = 60", "address = 65536", "profile_value_wrong"),
    ("address = 20\n", "address = 65535\n", "profile_address_beyond"),
    ('"u16"\nclass = "command"', '"s16"\nword_order = "mixed"\nclass = "command"', "profile_value_wrong"),
    ('id = "2", role = "relay"', 'id = "2", role = "counter"', "profile_channel_without_point"),
    ('id = "m", role = "meter"', 'id = "x", role = "sensor"', "profile_channel_without_point"),
    ("write_address = 60", "write_address = 31", "profile_write_hits"),
    ('verify = "level_actual"', 'verify = "frequency"', "profile_verify_unit"),
    ("valid_min = 45\n", "", "profile_probe_mute"),
    ('equals = "GW1"', "equals = 3", "profile_identity_value"),
    ('equals = "GW1"', 'equals = "a text of more than eight"', "profile_identity_value"),
    ('mode = { point = "mode"', 'mode = { point = "level"', "profile_mode_no_setting"),
    ("raw = 1 }", "raw = 7 }", "profile_mode_value"),
    ('sources = ["a sheet of paper"]\n', "", "profile_sources"),
    ('action = "safety_action"', 'action = "power_on_action"', "profile_reaction_without_point"),
    ('level = "safety_level"', 'level = "fade_time"', "profile_reaction_without_point"),
    ('level = "safety_level"', 'level = "watchdog_timeout"', "profile_reaction_level_unit"),
    ("level_pct = 80", "level_pct = 0", "profile_reaction_level"),
    ('action = "safety_action"\n', "", "profile_meanings_without_action"),
    ('1 = "hold", 2', "2", "profile_meanings_missing"),
    ('2 = "level" }\n\n[failsafe.p', '2 = "level", 3 = "lit" }\n\n[failsafe.p', "profile_meanings_unknown"),
    ('level = "safety_level"\n', "", "profile_meanings_level"),
    ('watchdog = "watchdog_timeout"', 'watchdog = "debounce"', "profile_watchdog_without_point"),
    ('watchdog = "watchdog_timeout"', 'watchdog = "output_mode"', "profile_watchdog_unit"),
    ('watchdog = "watchdog_timeout"\n', "", "profile_watchdog_off"),
    ('fed_by = "register"', 'fed_by = "write"', "profile_fed_point"),
    ('fed_point = "level"', 'fed_point = "lvl"', "profile_fed_point_unknown"),
    (
        '[[variants.vectors]]\npoint = "level"\nraw = [50]',
        '[[variants.vectors]]\npoint = "level"\nraw = [51]',
        "profile_vector_wrong",
    ),
]


@pytest.mark.parametrize(("part", "instead", "code"), WRONG, ids=[f"{row[2]}-{at}" for at, row in enumerate(WRONG)])
def test_each_mistake_is_told(part: str, instead: str, code: str) -> None:
    assert part in GOOD
    problems = read_profile(GOOD.replace(part, instead, 1), "gateway.toml").problems
    found = {problem.code: problem for problem in problems}
    assert code in found
    problem = found[code]
    assert problem.file == "gateway.toml"
    assert problem.line > 0
    assert WORDS[code].format(**problem.values)


def test_every_sentence_about_profiles_has_been_said() -> None:
    seen = {row[2] for row in [*WRONG, *BROKEN]} | {"profile_write_to_read_only_table", "profile_block_over_limit"}
    assert {code for code in WORDS if code.startswith("profile_")} - seen == set()


FIFTEEN = """\
schema_version = 1
id = "fifteen"
name = "Fifteen mistakes"
maker = "Nobody"
trust = "hardware"  #! profile_sources
probe = "volts"  #! profile_probe_mute

channels = [
  { id = "{n}", role = "dimmer", repeat = [{ as = "n", first = 1, count = 2 }] },
]

[[points]]
name = "volts"
quantity = "voltage"
table = "input"
address = 0
type = "u16"
unit = "mV"  #! profile_unit

[[points]]
name = "level_{n}"
quantity = "dim_level"
channel = "{n}"
table = "holding"
address = 10
type = "u16"
writable = true
repeat = [
  { as = "n", first = 1, count = 2, stride = 1 },
]

[[points]]
name = "hertz"
quantity = "frequency"
table = "input"
address = 0  #! profile_overlap
type = "u16"

[[points]]
name = "busy"
quantity = "status"
table = "holding"
address = 20
type = "u16"
bits = { first = 15, width = 2 }  #! profile_bits_beyond

[[points]]
name = "total"
quantity = "energy_import"
table = "input"
address = 30
type = "u32"
scale = "0"  #! profile_scale_zero

[[points]]
name = "pulses"
quantity = "pulse_count"
table = "input"
address = 32
type = "u16"
counter_wrap = 100_000  #! profile_counter_wrap
writable = true  #! profile_write_to_read_only_table

[[points]]
name = "on_loss"
quantity = "safety_action"
table = "holding"
address = 40
type = "u16"
class = "setting"
poll = "slow"  #! profile_poll_of_setting
enumeration = { 0 = "off", 1 = "on" }
writable = true
write_min = 5  #! profile_range_reversed
write_max = 1

[limits]
max_registers_per_read = 10

[failsafe]
watchdog = "watchdog_timeout"  #! profile_watchdog_without_point

[failsafe.lost_master]
action = "safety_action"
meanings = { 0 = "dark" }  #! profile_meanings_missing

[failsafe.power_return]
kind = "lit"
level_pct = 0  #! profile_reaction_level

[[vectors]]
point = "level_2"
raw = [50]
value = 50

[[vectors]]
point = "level_2"
raw = [51]  #! profile_vector_wrong
value = 50

[[variants]]
id = "relay"
name = "As a relay"

[variants.mode]
point = "level_1"  #! profile_mode_no_setting
raw = 1
"""


def test_fifteen_mistakes_are_told_at_once_each_at_its_line() -> None:
    lines = enumerate(FIFTEEN.splitlines(), start=1)
    made = [(mark[1], number) for number, line in lines if (mark := re.search("#! (\\w+)", line))]
    assert len(made) == 15
    problems = read_profile(FIFTEEN, "fifteen.toml").problems
    assert [(problem.code, problem.line) for problem in problems] == made
    assert all(problem.file == "fifteen.toml" and problem.field for problem in problems)
