"""Waiting for the controller: has what a person asked reached the lamps?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.answers import ControllerLife, Receipt
from lighting.desk.refusal import NotFound
from lighting.desk.scopes import circuits_of, scope_of
from lighting.desk.snapshot import controller_answer, states_of
from lighting.schedule.instructions import Layer
from lighting.store.records import CircuitState, InstructionStatus
from lighting.store.store import Store

LOOK_EVERY_S = 0.25
_SAME_LEVEL_PCT = 1.0
"""Two levels nearer than this are one: a device echoes in steps of its own."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the waiting for one instruction stands. ``open_circuits`` are those that are not yet as they should be.

    ``withheld`` are circuits that something stronger keeps from following: a lockout, local control, an emergency.
    ``held_back``: the controller has taken it up, and all its circuits are such, or follow a newer instruction.
    """

    done: bool
    failed: bool
    latency_ms: int | None
    circuits: tuple[str, ...]
    open_circuits: tuple[str, ...]
    until_ms: int | None
    fact: Fact | None
    withheld: tuple[str, ...] = ()
    held_back: bool = False


def look(site: Site, store: Store, status: InstructionStatus) -> Progress:
    """One look at one instruction: is it confirmed, or released and out of force on every one of its circuits?"""
    states = dict(zip(site.circuits, states_of(site, store), strict=True))
    mine = _circuits(site, status)
    held_back = _is_held_back(status)
    waiting = tuple(one for one in mine if not _as_wished(states[one], status))
    if status.state == "released":
        done = _heard_since(store, status.state_ms) and not waiting
    elif status.instruction.layer in (Layer.LOCKOUT, Layer.LOCAL_CONTROL):
        done = status.state == "confirmed" or (_heard_since(store, status.state_ms) and not waiting)
    else:
        done = status.state == "confirmed"
    return Progress(
        done=done,
        failed=status.state == "failed",
        latency_ms=None if status.state == "released" else status.latency_ms,
        circuits=mine,
        open_circuits=() if done or held_back else waiting,
        until_ms=status.instruction.until_ms,
        fact=status.fact,
        withheld=tuple(one for one in mine if held_back or _is_withheld(states[one], status)),
        held_back=held_back,
    )


def _is_done(site: Site, store: Store, status: InstructionStatus) -> bool:
    """As ``look`` has it, without the states of a whole city where the controller's word is enough."""
    if status.state == "released" or status.instruction.layer in (Layer.LOCKOUT, Layer.LOCAL_CONTROL):
        return look(site, store, status).done
    return status.state == "confirmed"


def _is_held_back(status: InstructionStatus) -> bool:
    """Whether the controller said that nothing of it rules: there is nothing to wait for until something else ends."""
    return status.state == "sent" and status.fact is not None and status.fact.code == "instruction_held_back"


def _is_withheld(state: CircuitState | None, status: InstructionStatus) -> bool:
    layer = status.instruction.layer
    if state is None or status.state == "released" or layer in (Layer.LOCKOUT, Layer.LOCAL_CONTROL):
        return False
    return 0 < state.layer < layer


def _circuits(site: Site, status: InstructionStatus) -> tuple[str, ...]:
    scope = scope_of(status.instruction)
    if scope.kind == "circuit" and scope.id not in site.circuits:
        return ()
    return tuple(circuit.id for circuit in circuits_of(site, scope))


def _heard_since(store: Store, at_ms: int) -> bool:
    beat = store.controller.last_beat()
    return beat is not None and beat.beat_ms > at_ms


def _as_wished(state: CircuitState | None, status: InstructionStatus) -> bool:
    """Whether a circuit shows what is asked: after a release it follows something else, under a lockout nothing."""
    if state is None:
        return False
    instruction = status.instruction
    if status.state != "released" and instruction.layer is Layer.LOCKOUT:
        return state.layer == Layer.LOCKOUT
    if status.state != "released" and instruction.layer is Layer.LOCAL_CONTROL:
        return not state.local_control
    rules = state.layer == instruction.layer and state.cause.values.get("id") == instruction.id
    if instruction.layer is Layer.DEMAND_LIMIT and status.state != "released":
        rules = state.layer > 0  # who is under the cap anyway follows it too, and what is stronger is not its to rule
    return rules is (status.state != "released") and _settled(state)


def _settled(state: CircuitState) -> bool:
    if state.pending:
        return False
    if state.desired_pct is None:  # lockout or local control stands above: nothing is to be written
        return True
    return state.accepted_pct is not None and abs(state.accepted_pct - state.desired_pct) <= _SAME_LEVEL_PCT


def wait_confirmed(
    site: Site,
    store: Store,
    instruction_ids: tuple[int, ...],
    *,
    timeout_s: float,
    progress: Callable[[str], None] | None,
) -> Receipt:
    """Look at the change counters four times a second until all is confirmed, one has failed, or the time is over.

    Without a controller it answers at once, and so it does for one of which the controller says that something stronger
    or newer rules all its circuits. ``progress`` is told each new state as it comes. Raises ``NotFound``.
    """
    unknown = [one for one in instruction_ids if store.instructions.get(one) is None]
    if unknown:
        raise NotFound(Fact("no_such_instruction", {"id": unknown[0]}))
    deadline = time.monotonic() + timeout_s
    seen_counters: dict[str, int] | None = None
    last_state = ""
    while True:
        life = controller_answer(store).life
        counters = store.changes.counters()
        if counters != seen_counters:
            seen_counters = counters
            statuses = [s for one in instruction_ids if (s := store.instructions.get(one)) is not None]
            done = all(_is_held_back(status) or _is_done(site, store, status) for status in statuses)
        state = statuses[-1].state if statuses else ""
        if progress is not None and state != last_state:
            last_state = state
            progress(state)
        over = life in ("stopped", "never_ran") or time.monotonic() >= deadline
        over = over or any(status.state == "failed" for status in statuses)
        if done or over:
            looks = [look(site, store, status) for status in statuses]
            confirmed = all(one.done for one in looks)
            if over or all(one.done or one.held_back for one in looks):
                return _receipt(looks, instruction_ids, life, confirmed=confirmed)
        time.sleep(LOOK_EVERY_S)


def _receipt(
    looks: list[Progress], instruction_ids: tuple[int, ...], life: ControllerLife, *, confirmed: bool
) -> Receipt:
    latencies_ms = [one.latency_ms for one in looks if one.latency_ms is not None]
    return Receipt(
        instruction_id=instruction_ids[0] if len(instruction_ids) == 1 else None,
        confirmed=confirmed,
        latency_s=max(latencies_ms) / 1000 if latencies_ms and confirmed else None,
        controller=life,
        circuits=tuple(dict.fromkeys(circuit for one in looks for circuit in one.circuits)),
        until_ms=looks[0].until_ms if len(looks) == 1 else None,
        warnings=tuple(one.fact for one in looks if (one.failed or one.held_back) and one.fact is not None),
        held_back=not confirmed and all(one.done or one.held_back for one in looks),
        withheld_circuits=tuple(dict.fromkeys(circuit for one in looks for circuit in one.withheld)),
        unconfirmed_circuits=tuple(dict.fromkeys(circuit for one in looks for circuit in one.open_circuits)),
    )
