"""The small notations inside cells and values: ids, ``device:channel``, lamp groups, curves, anchors, date ranges.

Each parser takes the text and returns the fact's own type, or raises ``NotationError`` with the notation allowed.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import get_args

from lighting.assets.csv_table import has_control_character
from lighting.assets.fact import Fact
from lighting.assets.model import Anchor, ChannelRef, LampGroup, Place, ScopeKind, SunEvent
from lighting.assets.nearest import not_one_of, shown

SUN_EVENTS: tuple[str, ...] = get_args(SunEvent)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_ID = re.compile(r"\w[\w .\-/()&']{0,63}")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SUN = re.compile(r"([a-z_]+)\s*(?:([+-])\s*(\S+))?")
_OFFSET_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)")
_OFFSET_UNITS = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,5})s)?")
_LONGEST_OFFSET_S = 12 * 3600


class NotationError(ValueError):
    """A text that is not in its notation; ``fact`` says what was found and what is allowed."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


def _not_in_form(found: str, form: str) -> NotationError:
    return NotationError(Fact("not_in_form", {"found": shown(found), "form": form}))


def parse_id(text: str) -> str:
    """An id: letters and digits of any script, then also space ``. - / ( ) & '``; at most 64 characters."""
    if not _ID.fullmatch(text) or text != text.strip():
        raise NotationError(Fact("id_not_valid", {"found": shown(text)}))
    return text


def parse_profile_id(text: str) -> str:
    """The id of a device profile; that of a variant is its base's with a plus and its own, ``wb-mao4+pwm``."""
    base, _, variant = text.partition("+")
    try:
        parse_id(base)
        parse_id(variant or base)
    except NotationError as error:
        raise NotationError(Fact("id_not_valid", {"found": shown(text)})) from error
    return text


def parse_words(text: str) -> str:
    """Any words a person wrote: no control characters, at most 200."""
    if has_control_character(text) or "\t" in text:
        raise NotationError(Fact("control_character"))
    if len(text) > 200:
        raise NotationError(Fact("text_too_long", {"found_count": len(text), "maximum_count": 200}))
    return text


def parse_channel(text: str) -> ChannelRef:
    """``device:channel``."""
    device, colon, channel = (part.strip() for part in text.partition(":"))
    if not (device and colon and channel) or ":" in channel or "+" in channel:
        raise _not_in_form(text, "DEVICE:CHANNEL")
    return ChannelRef(device, channel)


def parse_meter(text: str) -> tuple[ChannelRef, ...]:
    """``device:channel[+channel…]``: the channels (phases) of one meter that together measure the circuit."""
    device, colon, channels = (part.strip() for part in text.partition(":"))
    names = [name.strip() for name in channels.split("+")]
    if not (device and colon and all(names)) or ":" in channels or len(set(names)) < len(names):
        raise _not_in_form(text, "DEVICE:CHANNEL+CHANNEL…")
    return tuple(ChannelRef(device, name) for name in names)


def parse_lamps(text: str) -> tuple[LampGroup, ...]:
    """``type:count[+type:count…]``, each count at least 1, each type once."""
    groups: list[LampGroup] = []
    for part in text.split("+"):
        kind, _, count = (piece.strip() for piece in part.partition(":"))
        if not (kind and re.fullmatch(r"[1-9]\d{0,4}", count, re.ASCII)):
            raise _not_in_form(text, "TYPE:COUNT+TYPE:COUNT…")
        groups.append(LampGroup(kind, int(count)))
    if len({group.luminaire_type for group in groups}) < len(groups):
        raise NotationError(Fact("luminaire_type_twice", {"found": shown(text)}))
    return tuple(groups)


def parse_curve_points(text: str) -> tuple[tuple[float, float], ...]:
    """``level_pct:power_w[+level_pct:power_w…]``."""
    form = "LEVEL_PCT:POWER_W+LEVEL_PCT:POWER_W…"
    points: list[tuple[float, float]] = []
    for part in text.split("+"):
        level, colon, power = part.partition(":")
        try:
            point = (float(level), float(power))
        except ValueError:
            raise _not_in_form(text, form) from None
        if not (colon and all(math.isfinite(number) for number in point)):
            raise _not_in_form(text, form)
        points.append(point)
    return tuple(points)


