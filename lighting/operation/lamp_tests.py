"""When a lamp test is over before its time: at a lockout, at an emergency, and when its controller stops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.operation.ledger import Transition
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.places import places_of
from lighting.store.store import Store

_EVER_MS = 2**62


def ended_by_others(site: Site, instructions: Sequence[Instruction], now_ms: int) -> list[Transition]:
    """The ends of tests that a newer lockout or emergency touches on any circuit: none goes on around people at work.

    One that was there before the test only keeps its own circuits out of it.
    """
    tests = [note for note in instructions if note.layer is Layer.TEST]
    ending = [note for note in instructions if note.layer in (Layer.LOCKOUT, Layer.EMERGENCY)]
    found = []
    for test in tests:
        by = next((note for note in ending if note.id > test.id and _meet(site, test, note)), None)
        if by is not None:
            code = "test_ended_by_lockout" if by.layer is Layer.LOCKOUT else "test_ended_by_emergency"
            fact = Fact(code, {"id": test.id, "by_id": by.id, "by": by.by, "target": _target(by)})
            found.append(Transition(test.id, "released", now_ms, fact))
    return found


def ended_by_stop(instructions: Iterable[Instruction], now_ms: int) -> list[Transition]:
    """The ends of the tests that are in force when a controller stops."""
    return [
        Transition(note.id, "released", now_ms, Fact("test_ended_by_stop", {"id": note.id}))
        for note in instructions
        if note.layer is Layer.TEST and note.from_ms <= now_ms
    ]


def end_those_of_before(store: Store, now_ms: int) -> None:
    """Before the first tick: end the tests that were in force under an earlier controller, however that one ended.

    One that nobody has taken up yet, recorded since, goes on. Raises ``StoreError``.
    """
    beat = store.controller.last_beat()
    for note in store.instructions.active_between(now_ms, _EVER_MS):
        if note.layer is not Layer.TEST:
            continue
        status = store.instructions.get(note.id)
        taken_up = status is not None and status.state != "recorded"
        if taken_up or (beat is not None and note.from_ms <= beat.beat_ms):
            fact = Fact("test_ended_by_stop", {"id": note.id})
            store.instructions.transition(note.id, "released", at_ms=now_ms, fact=fact)


def _meet(site: Site, one: Instruction, other: Instruction) -> bool:
    places = places_of(site)
    mine = set(places.members(one.scope_kind, one.scope_id).tolist())
    return not mine.isdisjoint(places.members(other.scope_kind, other.scope_id).tolist())


def _target(note: Instruction) -> str:
    return note.scope_id if note.scope_kind == "circuit" else f"{note.scope_kind}:{note.scope_id}"
