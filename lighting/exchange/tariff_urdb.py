"""OpenEI's utility rate database (URDB, JSON of its API) as a tariff of ours.

Field meanings: OpenEI, «Utility Rate Database» API documentation. What changes the price of energy and cannot be
written is refused with the name of its field; what is a charge beside it, and cannot be reckoned, is listed. Nothing is
dropped in silence. Rates are US dollars unless the file says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import listed, shown
from lighting.assets.tariff import (
    DemandCharge,
    FixedCharge,
    FixedPer,
    Season,
    Tariff,
    TariffPeriod,
    TariffVersion,
    Tier,
)
from lighting.exchange.urdb_schedules import Schedule, Stretch, month_seasons, stretches

_FIXED_UNITS: dict[str, FixedPer] = {"$/month": "month", "$/day": "day", "$/year": "year"}
_WINDOWS = (1, 5, 10, 15, 20, 30, 60)
_HIGHEST = 1e9
"""A greater limit of a last tier is how some files write that it has none."""

_READ = frozenset(
    {
        "energyratestructure",
        "energyweekdayschedule",
        "energyweekendschedule",
        "demandratestructure",
        "demandweekdayschedule",
        "demandweekendschedule",
        "demandrateunit",
        "demandrateunits",
        "demandwindow",
        "demandunits",
        "flatdemandstructure",
        "flatdemandmonths",
        "flatdemandunit",
        "flatdemandunits",
        "fixedchargefirstmeter",
        "fixedchargeunits",
        "fixedmonthlycharge",
        "startdate",
        "enddate",
        "label",
        "name",
        "utility",
        "currency",
    }
)
_NOTES = frozenset(
    {
        *("uri", "source", "sourceparent", "description", "basicinformationcomments", "energycomments"),
        *("demandcomments", "sector", "approved", "is_default", "country", "eiaid", "servicetype", "revisions"),
        *("voltagecategory", "phasewiring", "voltageminimum", "voltagemaximum", "usenetmetering", "dgrules"),
        *("supercedes", "supersedes", "effective_date", "enddate_date", "version", "lastupdate", "latest_update"),
        *("peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "peakkwhusagemin", "peakkwhusagemax"),
        *("peakkwhusagehistory", "energyattrs", "demandattrs", "fixedattrs", "active", "error", "openinfo"),
    }
)
"""Fields that say something about a rate and charge nothing."""


class UrdbError(Exception):
    """The file is none, or says what no tariff file can."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@dataclass(frozen=True, slots=True)
class UrdbRead:
    """The tariff, and what of the file is left out of it or was taken as something, each by the name of its field."""

    tariff: Tariff
    left_out: tuple[Fact, ...]
    taken: tuple[Fact, ...]


@dataclass(slots=True)
class _Urdb:
    rate: Mapping[str, Any]
    left_out: list[Fact] = field(default_factory=list)
    taken: list[Fact] = field(default_factory=list)
    seasons: dict[str, Season] = field(default_factory=dict)


def read_urdb(data: bytes, file: str, label: str = "") -> UrdbRead:
    """Read one rate; of several the one with that label. Raises ``UrdbError``."""
    urdb = _Urdb(_rate(_json(data, file), file, label))
    base, periods = _energy(urdb)
    demand = (*_demand(urdb), *_flat_demand(urdb))
    fixed = tuple(_fixed(urdb))
    _list_the_rest(urdb)
    version = TariffVersion(
        price_per_kwh=base[0].price if len(base) == 1 else 0.0,
        periods=periods,
        valid_from=_date(urdb, "startdate"),
        valid_to=_date(urdb, "enddate"),
        tiers=base if len(base) > 1 else (),
        seasons=tuple(urdb.seasons.values()),
        demand=demand,
        fixed=fixed,
    )
    names = [str(urdb.rate[key]).strip() for key in ("utility", "name") if urdb.rate.get(key)]
    tariff = Tariff(_currency(urdb), name=shown_line(", ".join(names)), versions=(version,))
    return UrdbRead(tariff, tuple(urdb.left_out), tuple(urdb.taken))