ANCHOR_FORM = (
    "HH:MM, EVENT, EVENT+HH:MM, EVENT-10m, photocell, later of A and B, earlier of A and B, "
    "A not before B, A not after B"
)


def parse_anchor(text: str) -> Anchor:
    """A moment, or several of which the latest or the earliest counts.

    ``22:00`` (local clock), a sun event with an offset (``sunset``, ``sunset+00:15``, ``civil_dusk-10m``),
    ``photocell``; ``later of 22:00 and sunset+30m``, ``earlier of …``; ``sunset not before 17:30 not after 19:00``.
    """
    stripped = " ".join(text.split())
    for words, is_later in (("later of ", True), ("earlier of ", False)):
        if stripped.startswith(words):
            parts = tuple(_bounded(part) for part in stripped.removeprefix(words).split(" and "))
            if len(parts) < 2:
                raise _not_in_form(text, ANCHOR_FORM)
            return Anchor(later_of=parts) if is_later else Anchor(earlier_of=parts)
    return _bounded(stripped)


def _bounded(text: str) -> Anchor:
    """A plain moment, with ``not before`` and ``not after``, applied from left to right."""
    first, *bounds = re.split(r" not (?=before |after )", text)
    anchor = _plain(first)
    for bound in bounds:
        word, _, moment = bound.partition(" ")
        pair = (anchor, _plain(moment))
        anchor = Anchor(later_of=pair) if word == "before" else Anchor(earlier_of=pair)
    return anchor


def _plain(text: str) -> Anchor:
    stripped = text.strip()
    if stripped == "photocell":
        return Anchor(photocell=True)
    if clock := _CLOCK.fullmatch(stripped):
        return Anchor(clock_minutes=int(clock.group(1)) * 60 + int(clock.group(2)))
    sun = _SUN.fullmatch(stripped)
    if sun is None:
        raise _not_in_form(text, ANCHOR_FORM)
    event, sign, offset = sun.groups()
    if event == "photocell":
        raise NotationError(Fact("photocell_with_offset", {"found": shown(stripped)}))
    for known in get_args(SunEvent):
        if known == event:
            return Anchor(sun_event=known, offset_s=_offset_s(text, offset) * (-1 if sign == "-" else 1))
    raise NotationError(not_one_of(event, (*SUN_EVENTS, "photocell")))


def _offset_s(text: str, offset: str | None) -> int:
    if not offset:
        return 0
    if clock := _OFFSET_CLOCK.fullmatch(offset):
        seconds = int(clock.group(1)) * 3600 + int(clock.group(2)) * 60
    elif units := _OFFSET_UNITS.fullmatch(offset):
        hours, minutes, rest = (int(part or 0) for part in units.groups())
        seconds = hours * 3600 + minutes * 60 + rest
    else:
        raise _not_in_form(text, ANCHOR_FORM)
    if seconds > _LONGEST_OFFSET_S:
        raise NotationError(Fact("number_too_large", {"found": shown(offset), "maximum": "12:00"}))
    return seconds


def parse_date(text: str) -> str:
    """An ISO date, ``2026-02-16``."""
    try:
        return dt.date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise _not_in_form(text, "YYYY-MM-DD") from None


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
INSTANT_FORM = "2023-01-01T17:42:00+07:00 (with the offset from UTC, or Z)"


def parse_instant(text: str) -> int:
    """An ISO 8601 time with its offset from UTC, as UTC ms."""
    stripped = text.strip()
    try:
        at = dt.datetime.fromisoformat(stripped)
        if at.tzinfo is None or not stripped.isascii():
            raise _not_in_form(text, INSTANT_FORM)
        return (at - _EPOCH) // dt.timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise _not_in_form(text, INSTANT_FORM) from None


def parse_dates(text: str) -> tuple[str, str]:
    """One ISO date, or an inclusive range ``2026-02-16..2026-02-20``."""
    first, dots, last = text.partition("..")
    start = parse_date(first)
    end = parse_date(last) if dots else start
    if end < start:
        raise NotationError(Fact("dates_reversed", {"found": shown(text)}))
    return start, end


