"""A replay on kinds of circuits beside a plain sum over the decision of every circuit in every step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.fact import Fact
from lighting.assets.model import (
    Anchor,
    Calendar,
    CalendarRule,
    ChannelRef,
    ControlProgram,
    LampGroup,
    LuminaireType,
    Photocell,
    ProgramStep,
    Site,
    SunEvent,
    Tariff,
    TariffPeriod,
    TrafficSection,
)
from lighting.energy.luminaire_power import CircuitPower
from lighting.energy.replay import Replay, World, nights_from, replay
from lighting.energy.replay_steps import steps_of
from lighting.energy.tariff import price_per_kwh
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN, Inputs, Series
from lighting.schedule.night import night_span_ms
from tests.effort import examples
from tests.lighting.schedule.conftest import circuit, site_of

MINUTE_MS = 60_000
TYPES = (
    LuminaireType("led", "", 60.0, 0.4, warm_up_s=5.0),
    LuminaireType("hps", "", 150.0, 1.0, warm_up_s=600.0, restrike_s=300.0, minimum_level_pct=50.0, min_on_s=1200.0),
    LuminaireType("fixed", "", 36.0, curve="none", warm_up_s=0.0, min_off_s=900.0),
    LuminaireType(
        "aged",
        "",
        80.0,
        0.3,
        curve="table",
        curve_points=((10.0, 12.0), (50.0, 38.0), (100.0, 80.0)),
        output_correction="controller",
        output_points=((0.0, 80.0), (20_000.0, 100.0)),
    ),
)


def clock(minutes: int) -> Anchor:
    return Anchor(clock_minutes=minutes)


EVENINGS: tuple[SunEvent, ...] = ("sunset", "dusk", "civil_dusk")
MORNINGS: tuple[SunEvent, ...] = ("sunrise", "dawn", "civil_dawn")
moments = st.one_of(
    st.integers(0, 287).map(lambda five: clock(five * 5)),
    st.builds(
        lambda event, minutes: Anchor(sun_event=event, offset_s=60 * minutes),
        st.sampled_from(EVENINGS),
        st.integers(-60, 300),
    ),
)
steps = st.lists(
    st.one_of(
        st.builds(ProgramStep, moments, st.integers(10, 100).map(float), ramp_s=st.sampled_from([None, 0.0, 900.0])),
        st.builds(ProgramStep, moments, st.integers(10, 100).map(float), adaptive=st.just(True)),
        st.builds(ProgramStep, moments, st.just(100.0), lighting_class=st.sampled_from(["M3", "M4", "M5"])),
        st.builds(ProgramStep, moments, st.just(0.0), part_night=st.booleans()),
    ),
    max_size=5,
)
starts = st.one_of(
    st.sampled_from(EVENINGS).map(lambda event: Anchor(sun_event=event)), st.just(Anchor(photocell=True)), moments
)
ends = st.one_of(
    st.sampled_from(MORNINGS).map(lambda event: Anchor(sun_event=event)), st.just(Anchor(photocell=True)), moments
)
with_cell = st.builds(
    lambda one, later: (
        Anchor(later_of=(Anchor(photocell=True), one)) if later else Anchor(earlier_of=(one, Anchor(photocell=True)))
    ),
    moments,
    st.booleans(),
)
starts, ends = st.one_of(starts, with_cell), st.one_of(ends, with_cell)
programs = st.lists(
    st.builds(ControlProgram, st.just("p"), st.just(""), starts, ends, steps.map(tuple)), min_size=2, max_size=2
)


def city(two: list[ControlProgram], zone: str, latitude: float, **control: Any) -> Site:
    """Eight circuits of two programs, four lamp types, three sections and one photocell; two may never be dimmed."""
    named = [replace(program, id=name) for program, name in zip(two, ("one", "two"), strict=True)]
    circuits = [
        circuit(
            f"C{at}",
            program=("one", "two")[at % 2],
            district=("north", "south")[at // 4],
            lamps=(LampGroup(TYPES[at % 4].id, 10 + at), *((LampGroup("led", 3),) if at == 6 else ())),
            dimmer=None if at == 5 else ChannelRef("D", str(at)),
            relay=ChannelRef("R", str(at)) if at % 3 else None,
            never_dim=at == 7,
            design_class="" if at == 3 else "M3",
            lowest_class="M6" if at % 2 else "",
            maintained_level=None if at == 2 else 1.0 + at / 10,
            traffic_section=("s1", "s2", "", "s3")[at % 4],
            burning_h=3_000.0 * at,
        )
        for at in range(8)
    ]
    rules = (CalendarRule("sundays", {"one": "two"}, weekdays=(6,)),)
    site = site_of(
        circuits,
        programs=named,
        timezone=zone,
        latitude_deg=latitude,
        longitude_deg=13.4,
        calendar=Calendar(rules),
        control=control,
    )
    return replace(
        site,
        luminaire_types={kind.id: kind for kind in TYPES},
        traffic_sections={name: TrafficSection(name, "", "uni_11248", 1000.0) for name in ("s1", "s2", "s3")},
        photocells={"cell": Photocell("cell", "north", ChannelRef("L", "1"))},
        tariff=Tariff(
            "EUR", 0.2, (TariffPeriod(0.5, (0, 1, 2, 3, 4), 17 * 60, 20 * 60), TariffPeriod(0.1, (), 1320, 360))
        ),
    )


def random_series(seed: int, start_ms: int, end_ms: int, values: tuple[int, ...], every_ms: int) -> Series:
    random = np.random.default_rng(seed)
    at = np.arange(start_ms + 3 * every_ms, end_ms, every_ms, dtype=np.int64)
    at = at[random.random(at.size) < 0.3]
    value = random.choice(np.array(values, dtype=np.int8), at.size)
    return Series(at, value, np.zeros(at.size, dtype=np.int32), (Fact("traffic_class"),))


def inputs_of(seed: int, site: Site, first: date, last: date) -> Inputs:
    """Two sections that change each ten minutes or seldom, one that is not known, and a photocell."""
    start, end = night_span_ms(first, site.timezone)[0], night_span_ms(last, site.timezone)[1]
    return Inputs(
        {
            name: random_series(seed + at, start, end, (UNKNOWN, 0, 1, 2), 600_000)
            for at, name in enumerate(("s1", "s2"))
        },
        {"cell": random_series(seed + 9, start, end, (UNKNOWN, BRIGHT, DARK), 1_800_000)},
    )


def summed(site: Site, nights: tuple[date, ...], inputs: Inputs, step_ms: int) -> dict[str, Any]:
    """What the replay says, from every circuit's decision in every step."""
    at = steps_of(nights, site.timezone, step_ms)
    decided = decide(site, at.at_ms, (), Conditions(inputs=inputs))
    watts = CircuitPower(site).expected_w(decided.level_pct.astype(np.float64))
    kwh = watts * at.hours[:, None] / 1000.0
    price = price_per_kwh(site.tariff, at.at_ms, site.timezone)[:, None]
    total = watts.sum(axis=1)
    lamps = np.array([one.lamp_count for one in site.circuits.values()])
    return {
        "energy_kwh": kwh.sum(axis=0),
        "money": (kwh * price).sum(axis=0),
        "lamp_h": ((decided.level_pct > 0) * at.hours[:, None]).sum(axis=0) * lamps,
        "night_kwh": np.bincount(at.night, kwh.sum(axis=1)),
        "peak_kw": total.max() / 1000.0,
    }