def shown_line(text: str) -> str:
    """A text of a file in one line that a tariff file takes: at most 200 characters, nothing that moves a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)[:200].strip()


def _refused(code: str, place: str, **values: Value) -> UrdbError:
    return UrdbError(Fact(code, {"field": place, **values}))


def _json(data: bytes, file: str) -> object:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise UrdbError(Fact("urdb_not_json", {"file": file, "line": 1, "detail": "not UTF-8"})) from error
    except json.JSONDecodeError as error:
        values: dict[str, Value] = {"file": file, "line": error.lineno, "detail": error.msg}
        raise UrdbError(Fact("urdb_not_json", values)) from error
    except (RecursionError, ValueError) as error:
        raise UrdbError(Fact("urdb_not_json", {"file": file, "line": 1, "detail": "too deep or long"})) from error


def _rate(found: object, file: str, label: str) -> Mapping[str, Any]:
    """The one rate of the file: alone, or within the list ``items`` of an answer of the API."""
    items = found.get("items", [found]) if isinstance(found, dict) else found
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        raise UrdbError(Fact("urdb_no_rate", {"file": file}))
    labels = [str(one.get("label", "")) for one in items]
    if label:
        if label not in labels:
            raise UrdbError(Fact("urdb_label_unknown", {"found": shown(label), "allowed": listed(labels)}))
        chosen: Mapping[str, Any] = items[labels.index(label)]
        return chosen
    if len(items) > 1:
        raise UrdbError(Fact("urdb_many_rates", {"file": file, "count": len(items), "allowed": listed(labels)}))
    only: Mapping[str, Any] = items[0]
    return only


def _currency(urdb: _Urdb) -> str:
    found = urdb.rate.get("currency")
    if found is None:
        urdb.taken.append(Fact("urdb_currency", {"currency": "USD"}))
        return "USD"
    if not (isinstance(found, str) and len(found) == 3 and found.isascii() and found.isupper()):
        raise _refused("urdb_value", "currency", found=shown(str(found)))
    return found


def _date(urdb: _Urdb, key: str) -> str:
    """An ISO date out of seconds since 1970 (UTC), empty where there is none."""
    found = urdb.rate.get(key)
    if found in (None, ""):
        return ""
    seconds = _number(found, key)
    try:
        return datetime.fromtimestamp(float(seconds), UTC).date().isoformat()
    except (OverflowError, OSError, ValueError) as error:
        raise _refused("urdb_value", key, found=shown(str(found))) from error


def _number(value: object, place: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _refused("urdb_not_a_number", place, found=shown(str(value)))
    number = Decimal(value)
    if not number.is_finite() or (number and abs(number.adjusted()) > 300):
        raise _refused("urdb_not_a_number", place, found=shown(str(value)))
    return number


def _structure(urdb: _Urdb, key: str, unit: str) -> list[tuple[Tier, ...]]:
    """The tiers of each period. ``unit``: what limits count; another one with limits is refused."""
    found = urdb.rate.get(key)
    if found in (None, []):
        return []
    if not isinstance(found, list) or not all(isinstance(tiers, list) and tiers for tiers in found):
        raise _refused("urdb_value", key, found=shown(str(found)))
    return [_tiers(urdb, tiers, f"{key}[{n}]", unit) for n, tiers in enumerate(found)]


def _tiers(urdb: _Urdb, given: Sequence[object], place: str, unit: str) -> tuple[Tier, ...]:
    tiers = []
    before = Decimal(0)
    for n, one in enumerate(given):
        here = f"{place}[{n}]"
        if not isinstance(one, dict):
            raise _refused("urdb_value", here, found=shown(str(one)))
        limit = _limit(urdb, one, here, unit, is_last=n == len(given) - 1)
        if limit is not None and limit <= before:
            raise _refused("urdb_limits_not_rising", f"{here}.max", found=str(limit), before=str(before))
        before = limit or before
        tiers.append(Tier(float(_price(urdb, one, here)), None if limit is None else float(limit)))
    return tuple(tiers)


def _price(urdb: _Urdb, one: Mapping[str, object], place: str) -> Decimal:
    """Rate and adjustment together; what is sold back has no place in a city's lighting."""
    rate = _number(one.get("rate", 0), f"{place}.rate")
    adjustment = _number(one.get("adj", 0), f"{place}.adj")
    if adjustment:
        urdb.taken.append(Fact("urdb_adjustment", {"field": f"{place}.adj", "found": str(adjustment)}))
    if _number(one.get("sell", 0), f"{place}.sell"):
        urdb.left_out.append(Fact("urdb_left_out", {"field": f"{place}.sell", "found": str(one["sell"])}))
    for key in sorted(set(one) - {"rate", "adj", "sell", "max", "unit"}):
        urdb.left_out.append(Fact("urdb_left_out", {"field": shown(f"{place}.{key}"), "found": shown(str(one[key]))}))
    if abs(rate + adjustment) > 1_000_000:
        raise _refused("urdb_not_a_number", f"{place}.rate", found=shown(str(rate)))
    return rate + adjustment


