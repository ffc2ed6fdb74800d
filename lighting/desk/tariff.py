"""The tariff in force in plain facts, and what a kilowatt-hour costs in each hour of a week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from lighting.assets.fact import Fact, Value
from lighting.assets.holiday_dates import holidays_between
from lighting.assets.notation import NotationError, parse_date
from lighting.assets.tariff import DAY_MINUTES, HOLIDAY, CarbonFactor, DemandCharge, Tariff, TariffVersion, Tier, Window
from lighting.desk.refusal import NotFound, WrongUsage
from lighting.energy.slots import hour_edges_of_day, local_day
from lighting.energy.tariff import price_of_version, price_per_kwh
from lighting.energy.tariff_clock import LocalTimes

if TYPE_CHECKING:
    from lighting.desk.desk import Desk


@dataclass(frozen=True, slots=True)
class PriceStretch:
    """What energy costs on those days (0 Monday … 6 Sunday, 7 holidays) between two clock times, minutes of the day."""

    weekdays: tuple[int, ...]
    from_minutes: int
    until_minutes: int
    price_per_kwh: float


@dataclass(frozen=True, slots=True)
class HourPrice:
    """An hour of the day asked about with its price; None where the file of prices has none."""

    from_ms: int
    price_per_kwh: float | None


@dataclass(frozen=True, slots=True)
class TariffAnswer:
    """The version that holds on a day. ``week`` is of that day's season, by first tiers and without hourly prices;
    ``hours`` are that day's, where there is a file of hourly prices. ``says`` is all of it as facts.
    """

    name: str
    currency: str
    at_date: str
    valid_from: str
    valid_to: str
    versions: int
    week: tuple[PriceStretch, ...]
    hours: tuple[HourPrice, ...]
    says: tuple[Fact, ...]


def tariff_answer(desk: Desk, at: str | None = None) -> TariffAnswer:
    """The tariff on an ISO date, today's by default. Raises ``NotFound`` without one, ``WrongUsage``."""
    site = desk.site
    if site.tariff is None:
        raise NotFound(Fact("tariff_none"))
    day = _day(at) if at is not None else local_day(desk.clock.now_ms(), site.timezone)
    version = version_on(site.tariff, day)
    if version is None:
        raise NotFound(Fact("tariff_none_then", {"at_date": day.isoformat()}))
    edges = np.array(hour_edges_of_day(day, site.timezone), dtype=np.int64)
    hours: tuple[HourPrice, ...] = ()
    if version.prices is not None:
        holidays = holidays_between(site.calendar, day, day + timedelta(days=1))
        prices = price_per_kwh(site.tariff, edges[:-1], site.timezone, holidays).tolist()
        hours = tuple(
            HourPrice(begin, None if price != price else price)  # NaN is the only one that is not itself
            for begin, price in zip(edges[:-1].tolist(), prices, strict=True)
        )
    return TariffAnswer(
        name=site.tariff.name,
        currency=site.tariff.currency,
        at_date=day.isoformat(),
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        versions=len(site.tariff.dated),
        week=week_of(version, day),
        hours=hours,
        says=tuple(_says(site.tariff, version, day, hours)),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(parse_date(text))
    except NotationError as error:
        raise WrongUsage(Fact("tariff_day_wrong", {"found": text[:40]})) from error


def version_on(tariff: Tariff, day: date) -> TariffVersion | None:
    """The first version that is valid on a local day."""
    iso = day.isoformat()
    return next(
        (one for one in tariff.dated if one.valid_from <= iso and (not one.valid_to or iso <= one.valid_to)), None
    )


def week_of(version: TariffVersion, day: date) -> tuple[PriceStretch, ...]:
    """Each kind of day of a week in the season of that day: days of the same prices together."""
    bounds = {0, DAY_MINUTES}
    windows: tuple[Window, ...] = (*version.periods, *version.adjustments)
    for period in windows:
        bounds.update((period.from_minutes, period.until_minutes))
    edges = sorted(bounds)
    plain = replace(version, prices=None)
    by_prices: dict[tuple[float, ...], list[int]] = {}
    for kind in range(HOLIDAY + 1 if version.knows_holidays else HOLIDAY):
        prices = tuple(price_of_version(plain, None, _times(day, kind, edges[:-1])).tolist())
        by_prices.setdefault(prices, []).append(kind)
    return tuple(
        PriceStretch(tuple(kinds), begin, end, price)
        for prices, kinds in by_prices.items()
        for begin, end, price in _merged(edges, prices)
    )


def _times(day: date, kind: int, minutes: Sequence[int]) -> LocalTimes:
    clock = np.array(minutes, dtype=np.int64)
    of_day = np.full(clock.shape, (day - date(1970, 1, 1)).days, dtype=np.int64)
    month_day = np.full(clock.shape, day.month * 100 + day.day, dtype=np.int64)
    weekday = np.full(clock.shape, min(kind, HOLIDAY - 1), dtype=np.int64)
    holiday = np.full(clock.shape, kind == HOLIDAY)
    return LocalTimes(of_day, clock, weekday, of_day // 31, month_day, holiday)


def _merged(edges: Sequence[int], prices: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    start = 0
    for n in range(1, len(prices) + 1):
        if n == len(prices) or prices[n] != prices[start]:
            yield edges[start], edges[n], prices[start]
            start = n


def _says(tariff: Tariff, version: TariffVersion, day: date, hours: Sequence[HourPrice]) -> Iterator[Fact]:
    yield Fact(
        "tariff_in_force",
        {
            "name": tariff.name or "tariff.toml",
            "currency": tariff.currency,
            "from_date": version.valid_from or "…",
            "to_date": version.valid_to or "…",
        },
    )
    if version.prices is not None:
        series = version.prices
        span: dict[str, Value] = {"from_ms": series.from_ms[0], "until_ms": series.until_ms[-1]}
        yield Fact("tariff_hourly", {"file": series.file, "count": len(series.values), **span})
        missing = sum(hour.price_per_kwh is None for hour in hours)
        if missing:
            yield Fact("tariff_hour_missing", {"file": series.file, "count": missing})
    yield from _tiers(version.tiers, "energy")
    for period in {period.name: period for period in version.periods if period.tiers}.values():
        yield from _tiers(period.tiers, period.name or "period")
    for charge in {charge.name: charge for charge in version.demand}.values():
        yield from _demand(charge)
    for fixed in version.fixed:
        values: dict[str, Value] = {"name": fixed.name or "fixed", "amount": fixed.amount, "per": fixed.per}
        yield Fact("tariff_fixed" if fixed.per_supply else "tariff_fixed_once", values)
    for least in version.minimum:
        values = {"name": least.name or "minimum", "amount": least.amount, "per": least.per}
        yield Fact("tariff_minimum" if least.per_supply else "tariff_minimum_once", values)
    for one in version.reactive:
        values = {"price": one.price_per_kvarh, "limit": one.tan_phi_limit, "kind": one.kind}
        yield Fact("tariff_reactive", {"name": one.name or "reactive", **values})
    for adjustment in version.adjustments:
        values = {"name": adjustment.name or "adjustment", "price": adjustment.price_per_kwh}
        yield Fact("tariff_adjustment", values)
    for tax in version.taxes:
        if tax.percent is None:
            yield Fact("tariff_tax_kwh", {"name": tax.name, "price": tax.per_kwh})
        else:
            yield Fact("tariff_tax_percent", {"name": tax.name, "percent": tax.percent, "on": ", ".join(tax.on)})
    factor = next((one for one in tariff.carbon if _is_on(one, day)), None)
    if factor is not None:
        yield _co2(factor)


def _tiers(tiers: Sequence[Tier], name: str) -> Iterator[Fact]:
    for tier in tiers:
        values: Mapping[str, Value] = {"name": name, "price": tier.price}
        if tier.up_to is None:
            yield Fact("tariff_tier_rest", values)
        else:
            yield Fact("tariff_tier", {**values, "limit": tier.up_to})


def _demand(charge: DemandCharge) -> Iterator[Fact]:
    for tier in charge.tiers:
        values: Mapping[str, Value] = {"name": charge.name or "demand", "price": tier.price, "minutes": charge.minutes}
        if tier.up_to is None:
            yield Fact("tariff_demand_rest", values)
        else:
            yield Fact("tariff_demand", {**values, "limit": tier.up_to})


def _is_on(factor: CarbonFactor, day: date) -> bool:
    iso = day.isoformat()
    return factor.valid_from <= iso and (not factor.valid_to or iso <= factor.valid_to)


def _co2(factor: CarbonFactor) -> Fact:
    values: Mapping[str, Value] = {"source": factor.source, "year": str(factor.year)}
    if factor.series is not None:
        return Fact("tariff_co2_series", {**values, "file": factor.series.file})
    return Fact("tariff_co2", {**values, "g_per_kwh": factor.g_per_kwh})
