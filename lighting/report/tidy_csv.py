"""The report as one long CSV: a row for each figure. UTF-8, ISO days, decimal point; the same in every language.

Columns: section, id, from_day, to_day, quantity, unit, value. Energy, money and CO₂ are exact integers in the unit that
stands beside them. What is not known has an empty value.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

from lighting.desk.energy_answers import BillLine, EnergyReport, Known, PlaceLine, SpanLine, Within, Worth

HEADING = ("section", "id", "from_day", "to_day", "quantity", "unit", "value")
Row = tuple[str, str, str, str, str, str, object]
_ENERGIES_WITHIN = tuple(f"{name}_within_90_energy" for name in ("used", "baseline", "saved"))
_INDICATORS = (
    ("power_density", "W/(lx·m²)", "power_density_w_lx_m2"),
    ("annual_energy", "Wh/m²", "annual_energy_wh_m2"),
    ("is_annualised", "", "is_annualised"),
    ("system_power", "W", "system_power_w"),
    ("illuminance_area", "lx·m²", "illuminance_area_lx_m2"),
    ("area", "m²", "area_m2"),
    ("circuits_with_area", "1", "circuits_with_area"),
    ("circuits", "1", "circuits"),
    ("length", "km", "length_km"),
    ("energy_per_length", "kWh/km", "kwh_per_km"),
    ("lamps", "1", "lamps"),
    ("energy_per_lamp", "kWh", "kwh_per_lamp"),
    ("burning", "h", "burning_h"),
    ("daytime_energy", "Ws", "daytime_ws"),
    ("standby_power", "W", "standby_w"),
    ("standby_hours", "h", "standby_h"),
    ("standby_energy", "Ws", "standby_ws"),
    ("peak_power", "W", "peak_w"),
    ("peak_at", "ms UTC", "peak_ms"),
)
_COVERAGE = (
    ("known", "share", "known_share"),
    ("spread", "share", "spread_share"),
    ("unknown", "share", "unknown_share"),
    ("metered", "Ws", "metered_ws"),
    ("apportioned", "Ws", "apportioned_ws"),
    ("modelled", "Ws", "modelled_ws"),
    ("unmetered", "Ws", "unmetered_ws"),
    ("days", "d", "days"),
    ("days_without_account", "d", "days_without_account"),
)


def csv_bytes(report: EnergyReport) -> bytes:
    """Every figure; lines end with a line feed."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(HEADING)
    table.writerows((*row[:6], _written(row[6])) for row in rows(report))
    return out.getvalue().encode("utf-8")


