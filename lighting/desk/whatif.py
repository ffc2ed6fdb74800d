"""What other rules would take over a span of lighting nights, beside the present ones and full power while dark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Site, Tariff
from lighting.desk import whatif_traffic as traffic
from lighting.desk import whatif_worlds as worlds
from lighting.desk.lamp_ages import burning_hours
from lighting.desk.refusal import WrongUsage
from lighting.desk.times import known_night, length_s
from lighting.desk.whatif_answers import (
    FULL,
    OTHER,
    PRESENT,
    NightEnergy,
    Replayed,
    WhatIfAnswer,
    lines_by,
    total_line,
)
from lighting.energy.full_power import full_power_site
from lighting.energy.replay import STEP_MS, World, nights_from, replay
from lighting.energy.tariff import left_out_of_price
from lighting.schedule.inputs import Inputs
from lighting.schedule.night import night_of, night_span_ms
from lighting.schedule.site_index import site_index

if TYPE_CHECKING:
    from lighting.desk.desk import Desk

YEAR_NIGHTS = 365
MOST_NIGHTS = 3653
LEAST_STEP_S, MOST_STEP_S = 10.0, 3600.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class YearFigures:
    """A year under a site's rules. Without a tariff ``money`` is None, without its CO₂ factor ``co2_kg`` is."""

    energy_kwh: float
    peak_kw: float
    money: float | None
    currency: str
    co2_kg: float | None


def year_of(site: Site, *, night: date, inputs: Inputs | None = None) -> YearFigures:
    """What 365 lighting nights from that one on would take by the site's rules alone, of the lamps.

    Every night is replayed in steps of five minutes, as `lighting whatif` does; people's instructions are left out, and
    without ``inputs`` adaptive steps have the design class.
    """
    nights = nights_from(night, night + timedelta(days=YEAR_NIGHTS - 1))
    found = replay(World(site, inputs or Inputs()), nights)
    tariff = of_one_factor(site.tariff, nights)
    money = float(found.night_money.sum())
    energy_kwh = float(found.night_kwh.sum())
    return YearFigures(
        energy_kwh=energy_kwh,
        peak_kw=found.peak_kw,
        money=None if tariff is None or isnan(money) else money,
        currency="" if tariff is None else tariff.currency,
        co2_kg=None if tariff is None or tariff.co2 is None else energy_kwh * tariff.co2.g_per_kwh / 1000.0,
    )


@dataclass(frozen=True, slots=True)
class WhatIfWish:
    """What was asked. At most one of ``programs``, ``calendar`` and ``other``, and of ``traffic`` and ``typical_week``.

    ``first`` and ``last`` are ISO dates of nights, both included: tonight and the 365th night where left out.
    ``calendar`` and ``traffic`` are (name, content) of a file.
    """

    first: str | None = None
    last: str | None = None
    programs: tuple[str, ...] = ()
    calendar: tuple[str, str] | None = None
    other: Path | None = None
    traffic: tuple[str, bytes] | None = None
    typical_week: bool = False
    step: str | None = None


