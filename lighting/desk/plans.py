"""Tonight's plan, drawn by the same decision that rules live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.desk.answers import PlanChange, PlanSeries
from lighting.desk.scopes import CircuitIndex, not_found
from lighting.desk.times import known_night
from lighting.schedule.decision import Decisions
from lighting.schedule.instructions import Instruction
from lighting.schedule.night import night_of
from lighting.schedule.plan import plan_night


def night_wanted(site: Site, text: str | None, now_ms: int) -> date:
    """The lighting night named by its evening's ISO date; the present one where none is named."""
    if text is None:
        return night_of(now_ms, site.timezone)
    return known_night(text)


def planned(
    site: Site,
    circuit_ids: Sequence[str],
    instructions: Sequence[Instruction],
    *,
    night: date,
    step_s: int,
) -> Decisions:
    """The decisions of these circuits over a night. Raises ``NotFound`` for one that the site has not."""
    for circuit_id in circuit_ids:
        if circuit_id not in site.circuits:
            raise not_found("circuit", circuit_id, list(site.circuits))
    return plan_night(site, night, instructions, step_s, tuple(circuit_ids))


def series(circuit_ids: Sequence[str], decisions: Decisions) -> PlanSeries:
    """The levels alone, as they are drawn."""
    return PlanSeries(tuple(circuit_ids), decisions.at_ms, decisions.level_pct)


def changes(decisions: Decisions, column: int) -> tuple[PlanChange, ...]:
    """Each moment at which the level or its cause changes, the first instant included."""
    level_pct, cause = decisions.level_pct[:, column], decisions.cause[:, column]
    same_level = (level_pct[1:] == level_pct[:-1]) | (np.isnan(level_pct[1:]) & np.isnan(level_pct[:-1]))
    steps = np.flatnonzero(np.concatenate(([True], ~same_level | (cause[1:] != cause[:-1]))))
    return tuple(
        PlanChange(int(decisions.at_ms[step]), _level(float(level_pct[step])), decisions.causes[int(cause[step])])
        for step in steps
    )


def _level(value_pct: float) -> float | None:
    return None if np.isnan(value_pct) else value_pct


def city_mean(index: CircuitIndex, decisions: Decisions) -> PlanSeries:
    """One column: the mean level weighted by rated power; circuits that are not ours to write are left out."""
    level_pct = decisions.level_pct
    weight: NDArray[np.float32] = index.rated_w.astype(np.float32)
    if not weight.sum() > 0:
        weight = np.ones(level_pct.shape[1], dtype=np.float32)
    ours = ~np.isnan(level_pct)
    total = np.where(ours, level_pct, 0.0) @ weight
    share = ours @ weight
    mean = np.divide(total, share, out=np.full(len(total), np.nan), where=share > 0)
    return PlanSeries(("city",), decisions.at_ms, mean.astype(np.float32)[:, None])
