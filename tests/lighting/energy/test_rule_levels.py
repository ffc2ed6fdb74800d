"""Levels by the rules alone beside the decision of every circuit, to the millisecond."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.model import ControlProgram, Site
from lighting.energy.rule_levels import FULL_LEVEL, RULE_WORLDS, as_levels, rule_levels
from lighting.energy.slots import day_start_ms
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.inputs import Inputs
from lighting.schedule.site_index import site_index
from tests.effort import examples
from tests.lighting.energy.test_replay import city, inputs_of, programs, simple_city


def at_once(site: Site) -> Site:
    """The site with lamps and programs that follow at once: no ramps, no warm-up, no shortest times on."""
    types = {
        name: replace(kind, warm_up_s=0.0, restrike_s=0.0, min_on_s=0.0) for name, kind in site.luminaire_types.items()
    }
    plain = {
        name: replace(one, steps=tuple(replace(step, ramp_s=None) for step in one.steps))
        for name, one in site.programs.items()
    }
    return replace(
        site,
        luminaire_types=types,
        programs=plain,
        control=replace(site.control, ramp_down_s=0.0, dusk_stagger_s=0.0),
    )


@given(
    two=programs,
    zone=st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "Australia/Lord_Howe"]),
    latitude=st.floats(-60.0, 60.0),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 25)),
    seed=st.integers(0, 1000),
)
@settings(max_examples=examples(15), deadline=None)
def test_levels_are_those_of_the_decision_at_every_instant(
    two: list[ControlProgram], zone: str, latitude: float, day: date, seed: int
) -> None:
    site = at_once(city(two, zone, latitude))
    inputs = inputs_of(seed, site, day - timedelta(days=1), day)
    start_ms, end_ms = day_start_ms(day, zone), day_start_ms(day + timedelta(days=1), zone)
    found = rule_levels(site_index(site), inputs, start_ms, end_ms)
    random = np.random.default_rng(seed)
    changes = found.at_ms[found.at_ms > start_ms]
    asked = np.unique(np.concatenate([random.integers(start_ms, end_ms, 40), changes, changes - 1, [start_ms]]))
    decided = as_levels(decide(site, asked, (), Conditions(inputs=inputs)).level_pct)
    design = as_levels(decide(site, asked, (), Conditions(inputs=Inputs(photocells=inputs.photocells))).level_pct)
    plain = {kind.id: kind.output_correction == "controller" for kind in site.luminaire_types.values()}
    for number, circuit in enumerate(site.circuits.values()):
        mine = found.kind == found.of_circuit[number]
        row = np.searchsorted(found.at_ms[mine], asked, side="right") - 1
        levels = dict(zip(RULE_WORLDS, found.levels[:, mine][:, row], strict=True))
        np.testing.assert_array_equal(levels["output"], decided[:, number], circuit.id)
        if not any(plain[group.luminaire_type] for group in circuit.lamps):
            np.testing.assert_array_equal(levels["scheduled"], design[:, number], circuit.id)
            np.testing.assert_array_equal(levels["traffic"], levels["output"], circuit.id)
        assert set(levels["switched"].tolist()) <= {0, FULL_LEVEL}


def test_a_part_night_off_is_no_switching_time() -> None:
    """Of the park that is off from 00:30 to 04:30: within its lit period, so that switching keeps it at full."""
    site = simple_city()
    start_ms = day_start_ms(date(2026, 11, 20), site.timezone)
    found = rule_levels(site_index(site), Inputs(), start_ms, start_ms + 86_400_000)
    park = found.kind == found.of_circuit[1]
    at = np.searchsorted(found.at_ms[park], start_ms + 2 * 3_600_000, side="right") - 1
    switched, scheduled = found.levels[:2, park][:, at].tolist()
    assert (switched, scheduled) == (FULL_LEVEL, 0)
