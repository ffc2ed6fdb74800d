"""Importing files of past counts: read whole, checked whole, recorded with who did it; or only looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lighting.assets.fact import Fact, Value
from lighting.assets.model import TrafficSection
from lighting.assets.nearest import listed, nearest, shown
from lighting.desk import rights, traffic
from lighting.desk.desk import Desk
from lighting.desk.refusal import NotFound, Refused, WrongUsage
from lighting.exchange.traffic_counts import (
    MOST_PLAUSIBLE_VEH_H,
    CountRefusal,
    CountsError,
    CountsRead,
    named,
)
from lighting.exchange.traffic_csv import read_csv_counts
from lighting.exchange.traffic_lanes import LaneGathering, SectionCount
from lighting.exchange.traffic_muenster import is_sum_row, read_day, read_muenster
from lighting.exchange.traffic_pems import DateOrder, read_pems
from lighting.exchange.wall_times import is_known_zone

Format = Literal["pems", "muenster", "csv"]
FORMATS: tuple[Format, ...] = ("pems", "muenster", "csv")
DATE_ORDERS: tuple[DateOrder, ...] = ("day-first", "month-first")


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What is to be imported, and how its files are to be read; ``detectors`` one a lane, in their order.

    ``timezone`` and ``most_veh_h`` None: the site's zone, and what a lane can carry at the most.
    """

    format: Format
    section: str = ""
    detectors: tuple[str, ...] = ()
    dates: DateOrder | None = None
    timezone: str | None = None
    most_veh_h: float | None = None


@dataclass(frozen=True, slots=True)
class SectionImported:
    """What a section got; ``longest_ms`` is the longest interval of its counts."""

    section: str
    used_count: int
    added: int
    same: int
    from_ms: int
    until_ms: int
    longest_ms: int


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """``read_count`` = ``used_count`` + the counts of ``refusals``. Of a ``dry_run`` nothing was recorded."""

    read_count: int
    used_count: int
    sections: tuple[SectionImported, ...]
    refusals: tuple[CountRefusal, ...]
    remarks: tuple[Fact, ...]
    dry_run: bool

    @property
    def refused_count(self) -> int:
        return sum(refusal.count for refusal in self.refusals)


@dataclass(slots=True)
class _Gathered:
    whole: list[SectionCount] = field(default_factory=list)
    refusals: list[CountRefusal] = field(default_factory=list)
    remarks: list[Fact] = field(default_factory=list)
    read_count: int = 0


def import_counts(desk: Desk, files: Mapping[str, bytes], wish: ImportWish, *, dry_run: bool = False) -> ImportAnswer:
    """Import the contents of files, by name. Nothing is recorded unless every file can be read as a whole.

    Raises ``WrongUsage`` for a file or options that cannot be used, ``NotFound`` for a section or a detector, and
    ``Refused`` for want of the right.
    """
    desk.refresh()
    rights.require(desk.site, desk.user_id, "crew", "traffic import")
    section = _checked(desk, wish)
    found = _Gathered()
    lanes = LaneGathering("", desk.site.traffic_sections, desk.clock.now_ms())
    for name, data in files.items():
        lanes.file = name
        _gather(found, lanes, _read(desk, name, data, wish, section))
    found.refusals += lanes.end()
    if section is not None and wish.format == "muenster" and not found.read_count:
        _refuse_unknown_detector(files, wish)
    became = traffic.CountsBecame()
    if not dry_run and found.whole:
        found.refusals += traffic.record(desk.store, found.whole, "file", became)
        _audit(desk, files, wish, became, found)
    refused = sum(refusal.count for refusal in found.refusals)
    return ImportAnswer(
        found.read_count,
        found.read_count - refused,
        tuple(_imported(found.whole, became)),
        tuple(found.refusals),
        tuple(found.remarks),
        dry_run,
    )


def _gather(found: _Gathered, lanes: LaneGathering, read: CountsRead) -> None:
    found.read_count += read.read_count
    found.refusals += read.refusals
    found.remarks += [remark for remark in read.remarks if remark not in found.remarks]
    for row in read.rows:
        for result in lanes.take(row):
            if isinstance(result, SectionCount):
                found.whole.append(result)
            else:
                found.refusals.append(result)


