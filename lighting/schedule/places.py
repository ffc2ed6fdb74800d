"""Which circuits a scope means: a circuit, cabinet, district, road or group, or all in a circle around a coordinate."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lighting.assets.area import Area, parse_area
from lighting.assets.model import Circuit, ScopeKind, Site
from lighting.schedule.instructions import Instruction

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""


def position_of(site: Site, circuit: Circuit) -> tuple[float, float] | None:
    """Return latitude and longitude of a circuit in degrees: its own, else its cabinet's; None without."""
    if circuit.latitude_deg is not None and circuit.longitude_deg is not None:
        return circuit.latitude_deg, circuit.longitude_deg
    cabinet = site.cabinets.get(circuit.cabinet)
    if cabinet is None or cabinet.latitude_deg is None or cabinet.longitude_deg is None:
        return None
    return cabinet.latitude_deg, cabinet.longitude_deg


def distance_m(
    area: Area, latitude_deg: NDArray[np.float64], longitude_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the great-circle distances from the middle of an area in metres (haversine); NaN where a place is NaN."""
    here, there = np.radians(area.latitude_deg), np.radians(latitude_deg)
    along = np.radians(longitude_deg - area.longitude_deg)
    half = np.sin((there - here) / 2) ** 2 + np.cos(here) * np.cos(there) * np.sin(along / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))), dtype=np.float64)


class Places:
    """The positions in ``site.circuits`` of what every scope covers."""

    def __init__(self, site: Site) -> None:
        circuits = list(site.circuits.values())
        lists: dict[tuple[str, str], list[int]] = {}
        for i, circuit in enumerate(circuits):
            lists[("circuit", circuit.id)] = [i]
            for kind, name in (("cabinet", circuit.cabinet), ("district", circuit.district), ("road", circuit.road)):
                if name:
                    lists.setdefault((kind, name), []).append(i)
        number = {circuit.id: i for i, circuit in enumerate(circuits)}
        for group, ids in site.groups.items():
            lists[("group", group)] = sorted(number[circuit_id] for circuit_id in set(ids) if circuit_id in number)
        self._members: Mapping[tuple[str, str], NDArray[np.intp]] = {
            scope: np.array(positions, dtype=np.intp) for scope, positions in lists.items()
        }
        found = [position_of(site, circuit) or (np.nan, np.nan) for circuit in circuits]
        self._position_deg = np.array(found, dtype=np.float64).reshape(-1, 2)
        self._areas: dict[str, NDArray[np.intp]] = {}
        self._circuit_ids = tuple(circuit.id for circuit in circuits)
        self._ids: dict[tuple[str, str], frozenset[str]] = {}

    def members(self, kind: ScopeKind | str, scope_id: str) -> NDArray[np.intp]:
        """Return the positions of the circuits that the scope covers, ascending; none for one that the site has not."""
        if kind == "area":
            return self._in_area(scope_id)
        return self._members.get((kind, scope_id), _NOBODY)

    def covers(self, kind: ScopeKind | str, scope_id: str, circuit_id: str) -> bool:
        """Return whether the scope holds that circuit."""
        scope = (str(kind), scope_id)
        if scope not in self._ids:
            if len(self._ids) >= _KEPT_AREAS:
                self._ids.clear()
            self._ids[scope] = frozenset(self._circuit_ids[at] for at in self.members(kind, scope_id).tolist())
        return circuit_id in self._ids[scope]

    def without_position(self) -> int:
        """Return how many circuits have no position, so that no area can tell whether it covers them."""
        return int(np.isnan(self._position_deg[:, 0]).sum())

    def _in_area(self, text: str) -> NDArray[np.intp]:
        if text not in self._areas:
            area = parse_area(text)
            inside = _NOBODY
            if area is not None:
                metres = distance_m(area, self._position_deg[:, 0], self._position_deg[:, 1])
                inside = np.flatnonzero(metres <= area.radius_m)
            if len(self._areas) >= _KEPT_AREAS:
                self._areas.clear()
            self._areas[text] = inside
        return self._areas[text]


_known: OrderedDict[int, tuple[Site, Places]] = OrderedDict()


def places_of(site: Site) -> Places:
    """Return the places of a site; the last few sites (by identity, for a site never changes) are kept ready."""
    known = _known.get(id(site))
    if known is not None and known[0] is site:
        return known[1]
    places = Places(site)
    _known[id(site)] = site, places
    while len(_known) > _KEPT_SITES:
        _known.popitem(last=False)
    return places


def covers(site: Site, instruction: Instruction, circuit_id: str) -> bool:
    """Return whether the instruction's scope holds that circuit of the site."""
    return places_of(site).covers(instruction.scope_kind, instruction.scope_id, circuit_id)


_KEPT_SITES = 8
_NOBODY = np.zeros(0, dtype=np.intp)
_KEPT_AREAS = 256
