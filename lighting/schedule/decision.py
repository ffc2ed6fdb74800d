"""The one decision function: which level each circuit should have at given instants, and because of what.

Used live (one instant), for tonight's plan and for a replay (many instants). Pure: time is given.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.schedule.instructions import (
    Instruction,
    Layer,
    asked_pct,
    covers,
    instruction_fact,
    is_in_force,
    weakest_first,
)
from lighting.schedule.layering import Causes, Kinds, Layered, laid_layers, lay_programs, nights_of
from lighting.schedule.shaping import with_floor, with_minimum, with_warm_up
from lighting.schedule.site_index import SiteIndex, site_index
from lighting.schedule.sun import is_dark


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is known of the world beside the site and the clock. Arrays are in the order of ``site.circuits``.

    ``local_control``: (n_circuits,) bool. ``on_since_ms``: (n_circuits,) int64, −1 where off or unknown; None in a plan
    (there it follows from the plan itself). ``clock_doubted`` forces full light below lockout and local control.
    """

    local_control: NDArray[np.bool_] | None = None
    on_since_ms: NDArray[np.int64] | None = None
    clock_doubted: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """Columns, each (n_steps, n_circuits). ``level_pct`` is NaN where nothing may be written (lockout, local control).

    ``cause`` indexes ``causes``: facts such as ``override_in_force(id, by, until_ms)``.
    """

    at_ms: NDArray[np.int64]
    level_pct: NDArray[np.float32]
    layer: NDArray[np.uint8]
    cause: NDArray[np.int32]
    causes: tuple[Fact, ...]
    dark: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One layer or shaping step of a circuit's trail. ``ruled`` marks what set the level that stands."""

    layer: Layer | None
    fact: Fact
    ruled: bool
    level_pct: float | None


def decide(
    site: Site,
    at_ms: NDArray[np.int64],
    instructions: Sequence[Instruction],
    conditions: Conditions,
) -> Decisions:
    """Decide the level of every circuit of ``site`` at each instant of ``at_ms`` (UTC milliseconds, ascending).

    ``layer`` and ``cause`` name who rules. Where the floor raises what a program asks, the cause is
    ``raised_to_floor``; an instruction stays the cause whatever shaping makes of its level.
    """
    return decide_circuits(site, at_ms, instructions, conditions, None)


def decide_circuits(
    site: Site,
    at_ms: NDArray[np.int64],
    instructions: Sequence[Instruction],
    conditions: Conditions,
    circuit_ids: Sequence[str] | None,
) -> Decisions:
    """Decide as `decide` does, for some circuits in the given order; None is every circuit. ``conditions`` are of all.

    Raises KeyError for a circuit that the site does not have, ValueError for instants that do not ascend.
    """
    at_ms = np.asarray(at_ms, dtype=np.int64)
    if (np.diff(at_ms) < 0).any():
        raise ValueError("the instants of a decision ascend")
    index = site_index(site)
    circuits = positions_of(index, circuit_ids)
    dark = dark_at(site, at_ms)
    causes = Causes()
    laid, kinds = laid_layers(
        index,
        at_ms,
        dark,
        instructions,
        circuits,
        conditions.local_control,
        causes,
        clock_doubted=conditions.clock_doubted,
    )
    level = _shaped(index, laid, kinds, dark, causes)
    of_circuit = kinds.of_circuit
    if conditions.on_since_ms is None:
        level = with_warm_up(level, at_ms, index.warm_up_ms[kinds.example], None)[:, of_circuit]
    else:
        level = with_warm_up(level[:, of_circuit], at_ms, index.warm_up_ms[circuits], conditions.on_since_ms[circuits])
    return Decisions(
        at_ms=at_ms,
        level_pct=level,
        layer=laid.layer[:, of_circuit],
        cause=laid.cause[:, of_circuit],
        causes=tuple(causes.facts),
        dark=np.broadcast_to(dark[:, None], level.shape),
    )


def positions_of(index: SiteIndex, circuit_ids: Sequence[str] | None) -> NDArray[np.intp]:
    """Return the positions of circuits in ``site.circuits``; of all for None."""
    if circuit_ids is None:
        return np.arange(len(index.ids), dtype=np.intp)
    return np.array([index.position[circuit_id] for circuit_id in circuit_ids], dtype=np.intp)


