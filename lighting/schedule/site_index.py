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
from lighting.assets.model import CalendarRule, Circuit, ControlProgram, Photocell, Site
from lighting.schedule.calendars import program_of, rule_of_night
from lighting.schedule.light_output import STEPS, LightOutput
from lighting.schedule.places import Places, places_of
from lighting.schedule.programs import Stretch, stretches
from lighting.schedule.sun import NightSun, ThresholdNight, suns_of_nights, thresholds_of_nights

_KEPT_SITES = 4
_KEPT_NIGHTS = 800
STAGGERED_FROM_CIRCUITS = 1000
DEFAULT_STAGGER_S = 120.0
"""How long a large city's switching on is spread where the site does not say."""


@dataclass(frozen=True, slots=True)
class ProgramColumn:
    """What circuits share that follow one program: its id, their district's photocell, the placed rules they are in."""

    own_program: str
    photocell: str
    inside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ColumnNight:
    """One column in one night: the rule that chose the program used, and its stretches; None: the site has it not.

    ``ring`` is what the steps would ask at every moment, for a program whose lit period a photocell moves; else empty.
    """

    rule: CalendarRule | None
    used: str
    program: ControlProgram | None
    stretches: tuple[Stretch, ...] | None
    ring: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class NightPrograms:
    """One lighting night: its sun, and every program column in it, in the order of ``SiteIndex.columns``.

    ``latest`` are the thresholds under which no photocell keeps lamps off, in the order of ``SiteIndex.latest_deg``.
    """

    sun: NightSun
    columns: tuple[ColumnNight, ...]
    latest: tuple[ThresholdNight, ...] = ()


@dataclass(frozen=True, slots=True)
class Trait:
    """All that decides about a circuit beside instructions and its lamps' age: circuits of one trait are one kind."""

    column: int
    floor_pct: float
    minimum_pct: float
    warm_up_ms: int
    restrike_ms: int
    min_on_ms: int
    min_off_ms: int
    section: str
    design_class: str
    lowest_class: str
    maintained_level: float | None
    never_dim: bool = False


@dataclass(frozen=True, slots=True)
class AgedKinds:
    """Circuits of one trait and one age are one kind. ``burning_h`` is what it was worked out for.

    ``of_circuit`` (n_circuits,) numbers the kinds; (n_kinds,) ``trait`` and ``output_share``, the light-output factor.
    """

    burning_h: NDArray[np.float64] | None
    of_circuit: NDArray[np.intp]
    trait: NDArray[np.intp]
    output_share: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SiteIndex:
    """Columns in the order of ``site.circuits``: (n_circuits,) each.

    ``kind`` numbers the ``traits``; ``kind_example`` (n_traits,) is the position of one circuit of each.
    ``stagger_ms`` is how much earlier than its program a circuit is switched on; ``longest_lamps_ms`` how long any
    lamps still move by themselves once they are switched on. ``levels_down`` keeps the level of a trait, by its number,
    so many classes under its design class. ``latest_deg``: under these elevations no photocell of the site keeps lamps
    off.
    """

    site: Site
    ids: tuple[str, ...]
    position: dict[str, int]
    columns: tuple[ProgramColumn, ...]
    traits: tuple[Trait, ...]
    kind: NDArray[np.intp]
    kind_example: NDArray[np.intp]
    floor_pct: NDArray[np.float32]
    minimum_pct: NDArray[np.float32]
    warm_up_ms: NDArray[np.int64]
    stagger_ms: NDArray[np.int64]
    longest_stagger_ms: int
    longest_lamps_ms: int
    places: Places
    output: LightOutput
    latest_deg: tuple[float, ...] = ()
    nights: OrderedDict[date, NightPrograms] = field(default_factory=OrderedDict)
    last_aged: list[AgedKinds] = field(default_factory=list)
    levels_down: dict[tuple[int, int], float] = field(default_factory=dict)

    def kinds_by_age(self, burning_h: NDArray[np.float64] | None) -> AgedKinds:
        """Return the kinds at these burning hours, (n_circuits,) float64; None: as the site states them.

        The last ones are kept for the same array: hours change seldom.
        """
        if not self.last_aged or (self.output.is_used and self.last_aged[0].burning_h is not burning_h):
            self.last_aged[:] = [self._aged(burning_h)]
        return self.last_aged[0]

    def _aged(self, burning_h: NDArray[np.float64] | None) -> AgedKinds:
        if not self.output.is_used:
            ones = np.ones(len(self.traits), dtype=np.float32)
            return AgedKinds(burning_h, self.kind, np.arange(len(self.traits), dtype=np.intp), ones)
        shares = self.output.shares(burning_h)
        codes = self.kind * (STEPS + 1) + np.round(shares * STEPS).astype(np.intp)
        _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        return AgedKinds(burning_h, inverse.astype(np.intp), self.kind[first], shares[first])

    def night_programs(self, nights: Sequence[date]) -> list[NightPrograms]:
        """Return what programs ask in each of the nights; the missing ones are worked out together and kept."""
        found = {night: self.nights[night] for night in nights if night in self.nights}
        missing = [night for night in nights if night not in found]
        site = self.site
        suns = suns_of_nights(
            missing, site.timezone, site.latitude_deg, site.longitude_deg, site.control.dusk_elevation_deg
        )
        latest = (
            thresholds_of_nights(missing, site.timezone, site.latitude_deg, site.longitude_deg, self.latest_deg)
            if self.latest_deg
            else tuple(() for _ in missing)
        )
        for night, sun, deepest in zip(missing, suns, latest, strict=True):
            found[night] = self.nights[night] = self._worked_out(night, sun, deepest)
        while len(self.nights) > _KEPT_NIGHTS:
            self.nights.popitem(last=False)
        return [found[night] for night in nights]

    def _worked_out(self, night: date, sun: NightSun, latest: tuple[ThresholdNight, ...]) -> NightPrograms:
        drawn: dict[tuple[str, str], tuple[tuple[Stretch, ...], tuple[Stretch, ...]]] = {}
        timezone = self.site.timezone
        columns = []
        for column in self.columns:
            rule = rule_of_night(self.site.calendar, night, column.inside.__contains__)
            used = program_of(rule, column.own_program)
            name = "" if rule is None else rule.name
            program = self.site.programs.get(used)
            if program is not None and (used, name) not in drawn:
                ring = stretches(program, sun, timezone, name, always_lit=True) if program.uses_photocell else ()
                drawn[used, name] = stretches(program, sun, timezone, name), ring
            columns.append(ColumnNight(rule, used, program, *drawn.get((used, name), (None, ()))))
        return NightPrograms(sun, tuple(columns), latest)


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
    places = places_of(site)
    columns, column = _columns(site, circuits, places)
    numbers: dict[Trait, int] = {}
    kind = [
        numbers.setdefault(_trait(site, circuit, at), len(numbers))
        for circuit, at in zip(circuits, column, strict=True)
    ]
    traits = tuple(numbers)
    of_circuit = np.array(kind, dtype=np.intp)
    ids = tuple(circuit.id for circuit in circuits)
    stagger = _stagger_ms(site, len(circuits))
    return SiteIndex(
        site=site,
        ids=ids,
        position={circuit_id: i for i, circuit_id in enumerate(ids)},
        columns=columns,
        traits=traits,
        kind=of_circuit,
        kind_example=np.unique(of_circuit, return_index=True)[1].astype(np.intp),
        floor_pct=np.array([trait.floor_pct for trait in traits], dtype=np.float32)[of_circuit],
        minimum_pct=np.array([trait.minimum_pct for trait in traits], dtype=np.float32)[of_circuit],
        warm_up_ms=np.array([trait.warm_up_ms for trait in traits], dtype=np.int64)[of_circuit],
        stagger_ms=stagger,
        longest_stagger_ms=int(stagger.max(initial=0)),
        longest_lamps_ms=max((trait.warm_up_ms + trait.restrike_ms + trait.min_on_ms for trait in traits), default=0),
        places=places,
        output=LightOutput(site),
        latest_deg=tuple(sorted({latest_dusk_deg(site, cell) for cell in site.photocells.values()})),
    )


