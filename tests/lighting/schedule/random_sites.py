"""Random sites, nights, instructions and senses for the properties of the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import (
    Anchor,
    Calendar,
    CalendarRule,
    ChannelRef,
    Circuit,
    ControlProgram,
    LampGroup,
    LuminaireType,
    Photocell,
    Place,
    ProgramStep,
    Site,
    TrafficSection,
)
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN, Inputs, series
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.night import night_span_ms
from lighting.schedule.sun import elevation_deg
from tests.lighting.schedule.conftest import circuit, site_of

MINUTE_MS = 60_000
HARD_ZONES = (
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Europe/Dublin",
    "America/St_Johns",
    "Asia/Gaza",
    "America/Nuuk",
    "Asia/Pyongyang",
    "Africa/Cairo",
    "America/New_York",
    "Asia/Ho_Chi_Minh",
    "Antarctica/Troll",
)
SUN_EVENTS = (
    "sunset", "sunrise", "dusk", "dawn", "civil_dusk", "civil_dawn", "nautical_dusk", "nautical_dawn",
    "astronomical_dusk", "astronomical_dawn",
)  # fmt: skip

plain_anchors = st.one_of(
    st.builds(Anchor, clock_minutes=st.integers(0, 1439)),
    st.builds(Anchor, sun_event=st.sampled_from(SUN_EVENTS), offset_s=st.integers(-14_400, 14_400)),
)
simple_anchors = st.one_of(plain_anchors, st.just(Anchor(photocell=True)))
pairs = st.tuples(simple_anchors, simple_anchors)
anchors = st.one_of(
    simple_anchors, simple_anchors, pairs.map(lambda p: Anchor(later_of=p)), pairs.map(lambda p: Anchor(earlier_of=p))
)
step_anchors = st.one_of(
    plain_anchors,
    st.tuples(plain_anchors, plain_anchors).map(lambda p: Anchor(later_of=p)),
)
ramps = st.sampled_from([None, None, 0.0, 15.0, 900.0])


@st.composite
def steps(draw: st.DrawFn) -> ProgramStep:
    at, ramp_s = draw(step_anchors), draw(ramps)
    if draw(st.integers(0, 3)) == 0:
        return ProgramStep(at, 100.0, lighting_class=draw(st.sampled_from(["M3", "M4", "M5"])), ramp_s=ramp_s)
    level_pct = draw(st.sampled_from([0.0, 5.0, 40.0, 70.0, 100.0]))
    adaptive = level_pct > 0 and draw(st.booleans())
    return ProgramStep(at, level_pct, draw(st.booleans()), adaptive=adaptive, ramp_s=ramp_s)


def programs(name: str) -> st.SearchStrategy[ControlProgram]:
    return st.builds(
        ControlProgram, st.just(name), st.just(""), anchors, anchors, st.lists(steps(), max_size=4).map(tuple)
    )


lamps = st.builds(
    LuminaireType,
    id=st.just("lamp"),
    name=st.just("lamp"),
    rated_w=st.just(100.0),
    minimum_level_pct=st.sampled_from([0.0, 10.0, 50.0]),
    warm_up_s=st.sampled_from([0.0, 5.0, 600.0]),
    restrike_s=st.sampled_from([0.0, 300.0]),
    min_on_s=st.sampled_from([0.0, 1200.0]),
    min_off_s=st.sampled_from([0.0, 900.0]),
    output_correction=st.sampled_from(["none", "controller"]),
    output_points=st.just(((0.0, 80.0), (20_000.0, 100.0))),
)
calendars = st.lists(
    st.builds(
        CalendarRule,
        name=st.sampled_from(["r1", "r2"]),
        use=st.sampled_from([{"p": "q"}, {"*": "q"}, {"q": "p"}]),
        weekdays=st.lists(st.integers(0, 6), max_size=3).map(tuple),
        places=st.sampled_from([(), (Place("district", "south"),), (Place("cabinet", "K1"),)]),
    ),
    max_size=2,
).map(lambda rules: Calendar(tuple(rules)))


@st.composite
def sites(draw: st.DrawFn, *, zones: Sequence[str] = HARD_ZONES, plain: bool = False) -> Site:
    """Six circuits of two districts, one with a photocell, two of a traffic section.

    ``plain`` leaves out all that has a memory: ramps, warm-up, shortest times and stagger.
    """
    classes = {"design_class": "M3", "lowest_class": "M5", "maintained_level": 1.25, "traffic_section": "S1"}
    made = [
        circuit("A", program="p", lamps=(LampGroup("lamp", 4),), burning_h=draw(st.sampled_from([0.0, 9_000.0]))),
        circuit("B", program="q", never_dim=True, lamps=(LampGroup("lamp", 1),)),
        circuit("C", program="p", **classes),
        circuit("D", program="q", cabinet="K2", district="south", lamps=(LampGroup("lamp", 4),), **classes),
        circuit("E", program="p", cabinet="K2", district="south", dimmer=None),
        circuit("F", program="missing", cabinet="K2", district="south"),
    ]
    made_site = site_of(
        made,
        programs=[draw(programs("p")), draw(programs("q"))],
        timezone=draw(st.sampled_from(zones)),
        latitude_deg=draw(st.floats(-90.0, 90.0)),
        longitude_deg=draw(st.floats(-180.0, 180.0)),
        calendar=draw(calendars),
        control={
            "ramp_down_s": 0.0 if plain else draw(st.sampled_from([0.0, 30.0, 60.0, 600.0])),
            "dusk_elevation_deg": draw(st.sampled_from([-0.833, -3.0, -6.0])),
            "dusk_stagger_s": None if plain else draw(st.sampled_from([None, None, 90.0])),
        },
    )
    lamp = draw(lamps)
    if plain:
        made_site = replace(made_site, programs={p.id: _without_ramps(p) for p in made_site.programs.values()})
        lamp = replace(lamp, warm_up_s=0.0, restrike_s=0.0, min_on_s=0.0, min_off_s=0.0)
    led = LuminaireType("led", "LED", 60.0, warm_up_s=0.0 if plain else 5.0)
    return replace(
        made_site,
        luminaire_types={"lamp": lamp, "led": led},
        traffic_sections={"S1": TrafficSection("S1", "S1", "uni_11248", 1000.0)},
        photocells={"P1": Photocell("P1", "north", ChannelRef("X", "1"))},
    )


def _without_ramps(program: ControlProgram) -> ControlProgram:
    return replace(program, steps=tuple(replace(step, ramp_s=None) for step in program.steps))


nights = st.one_of(
    st.sampled_from(
        [date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 3), date(2026, 4, 4), date(2011, 12, 29)]
    ),
    st.dates(date(2015, 1, 1), date(2035, 1, 1)),
)  # fmt: skip
LAYERS = (Layer.OVERRIDE, Layer.DEMAND_LIMIT, Layer.TEST, Layer.EMERGENCY, Layer.LOCKOUT)


@dataclass(frozen=True, slots=True)
class DrawnNote:
    """An instruction by minutes of the night."""

    layer: Layer
    scope: tuple[str, str]
    level_pct: float | None
    minute: float
    length: float
    below_floor: bool
    release: float | None


drawn_notes = st.builds(
    DrawnNote,
    layer=st.sampled_from(LAYERS),
    scope=st.sampled_from(
        [("circuit", "A"), ("circuit", "B"), ("cabinet", "K1"), ("district", "south"), ("road", "Main Road")]
    ),
    level_pct=st.sampled_from([0.0, 5.0, 45.0, 80.0, 100.0, None]),
    minute=st.floats(-100.0, 1500.0),
    length=st.floats(0.2, 600.0),
    below_floor=st.booleans(),
    release=st.none() | st.floats(0.0, 300.0),
)


def notes_of(drawn: Sequence[DrawnNote], start_ms: int) -> list[Instruction]:
    """The instructions, numbered from 1; only an emergency may have no level of its own."""
    notes = []
    for number, one in enumerate(drawn, start=1):
        from_ms = start_ms + round(one.minute * MINUTE_MS)
        level_pct = 70.0 if one.level_pct is None and one.layer is not Layer.EMERGENCY else one.level_pct
        notes.append(
            Instruction(
                id=number,
                layer=one.layer,
                scope_kind=one.scope[0],  # type: ignore[arg-type]
                scope_id=one.scope[1],
                level_pct=None if one.layer is Layer.LOCKOUT else level_pct,
                from_ms=from_ms,
                until_ms=from_ms + round(one.length * MINUTE_MS),
                by="an",
                reason="works",
                below_floor=one.below_floor and one.layer is Layer.OVERRIDE,
                released_ms=None if one.release is None else from_ms + round(one.release * MINUTE_MS),
            )
        )
    return notes


drawn_series = st.lists(st.tuples(st.floats(-120.0, 1500.0), st.sampled_from([0, 1, 2, UNKNOWN])), max_size=4)
drawn_cells = st.lists(st.tuples(st.floats(-120.0, 1500.0), st.sampled_from([BRIGHT, DARK, UNKNOWN])), max_size=4)


def inputs_of(
    traffic: Sequence[tuple[float, int]] | None, cell: Sequence[tuple[float, int]] | None, start_ms: int
) -> Inputs:
    """Senses by minutes of the night; None: not known at all."""

    def made(drawn: Sequence[tuple[float, int]], code: str) -> list[tuple[int, int, Fact]]:
        ordered = sorted(drawn, key=lambda entry: entry[0])
        return [(start_ms + round(minute * MINUTE_MS), value, Fact(code, {})) for minute, value in ordered]

    return Inputs(
        {} if traffic is None else {"S1": series(made(traffic, "traffic_class"))},
        {} if cell is None else {"P1": series(made(cell, "photocell_dark"))},
    )


def sun_dark(site: Site, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """When the sun itself is under the site's dusk."""
    sun = elevation_deg(at_ms, site.latitude_deg, site.longitude_deg)
    return np.asarray(sun < site.control.dusk_elevation_deg, dtype=np.bool_)


def instants(site: Site, night: date, every_min: float = 7.0) -> NDArray[np.int64]:
    """Instants of a night, at odd distances so that they meet no border by design."""
    start_ms, end_ms = night_span_ms(night, site.timezone)
    return np.arange(start_ms, end_ms, round(every_min * MINUTE_MS), dtype=np.int64)


def circuits_of(site: Site) -> list[Circuit]:
    return list(site.circuits.values())