def dark_at(site: Site, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return when it is dark at the site: the sun is under its ``dusk_elevation_deg``. (n_steps,) bool."""
    return is_dark(at_ms, site.latitude_deg, site.longitude_deg, site.control.dusk_elevation_deg)


def _shaped(
    index: SiteIndex, laid: Layered, kinds: Kinds, dark: NDArray[np.bool_], causes: Causes
) -> NDArray[np.float32]:
    """Return the levels with floor and lamp minimum; a program raised to the floor changes its cause."""
    floor = index.floor_pct[kinds.example]
    raised = with_floor(laid.level_pct, floor, dark[:, None], laid.may_be_under)
    by_floor = (raised > laid.level_pct) & (laid.layer >= Layer.PROGRAM)
    for column in np.flatnonzero(by_floor.any(axis=0)).tolist():
        steps = by_floor[:, column]
        for cause in np.unique(laid.cause[steps, column]).tolist():
            here = steps & (laid.cause[:, column] == cause)
            asked_pct = float(laid.level_pct[here, column][0])
            fact = floor_fact(causes.facts[cause], asked_pct, float(floor[column]))
            laid.cause[here, column] = causes.number(fact)
    return with_minimum(raised, index.minimum_pct[kinds.example])


def floor_fact(asked_by: Fact, asked_pct: float, floor_pct: float) -> Fact:
    """Return the reason of a level that the floor raised, with the program whose level it replaces."""
    values = {"floor_pct": floor_pct, "asked_pct": asked_pct, "program": asked_by.values.get("program", "")}
    return Fact("raised_to_floor", values)


def trail(
    site: Site, circuit_id: str, at_ms: int, instructions: Sequence[Instruction], conditions: Conditions
) -> tuple[TrailEntry, ...]:
    """Why that circuit has its level at that instant: every layer that had a say, strongest first, then shaping.

    ``ruled`` marks the layer that rules and each shaping that changed its level; the last of them gives the level that
    stands. Instructions that a newer or a stronger one sets aside are listed unmarked. Raises KeyError for a circuit
    that the site does not have.
    """
    instant = np.array([at_ms], dtype=np.int64)
    index = site_index(site)
    position = index.position[circuit_id]
    dark = dark_at(site, instant)
    doubted = conditions.clock_doubted
    entries = [
        TrailEntry(note.layer, instruction_fact(note), False, asked_pct(note))
        for note in reversed(weakest_first(instructions))
        if covers(note, site.circuits[circuit_id]) and is_in_force(note, at_ms, clock_doubted=doubted)
    ]
    if conditions.local_control is not None and conditions.local_control[position]:
        entries.append(TrailEntry(Layer.LOCAL_CONTROL, Fact("local_control"), False, None))
    entries.sort(key=lambda entry: entry.layer or 0)
    if doubted:
        above = sum(entry.layer in (Layer.LOCKOUT, Layer.LOCAL_CONTROL) for entry in entries)
        entries.insert(above, TrailEntry(Layer.FALLBACK, Fact("clock_doubted"), False, 100.0))
    entries += _program_entries(index, instant, position, dark)
    return tuple(_ruled(index, position, instant, dark, entries, instructions, conditions))


def _program_entries(
    index: SiteIndex, instant: NDArray[np.int64], position: int, dark: NDArray[np.bool_]
) -> list[TrailEntry]:
    """Return the calendar's rule, where one changes the program, and the program's or the fallback's own say."""
    causes = Causes()
    ((_, night),) = nights_of(index, instant)
    column = int(index.own_program[position])
    own, used = index.own_programs[column], night.used[column]
    entries = []
    if night.rule is not None and used != own:
        values = {"rule": night.rule.name, "program": used, "own_program": own, "night": night.sun.night.isoformat()}
        entries.append(TrailEntry(Layer.PROGRAM, Fact("calendar_rule", values), False, None))
    laid = lay_programs(index, instant, dark, causes)
    layer, fact = Layer(int(laid.layer[0, column])), causes.facts[int(laid.cause[0, column])]
    return [*entries, TrailEntry(layer, fact, False, float(laid.level_pct[0, column]))]


def _ruled(
    index: SiteIndex,
    position: int,
    instant: NDArray[np.int64],
    dark: NDArray[np.bool_],
    entries: list[TrailEntry],
    instructions: Sequence[Instruction],
    conditions: Conditions,
) -> list[TrailEntry]:
    """Return the entries with the ruling one marked, followed by the shaping that changed its level."""
    causes = Causes()
    at = np.array([position], dtype=np.intp)
    laid, _ = laid_layers(
        index,
        instant,
        dark,
        instructions,
        at,
        conditions.local_control,
        causes,
        clock_doubted=conditions.clock_doubted,
    )
    fact, level_pct = causes.facts[int(laid.cause[0, 0])], _level(laid.level_pct)
    ruling = next(i for i, entry in enumerate(entries) if entry.fact == fact)
    marked = dataclasses.replace(entries[ruling], ruled=True, level_pct=level_pct)
    shaping = _shaping_entries(index, at, instant, dark, laid, fact, conditions)
    return [*entries[:ruling], marked, *entries[ruling + 1 :], *shaping]


def _shaping_entries(
    index: SiteIndex,
    at: NDArray[np.intp],
    instant: NDArray[np.int64],
    dark: NDArray[np.bool_],
    laid: Layered,
    ruling: Fact,
    conditions: Conditions,
) -> list[TrailEntry]:
    on_since = None if conditions.on_since_ms is None else conditions.on_since_ms[at]
    asked = laid.level_pct
    floored = with_floor(asked, index.floor_pct[at], dark[:, None], laid.may_be_under)
    kept = with_minimum(floored, index.minimum_pct[at])
    warm = with_warm_up(kept, instant, index.warm_up_ms[at], on_since)
    entries = []
    if floored[0, 0] > asked[0, 0]:
        fact = floor_fact(ruling, float(asked[0, 0]), float(index.floor_pct[at][0]))
        entries.append(TrailEntry(None, fact, True, _level(floored)))
    if kept[0, 0] > floored[0, 0]:
        values = {"minimum_pct": float(index.minimum_pct[at][0]), "asked_pct": float(floored[0, 0])}
        entries.append(TrailEntry(None, Fact("raised_to_minimum", values), True, _level(kept)))
    if warm[0, 0] > kept[0, 0]:
        since_ms = -1 if on_since is None else int(on_since[0])
        until_ms = (since_ms if since_ms >= 0 else int(instant[0])) + int(index.warm_up_ms[at][0])
        entries.append(TrailEntry(None, Fact("warming_up", {"until_ms": until_ms}), True, _level(warm)))
    return entries


def _level(level_pct: NDArray[np.float32]) -> float | None:
    value = float(level_pct[0, 0])
    return None if np.isnan(value) else value