def latest_dusk_deg(site: Site, cell: Photocell) -> float:
    """Return the elevation of the sun under which a cell keeps no lamps off: never above the site's own dusk."""
    return min(cell.latest_elevation_deg, site.control.dusk_elevation_deg)


def _columns(site: Site, circuits: list[Circuit], places: Places) -> tuple[tuple[ProgramColumn, ...], list[int]]:
    """Return the program columns, and which of them each circuit is in."""
    inside: list[list[int]] = [[] for _ in circuits]
    for number, rule in enumerate(site.calendar.rules):
        for position in {int(at) for place in rule.places for at in places.members(place.kind, place.id)}:
            inside[position].append(number)
    cell_of = {cell.district: cell.id for cell in site.photocells.values()}
    numbers: dict[ProgramColumn, int] = {}
    column = [
        numbers.setdefault(
            ProgramColumn(circuit.program, cell_of.get(circuit.district, ""), tuple(rules)), len(numbers)
        )
        for circuit, rules in zip(circuits, inside, strict=True)
    ]
    return tuple(numbers), column


def _trait(site: Site, circuit: Circuit, column: int) -> Trait:
    types = [site.luminaire_types[group.luminaire_type] for group in circuit.lamps]
    return Trait(
        column=column,
        floor_pct=floor_level_pct(circuit, site),
        minimum_pct=minimum_level_pct(site, circuit),
        warm_up_ms=warm_up_ms(site, circuit),
        restrike_ms=restrike_ms(site, circuit),
        min_on_ms=_ms(max((kind.min_on_s for kind in types), default=0.0)),
        min_off_ms=_ms(max((kind.min_off_s for kind in types), default=0.0)),
        section=circuit.traffic_section,
        design_class=circuit.design_class,
        lowest_class=circuit.lowest_class,
        maintained_level=circuit.maintained_level,
        never_dim=circuit.never_dim,
    )


def _stagger_ms(site: Site, count: int) -> NDArray[np.int64]:
    """Return how much earlier each circuit comes on: spread evenly, neighbours in the table far from each other."""
    wanted_s = site.control.dusk_stagger_s
    if wanted_s is None:
        wanted_s = DEFAULT_STAGGER_S if count >= STAGGERED_FROM_CIRCUITS else 0.0
    # The fractional parts of multiples of the golden ratio fill the span evenly at every length (Weyl's sequence).
    share = np.arange(count, dtype=np.float64) * _GOLDEN % 1.0
    return np.asarray(np.round(share * wanted_s * 1000), dtype=np.int64)


_GOLDEN = 0.6180339887498949


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


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
    return _ms(max((kind.warm_up_s for kind in types), default=0.0))


def restrike_ms(site: Site, circuit: Circuit) -> int:
    """Return how long the circuit's hottest lamps, switched off a moment ago, need before they light again."""
    types = [site.luminaire_types[group.luminaire_type] for group in circuit.lamps]
    return _ms(max((kind.restrike_s for kind in types), default=0.0))