def parse_weekday(text: str) -> int:
    """``mon`` … ``sun`` (longer English names too) as 0 … 6."""
    name = text.strip().casefold()[:3]
    if name not in WEEKDAYS:
        raise NotationError(not_one_of(text, WEEKDAYS))
    return WEEKDAYS.index(name)


def parse_day_class(text: str) -> int:
    """A weekday, or ``holiday``: a public holiday of the site's calendar, as 7."""
    name = text.strip().casefold()
    if name == "holiday":
        return len(WEEKDAYS)
    if name[:3] not in WEEKDAYS:
        raise NotationError(not_one_of(text, (*WEEKDAYS, "holiday")))
    return parse_weekday(text)


def parse_series_file(text: str) -> str:
    """A CSV file of the site's folder ``prices/`` or ``co2/``."""
    if not re.fullmatch(r"(prices|co2)/[A-Za-z0-9][A-Za-z0-9._-]{0,79}\.csv", text):
        raise _not_in_form(text, "prices/NAME.csv, co2/NAME.csv")
    return text


def parse_time_of_day(text: str) -> int:
    """``HH:MM`` as minutes after midnight; ``24:00`` is the end of the day."""
    found = _CLOCK.fullmatch(text.strip())
    if text.strip() == "24:00":
        return 1440
    if found is None or not text.isascii():
        raise _not_in_form(text, "HH:MM")
    return int(found[1]) * 60 + int(found[2])


def parse_currency(text: str) -> str:
    """Three capital letters, as ISO 4217 has them: ``EUR``, ``VND``."""
    if not re.fullmatch(r"[A-Z]{3}", text):
        raise _not_in_form(text, "EUR, VND (three capital letters, ISO 4217)")
    return text


_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_SEASON_FORM = "MM-DD..MM-DD"


def parse_season(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """A season of every year, both days included, ``10-15..03-15``; with its end before its start it wraps the year."""
    first, dots, last = text.partition("..")
    start = _month_day(text, first)
    return start, _month_day(text, last) if dots else start


def _month_day(text: str, part: str) -> tuple[int, int]:
    found = _MONTH_DAY.fullmatch(part.strip())
    if found is None:
        raise _not_in_form(text, _SEASON_FORM)
    month, day = int(found.group(1)), int(found.group(2))
    try:
        dt.date(2024, month, day)  # a leap year: 29 February is a day of the seasons
    except ValueError:
        raise _not_in_form(text, _SEASON_FORM) from None
    return month, day


_NTH = {
    "1st": 1,
    "first": 1,
    "2nd": 2,
    "second": 2,
    "3rd": 3,
    "third": 3,
    "4th": 4,
    "fourth": 4,
    "5th": 5,
    "fifth": 5,
    "last": -1,
}


def parse_nth_weekday(text: str) -> tuple[int, int]:
    """``2nd fri`` or ``last sun`` of the month, as (n, weekday); −1 is the last."""
    nth, _, day = " ".join(text.split()).casefold().partition(" ")
    if nth not in _NTH or not day:
        raise _not_in_form(text, "1st mon … 5th sun, last sun")
    return _NTH[nth], parse_weekday(day)


def parse_place(text: str) -> Place:
    """A part of the city: ``C-0101``, ``cabinet:ID``, ``district:ID``, ``road:NAME``, ``group:ID``,
    ``area:LAT,LON,500m``.
    """
    kind, colon, rest = text.strip().partition(":")
    if not colon:
        return Place("circuit", kind.strip())
    for known in get_args(ScopeKind):
        if known == kind.strip() and rest.strip():
            return Place(known, rest.strip())
    raise NotationError(not_one_of(kind, get_args(ScopeKind)))


def parse_channels(text: str) -> tuple[ChannelRef, ...]:
    """``device:channel[+device:channel…]``, each once."""
    found = tuple(parse_channel(part) for part in text.split("+"))
    if len(set(found)) < len(found):
        raise _not_in_form(text, "DEVICE:CHANNEL+DEVICE:CHANNEL…")
    return found


def parse_ids(text: str) -> tuple[str, ...]:
    """Ids with a plus between them."""
    return tuple(parse_id(part.strip()) for part in text.split("+"))
