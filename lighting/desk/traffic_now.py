"""The traffic of each section now, the class that it chooses, and the typical week that its counts tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from lighting.assets.fact import Fact
from lighting.assets.holiday_dates import is_holiday
from lighting.assets.model import CapacityBasis, Site, TrafficSection
from lighting.desk import traffic
from lighting.desk.desk import Desk
from lighting.desk.expected_traffic import newest_week
from lighting.desk.refusal import WrongUsage
from lighting.desk.senses import BEFORE_MS, inputs_known
from lighting.desk.snapshot import controller_answer
from lighting.desk.traffic_flow import ruling_flow
from lighting.schedule.class_levels import class_below
from lighting.schedule.inputs import UNKNOWN, Series
from lighting.schedule.traffic_rules import TrafficCount, class_series, tie
from lighting.schedule.typical_week import TooLittleHistory, TypicalWeek
from lighting.store.records import CountSource

Decides = Literal["controller", "counts"]
LOOK_BACK_MS = 26 * 3_600_000
"""A lane without a vehicle for 24 hours is not believed, so that less would not tell what the controller knows."""


@dataclass(frozen=True, slots=True)
class ClassNow:
    """What traffic makes of circuits of one design class: the class now, and how many circuits have it."""

    design_class: str
    lighting_class: str
    circuits: int


@dataclass(frozen=True, slots=True)
class SectionNow:
    """One section as its counts tell it.

    ``flow_veh_h`` is what is compared with ``capacity_veh_h``: the worst lane or the sum, of the window that rules (see
    ``ruling_flow``), from ``flow_from_ms`` to ``counted_until_ms``; None before the first count. ``age_s`` is that of
    the newest count. ``steps_down`` is None where no count can be believed; ``reason`` says why it is so since
    ``since_ms``. ``decides`` tells whose word that is: the running controller's, or what one would make of the counts
    on record.
    """

    section: str
    name: str
    basis: CapacityBasis
    capacity_veh_h: float
    lanes: int
    source: str
    flow_veh_h: float | None
    flow_from_ms: int | None
    counted_until_ms: int | None
    age_s: float | None
    steps_down: int | None
    since_ms: int | None
    reason: Fact
    classes: tuple[ClassNow, ...]
    decides: Decides


@dataclass(frozen=True, slots=True)
class WeekAnswer:
    """A typical week of a section; flows are what is compared with the capacity: the worst lane or the sum.

    ``newer_until_ms`` is the end of newer counts that were too few for a week, None where there are none such.
    """

    section: TrafficSection
    week: TypicalWeek
    newer_until_ms: int | None = None


def sections_now(desk: Desk, section_id: str | None = None) -> list[SectionNow]:
    """Every section in the order of the table, or one. Raises like ``traffic.section_named``."""
    if section_id is not None or not desk.site.traffic_sections:
        traffic.section_named(desk, section_id or "")
    now_ms = desk.clock.now_ms()
    sections = desk.site.traffic_sections
    wanted = list(sections) if section_id is None else [section_id]
    counts = {
        one.id: _counts(desk, one.id, now_ms - LOOK_BACK_MS, now_ms + 1, live_sources(one)) for one in sections.values()
    }
    decides: Decides = "counts"
    if controller_answer(desk.existing_store).life in ("running", "silent"):
        decides = "controller"
        known = inputs_known(desk.site, desk.existing_store, now_ms - BEFORE_MS, now_ms).traffic
    else:
        found = {one: class_series(sections[one], live_counts(counts[one])) for one in sections}
        known = tie(sections, found)
    return [_now(desk.site, sections[one], counts[one], known.get(one), now_ms, decides) for one in wanted]


def live_sources(section: TrafficSection) -> tuple[CountSource, ...]:
    """Where the controller takes the section's counts from: its counters, or what is pushed. Files are of the past."""
    return ("counter",) if section.counters else ("push",)


def live_counts(counts: Sequence[TrafficCount]) -> Sequence[TrafficCount]:
    """Those that a controller would take: up to ten minutes long. What is longer serves plan and what-if only."""
    return [count for count in counts if traffic.drives_lamps(count)]


def _counts(
    desk: Desk, section_id: str, from_ms: int, until_ms: int, sources: Sequence[CountSource] | None = None
) -> tuple[TrafficCount, ...]:
    store = desk.existing_store
    if store is None:
        return ()
    return tuple(store.senses.counts_between(section_id, from_ms, until_ms, sources))


def _now(
    site: Site,
    section: TrafficSection,
    counts: Sequence[TrafficCount],
    series: Series | None,
    now_ms: int,
    decides: Decides,
) -> SectionNow:
    steps, since_ms, reason = None, None, Fact("traffic_never_counted")
    if series is not None:
        value, index = (column[0] for column in series.at(np.array([now_ms], dtype=np.int64)))
        if index >= 0:
            steps = None if value == UNKNOWN else int(value)
            since_ms, reason = int(series.from_ms[index]), series.fact_of(int(index)) or reason
    classes = _classes(site, section, steps)
    ruling = ruling_flow(section, counts)
    newest_ms = max((count.until_ms for count in counts), default=None)
    return SectionNow(
        section.id,
        section.name,
        section.basis,
        section.capacity_veh_h,
        section.lanes,
        "+".join(map(str, section.counters)),
        None if ruling is None else ruling.flow_veh_h,
        None if ruling is None else ruling.from_ms,
        None if ruling is None else ruling.until_ms,
        None if newest_ms is None else (now_ms - newest_ms) / 1000,
        steps,
        since_ms,
        _with_classes(reason, section, classes),
        classes,
        decides,
    )


def _with_classes(reason: Fact, section: TrafficSection, classes: Sequence[ClassNow]) -> Fact:
    """The reason as ``why`` says it of a circuit: with the classes that it means, of the first kind where several."""
    values = {**reason.values, "section": section.id}
    if classes:
        values |= {"design_class": classes[0].design_class, "lighting_class": classes[0].lighting_class}
    return Fact(reason.code, values)


def _classes(site: Site, section: TrafficSection, steps: int | None) -> tuple[ClassNow, ...]:
    numbers: dict[tuple[str, str], int] = {}
    for circuit in site.circuits.values():
        if circuit.traffic_section == section.id:
            chosen = class_below(circuit.design_class, steps or 0, circuit.lowest_class)
            key = (circuit.design_class, chosen)
            numbers[key] = numbers.get(key, 0) + 1
    return tuple(ClassNow(design, chosen, number) for (design, chosen), number in numbers.items())


def typical_week(desk: Desk, section_id: str, *, until_ms: int | None = None, bin_minutes: int = 60) -> WeekAnswer:
    """The typical week of a section from the newest year of its counts before then that suffices.

    Raises ``WrongUsage`` where they are too few.
    """
    section = traffic.section_named(desk, section_id)
    end_ms = desk.clock.now_ms() if until_ms is None else until_ms
    holiday = partial(is_holiday, desk.site.calendar)
    store, timezone = desk.existing_store, desk.site.timezone
    try:
        learnt = newest_week(store, section_id, timezone, until_ms=end_ms, is_holiday=holiday, bin_minutes=bin_minutes)
    except TooLittleHistory as error:
        raise WrongUsage(error.fact) from error
    if learnt is None:
        raise WrongUsage(Fact("typical_week_none", {"section": section_id}))
    return WeekAnswer(section, learnt.week, learnt.newer_until_ms)
