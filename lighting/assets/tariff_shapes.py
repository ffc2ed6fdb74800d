"""The shapes of ``tariff.toml``: format 1, which stays readable, and format 2."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from lighting.assets import notation
from lighting.assets.shapes import (
    Currency,
    Date,
    Price,
    Season,
    Shape,
    TimeOfDay,
    Words,
    in_notation,
    no_yes_or_no,
)
from lighting.assets.tariff import FixedPer, MinimumPer, ReactiveKind

DayClass = Annotated[int, in_notation(notation.parse_day_class)]
SeriesFile = Annotated[str, in_notation(notation.parse_series_file)]
SignedPrice = Annotated[float, BeforeValidator(no_yes_or_no), Field(ge=-1_000_000, le=1_000_000)]
Amount = Annotated[float, BeforeValidator(no_yes_or_no), Field(ge=0, le=1_000_000_000)]
Limit = Annotated[float, BeforeValidator(no_yes_or_no), Field(gt=0, le=1_000_000_000_000)]


class WindowTable(Shape):
    """A part of the week and year."""

    name: Words = ""
    seasons: tuple[Words, ...] = ()
    weekdays: tuple[DayClass, ...] = ()
    # ``from`` is a word of Python's own.
    from_minutes: TimeOfDay = Field(default=0, alias="from")
    until_minutes: TimeOfDay = Field(default=1440, alias="until")


class EnergyTierTable(Shape):
    up_to_kwh: Limit | None = None
    price_per_kwh: SignedPrice


class DemandTierTable(Shape):
    up_to_kw: Limit | None = None
    price_per_kw: SignedPrice


class PeriodTable2(WindowTable):
    price_per_kwh: SignedPrice | None = None
    tiers: tuple[EnergyTierTable, ...] = ()


class SeasonTable(Shape):
    name: Words
    dates: Annotated[tuple[Season, ...], Field(min_length=1)]


class DemandTable(WindowTable):
    minutes: Literal[1, 5, 10, 15, 20, 30, 60] = 15
    price_per_kw: SignedPrice | None = None
    tiers: tuple[DemandTierTable, ...] = ()
    ratchet_percent: float | None = None


class FixedTable(Shape):
    name: Words = ""
    amount: Amount
    per: FixedPer
    per_supply: bool = True


class MinimumTable(Shape):
    name: Words = ""
    amount: Amount
    per: MinimumPer
    per_supply: bool = True


class ReactiveTable(WindowTable):
    kind: ReactiveKind
    tan_phi_limit: Annotated[float, Field(ge=0, le=10)]
    price_per_kvarh: Price


class AdjustmentTable(WindowTable):
    price_per_kwh: SignedPrice


class TaxTable(Shape):
    name: Words
    percent: Annotated[float, BeforeValidator(no_yes_or_no), Field(ge=-100, le=1000)] | None = None
    per_kwh: SignedPrice | None = None
    on: tuple[Words, ...] = ()


class VersionTable(Shape):
    """The prices of a span of days."""

    valid_from: Date | None = None
    valid_to: Date | None = None
    price_per_kwh: SignedPrice | None = None
    tiers: tuple[EnergyTierTable, ...] = ()
    prices: SeriesFile | None = None
    seasons: tuple[SeasonTable, ...] = ()
    periods: tuple[PeriodTable2, ...] = ()
    demand: tuple[DemandTable, ...] = ()
    fixed: tuple[FixedTable, ...] = ()
    reactive: tuple[ReactiveTable, ...] = ()
    adjustments: tuple[AdjustmentTable, ...] = ()
    taxes: tuple[TaxTable, ...] = ()
    minimum: tuple[MinimumTable, ...] = ()


class CarbonTable2(Shape):
    valid_from: Date | None = None
    valid_to: Date | None = None
    g_per_kwh: Annotated[float, BeforeValidator(no_yes_or_no), Field(ge=0, le=5_000)] | None = None
    series: SeriesFile | None = None
    source: Words
    year: Annotated[int, Field(ge=1990, le=2200)]


class TariffFile2(VersionTable):
    """Either one version flat, or ``[[versions]]``; a format that is neither 1 nor 2 is refused here too."""

    format: Literal[1, 2]
    name: Words = ""
    currency: Currency
    versions: tuple[VersionTable, ...] = ()
    co2: tuple[CarbonTable2, ...] = ()
