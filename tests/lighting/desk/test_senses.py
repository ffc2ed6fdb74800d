"""What the desk tells of traffic and photocells: what the controller recorded, and no further than it holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lighting.assets.fact import Fact
from lighting.assets.template import template_texts, write_folder
from lighting.desk.desk import Desk
from lighting.desk.senses import inputs_known
from lighting.schedule.inputs import BRIGHT, UNKNOWN, Series, series
from lighting.schedule.photocell_rules import PhotocellState
from lighting.schedule.traffic_rules import TrafficState
from lighting.store.records import InputChange
from lighting.store.store import Store
from lighting.wording.speech import say_trail
from tests.lighting.desk.conftest import StandingClock, local_ms
from tests.lighting.senses_site import with_senses

MIN = 60_000
EVENING = local_ms("2026-11-23T20:00")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "site"
    write_folder(place, template_texts() | with_senses())
    return place


@pytest.fixture
def said(store: Store) -> Store:
    """At 19:40 the road had gone one class down; its newest whole window ended at 19:55."""
    state = TrafficState(1, EVENING - 20 * MIN, complete_ms=EVENING - 5 * MIN, counted_until_ms=EVENING - 1 * MIN)
    counted = Fact("traffic_counted", {"flow_veh_h": 312.0, "share_pct": 31.2, "counted_until_ms": EVENING - 20 * MIN})
    change = InputChange("traffic", "quay", EVENING - 20 * MIN, 1, counted)
    store.senses.save_state("traffic", "quay", {"machine": state.as_values()}, at_ms=EVENING, changes=[change])
    cell = PhotocellState(BRIGHT, EVENING - 60 * MIN, BRIGHT, run_from_ms=0, read_ms=EVENING - MIN, read_lx=300.0)
    bright = InputChange(
        "photocell", "square", EVENING - 60 * MIN, BRIGHT, Fact("photocell_bright", {"read_lx": 300.0})
    )
    store.senses.save_state("photocell", "square", cell.as_values(), at_ms=EVENING, changes=[bright])
    return store


def entries(found: Series) -> list[tuple[int, int, str]]:
    rows = zip(found.from_ms.tolist(), found.value.tolist(), found.fact.tolist(), strict=True)
    return [((at_ms - EVENING) // MIN, value, found.facts[fact].code) for at_ms, value, fact in rows]


def test_what_was_said_holds_until_it_is_stale_and_no_longer(desk: Desk, said: Store) -> None:
    now = inputs_known(desk.site, said, EVENING - 360 * MIN, EVENING)
    assert entries(now.traffic["quay"]) == [(-20, 1, "traffic_counted")]
    night = inputs_known(desk.site, said, EVENING - 360 * MIN, EVENING + 600 * MIN)
    assert entries(night.traffic["quay"]) == [(-20, 1, "traffic_counted"), (15, UNKNOWN, "traffic_not_counted_yet")]
    assert entries(night.photocells["square"])[-1] == (2, UNKNOWN, "photocell_not_read_yet")
    assert "lake" not in night.traffic
    assert inputs_known(desk.site, None, 0, EVENING).traffic == {}


def test_a_state_that_cannot_be_read_ends_what_was_said_all_the_same(desk: Desk, said: Store) -> None:
    said.senses.save_state("traffic", "quay", {"machine": 7}, at_ms=EVENING)
    found = inputs_known(desk.site, said, EVENING - 360 * MIN, EVENING + 600 * MIN)
    assert entries(found.traffic["quay"])[-1] == (0, UNKNOWN, "traffic_not_counted_yet")


def test_a_typical_week_serves_the_plan_where_nothing_is_known(desk: Desk, said: Store) -> None:
    typical = series(
        [(EVENING + at * MIN, value, Fact("traffic_expected")) for at, value in ((-600, 0), (10, 1), (120, 2))]
    )
    found = inputs_known(
        desk.site,
        said,
        EVENING - 360 * MIN,
        EVENING + 600 * MIN,
        now_ms=EVENING,
        expected={"quay": typical, "lake": typical},
    )
    assert entries(found.traffic["quay"]) == [
        (-20, 1, "traffic_counted"),
        (15, UNKNOWN, "traffic_not_counted_yet"),
        (15, 1, "traffic_expected"),
        (120, 2, "traffic_expected"),
    ]
    assert entries(found.traffic["lake"]) == [(0, 0, "traffic_expected"), (10, 1, "traffic_expected"),
                                              (120, 2, "traffic_expected")]  # fmt: skip
    at_ms = np.array([EVENING + 20 * MIN], dtype=np.int64)
    assert found.traffic["quay"].at(at_ms)[0].tolist() == [1]


def test_why_tells_the_traffic_and_the_photocell(desk: Desk, said: Store, clock: StandingClock) -> None:
    why = desk.why("C-0101")
    assert why.level_pct == pytest.approx(75 / 1.1, abs=0.1)
    lines = "\n".join(say_trail(why.trail, timezone="Asia/Ho_Chi_Minh", reference_ms=EVENING))
    assert "traffic of section quay: 312 veh/h until 19:40, 31.2 % of capacity: class M4 (design class M3)" in lines
    clock.at_ms = EVENING + 16 * MIN  # no controller has said it, but nobody can know
    why = desk.why("C-0101")
    assert why.level_pct == pytest.approx(100 / 1.1, abs=0.1)
    assert "the traffic of section quay is not known yet: its design class" in "\n".join(say_trail(why.trail))
