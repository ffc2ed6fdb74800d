"""The changes of a night say what the decision says at every instant; a ramp is one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lighting.assets.model import Anchor, Circuit, ControlProgram, LampGroup, ProgramStep, Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, decide
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.night import night_span_ms
from lighting.schedule.plan_changes import levels_of, night_changes
from tests.effort import examples
from tests.lighting.schedule.conftest import SiteBuilder, clock

NIGHT = date(2026, 3, 10)
DUSK, DAWN = Anchor(sun_event="dusk"), Anchor(sun_event="dawn")
CircuitBuilder = Callable[..., Circuit]


def at(site: Site, hour: float) -> int:
    """That hour of the local clock in the night, from noon (12) to noon (36)."""
    return night_span_ms(NIGHT, site.timezone)[0] + round((hour - 12) * 3_600_000)


def slow_program(ramp_s: float) -> ControlProgram:
    steps = (ProgramStep(DUSK, 100.0), ProgramStep(clock("22:00"), 60.0, ramp_s=ramp_s))
    return ControlProgram("dimmed", "", DUSK, DAWN, steps)


def decided(site: Site, at_ms: NDArray[np.int64], notes: list[Instruction]) -> Decisions:
    return decide(site, at_ms, notes, Conditions())


def test_a_ramp_is_one_change_from_its_beginning_to_the_level_it_reaches(
    build_site: SiteBuilder, build_circuit: CircuitBuilder
) -> None:
    site = build_site([build_circuit("A")], programs=[slow_program(300.0)])
    found = [change for change in night_changes(site, NIGHT, []).of(0) if change.from_pct == 100.0 and change.level_pct]
    assert [(c.at_ms, c.level_pct) for c in found] == [(at(site, 22), 60.0)]
    assert found[0].over_ms == pytest.approx(300_000, abs=1000)


def test_a_ramp_that_is_cut_short_has_the_level_at_which_it_was_cut(
    build_site: SiteBuilder, build_circuit: CircuitBuilder
) -> None:
    site = build_site([build_circuit("A")], programs=[slow_program(600.0)])
    cut_ms = at(site, 22) + 300_000
    note = Instruction(1, Layer.OVERRIDE, "circuit", "A", 90.0, cut_ms, at(site, 23), "an", "works")
    changes = night_changes(site, NIGHT, [note]).of(0)
    ramp = next(change for change in changes if change.at_ms == at(site, 22))
    assert ramp.level_pct == pytest.approx(80.0, abs=0.01)
    assert ramp.reached_ms == pytest.approx(cut_ms, abs=1)
    up = next(change for change in changes if change.at_ms == cut_ms)
    assert (up.level_pct, up.over_ms, up.cause.code) == (90.0, 0, "override_in_force")
    back = next(change for change in changes if change.at_ms == at(site, 23))
    assert (back.from_pct, back.level_pct) == (90.0, 60.0)


def test_lamps_that_warm_up_fall_when_they_are_warm(build_site: SiteBuilder, build_circuit: CircuitBuilder) -> None:
    program = ControlProgram("dimmed", "", DUSK, DAWN, (ProgramStep(DUSK, 80.0),))
    site = build_site([build_circuit("A", lamps=(LampGroup("hps", 4),))], programs=[program])
    on, warm = [change for change in night_changes(site, NIGHT, []).of(0) if (change.level_pct or 0) > 0]
    assert (on.level_pct, on.over_ms) == (100.0, 0)
    assert warm.at_ms - on.at_ms == pytest.approx(600_000, abs=1000)
    assert (warm.from_pct, warm.level_pct) == (100.0, 80.0)


@pytest.mark.parametrize("lamp", ["led", "hps"])
def test_each_circuit_of_a_staggered_city_has_its_own_moment(
    build_site: SiteBuilder, build_circuit: CircuitBuilder, lamp: str
) -> None:
    program = ControlProgram("dimmed", "", DUSK, DAWN, (ProgramStep(DUSK, 80.0),))
    made = [build_circuit(name, lamps=(LampGroup(lamp, 4),)) for name in "ABCDE"]
    site = build_site(made, programs=[program], control={"dusk_stagger_s": 120.0})
    changes = night_changes(site, NIGHT, [])
    assert len(changes.of_kind) == 1
    moments = set()
    for column in range(5):
        own = changes.of(column)
        on = next(change for change in own if change.level_pct)
        moments.add(on.at_ms)
        around = np.array([on.at_ms - 1, on.at_ms], dtype=np.int64)
        assert decided(site, around, []).level_pct[:, column].tolist() == [0.0, 100.0]
        later = np.arange(on.at_ms, on.at_ms + 900_000, 5_000, dtype=np.int64)
        assert np.allclose(levels_of(own, later), decided(site, later, []).level_pct[:, column], atol=2.0)
    assert len(moments) == 5


anchors = st.one_of(
    st.builds(Anchor, clock_minutes=st.integers(0, 1439)),
    st.builds(
        Anchor, sun_event=st.sampled_from(["dusk", "dawn", "sunset", "civil_dawn"]), offset_s=st.integers(-3600, 3600)
    ),
)
steps = st.builds(
    ProgramStep,
    anchors,
    st.sampled_from([0.0, 40.0, 70.0, 100.0]),
    st.booleans(),
    ramp_s=st.sampled_from([None, 0.0, 20.0, 900.0]),
)
notes = st.tuples(
    st.sampled_from([Layer.OVERRIDE, Layer.DEMAND_LIMIT, Layer.EMERGENCY, Layer.LOCKOUT]),
    st.sampled_from([0.0, 45.0, 100.0]),
    st.floats(11.0, 36.0),
    st.floats(0.01, 5.0),
)


@given(
    steps=st.lists(steps, max_size=4).map(tuple),
    lit=st.tuples(anchors, anchors),
    drawn=st.lists(notes, max_size=3),
    latitude=st.floats(-70.0, 70.0),
    ramp_s=st.sampled_from([0.0, 30.0, 60.0]),
)
@settings(max_examples=examples(25), deadline=None)
def test_the_changes_are_the_decision(
    build_site: SiteBuilder,
    build_circuit: CircuitBuilder,
    steps: tuple[ProgramStep, ...],
    lit: tuple[Anchor, Anchor],
    drawn: list[tuple[Layer, float, float, float]],
    latitude: float,
    ramp_s: float,
) -> None:
    program = ControlProgram("dimmed", "", lit[0], lit[1], steps)
    made = [build_circuit("A"), build_circuit("B", lamps=(LampGroup("hps", 4),)), build_circuit("C", dimmer=None)]
    site = build_site(made, programs=[program], control={"ramp_down_s": ramp_s}, latitude_deg=latitude)
    site = replace(site, luminaire_types={**site.luminaire_types})
    instructions = [
        Instruction(
            number, layer, "circuit", "A", level, at(site, hour), at(site, hour + length), "an", "x",
            released_ms=at(site, hour + length) if layer is Layer.LOCKOUT else None,
        )
        for number, (layer, level, hour, length) in enumerate(drawn, start=1)
    ]  # fmt: skip
    start_ms, end_ms = night_span_ms(NIGHT, site.timezone)
    at_ms = np.arange(start_ms, end_ms, 60_000, dtype=np.int64)
    whole = decided(site, at_ms, instructions)
    changes = night_changes(site, NIGHT, instructions)
    for column in range(3):
        own = changes.of(column)
        assert own[0].at_ms == start_ms
        moments = [change.at_ms for change in own]
        assert moments == sorted(moments)
        far = np.min(np.abs(at_ms[:, None] - np.array(moments)[None, :]), axis=1) > 1_500
        drawn_pct, level_pct = levels_of(own, at_ms), whole.level_pct[:, column]
        assert np.array_equal(np.isnan(drawn_pct[far]), np.isnan(level_pct[far]))
        # A way down that is the slower of two, one after the other, is drawn as one straight line.
        assert np.nanmax(np.abs(drawn_pct[far] - level_pct[far]), initial=0.0) < 12.0
        steady = far & np.array(
            [not any(c.at_ms <= t <= c.reached_ms + 1_500 for c in own if c.over_ms) for t in at_ms]
        )
        assert np.allclose(drawn_pct[steady], level_pct[steady], atol=0.02, equal_nan=True)
