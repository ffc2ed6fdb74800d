"""The one decision function: which level each circuit should have at given instants, and because of what.

Used live (one instant), for tonight's plan and for a replay (many instants). Pure: time is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.instructions import Instruction
from lighting.schedule.site_index import site_index
from lighting.schedule.spreading import EarlyRows, spread
from lighting.schedule.sun import is_dark
from lighting.schedule.worked import positions_of, worked_out

Levels = NDArray[np.float32]


@dataclass(frozen=True)
class Decisions:
    """What was decided. ``level_pct`` (n_steps, n_circuits) is NaN where nothing may be written (lockout, local
    control).

    ``causes`` are facts such as ``override_in_force(id, by, until_ms)``; ``cause`` indexes them. Layer, cause and
    darkness are kept for each kind (n_steps, n_kinds) and spread over the circuits when asked for.
    """

    at_ms: NDArray[np.int64]
    level_pct: Levels
    causes: tuple[Fact, ...]
    of_circuit: NDArray[np.intp]
    kind_layer: NDArray[np.uint8]
    kind_cause: NDArray[np.int32]
    kind_dark: NDArray[np.bool_]
    kind_target: Levels
    early: tuple[EarlyRows, ...] = ()

    @cached_property
    def layer(self) -> NDArray[np.uint8]:
        """(n_steps, n_circuits)"""
        layer = self.kind_layer[:, self.of_circuit]
        for rows in self.early:
            layer[rows.row, rows.columns] = rows.layer
        return layer

    @cached_property
    def cause(self) -> NDArray[np.int32]:
        """(n_steps, n_circuits)"""
        cause = self.kind_cause[:, self.of_circuit]
        for rows in self.early:
            cause[rows.row, rows.columns] = rows.cause
        return cause

    @cached_property
    def target_pct(self) -> Levels:
        """(n_steps, n_circuits): where a level goes that is on its way down, or that warming up keeps at full."""
        return self.kind_target[:, self.of_circuit]

    @cached_property
    def dark(self) -> NDArray[np.bool_]:
        """(n_steps, n_circuits): by the sun, or by a believed photocell in its district."""
        return self.kind_dark[:, self.of_circuit]


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
    circuits = None if circuit_ids is None else positions_of(index, circuit_ids)
    worked = worked_out(index, at_ms, instructions, conditions, circuits)
    level, early = spread(worked, circuits, conditions)
    asked = worked.grid.asked
    # The grid reaches further than what was asked about: causes that only it knows are left out.
    cause = worked.laid.cause[asked]
    used = np.unique(np.concatenate([cause.ravel(), *(rows.cause for rows in early)]))
    number = np.zeros(len(worked.causes.facts) + 1, dtype=np.int32)
    number[used] = np.arange(used.size, dtype=np.int32)
    return Decisions(
        at_ms=at_ms,
        level_pct=level,
        causes=tuple(worked.causes.facts[i] for i in used.tolist()),
        of_circuit=worked.kinds.of_circuit,
        kind_layer=worked.laid.layer[asked],
        kind_cause=number[cause],
        kind_dark=worked.laid.dark[asked],
        kind_target=worked.stages.kept[asked],
        early=tuple(replace(rows, cause=number[rows.cause]) for rows in early),
    )


def dark_at(site: Site, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return when it is dark at the site: the sun is under its ``dusk_elevation_deg``. (n_steps,) bool."""
    return is_dark(at_ms, site.latitude_deg, site.longitude_deg, site.control.dusk_elevation_deg)