def _limit(urdb: _Urdb, one: Mapping[str, object], place: str, unit: str, *, is_last: bool) -> Decimal | None:
    """The limit of a tier; None of the last, which takes all the rest."""
    if one.get("max") is None:
        if not is_last:
            raise _refused("urdb_tier_without_max", f"{place}.max")
        return None
    limit = _number(one["max"], f"{place}.max")
    if is_last:
        if limit < _HIGHEST:
            urdb.taken.append(Fact("urdb_last_max", {"field": f"{place}.max", "found": str(limit)}))
        return None
    if str(one.get("unit", unit)) != unit:
        raise _refused("urdb_unit", f"{place}.unit", found=shown(str(one["unit"])), allowed=unit)
    return limit


def _schedule(urdb: _Urdb, kind: str, count: int) -> Schedule | None:
    """The two schedules of a kind; None where neither is there."""
    keys = [f"{kind}{days}schedule" for days in ("weekday", "weekend")]
    given = [urdb.rate.get(key) for key in keys]
    if given == [None, None]:
        return None
    rows = []
    for key, found in zip(keys, given, strict=True):
        if found is None:
            raise _refused("urdb_schedule_missing", key)
        rows.append(_rows(found, key, count))
    return Schedule(*rows)


def _rows(found: object, key: str, count: int) -> tuple[tuple[int, ...], ...]:
    if not isinstance(found, list) or len(found) != 12:
        raise _refused("urdb_schedule_form", key)
    for month, row in enumerate(found):
        if not isinstance(row, list) or len(row) != 24:
            raise _refused("urdb_schedule_form", f"{key}[{month}]")
        for hour, period in enumerate(row):
            if isinstance(period, bool) or not isinstance(period, int) or not 0 <= period < count:
                values: dict[str, Value] = {"found": shown(str(period)), "count": count}
                raise _refused("urdb_period_unknown", f"{key}[{month}][{hour}]", **values)
    return tuple(tuple(row) for row in found)


def _season(urdb: _Urdb, months: Sequence[int]) -> tuple[str, ...]:
    if not months:
        return ()
    season = month_seasons(months)
    urdb.seasons[season.name] = season
    return (season.name,)


def _energy(urdb: _Urdb) -> tuple[tuple[Tier, ...], tuple[TariffPeriod, ...]]:
    """The tiers of most hours, as those that hold in no period, and the periods of the others."""
    structure = _structure(urdb, "energyratestructure", "kWh")
    if not structure:
        raise _refused("urdb_field_missing", "energyratestructure")
    schedule = _schedule(urdb, "energy", len(structure))
    if schedule is None:
        if len(structure) > 1:
            raise _refused("urdb_field_missing", "energyweekdayschedule")
        return structure[0], ()
    hours = schedule.hours()
    _list_unused(urdb, "energyratestructure", len(structure), hours)
    base = max(hours, key=lambda period: (hours[period], -period))
    periods = [_period(urdb, one, structure[one.period]) for one in stretches(schedule, base)]
    return structure[base], tuple(periods)


def _list_unused(urdb: _Urdb, key: str, count: int, hours: Mapping[int, int]) -> None:
    unused = [str(n) for n in range(count) if n not in hours]
    if unused:
        urdb.taken.append(Fact("urdb_periods_unused", {"field": key, "numbers": ", ".join(unused)}))


