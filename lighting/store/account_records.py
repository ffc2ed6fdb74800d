"""What is read of accounts of energy: columns of hours and of subjects, and the states of days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lighting.energy.account import Account

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HourAccounts:
    """Slots of the local clock by district, ascending by time, all kinds of energy together; each array is (n,).

    ``reactive_vars`` is the reactive energy of those meters that measure it, ``reactive_of_ws`` the energy of the same
    rows; both are 0 where ``is_reactive`` is False.
    """

    start_ms: Integers
    district_key: Integers
    account: Account
    reactive_vars: Integers
    reactive_of_ws: Integers
    is_reactive: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class KindEnergy:
    """The metered world of a district by how it is known; ``kind`` is the place in ``ENERGY_KINDS``."""

    district_key: int
    kind: int
    energy_ws: int


@dataclass(frozen=True, slots=True)
class SubjectAccounts:
    """The span's sum of each circuit or permanent load and kind of energy, ascending; each array is (n,).

    ``kind`` is the place in ``lighting.energy.worlds.ENERGY_KINDS``.
    """

    subject_key: Integers
    kind: Integers
    account: Account


@dataclass(frozen=True, slots=True)
class DayState:
    """The account of one local day: ``made_ms`` None where it was never made, ``is_dirty`` where it must be again."""

    start_ms: int
    is_dirty: bool
    basis_hash: str
    revision_id: int | None
    made_ms: int | None


@dataclass(frozen=True, slots=True)
class SpanAccounts:
    """All that was read for one span. ``assets``: kind and text id by key. ``subjects`` None where not asked for."""

    hours: HourAccounts
    kinds: tuple[KindEnergy, ...]
    subjects: SubjectAccounts | None
    days: tuple[DayState, ...]
    assets: dict[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AccountSpan:
    """From ``from_ms`` until ``until_ms`` (excluded), UTC ms; the states are of days from ``days_from_ms`` on.

    ``months_ms`` are the begins of the whole months in it, and ``day_spans_ms`` what is left, as half-open spans;
    neither is used where subjects are not asked for.
    """

    from_ms: int
    until_ms: int
    days_from_ms: int
    months_ms: tuple[int, ...] = ()
    day_spans_ms: tuple[tuple[int, int], ...] = ()
