"""A site prepared for deciding: columns of its circuits, and the lighting nights already worked out."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from drivers.quantity import Quantity
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import CalendarRule, Circuit, Site
from lighting.schedule.calendars import program_of, rule_of_night
from lighting.schedule.programs import Stretch, stretches
from lighting.schedule.sun import NightSun, suns_of_nights

_KEPT_SITES = 4
_KEPT_NIGHTS = 800


@dataclass(frozen=True, slots=True)
class NightPrograms:
    """One lighting night: its sun, the calendar's rule, and the stretches of each program that circuits call their own.

    ``used`` names the program of that night for each own program; stretches are None where the site does not have it.
    """

    sun: NightSun
    rule: CalendarRule | None
    by_own_program: tuple[tuple[Stretch, ...] | None, ...]
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteIndex:
    """Columns in the order of ``site.circuits``: (n_circuits,) each.

    ``kind`` numbers circuits that differ in nothing that decides: own program, floor, lamp minimum, warm-up.
    """

    site: Site
    ids: tuple[str, ...]
    position: dict[str, int]
    own_programs: tuple[str, ...]
    own_program: NDArray[np.intp]
    floor_pct: NDArray[np.float32]
    minimum_pct: NDArray[np.float32]
    warm_up_ms: NDArray[np.int64]
    kind: NDArray[np.intp]
    members: dict[tuple[str, str], NDArray[np.intp]]
    nights: OrderedDict[date, NightPrograms] = field(default_factory=OrderedDict)

    def night_programs(self, nights: Sequence[date]) -> list[NightPrograms]:
        """Return what programs ask in each of the nights; the missing ones are worked out together and kept."""
        found = {night: self.nights[night] for night in nights if night in self.nights}
        missing = [night for night in nights if night not in found]
        site = self.site
        suns = suns_of_nights(
            missing, site.timezone, site.latitude_deg, site.longitude_deg, site.control.dusk_elevation_deg
        )
        for night, sun in zip(missing, suns, strict=True):
            found[night] = self.nights[night] = self._worked_out(night, sun)
        while len(self.nights) > _KEPT_NIGHTS:
            self.nights.popitem(last=False)
        return [found[night] for night in nights]

    def _worked_out(self, night: date, sun: NightSun) -> NightPrograms:
        rule = rule_of_night(self.site.calendar, night)
        used = tuple(program_of(rule, own) for own in self.own_programs)
        name = "" if rule is None else rule.name
        programs = [self.site.programs.get(program) for program in used]
        return NightPrograms(
            sun=sun,
            rule=rule,
            by_own_program=tuple(
                None if program is None else stretches(program, sun, self.site.timezone, name) for program in programs
            ),
            used=used,
        )


_indexes: OrderedDict[int, SiteIndex] = OrderedDict()


def site_index(site: Site) -> SiteIndex:
    """Return the index of a site; the last few sites (by identity, for a site never changes) are kept ready."""
    known = _indexes.get(id(site))
    if known is not None and known.site is site:
        return known
    index = _indexed(site)
    _indexes[id(site)] = index
    while len(_indexes) > _KEPT_SITES:
        _indexes.popitem(last=False)
    return index


def _indexed(site: Site) -> SiteIndex:
    circuits = list(site.circuits.values())
    own_programs = tuple(dict.fromkeys(circuit.program for circuit in circuits))
    number = {program: i for i, program in enumerate(own_programs)}
    own_program = np.array([number[circuit.program] for circuit in circuits], dtype=np.intp)
    floor = np.array([floor_level_pct(circuit, site) for circuit in circuits], dtype=np.float32)
    minimum = np.array([minimum_level_pct(site, circuit) for circuit in circuits], dtype=np.float32)
    warm_up = np.array([warm_up_ms(site, circuit) for circuit in circuits], dtype=np.int64)
    traits = zip(own_program.tolist(), floor.tolist(), minimum.tolist(), warm_up.tolist(), strict=True)
    kinds: dict[tuple[int, float, float, int], int] = {}
    kind = [kinds.setdefault(trait, len(kinds)) for trait in traits]
    ids = tuple(circuit.id for circuit in circuits)
    return SiteIndex(
        site=site,
        ids=ids,
        position={circuit_id: i for i, circuit_id in enumerate(ids)},
        own_programs=own_programs,
        own_program=own_program,
        floor_pct=floor,
        minimum_pct=minimum,
        warm_up_ms=warm_up,
        kind=np.array(kind, dtype=np.intp),
        members=_members(circuits),
    )


def _members(circuits: list[Circuit]) -> dict[tuple[str, str], NDArray[np.intp]]:
    """Return the positions of the circuits of every scope that an instruction may name."""
    lists: dict[tuple[str, str], list[int]] = {}
    for i, circuit in enumerate(circuits):
        for scope in (("circuit", circuit.id), ("cabinet", circuit.cabinet), ("district", circuit.district)):
            lists.setdefault(scope, []).append(i)
    return {scope: np.array(positions, dtype=np.intp) for scope, positions in lists.items()}


def minimum_level_pct(site: Site, circuit: Circuit) -> float:
    """Return the lowest level above 0 that every lamp of the circuit can keep; 100 where nothing can be dimmed."""
    types = [site.luminaire_types[group.luminaire_type] for group in circuit.lamps]
    if circuit.dimmer is None or any(kind.curve == "none" for kind in types):
        return 100.0
    return max((kind.minimum_level_pct for kind in types), default=0.0)


def highest_level_pct(site: Site, circuit: Circuit) -> float:
    """Return the highest level that the circuit's dimmer takes by its profile; 100 without a dimmer or such a limit."""
    device = None if circuit.dimmer is None else site.devices[circuit.dimmer.device]
    if circuit.dimmer is None or device is None:
        return 100.0
    point = site.profiles[device.profile].point(Quantity.DIM_LEVEL, circuit.dimmer.channel)
    return 100.0 if point is None or point.write_max is None else min(100.0, point.write_max)


def warm_up_ms(site: Site, circuit: Circuit) -> int:
    """Return how long the circuit's slowest lamps need full power after they were switched on."""
    types = [site.luminaire_types[group.luminaire_type] for group in circuit.lamps]
    return round(max((kind.warm_up_s for kind in types), default=0.0) * 1000)