def check(found: Replay, expected: dict[str, Any], *, tolerance: float = 1e-6) -> None:
    for name, values in expected.items():
        np.testing.assert_allclose(getattr(found, name), values, rtol=tolerance, atol=1e-6, err_msg=name)


@given(
    two=programs,
    zone=st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo"]),
    latitude=st.floats(-72.0, 72.0),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 25)),
    n_nights=st.integers(1, 3),
    seed=st.integers(0, 1000),
)
@settings(max_examples=examples(60), deadline=None)
def test_a_replay_is_the_sum_of_the_decisions(
    two: list[ControlProgram], zone: str, latitude: float, first: date, n_nights: int, seed: int
) -> None:
    site = city(two, zone, latitude)
    last = first + timedelta(days=n_nights - 1)
    nights, inputs = nights_from(first, last), inputs_of(seed, site, first, last)
    check(replay(World(site, inputs), nights), summed(site, nights, inputs, 300_000))


def simple_city(**control: Any) -> Site:
    """A dimmed road, sodium lamps, a park that is off for a part of the night."""
    dusk, dawn = Anchor(sun_event="dusk"), Anchor(sun_event="dawn")
    steps = (ProgramStep(dusk, 100.0), ProgramStep(clock(22 * 60), 60.0), ProgramStep(clock(5 * 60), 100.0))
    park = (ProgramStep(dusk, 80.0), ProgramStep(clock(30), 0.0, part_night=True), ProgramStep(clock(270), 60.0))
    two = [ControlProgram("one", "", dusk, dawn, steps), ControlProgram("two", "", dusk, dawn, park)]
    return city(two, "Europe/Berlin", 52.5, **control)


