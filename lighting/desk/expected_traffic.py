"""What the typical week of each section expects of a span to come, for a plan or a what-if; never for the lamps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from lighting.assets.fact import Fact
from lighting.assets.holiday_dates import is_holiday
from lighting.assets.model import Site, TrafficSection
from lighting.schedule.inputs import Series, series
from lighting.schedule.traffic_rules import TrafficCounts, class_series
from lighting.schedule.typical_week import IsHoliday, TooLittleHistory, TypicalWeek, learn_week, typical_columns
from lighting.store.store import Store

LEARN_FROM_MS = 366 * 86_400_000
NEXT_YEAR_MS = 28 * 86_400_000
SETTLED_MS = 3 * 3_600_000
"""So long before the span the rules begin: two classes down need four windows, and a hold."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A typical week, and the end of the newer counts (UTC ms) that were too few for one; None where it has all."""

    week: TypicalWeek
    newer_until_ms: int | None = None


def newest_week(
    store: Store | None,
    section_id: str,
    timezone: str,
    *,
    until_ms: int,
    is_holiday: IsHoliday,
    bin_minutes: int = 60,
) -> Learnt | None:
    """Learn from the newest year of counts that suffices, of those that had ended by then, of all sources.

    A few live counts after years of imported ones leave the year with the newest count too thin: then older years are
    tried, as far as the record goes. None where nothing was counted. Raises ``TooLittleHistory``, of the year with
    most days, where no year has enough.
    """
    best: TooLittleHistory | None = None
    newest_ms: int | None = None
    for counts in _years_of_counts(store, section_id, until_ms=until_ms):
        newest_ms = int(counts.until_ms.max()) if newest_ms is None else newest_ms
        try:
            week = learn_week(counts, timezone, bin_minutes=bin_minutes, is_holiday=is_holiday)
            return Learnt(week, newest_ms if best is not None else None)
        except TooLittleHistory as error:
            if best is None or _days(error) > _days(best):
                best = error
    if best is not None:
        raise best
    return None


def _days(error: TooLittleHistory) -> int:
    return int(str(error.fact.values["days"]))


def _years_of_counts(store: Store | None, section_id: str, *, until_ms: int) -> Iterator[TrafficCounts]:
    """Counts that had ended by then, a year of them at a time, the newest first; each is read when it is asked for.

    Each year ends with a count, at least four weeks before the one that came first: so few weeks of counts are never
    cut in two by all of them.
    """
    counted = {} if store is None else store.senses.counted_sections()
    if store is None or section_id not in counted:
        return
    _, first_ms, last_ms = counted[section_id]
    at_ms = min(until_ms, last_ms)
    while at_ms > first_ms:
        counts = _year_before(store, section_id, at_ms)
        if not len(counts):
            at_ms -= LEARN_FROM_MS
            continue
        end_ms = int(counts.until_ms.max())
        yield counts if end_ms == at_ms else _year_before(store, section_id, end_ms)
        at_ms = end_ms - NEXT_YEAR_MS


def _year_before(store: Store, section_id: str, end_ms: int) -> TrafficCounts:
    counts = store.senses.counts_between(section_id, end_ms - LEARN_FROM_MS, end_ms)
    return counts.chosen(counts.until_ms <= end_ms)


def learnt_weeks(site: Site, store: Store | None, *, until_ms: int) -> dict[str, TypicalWeek]:
    """The typical week of each section that has enough counts before that instant, of the newest year that suffices."""
    weeks: dict[str, TypicalWeek] = {}
    holiday = partial(is_holiday, site.calendar)
    for section_id in site.traffic_sections:
        try:
            learnt = newest_week(store, section_id, site.timezone, until_ms=until_ms, is_holiday=holiday)
        except TooLittleHistory:
            continue
        if learnt is not None:
            weeks[section_id] = learnt.week
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
