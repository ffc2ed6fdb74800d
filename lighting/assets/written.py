"""The facts of a site written as a person writes them in its files: the way back of ``notation``.

What stands here is the notation of the files, the same in every language: a difference shows it as before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass

from lighting.assets.model import Anchor, CalendarRule, ChannelRef, LampGroup, Place, ProgramStep
from lighting.assets.notation import WEEKDAYS

NOTHING = "–"
_NTH = {1: "1st", 2: "2nd", 3: "3rd", -1: "last"}


def anchor_text(anchor: Anchor) -> str:
    """``22:00``, ``sunset+00:30``, ``photocell``, ``later of 22:00 and sunset``, ``sunset not before 17:30``.

    ``parse_anchor`` reads the same moment out of it.
    """
    parts = anchor.parts
    if not parts:
        return _plain_anchor(anchor)
    if len(parts) == 2 and parts[0].parts and not parts[1].parts:
        return _bounded(anchor)
    return ("later of " if anchor.later_of else "earlier of ") + " and ".join(_bounded(part) for part in parts)


def _bounded(anchor: Anchor) -> str:
    if not anchor.parts:
        return _plain_anchor(anchor)
    first, bound = anchor.parts
    return f"{_bounded(first)} not {'before' if anchor.later_of else 'after'} {_plain_anchor(bound)}"


def _plain_anchor(anchor: Anchor) -> str:
    if anchor.photocell:
        return "photocell"
    if anchor.clock_minutes is not None:
        return f"{anchor.clock_minutes // 60:02d}:{anchor.clock_minutes % 60:02d}"
    return f"{anchor.sun_event}{_offset(anchor.offset_s)}"


def _offset(offset_s: int) -> str:
    if offset_s == 0:
        return ""
    sign, size_s = ("-" if offset_s < 0 else "+"), abs(offset_s)
    return f"{sign}{size_s // 3600:02d}:{size_s % 3600 // 60:02d}" if size_s % 60 == 0 else f"{sign}{size_s}s"


def step_text(step: ProgramStep) -> str:
    """What a step asks, without its moment: ``60 %``, ``M4 adaptive``, ``0 % part_night``, ``50 % ramp_s=300``."""
    words = [step.lighting_class or f"{number_text(step.level_pct)} %"]
    if step.adaptive:
        words.append("adaptive")
    if step.part_night:
        words.append("part_night")
    if step.ramp_s is not None:
        words.append(f"ramp_s={number_text(step.ramp_s)}")
    return " ".join(words)


def number_text(value: float) -> str:
    """A number with the digits that it has."""
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else repr(float(value))


def place_text(place: Place) -> str:
    """``C-0101``, ``district:centre``, ``area:21.02,105.83,500``."""
    return place.id if place.kind == "circuit" else f"{place.kind}:{place.id}"


def rule_fields(rule: CalendarRule) -> dict[str, str]:
    """What a rule of the calendar says, key by key as in its file; only what it says."""
    written = {
        "dates": _listed(first if first == last else f"{first}..{last}" for first, last in rule.dates),
        "seasons": _listed(_season(*season) for season in rule.seasons),
        "weekdays": _listed(WEEKDAYS[day] for day in rule.weekdays),
        "nth_weekdays": _listed(f"{_NTH.get(n, f'{n}th')} {WEEKDAYS[day]}" for n, day in rule.nth_weekdays),
        "holidays": "true" if rule.holidays else "",
        "places": _listed(place_text(place) for place in rule.places),
        "use": _listed(f"{own} → {used}" for own, used in rule.use.items()),
    }
    return {key: text for key, text in written.items() if text}


def rule_text(rule: CalendarRule) -> str:
    """A rule in one line."""
    return "; ".join(f"{key} {text}" for key, text in rule_fields(rule).items())


def _season(first: tuple[int, int], last: tuple[int, int]) -> str:
    return f"{first[0]:02d}-{first[1]:02d}..{last[0]:02d}-{last[1]:02d}"


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def value_text(value: object) -> str:
    """A value of any field of the site; ``–`` where it has none."""
    if value is None or value == "" or value == ():
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, Anchor):
        return anchor_text(value)
    if isinstance(value, LampGroup):
        return f"{value.luminaire_type}:{value.count}"
    if isinstance(value, (str, ChannelRef)):
        return str(value)
    if isinstance(value, Mapping):
        return _listed(f"{key} {value_text(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return _tuple_text(value)
    if is_dataclass(value):
        return _listed(value_text(getattr(value, field.name)) for field in fields(value))
    return str(value)


def _tuple_text(value: tuple[object, ...]) -> str:
    if all(isinstance(one, tuple) and len(one) == 2 for one in value):  # a curve: 10:6+25:11.5
        return "+".join(":".join(value_text(part) for part in pair) for pair in value if isinstance(pair, tuple))
    return "+".join(value_text(one) for one in value)
