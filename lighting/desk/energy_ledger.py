"""Every local hour of every district in every world: energy, money and CO₂, in integers whose sums are exact.

What an hour costs is rarely a whole number of units. So the exact amounts are added up along time and each entry is
the difference of two rounded sums: no total is more than a unit off, however many entries it has, and the parts of
every sum are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lighting.desk.energy_answers import CauseLine, SpanLine, Worth
from lighting.energy.account import Account
from lighting.energy.slots import HOUR_MS
from lighting.energy.worlds import WORLDS, Cause

Integers = NDArray[np.int64]
Places = NDArray[np.intp]

BASELINE = "baseline"
"""Not a world of lamps: the baseline as claimed, with its adjustments, or that of a metered reference period."""
ALL_WORLDS = (*WORLDS, BASELINE)
KWH_WS = 3_600_000


@dataclass(frozen=True, slots=True)
class Against:
    """Which world is the baseline, and the causes from it to what was used."""

    code: str
    world: str
    causes: tuple[Cause, ...]


def shared_along(total: int, weights: Sequence[int]) -> list[int]:
    """Parts of ``total`` in the proportion of ``weights``, exact in sum; all zero where no weight is there."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts, before, sum_ = [], 0, 0
    for weight in weights:
        sum_ += weight
        share = (2 * total * sum_ + whole) // (2 * whole)
        parts.append(share - before)
        before = share
    return parts


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows in any order, each array (n,) or (n_worlds, n) in the order of ``ALL_WORLDS``.

    ``start_ms`` and ``district`` (place in the report's districts) say what a row is of. Money and CO₂ are None where
    they are not known for the whole span.
    """

    start_ms: Integers
    district: Places
    energy_ws: Integers
    money_e4: Integers | None
    co2_g: Integers | None
    account: Account

    def where(self, chosen: NDArray[np.bool_]) -> Ledger:
        """Some rows of it."""
        return Ledger(
            self.start_ms[chosen],
            self.district[chosen],
            self.energy_ws[:, chosen],
            None if self.money_e4 is None else self.money_e4[:, chosen],
            None if self.co2_g is None else self.co2_g[:, chosen],
            picked(self.account, chosen),
        )

    def summed(self, into: Places, n: int) -> Sums:
        """Add up rows: ``into`` (n_rows,) says which of ``n`` sums each belongs to."""
        return Sums(self.energy_ws, self.money_e4, self.co2_g, self.account).summed(into, n)

    def total(self) -> Sums:
        """Everything as one sum."""
        return self.summed(np.zeros(self.start_ms.size, np.intp), 1)


def picked(account: Account, chosen: NDArray[np.bool_] | Places) -> Account:
    """Some subjects of an account."""
    rest = (getattr(account, field.name)[chosen] for field in fields(Account)[1:])
    return Account(account.worlds_ws[:, chosen], *rest)


def _added(rows: Integers, into: Places, n: int) -> Integers:
    sums = np.zeros((len(rows), n), np.int64)
    for total, row in zip(sums, rows, strict=True):
        np.add.at(total, into, row)
    return sums


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of rows (days, districts, circuits …), in the same form as ``Ledger``: (n_worlds, n) and (n,)."""

    energy_ws: Integers
    money_e4: Integers | None
    co2_g: Integers | None
    account: Account

    def summed(self, into: Places, n: int) -> Sums:
        """Add up these sums: ``into`` says which of ``n`` each belongs to."""
        return Sums(
            _added(self.energy_ws, into, n),
            None if self.money_e4 is None else _added(self.money_e4, into, n),
            None if self.co2_g is None else _added(self.co2_g, into, n),
            self.account.summed(into, n),
        )

    def worth(self, world: str, at: int = 0) -> Worth:
        """What one of the sums is in a world."""
        return self.worths(world, [at])[0]

    def worths(self, world: str, chosen: Sequence[int]) -> list[Worth]:
        """What each of these sums is in a world."""
        row = ALL_WORLDS.index(world)
        money, co2 = self.money_e4, self.co2_g
        return _worths(
            self.energy_ws[row, chosen],
            None if money is None else money[row, chosen],
            None if co2 is None else co2[row, chosen],
        )

    def saved(self, before: str, after: str, at: int = 0) -> Worth:
        """One world less the other."""
        return self.differences(before, after, [at])[0]

    def differences(self, before: str, after: str, chosen: Sequence[int]) -> list[Worth]:
        """One world less the other in each of these sums."""
        a, b = ALL_WORLDS.index(before), ALL_WORLDS.index(after)
        money, co2 = self.money_e4, self.co2_g
        return _worths(
            self.energy_ws[a, chosen] - self.energy_ws[b, chosen],
            None if money is None else money[a, chosen] - money[b, chosen],
            None if co2 is None else co2[a, chosen] - co2[b, chosen],
        )

    def causes(self, against: Against, at: int = 0) -> tuple[CauseLine, ...]:
        """What each cause saved."""
        return tuple(CauseLine(c.code, self.saved(c.before, c.after, at)) for c in against.causes)

    def some_causes(self, against: Against, chosen: Sequence[int]) -> list[tuple[CauseLine, ...]]:
        """For each of these sums, the causes that changed anything."""
        found: list[list[CauseLine]] = [[] for _ in chosen]
        for cause in against.causes:
            code = cause.code
            for lines, worth in zip(found, self.differences(cause.before, cause.after, chosen), strict=True):
                if worth.energy_ws or worth.money_e4 or worth.co2_g:
                    lines.append(CauseLine(code, worth))
        return [tuple(lines) for lines in found]

    def lines(self, against: Against, spans: Sequence[tuple[date, date]]) -> list[SpanLine]:
        """The sums as the lines of these spans of days, one each."""
        every = range(len(spans))
        used, baseline = self.worths("metered", every), self.worths(against.world, every)
        saved = self.differences(against.world, "metered", every)
        undelivered = self.account.undelivered_lamp_ms.tolist()
        return [
            SpanLine(
                from_day=first.isoformat(),
                to_day=last.isoformat(),
                used=used[n],
                baseline=baseline[n],
                saved=saved[n],
                undelivered_lamp_h=lamp_h(undelivered[n]),
                known_share=known_share(self.account, n),
            )
            for n, (first, last) in enumerate(spans)
        ]


def _worths(energy_ws: Integers, money_e4: Integers | None, co2_g: Integers | None) -> list[Worth]:
    none = [None] * energy_ws.size
    money: list[int] | list[None] = none if money_e4 is None else money_e4.tolist()
    co2: list[int] | list[None] = none if co2_g is None else co2_g.tolist()
    return [Worth(*one) for one in zip(energy_ws.tolist(), money, co2, strict=True)]


def lamp_h(lamp_ms: int) -> float:
    """Lamp-hours, to the thousandth."""
    return round(lamp_ms / HOUR_MS, 3)


def known_share(account: Account, at: int) -> float:
    """Of the time of all subjects, the share whose energy is known; 0 where there was none."""
    known, unknown = int(account.known_ms[at]), int(account.unknown_ms[at])
    return share(known, known + unknown)


def share_known(account: Account) -> float:
    """The same of all its subjects together."""
    known, unknown = int(account.known_ms.sum()), int(account.unknown_ms.sum())
    return share(known, known + unknown)


def share(part: int, whole: int) -> float:
    """A share to the millionth; 0 of nothing. A share of 1 is the whole and nothing less."""
    if not whole:
        return 0.0
    return 1.0 if part == whole else min(round(part / whole, 6), 0.999999)
