"""Made-up sites, built directly from the model, for the tests of the schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from lighting.assets.model import (
    Anchor,
    Bus,
    Cabinet,
    Calendar,
    ChannelRef,
    Circuit,
    ControlProgram,
    ControlSettings,
    District,
    LampGroup,
    LuminaireType,
    ProgramStep,
    Site,
)

SiteBuilder = Callable[..., Site]

SUNSET = Anchor(sun_event="sunset")
SUNRISE = Anchor(sun_event="sunrise")


def clock(text: str) -> Anchor:
    hours, minutes = text.split(":")
    return Anchor(clock_minutes=int(hours) * 60 + int(minutes))


PROGRAMS = (
    ControlProgram("full", "sunset to sunrise", SUNSET, SUNRISE),
    ControlProgram(
        "dimmed",
        "100 %, 70 % from 22:00, 50 % from 00:00, 100 % from 05:00",
        SUNSET,
        SUNRISE,
        (
            ProgramStep(SUNSET, 100.0),
            ProgramStep(clock("22:00"), 70.0),
            ProgramStep(clock("00:00"), 50.0),
            ProgramStep(clock("05:00"), 100.0),
        ),
    ),
    ControlProgram(
        "park",
        "80 %, part-night off from 00:30 to 04:30",
        SUNSET,
        SUNRISE,
        (
            ProgramStep(SUNSET, 80.0),
            ProgramStep(clock("00:30"), 0.0, part_night=True),
            ProgramStep(clock("04:30"), 60.0),
        ),
    ),
    ControlProgram("early", "off at 23:00, not marked part-night", SUNSET, clock("23:00")),
)
TYPES = (
    LuminaireType("led", "LED 60", 60.0, warm_up_s=5.0, minimum_level_pct=10.0),
    LuminaireType("hps", "HPS 150", 150.0, warm_up_s=600.0, minimum_level_pct=50.0),
    LuminaireType("fixed", "fluorescent", 36.0, curve="none", warm_up_s=0.0),
)


def circuit(circuit_id: str, **changes: Any) -> Circuit:
    values: dict[str, Any] = {
        "id": circuit_id,
        "cabinet": "K1",
        "name": f"circuit {circuit_id}",
        "road": "Main Road",
        "district": "north",
        "program": "dimmed",
        "lamps": (LampGroup("led", 20),),
        "dimmer": ChannelRef("D1", circuit_id),
        "relay": ChannelRef("R1", circuit_id),
    }
    return Circuit(**(values | changes))


def site_of(
    circuits: Sequence[Circuit],
    *,
    programs: Sequence[ControlProgram] = PROGRAMS,
    timezone: str = "Asia/Ho_Chi_Minh",
    latitude_deg: float = 21.0278,
    longitude_deg: float = 105.8342,
    calendar: Calendar | None = None,
    control: Mapping[str, Any] | None = None,
) -> Site:
    cabinets = {c.cabinet: Cabinet(c.cabinet, c.cabinet, c.district) for c in circuits}
    return Site(
        id="test",
        name="Test",
        timezone=timezone,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        control=ControlSettings(**(control or {})),
        store_url="",
        users={},
        districts={c.district: District(c.district, c.district) for c in circuits},
        buses={"B1": Bus("B1", "tcp://127.0.0.1:1502")},
        cabinets=cabinets,
        devices={},
        profiles={},
        luminaire_types={kind.id: kind for kind in TYPES},
        circuits={c.id: c for c in circuits},
        programs={program.id: program for program in programs},
        calendar=calendar or Calendar(),
    )


@pytest.fixture(scope="session")
def build_site() -> SiteBuilder:
    """``site_of``: a site made of circuits, with a few programs."""
    return site_of


@pytest.fixture(scope="session")
def build_circuit() -> Callable[..., Circuit]:
    """``circuit``: a circuit with an id and changes to what is usual."""
    return circuit


@pytest.fixture(scope="session")
def four_circuits() -> Site:
    """A: dimmed road; B: never dimmed; C: park with part-night off; D: high-pressure sodium under another cabinet."""
    return site_of(
        [
            circuit("A"),
            circuit("B", never_dim=True),
            circuit("C", program="park", cabinet="K2"),
            circuit("D", cabinet="K2", district="south", lamps=(LampGroup("hps", 10),)),
        ]
    )
