"""What a change of the site would do to the coming night and to a year, by the very decision that will rule them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.desk.comparing import renamed_of
from lighting.desk.revision_answers import Effects, NightChange, Proposal, YearChange
from lighting.desk.whatif import YEAR_NIGHTS, year_of
from lighting.energy.luminaire_power import CircuitPower
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import Decisions, dark_at, decide_circuits
from lighting.schedule.instructions import Instruction
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.site_index import site_index

STEP_S = 60
MOST_CELLS = 1_500_000
"""Instants times circuits of both sides: a city that has more is looked at in longer steps, so that nobody waits."""
LONGEST_STEP_S = 600
MOST_KINDS = 500
"""Of more different circuits a year takes longer than a person waits for an answer: ``lighting whatif`` has a bar."""
CHUNK = 2_000
_LEAST_PCT = 0.5
_LEAST_MEAN_PCT = 0.05

Levels = NDArray[np.float64]
Progress = Callable[[float], None]


def effects_of(
    proposal: Proposal,
    instructions: Sequence[Instruction],
    now_ms: int,
    *,
    year: bool = True,
    progress: Progress = lambda share: None,
) -> Effects:
    """What a proposal would do to light and energy; nothing where there is nothing to compare it with."""
    comparison = proposal.comparison
    if comparison is None or comparison.before.site is None or comparison.after.site is None:
        return Effects()
    before, after = comparison.before.site, comparison.after.site
    wanted = year and any(one.circuits for one in comparison.differences)
    share = _NIGHT_SHARE if wanted else 1.0
    night = night_change(
        before,
        after,
        instructions,
        now_ms=now_ms,
        renamed=renamed_of(comparison.differences),
        progress=lambda done: progress(done * share),
    )
    if not wanted:
        return Effects(night)
    if max(_kinds(before), _kinds(after)) > MOST_KINDS:
        return Effects(night, year_left_out=True)
    first = coming_night(after, now_ms)
    return Effects(night, year_change(before, after, first, lambda done: progress(share + done * (1 - share))))


def year_change(before: Site, after: Site, night: date, progress: Progress = lambda share: None) -> YearChange:
    """The energy of a year from a night on, by the rules alone: adaptive steps have the design class in both."""
    progress(0.0)
    was = year_of(before, night=night)
    progress(0.5)
    will = year_of(after, night=night)
    same_money = was.currency == will.currency
    return YearChange(
        first_night=night.isoformat(),
        nights=YEAR_NIGHTS,
        before_kwh=was.energy_kwh,
        after_kwh=will.energy_kwh,
        before_money=was.money if same_money else None,
        after_money=will.money if same_money else None,
        currency=will.currency if same_money else "",
    )


def _kinds(site: Site) -> int:
    return len(site_index(site).traits)


_NIGHT_SHARE = 0.3


@dataclass(slots=True)
class _Sums:
    """Sums over circuits, a chunk at a time. ``weighted_pct`` over ``weight_w`` is the mean level in the dark."""

    energy_kwh: float = 0.0
    weighted_pct: float = 0.0
    weight_w: float = 0.0

    @property
    def mean_pct(self) -> float | None:
        return self.weighted_pct / self.weight_w if self.weight_w > 0 else None


def coming_night(site: Site, now_ms: int) -> date:
    """The lighting night that a change at this moment is about: the present one while any of it is still dark."""
    night = night_of(now_ms, site.timezone)
    end_ms = night_span_ms(night, site.timezone)[1]
    ahead = np.arange(now_ms, end_ms, 300_000, dtype=np.int64)
    return night if dark_at(site, ahead).any() else night + timedelta(days=1)


def night_change(
    before: Site,
    after: Site,
    instructions: Sequence[Instruction],
    *,
    now_ms: int,
    renamed: Mapping[str, str],
    progress: Progress = lambda share: None,
) -> NightChange:
    """The coming night from now on, before and after. ``renamed`` has old ids of circuits by their new ones."""
    night = coming_night(after, now_ms)
    start_ms, end_ms = night_span_ms(night, after.timezone)
    step_ms = _step_ms(before, after)
    # Whole steps of the night, so that the moments of the plan are seen and not those of this look.
    first_ms = max(start_ms, start_ms + -(-(now_ms - start_ms) // step_ms) * step_ms)
    at_ms = np.arange(first_ms, end_ms, step_ms, dtype=np.int64)
    look = _Look(before, after, instructions, at_ms, step_ms, renamed)
    ids = [*after.circuits, *(one for one in before.circuits if one not in look.kept)]
    for first in range(0, len(ids), CHUNK):
        progress(first / max(1, len(ids)))
        look.take(ids[first : first + CHUNK])
    return NightChange(
        night=night.isoformat(),
        from_ms=int(at_ms[0]) if at_ms.size else now_ms,
        circuits=look.circuits,
        darker=look.darker,
        brighter=look.brighter,
        first_ms=look.first_ms,
        before_kwh=look.was.energy_kwh,
        after_kwh=look.will.energy_kwh,
        before_pct=look.was.mean_pct,
        after_pct=look.will.mean_pct,
    )


def _step_ms(before: Site, after: Site) -> int:
    circuits = max(1, len(before.circuits) + len(after.circuits))
    minutes = -(-1440 * circuits // MOST_CELLS)
    return 1000 * min(LONGEST_STEP_S, STEP_S * max(1, minutes))


class _Look:
    """Both plans beside each other, some circuits at a time."""

    def __init__(
        self,
        before: Site,
        after: Site,
        instructions: Sequence[Instruction],
        at_ms: NDArray[np.int64],
        step_ms: int,
        renamed: Mapping[str, str],
    ) -> None:
        self._before, self._after = before, after
        self._instructions = instructions
        self._at_ms = at_ms
        self._hours = step_ms / 3_600_000
        self._old_id = {one: renamed.get(one, one) for one in after.circuits}
        self.kept = {old for old in self._old_id.values() if old in before.circuits}
        self.was, self.will = _Sums(), _Sums()
        self.circuits = self.darker = self.brighter = 0
        self.first_ms: int | None = None

    def take(self, ids: Sequence[str]) -> None:
        """Add some circuits: those that are in both are compared, the others are counted on their side alone."""
        both = [one for one in ids if self._old_id.get(one) in self._before.circuits]
        if both:
            old = [self._old_id[one] for one in both]
            was, will = self._levels(self._before, old, self.was), self._levels(self._after, both, self.will)
            self._compare(was, will)
        new = [one for one in ids if one in self._old_id and self._old_id[one] not in self._before.circuits]
        gone = [one for one in ids if one not in self._old_id]
        for site, alone, sums in ((self._after, new, self.will), (self._before, gone, self.was)):
            if alone:
                levels = self._levels(site, alone, sums)
                other = np.zeros_like(levels)
                self._compare(*((other, levels) if site is self._after else (levels, other)))

    def _levels(self, site: Site, ids: Sequence[str], sums: _Sums) -> Levels:
        decided = decide_circuits(site, self._at_ms, self._instructions, Conditions(), ids)
        self._sum(site, ids, decided, sums)
        return decided.level_pct.astype(np.float64)

    def _sum(self, site: Site, ids: Sequence[str], decided: Decisions, sums: _Sums) -> None:
        power = CircuitPower(replace(site, circuits={one: site.circuits[one] for one in ids}))
        levels = decided.level_pct.astype(np.float64)
        sums.energy_kwh += float(np.nansum(power.expected_w(levels))) * self._hours / 1000
        weight = np.where(decided.dark & ~np.isnan(levels), power.full_w(), 0.0)
        sums.weighted_pct += float((np.nan_to_num(levels) * weight).sum())
        sums.weight_w += float(weight.sum())

    def _compare(self, was: Levels, will: Levels) -> None:
        ours = ~(np.isnan(was) | np.isnan(will))
        differs = ours & (np.abs(was - will) >= _LEAST_PCT)
        changed = differs.any(axis=0)
        if not changed.any():
            return
        self.circuits += int(changed.sum())
        mean = np.where(ours, will - was, 0.0)[:, changed].mean(axis=0)
        self.darker += int((mean < -_LEAST_MEAN_PCT).sum())
        self.brighter += int((mean > _LEAST_MEAN_PCT).sum())
        first_ms = int(self._at_ms[int(np.argmax(differs.any(axis=1)))])
        self.first_ms = first_ms if self.first_ms is None else min(first_ms, self.first_ms)
