"""What a URDB rate charges beside energy and demand: fixed and minimum charges, fuel adjustments; and what is left out.

Field meanings: OpenEI, «Utility Rate Database» API documentation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lighting.assets.fact import Fact
from lighting.assets.nearest import listed, shown
from lighting.assets.tariff import Adjustment, FixedCharge, FixedPer, MinimumCharge
from lighting.exchange.urdb_values import Urdb, number_of, refused

_UNITS: dict[str, FixedPer] = {"$/month": "month", "$/day": "day", "$/year": "year"}
_FUEL = ("fueladjustmentsmonthly", "fuelAdjustmentsMonthly")
_FIXED = (("fixedchargefirstmeter", "fixed charge"), ("fixedmonthlycharge", "fixed monthly charge"))
_MINIMUM = (("mincharge", "minimum charge"), ("minmonthlycharge", "minimum monthly charge"))
_USED = frozenset({*_FUEL, *(key for key, _ in (*_FIXED, *_MINIMUM)), "fixedchargeunits", "minchargeunits"})
_REASONS = {
    "annualmincharge": "urdb_left_out_of_year",
    "coincidentrateschedule": "urdb_left_out_coincident",
    "coincidentratestructure": "urdb_left_out_coincident",
    "coincidentrateunit": "urdb_left_out_coincident",
    "demandratchetpercentage": "urdb_left_out_ratchet",
    "demandreactivepowercharge": "urdb_left_out_reactive",
    "fixedchargeeaaddl": "urdb_left_out_meters",
    "lookbackmonths": "urdb_left_out_ratchet",
    "lookbackpercent": "urdb_left_out_ratchet",
    "lookbackrange": "urdb_left_out_ratchet",
}
NOTES = frozenset(
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


def fixed_charges(urdb: Urdb) -> Iterator[FixedCharge]:
    """The charges by day, month or year."""
    for key, name in _FIXED:
        amount = _amount(urdb, key)
        if amount:
            per = "month" if key == "fixedmonthlycharge" else _unit(urdb, "fixedchargeunits", "")
            yield FixedCharge(amount, per, name)


def minimum_charges(urdb: Urdb) -> Iterator[MinimumCharge]:
    """The least that a month costs; what is a minimum of a year is left out."""
    for key, name in _MINIMUM:
        amount = _amount(urdb, key)
        if not amount:
            continue
        per = "month" if key == "minmonthlycharge" else _unit(urdb, "minchargeunits", "$/month")
        if per == "year":
            urdb.leave_out(key, urdb.rate[key], "urdb_left_out_of_year")
        else:
            yield MinimumCharge(amount, per, name)


def _amount(urdb: Urdb, key: str) -> float:
    amount = number_of(urdb.rate.get(key) or 0, key)
    if not 0 <= amount <= 1_000_000_000:
        raise refused("urdb_value", key, found=shown(str(amount)))
    return float(amount)


def _unit(urdb: Urdb, key: str, otherwise: str) -> FixedPer:
    unit = str(urdb.rate.get(key) or otherwise)
    per = _UNITS.get(unit.replace(" ", "").lower())
    if per is None:
        raise refused("urdb_unit", key, found=shown(unit), allowed=listed(_UNITS))
    return per


def fuel_adjustments(urdb: Urdb) -> Iterator[Adjustment]:
    """What each month adds to the price of a kWh: an adjustment for the months of one price."""
    for key in _FUEL:
        given = urdb.rate.get(key)
        if given in (None, []):
            continue
        if not isinstance(given, list) or len(given) != 12:
            raise refused("urdb_months_form", key)
        months: dict[float, list[int]] = {}
        for month, value in enumerate(given, start=1):
            price = number_of(value, f"{key}[{month - 1}]")
            if abs(price) > 1_000_000:
                raise refused("urdb_not_a_number", f"{key}[{month - 1}]", found=shown(str(value)))
            months.setdefault(float(price), []).append(month)
        for of_months, in_months in months.items():
            if of_months:
                seasons = urdb.season(in_months) if len(in_months) < 12 else ()
                yield Adjustment(of_months, name=" ".join(("fuel adjustment", *seasons)), seasons=seasons)


def list_the_rest(urdb: Urdb, read: Collection[str]) -> Fact:
    """Leave out whatever else has a value, and say why; the counts of all fields.

    ``read`` are the fields that others read. A field without a value charges nothing.
    """
    gone = {str(fact.values["field"]) for fact in urdb.left_out}
    counts = {"used_count": 0, "note_count": 0, "refused_count": 0}
    for key in sorted(urdb.rate):
        value = urdb.rate[key]
        if key in NOTES or not _says_something(value):
            counts["note_count"] += 1
        elif key in gone:
            counts["refused_count"] += 1
        elif key in read or key in _USED:
            counts["used_count"] += 1
        else:
            counts["refused_count"] += 1
            urdb.leave_out(str(key), value, _REASONS.get(key, "urdb_left_out"))
    return Fact("urdb_fields", {"read_count": len(urdb.rate), **counts})


def _says_something(value: object) -> bool:
    """Zero, false, an empty text, and lists and tables of nothing else say nothing."""
    if isinstance(value, dict):
        return any(_says_something(one) for one in value.values())
    if isinstance(value, list):
        return any(_says_something(one) for one in value)
    return bool(value)
