"""OpenEI's utility rate database (URDB, JSON of its API) as a tariff of ours.

Field meanings: OpenEI, «Utility Rate Database» API documentation. What changes the price of energy and cannot be
written is refused with the name of its field; what is a charge beside it, and cannot be reckoned, is listed. Nothing is
dropped in silence. Rates are US dollars unless the file says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.assets.tariff import DemandCharge, Tariff, TariffPeriod, TariffVersion, Tier
from lighting.exchange.urdb_charges import fixed_charges, fuel_adjustments, list_the_rest, minimum_charges
from lighting.exchange.urdb_schedules import Schedule, Stretch, stretches
from lighting.exchange.urdb_values import Urdb, json_of, number_of, rate_of, rates_of, refused, rows_of, shown_line
from lighting.exchange.urdb_values import UrdbError as UrdbError

_WINDOWS = (1, 5, 10, 15, 20, 30, 60)
_HIGHEST = 1e9
"""A greater limit of a last tier is how some files write that it has none."""

_READ = frozenset(
    {
        *("energyratestructure", "energyweekdayschedule", "energyweekendschedule"),
        *("demandratestructure", "demandweekdayschedule", "demandweekendschedule"),
        *("demandrateunit", "demandrateunits", "demandwindow", "demandunits"),
        *("flatdemandstructure", "flatdemandmonths", "flatdemandunit", "flatdemandunits"),
        *("startdate", "enddate", "label", "name", "utility", "currency"),
    }
)


@dataclass(frozen=True, slots=True)
class UrdbRead:
    """The tariff, and what of the file is left out of it or was taken as something, each by the name of its field.

    ``counts`` is a fact: how many fields were read, used, charge nothing, and are left out.
    """

    tariff: Tariff
    left_out: tuple[Fact, ...]
    taken: tuple[Fact, ...]
    counts: Fact


@dataclass(frozen=True, slots=True)
class UrdbRate:
    """A rate of a file of several: its number from 1, its label, and what was read or why it was refused."""

    number: int
    label: str
    became: UrdbRead | Fact


def read_urdb(data: bytes, file: str, label: str = "") -> UrdbRead:
    """Read one rate; of several the one with that label. Raises ``UrdbError``."""
    return _read(rate_of(json_of(data, file), file, label))


def read_all_urdb(data: bytes, file: str) -> tuple[UrdbRate, ...]:
    """Read every rate of a file. Raises ``UrdbError`` for a file that holds none."""
    found = []
    for number, rate in enumerate(rates_of(json_of(data, file), file), start=1):
        try:
            became: UrdbRead | Fact = _read(rate)
        except UrdbError as error:
            became = error.fact
        found.append(UrdbRate(number, shown_line(str(rate.get("label", ""))), became))
    return tuple(found)


def _read(rate: Mapping[str, Any]) -> UrdbRead:
    urdb = Urdb(rate)
    base, periods = _energy(urdb)
    demand = (*_demand(urdb), *_flat_demand(urdb))
    fixed, minimum = tuple(fixed_charges(urdb)), tuple(minimum_charges(urdb))
    adjustments = tuple(fuel_adjustments(urdb))
    counts = list_the_rest(urdb, _READ)
    version = TariffVersion(
        price_per_kwh=base[0].price if len(base) == 1 else 0.0,
        periods=periods,
        valid_from=_date(urdb, "startdate"),
        valid_to=_date(urdb, "enddate"),
        tiers=base if len(base) > 1 else (),
        seasons=tuple(urdb.seasons.values()),
        demand=demand,
        fixed=fixed,
        adjustments=adjustments,
        minimum=minimum,
    )
    names = [_words(urdb, key) for key in ("utility", "name") if urdb.rate.get(key)]
    tariff = Tariff(_currency(urdb), name=shown_line(", ".join(names)), versions=(version,))
    return UrdbRead(tariff, tuple(urdb.left_out), tuple(urdb.taken), counts)


def _words(urdb: Urdb, key: str) -> str:
    found = urdb.rate[key]
    if isinstance(found, (dict, list)):
        raise refused("urdb_value", key, found=shown(str(found)))
    return str(found).strip()


def _currency(urdb: Urdb) -> str:
    found = urdb.rate.get("currency")
    if found is None:
        urdb.taken.append(Fact("urdb_currency", {"currency": "USD"}))
        return "USD"
    if not (isinstance(found, str) and len(found) == 3 and found.isascii() and found.isupper()):
        raise refused("urdb_value", "currency", found=shown(str(found)))
    return found


def _date(urdb: Urdb, key: str) -> str:
    """An ISO date out of seconds since 1970 (UTC), empty where there is none."""
    found = urdb.rate.get(key)
    if found in (None, ""):
        return ""
    seconds = number_of(found, key)
    try:
        return datetime.fromtimestamp(float(seconds), UTC).date().isoformat()
    except (OverflowError, OSError, ValueError) as error:
        raise refused("urdb_value", key, found=shown(str(found))) from error


def _structure(urdb: Urdb, key: str, unit: str) -> list[tuple[Tier, ...]]:
    """The tiers of each period. ``unit``: what limits count; another one with limits is refused."""
    found = urdb.rate.get(key)
    if found in (None, []):
        return []
    if not isinstance(found, list) or not all(isinstance(tiers, list) and tiers for tiers in found):
        raise refused("urdb_value", key, found=shown(str(found)))
    return [_tiers(urdb, tiers, f"{key}[{n}]", unit) for n, tiers in enumerate(found)]


def _tiers(urdb: Urdb, given: Sequence[object], place: str, unit: str) -> tuple[Tier, ...]:
    tiers = []
    before = Decimal(0)
    for n, one in enumerate(given):
        here = f"{place}[{n}]"
        if not isinstance(one, dict):
            raise refused("urdb_value", here, found=shown(str(one)))
        limit = _limit(urdb, one, here, unit, is_last=n == len(given) - 1)
        if limit is not None and limit <= before:
            raise refused("urdb_limits_not_rising", f"{here}.max", found=str(limit), before=str(before))
        before = limit or before
        tiers.append(Tier(float(_price(urdb, one, here)), None if limit is None else float(limit)))
    return tuple(tiers)


def _price(urdb: Urdb, one: Mapping[str, object], place: str) -> Decimal:
    """Rate and adjustment together; what is sold back has no place in a city's lighting."""
    rate = number_of(one.get("rate", 0), f"{place}.rate")
    adjustment = number_of(one.get("adj", 0), f"{place}.adj")
    if adjustment:
        urdb.taken.append(Fact("urdb_adjustment", {"field": f"{place}.adj", "found": str(adjustment)}))
    if number_of(one.get("sell", 0), f"{place}.sell"):
        urdb.leave_out(f"{place}.sell", one["sell"], "urdb_left_out_sell")
    for key in sorted(set(one) - {"rate", "adj", "sell", "max", "unit"}):
        urdb.leave_out(f"{place}.{key}", one[key])
    if abs(rate + adjustment) > 1_000_000:
        raise refused("urdb_not_a_number", f"{place}.rate", found=shown(str(rate)))
    return rate + adjustment


