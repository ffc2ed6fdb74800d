"""``lighting sun``: the sun of one lighting night at one place."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lighting.assets.fact import Fact, Value
from lighting.assets.model import ControlSettings, Site
from lighting.cli.json_forms import form
from lighting.cli.table import Column, print_table
from lighting.cli.voice import print_json, voice_for
from lighting.desk.refusal import WrongUsage
from lighting.desk.times import known_night
from lighting.schedule.night import night_of
from lighting.schedule.sun import NightSun, sun_of_night
from lighting.wording.figures import Manner, local_time

SCHEMA = "lighting.sun/1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where and, for «tonight», when. Latitude north and longitude east are positive."""

    latitude_deg: float
    longitude_deg: float
    timezone: str
    now_ms: int
    dusk_elevation_deg: float = ControlSettings().dusk_elevation_deg

    @classmethod
    def of_site(cls, site: Site, now_ms: int, lat: float | None, lon: float | None, timezone: str | None) -> Place:
        """The site's place, with what was given in its stead."""
        return _checked(
            cls(
                site.latitude_deg if lat is None else lat,
                site.longitude_deg if lon is None else lon,
                timezone or site.timezone,
                now_ms,
                site.control.dusk_elevation_deg,
            )
        )


def place_given(lat: float | None, lon: float | None, timezone: str | None) -> Place | None:
    """The place, when all of it is given, so that no site is needed."""
    if lat is None or lon is None or timezone is None:
        return None
    return _checked(Place(lat, lon, timezone, time.time_ns() // 1_000_000))


def _checked(place: Place) -> Place:
    for name, value, most in (("lat", place.latitude_deg, 90.0), ("lon", place.longitude_deg, 180.0)):
        if not (math.isfinite(value) and abs(value) <= most):
            raise WrongUsage(Fact("coordinate_out_of_range", {"name": name, "found": str(value), "most": most}))
    try:
        ZoneInfo(place.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise WrongUsage(Fact("timezone_unknown_here", {"found": place.timezone})) from error
    return place


def _night(text: str | None, place: Place) -> date:
    if text is None:
        return night_of(place.now_ms, place.timezone)
    return known_night(text)


def print_sun(place: Place, date_text: str | None, *, as_json: bool) -> None:
    """Print the events of the night in their order, or the state of a sun that does not rise and set."""
    night = _night(date_text, place)
    sun = sun_of_night(night, place.timezone, place.latitude_deg, place.longitude_deg, place.dusk_elevation_deg)
    events = events_of(sun)
    if as_json:
        print_json(_form(place, night, sun, events))
        return
    voice = voice_for(place.timezone, place.now_ms)
    where: dict[str, Value] = {
        "latitude_deg": place.latitude_deg,
        "longitude_deg": place.longitude_deg,
        "timezone": place.timezone,
    }
    voice.data(Fact("sun_heading", {"night": night.isoformat(), **where}))
    if sun.state.name in ("ALWAYS_UP", "ALWAYS_DOWN"):
        voice.data(Fact("sun_always_up") if sun.state.name == "ALWAYS_UP" else Fact("sun_always_down"))
    columns = (Column("EVENT"), Column("LOCAL TIME", right=True))
    order = sorted(events.items(), key=lambda item: (item[1] is None, item[1] or 0))
    rows = [
        (name.replace("_", " "), "none" if at_ms is None else local_time(at_ms, Manner(place.timezone, at_ms)))
        for name, at_ms in order
    ]
    print_table(columns, rows, voice)


def events_of(sun: NightSun) -> dict[str, int | None]:
    """The ten events of a lighting night, UTC ms; None where the sun does not cross."""
    return {
        "sunset": sun.sunset_ms,
        "dusk": sun.dusk_ms,
        "civil_dusk": sun.civil_dusk_ms,
        "nautical_dusk": sun.nautical_dusk_ms,
        "astronomical_dusk": sun.astronomical_dusk_ms,
        "astronomical_dawn": sun.astronomical_dawn_ms,
        "nautical_dawn": sun.nautical_dawn_ms,
        "civil_dawn": sun.civil_dawn_ms,
        "dawn": sun.dawn_ms,
        "sunrise": sun.sunrise_ms,
    }


def _form(place: Place, night: date, sun: NightSun, events: dict[str, int | None]) -> dict[str, object]:
    return form(
        SCHEMA,
        night=night.isoformat(),
        latitude_deg=place.latitude_deg,
        longitude_deg=place.longitude_deg,
        timezone=place.timezone,
        dusk_elevation_deg=place.dusk_elevation_deg,
        state=sun.state.name.lower(),
        **{f"{name}_ms": at_ms for name, at_ms in events.items()},
    )
