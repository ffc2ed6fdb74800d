"""Where a meter shows that lamps burned of which devices say nothing, or that they are dark.

In an hour, a meter shows light where it counted more than what lit circuits and permanent loads on it take by model, by
at least ``LIT_SHARE`` of what the missing light would have taken. Against a report of dark it speaks only for a circuit
that is alone on it and was lit at no other time of the hour: there nothing else can have used that energy. Energy that
is known only in sum over a gap says nothing of an hour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lighting.energy.day_account import MeteredBySlot, Subjects
from lighting.energy.day_worlds import Modelled, ShownLit
from lighting.energy.lamp_power import whole_ws
from lighting.energy.level_runs import LIT_SHARE
from lighting.energy.worlds import WORLDS

Integers = NDArray[np.int64]


def shown_lit(
    subjects: Subjects,
    numbers: NDArray[np.intp],
    modelled: Modelled,
    metered: MeteredBySlot,
    slots: slice,
    lengths_ms: Integers,
    whole_ms: Integers,
) -> ShownLit:
    """Judge the circuits of a part of a day: ``numbers`` (n_circuits,) among the subjects, ``slots`` among the day's.

    ``lengths_ms`` (n_slots,) how much of each slot, which lasts ``whole_ms``, is in this part.
    """
    n_groups, group = len(metered.energy_ws), subjects.group[numbers]
    on_meter = group >= 0
    loads_uw = np.zeros(n_groups, dtype=np.int64)
    is_load = subjects.is_load & (subjects.group >= 0)
    np.add.at(loads_uw, subjects.group[is_load], subjects.installed_uw[is_load])
    taken = whole_ws(loads_uw[:, None] * lengths_ms)
    missing = np.zeros_like(taken)
    np.add.at(taken, group[on_meter], modelled.worlds_ws[WORLDS.index("actual")][on_meter])
    np.add.at(missing, group[on_meter], modelled.missing_ws[on_meter])
    counted = metered.energy_ws[:, slots] * (lengths_ms / whole_ms)
    is_told = metered.is_known[:, slots] & (2 * metered.spread_ms[:, slots] <= whole_ms)
    shows = is_told & (missing > 0) & (counted - taken > LIT_SHARE * missing)
    silent = np.zeros(modelled.missing_ws.shape, dtype=np.bool_)
    silent[on_meter] = shows[group[on_meter]]
    members = np.bincount(subjects.group[subjects.group >= 0], minlength=n_groups)
    alone = np.zeros(group.shape, dtype=np.bool_)
    alone[on_meter] = members[group[on_meter]] == 1
    return ShownLit(silent, silent & alone[:, None] & (modelled.lit_lamp_ms == 0))