YEAR = nights_from(date(2026, 1, 1), date(2026, 12, 31))


def test_five_minutes_and_one_minute_agree_over_a_year() -> None:
    """Within 0.05 % of energy by circuit: steps fall on either side of dusk and dawn alike."""
    site = simple_city()
    coarse, fine = replay(World(site), YEAR), replay(World(site), YEAR, step_ms=MINUTE_MS)
    np.testing.assert_allclose(coarse.energy_kwh, fine.energy_kwh, rtol=5e-4)
    np.testing.assert_allclose(coarse.money, fine.money, rtol=2e-3)
    np.testing.assert_allclose(coarse.lamp_h, fine.lamp_h, rtol=5e-4)
    np.testing.assert_array_equal(coarse.switchings, fine.switchings)
    assert coarse.peak_kw == pytest.approx(fine.peak_kw, rel=1e-3)
    assert [coarse.hours, fine.hours] == pytest.approx([365 * 24, 365 * 24])


def test_what_is_summed_by_circuit_and_by_night_is_one_sum() -> None:
    found = replay(World(simple_city()), YEAR)
    assert found.energy_kwh.sum() == pytest.approx(found.night_kwh.sum())
    assert found.money.sum() == pytest.approx(found.night_money.sum())


@pytest.mark.parametrize(
    ("night", "hours"), [(date(2026, 3, 28), 23), (date(2026, 7, 1), 24), (date(2026, 10, 24), 25)]
)
def test_a_night_of_a_clock_change_has_its_own_length(night: date, hours: float) -> None:
    assert replay(World(simple_city()), (night,)).hours == pytest.approx(hours)


def test_hours_of_a_clock_change_are_priced_once_each() -> None:
    """Europe/Berlin: from 02:00 to 03:00 comes twice on the night of 24 October 2026, never on that of 28 March."""
    site = replace(simple_city(), tariff=Tariff("EUR", 0.0, (TariffPeriod(1.0, (), 120, 180),)))
    twice, once, never = (
        replay(World(site), (night,)).money for night in (date(2026, 10, 24), date(2026, 10, 21), date(2026, 3, 28))
    )
    # The levels are the same all through that hour.
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-9)
    assert once.sum() > 0
    assert never.sum() == 0


