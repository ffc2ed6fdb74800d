"""Which circuits nobody may write to: the gate that every write passes at the moment before its bytes leave. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from lighting.assets.model import Site
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.places import covers


def locked_circuits(site: Site, instructions: Iterable[Instruction]) -> frozenset[str]:
    """Circuits under a lockout that was not taken off; it holds from the moment it is recorded and never ends
    by itself.
    """
    lockouts = [note for note in instructions if note.layer is Layer.LOCKOUT and note.released_ms is None]
    if not lockouts:
        return frozenset()
    return frozenset(name for name in site.circuits if any(covers(site, note, name) for note in lockouts))
