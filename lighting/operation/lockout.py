"""Which circuits nobody may write to: the gate that every write passes at the moment before its bytes leave. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lighting.assets.model import Circuit
from lighting.schedule.instructions import Instruction, Layer


def covers(instruction: Instruction, circuit: Circuit) -> bool:
    """Whether the instruction's scope holds that circuit."""
    match instruction.scope_kind:
        case "circuit":
            return instruction.scope_id == circuit.id
        case "cabinet":
            return instruction.scope_id == circuit.cabinet
        case "district":
            return instruction.scope_id == circuit.district


def locked_circuits(circuits: Iterable[Circuit], instructions: Iterable[Instruction]) -> frozenset[str]:
    """Circuits under a lockout that was not taken off; it holds from the moment it is recorded and never ends
    by itself.
    """
    lockouts = [note for note in instructions if note.layer is Layer.LOCKOUT and note.released_ms is None]
    if not lockouts:
        return frozenset()
    return frozenset(circuit.id for circuit in circuits if any(covers(note, circuit) for note in lockouts))
