"""At which instant: what a person writes to ask about another moment than now."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.refusal import WrongUsage
from lighting.desk.times import FIRST_YEAR, LAST_YEAR, length_s
from lighting.schedule.night import NOON_MINUTES, night_of

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\Z", re.ASCII)
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_NOW = "now"
_NIGHTS = frozenset({"tonight", "last night", "tomorrow night"})


def is_now(text: str) -> bool:
    """Whether a person asks about this very instant by its name."""
    return text.strip().lower() == _NOW


def parse_when(site: Site, text: str, now_ms: int) -> int:
    """The instant that a person asks about, in UTC ms.

    ``22:30`` is the one of this lighting night (noon to noon): at 20:00 it is to come, at 02:00 it has been.
    ``yesterday 22:30``, ``today 06:00``, ``tomorrow 06:00`` name the day by the calendar, ``2026-11-25 22:30`` by its
    date; ``2h`` is two hours ago, ``+2h`` in two hours; ``now`` is now; an ISO date-time may have an offset. Raises
    ``WrongUsage`` for what cannot be read, for a whole night, for a local time that the change of clocks leaves out or
    has twice, and for a year outside 1700…2200.
    """
    wanted = " ".join(text.split())
    at_ms = _instant(site, wanted, text, now_ms)
    if not _ms(datetime(FIRST_YEAR, 1, 2, tzinfo=UTC)) <= at_ms < _ms(datetime(LAST_YEAR, 12, 31, tzinfo=UTC)):
        raise WrongUsage(Fact("date_too_far", {"text": text}))
    return at_ms


def _instant(site: Site, wanted: str, text: str, now_ms: int) -> int:
    if is_now(wanted):
        return now_ms
    if wanted.lower() in _NIGHTS:
        raise WrongUsage(Fact("moment_is_a_night", {"text": text}))
    zone = ZoneInfo(site.timezone)
    word, _, rest = wanted.partition(" ")
    if clock := _CLOCK.match(wanted):
        night = night_of(now_ms, site.timezone)
        is_evening = int(clock[1]) * 60 + int(clock[2]) >= NOON_MINUTES
        return _only(_face(night if is_evening else night + timedelta(days=1), clock), zone)
    if word.lower() in _DAYS and (clock := _CLOCK.match(rest)):
        today = datetime.fromtimestamp(now_ms / 1000, zone).date()
        return _only(_face(today + timedelta(days=_DAYS[word.lower()]), clock), zone)
    length_ms = _length_ms(wanted.removeprefix("+"))
    if length_ms is not None:
        return now_ms + length_ms if wanted.startswith("+") else now_ms - length_ms
    return _by_date(wanted, text, zone)


def _length_ms(wanted: str) -> int | None:
    try:
        return round(length_s(wanted) * 1000)
    except WrongUsage:
        return None


def _face(day: date, clock: re.Match[str]) -> datetime:
    return datetime(day.year, day.month, day.day, int(clock[1]), int(clock[2]), int(clock[3] or 0))  # noqa: DTZ001


def _by_date(wanted: str, text: str, zone: ZoneInfo) -> int:
    try:
        found = datetime.fromisoformat(wanted)
        if len(wanted) <= len("2026-11-23"):  # a date alone says no time
            raise ValueError(wanted)
        if found.tzinfo is not None:
            return _ms(found)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise WrongUsage(Fact("date_too_far", {"text": text}))
    except (ValueError, OverflowError) as error:
        raise WrongUsage(Fact("moment_not_understood", {"text": text})) from error
    return _only(found, zone)


def _only(face: datetime, zone: ZoneInfo) -> int:
    """The instant at which the clock shows that. Raises ``WrongUsage`` where there is none, or are two."""
    readings = sorted({face.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)})
    shown = [reading for reading in readings if reading.astimezone(zone).replace(tzinfo=None) == face]
    if len(shown) == 1:
        return _ms(shown[0])
    either = " or ".join(reading.astimezone(zone).isoformat(timespec="minutes") for reading in readings)
    values = {"found": face.isoformat(" ", "minutes"), "either": either}
    raise WrongUsage(Fact("moment_twice", values) if shown else Fact("moment_left_out", values))


def _ms(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
