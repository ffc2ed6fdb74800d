"""The nearest valid name for a typo, among few names and among very many."""

from __future__ import annotations

import pytest

from lighting.assets.nearest import Names, nearest, not_one_of, shown, unknown_reference

MANY = Names([f"CB{n:04d}-D" for n in range(5000)])


@pytest.mark.parametrize(
    ("typo", "guess"),
    [("photocel", "photocell"), ("PHOTOCELL", "photocell"), ("nome", "none"), ("zzzzzz", "")],
)
def test_among_few_names(typo: str, guess: str) -> None:
    assert nearest(typo, ["none", "photocell", "astronomical_switch"]) == guess


@pytest.mark.parametrize(
    ("typo", "guess"),
    [
        ("cb4321-d", "CB4321-D"),
        ("CB4321D", "CB4321-D"),
        ("CB4321--D", "CB4321-D"),
        ("CB4321_D", "CB4321-D"),
        ("something else", ""),
        ("", ""),
    ],
)
def test_among_many_names(typo: str, guess: str) -> None:
    assert nearest(typo, MANY) == guess


def test_a_reference_says_what_there_is_when_nothing_is_near() -> None:
    fact = unknown_reference("device", "something else", MANY)
    assert fact.code == "unknown_reference"
    allowed = str(fact.values["allowed"])
    assert allowed.startswith("CB0000-D, ")
    assert allowed.endswith(", …")
    assert unknown_reference("device", "x", Names([])).code == "unknown_reference_none"
    assert not_one_of("M3 ", ["M3", "M4"]).values["nearest"] == "M3"


def test_what_is_shown_is_short_and_harmless() -> None:
    assert shown("a" * 100) == "a" * 59 + "…"
    assert shown("\x1b[31mred\n") == "\ufffd[31mred\ufffd"
