"""What energy costs and which CO₂ it stands for, as data: prices with their dates, windows and tiers, no reckoning.

All prices are in the currency named (not its minor unit), as they are written; the reckoning is exact in decimals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

HOLIDAY = 7
"""The weekday class of the site calendar's public holidays, after 0 Monday … 6 Sunday."""

DAY_MINUTES = 1440
MonthDay: TypeAlias = tuple[int, int]
FixedPer: TypeAlias = Literal["day", "month", "year"]
MinimumPer: TypeAlias = Literal["day", "month"]
ReactiveKind: TypeAlias = Literal["inductive", "capacitive"]
PARTS = ("energy", "adjustment", "demand", "fixed", "reactive", "minimum")
"""The parts of a bill that taxes may be on, in the order of the bill."""


@dataclass(frozen=True, slots=True)
class Season:
    """Days of every year, both ends included; a range whose end is before its start wraps the year."""

    name: str
    dates: tuple[tuple[MonthDay, MonthDay], ...]

    def holds(self, month: int, day: int) -> bool:
        """Whether that day of the year is of this season."""
        return any(
            first <= (month, day) <= last if first <= last else (month, day) >= first or (month, day) <= last
            for first, last in self.dates
        )


@dataclass(frozen=True, slots=True)
class Tier:
    """A price for the kWh (or kW) of a billing month up to ``up_to`` (None: all the rest), counted from the first."""

    price: float
    up_to: float | None = None


@dataclass(frozen=True, slots=True)
class TariffPeriod:
    """A part of the week, and with ``seasons`` of the year, with a price of its own.

    ``weekdays``: 0 Monday … 6 Sunday, 7 a holiday, of the moment's own date; none means every day. From
    ``from_minutes`` after midnight until ``until_minutes`` (excluded), local clock; over midnight where the end is not
    after the beginning. With ``tiers`` they stand in the place of ``price_per_kwh``. Periods of one name are one:
    their energy is counted together.
    """

    price_per_kwh: float
    weekdays: tuple[int, ...] = ()
    from_minutes: int = 0
    until_minutes: int = DAY_MINUTES
    name: str = ""
    seasons: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """Values of a file, each from its instant until the other (UTC ms, excluded), ascending, maybe with gaps."""

    file: str
    from_ms: tuple[int, ...] = ()
    until_ms: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    def __str__(self) -> str:
        mean = sum(self.values) / len(self.values) if self.values else 0.0
        return f"{self.file} ({len(self.values)} values, mean {mean:.6g})"


@dataclass(frozen=True, slots=True)
class DemandCharge:
    """Price of a kW of the highest mean of ``minutes`` in a billing month, within the window if one is stated.

    Charges of one name are one, on the highest of all their windows.
    """

    tiers: tuple[Tier, ...]
    minutes: int = 15
    weekdays: tuple[int, ...] = ()
    from_minutes: int = 0
    until_minutes: int = DAY_MINUTES
    name: str = ""
    seasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FixedCharge:
    """An amount of the currency by day, month or year (a twelfth a month).

    Of each supply point, unless ``per_supply`` is false.
    """

    amount: float
    per: FixedPer
    name: str = ""
    per_supply: bool = True


@dataclass(frozen=True, slots=True)
class MinimumCharge:
    """What all parts of a month's bill come to at the least before taxes: the rest of it is billed beside them.

    By day or month (a part of a month counts by its share), of each supply point unless ``per_supply`` is false.
    """

    amount: float
    per: MinimumPer
    name: str = ""
    per_supply: bool = True


@dataclass(frozen=True, slots=True)
class ReactiveCharge:
    """Price of each kvarh of a billing month over ``tan_phi_limit`` times its kWh, of one sign of the reactive power.

    ``inductive`` is a current that lags.
    """

    kind: ReactiveKind
    tan_phi_limit: float
    price_per_kvarh: float
    weekdays: tuple[int, ...] = ()
    from_minutes: int = 0
    until_minutes: int = DAY_MINUTES
    name: str = ""
    seasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A price on every kWh of the window beside the energy price; it may be negative."""

    price_per_kwh: float
    weekdays: tuple[int, ...] = ()
    from_minutes: int = 0
    until_minutes: int = DAY_MINUTES
    name: str = ""
    seasons: tuple[str, ...] = ()


Window: TypeAlias = TariffPeriod | DemandCharge | ReactiveCharge | Adjustment
"""What holds in a part of the week and year."""


@dataclass(frozen=True, slots=True)
class Tax:
    """``percent`` of the parts and earlier taxes named in ``on``, or ``per_kwh``; exactly one of them is set."""

    name: str
    percent: float | None = None
    per_kwh: float | None = None
    on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CarbonFactor:
    """Grams of CO₂ that a kilowatt-hour stands for, where that is written, and of which year it is.

    From ``valid_from`` to ``valid_to`` (ISO dates, both included; empty: always), or hour by hour of ``series``.
    """

    g_per_kwh: float
    source: str
    year: int
    valid_from: str = ""
    valid_to: str = ""
    series: Series | None = None


@dataclass(frozen=True, slots=True)
class TariffVersion:
    """The prices of a span of local days, both included; empty: without end.

    At each instant the energy price is that of the first period that holds, else ``tiers`` or ``price_per_kwh``; with
    ``prices`` those of the file are added to it.
    """

    price_per_kwh: float = 0.0
    periods: tuple[TariffPeriod, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    tiers: tuple[Tier, ...] = ()
    seasons: tuple[Season, ...] = ()
    prices: Series | None = None
    demand: tuple[DemandCharge, ...] = ()
    fixed: tuple[FixedCharge, ...] = ()
    reactive: tuple[ReactiveCharge, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    taxes: tuple[Tax, ...] = ()
    minimum: tuple[MinimumCharge, ...] = ()

    def windows(self) -> Iterator[Window]:
        """All that holds in a part of the week and year."""
        yield from self.periods
        yield from self.demand
        yield from self.reactive
        yield from self.adjustments

    @property
    def knows_holidays(self) -> bool:
        """Whether some window tells a holiday from the weekday that it falls on."""
        return any(HOLIDAY in window.weekdays for window in self.windows())


@dataclass(frozen=True, slots=True)
class Tariff:
    """What energy costs in ``currency``. ``price_per_kwh`` and ``periods`` are those of a tariff without versions."""

    currency: str
    price_per_kwh: float = 0.0
    periods: tuple[TariffPeriod, ...] = ()
    co2: CarbonFactor | None = None
    name: str = ""
    versions: tuple[TariffVersion, ...] = ()
    co2_factors: tuple[CarbonFactor, ...] = ()

    @property
    def dated(self) -> tuple[TariffVersion, ...]:
        """The versions by date; one that always holds where none is stated."""
        return self.versions or (TariffVersion(self.price_per_kwh, self.periods),)

    @property
    def carbon(self) -> tuple[CarbonFactor, ...]:
        """All factors, in the order of the file: the first that holds counts."""
        return self.co2_factors or (() if self.co2 is None else (self.co2,))

    @property
    def knows_holidays(self) -> bool:
        """Whether some version tells holidays from other days."""
        return any(version.knows_holidays for version in self.dated)
