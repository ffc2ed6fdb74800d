"""The account of a day: the worlds by model, and beside them what the meters counted, apportioned to who is metered.

Subjects are the circuits, then the permanent loads. The energy of a group that shares a meter is split by what each of
it took by model (the world ``actual``), to whole watt-seconds by the largest remainder: the parts equal the meter.
Where it is known only in sum over a gap, by what each took in all of the gap that lies within the day: nobody knows
when in it the energy was used. A slot whose energy the meter does not know is in no world of any of the group.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.energy.account import Account
from lighting.energy.apportion import apportion
from lighting.energy.worlds import ENERGY_KINDS, WORLDS

Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]

METERED, APPORTIONED, MODELLED, UNMETERED = range(len(ENERGY_KINDS))


@dataclass(frozen=True, slots=True)
class Subjects:
    """(n_subjects,) each. ``group``: number of the meter group, -1 without; ``is_load``: a permanent load;
    ``installed_uw``: power of all of it; ``is_unmetered``: on a supply whose energy is agreed, not measured.
    """

    group: NDArray[np.intp]
    is_load: Bools
    installed_uw: Integers
    is_unmetered: Bools

    def kinds(self) -> NDArray[np.int8]:
        """(n_subjects,) how the energy of each is known, as numbers of ``ENERGY_KINDS``."""
        shared = np.bincount(self.group[self.group >= 0], minlength=int(self.group.max(initial=-1)) + 1)
        alone = np.zeros(self.group.shape, dtype=np.bool_)
        on_meter = self.group >= 0
        alone[on_meter] = shared[self.group[on_meter]] == 1
        kind = np.where(on_meter, np.where(alone, METERED, APPORTIONED), MODELLED)
        return np.where(self.is_unmetered, UNMETERED, kind).astype(np.int8)


@dataclass(frozen=True, slots=True)
class BySlot:
    """By model: ``worlds_ws`` (n_worlds - 1, n_subjects, n_slots) Ws, legacy to actual; all else (n_subjects, n_slots).

    ``off_ws``: of the actual world while the baseline is off; ``present_ms``: how long the subject was there;
    ``agreed_ws``: the energy of unmetered subjects; ``off_share`` (n_slots,): of the slot, while the baseline is off.
    ``untold``: slots of which nobody told what was decided or lit, so that a model knows nothing;
    ``replayed_ms``: how long no decision is recorded, so that rules stand for it. None: there are none.
    """

    worlds_ws: Integers
    undelivered_lamp_ms: Integers
    undelivered_ws: Integers
    lit_lamp_ms: Integers
    off_ws: Integers
    present_ms: Integers
    agreed_ws: Integers
    off_share: NDArray[np.float64]
    untold: Bools | None = None
    replayed_ms: Integers | None = None


@dataclass(frozen=True, slots=True)
class MeteredBySlot:
    """(n_groups, n_slots): what the meters counted in Ws and whether that is known; how much of the slot is known only
    in sum over a gap; reactive energy in var·s, and whether that is known.
    """

    energy_ws: Integers
    is_known: Bools
    spread_ms: Integers
    reactive_vars: Integers
    reactive_known: Bools


@dataclass(frozen=True, slots=True)
class SlotAccounts:
    """The account of every subject in every slot, its arrays one row a subject and slot (subject by subject), with the
    reactive energy of each (0 where unknown) and whether any is known. ``kind`` (n_subjects,).
    """

    account: Account
    reactive_vars: Integers
    reactive_known: Bools
    kind: NDArray[np.int8]
    n_slots: int

    def of_day(self) -> Account:
        """Sum over the slots: one row a subject."""
        n = self.kind.size
        return self.account.summed(np.repeat(np.arange(n, dtype=np.intp), self.n_slots), n)

    def by(self, number: NDArray[np.intp], n: int) -> tuple[Account, Integers, Bools]:
        """Sum over the subjects of each ``number`` (n_subjects,) in 0…n-1: one row a number and slot."""
        into = (number[:, None] * self.n_slots + np.arange(self.n_slots)).ravel()
        reactive, known = np.zeros(n * self.n_slots, np.int64), np.zeros(n * self.n_slots, np.int64)
        np.add.at(reactive, into, self.reactive_vars)
        np.add.at(known, into, self.reactive_known)
        return self.account.summed(into, n * self.n_slots), reactive, known > 0


def slot_accounts(subjects: Subjects, modelled: BySlot, metered: MeteredBySlot) -> SlotAccounts:
    """Put model and meters together. Nothing is guessed where a meter does not know."""
    kind, group = subjects.kinds(), subjects.group
    on_meter = np.flatnonzero((group >= 0) & (kind != UNMETERED))
    actual = modelled.worlds_ws[WORLDS.index("actual")]
    energy, known = actual.copy(), np.ones(actual.shape, dtype=np.bool_)
    spread_ms = np.zeros_like(actual)
    reactive, reactive_known = np.zeros_like(actual), np.zeros(actual.shape, dtype=np.bool_)
    energy[kind == UNMETERED] = modelled.agreed_ws[kind == UNMETERED]
    if on_meter.size:
        used, part_of = np.unique(group[on_meter], return_inverse=True)
        gaps = _gaps(metered, present_ms=modelled.present_ms.max(axis=0, initial=0))[group[on_meter]]
        weights = _weights(subjects, _over_gaps(actual[on_meter], gaps), on_meter, part_of)
        energy[on_meter] = apportion(np.where(metered.is_known, metered.energy_ws, 0)[used], weights, part_of)
        known[on_meter] = metered.is_known[group[on_meter]]
        spread_ms[on_meter] = np.minimum(metered.spread_ms[group[on_meter]], modelled.present_ms[on_meter])
        reactive_total = np.where(metered.reactive_known, metered.reactive_vars, 0)[used]
        reactive[on_meter] = apportion(reactive_total, weights, part_of)
        reactive_known[on_meter] = metered.reactive_known[group[on_meter]]
    worlds = np.concatenate([modelled.worlds_ws, energy[None]])
    if modelled.untold is not None:
        known[modelled.untold & (kind == MODELLED)[:, None]] = False
    lit_lamp_ms = modelled.lit_lamp_ms
    if modelled.replayed_ms is not None:
        # That rules would have lit a lamp, while nobody says what was decided or used, is no hour of burning.
        lit_lamp_ms = np.where((modelled.replayed_ms > 0) & ~known, 0, lit_lamp_ms)
    worlds[:, ~known] = 0
    present = modelled.present_ms
    account = Account(
        worlds.reshape(len(WORLDS), -1),
        modelled.undelivered_lamp_ms.ravel(),
        modelled.undelivered_ws.ravel(),
        lit_lamp_ms.ravel(),
        _daytime(worlds[-1], actual, modelled).ravel(),
        np.where(known, present, 0).ravel(),
        np.where(known, spread_ms, 0).ravel(),
        np.where(known, 0, present).ravel(),
    )
    return SlotAccounts(account, reactive.ravel(), reactive_known.ravel(), kind, actual.shape[1])


def _gaps(metered: MeteredBySlot, present_ms: Integers) -> Integers:
    """(n_groups, n_slots): the first slot of the gap that a slot lies in for most of its time; without, its own."""
    in_gap = metered.is_known & (2 * metered.spread_ms > present_ms)
    begins = np.ones_like(in_gap)
    begins[:, 1:] = ~(in_gap[:, 1:] & in_gap[:, :-1])
    slots = np.arange(in_gap.shape[1], dtype=np.int64)
    return np.asarray(np.maximum.accumulate(np.where(begins, slots, 0), axis=1), dtype=np.int64)


def _over_gaps(values: Integers, gaps: Integers) -> Integers:
    """(n, n_slots) values, those of a gap each replaced by the sum of all of them."""
    rows = np.broadcast_to(np.arange(len(values))[:, None], values.shape)
    sums = np.zeros_like(values)
    np.add.at(sums, (rows, gaps), values)
    return np.asarray(sums[rows, gaps], dtype=np.int64)


def _weights(subjects: Subjects, actual: Integers, on_meter: NDArray[np.intp], part_of: NDArray[np.intp]) -> Integers:
    """(n_on_meter, n_slots): by model, ``actual``; where that is nothing for a group, permanent loads, else what is
    installed.
    """
    weights = actual
    of_group = np.zeros((int(part_of.max()) + 1, weights.shape[1]), dtype=np.int64)
    np.add.at(of_group, part_of, weights)
    installed = subjects.installed_uw[on_meter] // 1000
    loads = np.where(subjects.is_load[on_meter], installed, 0)
    has_load = np.bincount(part_of, loads, minlength=len(of_group))[part_of] > 0
    instead = np.where(has_load, loads, installed)
    return np.where((of_group == 0)[part_of], instead[:, None], weights)


def _daytime(metered: Integers, actual: Integers, modelled: BySlot) -> Integers:
    """The part of the metered energy while the baseline is off: as the model has it, or by time where it has none."""
    by_model = np.divide(modelled.off_ws, actual, out=np.zeros(actual.shape), where=actual > 0)
    share = np.where(actual > 0, by_model, modelled.off_share)
    return np.asarray(np.rint(metered * np.clip(share, 0.0, 1.0)), dtype=np.int64)
