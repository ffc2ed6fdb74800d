"""A made-up city of any size for the benches of the schedule: roads of twenty circuits, six programs, three lamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.model import (
    Anchor,
    Cabinet,
    ChannelRef,
    Circuit,
    ControlProgram,
    ControlSettings,
    District,
    LampGroup,
    LuminaireType,
    ProgramStep,
    Site,
    Tariff,
    TariffPeriod,
    TrafficSection,
)
from lighting.schedule.inputs import Inputs, Series
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.night import night_span_ms

TIMEZONE = "Asia/Ho_Chi_Minh"
CIRCUITS_A_ROAD = 20
_CLASSES = {"M2": 1.5, "M3": 1.0, "M4": 0.75}
_TEN_MINUTES_MS = 600_000
_TYPES = (
    LuminaireType("led-90", "", 90.0, 0.5),
    LuminaireType("led-60", "", 60.0, 0.4, linear_share=0.8),
    LuminaireType("hps-150", "", 150.0, warm_up_s=600.0, restrike_s=120.0, minimum_level_pct=50.0),
)
_CURVE = ((0.0, 80.0), (20_000.0, 100.0))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a made-up city has: traffic sections with classes and adaptive steps, light-output correction (lamps of
    every age), a stagger at dusk.
    """

    traffic: bool = False
    corrected: bool = False
    stagger_s: float = 0.0


def _clock(hour: int, minute: int = 0) -> Anchor:
    return Anchor(clock_minutes=60 * hour + minute)


def _program(number: int, *, adaptive: bool) -> ControlProgram:
    dusk = Anchor(sun_event="dusk")
    steps = (
        ProgramStep(dusk, 100.0),
        ProgramStep(_clock(20 + number % 3, 15 * (number % 4)), 80.0, adaptive=adaptive),
        ProgramStep(_clock(23), 70.0 - 5 * number, adaptive=adaptive),
        ProgramStep(_clock(1), 50.0, adaptive=adaptive),
        ProgramStep(_clock(5, 30), 100.0),
    )
    return ControlProgram(f"p{number}", "", dusk, Anchor(sun_event="dawn"), steps)


def city(n: int, shape: Shape) -> Site:
    """``n`` circuits: each road has its own class, maintained level (two decimals) and program."""
    random = np.random.default_rng(n)
    roads = max(1, n // CIRCUITS_A_ROAD)
    names = random.choice(list(_CLASSES), roads)
    level = [
        round(_CLASSES[name] * share, 2) for name, share in zip(names, random.uniform(1.0, 1.4, roads), strict=True)
    ]
    program = random.integers(0, 6, roads)
    circuits = {}
    for at in range(n):
        road = min(at // CIRCUITS_A_ROAD, roads - 1)
        circuits[f"C{at}"] = Circuit(
            id=f"C{at}",
            cabinet=f"K{at // 5}",
            name="",
            road=f"R{road}",
            district=f"D{road % 10}",
            program=f"p{program[road]}",
            lamps=(LampGroup(_TYPES[at % 3].id, 20),),
            dimmer=ChannelRef("D", str(at)),
            relay=ChannelRef("R", str(at)) if at % 2 else None,
            design_class=str(names[road]) if shape.traffic else "",
            lowest_class="M6" if shape.traffic else "",
            maintained_level=level[road] if shape.traffic else None,
            traffic_section=f"S{road}" if shape.traffic else "",
            burning_h=float(random.integers(0, 20_000)),
        )
    types = [replace(kind, output_correction="controller", output_points=_CURVE) for kind in _TYPES]
    return Site(
        id="bench",
        name="",
        timezone=TIMEZONE,
        latitude_deg=21.03,
        longitude_deg=105.83,
        control=ControlSettings(dusk_stagger_s=shape.stagger_s),
        store_url="",
        users={},
        districts={f"D{at}": District(f"D{at}", "") for at in range(10)},
        buses={},
        cabinets={f"K{at}": Cabinet(f"K{at}", "", "D0") for at in range(n // 5 + 1)},
        devices={},
        profiles={},
        luminaire_types={kind.id: kind for kind in (types if shape.corrected else _TYPES)},
        circuits=circuits,
        programs={f"p{at}": _program(at, adaptive=shape.traffic) for at in range(6)},
        traffic_sections={f"S{at}": TrafficSection(f"S{at}", "", "uni_11248", 1000.0) for at in range(roads)},
        tariff=Tariff("VND", 2000.0, (TariffPeriod(3500.0, (), 1050, 1350), TariffPeriod(1300.0, (), 1350, 360))),
    )


def traffic(site: Site, nights: Sequence[date]) -> Inputs:
    """Every section changes its class by counts of ten minutes, some twenty times a day, each by itself."""
    start_ms, end_ms = night_span_ms(nights[0], TIMEZONE)[0], night_span_ms(nights[-1], TIMEZONE)[1]
    moments = np.arange(start_ms, end_ms, _TEN_MINUTES_MS, dtype=np.int64)
    random, facts = np.random.default_rng(7), (Fact("traffic_class"),)
    series = {}
    for section in site.traffic_sections:
        at = moments[random.random(moments.size) < 0.15]
        series[section] = Series(at, random.integers(0, 3, at.size).astype(np.int8), np.zeros(at.size, np.int32), facts)
    return Inputs(traffic=series)


def overrides(site: Site, share: float, night: date) -> list[Instruction]:
    """Overrides of single circuits for parts of the night, so many that ``share`` of the circuits have one."""
    start_ms, random = night_span_ms(night, TIMEZONE)[0], np.random.default_rng(11)
    ids = list(site.circuits)
    chosen = random.choice(len(ids), round(share * len(ids)), replace=False).tolist()
    return [
        Instruction(
            number + 1,
            Layer.OVERRIDE,
            "circuit",
            ids[at],
            float(random.integers(30, 100)),
            begin,
            begin + 7_200_000,
            "an",
            "",
        )
        for number, at in enumerate(chosen)
        for begin in [start_ms + int(random.integers(20, 60)) * _TEN_MINUTES_MS]
    ]
