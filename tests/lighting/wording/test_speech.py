"""How facts are said: units by the name of the value, local times, and never an exception."""

from __future__ import annotations

import string
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.fact import Fact, Problem
from lighting.schedule.instructions import Layer
from lighting.schedule.trail import TrailEntry
from lighting.wording.extraction import TEMPLATE, translations
from lighting.wording.figures import Manner, duration, energy, figure, level, local_time, number, power
from lighting.wording.speech import say, say_problem, say_trail, translate
from lighting.wording.templates import all_words

HANOI = "Asia/Ho_Chi_Minh"
SIX_PM_MS = round(datetime(2026, 11, 23, 18, 0, tzinfo=ZoneInfo(HANOI)).timestamp() * 1000)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (4.1, "4.1 s"),
        (45, "45 s"),
        (720, "12 min"),
        (3600, "1 h"),
        (7500, "2 h 05 min"),
        (200_000, "2 d 7 h"),
        (0, "0 s"),
    ],
)
def test_a_duration_is_said_in_its_two_greatest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 W"), (851.4, "851 W"), (999.7, "1.0 kW"), (41_230, "41.2 kW"), (2_500_000, "2.50 MW")]
)
def test_power_changes_to_kilowatts_at_a_thousand(value: float, text: str) -> None:
    assert power(value) == text


def test_levels_energy_and_numbers_have_no_more_digits_than_they_mean() -> None:
    assert level(60.0) == "60 %"
    assert level(float("33.333")) == "33.3 %"
    assert energy(1234.4) == "1 234 kWh"
    assert energy(3.456) == "3.46 kWh"
    assert number(24.0) == "24"


@pytest.mark.parametrize(
    ("code", "counts", "said"),
    [
        ("profile_lamps", {"lamps": 1}, "at most 1 lamp"),
        ("db_rebuild_rollups", {"count": 1}, "? to ?: 1 hour is rolled up again"),
        ("db_rebuild_rollups", {"count": 2}, "? to ?: 2 hours are rolled up again"),
        (
            "energy_days_replayed",
            {"hours": 2968.5, "days": 1},
            "Worked out again by the rules for 2 968.5 circuit-hours on 1 day, for want of what was decided then.",
        ),
        ("profile_lamps", {"lamps": 21}, "at most 21 lamps"),
        ("status_more_alarms", {"more": 1}, "and 1 more alarm"),
        ("status_local_control", {"circuits": 1}, "In local control: 1 circuit."),
        ("commission_ask", {"settings": 1, "devices": 2, "word": "yes"}, "Write 1 setting of 2 devices? Type yes"),
        ("not_a_folder", {"folder": "1 circuits"}, "1 circuits is not a folder"),
    ],
)
def test_one_thing_is_no_plural(code: str, counts: dict[str, int | str], said: str) -> None:
    assert say(Fact(code, {**counts})) == said


def test_a_doubted_clock_is_told_with_its_date_however_near() -> None:
    values = {"clock_ms": SIX_PM_MS, "stored_ms": SIX_PM_MS + 60_000}
    said = say(Fact("clock_earlier_than_stored", {**values}), timezone=HANOI, reference_ms=SIX_PM_MS)
    assert "2026-11-23 18:00" in said
    assert "2026-11-23 18:01" in said
    stepped = Fact("clock_stepped", {"step_s": -63_072_000, "clock_ms": SIX_PM_MS})
    assert "2026-11-23 18:00" in say(stepped, timezone=HANOI, reference_ms=SIX_PM_MS)


def test_a_time_is_local_and_has_a_date_only_when_it_is_far() -> None:
    near = Manner(HANOI, SIX_PM_MS)
    assert local_time(SIX_PM_MS + 12 * 3_600_000, near) == "06:00"
    assert local_time(SIX_PM_MS + 36 * 3_600_000, near) == "2026-11-25 06:00"
    assert local_time(SIX_PM_MS, Manner(HANOI)) == "2026-11-23 18:00"


