"""Traffic, photocell, demand limit and ramps in the decision: what each does, and that none of them failing darkens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.assets.model import (
    Anchor,
    ChannelRef,
    Circuit,
    ControlProgram,
    LampGroup,
    LuminaireType,
    Photocell,
    ProgramStep,
    Site,
    TrafficSection,
)
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN, Inputs, series
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.night import night_span_ms
from lighting.schedule.sun import sun_of_night
from lighting.schedule.trail import trail
from tests.effort import examples
from tests.lighting.schedule.conftest import SiteBuilder

NIGHT = date(2026, 3, 10)
ZONE = "Asia/Ho_Chi_Minh"
PHOTO = Anchor(photocell=True)
DUSK, DAWN = Anchor(sun_event="dusk"), Anchor(sun_event="dawn")
ADAPTIVE = ControlProgram(
    "adaptive", "", DUSK, DAWN, (ProgramStep(DUSK, 100.0), ProgramStep(Anchor(clock_minutes=0), 30.0, adaptive=True))
)
BY_CELL = ControlProgram("cell", "", PHOTO, PHOTO, (ProgramStep(DUSK, 80.0),))
AT_ONCE = LuminaireType("at-once", "", 60.0, warm_up_s=0.0)


def made_site(build_site: SiteBuilder, build_circuit: Callable[..., Circuit]) -> Site:
    classes = {"design_class": "M3", "lowest_class": "M5", "maintained_level": 1.25, "traffic_section": "S1"}
    lamps = (LampGroup("at-once", 4),)
    made: Site = build_site(
        [
            build_circuit("A", program="adaptive", lamps=lamps, **classes),
            build_circuit("B", program="cell", lamps=lamps),
            build_circuit("C", program="cell", district="south", lamps=lamps),
        ],
        programs=[ADAPTIVE, BY_CELL],
        control={"ramp_down_s": 0.0},
    )
    return replace(
        made,
        luminaire_types={"at-once": AT_ONCE},
        traffic_sections={"S1": TrafficSection("S1", "S1", "uni_11248", 1000.0)},
        photocells={"P1": Photocell("P1", "north", ChannelRef("D", "1"))},
    )


@pytest.fixture
def site(build_site: SiteBuilder, build_circuit: Callable[..., Circuit]) -> Site:
    return made_site(build_site, build_circuit)


def at(hour: float) -> int:
    """That hour of the local clock in the night, from noon (12) to noon (36)."""
    return night_span_ms(NIGHT, ZONE)[0] + round((hour - 12) * 3_600_000)


def level(site: Site, circuit: str, at_ms: int, inputs: Inputs, *notes: Instruction, doubted: bool = False) -> float:
    conditions = Conditions(inputs=inputs, clock_doubted=doubted)
    decided = decide(site, np.array([at_ms], dtype=np.int64), notes, conditions)
    return float(decided.level_pct[0, list(site.circuits).index(circuit)])


def traffic(steps_down: int, *later: tuple[float, int]) -> Inputs:
    entries = [
        (at(hour), value, Fact("traffic_class", {"flow_veh_h": 100})) for hour, value in [(12, steps_down), *later]
    ]
    return Inputs(traffic={"S1": series(entries)})


def cell(*changes: tuple[float, int]) -> Inputs:
    return Inputs(photocells={"P1": series([(at(hour), value, Fact("photocell_says", {})) for hour, value in changes])})


@pytest.mark.parametrize(
    ("steps_down", "level_pct"),
    [(0, 80.0), (1, 60.0), (2, 40.0), (3, 40.0), (UNKNOWN, 80.0)],  # M3 1.00, M4 0.75, M5 0.50 of 1.25 cd/m²
)
def test_traffic_chooses_the_class_down_to_the_lowest(site: Site, steps_down: int, level_pct: float) -> None:
    assert level(site, "A", at(25), traffic(steps_down)) == pytest.approx(level_pct)
    assert level(site, "A", at(22), traffic(steps_down)) == 100.0, "not in a step that is not adaptive"
    assert level(site, "A", at(13), traffic(steps_down)) == 0.0, "nor outside the lit period"


def test_missing_counts_give_the_design_class_and_the_trail_says_so(site: Site) -> None:
    assert level(site, "A", at(25), Inputs()) == pytest.approx(80.0)
    entries = trail(site, "A", at(25), (), Conditions())
    ruling = next(entry for entry in entries if entry.ruled)
    assert (ruling.layer, ruling.fact.code) == (Layer.TRAFFIC, "traffic_unknown")
    assert ruling.fact.values["lighting_class"] == "M3"


def test_a_storm_lights_the_district_of_its_cell_at_any_hour_and_no_other(site: Site) -> None:
    storm = cell((12, BRIGHT), (15, DARK), (16, BRIGHT))
    assert [level(site, "B", at(hour), storm) for hour in (14, 15.5, 16.5)] == [0.0, 80.0, 0.0]
    assert level(site, "C", at(15.5), storm) == 0.0


def test_a_bright_dusk_waits_until_civil_dusk_and_not_longer(site: Site) -> None:
    sun = sun_of_night(NIGHT, ZONE, site.latitude_deg, site.longitude_deg, site.control.dusk_elevation_deg)
    assert sun.dusk_ms is not None
    assert sun.civil_dusk_ms is not None
    bright = cell((12, BRIGHT))
    assert level(site, "B", sun.dusk_ms + 1000, bright) == 0.0
    assert level(site, "C", sun.dusk_ms + 1000, bright) == 80.0
    assert level(site, "B", sun.civil_dusk_ms + 1000, bright) == 80.0
    assert level(site, "B", at(24), bright) == 80.0


def test_a_cell_that_is_not_believed_leaves_the_sun_to_decide(site: Site) -> None:
    for inputs in (Inputs(), cell((12, UNKNOWN)), cell((12, DARK), (13, UNKNOWN))):
        assert [level(site, "B", at(hour), inputs) for hour in (15, 24)] == [0.0, 80.0]


def test_under_a_doubted_clock_a_believed_cell_decides_else_full_light(site: Site) -> None:
    assert level(site, "B", at(15), cell((12, BRIGHT)), doubted=True) == 0.0
    assert level(site, "B", at(15), cell((12, DARK)), doubted=True) == 100.0
    assert level(site, "C", at(15), cell((12, BRIGHT)), doubted=True) == 100.0


def note(layer: Layer, level_pct: float, *, from_h: float, until_h: float) -> Instruction:
    return Instruction(1, layer, "circuit", "A", level_pct, at(from_h), at(until_h), "an", "works")


def test_a_demand_limit_caps_and_never_goes_under_the_floor(site: Site) -> None:
    limit = note(Layer.DEMAND_LIMIT, 50.0, from_h=20, until_h=23)
    assert level(site, "A", at(22), Inputs(), limit) == 50.0
    assert level(site, "A", at(22), Inputs(), replace(limit, level_pct=10.0)) == pytest.approx(40.0), "its lowest class"
    assert level(site, "A", at(13), Inputs(), limit) == 0.0, "it lights nothing"


def test_down_is_slow_and_up_at_once(site: Site) -> None:
    slow = replace(site, control=replace(site.control, ramp_down_s=100.0))
    known = traffic(0, (26, 1))
    levels = [level(slow, "A", at(26) + ms, known) for ms in (-1, 0, 5_000, 20_000, 60_000)]
    assert levels == pytest.approx([80.0, 80.0, 75.0, 60.0, 60.0], abs=0.01)
    assert level(slow, "A", at(26) + 1, traffic(1, (26, 0))) == 80.0, "up at once"


def test_what_a_person_asks_is_at_once_and_leaves_no_trace(site: Site) -> None:
    slow = replace(site, control=replace(site.control, ramp_down_s=100.0))
    bright = note(Layer.OVERRIDE, 90.0, from_h=25, until_h=26)
    levels = [level(slow, "A", at(26) + ms, Inputs(), bright) for ms in (-1, 0, 5_000)]
    assert levels == [90.0, 80.0, 80.0]
    dim = note(Layer.OVERRIDE, 50.0, from_h=25, until_h=26)
    assert [level(slow, "A", at(25) + ms, Inputs(), dim) for ms in (-1, 0)] == [80.0, 50.0]


@given(
    value=st.sampled_from([0, 1, 2, UNKNOWN]),
    cell_value=st.sampled_from([BRIGHT, DARK, UNKNOWN]),
    minute=st.integers(0, 1439),
)
@settings(max_examples=examples(60), deadline=None)
def test_no_input_that_fails_makes_it_darker(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit], value: int, cell_value: int, minute: int
) -> None:
    made = made_site(build_site, build_circuit)
    at_ms = at(12) + minute * 60_000
    sun_only = level(made, "B", at_ms, Inputs())
    assert level(made, "A", at_ms, Inputs()) >= level(made, "A", at_ms, traffic(value)) - 1e-3
    if cell_value == UNKNOWN:
        assert level(made, "B", at_ms, cell((12, UNKNOWN))) == sun_only
