"""What a shared meter knows only in sum over a gap is split by what each took in all of the gap."""

from __future__ import annotations

import numpy as np

from lighting.energy.day_account import BySlot, MeteredBySlot, Subjects, slot_accounts
from lighting.energy.worlds import WORLDS

HOUR_MS = 3_600_000


def test_a_gap_is_split_by_all_of_it_and_not_by_when_its_energy_seems_to_be_used() -> None:
    # A circuit that is lit in the last two of four hours, and a load that is always on; a gap over the inner two.
    actual = np.array([[0, 0, 900, 900], [100, 100, 100, 100]], np.int64)
    spread_ms = np.array([[0, HOUR_MS, HOUR_MS, HOUR_MS // 4]], np.int64)
    counted = np.array([[100, 550, 550, 1001]], np.int64)
    zeros = np.zeros_like(actual)
    modelled = BySlot(
        np.concatenate([np.zeros((len(WORLDS) - 2, *actual.shape), np.int64), actual[None]]),
        zeros,
        zeros,
        zeros,
        zeros,
        np.full_like(actual, HOUR_MS),
        zeros,
        np.zeros(4),
    )
    metered = MeteredBySlot(counted, counted > 0, spread_ms, np.zeros_like(counted), counted < 0)
    subjects = Subjects(
        np.zeros(2, np.intp), np.array([False, True]), np.array([900, 100], np.int64), np.zeros(2, np.bool_)
    )
    parts = slot_accounts(subjects, modelled, metered).account.of_world("metered").reshape(2, 4)
    assert parts.tolist() == [[0, 450, 450, 901], [100, 100, 100, 100]]
    assert parts.sum(axis=0).tolist() == counted[0].tolist()
