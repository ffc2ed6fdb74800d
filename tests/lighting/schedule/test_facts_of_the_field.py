"""Published examples of the field, reproduced: a program, a light-output curve, and what a dimming profile saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighting.assets.lighting_classes import CLASS_LEVELS, class_of_weights, is_brighter
from lighting.assets.model import Anchor, Circuit, ControlProgram, LampGroup, LuminaireType, ProgramStep, Site
from lighting.schedule.light_output import LightOutput, output_share
from lighting.schedule.plan import plan_night
from lighting.schedule.programs import stretches
from lighting.schedule.site_index import site_index
from lighting.schedule.sun import sun_of_night
from tests.lighting.schedule.conftest import SiteBuilder


def clock(text: str) -> Anchor:
    hours, minutes = text.split(":")
    return Anchor(clock_minutes=60 * int(hours) + int(minutes))


@pytest.mark.parametrize(
    ("at", "level_pct"), [("22:00", 100), ("23:30", 70), ("04:59", 70), ("06:00", 100), ("07:00", 0)]
)
def test_the_example_of_a_program(at: str, level_pct: float) -> None:
    """TALQ Smart City Protocol 2.7.1: active 21:30 to 07:00; the step of 05:00 rules until that of 23:00."""
    steps = tuple(ProgramStep(clock(when), level) for when, level in (("00:00", 70), ("05:00", 100), ("23:00", 70)))
    program = ControlProgram("talq", "", clock("21:30"), clock("07:00"), steps)
    night = date(2026, 3, 10)
    sun = sun_of_night(night, "UTC", 51.0, 0.0, -0.833)
    hours, minutes = (int(part) for part in at.split(":"))
    day = night if hours >= 12 else night + timedelta(days=1)
    at_ms = round(datetime(day.year, day.month, day.day, hours, minutes, tzinfo=UTC).timestamp() * 1000)
    ruling = [s for s in stretches(program, sun, "UTC") if s.from_ms <= at_ms < s.until_ms]
    assert [stretch.level_pct for stretch in ruling] == [level_pct]


CURVE = ((0.0, 80.0), (5_000.0, 85.0), (10_000.0, 90.0), (15_000.0, 95.0), (20_000.0, 100.0))


def test_the_example_of_constant_light_output() -> None:
    """TALQ Smart City Protocol 2.7.1: 2,500 h give 82.5 %; the mean over the 20,000 hours is 90 %."""
    share = output_share(CURVE, np.array([0.0, 2_500.0, 20_000.0, 30_000.0]))
    assert share.tolist() == pytest.approx([0.80, 0.825, 1.0, 1.0])
    assert output_share(CURVE, np.linspace(0.0, 20_000.0, 20_001)).mean() == pytest.approx(0.90)


@pytest.mark.parametrize(("made_by", "share"), [("none", 1.0), ("driver", 1.0), ("controller", 0.825)])
def test_light_output_is_corrected_by_one_only(
    build_site: SiteBuilder, build_circuit: Callable[..., Circuit], made_by: str, share: float
) -> None:
    kind = LuminaireType("new", "", 100.0, output_points=CURVE, output_correction=made_by)  # type: ignore[arg-type]
    site = build_site([build_circuit("A", lamps=(LampGroup("new", 4),), burning_h=2_500.0)])
    site = replace(site, luminaire_types={**site.luminaire_types, "new": kind})
    assert LightOutput(site).shares(None).tolist() == pytest.approx([share])
    assert LightOutput(site).shares(np.array([20_000.0])).tolist() == [1.0]


D60 = ControlProgram(
    "d60",
    "100 % until 20:00, 70 % until 22:00, 50 % until 05:00, then 100 %",
    Anchor(sun_event="sunset"),
    Anchor(sun_event="sunrise"),
    tuple(ProgramStep(clock(when), level) for when, level in (("20:00", 70), ("22:00", 50), ("05:00", 100))),
)


@pytest.mark.parametrize(
    ("timezone", "latitude_deg", "longitude_deg", "saved_pct"),
    [
        ("Asia/Ho_Chi_Minh", 21.0278, 105.8342, 34.6),
        ("Asia/Singapore", 1.3521, 103.8198, 34.5),
        ("Europe/Amsterdam", 52.0116, 4.3571, 33.4),
        ("Etc/GMT-1", 52.0116, 4.3571, 34.0),  # the same in Delft, if summer time is ignored
    ],
)
def test_what_d60_saves_of_the_level_hours_of_2026(
    build_site: SiteBuilder,
    build_circuit: Callable[..., Circuit],
    timezone: str,
    latitude_deg: float,
    longitude_deg: float,
    saved_pct: float,
) -> None:
    """Sum over sum of the year's level-hours from sunset to sunrise, in minute steps."""
    lamp = LuminaireType("at-once", "", 100.0, warm_up_s=0.0)
    site: Site = build_site(
        [build_circuit("A", program="d60", lamps=(LampGroup("at-once", 4),))],
        programs=[D60],
        timezone=timezone,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        control={"ramp_down_s": 0.0},
    )
    site = replace(site, luminaire_types={"at-once": lamp})
    lit = asked = 0.0
    nights = [date(2025, 12, 31) + timedelta(days=day) for day in range(367)]
    site_index(site).night_programs(nights)  # all suns at once: together they cost half
    for night in nights[1:-1]:
        level = plan_night(site, night, ()).level_pct[:, 0]
        lit += float((level > 0).sum())
        asked += float(level.sum(dtype=np.float64)) / 100.0
    assert round(100.0 * (1.0 - asked / lit), 1) == saved_pct


def test_the_weighting_example_of_the_technical_report() -> None:
    """CEN/TR 13201-1:2014, annex A.2: by day the weights sum to 2 and give P4; at night they sum to 0 and give P6."""
    assert class_of_weights("P", (1, 0, 0, 0, 1)) == "P4"
    assert class_of_weights("P", (0, -1, 0, 0, 1)) == "P6"


@given(weights=st.lists(st.integers(-2, 3), max_size=8), family=st.sampled_from("MCP"))
def test_more_weight_is_never_a_darker_class_and_never_one_that_is_not(weights: list[int], family: str) -> None:
    found = class_of_weights(family, weights)  # type: ignore[arg-type]
    assert found in CLASS_LEVELS
    brighter = class_of_weights(family, [*weights, 1])  # type: ignore[arg-type]
    assert brighter == found or is_brighter(brighter, found)
