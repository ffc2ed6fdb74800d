"""Devices, points and buses as a person names them, and what the controller has counted on each line."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from drivers.plain_number import plain_number
from drivers.profile import Point, Profile
from lighting.assets.fact import Fact
from lighting.assets.model import Bus, Device, Site
from lighting.desk.refusal import NotFound, Refused, WrongUsage
from lighting.desk.scopes import not_found
from lighting.store.store import Store

Which = Literal["fast", "slow", "all"]


@dataclass(frozen=True, slots=True)
class BusAnswer:
    """A bus with its counters as they were last written; ``counters`` is empty where no controller ever wrote any."""

    bus: str
    url: str
    devices: int
    at_ms: int | None
    counters: Mapping[str, object]
    device_of_unit: Mapping[int, str]


def device_named(site: Site, name: str) -> Device:
    """A device by its id, whatever its capitals. Raises ``NotFound`` with the nearest."""
    return site.devices[_known("device", name, list(site.devices))]


def bus_named(site: Site, name: str) -> Bus:
    """A bus by its id, or by its url. Raises ``NotFound`` with the nearest."""
    for bus in site.buses.values():
        if bus.url == name:
            return bus
    return site.buses[_known("bus", name, list(site.buses))]


def profile_of(site: Site, device: Device) -> Profile:
    """The device's profile."""
    return site.profiles[device.profile]


def points_wanted(profile: Profile, names: Sequence[str], which: Which) -> tuple[Point, ...]:
    """Readable points by name, or without names those of the poll classes wanted.

    Raises ``NotFound`` for a name that the profile lacks, ``WrongUsage`` for one that cannot be read or for none.
    """
    if names:
        found = tuple(point_named(profile, name) for name in names)
        for point in found:
            if not point.readable:
                raise WrongUsage(Fact("point_not_readable", {"point": point.name}))
        return tuple({point.name: point for point in found}.values())
    found = tuple(point for point in profile.points if point.readable and (which == "all" or point.poll == which))
    if not found:
        raise WrongUsage(Fact("no_such_points", {"profile": profile.id, "which": which}))
    return found


def point_named(profile: Profile, name: str) -> Point:
    """A point by name, whatever its capitals. Raises ``NotFound`` with the nearest."""
    exact = profile.point_named(name)
    if exact is not None:
        return exact
    by_fold = {point.name.casefold(): point for point in profile.points}
    found = by_fold.get(name.casefold())
    if found is not None:
        return found
    near = difflib.get_close_matches(name.casefold(), list(by_fold), n=3, cutoff=0.4)
    names = ", ".join(by_fold[one].name for one in near)
    if names:
        raise NotFound(Fact("point_not_found_near", {"profile": profile.id, "point": name, "nearest": names}))
    raise NotFound(Fact("point_not_found", {"profile": profile.id, "point": name, "known": len(profile.points)}))


def value_given(point: Point, text: str) -> float | str:
    """What a person typed as a value of that point: a number, a word of its enumeration, yes or no, or a text.

    Raises ``WrongUsage`` for anything else, ``Refused`` for a point that cannot be written.
    """
    if not point.writable:
        raise Refused(Fact("task_point_read_only", {"point": point.name}))
    if point.data_type == "string":
        return text
    for number, word in point.enumeration.items():
        if text.casefold() == word.casefold():
            return float(number * point.scale + point.offset)
    if point.data_type == "bit" and text.casefold() in _BITS:
        return _BITS[text.casefold()]
    try:
        value = plain_number(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        words = ", ".join(point.enumeration.values()) or ("yes, no" if point.data_type == "bit" else "")
        if words:
            raise WrongUsage(Fact("value_no_word", {"point": point.name, "found": text, "words": words}))
        raise WrongUsage(Fact("value_no_number", {"point": point.name, "found": text, "unit": point.unit_name}))
    return value


_BITS = {"yes": 1.0, "on": 1.0, "closed": 1.0, "true": 1.0, "no": 0.0, "off": 0.0, "open": 0.0, "false": 0.0}


def buses(site: Site, store: Store | None) -> list[BusAnswer]:
    """Every bus in the order of the table, with what the controller last wrote of it."""
    keys = {} if store is None else store.keys.known("bus")
    rows = {} if store is None else store.bus_counters.all()
    answers = []
    for bus in site.buses.values():
        row = rows.get(keys.get(bus.id, -1))
        mine = {device.unit_id: device.id for device in site.devices.values() if device.bus == bus.id}
        at_ms = None if row is None else row.at_ms
        answers.append(BusAnswer(bus.id, bus.url, len(mine), at_ms, {} if row is None else row.counters, mine))
    return answers


def _known(kind: str, wanted: str, ids: list[str]) -> str:
    if wanted in ids:
        return wanted
    same = [one for one in ids if one.casefold() == wanted.casefold()]
    if len(same) == 1:
        return same[0]
    raise not_found(kind, wanted, ids)
