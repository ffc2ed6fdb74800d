"""Tonight's plan, drawn by the same decision that rules live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.desk.answers import CityOutlook, PlanChange, PlanSeries
from lighting.desk.scopes import CircuitIndex, not_found
from lighting.desk.times import known_night
from lighting.schedule.decision import Conditions, Decisions, decide
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


_CHANGE_PCT = 1.0
_FINER_MS = (60_000, 1_000)


def outlook(
    site: Site, index: CircuitIndex, instructions: Sequence[Instruction], plan: PlanSeries, now_ms: int
) -> CityOutlook:
    """The city's level decided at this instant, and its next change: found in the plan's steps, then to the second."""

    def means(at_ms: NDArray[np.int64]) -> NDArray[np.float32]:
        return city_mean(index, decide(site, at_ms, instructions, Conditions())).level_pct[:, 0]

    now_pct = float(means(np.array([now_ms], dtype=np.int64))[0])
    later = plan.at_ms > now_ms
    changed = _differs(plan.level_pct[later, 0], now_pct)
    if not changed.any():
        return CityOutlook(_level(now_pct))
    step = int(np.argmax(changed))
    times = np.concatenate((np.array([now_ms], dtype=np.int64), plan.at_ms[later]))
    from_ms, until_ms = int(times[step]), int(times[step + 1])
    level_pct = float(plan.level_pct[later, 0][step])
    for finer_ms in _FINER_MS:
        at_ms = np.append(np.arange(from_ms, until_ms, finer_ms, dtype=np.int64), np.int64(until_ms))
        levels = means(at_ms)
        first = int(np.argmax(_differs(levels, now_pct)))
        from_ms, until_ms, level_pct = int(at_ms[max(0, first - 1)]), int(at_ms[first]), float(levels[first])
    return CityOutlook(_level(now_pct), until_ms, _level(level_pct))


def _differs(level_pct: NDArray[np.float32], from_pct: float) -> NDArray[np.bool_]:
    """Where it is another level by a percent or more; where it is ours and was not, or no more is."""
    unknown = np.isnan(level_pct)
    if np.isnan(from_pct):
        return ~unknown
    differs: NDArray[np.bool_] = unknown | (np.abs(level_pct - from_pct) >= _CHANGE_PCT)
    return differs