def test_an_unknown_zone_falls_back_on_utc() -> None:
    assert local_time(SIX_PM_MS, Manner("Mars/Olympus", SIX_PM_MS)) == "11:00"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("level_pct", 60.0, "60 %"),
        ("energy_ws", 7_200_000, "2.00 kWh"),
        ("latency_ms", 4100, "4.1 s"),
        ("until_ms", None, "further notice"),
        ("power_w", None, "unknown"),
        ("voltage_v", 229.84, "229.84 V"),
        ("circuits", 12, "12"),
        ("below_floor", True, "yes"),
        ("power_w", float("nan"), "unknown"),
    ],
)
def test_the_suffix_of_the_name_says_the_unit(name: str, value: float | None, text: str) -> None:
    assert figure(name, value, Manner()) == text


def test_a_code_without_words_is_shown_with_its_values() -> None:
    assert say(Fact("no_words_for_this", {"circuit": "C-1", "count": 3})) == "no_words_for_this(circuit=C-1, count=3)"


@given(
    code=st.sampled_from([*all_words(), "unknown_code"]),
    given_values=st.dictionaries(st.text(max_size=8), values, max_size=4),
)
def test_saying_never_raises_whatever_the_values(
    code: str, given_values: dict[str, str | int | float | bool | None]
) -> None:
    assert say(Fact(code, given_values), timezone=HANOI, reference_ms=SIX_PM_MS)


@given(values=st.tuples(values, values))
def test_braces_in_a_value_are_text(values: tuple[str | None, str | None]) -> None:
    assert say(Fact("no_site_here", {"folder": "{evil} %s {0}"})).startswith("{evil} %s {0} holds no site")


def test_every_template_is_a_format_with_plain_names() -> None:
    for code, template in all_words().items():
        for _text, name, spec, conversion in string.Formatter().parse(template):
            assert name is None or name.isidentifier(), (code, name)
            assert not spec, (code, name, spec)
            assert conversion is None, (code, name)


def test_a_problem_is_one_line_with_its_place() -> None:
    problem = Problem(Fact("xx", {"found": "a\nb\0"}), "circuits.csv", 12, "dimmer")
    line = say_problem(problem)
    assert line == "circuits.csv:12 dimmer: xx(found=a\\nb\\x00)"
    assert say_problem(Problem(Fact("xx"), "site.toml")) == "site.toml: xx"


def test_a_trail_marks_what_ruled() -> None:
    steps = (
        TrailEntry(Layer.OVERRIDE, Fact("a_code"), True, 40.0),
        TrailEntry(Layer.PROGRAM, Fact("b_code"), False, None),
    )
    assert say_trail(steps) == ["> a_code  [40 %]", "  b_code"]


def test_another_language_comes_from_its_catalogue_and_falls_back_on_english() -> None:
    confirmed = Fact("confirmed_in", {"latency_s": 4.1})
    assert say(confirmed, language="vi") == "đã xác nhận sau 4,1 s"
    assert say(confirmed, language="xx") == "confirmed in 4.1 s"
    assert translate("POWER", language="vi") == "CÔNG SUẤT"
    assert say(Fact("no_revisions"), language="vi") == say(Fact("no_revisions"))


def test_a_translation_names_only_values_that_its_template_has() -> None:
    from babel.messages.pofile import read_po

    def names(template: str) -> set[str]:
        return {name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name}

    known = {template: names(template) for template in all_words().values()}
    for file in translations():
        with file.open("rb") as source:
            for message in read_po(source):
                if message.id and message.string:
                    assert names(str(message.string)) <= known.get(str(message.id), set()), message.id


def test_a_translation_translates_what_is_still_said() -> None:
    from babel.messages.pofile import read_po

    with TEMPLATE.open("rb") as source:
        said = {message.id for message in read_po(source)}
    for file in translations():
        with file.open("rb") as source:
            assert {message.id for message in read_po(source) if message.id} <= said
