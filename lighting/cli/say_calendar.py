"""``lighting calendar``: which rule rules each night, nights that are alike together, and which can never rule.

A few spans of nights are listed one after the other; a year is told rule by rule.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lighting.assets.fact import Fact, Value
from lighting.cli.json_forms import form, plain
from lighting.cli.night_sets import WEEKDAYS, dates_in_words, nights_in_words
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, laid_out, print_json
from lighting.desk.answers import CalendarAnswer
from lighting.schedule.calendar_view import NO_RULE, NightRules, RulePart

SCHEMA = "lighting.calendar/1"
MOST_SPANS = 20
_INDENT = "   "


def print_calendar(answer: CalendarAnswer, voice: Voice, *, as_json: bool) -> None:
    """Print the nights, then the rules that rule none."""
    if as_json:
        _print_form(answer)
        return
    voice.data(_heading(answer))
    if not answer.rules:
        voice.data(Fact("calendar_no_rules"))
        return
    print()
    spans = _spans(answer)
    if len(spans) <= MOST_SPANS:
        _print_spans(answer, spans, voice)
    else:
        _print_rules(answer, voice)
    for code, is_over in (("calendar_idle", False), ("calendar_over", True)):
        idle = [rule.fact for rule in answer.idle if rule.is_over is is_over]
        if idle:
            print()
            voice.data(Fact("calendar_idle") if code == "calendar_idle" else Fact("calendar_over"))
            print("\n".join(laid_out(voice.sentence(fact), sys.stdout, indent=_INDENT) for fact in idle))


def _heading(answer: CalendarAnswer) -> Fact:
    values: dict[str, Value] = {
        "from_date": answer.first,
        "to_date": answer.last,
        "nights": len(answer.nights),
        "circuits": answer.circuits,
    }
    if answer.target:
        return Fact("calendar_heading_of", {**values, "target": answer.target})
    return Fact("calendar_heading", values)


@dataclass(frozen=True, slots=True)
class _Span:
    """Nights that follow each other and are alike, their holidays too."""

    first: date
    last: date
    parts: tuple[RulePart, ...]
    holiday: str


def _spans(answer: CalendarAnswer) -> list[_Span]:
    spans: list[_Span] = []
    for night in answer.nights:
        last = spans[-1] if spans else None
        name = _holiday_of(answer, night)
        if last is not None and (last.parts, last.holiday) == (night.parts, name):
            spans[-1] = _Span(last.first, night.night, last.parts, name)
        else:
            spans.append(_Span(night.night, night.night, night.parts, name))
    return spans


def _holiday_of(answer: CalendarAnswer, night: NightRules) -> str:
    """The holiday's name where a rule of that night asks for holidays: of no other is it a reason."""
    asks = any(part.rule != NO_RULE and answer.rules[part.rule].holidays for part in night.parts)
    return night.holiday if asks else ""


def _print_spans(answer: CalendarAnswer, spans: Sequence[_Span], voice: Voice) -> None:
    rows = []
    for span in spans:
        nights = _dated(span.first) if span.first == span.last else f"{_dated(span.first)} .. {_dated(span.last)}"
        for number, part in enumerate(span.parts):
            rule = _rule_of(answer, part, span, voice)
            rows.append(("" if number else nights, rule, _programs(part, voice)))
    print_table((Column("NIGHTS"), Column("RULE", gives_way=True), Column("PROGRAMS", gives_way=True)), rows, voice)


def _dated(night: date) -> str:
    return f"{WEEKDAYS[night.weekday()]} {night.isoformat()}"


def _rule_of(answer: CalendarAnswer, part: RulePart, span: _Span, voice: Voice) -> str:
    is_all = part.circuits == answer.circuits
    values: dict[str, Value] = {"circuits": part.circuits}
    if part.rule == NO_RULE:
        return voice.sentence(Fact("calendar_no_rule") if is_all else Fact("calendar_no_rule_of", values))
    rule = answer.rules[part.rule]
    name = f"{rule.name}, {span.holiday}" if rule.holidays and span.holiday else rule.name
    return name if is_all else voice.sentence(Fact("calendar_rule_of", {**values, "rule": name}))


