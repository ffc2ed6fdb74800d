"""What a decision is told beside the site, the instants and the instructions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lighting.schedule.inputs import Inputs

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is known of the world beside the site and the clock. Arrays are in the order of ``site.circuits``.

    ``local_control``: (n_circuits,) bool. ``on_since_ms``: (n_circuits,) int64, −1 where off or unknown; None in a
    plan (there it follows from the plan itself). ``clock_doubted`` leaves a believed photocell or full light below
    lockout and local control.
    """

    local_control: NDArray[np.bool_] | None = None
    on_since_ms: NDArray[np.int64] | None = None
    clock_doubted: bool = False
    inputs: Inputs = field(default_factory=Inputs)
