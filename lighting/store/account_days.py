"""A day's account as it is written: columns, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact
from lighting.energy.account import Account

Integers = NDArray[np.int64]
StoredFigures = dict[tuple[int, ...], tuple[int | None, ...]]
"""Rows of a stored account by their keys."""


@dataclass(frozen=True, slots=True)
class AccountOfDay:
    """A whole local day. ``month_ms``, ``next_month_ms``: where its local month begins and ends.

    Of subjects, (n,): ``subject_key``, ``kind``, ``account``. Of hours, (m,): ``hour_ms``, ``district_key``,
    ``hour_kind``, ``hour_account``, ``reactive_vars`` with whether any of it ``is_reactive``. ``notes`` are what a
    reader of the day has to know.
    """

    start_ms: int
    end_ms: int
    month_ms: int
    next_month_ms: int
    subject_key: Integers
    kind: Integers
    account: Account
    hour_ms: Integers
    district_key: Integers
    hour_kind: Integers
    hour_account: Account
    reactive_vars: Integers
    is_reactive: NDArray[np.bool_]
    basis_hash: str
    revision_id: int | None
    notes: tuple[Fact, ...] = field(default=())