def test_worlds_that_are_alike_differ_by_nothing() -> None:
    site, twin = simple_city(), simple_city()
    nights = YEAR[:40]
    inputs = inputs_of(3, site, nights[0], nights[-1])
    one, other = replay(World(site, inputs), nights), replay(World(twin, inputs), nights)
    for name in ("energy_kwh", "money", "lamp_h", "switchings", "below_class_min", "below_floor_min", "night_kwh"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert (one.peak_kw, one.peak_ms) == (other.peak_kw, other.peak_ms)


def test_minutes_below_class_and_below_floor_are_those_of_the_night() -> None:
    """A park off from 00:30 to 04:30, at 80 % before and 60 % after, that should have its class all night."""
    night = (date(2026, 12, 10),)
    site = city([only("off-part", (0.0, 60.0))] * 2, "Europe/Berlin", 52.5)
    lamp = replace(site.luminaire_types["led"], warm_up_s=0.0)
    park = replace(
        site.circuits["C1"],
        program="one",
        lamps=(LampGroup("led", 10),),
        dimmer=ChannelRef("D", "1"),
        design_class="P4",
        lowest_class="P6",
        maintained_level=5.5,
        traffic_section="",
    )
    site = replace(
        site, circuits={"C1": park}, luminaire_types={"led": lamp}, control=replace(site.control, ramp_down_s=0.0)
    )
    found = replay(World(site), night)
    assert found.below_floor_min[0] == pytest.approx(240)
    # P4 wants 5.0 of 5.5 lx, 90.9 %: under it from 00:30 until the step to 100 % at 06:00.
    assert found.below_class_min[0] == pytest.approx(330)
    assert found.switchings[0] == 4


def only(name: str, levels: tuple[float, float]) -> ControlProgram:
    """100 % from dusk, the first level at 00:30 (part-night where it is 0), the second at 04:30, 100 % from 06:00."""
    steps = (
        ProgramStep(Anchor(sun_event="dusk"), 100.0),
        ProgramStep(clock(30), levels[0], part_night=levels[0] == 0),
        ProgramStep(clock(270), levels[1]),
        ProgramStep(clock(360), 100.0),
    )
    return ControlProgram(name, "", Anchor(sun_event="dusk"), Anchor(sun_event="dawn"), steps)


def test_a_stagger_is_added_for_each_circuit() -> None:
    """The lead of every circuit times its power, beside decisions each second of the dusk."""
    night = (date(2026, 12, 10),)
    site = city([only("a", (60.0, 60.0))] * 2, "Europe/Berlin", 52.5, dusk_stagger_s=120.0)
    site = replace(site, circuits={name: one for name, one in site.circuits.items() if name in ("C0", "C2", "C4")})
    fine = summed(site, night, Inputs(), 1000)
    found = replay(World(site), night)
    np.testing.assert_allclose(found.energy_kwh, fine["energy_kwh"], rtol=6e-3)
    without = replay(World(replace(site, control=replace(site.control, dusk_stagger_s=0.0))), night)
    plain = summed(replace(site, control=replace(site.control, dusk_stagger_s=0.0)), night, Inputs(), 1000)
    np.testing.assert_allclose(
        found.energy_kwh - without.energy_kwh, fine["energy_kwh"] - plain["energy_kwh"], rtol=0.02, atol=1e-4
    )


def test_lamps_age_month_by_month() -> None:
    """From 80 % of full power at 0 h: a year of 4,300 h ends at about 84 %, so that it takes less than 84 % of it."""
    curve = ((0.0, 80.0), (20_000.0, 100.0))
    kind = LuminaireType("new", "", 100.0, fixed_loss_share=0.0, linear_share=1.0, warm_up_s=0.0)
    full = ControlProgram("one", "", Anchor(sun_event="sunset"), Anchor(sun_event="sunrise"))
    site = site_of([circuit("A", program="one", lamps=(LampGroup("new", 1),))], programs=[full])
    site = replace(site, luminaire_types={"new": kind})
    aged = replace(kind, output_points=curve, output_correction="controller")
    share = (
        replay(World(replace(site, luminaire_types={"new": aged})), YEAR).energy_kwh
        / replay(World(site), YEAR).energy_kwh
    )
    mean = np.mean([0.80 + 0.20 * hours / 20_000.0 for hours in np.linspace(0.0, 4326.6, 1000)])
    # Factors are rounded up to a two-hundredth, and hours brought up to date once in 30 nights.
    assert share[0] == pytest.approx(mean, abs=0.004)


@pytest.mark.parametrize(
    ("timezone", "latitude_deg", "longitude_deg", "saved_pct"),
    [
        ("Asia/Ho_Chi_Minh", 21.0278, 105.8342, 34.6),
        ("Asia/Singapore", 1.3521, 103.8198, 34.5),
        ("Europe/Amsterdam", 52.0116, 4.3571, 33.4),
    ],
)
def test_what_d60_saves_of_a_year_of_energy(
    timezone: str, latitude_deg: float, longitude_deg: float, saved_pct: float
) -> None:
    """The profile D60 on lamps whose power is their level, against full power from sunset to sunrise."""
    hours = ((20 * 60, 70.0), (22 * 60, 50.0), (5 * 60, 100.0))
    sunset, sunrise = Anchor(sun_event="sunset"), Anchor(sun_event="sunrise")
    programs = [
        ControlProgram("d60", "", sunset, sunrise, tuple(ProgramStep(clock(at), level) for at, level in hours)),
        ControlProgram("full", "", sunset, sunrise),
    ]
    two = [circuit(name, program=name, lamps=(LampGroup("straight", 1),)) for name in ("d60", "full")]
    kind = LuminaireType("straight", "", 100.0, fixed_loss_share=0.0, linear_share=1.0, warm_up_s=0.0)
    site = site_of(
        two,
        programs=programs,
        timezone=timezone,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        control={"ramp_down_s": 0.0},
    )
    site = replace(site, luminaire_types={"straight": kind})
    dimmed, full = replay(World(site), YEAR).energy_kwh
    assert 100 * (1 - dimmed / full) == pytest.approx(saved_pct, abs=0.06)


def test_a_replay_needs_a_night_and_a_step() -> None:
    with pytest.raises(ValueError, match="at least one night"):
        replay(World(simple_city()), ())
    with pytest.raises(ValueError, match="at least a second"):
        replay(World(simple_city()), YEAR[:1], step_ms=10)
