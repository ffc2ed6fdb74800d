"""``lighting traffic push``: one count of the command line, or lines of standard input as they come."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from lighting.assets.fact import Fact, Value
from lighting.cli.exit_codes import Exit
from lighting.cli.json_forms import form
from lighting.cli.voice import Voice, print_json
from lighting.desk import traffic
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.exchange.traffic_counts import MOST_PLAUSIBLE_VEH_H, CountRefusal, CountsError
from lighting.exchange.traffic_csv import CountLines, lanes_of
from lighting.schedule.traffic_rules import TrafficCount

SCHEMA = "lighting.traffic_push/1"
STDIN_NAME = "standard input"
_CHUNK = 65_536
_DEFAULT_MINUTES = 10

_REFUSED = frozenset(
    {
        *("count_in_the_future", "count_known_otherwise", "count_known_meanwhile", "count_overlaps"),
        *("count_not_plausible", "lanes_missing", "lane_counted_twice", "section_has_counters"),
    }
)
_NOT_FOUND = frozenset({"unknown_reference", "unknown_reference_nearest", "unknown_reference_none"})


@dataclass(frozen=True, slots=True)
class PushWords:
    """The words of the command line, as they were typed."""

    section: str
    vehicles: str | None
    minutes: int | None
    begin: str | None
    end: str | None
    lane: int | None
    most_veh_h: float | None

    @property
    def most(self) -> float:
        """The highest flow that is believed. Raises ``WrongUsage`` for one that is none."""
        return most_believed(self.most_veh_h)


def most_believed(given: float | None) -> float:
    """What was said, else what a lane carries at the most. Raises ``WrongUsage`` unless it is more than 0."""
    if given is not None and not 0 < given < float("inf"):
        raise WrongUsage(Fact("traffic_most_not_valid", {"found": str(given)}))
    return MOST_PLAUSIBLE_VEH_H if given is None else given


def exit_code_of(refusals: list[CountRefusal]) -> Exit:
    """What one or many refusals mean: 2 before 3 before 5."""
    codes = {refusal.fact.code for refusal in refusals}
    if codes - _REFUSED - _NOT_FOUND:
        return Exit.WRONG_USAGE
    if codes & _NOT_FOUND:
        return Exit.NOT_FOUND
    return Exit.REFUSED if codes else Exit.FINE


def push_count(desk: Desk, voice: Voice, words: PushWords, *, as_json: bool) -> int:
    """Push the one count that the command line says."""
    section = traffic.section_named(desk, words.section)
    if words.vehicles is None:
        raise WrongUsage(Fact("traffic_vehicles_missing", {"section": section.id}))
    from_ms, until_ms = _span(desk, words)
    if until_ms <= from_ms:
        raise WrongUsage(Fact("count_ends_before_it_begins", {"from_ms": from_ms, "until_ms": until_ms}))
    vehicles = lanes_of(words.vehicles.split("+"), until_ms - from_ms, words.most)
    if isinstance(vehicles, Fact):
        return _refuse(voice, [CountRefusal("", 0, section.id, vehicles)])
    became = traffic.push_one(desk, section.id, vehicles, from_ms, until_ms, lane=words.lane)
    if as_json:
        _print_form(became)
    if became.refusals:
        return _refuse(voice, became.refusals)
    count = TrafficCount(from_ms, until_ms, vehicles)
    values: dict[str, Value] = {"section": section.id, "from_ms": from_ms, "until_ms": until_ms}
    if not as_json:
        told: dict[str, Value] = {
            "vehicles": traffic.written(vehicles),
            "flow_veh_h": traffic.compared_flow_veh_h(section, count),
        }
        voice.data(Fact("traffic_pushed", {**values, **told}) if became.added_count else Fact("traffic_known", values))
    if not traffic.drives_lamps(count):
        voice.tell(Fact("traffic_import_hourly", {"duration_ms": until_ms - from_ms}))
    return Exit.FINE


def _span(desk: Desk, words: PushWords) -> tuple[int, int]:
    if words.begin is None and words.end is None:
        minutes = _DEFAULT_MINUTES if words.minutes is None else words.minutes
        return traffic.span_of_minutes(desk.clock.now_ms(), minutes)
    if words.begin is None or words.end is None or words.minutes is not None:
        raise WrongUsage(Fact("traffic_interval_not_said"))
    return desk.parse_moment(words.begin), desk.parse_moment(words.end)


def _refuse(voice: Voice, refusals: list[CountRefusal]) -> int:
    for refusal in refusals:
        print(f"lighting: {voice.sentence(refusal.fact)}", file=sys.stderr)
    return exit_code_of(refusals)


def push_lines(desk: Desk, voice: Voice, words: PushWords, *, as_json: bool) -> int:
    """Push every line of standard input; each is on record before the next is awaited."""
    if words.vehicles is not None or (words.minutes, words.begin, words.end, words.lane) != (None,) * 4:
        raise WrongUsage(Fact("traffic_vehicles_of_lines"))
    push = traffic.CountsPush(desk, STDIN_NAME)
    lines = CountLines(STDIN_NAME, desk.site.timezone, words.most)
    try:
        for texts in _lines_as_they_come():
            found = [one for text in texts if (one := lines.read(text)) is not None]
            _tell(voice, push.take(found))
    except CountsError as error:
        raise WrongUsage(error.fact) from error
    finally:
        _tell(voice, push.end())
        _summarise(voice, push.became, as_json=as_json)
    return exit_code_of(push.became.refusals)


def _lines_as_they_come() -> Iterator[list[str]]:
    """The whole lines that are there, as soon as they are: a pipe may stay open for days."""
    rest = b""
    while chunk := os.read(sys.stdin.fileno(), _CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        if whole:
            yield [line.decode("utf-8", errors="replace") for line in whole]
    if rest:
        yield [rest.decode("utf-8", errors="replace")]


def _tell(voice: Voice, refusals: list[CountRefusal]) -> None:
    for refusal in refusals:
        values: dict[str, Value] = {"line": refusal.line, "reason": voice.sentence(refusal.fact)}
        voice.tell(Fact("traffic_line_refused", values))


def _summarise(voice: Voice, became: traffic.CountsBecame, *, as_json: bool) -> None:
    if as_json:
        _print_form(became)
        return
    values: dict[str, Value] = {"added": became.added_count, "same": became.same_count}
    voice.data(Fact("traffic_lines", {**values, "refused": became.refused_count}))


def _print_form(became: traffic.CountsBecame) -> None:
    sections = [
        {"section": one, "added": became.added[one], "same": became.same.get(one, 0)} for one in sorted(became.added)
    ]
    refused = [{"line": one.line, "section": one.subject, "fact": one.fact} for one in became.refusals]
    print_json(form(SCHEMA, sections=sections, refused=refused))