def whatif(desk: Desk, wish: WhatIfWish, progress: Progress | None = None) -> WhatIfAnswer:
    """Compare up to three worlds. ``progress`` is told nights done, of all worlds, and how many there are.

    Raises ``WrongUsage``, ``NotFound`` and ``BrokenSite``.
    """
    nights = _nights(desk, wish)
    step_ms = _step_ms(wish.step)
    sites = _sites(desk, wish)
    present, tariff = sites[PRESENT], of_one_factor(_tariff(sites), nights)
    first_ms, last_ms = (night_span_ms(night, present.timezone) for night in (nights[0], nights[-1]))
    counted = _traffic(desk, wish, sites, (first_ms[0], last_ms[1]))
    done: dict[str, Replayed] = {}
    for name, site in sites.items():
        before = len(done) * len(nights)
        ages = None if name == FULL or desk.existing_store is None else burning_hours(site, desk.existing_store)
        inputs = replace(counted[name].inputs if name in counted else Inputs(), burning_h=ages)
        world = World(replace(site, tariff=tariff), inputs)

        def tell(number: int, before: int = before) -> None:
            if progress is not None:
                progress(before + number, len(sites) * len(nights))

        found = replay(world, nights, step_ms=step_ms, progress=tell)
        if name == FULL:  # at full power no class is missed that is known
            found = replace(found, below_class_min=done[PRESENT].found.below_class_min * 0.0)
        done[name] = Replayed(site, found)
    return WhatIfAnswer(
        first=nights[0].isoformat(),
        last=nights[-1].isoformat(),
        n_nights=len(nights),
        step_s=step_ms / 1000.0,
        revision=None if desk.revision is None else desk.revision.id,
        currency="" if tariff is None else tariff.currency,
        worlds=tuple(done),
        total=total_line(done, tariff),
        districts=lines_by(done, tariff, "district"),
        circuits=lines_by(done, tariff, "circuit"),
        nights=_by_night(nights, done),
        notes=(*_notes(sites, counted), *_notes_of_money(_tariff(sites), tariff, done)),
    )


def _nights(desk: Desk, wish: WhatIfWish) -> tuple[date, ...]:
    today = night_of(desk.clock.now_ms(), desk.site.timezone)
    first = today if wish.first is None else known_night(wish.first)
    last = first + timedelta(days=YEAR_NIGHTS - 1) if wish.last is None else known_night(wish.last)
    if last < first:
        code = "whatif_ends_before_tonight" if wish.first is None else "whatif_ends_before"
        raise WrongUsage(Fact(code, {"from_date": first.isoformat(), "to_date": last.isoformat()}))
    if (last - first).days >= MOST_NIGHTS:
        raise WrongUsage(Fact("whatif_too_long", {"nights": (last - first).days + 1, "most": MOST_NIGHTS}))
    return nights_from(first, last)


def _step_ms(text: str | None) -> int:
    if text is None:
        return STEP_MS
    seconds = length_s(text)
    if not LEAST_STEP_S <= seconds <= MOST_STEP_S:
        raise WrongUsage(
            Fact("whatif_step_out_of_range", {"text": text, "least_s": LEAST_STEP_S, "most_s": MOST_STEP_S})
        )
    return round(seconds * 1000)


def _sites(desk: Desk, wish: WhatIfWish) -> dict[str, Site]:
    """The site of each world: the other rules first, if any."""
    asked = (("--program", wish.programs), ("--calendar", wish.calendar), ("--other", wish.other))
    named = [name for name, value in asked if value]
    if len(named) > 1:
        raise WrongUsage(Fact("whatif_one_other", {"options": ", ".join(named)}))
    sites: dict[str, Site] = {}
    if wish.programs:
        sites[OTHER] = worlds.with_programs(desk.site, wish.programs)
    elif wish.calendar is not None:
        sites[OTHER] = worlds.with_calendar(desk, *wish.calendar)
    elif wish.other is not None:
        sites[OTHER] = worlds.other_site(wish.other)
        if sites[OTHER].timezone != desk.site.timezone:
            zones = {"timezone": desk.site.timezone, "other_timezone": sites[OTHER].timezone}
            raise WrongUsage(Fact("whatif_other_zone", {"folder": str(wish.other), **zones}))
    return {**sites, PRESENT: desk.site, FULL: full_power_site(desk.site)}


def _tariff(sites: Mapping[str, Site]) -> Tariff | None:
    """One price list for all, so that rules are compared and not prices: the present one, else the other's."""
    return sites[PRESENT].tariff or (sites[OTHER].tariff if OTHER in sites else None)


