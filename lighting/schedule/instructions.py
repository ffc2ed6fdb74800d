"""What a person (or script) has asked: facts with who, why and until, and which of them rules a circuit when.

Within a layer the newest instruction (the highest id) rules. An instruction is in force in the half-open span from
``from_ms`` until ``until_ms``, or until it was released. A lockout never ends by itself, only by its release.
``LOCAL_CONTROL`` instructions are notes that a circuit was given back: they decide nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from lighting.assets.fact import Fact, Value
from lighting.assets.model import ScopeKind


class Layer(IntEnum):
    """The layers of the decision, strongest first. Numbers are stored: never renumbered."""

    LOCKOUT = 1
    LOCAL_CONTROL = 2
    EMERGENCY = 3
    TEST = 4
    OVERRIDE = 5
    DEMAND_LIMIT = 6
    TRAFFIC = 7
    PROGRAM = 8
    FALLBACK = 9


@dataclass(frozen=True, slots=True)
class Instruction:
    """A person's will on a scope. Only a lockout has no ``until_ms`` that ends it: past it, it is an alarm.

    ``released_ms`` is set when it was taken off before its time.
    """

    id: int
    layer: Layer
    scope_kind: ScopeKind
    scope_id: str
    level_pct: float | None
    from_ms: int
    until_ms: int | None
    by: str
    reason: str
    below_floor: bool = False
    released_ms: int | None = None


FOREVER_MS = 2**62
_SETTING_LAYERS = (Layer.EMERGENCY, Layer.TEST, Layer.OVERRIDE, Layer.DEMAND_LIMIT)


def span_ms(instruction: Instruction, *, clock_doubted: bool = False) -> tuple[int, int]:
    """Return the half-open span [from, until) in which the instruction is in force, UTC ms; empty where until ≤ from.

    While the clock is doubted the time says nothing: then a lockout holds unless it was released.
    """
    released_ms = FOREVER_MS if instruction.released_ms is None else instruction.released_ms
    if instruction.layer is Layer.LOCKOUT:
        if clock_doubted:
            return (-FOREVER_MS, FOREVER_MS) if instruction.released_ms is None else (0, 0)
        return instruction.from_ms, released_ms
    until_ms = FOREVER_MS if instruction.until_ms is None else instruction.until_ms
    return instruction.from_ms, min(until_ms, released_ms)


def is_in_force(instruction: Instruction, at_ms: int, *, clock_doubted: bool = False) -> bool:
    """Return whether the instruction is in force at the instant."""
    from_ms, until_ms = span_ms(instruction, clock_doubted=clock_doubted)
    return from_ms <= at_ms < until_ms


def weakest_first(instructions: Iterable[Instruction]) -> list[Instruction]:
    """Return those that set or cap levels or lock out, each to be laid over the ones before; others are left out."""
    deciding = (note for note in instructions if note.layer in _SETTING_LAYERS or note.layer is Layer.LOCKOUT)
    return sorted(deciding, key=lambda note: (-note.layer, note.id))


def asked_pct(instruction: Instruction) -> float | None:
    """Return the level that an instruction asks for, 100 where it names none; None for a lockout."""
    if instruction.layer is Layer.LOCKOUT:
        return None
    return 100.0 if instruction.level_pct is None else instruction.level_pct


def instruction_fact(instruction: Instruction) -> Fact:
    """Return the reason that an instruction gives: its number, who, why, until when and to which level."""
    values: dict[str, Value] = {
        "id": instruction.id,
        "by": instruction.by,
        "reason": instruction.reason,
        "until_ms": instruction.until_ms,
    }
    if instruction.layer is Layer.LOCKOUT:
        return Fact("lockout_in_force", values)
    values["level_pct"] = asked_pct(instruction)
    if instruction.layer is Layer.EMERGENCY:
        return Fact("emergency_in_force", values)
    if instruction.layer is Layer.TEST:
        return Fact("test_in_force", values)
    if instruction.layer is Layer.DEMAND_LIMIT:
        return Fact("demand_limit_in_force", values)
    return Fact("override_in_force", values)
