"""Circuits of a replay sorted by what cannot be told apart: kinds for the level, cells for the power.

A *kind* is a trait of the site with a light-output factor. Traffic chooses the class in adaptive steps: a kind is
therefore worked out once for each number of classes that the traffic may take away, with traffic that never changes,
and what its own section counted picks among them step by step. A *cell* is one luminaire type on circuits of one kind,
with or without a contactor that cuts its standby power.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lighting.assets.lighting_classes import CLASS_LEVELS
from lighting.assets.model import LuminaireType, Site
from lighting.energy.luminaire_power import power_w
from lighting.schedule.class_levels import level_of_class
from lighting.schedule.inputs import Inputs
from lighting.schedule.kinds import Kinds
from lighting.schedule.site_index import AgedKinds, SiteIndex, Trait
from lighting.schedule.stages import Figures, figures_of
from lighting.schedule.traffic_layer import class_pct

NEVER = -1
Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lamps:
    """Every lamp group of the site: (n_groups,) position of the circuit, number of lamps, number of the type.

    ``has_relay`` (n_circuits,): standby is cut where the circuit is off.
    """

    circuit: Ints
    count: Floats
    kind: Ints
    types: tuple[LuminaireType, ...]
    has_relay: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cells:
    """(n_cells,) each: ``kind`` it is of, ``standby_w`` of one lamp, ``lamps`` on all its circuits, and ``stagger_ms``
    times lamps summed over them.

    ``of_group`` numbers the cells of the lamp groups. ``tried`` (n_values, n_cells) is the column of the table of power
    for each value of the traffic; ``columns`` has, for each luminaire type, those of its columns, and of which level
    each is made.
    """

    kind: Ints
    standby_w: Floats
    lamps: Floats
    stagger_ms: Floats
    of_group: Ints
    tried: Ints
    columns: tuple[tuple[LuminaireType, Ints, Ints], ...]
    n_columns: int

    def lit_w(self, level_pct: NDArray[np.float32]) -> Floats:
        """Return the table of power of one lamp that is lit, (n_columns, n_rows) in W, 0 where it is off, from levels
        (n_rows, n_tried).
        """
        table = np.zeros((self.n_columns, len(level_pct)))
        by_column = np.ascontiguousarray(level_pct.T, dtype=np.float64)
        for kind, places, tried in self.columns:
            level = by_column[tried]
            table[places] = np.where(level > 0, power_w(kind, level), 0.0)
        return table


@dataclass(frozen=True, slots=True)
class Cast:
    """The kinds and cells of a site at one age of its lamps.

    ``index``, ``kinds``, ``figures`` and ``inputs`` are what the decision is given; its columns are called *tried*.
    ``steps_down`` (n_values,) are the numbers of classes that traffic may take away. Of kinds, (n_kinds,):
    ``of_circuit`` numbers those of the circuits, ``section`` indexes ``sections`` (0 is none), ``tried``
    (n_values, n_kinds) is the column for each value. Of what is tried, (n_tried,): ``class_pct`` is the
    level while traffic takes that many classes away, NaN without a section; ``design_pct`` is the level of the design
    class, 0 where that is not known.
    """

    index: SiteIndex
    kinds: Kinds
    figures: Figures
    inputs: Inputs
    steps_down: NDArray[np.int8]
    sections: tuple[str, ...]
    of_circuit: Ints
    section: Ints
    tried: Ints
    class_pct: NDArray[np.float32]
    design_pct: NDArray[np.float32]
    cells: Cells


def lamps_of(site: Site) -> Lamps:
    """Return the lamp groups of every circuit."""
    number = {name: at for at, name in enumerate(site.luminaire_types)}
    rows = [
        (at, group.count, number[group.luminaire_type])
        for at, circuit in enumerate(site.circuits.values())
        for group in circuit.lamps
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Lamps(
        circuit=table[:, 0].astype(np.intp),
        count=table[:, 1].astype(np.float64),
        kind=table[:, 2].astype(np.intp),
        types=tuple(site.luminaire_types.values()),
        has_relay=np.array([circuit.relay is not None for circuit in site.circuits.values()], dtype=np.bool_),
    )


def steps_down_of(index: SiteIndex, inputs: Inputs) -> NDArray[np.int8]:
    """Return the numbers of classes that traffic takes away somewhere; what is not known takes none."""
    sections = {trait.section for trait in index.traits if trait.section}
    values = [np.unique(known.value) for name, known in inputs.traffic.items() if name in sections]
    found = np.unique(np.concatenate([np.zeros(1, dtype=np.int8), *values]))
    return found[found >= 0]


def cast_of(index: SiteIndex, aged: AgedKinds, lamps: Lamps, inputs: Inputs, steps_down: NDArray[np.int8]) -> Cast:
    """Sort the circuits of a site at one age."""
    adaptive = _adaptive_columns(index)
    sections: dict[str, int] = {"": 0}
    numbers: dict[tuple[Trait, float, int], int] = {}
    traits: list[Trait] = []
    shares: list[float] = []
    class_pcts: list[float] = []
    section = np.zeros(len(aged.trait), dtype=np.intp)
    tried = np.zeros((len(steps_down), len(aged.trait)), dtype=np.intp)
    for kind, (trait_number, share) in enumerate(zip(aged.trait.tolist(), aged.output_share.tolist(), strict=True)):
        trait = index.traits[trait_number]
        follows = bool(trait.section) and trait.column in adaptive
        if follows:
            section[kind] = sections.setdefault(trait.section, len(sections))
        alike = replace(trait, section="")
        for row, down in enumerate(steps_down.tolist()):
            column = numbers.setdefault((alike, share, down if follows else NEVER), len(numbers))
            if column == len(traits):
                traits.append(alike)
                shares.append(share)
                class_pcts.append(class_pct(alike, down) if follows else np.nan)
            tried[row, kind] = column
    # Side by side where they follow one program: the decision lays each program over a slice.
    order = sorted(range(len(traits)), key=lambda number: traits[number].column)
    traits, shares = [traits[number] for number in order], [shares[number] for number in order]
    tried = np.argsort(order)[tried]
    kinds = Kinds(
        of_circuit=np.arange(len(traits), dtype=np.intp),
        trait=np.arange(len(traits), dtype=np.intp),
        output_share=np.array(shares, dtype=np.float32),
        in_scope=np.zeros((0, len(traits)), dtype=np.bool_),
        local=np.zeros(len(traits), dtype=np.bool_),
    )
    ours = replace(index, traits=tuple(traits), levels_down={})
    return Cast(
        index=ours,
        kinds=kinds,
        figures=figures_of(ours, kinds),
        inputs=Inputs(photocells=inputs.photocells),
        class_pct=np.array(class_pcts, dtype=np.float32)[order],
        steps_down=steps_down,
        sections=tuple(sections),
        of_circuit=aged.of_circuit,
        section=section,
        tried=tried,
        design_pct=np.array([_design_pct(trait) for trait in traits], dtype=np.float32),
        cells=_cells(index, aged.of_circuit, lamps, tried),
    )


def _adaptive_columns(index: SiteIndex) -> frozenset[int]:
    """Return the program columns in which some night may have an adaptive step."""
    adaptive = {name for name, program in index.site.programs.items() if any(step.adaptive for step in program.steps)}
    used = {name for rule in index.site.calendar.rules for name in rule.use.values()}
    if used & adaptive:
        return frozenset(range(len(index.columns)))
    return frozenset(number for number, column in enumerate(index.columns) if column.own_program in adaptive)


def _design_pct(trait: Trait) -> float:
    """The level that gives the design class; 0 where it is not known."""
    if trait.design_class not in CLASS_LEVELS or not trait.maintained_level:
        return 0.0
    return level_of_class(trait, trait.design_class)


def _cells(index: SiteIndex, of_circuit: Ints, lamps: Lamps, tried: Ints) -> Cells:
    n_types = max(1, len(lamps.types))
    relay = lamps.has_relay[lamps.circuit].astype(np.intp)
    codes, of_group = np.unique((of_circuit[lamps.circuit] * n_types + lamps.kind) * 2 + relay, return_inverse=True)
    kind, number, is_cut = codes // (2 * n_types), codes // 2 % n_types, codes % 2 == 1
    standby = np.array([kind.standby_w for kind in lamps.types], dtype=np.float64)
    wanted = tried[:, kind] * n_types + number
    lead_ms = lamps.count * index.stagger_ms[lamps.circuit]
    known, place = np.unique(wanted, return_inverse=True)
    columns = []
    for at, luminaire in enumerate(lamps.types):
        places = np.flatnonzero(known % n_types == at)
        if places.size:
            columns.append((luminaire, places, known[places] // n_types))
    return Cells(
        kind=kind.astype(np.intp),
        standby_w=np.where(is_cut, 0.0, standby[number]),
        lamps=np.bincount(of_group, lamps.count, minlength=len(codes)).astype(np.float64),
        stagger_ms=np.bincount(of_group, lead_ms, minlength=len(codes)).astype(np.float64),
        of_group=of_group.astype(np.intp),
        tried=place.reshape(wanted.shape).astype(np.intp),
        columns=tuple(columns),
        n_columns=len(known),
    )
