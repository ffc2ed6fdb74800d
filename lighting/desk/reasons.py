"""Why a circuit has its level, now or in the past, by the same function that decided it."""

from __future__ import annotations

import dataclasses

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.folder import read_accepted
from lighting.assets.model import Site
from lighting.desk.answers import WhyAnswer
from lighting.desk.coming import coming_as_recorded, coming_from_plan
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import CircuitIndex
from lighting.desk.senses import BEFORE_MS, inputs_known
from lighting.desk.snapshot import Snapshot
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide_circuits
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.night import night_of
from lighting.schedule.plan_changes import LevelChange
from lighting.schedule.site_index import highest_level_pct
from lighting.schedule.trail import TrailEntry, trail
from lighting.store.records import CircuitState, DecisionChange
from lighting.store.store import Store

_SAME_LEVEL_PCT = 0.05
"""Nearer than this two decided levels are the same: what is stored has fewer digits than what is decided."""


_WITHOUT_END = (Layer.LOCKOUT, Layer.LOCAL_CONTROL)


def why_now(site: Site, index: CircuitIndex, seen: Snapshot, circuit_id: str, store: Store | None) -> WhyAnswer:
    """The trail of this instant. The level is decided anew: it is what the controller will write if it has not yet."""
    conditions = seen.conditions()
    level_pct = _level_at(site, circuit_id, seen.now_ms, seen.in_force, conditions)
    state = seen.states[index.position[circuit_id]]
    steps = trail(site, circuit_id, seen.now_ms, seen.in_force, conditions)
    falling, coming = _coming(site, circuit_id, seen, steps)
    return WhyAnswer(
        circuit_id=circuit_id,
        at_ms=seen.now_ms,
        level_pct=level_pct,
        state=state,
        trail=steps,
        read_before_change=_read_before_change(store, state, circuit_id, level_pct, steps, seen.now_ms),
        controller=seen.controller.life,
        held_at_pct=_held_at(site, circuit_id, _target_pct(steps, level_pct)),
        coming=coming,
        falling=falling,
    )


def _coming(
    site: Site, circuit_id: str, seen: Snapshot, steps: tuple[TrailEntry, ...]
) -> tuple[LevelChange | None, tuple[LevelChange, ...]]:
    """The way down that the level is on, and what the plan has next.

    Nothing where no clock tells when what rules now will end.
    """
    if any(step.ruled and (step.layer in _WITHOUT_END or step.fact.code.startswith("clock_doubted")) for step in steps):
        return None, ()
    return coming_from_plan(site, circuit_id, seen.now_ms, seen.in_force, seen.inputs)


def _held_at(site: Site, circuit_id: str, level_pct: float | None) -> float | None:
    highest_pct = highest_level_pct(site, site.circuits[circuit_id])
    return highest_pct if level_pct is not None and level_pct > highest_pct else None


def _read_before_change(
    store: Store | None,
    state: CircuitState | None,
    circuit_id: str,
    level_pct: float | None,
    steps: tuple[TrailEntry, ...],
    now_ms: int,
) -> bool:
    """Whether the devices were last read before the decision changed, or before the controller took it up."""
    if store is None or state is None or state.polled_ms is None:
        return False
    target_pct = _target_pct(steps, level_pct)
    on_its_way = target_pct != level_pct and _is_taken_up(state, steps)
    if state.pending or not (on_its_way or _same_level(state.desired_pct, target_pct)):
        return True
    decided = _recorded(store, circuit_id, now_ms)
    return decided is not None and state.polled_ms < decided.at_ms


def _target_pct(steps: tuple[TrailEntry, ...], level_pct: float | None) -> float | None:
    """The level that a ramp leads to; the present one where nothing falls."""
    found = [step.fact.values.get("target_pct") for step in steps if step.fact.code == "dimming_down"]
    return float(found[-1]) if found and isinstance(found[-1], (int, float)) else level_pct


def _is_taken_up(state: CircuitState, steps: tuple[TrailEntry, ...]) -> bool:
    """Whether the controller has decided by the same cause: while a level falls, it is always a tick behind."""
    cause = state.cause
    return any(
        step.ruled and step.fact.code == cause.code and step.fact.values.get("id") == cause.values.get("id")
        for step in steps
    )


def _same_level(one_pct: float | None, other_pct: float | None) -> bool:
    if one_pct is None or other_pct is None:
        return one_pct is other_pct
    return abs(one_pct - other_pct) < _SAME_LEVEL_PCT


