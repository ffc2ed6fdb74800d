"""Tonight's plan, drawn by the same decision that rules live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.answers import PlanSeries
from lighting.desk.expected_traffic import expected_traffic
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import CircuitIndex, not_found
from lighting.desk.senses import BEFORE_MS, inputs_known
from lighting.desk.times import known_night, length_s
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, decide_circuits
from lighting.schedule.inputs import Inputs, Series
from lighting.schedule.instructions import Instruction
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.plan import plan_night
from lighting.schedule.plan_changes import NightChanges, night_changes
from lighting.store.store import Store


def night_wanted(site: Site, text: str | None, now_ms: int) -> date:
    """The lighting night named by its evening's ISO date; the present one where none is named."""
    if text is None:
        return night_of(now_ms, site.timezone)
    return known_night(text)


def senses_of_night(
    site: Site, store: Store | None, night: date, now_ms: int, expected: Mapping[str, Series] | None = None
) -> Inputs:
    """What the senses said in the part of a night that has been; of what is to come only what is ``expected``."""
    start_ms, end_ms = night_span_ms(night, site.timezone)
    return inputs_known(site, store, start_ms - BEFORE_MS, end_ms, now_ms=now_ms, expected=expected)


def expected_of_night(site: Site, store: Store | None, night: date, now_ms: int) -> dict[str, Series]:
    """What the typical weeks of the sections expect of the part of a night that is to come."""
    start_ms, end_ms = night_span_ms(night, site.timezone)
    if not site.traffic_sections or end_ms <= now_ms:
        return {}
    return expected_traffic(site, store, max(start_ms, now_ms), end_ms, learn_until_ms=now_ms)


def planned(
    site: Site,
    circuit_ids: Sequence[str],
    instructions: Sequence[Instruction],
    *,
    night: date,
    step_s: float,
    inputs: Inputs,
) -> Decisions:
    """The decisions of these circuits over a night. Raises ``NotFound`` for one that the site has not."""
    _known(site, circuit_ids)
    return plan_night(site, night, instructions, step_s, tuple(circuit_ids), inputs=inputs)


LEAST_STEP_S, MOST_STEP_S = 1.0, 43_200.0
_CELLS_AT_ONCE = 4_000_000
MOST_PRINTED = 20_000_000
"""Levels that are printed at most; more go into a file, a part of the night after the other."""


def step_wanted_s(text: str) -> float:
    """A step of the night in seconds: ``15m``, ``1h``. Raises ``WrongUsage`` for none, and outside 1 s to 12 h."""
    step_s = length_s(text)
    if not LEAST_STEP_S <= step_s <= MOST_STEP_S:
        raise WrongUsage(Fact("plan_step_out_of_range", {"found": text}))
    return step_s


def check_size(site: Site, circuits: int, night: date, step_s: float) -> None:
    """Refuse what would fill a terminal or a document with millions of levels. Raises ``WrongUsage``."""
    start_ms, end_ms = night_span_ms(night, site.timezone)
    steps = round((end_ms - start_ms) / 1000 / step_s)
    if steps * circuits > MOST_PRINTED:
        raise WrongUsage(Fact("plan_too_large", {"steps": steps, "circuits": circuits}))


def parts(
    site: Site,
    circuit_ids: Sequence[str],
    instructions: Sequence[Instruction],
    *,
    night: date,
    step_s: float,
    inputs: Inputs,
) -> Iterator[PlanSeries]:
    """The levels of a night in parts of it, one after the other: a city at every second fits into no memory."""
    _known(site, circuit_ids)
    start_ms, end_ms = night_span_ms(night, site.timezone)
    at_ms = np.arange(start_ms, end_ms, round(step_s * 1000), dtype=np.int64)
    rows = max(1, _CELLS_AT_ONCE // max(1, len(circuit_ids)))
    for begin in range(0, at_ms.size, rows):
        some = at_ms[begin : begin + rows]
        decided = decide_circuits(site, some, instructions, Conditions(inputs=inputs), tuple(circuit_ids))
        yield series(circuit_ids, decided)


def _known(site: Site, circuit_ids: Sequence[str]) -> None:
    for circuit_id in circuit_ids:
        if circuit_id not in site.circuits:
            raise not_found("circuit", circuit_id, list(site.circuits))


def series(circuit_ids: Sequence[str], decisions: Decisions) -> PlanSeries:
    """The levels alone, as they are drawn."""
    return PlanSeries(tuple(circuit_ids), decisions.at_ms, decisions.level_pct)


def changes(
    site: Site,
    circuit_ids: Sequence[str] | None,
    instructions: Sequence[Instruction],
    *,
    night: date,
    inputs: Inputs,
) -> NightChanges:
    """Each moment of a night at which the level or its cause changes, the first instant included; of all for None.

    Raises ``NotFound`` for a circuit that the site has not.
    """
    _known(site, circuit_ids or ())
    return night_changes(site, night, instructions, circuit_ids, inputs)


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
