"""What an account holds: the energies of all worlds for many subjects, and what stands beside them.

A subject is a circuit, a permanent load, or a district's hour; the arrays are all of one length. Sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lighting.energy.worlds import WORLDS

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Account:
    """``worlds_ws`` (n_worlds, n): energy in Ws by world, in the order of ``WORLDS``. All else is (n,).

    ``undelivered_lamp_ms``: lamps times ms of light that was asked for and not delivered, and ``undelivered_ws`` what
    full power would have taken in it. ``lit_lamp_ms``: lamps times ms alight. ``daytime_ws``: the part of the metered
    world while the baseline is off (standby, gateways). ``known_ms``: time whose energy is measured, or modelled where
    that is how it is known; ``spread_ms``: the part of it that is known only in sum over a gap; ``unknown_ms`` the
    rest, whose energy is in no world.
    """

    worlds_ws: Integers
    undelivered_lamp_ms: Integers
    undelivered_ws: Integers
    lit_lamp_ms: Integers
    daytime_ws: Integers
    known_ms: Integers
    spread_ms: Integers
    unknown_ms: Integers

    def of_world(self, world: str) -> Integers:
        """(n,) the energy of one world in Ws."""
        found: Integers = self.worlds_ws[WORLDS.index(world)]
        return found

    def summed(self, into: NDArray[np.intp], n: int) -> Account:
        """Add up subjects: ``into`` (n_subjects,) says which of ``n`` sums each belongs to."""
        worlds = np.zeros((len(WORLDS), n), np.int64)
        for row, energies in zip(worlds, self.worlds_ws, strict=True):
            np.add.at(row, into, energies)
        sums = []
        for field in fields(self)[1:]:
            total = np.zeros(n, np.int64)
            np.add.at(total, into, getattr(self, field.name))
            sums.append(total)
        return Account(worlds, *sums)


ACCOUNT_COLUMNS = (*(f"{world}_ws" for world in WORLDS), *(field.name for field in fields(Account)[1:]))
"""The names of the figures in the store, in the order of the fields."""
