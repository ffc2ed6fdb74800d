"""A lighting night drawn beforehand, by the very decision that will rule it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from lighting.assets.model import Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, decide_circuits
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction
from lighting.schedule.night import night_span_ms


def plan_night(
    site: Site,
    night: date,
    instructions: Sequence[Instruction],
    step_s: float = 60.0,
    circuit_ids: Sequence[str] | None = None,
    *,
    inputs: Inputs | None = None,
) -> Decisions:
    """Return the decisions of a lighting night from its noon, every ``step_s`` seconds, until the next noon (excluded).

    Columns are the given circuits in their order, or all. ``inputs`` are what the senses said and are expected to say;
    nothing is known yet of local control, of lamps that are on before the night, or of a doubted clock. Raises KeyError
    for an unknown circuit, ValueError for a step under 1 ms.
    """
    step_ms = round(step_s * 1000)
    if step_ms < 1:
        raise ValueError(f"a plan's step is at least 0.001 s, not {step_s}")
    start_ms, end_ms = night_span_ms(night, site.timezone)
    at_ms = np.arange(start_ms, end_ms, step_ms, dtype=np.int64)
    return decide_circuits(site, at_ms, instructions, Conditions(inputs=inputs or Inputs()), circuit_ids)