def _limit(urdb: Urdb, one: Mapping[str, object], place: str, unit: str, *, is_last: bool) -> Decimal | None:
    """The limit of a tier; None of the last, which takes all the rest."""
    if one.get("max") is None:
        if not is_last:
            raise refused("urdb_tier_without_max", f"{place}.max")
        return None
    limit = number_of(one["max"], f"{place}.max")
    if is_last:
        if limit < _HIGHEST:
            urdb.taken.append(Fact("urdb_last_max", {"field": f"{place}.max", "found": str(limit)}))
        return None
    if str(one.get("unit", unit)) != unit:
        raise refused("urdb_unit", f"{place}.unit", found=shown(str(one["unit"])), allowed=unit)
    return limit


def _schedule(urdb: Urdb, kind: str, count: int) -> Schedule | None:
    """The two schedules of a kind; None where neither is there."""
    keys = [f"{kind}{days}schedule" for days in ("weekday", "weekend")]
    given = [urdb.rate.get(key) for key in keys]
    if given == [None, None]:
        return None
    rows = []
    for key, found in zip(keys, given, strict=True):
        if found is None:
            raise refused("urdb_schedule_missing", key)
        rows.append(rows_of(found, key, count))
    return Schedule(*rows)


def _energy(urdb: Urdb) -> tuple[tuple[Tier, ...], tuple[TariffPeriod, ...]]:
    """The tiers of most hours, as those that hold in no period, and the periods of the others."""
    structure = _structure(urdb, "energyratestructure", "kWh")
    if not structure:
        raise refused("urdb_field_missing", "energyratestructure")
    schedule = _schedule(urdb, "energy", len(structure))
    if schedule is None:
        if len(structure) > 1:
            raise refused("urdb_field_missing", "energyweekdayschedule")
        return structure[0], ()
    hours = schedule.hours()
    _list_unused(urdb, "energyratestructure", len(structure), hours)
    base = max(hours, key=lambda period: (hours[period], -period))
    periods = [_period(urdb, one, structure[one.period]) for one in stretches(schedule, base)]
    return structure[base], tuple(periods)


