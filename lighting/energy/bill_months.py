"""The months of a bill: how much of each the span covers, and what a reader of the bill has to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from lighting.assets.fact import Fact
from lighting.assets.tariff import TariffVersion
from lighting.energy.bill_parts import Integers
from lighting.energy.tariff_clock import days_in_month, month_text


@dataclass(frozen=True, slots=True)
class Cell:
    """A month as far as one version rules it: ``share`` of the month's days that the span covers there."""

    version: TariffVersion
    month: int
    days: Fraction

    @property
    def share(self) -> Fraction:
        return self.days / days_in_month(self.month)


def notes_on_months(cells: Sequence[Cell]) -> Iterator[Fact]:
    """Which months are covered in part, where the tariff says something by the month."""
    covered: dict[int, Fraction] = {}
    for cell in cells:
        covered[cell.month] = covered.get(cell.month, Fraction(0)) + cell.days
    by_month = {cell.month for cell in cells if _says_by_month(cell.version)}
    texts = [
        f"{month_text(month)} {round(float(days), 2):g}/{days_in_month(month)}"
        for month, days in sorted(covered.items())
        if month in by_month and days < days_in_month(month)
    ]
    if texts:
        yield Fact("bill_part_of_month", {"months": ", ".join(texts)})


def _says_by_month(version: TariffVersion) -> bool:
    has_tiers = bool(version.tiers) or any(period.tiers for period in version.periods)
    return has_tiers or bool(version.demand or version.minimum) or any(one.per != "day" for one in version.fixed)


def notes_on_demand(cells: Sequence[Cell], lengths_ms: Integers) -> Iterator[Fact]:
    """Whether the power is a mean of other lengths than the tariff means."""
    minutes = [charge.minutes for cell in cells for charge in cell.version.demand]
    if minutes and int(lengths_ms.max()) != min(minutes) * 60_000:
        yield Fact("bill_demand_of_slots", {"step_ms": int(lengths_ms.max()), "minutes": min(minutes)})
