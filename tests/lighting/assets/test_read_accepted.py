"""A newer program's judgement does not unmake a revision that was accepted before."""

from __future__ import annotations

import ast
from pathlib import Path

import lighting.assets
from lighting.assets.folder import JUDGEMENTS, read_accepted, read_site
from lighting.assets.template import template_texts
from lighting.wording.speech import say
from lighting.wording.words_drivers import WORDS
from tests.drivers.test_profile_check import GOOD


def wrong_place() -> dict[str, str]:
    texts = template_texts()
    texts["site.toml"] = texts["site.toml"].replace("longitude_deg = 105.8542", "longitude_deg = -105.8542")
    return texts


def test_a_judgement_refuses_a_folder_and_warns_of_a_revision() -> None:
    assert read_site(wrong_place()).site is None
    accepted = read_accepted(wrong_place())
    assert accepted.site is not None
    assert accepted.site.longitude_deg == -105.8542
    assert "longitude_not_of_zone" in {p.fact.code for p in accepted.problems if p.is_warning}


def test_what_cannot_be_understood_is_refused_in_both() -> None:
    texts = {**template_texts(), "circuits.csv": "id\nC-1\n"}
    assert read_site(texts).site is None
    assert read_accepted(texts).site is None


def test_numbers_with_other_digits_are_refused_in_a_folder_and_stand_in_a_revision() -> None:
    texts = template_texts()
    assert ",CB01-bus,1,wb-mao4" in texts["devices.csv"]
    texts["devices.csv"] = texts["devices.csv"].replace(",CB01-bus,1,wb-mao4", ",CB01-bus,1_1,wb-mao4")
    start = texts["programs.toml"].index("lit_from = ")
    end = texts["programs.toml"].index("\n", start)
    texts["programs.toml"] = f'{texts["programs.toml"][:start]}lit_from = "sunset-١٠m"{texts["programs.toml"][end:]}'
    refused = read_site(texts)
    assert refused.site is None
    found = {(p.file, p.field.split(".")[-1]): p.fact for p in refused.problems if p.fact.code == "number_digits"}
    assert set(found) == {("devices.csv", "unit_id"), ("programs.toml", "lit_from")}
    assert say(found["devices.csv", "unit_id"]) == (
        "1_1 has “_”: a number is written with the digits 0 to 9 and nothing between"
    )
    accepted = read_accepted(texts)
    assert accepted.site is not None
    assert accepted.site.devices["CB01-D"].unit_id == 11
    own = {**template_texts(), "profiles/own.toml": GOOD.replace('scale = "1/100"', 'scale = "1/1_00"')}
    assert read_site(own).site is None
    assert read_accepted(own).site is not None


def test_every_judgement_is_a_code_of_the_check() -> None:
    made = set()
    for path in Path(str(lighting.assets.__file__)).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fact" and node.args:
                made.add(getattr(node.args[0], "value", None))
    assert made | set(WORDS) >= JUDGEMENTS


def test_a_profile_that_was_accepted_by_an_older_program_stands() -> None:
    own = GOOD.replace("valid_min = 45\n", "").replace('type = "u16"\nclass', 'type = "u16"\npoll = "slow"\nclass')
    texts = {**template_texts(), "profiles/own.toml": own}
    assert read_site(texts).site is None
    accepted = read_accepted(texts)
    assert accepted.site is not None
    assert "gateway" in accepted.site.profiles
    warned = {p.fact.code for p in accepted.problems if p.file == "profiles/own.toml"}
    assert warned == {"profile_poll_of_setting", "profile_probe_mute"}
    broken = {**texts, "profiles/own.toml": own.replace('scale = "1/100"', 'scale = "0"')}
    assert read_accepted(broken).site is None