def _level_at(
    site: Site, circuit_id: str, at_ms: int, instructions: tuple[Instruction, ...], conditions: Conditions
) -> float | None:
    decided = decide_circuits(site, np.array([at_ms], dtype=np.int64), instructions, conditions, (circuit_id,))
    level_pct = float(decided.level_pct[0, 0])
    return None if np.isnan(level_pct) else level_pct


def why_then(site: Site, store: Store | None, circuit_id: str, at_ms: int, now_ms: int) -> WhyAnswer:
    """The trail of another instant.

    Of one that is past: from the recorded decision, its revision, and the instructions and senses of then. Of one to
    come: as planned, with the instructions that are in force now and end by themselves.
    Raises ``WrongUsage`` for a past instant that no controller has decided.
    """
    if at_ms > now_ms:
        return _why_to_come(site, store, circuit_id, at_ms, now_ms)
    recorded = None if store is None else _recorded(store, circuit_id, at_ms)
    if store is None or recorded is None:
        night = night_of(at_ms, site.timezone).isoformat()
        raise WrongUsage(Fact("no_decision_recorded", {"circuit": circuit_id, "at_ms": at_ms, "night": night}))
    ruled_by = _site_then(site, store, recorded)
    if circuit_id not in ruled_by.circuits:
        ruled_by = site
    said = inputs_known(ruled_by, store, at_ms - BEFORE_MS, at_ms)
    conditions = dataclasses.replace(_conditions_then(ruled_by, circuit_id, recorded), inputs=said)
    instructions = store.instructions.active_between(at_ms, at_ms + 1)
    steps = _recorded_first(recorded, trail(ruled_by, circuit_id, at_ms, instructions, conditions))
    coming = coming_as_recorded(store, recorded, now_ms)
    return WhyAnswer(circuit_id, at_ms, recorded.level_pct, None, steps, recorded, coming=coming, tense="past")


def _why_to_come(site: Site, store: Store | None, circuit_id: str, at_ms: int, now_ms: int) -> WhyAnswer:
    instructions = () if store is None else tuple(store.instructions.in_force(now_ms))
    said = inputs_known(site, store, now_ms - BEFORE_MS, at_ms, now_ms=now_ms)
    conditions = Conditions(inputs=said)
    steps = trail(site, circuit_id, at_ms, instructions, conditions)
    level_pct = _level_at(site, circuit_id, at_ms, instructions, conditions)
    falling, coming = coming_from_plan(site, circuit_id, at_ms, instructions, said)
    return WhyAnswer(circuit_id, at_ms, level_pct, None, steps, coming=coming, falling=falling, tense="future")


def _recorded(store: Store, circuit_id: str, at_ms: int) -> DecisionChange | None:
    key = store.keys.known("circuit").get(circuit_id)
    found = [] if key is None else store.history.decisions(key, at_ms, at_ms + 1)
    earlier = [change for change in found if change.at_ms <= at_ms]
    return earlier[-1] if earlier else None


def _site_then(site: Site, store: Store, recorded: DecisionChange) -> Site:
    """The site of the revision that ruled; the present one where that can no longer be read."""
    revision = store.revisions.get(recorded.revision_id)
    reading = None if revision is None else read_accepted(revision.files)
    return site if reading is None or reading.site is None else reading.site


def _conditions_then(site: Site, circuit_id: str, recorded: DecisionChange) -> Conditions:
    local = np.zeros(len(site.circuits), dtype=np.bool_)
    if recorded.layer == Layer.LOCAL_CONTROL:
        local[list(site.circuits).index(circuit_id)] = True
    return Conditions(
        local_control=local,
        on_since_ms=None,
        clock_doubted=recorded.cause.code.startswith("clock_doubted"),
    )


def _recorded_first(recorded: DecisionChange, steps: tuple[TrailEntry, ...]) -> tuple[TrailEntry, ...]:
    """What was recorded rules; the worked-out steps stand below it as its explanation."""
    layer = Layer(recorded.layer) if recorded.layer in Layer._value2member_map_ else None
    agrees = any(step.ruled and step.fact.code == recorded.cause.code for step in steps)
    if agrees:
        return steps
    head = TrailEntry(layer, recorded.cause, True, recorded.level_pct)
    return (head, *(dataclasses.replace(step, ruled=False) for step in steps))
