"""What the store knows now, read once for a query. Without a store everything is empty: the controller never ran."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.answers import ControllerAnswer, ControllerLife
from lighting.desk.senses import BEFORE_MS, inputs_known
from lighting.schedule.conditions import Conditions
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction
from lighting.store.records import CircuitState, ControllerBeat
from lighting.store.store import Store

SILENT_AFTER_TICKS = 3.0
LEAST_SILENCE_S = 3.0
"""An accelerated controller ticks four times a second; its beat may come a little late on a busy machine."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One look at the store. ``states`` follows ``site.circuits``, None where the controller has told nothing."""

    now_ms: int
    controller: ControllerAnswer
    states: tuple[CircuitState | None, ...]
    in_force: tuple[Instruction, ...]
    inputs: Inputs = field(default_factory=Inputs)

    def conditions(self) -> Conditions:
        """What the decision has to know beside the site, the time and the instructions."""
        return Conditions(
            local_control=np.array([s is not None and bool(s.local_control) for s in self.states], dtype=np.bool_),
            on_since_ms=self._on_since_ms(),
            clock_doubted=self.controller.doubt is not None and self.controller.life in ("running", "silent"),
            inputs=self.inputs,
        )

    def _on_since_ms(self) -> NDArray[np.int64]:
        # A circuit that no controller has told of counts as lit for long: nobody is warming it up.
        since = [0 if s is None else -1 if s.on_since_ms is None else s.on_since_ms for s in self.states]
        return np.array(since, dtype=np.int64)


def snapshot(site: Site, store: Store | None, now_ms: int) -> Snapshot:
    """Look at the store once."""
    if store is None:
        return Snapshot(now_ms, controller_answer(None), (None,) * len(site.circuits), ())
    return Snapshot(
        now_ms,
        controller_answer(store),
        states_of(site, store),
        tuple(store.instructions.in_force(now_ms)),
        inputs_known(site, store, now_ms - BEFORE_MS, now_ms),
    )


def states_of(site: Site, store: Store) -> tuple[CircuitState | None, ...]:
    """The latest state of each circuit, in the order of ``site.circuits``."""
    keys = store.keys.known("circuit")
    states = store.states.circuits()
    return tuple(states.get(keys.get(circuit_id, -1)) for circuit_id in site.circuits)


def controller_answer(store: Store | None) -> ControllerAnswer:
    """Whether a controller runs, by the lock that the system frees when it dies, and how long ago it was heard."""
    if store is None:
        return _answer("never_ran", None, None)
    beat = store.controller.last_beat()
    age_s = None if beat is None else max(0.0, time.time() - beat.real_beat_ms / 1000)
    if store.controller.is_locked():
        return _answer("silent" if _overdue(store, beat, age_s) else "running", age_s, beat)
    return _answer("never_ran" if beat is None else "stopped", age_s, beat)


def _overdue(store: Store, beat: ControllerBeat | None, age_s: float | None) -> bool:
    if beat is None or age_s is None:
        return False  # it has just taken the lock and has not ended its first tick
    real_tick_s = beat.tick_s / max(store.controller.clock().speed, 1e-6)
    return age_s > max(SILENT_AFTER_TICKS * real_tick_s, LEAST_SILENCE_S)


def _answer(life: ControllerLife, age_s: float | None, beat: ControllerBeat | None) -> ControllerAnswer:
    if beat is None:
        return ControllerAnswer(life, age_s, None, None, "", None, None)
    fault: Fact | None = beat.fault
    return ControllerAnswer(life, age_s, beat.revision_id, beat.tick_s, beat.holder, beat.doubt, fault)