def _traffic(
    desk: Desk, wish: WhatIfWish, sites: Mapping[str, Site], span_ms: tuple[int, int]
) -> dict[str, traffic.CountedTraffic]:
    if wish.traffic is not None and wish.typical_week:
        raise WrongUsage(Fact("whatif_one_other", {"options": "--traffic, --typical-week"}))
    found: dict[str, traffic.CountedTraffic] = {}
    if wish.traffic is None and not wish.typical_week:
        return found
    for name, site in sites.items():
        if name == FULL:
            continue
        if name == PRESENT and OTHER in found and sites[OTHER].traffic_sections == site.traffic_sections:
            found[name] = found[OTHER]
        elif wish.traffic is not None:
            found[name] = traffic.from_file(site, *wish.traffic, span_ms)
        else:
            found[name] = traffic.typical(desk, site, span_ms)
    return found


def _by_night(nights: tuple[date, ...], done: Mapping[str, Replayed]) -> tuple[NightEnergy, ...]:
    return tuple(
        NightEnergy(night.isoformat(), {name: float(world.found.night_kwh[at]) for name, world in done.items()})
        for at, night in enumerate(nights)
    )


def _notes(sites: Mapping[str, Site], counted: Mapping[str, traffic.CountedTraffic]) -> list[Fact]:
    """What the figures do not know."""
    notes = [Fact("whatif_rules_alone")]
    mine = [site for name, site in sites.items() if name != FULL]
    if counted:
        told = {(fact.code, str(fact.values)): fact for one in counted.values() for fact in one.notes}
        notes += told.values()
    elif any(worlds.is_adaptive(site) for site in mine):
        notes.append(Fact("whatif_no_traffic"))
    if any(site.photocells for site in mine):
        notes.append(Fact("whatif_no_photocells"))
    if any(site_index(site).output.is_used for site in mine):
        notes.append(Fact("whatif_ageing"))
    present = sites[PRESENT]
    unknown = sum(not (circuit.design_class and circuit.maintained_level) for circuit in present.circuits.values())
    if unknown:
        notes.append(Fact("whatif_class_unknown", {"circuits": unknown, "of": len(present.circuits)}))
    if OTHER in sites and set(sites[OTHER].circuits) != set(present.circuits):
        gone = len(set(present.circuits) - set(sites[OTHER].circuits))
        new = len(set(sites[OTHER].circuits) - set(present.circuits))
        notes.append(Fact("whatif_circuits_differ", {"new": new, "gone": gone}))
    if OTHER in sites and sites[OTHER].tariff not in (None, _tariff(sites)):
        notes.append(Fact("whatif_present_tariff"))
    return notes


def _notes_of_money(own: Tariff | None, tariff: Tariff | None, done: Mapping[str, Replayed]) -> list[Fact]:
    """What money and CO₂ rest on, and what of the tariff they leave out; ``tariff`` has its one CO₂ factor."""
    if own is None or tariff is None:
        return [Fact("whatif_no_tariff")]
    notes = list(left_out_of_price(own))
    if any(isnan(float(one.found.night_money.sum())) for one in done.values()):
        notes.append(Fact("whatif_hours_without_price"))
    if tariff.co2 is None:
        return [*notes, Fact("whatif_co2_varies" if own.carbon else "whatif_no_co2")]
    factor: dict[str, Value] = {
        "g_per_kwh": tariff.co2.g_per_kwh,
        "source": tariff.co2.source,
        "year": str(tariff.co2.year),
    }
    return [*notes, Fact("whatif_co2", factor)]


def of_one_factor(tariff: Tariff | None, nights: Sequence[date]) -> Tariff | None:
    """The tariff with the one CO₂ factor that holds through all of these nights, or with none."""
    if tariff is None:
        return None
    first, last = nights[0].isoformat(), (nights[-1] + timedelta(days=1)).isoformat()
    found = next(
        (
            one
            for one in tariff.carbon
            if one.series is None and one.valid_from <= first and (not one.valid_to or last <= one.valid_to)
        ),
        None,
    )
    return replace(tariff, co2=found, co2_factors=())
