"""What a person (or script) has asked: facts with who, why and until."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

ScopeKind = Literal["circuit", "cabinet", "district"]


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
