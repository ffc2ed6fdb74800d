"""Wattages, lamp types and controller ids as inventories write them: understood or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.exchange.controller_ids import right_spellings
from lighting.exchange.inventory import LampPart
from lighting.exchange.wattage import LARGEST_W, Watts, parse_wattage, parts_of, split_types


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        (" ", ()),
        ("250", (Watts(250, False),)),
        ("66 (LED)", (Watts(66, True),)),
        ("286(LED)", (Watts(286, True),)),
        ("286(LED)/85", (Watts(286, True), Watts(85, False))),
        ("286(LED)/66(LED)", (Watts(286, True), Watts(66, True))),
        ("250/100", (Watts(250, False), Watts(100, False))),
        ("2x100", (Watts(100, False), Watts(100, False))),
        ("70 W", (Watts(70, False),)),
        ("13.5w led", (Watts(13.5, True),)),
    ],
)
def test_wattage(text: str, parts: tuple[Watts, ...]) -> None:
    assert parse_wattage(text) == parts


@pytest.mark.parametrize("text", ["?", "100/", "/100", "100//70", "LED", "1e3", "nan", "-100", "100-150", "250,5,1"])
def test_wattage_not_understood(text: str) -> None:
    found = parse_wattage(text)
    assert isinstance(found, Fact)
    assert found.code == "wattage_not_understood"


@pytest.mark.parametrize("text", ["0", "2001", "99999", "0x100", "/".join(["70"] * 9)])
def test_wattage_not_believable(text: str) -> None:
    found = parse_wattage(text)
    assert isinstance(found, Fact)
    assert found.code == "wattage_not_believable"


@given(st.text(max_size=30))
def test_any_wattage_is_parts_or_a_refusal(text: str) -> None:
    found = parse_wattage(text)
    if not isinstance(found, Fact):
        assert all(0 < part.watts <= LARGEST_W for part in found)
        assert bool(found) == bool(text.strip())


def test_two_types_go_with_two_wattages_in_order() -> None:
    found = parts_of(split_types("HPS/Induction"), (Watts(250, False), Watts(100, False)))
    assert found == ((LampPart("HPS", 250), LampPart("Induction", 100)), ())


def test_two_types_and_one_wattage_are_refused() -> None:
    found = parts_of(("HPS", "IND"), (Watts(250, False),))
    assert isinstance(found, Fact)
    assert found.code == "types_do_not_fit_wattages"


def test_an_unmarked_lamp_beside_a_marked_one_is_not_taken_as_led() -> None:
    found = parts_of(("LED",), (Watts(286, True), Watts(85, False)))
    assert found == ((LampPart("LED", 286), LampPart("", 85)), (Fact("part_type_not_stated", {"watts_w": 85.0}),))


def test_a_mark_in_the_wattage_outweighs_the_type_and_is_said() -> None:
    found = parts_of(("Other",), (Watts(18, True),))
    assert found == (
        (LampPart("LED", 18),),
        (Fact("led_by_wattage_mark", {"stated_type": "Other", "watts_w": 18.0}),),
    )


def test_led_wattages_without_any_mark_are_leds() -> None:
    assert parts_of(("LED",), (Watts(250, False), Watts(100, False))) == (
        (LampPart("LED", 250), LampPart("LED", 100)),
        (),
    )


def test_the_spelling_that_most_rows_have_is_right() -> None:
    ids = ["SL007"] * 5 + ["SL07"] * 2 + ["sl-007"] + ["SL091"] * 3 + ["SL91"] + ["TS007", "IDOT", "Idot", "IDOT", ""]
    assert right_spellings(ids) == {"SL07": "SL007", "sl-007": "SL007", "SL91": "SL091", "Idot": "IDOT"}


def test_ids_with_other_numbers_or_prefixes_are_not_alike() -> None:
    assert right_spellings(["SL001", "SL010", "SL100", "TS001", "SL000", "118B8", "118B80", "A1B", "A1C"]) == {}