def _period(urdb: _Urdb, one: Stretch, tiers: tuple[Tier, ...]) -> TariffPeriod:
    return TariffPeriod(
        price_per_kwh=tiers[0].price if len(tiers) == 1 else 0.0,
        weekdays=one.weekdays,
        from_minutes=one.from_minutes,
        until_minutes=one.until_minutes,
        name=f"period {one.period}",
        seasons=_season(urdb, one.months),
        tiers=tiers if len(tiers) > 1 else (),
    )


def _demand(urdb: _Urdb) -> list[DemandCharge]:
    structure = _structure(urdb, "demandratestructure", "kW")
    if not _charges(structure):
        return []
    _check_unit(urdb, ("demandrateunit", "demandrateunits", "demandunits"))
    schedule = _schedule(urdb, "demand", len(structure))
    if schedule is None:
        raise _refused("urdb_field_missing", "demandweekdayschedule")
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
            _season(urdb, one.months),
        )
        for one in stretches(schedule, None)
        if _charges([structure[one.period]])
    ]


def _charges(structure: Sequence[tuple[Tier, ...]]) -> bool:
    return any(tier.price for tiers in structure for tier in tiers)


def _check_unit(urdb: _Urdb, keys: Sequence[str]) -> None:
    for key in keys:
        unit = urdb.rate.get(key)
        if unit not in (None, "", "kW"):
            raise _refused("urdb_unit", key, found=shown(str(unit)), allowed="kW")


def _minutes(urdb: _Urdb) -> int:
    found = urdb.rate.get("demandwindow")
    if found is None:
        urdb.taken.append(Fact("urdb_demand_window", {"field": "demandwindow", "minutes": 15}))
        return 15
    minutes = _number(found, "demandwindow")
    if minutes not in _WINDOWS:
        raise _refused("urdb_value", "demandwindow", found=shown(str(found)))
    return int(minutes)


def _flat_demand(urdb: _Urdb) -> list[DemandCharge]:
    """Demand charges at any hour, by month."""
    structure = _structure(urdb, "flatdemandstructure", "kW")
    if not _charges(structure):
        return []
    _check_unit(urdb, ("flatdemandunit", "flatdemandunits"))
    months = urdb.rate.get("flatdemandmonths", [0] * 12)
    if not isinstance(months, list) or len(months) != 12:
        raise _refused("urdb_schedule_form", "flatdemandmonths")
    rows = _rows([[month] * 24 for month in months], "flatdemandmonths", len(structure))
    minutes = _minutes(urdb)
    return [
        DemandCharge(
            structure[one.period], minutes, name=f"flat demand {one.period}", seasons=_season(urdb, one.months)
        )
        for one in stretches(Schedule(rows, rows), None)
        if _charges([structure[one.period]])
    ]


def _fixed(urdb: _Urdb) -> list[FixedCharge]:
    found = []
    for key, name in (("fixedchargefirstmeter", "fixed charge"), ("fixedmonthlycharge", "fixed monthly charge")):
        amount = _number(urdb.rate.get(key) or 0, key)
        if amount < 0:
            raise _refused("urdb_value", key, found=str(amount))
        unit = "$/month" if key == "fixedmonthlycharge" else str(urdb.rate.get("fixedchargeunits", ""))
        if not amount:
            continue
        per = _FIXED_UNITS.get(unit.replace(" ", "").lower())
        if per is None:
            raise _refused("urdb_unit", "fixedchargeunits", found=shown(unit), allowed=listed(_FIXED_UNITS))
        found.append(FixedCharge(float(amount), per, name))
    return found


def _list_the_rest(urdb: _Urdb) -> None:
    """Whatever else has a value: known charges that are not reckoned, and fields that are not known."""
    for key in sorted(set(urdb.rate) - _READ - _NOTES):
        value = urdb.rate[key]
        if _says_something(value):
            urdb.left_out.append(Fact("urdb_left_out", {"field": shown(str(key)), "found": shown(str(value))}))


def _says_something(value: object) -> bool:
    """Zero, false, an empty text, and lists and tables of nothing else say nothing."""
    if isinstance(value, dict):
        return any(_says_something(one) for one in value.values())
    if isinstance(value, list):
        return any(_says_something(one) for one in value)
    return bool(value)