def _checked(desk: Desk, wish: ImportWish) -> TrafficSection | None:
    """The section of the files, None where their lines name it. Raises for options that do not belong together."""
    if not desk.site.traffic_sections:
        raise WrongUsage(Fact("traffic_no_sections"))
    if wish.timezone is not None and not is_known_zone(wish.timezone):
        raise WrongUsage(Fact("timezone_unknown_here", {"found": shown(wish.timezone)}))
    if wish.detectors and wish.format != "muenster":
        raise WrongUsage(Fact("traffic_detector_for_muenster"))
    if wish.dates and wish.format != "pems":
        raise WrongUsage(Fact("traffic_dates_for_pems"))
    if wish.format == "csv":
        if wish.section:
            raise WrongUsage(Fact("traffic_section_in_file"))
        return None
    if not wish.section:
        raise WrongUsage(Fact("traffic_section_needed", {"allowed": listed(desk.site.traffic_sections)}))
    section = traffic.section_named(desk, wish.section)
    if wish.format == "muenster":
        _check_detectors(section, wish.detectors)
    return section


def _check_detectors(section: TrafficSection, detectors: Sequence[str]) -> None:
    if not detectors:
        raise WrongUsage(Fact("traffic_detector_needed"))
    one_for_all = section.basis == "cen_13201" and len(detectors) == 1
    if len(detectors) != section.lanes and not one_for_all:
        values: dict[str, Value] = {"found_count": len(detectors), "lanes": section.lanes, "section": section.id}
        raise WrongUsage(Fact("detectors_do_not_fit", values))
    for name in detectors:
        if is_sum_row(name) and section.basis == "uni_11248":
            raise Refused(Fact("detector_is_a_sum", {"detector": shown(name), "section": section.id}))


def _most_veh_h(wish: ImportWish, section: TrafficSection | None) -> float:
    """What one number of the file can be at the most: a lane's, or on a carriageway's one number all lanes'."""
    if wish.most_veh_h is not None:
        return wish.most_veh_h
    if section is None or section.basis != "cen_13201" or len(wish.detectors) != 1:
        return MOST_PLAUSIBLE_VEH_H
    return MOST_PLAUSIBLE_VEH_H * section.lanes


def _read(desk: Desk, name: str, data: bytes, wish: ImportWish, section: TrafficSection | None) -> CountsRead:
    timezone, most_veh_h = wish.timezone or desk.site.timezone, _most_veh_h(wish, section)
    try:
        if section is None:
            return read_csv_counts(data, name, timezone, most_veh_h)
        if wish.format == "pems":
            return named(read_pems(data, name, timezone, wish.dates, most_veh_h), section.id)
        return named(read_muenster(data, name, timezone, wish.detectors, most_veh_h), section.id)
    except CountsError as error:
        raise WrongUsage(error.fact) from error


def _refuse_unknown_detector(files: Mapping[str, bytes], wish: ImportWish) -> None:
    """A detector that no file has is a wrong name, not a day without counts."""
    names = {one for name, data in files.items() for one in read_day(data, name).rows}
    for detector in wish.detectors if names else ():
        if detector not in names:
            values: dict[str, Value] = {"detector": shown(detector), "file_count": len(files)}
            guess = nearest(detector, sorted(names))
            if guess:
                raise NotFound(Fact("traffic_detector_nowhere_nearest", {**values, "nearest": guess}))
            raise NotFound(Fact("traffic_detector_nowhere", values))


def _imported(whole: Sequence[SectionCount], became: traffic.CountsBecame) -> list[SectionImported]:
    answers = []
    for section_id in dict.fromkeys(one.section for one in whole):
        counts = [one.count for one in whole if one.section == section_id]
        answers.append(
            SectionImported(
                section_id,
                len(counts),
                became.added.get(section_id, 0),
                became.same.get(section_id, 0),
                min(count.from_ms for count in counts),
                max(count.until_ms for count in counts),
                max(count.until_ms - count.from_ms for count in counts),
            )
        )
    return answers


def _audit(
    desk: Desk, files: Mapping[str, bytes], wish: ImportWish, became: traffic.CountsBecame, found: _Gathered
) -> None:
    values: dict[str, Value] = {
        "format": wish.format,
        "files": listed(list(files)),
        "file_count": len(files),
        "read_count": found.read_count,
        "added_count": became.added_count,
        "same_count": became.same_count,
        "refused_count": sum(refusal.count for refusal in found.refusals),
    }
    subject = ", ".join(became.added)
    desk.store.history.add_audit(
        at_ms=desk.clock.now_ms(), by=desk.user_id, act="traffic_import", subject=subject, values=values
    )
