"""What was previewed is what happens: plan and live decision are one, over random sites, nights and instructions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import Anchor, Circuit, ControlProgram, LampGroup, ProgramStep, Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.grid import grid_of
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction, Layer, weakest_first
from lighting.schedule.night import night_span_ms
from lighting.schedule.plan import plan_night
from lighting.schedule.site_index import site_index
from lighting.schedule.sun import elevation_deg
from lighting.schedule.trail import trail
from tests.effort import examples

SiteBuilder = Callable[..., Site]
ZONES = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "America/New_York")
CLOCK_CHANGES = (date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 3), date(2026, 4, 4), date(2026, 2, 14))
STEP_MS = 60_000

anchors = st.one_of(
    st.builds(Anchor, clock_minutes=st.integers(0, 1439)),
    st.builds(
        Anchor,
        sun_event=st.sampled_from(["sunset", "sunrise", "civil_dusk", "civil_dawn", "dusk", "dawn"]),
        offset_s=st.integers(-3600, 3600),
    ),
)
steps = st.builds(ProgramStep, anchors, st.sampled_from([0.0, 5.0, 40.0, 70.0, 100.0]), st.booleans())
programs = st.builds(
    ControlProgram, st.just("p"), st.just(""), anchors, anchors, st.lists(steps, max_size=4).map(tuple)
)
nights = st.one_of(st.sampled_from(CLOCK_CHANGES), st.dates(date(2015, 1, 1), date(2035, 1, 1)))
layers = st.sampled_from([Layer.OVERRIDE, Layer.OVERRIDE, Layer.LOCKOUT, Layer.EMERGENCY, Layer.TEST])
scopes = st.sampled_from([("circuit", "A"), ("circuit", "B"), ("cabinet", "K1"), ("district", "south")])


@st.composite
def instructions_of_a_night(draw: st.DrawFn) -> list[tuple[Layer, tuple[str, str], float, int, int, bool, int | None]]:
    """Layer, scope, level, start and length in minutes of the night, below_floor, minutes to the release."""
    minute = st.integers(-100, 1500)
    note = st.tuples(
        layers,
        scopes,
        st.sampled_from([0.0, 5.0, 45.0, 100.0]),
        minute,
        st.integers(1, 600),
        st.booleans(),
        st.none() | st.integers(0, 300),
    )
    return draw(st.lists(note, max_size=6))


def notes_of(
    drawn: list[tuple[Layer, tuple[str, str], float, int, int, bool, int | None]], start_ms: int
) -> list[Instruction]:
    notes = []
    for i, (layer, (kind, scope), level, minute, length, below_floor, release) in enumerate(drawn):
        from_ms = start_ms + minute * STEP_MS
        notes.append(
            Instruction(
                id=i + 1,
                layer=layer,
                scope_kind=kind,  # type: ignore[arg-type]
                scope_id=scope,
                level_pct=None if layer is Layer.LOCKOUT else level,
                from_ms=from_ms,
                until_ms=from_ms + length * STEP_MS,
                by="an",
                reason="works",
                below_floor=below_floor,
                released_ms=None if release is None else from_ms + release * STEP_MS,
            )
        )
    return notes


def made_site(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit], program: ControlProgram, zone: str, latitude: float
) -> Site:
    return build_site(
        [
            build_circuit("A", program="p"),
            build_circuit("B", program="p", never_dim=True, lamps=(LampGroup("hps", 4),)),
            build_circuit("C", program="missing", cabinet="K2", district="south"),
            build_circuit("D", program="p", cabinet="K2", district="south", dimmer=None),
        ],
        programs=[program],
        timezone=zone,
        latitude_deg=latitude,
        longitude_deg=20.0,
    )


def lived(site: Site, at_ms: NDArray[np.int64], notes: list[Instruction]) -> NDArray[np.float32]:
    """The levels of live decisions, each by itself, with lamps that remember since when they are on."""
    on_since = np.full(len(site.circuits), -1, dtype=np.int64)
    rows = []
    for i, at in enumerate(at_ms):
        conditions = Conditions(on_since_ms=on_since if i else None)
        level = decide(site, at_ms[i : i + 1], notes, conditions).level_pct[0]
        on = ~(level <= 0.0)
        fresh = 0 if i == 0 else int(at)  # what is on at the first instant is taken for warm
        on_since = np.where(on, np.where(on_since >= 0, on_since, fresh), -1)
        rows.append(level)
    return np.array(rows)


@given(
    program=programs,
    zone=st.sampled_from(ZONES),
    latitude=st.floats(-90.0, 90.0),
    night=nights,
    drawn=instructions_of_a_night(),
)
@settings(max_examples=examples(12), deadline=None)
def test_plan_and_live_agree_minute_by_minute(
    build_site: SiteBuilder,
    build_circuit: Callable[..., Circuit],
    program: ControlProgram,
    zone: str,
    latitude: float,
    night: date,
    drawn: list[tuple[Layer, tuple[str, str], float, int, int, bool, int | None]],
) -> None:
    site = made_site(build_site, build_circuit, program, zone, latitude)
    notes = notes_of(drawn, night_span_ms(night, zone)[0])
    plan = plan_night(site, night, notes, 60)
    some = slice(None, None, 5)
    thinned = decide(site, plan.at_ms[some], notes, Conditions())
    # A controller that looks at the moments at which something changes, too, and so knows since when lamps are on.
    grid = grid_of(site_index(site), plan.at_ms[some], weakest_first(notes), Inputs())
    live = lived(site, grid.at_ms, notes)[grid.asked]
    assert np.allclose(thinned.level_pct, live, atol=1e-3, equal_nan=True)
    assert np.array_equal(thinned.layer, plan.layer[some])
    assert np.allclose(thinned.level_pct, plan.level_pct[some], atol=1e-3, equal_nan=True)


@given(
    program=programs,
    zone=st.sampled_from(ZONES),
    latitude=st.floats(-90.0, 90.0),
    night=nights,
    drawn=instructions_of_a_night(),
)
@settings(max_examples=examples(60), deadline=None)
def test_never_under_the_floor_while_dark_unless_an_exception_is_named(
    build_site: SiteBuilder,
    build_circuit: Callable[..., Circuit],
    program: ControlProgram,
    zone: str,
    latitude: float,
    night: date,
    drawn: list[tuple[Layer, tuple[str, str], float, int, int, bool, int | None]],
) -> None:
    site = made_site(build_site, build_circuit, program, zone, latitude)
    notes = notes_of(drawn, night_span_ms(night, zone)[0])
    plan = plan_night(site, night, notes, 300)
    dark = elevation_deg(plan.at_ms, latitude, 20.0) < site.control.dusk_elevation_deg
    assert (plan.dark[:, 0] == dark).all()
    floors = np.array([floor_level_pct(circuit, site) for circuit in site.circuits.values()])
    under = dark[:, None] & ~(plan.level_pct >= floors)
    for step, column in np.argwhere(under):
        cause = plan.causes[int(plan.cause[step, column])]
        if cause.code == "override_in_force":
            assert next(note for note in notes if note.id == cause.values["id"]).below_floor
        else:
            assert cause.code in {"lockout_in_force", "part_night_off"}
            assert cause.code == "part_night_off" or np.isnan(plan.level_pct[step, column])


@given(
    program=programs,
    latitude=st.floats(-90.0, 90.0),
    night=nights,
    drawn=instructions_of_a_night(),
    minute=st.integers(0, 1379),
    local=st.booleans(),
    doubted=st.booleans(),
    warm_s=st.sampled_from([None, -1, 0, 100, 10_000]),
)
@settings(max_examples=examples(60), deadline=None)
def test_the_trail_ends_where_the_decision_does(
    build_site: SiteBuilder,
    build_circuit: Callable[..., Circuit],
    program: ControlProgram,
    latitude: float,
    night: date,
    drawn: list[tuple[Layer, tuple[str, str], float, int, int, bool, int | None]],
    minute: int,
    local: bool,
    doubted: bool,
    warm_s: int | None,
) -> None:
    site = made_site(build_site, build_circuit, program, "Europe/Berlin", latitude)
    start_ms = night_span_ms(night, site.timezone)[0]
    notes = notes_of(drawn, start_ms)
    at_ms = start_ms + minute * STEP_MS
    since = None if warm_s is None else np.full(4, -1 if warm_s < 0 else at_ms - warm_s * 1000, dtype=np.int64)
    conditions = Conditions(np.array([local, False, False, local]), since, doubted)
    decisions = decide(site, np.array([at_ms], dtype=np.int64), notes, conditions)
    for column, circuit_id in enumerate(site.circuits):
        entries = trail(site, circuit_id, at_ms, notes, conditions)
        ruled = [entry for entry in entries if entry.ruled]
        level = decisions.level_pct[0, column]
        assert ruled[0].layer == decisions.layer[0, column]
        assert ruled[-1].level_pct == (None if np.isnan(level) else level)
        assert decisions.causes[int(decisions.cause[0, column])] in [entry.fact for entry in ruled]
        layered = [entry.layer for entry in entries if entry.layer is not None and entry.fact.code != "clock_doubted"]
        assert layered == sorted(layered)


def test_an_instruction_that_is_over_before_the_night_leaves_the_plan_as_it_was(four_circuits: Site) -> None:
    night = date(2026, 11, 23)
    start_ms = night_span_ms(night, four_circuits.timezone)[0]
    gone = Instruction(7, Layer.OVERRIDE, "district", "north", 40.0, start_ms - 9_000, start_ms, "an", "works")
    with_it, without = (plan_night(four_circuits, night, notes, 600) for notes in ([gone], []))
    assert np.array_equal(with_it.level_pct, without.level_pct)
    assert np.array_equal(with_it.layer, without.layer)
    assert with_it.causes == without.causes


def test_a_plan_covers_the_night_and_no_more(four_circuits: Site) -> None:
    start_ms, end_ms = night_span_ms(date(2026, 11, 23), four_circuits.timezone)
    plan = plan_night(four_circuits, date(2026, 11, 23), [], 3600, ("D", "A"))
    assert plan.at_ms[0] == start_ms
    assert plan.at_ms[-1] == end_ms - 3_600_000
    assert plan.level_pct.shape == (24, 2)
    with pytest.raises(ValueError, match="at least"):
        plan_night(four_circuits, date(2026, 11, 23), [], 0)
    with pytest.raises(KeyError):
        plan_night(four_circuits, date(2026, 11, 23), [], 60, ("X",))


def test_a_year_in_one_call_is_the_same_as_night_by_night(four_circuits: Site) -> None:
    at = np.arange(night_span_ms(date(2026, 3, 1), "Asia/Ho_Chi_Minh")[0], 1_780_000_000_000, 1_800_000, dtype=np.int64)
    year = decide(four_circuits, at, (), Conditions())
    for i in range(0, at.size, 251):
        alone = decide(four_circuits, at[i : i + 1], (), Conditions())
        warm = year.level_pct[i] == alone.level_pct[0]
        just_on = (year.level_pct[i] == 100.0) & (i > 0) & (year.level_pct[i - 1] == 0.0)
        assert (warm | just_on).all()
