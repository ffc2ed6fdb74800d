"""What the typical week of each section expects of a span to come, for a plan or a what-if; never for the lamps."""

from __future__ import annotations

from functools import partial

from lighting.assets.fact import Fact
from lighting.assets.holiday_dates import is_holiday
from lighting.assets.model import Site, TrafficSection
from lighting.schedule.inputs import Series, series
from lighting.schedule.traffic_rules import TrafficCounts, class_series, counts_of
from lighting.schedule.typical_week import TooLittleHistory, TypicalWeek, learn_week, typical_columns
from lighting.store.store import Store

LEARN_FROM_MS = 366 * 86_400_000
SETTLED_MS = 3 * 3_600_000
"""So long before the span the rules begin: two classes down need four windows, and a hold."""


def newest_year(store: Store | None, section_id: str, *, until_ms: int) -> TrafficCounts:
    """The counts of a section that had ended by then, of all sources: the newest year of them."""
    counted = {} if store is None else store.senses.counted_sections()
    if store is None or section_id not in counted:
        return counts_of(())
    end_ms = min(until_ms, counted[section_id][2])
    counts = store.senses.counts_between(section_id, end_ms - LEARN_FROM_MS, end_ms)
    return counts.chosen(counts.until_ms <= end_ms)


def learnt_weeks(site: Site, store: Store | None, *, until_ms: int) -> dict[str, TypicalWeek]:
    """The typical week of each section that has enough counts in the newest year of them before that instant."""
    weeks: dict[str, TypicalWeek] = {}
    holiday = partial(is_holiday, site.calendar)
    for section_id in site.traffic_sections:
        try:
            past = newest_year(store, section_id, until_ms=until_ms)
            weeks[section_id] = learn_week(past, site.timezone, is_holiday=holiday)
        except TooLittleHistory:
            continue
    return weeks


def expected_traffic(
    site: Site, store: Store | None, from_ms: int, until_ms: int, *, learn_until_ms: int, high: bool = False
) -> dict[str, Series]:
    """The steps down that typical weeks make of a span, by section: ``inputs_known`` takes it as ``expected``.

    Sections without enough history are absent. ``learn_until_ms`` is the present for a plan, and the begin of the span
    for a replay, which must not learn from what it replays. ``high`` takes the high percentile, which dims later.
    """
    holiday = partial(is_holiday, site.calendar)
    found: dict[str, Series] = {}
    for section_id, week in learnt_weeks(site, store, until_ms=learn_until_ms).items():
        counts = typical_columns(week, from_ms - SETTLED_MS, until_ms, site.timezone, is_holiday=holiday, high=high)
        section = site.traffic_sections[section_id]
        if len(counts):
            found[section_id] = _said_as_typical(section, class_series(section, counts))
    return found


def _said_as_typical(section: TrafficSection, known: Series) -> Series:
    """The same with reasons that say that nobody counted it."""
    facts = [
        Fact("traffic_typical", {**fact.values, "section": section.id}) if fact.code == "traffic_counted" else fact
        for fact in known.facts
    ]
    rows = zip(known.from_ms.tolist(), known.value.tolist(), known.fact.tolist(), strict=True)
    return series([(at_ms, value, facts[number]) for at_ms, value, number in rows])
