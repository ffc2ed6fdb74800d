"""What a bill is: its parts, their exact sums, and the small rules of tiers and limits. No dates and no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lighting.assets.currency import decimal_fraction
from lighting.assets.fact import Fact
from lighting.assets.tariff import ReactiveCharge, Tax, Tier, Window

Integers = NDArray[np.int64]
KWH_WS = 3_600_000


@dataclass(frozen=True, slots=True)
class BillPart:
    """A line of the bill of one month. ``kind``: one of ``PARTS`` or ``tax``; ``name`` that of the tariff file.

    ``quantity`` in ``unit`` (kWh, kW, day, month, kvarh, or the currency for a percentage), ``price`` of one of them;
    None where it differs from hour to hour, and of what lacks to a minimum. ``exact_e4`` is the amount
    before it was rounded to ``money_e4``.
    """

    kind: str
    name: str
    month: str
    quantity: Fraction
    unit: str
    price: Fraction | None
    exact_e4: Fraction
    money_e4: int
    tier: int = 0
    valid_from: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """All parts, by month. ``unpriced_ms`` and ``unpriced_ws`` are what no version, or no hour of prices, covers."""

    currency: str
    parts: tuple[BillPart, ...]
    unpriced_ms: int = 0
    unpriced_ws: int = 0
    notes: tuple[Fact, ...] = ()

    @property
    def total_e4(self) -> int:
        """The sum of what is priced."""
        return sum(part.money_e4 for part in self.parts)

    @property
    def money_e4(self) -> int | None:
        """The sum, None where some hour of the span has no price: it is never taken for 0."""
        return None if self.unpriced_ms else self.total_e4

    def by_kind(self) -> dict[str, int]:
        """The sums of the parts of a kind, 10⁻⁴ of the minor unit."""
        found: dict[str, int] = {}
        for part in self.parts:
            found[part.kind] = found.get(part.kind, 0) + part.money_e4
        return found

    def by_month(self) -> dict[str, int]:
        """The sums of months, ``2026-01``."""
        found: dict[str, int] = {}
        for part in self.parts:
            found[part.month] = found.get(part.month, 0) + part.money_e4
        return found


@dataclass(frozen=True, slots=True)
class Demand:
    """Mean power in W (m,) of the intervals between ``edges_ms`` (m+1,), for demand charges."""

    edges_ms: Integers
    power_w: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PeriodReactive:
    """Active and reactive energy of a period by its name (empty: the base price), with the limit that is charged."""

    period: str
    energy_ws: int
    reactive_vars: int
    limit: float | None

    @property
    def tan_phi(self) -> float | None:
        """Positive where the current lags; None without active energy."""
        return self.reactive_vars / self.energy_ws if self.energy_ws > 0 else None


class ExactSums:
    """Exact sums of (…, k) integers by keys (k,); pieces of key −1 belong to none."""

    def __init__(self, keys: Integers) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._order = self._order[keys[self._order] >= 0]
        self.keys, self._starts = np.unique(keys[self._order], return_index=True)

    def of(self, values: Integers) -> dict[int, int]:
        """By key, the sum of (k,) values."""
        if not self.keys.size:
            return {}
        sums = np.add.reduceat(values[self._order], self._starts)
        return dict(zip(self.keys.tolist(), (int(one) for one in sums), strict=True))

    def highest(self, values: NDArray[np.float64]) -> dict[int, float]:
        """By key, the highest of (k,) values."""
        if not self.keys.size:
            return {}
        found = np.maximum.reduceat(values[self._order], self._starts)
        return dict(zip(self.keys.tolist(), found.tolist(), strict=True))


def tiered(quantity: Fraction, tiers: Sequence[Tier], share: Fraction) -> Iterator[tuple[int, Fraction, Fraction]]:
    """(tier from 1, quantity in it, price) of each tier that is reached; limits count by ``share`` of the month."""
    below = Fraction(0)
    for number, tier in enumerate(tiers, start=1):
        limit = None if tier.up_to is None else decimal_fraction(tier.up_to) * share
        within = quantity - below if limit is None else min(quantity, limit) - below
        if within > 0 or number == 1:
            yield number, within, decimal_fraction(tier.price)
        if limit is None or quantity <= limit:
            return
        below = limit


def apportioned(total: int, weights: Integers) -> Integers:
    """Split a whole number by weights (n,), none negative, exact in sum: the largest remainders get what is left over.

    All on the first where every weight is 0.
    """
    parts = [int(weight) for weight in weights.tolist()]
    whole = sum(parts)
    if not whole:
        found = np.zeros(len(parts), dtype=np.int64)
        found[:1] = total
        return found
    shares = [divmod(total * part, whole) for part in parts]
    left = total - sum(share for share, _ in shares)
    order = sorted(range(len(parts)), key=lambda n: (-shares[n][1], n))
    extra = set(order[:left])
    return np.array([share + (n in extra) for n, (share, _) in enumerate(shares)], dtype=np.int64)


def first_named(windows: Sequence[Window], window: Window) -> int:
    """The place of the first of that name; without a name its own."""
    return next(n for n, one in enumerate(windows) if one is window or (window.name and one.name == window.name))


def is_on(part: BillPart, tax: Tax) -> bool:
    return (part.name if part.kind == "tax" else part.kind) in tax.on


def of_kind(charge: ReactiveCharge, reactive_vars: Integers) -> Integers:
    """The reactive energy of one sign, hour by hour, positive."""
    return np.maximum(reactive_vars if charge.kind == "inductive" else -reactive_vars, 0)


def excess_kvarh(charge: ReactiveCharge, reactive_vars: int, energy_ws: int) -> Fraction:
    """What is over the limit of tan φ, in kvarh."""
    free = decimal_fraction(charge.tan_phi_limit) * max(energy_ws, 0)
    return max(Fraction(0), reactive_vars - free) / KWH_WS
