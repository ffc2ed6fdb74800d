"""Which circuits a person's instructions hold off at times at which they would be lit otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lighting.assets.model import Site
from lighting.schedule.conditions import Conditions
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.site_index import SiteIndex, site_index
from lighting.schedule.worked import Worked, worked_out

LOOK_EVERY_MS = 5 * 60_000
_LOOKS_AT_ONCE = 288
_MAY_SWITCH_OFF = (Layer.TEST, Layer.OVERRIDE, Layer.DEMAND_LIMIT)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """(n_circuits,) bool each, in the order of ``site.circuits``.

    ``in_all``: off by any instruction at some time of the span at which it would be lit otherwise, or held lit by
    nothing but what stands above such an instruction. ``by_this``: those among them that the instruction asked about
    would switch off, for they are lit as things stand, or would be without what stands above.
    """

    in_all: Mask
    by_this: Mask


def switched_off(
    site: Site, wish: Instruction, others: Sequence[Instruction], local_control: Mask | None = None
) -> SwitchedOff:
    """Return what would be off in the span of ``wish`` if it came into force beside ``others``.

    Lit otherwise is what programs, traffic and emergencies light, and what people have lit while it is dark. Looked at
    every five minutes, at the begin and at the end, by the same decision as live. What the senses will say is not known
    here: they are taken as unknown, which means more light and so more that counts as switched off.

    An instruction to switch off counts whether or not something stands above it (a newer level, an emergency, a
    lockout, local control): any one person may take that away, and nobody is asked then.
    """
    index = site_index(site)
    none = np.zeros(len(index.ids), dtype=np.bool_)
    found = SwitchedOff(none, none.copy())
    if not _asks_for_off(wish) or wish.until_ms is None:
        return found
    weaker = [note for note in others if note.layer not in _MAY_SWITCH_OFF]
    offs = [note for note in others if _asks_for_off(note)]
    bare = _bare([*offs, wish])
    as_it_stands = Conditions(local_control=local_control), (weaker, others, [*others, wish])
    uncovered = Conditions(), ((), bare[:-1], bare)
    by_others, mine = _covered(index, offs), _covered(index, [wish])
    for at_ms in _looks(wish.from_ms, wish.until_ms):
        for conditions, lists in (uncovered, as_it_stands):
            if not _is_all_found(found, mine, by_others):
                in_all, by_this = _off(*[worked_out(index, at_ms, notes, conditions, None) for notes in lists])
                found.in_all[in_all] = True
                found.by_this[by_this] = True
    return found


def _is_all_found(found: SwitchedOff, mine: Mask, by_others: Mask) -> bool:
    return bool(found.in_all[mine | by_others].all() and found.by_this[mine].all())


def _bare(notes: Sequence[Instruction]) -> list[Instruction]:
    """The same as overrides of one layer, in the same order, none of which keeps another one from switching off.

    Whoever may not go under the floor switches nothing off while it is dark: those lie beneath the others.
    """
    under = [note.below_floor and note.layer is Layer.OVERRIDE for note in notes]
    return [
        replace(note, layer=Layer.OVERRIDE, id=n + len(notes) * is_under, below_floor=is_under)
        for n, (note, is_under) in enumerate(zip(notes, under, strict=True))
    ]


def _asks_for_off(note: Instruction) -> bool:
    return note.layer in _MAY_SWITCH_OFF and note.level_pct is not None and note.level_pct <= 0


def _covered(index: SiteIndex, notes: Sequence[Instruction]) -> Mask:
    mask = np.zeros(len(index.ids), dtype=np.bool_)
    for note in notes:
        mask[index.places.members(note.scope_kind, note.scope_id)] = True
    return mask


def _looks(from_ms: int, until_ms: int) -> Iterator[NDArray[np.int64]]:
    """The instants of the half-open span, a day of them at a time."""
    every = np.arange(from_ms, until_ms, LOOK_EVERY_MS, dtype=np.int64)
    at_ms = np.append(every[every < until_ms - 1], np.int64(max(from_ms, until_ms - 1)))
    for first in range(0, at_ms.size, _LOOKS_AT_ONCE):
        yield at_ms[first : first + _LOOKS_AT_ONCE]


def _off(alone: Worked, before: Worked, after: Worked) -> tuple[Mask, Mask]:
    """(n_circuits,) each: off though lit otherwise, and those among them that were lit before. By triples of kinds."""
    n_before, n_after = len(before.kinds), len(after.kinds)
    pair = alone.kinds.of_circuit.astype(np.int64) * n_before + before.kinds.of_circuit
    triples, here = np.unique(pair * n_after + after.kinds.of_circuit, return_inverse=True)
    first, second, third = triples // (n_before * n_after), triples // n_after % n_before, triples % n_after
    lit_before = _levels(before)[:, second] > 0
    off = _levels(after)[:, third] == 0  # NaN, not ours to write, is neither lit nor off
    dark = after.laid.dark[after.grid.asked][:, third]
    in_all = off & ((_levels(alone)[:, first] > 0) | (lit_before & dark))
    return in_all.any(axis=0)[here], (in_all & lit_before).any(axis=0)[here]


def _levels(worked: Worked) -> NDArray[np.float32]:
    return worked.stages.warm[worked.grid.asked]
