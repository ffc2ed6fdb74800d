"""The worked example of docs/guides/savings-by-cause.md: each of its figures, out of what the page says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lighting.assets.model import LampGroup, LuminaireType
from lighting.energy.account import Account
from lighting.energy.day_account import BySlot, MeteredBySlot, Subjects, slot_accounts
from lighting.energy.day_worlds import Decided, Reported, Span, modelled_worlds
from lighting.energy.lamp_power import UW_PER_W, lamp_power
from lighting.energy.level_runs import LIT, UNLIT
from lighting.energy.pieces import Steps
from lighting.energy.rule_levels import RuleLevels
from lighting.energy.worlds import CAUSES, WORLDS
from lighting.schedule.instructions import Layer
from tests.lighting.schedule.conftest import circuit, site_of

PAGE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "savings-by-cause.md"
START_MS = 1_764_288_000_000
KWH_WS = 3_600_000


def at(*clocks: str) -> np.ndarray:
    return np.array([START_MS + (int(one[:2]) * 60 + int(one[3:])) * 60_000 for one in clocks], dtype=np.int64)


def levels(*percents: float) -> np.ndarray:
    found: np.ndarray = np.rint(np.array(percents) * 100).astype(np.int32)
    return found


def steps(*clocks: str) -> Steps:
    return Steps(np.zeros(len(clocks), dtype=np.intp), at(*clocks))


@pytest.fixture(scope="module")
def day() -> Account:
    curve = ((10.0, 10.0), (100.0, 100.0))
    lamp = LuminaireType("example", "", 100.0, curve="table", curve_points=curve, legacy_w=170.0)
    site = site_of([circuit("A", lamps=(LampGroup("example", 20),))])
    power = lamp_power(replace(site, luminaire_types={"example": lamp}))
    rules = RuleLevels(
        np.zeros(6, dtype=np.intp),
        at("00:00", "05:00", "05:30", "18:30", "22:00", "23:00"),
        np.stack(
            [
                levels(100, 100, 0, 100, 100, 100),
                levels(50, 100, 0, 100, 50, 50),
                levels(50, 100, 0, 100, 50, 40),
                levels(45, 90, 0, 90, 45, 36),
            ]
        ),
        np.zeros(1, dtype=np.intp),
    )
    program, limit, person = Layer.PROGRAM, Layer.DEMAND_LIMIT, Layer.OVERRIDE
    decided = Decided(
        steps("00:00", "05:00", "05:30", "18:24", "19:00", "20:00", "21:00", "22:00", "23:00"),
        levels(45, 90, 0, 90, 60, 100, 90, 45, 36),
        np.array([program, program, program, program, limit, person, program, program, program], dtype=np.uint8),
    )
    reported = Reported(
        steps(
            "00:00", "02:00", "03:00", "05:00", "05:30", "12:00", "14:00", "18:24", "19:00", "20:00", "22:00", "23:00"
        ),
        levels(45, 45, 45, 90, 0, 0, 0, 90, 60, 100, 45, 36),
        np.array([LIT, UNLIT, LIT, LIT, UNLIT, LIT, UNLIT, LIT, LIT, LIT, LIT, LIT], dtype=np.uint8),
        np.ones(1, dtype=np.bool_),
    )
    edges = START_MS + np.arange(25) * 3_600_000
    whole = ((int(edges[0]), int(edges[-1])),)
    lit = tuple((int(a), int(b)) for a, b in (at("00:00", "06:00"), at("18:00", "24:00")))
    found = modelled_worlds(power, rules, decided, reported, Span(edges, lit, whole, whole))
    meter = found.worlds_ws[-1].copy()
    meter[0, 19] += round(0.15 * KWH_WS)
    zero, lengths = np.zeros((1, 24), dtype=np.int64), np.full((1, 24), 3_600_000)
    by_slot = BySlot(
        found.worlds_ws,
        found.undelivered_lamp_ms,
        found.undelivered_ws,
        found.lit_lamp_ms,
        found.off_ws,
        lengths,
        zero,
        np.zeros(24),
    )
    subjects = Subjects(np.zeros(1, np.intp), np.zeros(1, bool), np.array([2000 * UW_PER_W]), np.zeros(1, bool))
    return slot_accounts(subjects, by_slot, MeteredBySlot(meter, meter >= 0, zero, zero, zero > 0)).of_day()


def rows() -> dict[str, tuple[float, str, float]]:
    """By world: kWh, cause, saved kWh, as the page prints them."""
    pattern = r"^\| `(\w+)` \| [^|]+ \| ([\d.]+) \| (?:`(\w+)`)? ?\| ?([−\d.]*) ?\|$"
    found = re.findall(pattern, PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {world: (float(kwh), cause, float(saved.replace("−", "-") or 0)) for world, kwh, cause, saved in found}


def test_every_world_and_cause_of_the_page_is_what_is_computed(day: Account) -> None:
    printed = rows()
    assert tuple(printed) == WORLDS
    causes = {cause.after: cause for cause in CAUSES}
    for world, (kwh, cause, saved) in printed.items():
        energy_ws = int(day.of_world(world)[0])
        assert energy_ws == round(kwh * KWH_WS), world
        if world != WORLDS[0]:
            assert cause == causes[world].code
            assert int(day.of_world(causes[world].before)[0]) - energy_ws == round(saved * KWH_WS), cause


def test_the_sum_and_what_was_not_delivered_are_those_of_the_page(day: Account) -> None:
    text = PAGE.read_text(encoding="utf-8")
    total = (int(day.of_world("legacy")[0]) - int(day.of_world("metered")[0])) / KWH_WS
    assert f"| all, `legacy` less `metered` | {total:.2f} |" in text
    lamp_h, kwh = int(day.undelivered_lamp_ms[0]) / 3_600_000, int(day.undelivered_ws[0]) / KWH_WS
    assert f"Not delivered: {lamp_h:.0f} lamp-hours, which at full power would have taken {kwh:.2f} kWh." in text
    assert int(day.known_ms[0]) == 24 * 3_600_000


def test_the_page_lists_the_chain_in_its_order() -> None:
    found = re.findall(r"^\| `(\w+)` \| [^|]+ \|(?: `(\w+)`)? \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [world for world, _ in found] == list(WORLDS)
    assert [cause for _, cause in found[1:]] == [cause.code for cause in CAUSES]
