"""The one decision function: which level each circuit should have at given instants, and because of what.

Used live (one instant), for tonight's plan and for a replay (many instants). Pure: time is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.schedule.instructions import Instruction, Layer


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
    """Decide the level of every circuit of ``site`` at each instant of ``at_ms`` (UTC milliseconds, ascending)."""
    raise NotImplementedError


def trail(
    site: Site, circuit_id: str, at_ms: int, instructions: Sequence[Instruction], conditions: Conditions
) -> tuple[TrailEntry, ...]:
    """Why that circuit has its level at that instant: every layer that had a say, strongest first, then shaping."""
    raise NotImplementedError