def _programs(part: RulePart, voice: Voice) -> str:
    """Which programs give way to which; those that stay go without saying where others do not."""
    changed = [f"{own} → {used}" for own, used in part.programs if own != used]
    if changed:
        return ", ".join(changed)
    return voice.sentence(Fact("calendar_own") if part.rule == NO_RULE else Fact("calendar_own_kept"))


def _print_rules(answer: CalendarAnswer, voice: Voice) -> None:
    """One paragraph a rule: how many nights, what it makes of the programs, and which nights those are."""
    among = [night.night for night in answer.nights]
    of_night = {night.night: night for night in answer.nights}
    ruled: dict[int, list[tuple[date, RulePart]]] = {}
    for night in answer.nights:
        for part in night.parts:
            ruled.setdefault(part.rule, []).append((night.night, part))
    commonest = max(ruled, key=lambda rule: len(ruled[rule]))
    for rule in sorted(ruled, key=lambda rule: (rule == NO_RULE, rule)):
        found = ruled[rule]
        voice.data(_ruled(answer, rule, [part for _, part in found]))
        for line in dict.fromkeys(_programs(part, voice) for _, part in found) if rule != NO_RULE else ():
            print(laid_out(line, sys.stdout, indent=_INDENT))
        nights = [night for night, _ in found]
        if rule != NO_RULE and answer.rules[rule].holidays:
            text = dates_in_words(nights, lambda night: of_night[night].holiday)
        elif rule == commonest == NO_RULE and all(len(night.parts) == 1 for night in answer.nights):
            text = voice.sentence(Fact("calendar_other_nights"))
        else:
            text = nights_in_words(nights, among, voice.sentence)
        print(laid_out(text, sys.stdout, indent=_INDENT))


def _ruled(answer: CalendarAnswer, rule: int, parts: Sequence[RulePart]) -> Fact:
    least, most = min(part.circuits for part in parts), max(part.circuits for part in parts)
    values: dict[str, Value] = {"nights": len(parts), "circuits": most, "least": least, "most": most}
    if rule == NO_RULE:
        if least < most:
            return Fact("calendar_no_rule_nights_some", values)
        is_all = most == answer.circuits
        return Fact("calendar_no_rule_nights", values) if is_all else Fact("calendar_no_rule_nights_of", values)
    values |= {"number": rule + 1, "rule": answer.rules[rule].name}
    if least < most:
        return Fact("calendar_rule_nights_some", values)
    is_all = most == answer.circuits
    return Fact("calendar_rule_nights", values) if is_all else Fact("calendar_rule_nights_of", values)


def _print_form(answer: CalendarAnswer) -> None:
    """Every night with its parts; rules by their number from 0, null where none matches."""
    shared = {id(night.parts): [_part(part) for part in night.parts] for night in answer.nights}
    nights = [
        {
            "night": night.night.isoformat(),
            "is_holiday": night.is_holiday,
            "holiday": night.holiday,
            "parts": shared[id(night.parts)],
        }
        for night in answer.nights
    ]
    rules = [{"number": n, "name": rule.name, "use": _programs_of(rule.use)} for n, rule in enumerate(answer.rules)]
    head = {"from": answer.first, "to": answer.last, "today": answer.today, "target": answer.target or None}
    print_json(
        {**form(SCHEMA, **head, circuits=answer.circuits, rules=rules), "nights": nights, "idle": plain(answer.idle)}
    )


def _part(part: RulePart) -> dict[str, object]:
    rule = None if part.rule == NO_RULE else part.rule
    return {"rule": rule, "circuits": part.circuits, "programs": _programs_of(dict(part.programs))}


def _programs_of(used: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"own": own, "used": program} for own, program in used.items()]
