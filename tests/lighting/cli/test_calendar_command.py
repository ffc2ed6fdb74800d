"""``lighting calendar``: a month night by night, a year rule by rule, on one screen each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lighting.assets.template import write_template
from lighting.cli.entry import run

Capture = pytest.CaptureFixture[str]
MORE = """
[[rules]]
name = "Match"
dates = ["2026-12-01"]
places = ["district:lakeside"]
use = { "*" = "full-night" }

[[rules]]
name = "Market Fridays"
nth_weekdays = ["2nd fri"]
use = { main-road = "full-night" }

[[rules]]
name = "Old year"
dates = ["2020-12-31"]
use = { main-road = "full-night" }
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    write_template(folder)
    with (folder / "calendar.toml").open("a", encoding="utf-8") as file:
        file.write(MORE)
    return folder


def said(site: Path, capsys: Capture, *words: str) -> str:
    assert run(["-s", str(site), "calendar", *words]) == 0
    return capsys.readouterr().out


def test_a_few_weeks_stand_one_after_the_other(site: Path, capsys: Capture) -> None:
    text = said(site, capsys, "--from", "2026-11-23", "--to", "2026-12-06")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "Lighting nights 2026-11-23 to 2026-12-06 (14), 4 circuits"
    assert lines[3:9] == [
        "Mon 2026-11-23 no rule own programs",
        "Tue 2026-11-24 Public holidays, Vietnam Cultural Day main-road → festival, park-path → festival",
        "Wed 2026-11-25 .. Thu 2026-11-26 no rule own programs",
        "Fri 2026-11-27 .. Sat 2026-11-28 Weekend evenings at the lake park-path → festival",
        "Sun 2026-11-29 .. Mon 2026-11-30 no rule own programs",
        "Tue 2026-12-01 Match (1 circuit) park-path → full-night",
    ]
    assert lines[9] == "no rule (3 circuits) own programs"


def test_a_year_is_told_rule_by_rule_and_names_its_holidays(site: Path, capsys: Capture) -> None:
    text = said(site, capsys, "--from", "2026-01-01", "--to", "2026-12-31")
    assert "1  Public holidays: " in text
    assert "09-01..09-02 National Day" in text
    assert "2  Weekend evenings at the lake: " in text
    assert "every Fri, Sat, but not 2026: " in text
    assert "3  Match: 1 night, 1 circuit" in text
    assert len(text.splitlines()) < 24


def test_rules_without_effect_are_named_with_what_was_looked_at(site: Path, capsys: Capture) -> None:
    text = said(site, capsys)
    idle = text[text.index("Without effect:") :].splitlines()
    assert idle[1].strip() == (
        "rule “Market Fridays” can never rule: on every night of every year that it matches, "
        "“Weekend evenings at the lake” comes first"
    )
    assert idle[3:] == ["Rules no more:", "   rule “Old year” rules no more: its last night was 2020-12-31"]
    assert run(["-s", str(site), "check"]) == 0
    checked = capsys.readouterr().out
    assert "calendar.toml:28 rules.3: rule “Market Fridays” can never rule" in checked
    assert "Old year" not in checked, "what is over is no mistake"


def test_one_circuit_alone_and_as_json(site: Path, capsys: Capture) -> None:
    document = json.loads(
        said(site, capsys, "--circuit", "C-0201", "--from", "2026-12-01", "--to", "2026-12-01", "--json")
    )
    assert (document["target"], document["circuits"]) == ("C-0201", 1)
    assert document["nights"][0]["parts"] == [
        {"rule": 2, "circuits": 1, "programs": [{"own": "park-path", "used": "full-night"}]}
    ]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--from", "2026-02-30"], 2, "“2026-02-30” is no date"),
        (["--from", "2026-02-03", "--to", "2026-02-02"], 2, "is before the beginning"),
        (["--from", "2026-02-03", "--to", "2126-02-02"], 2, "nights are too many"),
        (["--circuit", "district:nowhere"], 3, "there is no district nowhere"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(
    site: Path, capsys: Capture, words: list[str], code: int, told: str
) -> None:
    assert run(["-s", str(site), "calendar", *words]) == code
    heard = capsys.readouterr()
    assert heard.out == ""
    assert told in heard.err
