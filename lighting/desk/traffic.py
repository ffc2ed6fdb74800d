"""What a person or a script does with traffic counts: push them one by one or line by line, import files.

Every way in is the same: a count is new, already known, or refused with its reason; what is on record stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lighting.assets.fact import Fact, Value
from lighting.assets.model import TrafficSection
from lighting.desk import rights
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import not_found
from lighting.exchange.traffic_counts import HOUR_MS, CountRefusal, CountRow
from lighting.exchange.traffic_csv import span_fact
from lighting.exchange.traffic_lanes import LaneGathering, SectionCount
from lighting.schedule.traffic_rules import WINDOW_MS, TrafficCount
from lighting.store.records import CountSource
from lighting.store.store import Store

KIND = "traffic section"
_STREAM_WAITS_FOR = 1000
_DIVISORS = ", ".join(str(minutes) for minutes in range(1, 61) if 60 % minutes == 0)


@dataclass(frozen=True, slots=True)
class CountsBecame:
    """What became of some counts: recorded, already on record, refused; ``added`` and ``same`` by section."""

    added: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    refusals: list[CountRefusal] = field(default_factory=list)

    @property
    def added_count(self) -> int:
        return sum(self.added.values())

    @property
    def same_count(self) -> int:
        return sum(self.same.values())

    @property
    def refused_count(self) -> int:
        return sum(refusal.count for refusal in self.refusals)


def section_named(desk: Desk, section_id: str) -> TrafficSection:
    """The section of that id. Raises ``NotFound`` with the nearest ids, ``WrongUsage`` where the site has none."""
    sections = desk.site.traffic_sections
    if not sections:
        raise WrongUsage(Fact("traffic_no_sections"))
    if section_id not in sections:
        raise not_found(KIND, section_id, list(sections))
    return sections[section_id]


def span_of_minutes(now_ms: int, minutes: int) -> tuple[int, int]:
    """The interval of that many minutes that ended last on the clock: asked at 17:13, ten of them end at 17:10.

    So counts that a timer pushes every ten minutes, some seconds late, follow each other without gap or overlap.
    Raises ``WrongUsage`` unless the minutes divide an hour.
    """
    if not 1 <= minutes <= 60 or 60 % minutes:
        raise WrongUsage(Fact("traffic_minutes_not_valid", {"found": minutes, "allowed": _DIVISORS}))
    length_ms = minutes * 60_000
    until_ms = now_ms - now_ms % length_ms
    return until_ms - length_ms, until_ms


@dataclass(slots=True)
class CountsPush:
    """Counts that come in one after the other. ``file`` is what they come from, for messages."""

    desk: Desk
    file: str
    became: CountsBecame = field(default_factory=CountsBecame)
    _lanes: LaneGathering = field(init=False)

    def __post_init__(self) -> None:
        """Raises ``Refused`` without the right, ``WrongUsage`` where the site has no section."""
        self.desk.refresh()
        rights.require(self.desk.site, self.desk.user_id, "crew", "traffic push")
        if not self.desk.site.traffic_sections:
            raise WrongUsage(Fact("traffic_no_sections"))
        now_ms = self.desk.clock.now_ms()
        self._lanes = LaneGathering(self.file, self.desk.site.traffic_sections, now_ms, _STREAM_WAITS_FOR, live=True)

    def take(self, found: Iterable[CountRow | CountRefusal]) -> list[CountRefusal]:
        """Record what these rows complete, durable when this returns; the refusals of this call."""
        self._lanes.now_ms = self.desk.clock.now_ms()
        whole: list[SectionCount] = []
        refusals: list[CountRefusal] = []
        for one in found:
            for result in [one] if isinstance(one, CountRefusal) else self._lanes.take(one):
                if isinstance(result, SectionCount):
                    whole.append(result)
                else:
                    refusals.append(result)
        if whole:
            refusals += record(self.desk.store, whole, "push", self.became)
        self.became.refusals.extend(refusals)
        return refusals

    def end(self) -> list[CountRefusal]:
        """The rows that waited in vain for their other lanes."""
        refusals = self._lanes.end()
        self.became.refusals.extend(refusals)
        return refusals


def push_one(
    desk: Desk, section_id: str, vehicles: tuple[float, ...], from_ms: int, until_ms: int, *, lane: int | None = None
) -> CountsBecame:
    """Record one count. Raises ``NotFound`` for an unknown section, ``WrongUsage`` for an interval that is none.

    What a safety rule or the record refuses is in the answer.
    """
    push = CountsPush(desk, "")
    section_named(desk, section_id)
    wrong = span_fact(from_ms, until_ms)
    if wrong is not None:
        raise WrongUsage(wrong)
    push.take([CountRow(0, section_id, from_ms, until_ms, vehicles, lane)])
    push.end()
    return push.became


def record(
    store: Store, whole: Sequence[SectionCount], source: CountSource, became: CountsBecame
) -> list[CountRefusal]:
    """Put counts on record, section by section; the refusals of those that the record contradicts."""
    refusals: list[CountRefusal] = []
    for section_id in dict.fromkeys(one.section for one in whole):
        mine = sorted((one for one in whole if one.section == section_id), key=lambda one: one.count.from_ms)
        last_ms = max(one.count.until_ms for one in mine)
        known = store.senses.counts_between(section_id, mine[0].count.from_ms, last_ms, (source,))
        free, same, contradicted = _beside(mine, known)
        added, also_same, conflicting = store.senses.add_counts(section_id, free, source)
        became.added[section_id] = became.added.get(section_id, 0) + added
        became.same[section_id] = became.same.get(section_id, 0) + same + also_same
        refusals += contradicted
        if conflicting:  # another process was quicker
            values: dict[str, Value] = {"section": section_id}
            refusals.append(
                CountRefusal(mine[0].file, 0, section_id, Fact("count_known_meanwhile", values), conflicting)
            )
    return refusals


def _beside(
    mine: Sequence[SectionCount], known: Iterable[TrafficCount]
) -> tuple[list[TrafficCount], int, list[CountRefusal]]:
    """Counts in ascending order that are free to be recorded, how many are known, and those that are contradicted."""
    on_record = sorted(known, key=lambda count: count.from_ms)
    free: list[TrafficCount] = []
    same = 0
    refusals = []
    at = 0
    for one in mine:
        while at < len(on_record) and on_record[at].until_ms <= one.count.from_ms:
            at += 1
        touching = [c for c in on_record[at : at + 1] if c.from_ms < one.count.until_ms]
        touching += [c for c in free[-1:] if c.until_ms > one.count.from_ms]
        if not touching:
            free.append(one.count)
        elif one.count in touching:
            same += 1
        else:
            refusals.append(CountRefusal(one.file, one.line, one.section, _contradiction(one, touching[0]), one.rows))
    return free, same, refusals


def _contradiction(one: SectionCount, known: TrafficCount) -> Fact:
    values: dict[str, Value] = {
        "section": one.section,
        "from_ms": one.count.from_ms,
        "until_ms": one.count.until_ms,
        "found": written(one.count.vehicles),
        "known": written(known.vehicles),
    }
    if (known.from_ms, known.until_ms) == (one.count.from_ms, one.count.until_ms):
        return Fact("count_known_otherwise", values)
    known_span: dict[str, Value] = {"known_from_ms": known.from_ms, "known_until_ms": known.until_ms}
    return Fact("count_overlaps", {**values, **known_span})


def written(vehicles: Sequence[float]) -> str:
    """Vehicles as they are pushed: one number a lane, ``57+41``."""
    return "+".join(f"{one:g}" for one in vehicles)


def compared_flow_veh_h(section: TrafficSection, count: TrafficCount) -> float | None:
    """What is compared with the capacity, in vehicles an hour: the worst lane, or the sum on ``cen_13201``.

    None where a lane could not be counted: the worst could be that one.
    """
    if not all(math.isfinite(one) for one in count.vehicles):
        return None
    vehicles = max(count.vehicles) if section.basis == "uni_11248" else sum(count.vehicles)
    return vehicles * HOUR_MS / (count.until_ms - count.from_ms)


def drives_lamps(count: TrafficCount) -> bool:
    """Whether the rule of ten minutes takes it live: longer counts serve plan and what-if only."""
    return count.until_ms - count.from_ms <= WINDOW_MS
