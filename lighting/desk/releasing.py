"""Taking off what people asked: by target what they set there, by number whatever it is but a lockout."""

from __future__ import annotations

from lighting.assets.fact import Fact
from lighting.assets.model import Circuit
from lighting.desk import rights
from lighting.desk.acts import receipt
from lighting.desk.answers import Receipt
from lighting.desk.person import Person, few, local_cause, reason_given, require_right, standing_fact
from lighting.desk.refusal import NotFound, Refused
from lighting.desk.scopes import Scope, circuits_of, scope_of
from lighting.schedule.instructions import Instruction, Layer
from lighting.store.records import InstructionStatus
from lighting.store.store import Store

GIVEN_BACK_FOR_MS = 15 * 60_000
_TAKEN_BY_TARGET = (Layer.OVERRIDE, Layer.TEST)
_TAKEN_BY_NUMBER = (Layer.EMERGENCY, Layer.DEMAND_LIMIT)


def release(person: Person, store: Store, scope: Scope, reason: str) -> Receipt:
    """Take off every override and lamp test of exactly that scope and withdraw what is proposed there.

    Give a single circuit back from unexplained local control. An emergency or a demand limit is taken off by its
    number alone: nobody darkens an accident by releasing something else.
    """
    rights.require(person.site, person.user_id, "crew", "release")
    reason = reason_given(reason)
    standing = [i for layer in _TAKEN_BY_TARGET for i in person.standing(scope, layer)]
    waiting = _proposed(person, store, scope)
    by_number = [i for layer in _TAKEN_BY_NUMBER for i in person.standing(scope, layer)]
    is_named = bool(standing or waiting or by_number)
    circuits = circuits_of(person.site, scope) if is_named else person.circuits(scope)
    taken = [i.id for i in sorted([*standing, *waiting], key=lambda i: i.id) if _take_off(person, store, i, reason)]
    given_back, warnings = _give_back(person, store, scope, circuits, reason)
    left = [i for i in person.touching(circuits, Layer.OVERRIDE) if i.id not in taken]
    warnings += [
        Fact("still_overridden", {"id": i.id, "target": str(scope_of(i)), "by": i.by, "until_ms": i.until_ms})
        for i in left
    ]
    warnings += [standing_fact("taken_off_by_number", i) for i in by_number]
    if not taken and given_back is None:
        warnings.insert(0, Fact("nothing_to_release", {"target": str(scope)}))
    return receipt(person, circuits, given_back, tuple(warnings), tuple(taken))


def _proposed(person: Person, store: Store, scope: Scope) -> list[Instruction]:
    waiting = store.instructions.proposals(person.seen.now_ms)
    return [one.instruction for one in waiting if scope_of(one.instruction) == scope]


def _take_off(person: Person, store: Store, note: Instruction, reason: str) -> bool:
    return store.instructions.release(note.id, at_ms=person.seen.now_ms, by=person.user_id, reason=reason)


def release_number(person: Person, store: Store, number: int, reason: str) -> Receipt:
    """Take one instruction off by its number, or withdraw it while it is proposed. Not a lockout.

    Raises ``NotFound`` for a number that no instruction has, ``Refused`` for a lockout and for one that has ended.
    """
    status = instruction_of(store, number)
    note = status.instruction
    if note.layer in (Layer.LOCKOUT, Layer.LOCAL_CONTROL):
        raise Refused(Fact("lockout_not_by_number", {"id": number, "target": str(scope_of(note))}))
    require_right(person, note.layer)
    reason = reason_given(reason)
    if not _take_off(person, store, note, reason):
        raise Refused(Fact("instruction_has_ended", {"id": number, "until_ms": note.until_ms}))
    return receipt(person, circuits_of(person.site, scope_of(note)), None, (), (number,))


def instruction_of(store: Store, number: int) -> InstructionStatus:
    """Return the instruction of that number. Raises ``NotFound``."""
    status = store.instructions.get(number) if number < 2**63 else None
    if status is None:
        raise NotFound(Fact("no_such_instruction", {"id": number}))
    return status


def _give_back(
    person: Person, store: Store, scope: Scope, circuits: tuple[Circuit, ...], reason: str
) -> tuple[Instruction | None, list[Fact]]:
    causes = {c.id: local_cause(person, c) for c in circuits}
    warnings: list[Fact] = []
    by_switch = [circuit_id for circuit_id, cause in causes.items() if cause == "input"]
    if by_switch:
        warnings.append(Fact("local_switch_not_at_auto", {"circuits": len(by_switch), "names": few(by_switch)}))
    unexplained = [circuit_id for circuit_id, cause in causes.items() if cause == "unexplained"]
    if not unexplained:
        return None, warnings
    if scope.kind != "circuit":
        warnings.append(Fact("give_back_one_by_one", {"circuits": len(unexplained), "names": few(unexplained)}))
        return None, warnings
    note = store.instructions.record(
        layer=Layer.LOCAL_CONTROL,
        scope_kind="circuit",
        scope_id=scope.id,
        level_pct=None,
        from_ms=person.seen.now_ms,
        until_ms=person.seen.now_ms + GIVEN_BACK_FOR_MS,
        by=person.user_id,
        reason=reason,
    )
    return note, [*warnings, Fact("given_back", {"circuit": scope.id})]