def _list_unused(urdb: Urdb, key: str, count: int, hours: Mapping[int, int]) -> None:
    unused = [str(n) for n in range(count) if n not in hours]
    if unused:
        urdb.taken.append(Fact("urdb_periods_unused", {"field": key, "numbers": ", ".join(unused)}))


def _period(urdb: Urdb, one: Stretch, tiers: tuple[Tier, ...]) -> TariffPeriod:
    return TariffPeriod(
        price_per_kwh=tiers[0].price if len(tiers) == 1 else 0.0,
        weekdays=one.weekdays,
        from_minutes=one.from_minutes,
        until_minutes=one.until_minutes,
        name=f"period {one.period}",
        seasons=urdb.season(one.months),
        tiers=tiers if len(tiers) > 1 else (),
    )


def _demand(urdb: Urdb) -> list[DemandCharge]:
    structure = _structure(urdb, "demandratestructure", "kW")
    if not _charges(structure):
        return []
    _check_unit(urdb, ("demandrateunit", "demandrateunits", "demandunits"))
    schedule = _schedule(urdb, "demand", len(structure))
    if schedule is None:
        raise refused("urdb_field_missing", "demandweekdayschedule")
    _list_unused(urdb, "demandratestructure", len(structure), schedule.hours())
    minutes = _minutes(urdb)
    return [
        DemandCharge(
            structure[one.period],
            minutes,
            one.weekdays,
            one.from_minutes,
            one.until_minutes,
            f"demand period {one.period}",
            urdb.season(one.months),
        )
        for one in stretches(schedule, None)
        if _charges([structure[one.period]])
    ]


def _charges(structure: Sequence[tuple[Tier, ...]]) -> bool:
    return any(tier.price for tiers in structure for tier in tiers)


def _check_unit(urdb: Urdb, keys: Sequence[str]) -> None:
    for key in keys:
        unit = urdb.rate.get(key)
        if unit not in (None, "", "kW"):
            raise refused("urdb_unit", key, found=shown(str(unit)), allowed="kW")


def _minutes(urdb: Urdb) -> int:
    found = urdb.rate.get("demandwindow")
    if found is None:
        urdb.taken.append(Fact("urdb_demand_window", {"field": "demandwindow", "minutes": 15}))
        return 15
    minutes = number_of(found, "demandwindow")
    if minutes not in _WINDOWS:
        raise refused("urdb_value", "demandwindow", found=shown(str(found)))
    return int(minutes)


def _flat_demand(urdb: Urdb) -> list[DemandCharge]:
    """Demand charges at any hour, by month."""
    structure = _structure(urdb, "flatdemandstructure", "kW")
    if not _charges(structure):
        return []
    _check_unit(urdb, ("flatdemandunit", "flatdemandunits"))
    months = urdb.rate.get("flatdemandmonths", [0] * 12)
    if not isinstance(months, list) or len(months) != 12:
        raise refused("urdb_schedule_form", "flatdemandmonths")
    rows = rows_of([[month] * 24 for month in months], "flatdemandmonths", len(structure))
    minutes = _minutes(urdb)
    return [
        DemandCharge(structure[one.period], minutes, name=f"flat demand {one.period}", seasons=urdb.season(one.months))
        for one in stretches(Schedule(rows, rows), None)
        if _charges([structure[one.period]])
    ]