def _written(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def rows(report: EnergyReport) -> Iterator[Row]:
    """All rows in a fixed order."""
    yield from _about(report)
    yield from _span("total", report.site_id, report.total, report)
    yield _whole(report, "undelivered", "", "undelivered_energy", "Ws", report.undelivered_ws)
    yield from _baselines(report)
    for line in report.causes:
        is_known = report.total.known_share > 0
        days = report.from_day, report.to_day
        yield from _worth("cause", line.code, days, "saved", line.saved if is_known else None, report)
        yield _whole(report, "cause", line.code, "standard_error", "Ws", line.se_ws if is_known else None)
        within = Within.of_cause(report, line) if is_known else None
        yield from _worth("cause", line.code, days, "saved_within_90", within, report)
    for span in report.months:
        yield from _span("month", span.from_day[:7], span, report)
    for span in report.days:
        yield from _span("day", span.from_day, span, report)
    for place in report.places:
        yield from _place("district", place, report)
    for place in report.circuits:
        yield from _place("circuit" if place.is_circuit else "permanent_load", place, report)
    for rank, place in enumerate(report.worst, 1):
        yield _whole(report, "worst", place.id, "rank", "1", rank)
    yield from _whole_table(report)
    for bill in report.bills:
        yield from _bill(bill, report)


def money_unit(report: EnergyReport, currency: str = "") -> str:
    """The unit of exact money, such as ``1e-6 EUR``: 10⁻⁴ of the minor unit."""
    name = currency or report.currency
    return f"1e-{4 + report.currency_digits} {name}" if name else ""


def _whole(report: EnergyReport, section: str, one: str, quantity: str, unit: str, value: object) -> Row:
    return section, one, report.from_day, report.to_day, quantity, unit, value


def _about(report: EnergyReport) -> Iterator[Row]:
    about = (
        ("site_name", report.site_name),
        ("timezone", report.timezone),
        ("districts", " ".join(report.districts)),
        ("currency", report.currency),
        ("tariff", report.tariff_name),
        ("co2_source", report.co2_source),
        ("baseline", report.baseline_code),
        ("revisions", " ".join(map(str, report.revision_ids))),
        ("basis_hash", report.basis_hash),
    )
    for name, text in about:
        yield _whole(report, "report", report.site_id, name, "", text)
    for number, note in enumerate(report.notes, 1):
        values = " ".join(f"{name}={value}" for name, value in note.values.items())
        yield _whole(report, "note", str(number), note.code, "", values)


def _worth(
    section: str, one: str, days: tuple[str, str], prefix: str, worth: Worth | None, report: EnergyReport
) -> Iterator[Row]:
    yield section, one, *days, f"{prefix}_energy", "Ws", None if worth is None else worth.energy_ws
    yield section, one, *days, f"{prefix}_money", money_unit(report), None if worth is None else worth.money_e4
    yield section, one, *days, f"{prefix}_co2", "g", None if worth is None else worth.co2_g


def _three(
    section: str, one: str, days: tuple[str, str], line: SpanLine | PlaceLine, report: EnergyReport
) -> Iterator[Row]:
    known = Known.of(report, line)
    yield from _worth(section, one, days, "used", known.used, report)
    yield from _worth(section, one, days, "baseline", known.baseline, report)
    yield from _worth(section, one, days, "saved", known.saved, report)
    if isinstance(line, SpanLine):
        within = Within.of(report, line)
        for name, plus in (("used", within.used), ("baseline", within.baseline), ("saved", within.saved)):
            yield from _worth(section, one, days, f"{name}_within_90", plus, report)
    else:  # money of a place is its energy at a mean price: its ± is in the same proportion
        for name, plus_ws in zip(_ENERGIES_WITHIN, Within.energies_ws(known, line), strict=True):
            yield section, one, *days, name, "Ws", plus_ws
    yield section, one, *days, "undelivered", "lamp·h", line.undelivered_lamp_h
    yield section, one, *days, "known", "share", line.known_share


def _span(section: str, one: str, line: SpanLine, report: EnergyReport) -> Iterator[Row]:
    yield from _three(section, one, (line.from_day, line.to_day), line, report)


def _place(section: str, place: PlaceLine, report: EnergyReport) -> Iterator[Row]:
    days = report.from_day, report.to_day
    yield section, place.id, *days, "name", "", place.name
    yield section, place.id, *days, "kind", "", place.kind
    yield section, place.id, *days, "lamps", "1", place.lamps
    yield from _three(section, place.id, days, place, report)
    yield section, place.id, *days, "energy_per_lamp", "kWh", _per_lamp(place)
    yield section, place.id, *days, "latitude", "°", place.latitude_deg
    yield section, place.id, *days, "longitude", "°", place.longitude_deg
    for cause in place.causes:
        yield section, place.id, *days, f"saved_by_{cause.code}", "Ws", cause.saved.energy_ws


def _per_lamp(place: PlaceLine) -> float | None:
    return place.kwh_per_lamp if place.lamps and place.known_share > 0 else None


def _baselines(report: EnergyReport) -> Iterator[Row]:
    days = report.from_day, report.to_day
    for line in report.baselines:
        yield _whole(report, "baseline", line.code, "ipmvp_option", "", line.option)
        yield from _worth("baseline", line.code, days, "baseline", line.baseline, report)
        yield from _worth("baseline", line.code, days, "used", line.used, report)
        yield from _worth("baseline", line.code, days, "saved", line.saved, report)
        yield _whole(report, "baseline", line.code, "standard_error", "Ws", line.se_ws)
        yield _whole(report, "baseline", line.code, "within_90_percent", "Ws", line.within_ws)
        yield _whole(report, "baseline", line.code, "is_shown", "", line.is_shown)
        for name, facts in (("adjustment", line.adjustments), ("input", line.inputs)):
            for fact in facts:
                values = " ".join(f"{key}={value}" for key, value in fact.values.items())
                yield _whole(report, "baseline", line.code, f"{name}:{fact.code}", "", values)


def _whole_table(report: EnergyReport) -> Iterator[Row]:
    for quantity, unit, name in _INDICATORS:
        yield _whole(report, "indicator", "", quantity, unit, getattr(report.indicators, name))
    for quantity, unit, name in _COVERAGE:
        yield _whole(report, "coverage", "", quantity, unit, getattr(report.coverage, name))
    profile = report.load_profile
    for hour, used, baseline in zip(profile.hours, profile.used_w, profile.baseline_w, strict=True):
        yield _whole(report, "night_profile", f"{hour % 24:02d}:00", "used_power", "W", used)
        yield _whole(report, "night_profile", f"{hour % 24:02d}:00", "baseline_power", "W", baseline)
    for hour, nights, of in zip(profile.hours, profile.known_nights, profile.of_nights, strict=False):
        yield _whole(report, "night_profile", f"{hour % 24:02d}:00", "nights_known", "1", nights)
        yield _whole(report, "night_profile", f"{hour % 24:02d}:00", "nights", "1", of)
    yield _whole(report, "load_duration", "", "hours_known", "1", profile.known_hours)
    yield _whole(report, "load_duration", "", "hours", "1", profile.of_hours)
    for share, power in report.load_duration_w:
        yield _whole(report, "load_duration", repr(share), "power", "W", power)
    for line in report.reactive:
        yield _whole(report, "reactive", line.period, "active_energy", "Ws", line.energy_ws)
        yield _whole(report, "reactive", line.period, "reactive_energy", "vars", line.reactive_vars)
        yield _whole(report, "reactive", line.period, "tan_phi", "1", line.tan_phi)
        yield _whole(report, "reactive", line.period, "limit", "1", line.limit)


def _bill(bill: BillLine, report: EnergyReport) -> Iterator[Row]:
    head = "bill", f"{bill.supply} {bill.number}", bill.from_day, bill.to_day
    yield *head, "billed_energy", "Ws", bill.billed_ws
    yield *head, "metered_energy", "Ws", bill.metered_ws
    yield *head, "billed_money", money_unit(report, bill.currency), bill.billed_e4
    yield *head, "reckoned_money", money_unit(report, bill.currency), bill.reckoned_e4
    yield *head, "known", "share", bill.known_share
    yield *head, "is_agreed", "", bill.is_agreed
    yield *head, "verdict", "", bill.verdict
