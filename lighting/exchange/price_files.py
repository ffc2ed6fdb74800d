"""Files of hourly prices, as exchanges and suppliers give them, as a price file of the site.

CSV with a heading, cells separated by comma, semicolon or tab. A time is ISO (with an offset, or on the local clock) or
as offices write it (``31.01.2026 23:00``); ``A - B`` in one cell is an interval, of which A counts. The hour that local
clocks show twice is told by its order: it must follow the one before it without a gap. What cannot be certain is
refused with its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from lighting.assets.csv_table import has_control_character, lines_of
from lighting.assets.fact import Fact, Problem, Value
from lighting.assets.nearest import listed, shown
from lighting.exchange.office_dates import DateOrder, OfficeDates
from lighting.exchange.office_numbers import plain_number
from lighting.exchange.wall_times import utc_ms

_UNIT = re.compile(r"([A-Z]{3}|ct)/([kM]Wh)")
_END_COLUMN = re.compile(r"(until|to|end|bis|datum bis)\b", re.IGNORECASE)
_NOTHING = frozenset({"", "-", "n/e", "N/A", "n/a", "NaN", "null"})
_STEPS_MS = tuple(minutes * 60_000 for minutes in (5, 10, 15, 30, 60))
_HOUR_MS = 3_600_000
_LONGEST_LINE = 100_000
_MOST = 1_000_000
"""Of the currency for a kWh, either way: what a price file of a site may hold."""


class PriceFileError(Exception):
    """The file was not taken; ``problems`` says why, each with its line.

    ``is_whole``: it is no table of prices at all; else some of its lines are doubtful.
    """

    def __init__(self, fact: Fact, problems: Sequence[Problem] = (), *, is_whole: bool = False) -> None:
        super().__init__(fact.code)
        self.fact = fact
        self.problems = tuple(problems)
        self.is_whole = is_whole


@dataclass(frozen=True, slots=True)
class PriceForm:
    """How to read the file. Empty columns: the first, and the only other one or the only one whose name has a unit.

    ``with_gaps``: rows that lack are told and not refused. ``date_order``: of dates such as 03/04/2026.
    """

    timezone: str
    unit: str
    time_column: str = ""
    price_column: str = ""
    with_gaps: bool = False
    date_order: DateOrder | None = None


@dataclass(frozen=True, slots=True)
class PricesRead:
    """Prices by kWh: (from, until, price), UTC ms, ascending; ``gaps`` are the instants that lack, (from, until)."""

    rows: tuple[tuple[int, int, Decimal], ...]
    gaps: tuple[tuple[int, int], ...]
    step_ms: int


@dataclass(slots=True)
class _Reading:
    file: str
    form: PriceForm
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, at_line: int, code: str, **values: Value) -> None:
        self.problems.append(Problem(Fact(code, values), self.file, at_line))


def factor_of(unit: str) -> Decimal:
    """What a price in that unit is multiplied with to be one of the currency for a kWh. Raises ``PriceFileError``."""
    found = _UNIT.fullmatch(unit)
    if found is None:
        raise PriceFileError(Fact("price_unit", {"found": shown(unit), "allowed": "EUR/MWh, EUR/kWh, ct/kWh"}))
    return Decimal(1) / (100 if found[1] == "ct" else 1) / (1000 if found[2] == "MWh" else 1)


def read_price_file(data: bytes, file: str, form: PriceForm) -> PricesRead:
    """Read the whole file. Raises ``PriceFileError`` with every line that is refused."""
    factor = factor_of(form.unit)
    try:
        lines = lines_of(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Problem(Fact("not_utf8", {"file": file}), file, line)
        raise PriceFileError(
            Fact("price_file_refused", {"file": file, "count": 1}), [problem], is_whole=True
        ) from error
    reading = _Reading(file, form)
    cells = list(_cells(reading, lines))
    has_comma = any("," in price for _, _, price in cells)
    priced = [(line, at, _price(reading, line, price, has_comma)) for line, at, price in cells]
    rows = _instants(reading, [(line, at, price * factor) for line, at, price in priced if price is not None])
    if not cells and not reading.problems:
        raise PriceFileError(Fact("readings_no_rows", {"file": file}))
    if not rows and not reading.problems:
        reading.refuse(0, "series_empty")
    gaps = [] if reading.problems else list(_gaps(reading, rows))
    if reading.problems:
        values: dict[str, Value] = {"file": file, "count": len(reading.problems)}
        raise PriceFileError(Fact("price_file_refused", values), reading.problems)
    step_ms = rows[0][2]
    ends = [min(begin + step_ms, after[1]) for (_, begin, _, _), after in pairwise(rows)]
    ends.append(rows[-1][1] + step_ms)
    found = tuple((begin, end, price) for (_, begin, _, price), end in zip(rows, ends, strict=True))
    return PricesRead(found, tuple(gaps), step_ms)


def _cells(reading: _Reading, lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """(line, time, price) of each row."""
    numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
    if not numbered:
        raise PriceFileError(Fact("readings_empty", {"file": reading.file}))
    first, heading = numbered[0]
    if len(heading) > _LONGEST_LINE or has_control_character(heading.replace("\t", " ")):
        raise PriceFileError(Fact("readings_not_text", {"file": reading.file, "line": first}))
    delimiter = max(";,\t", key=heading.count)
    names = [name.strip() for name in next(csv.reader([heading], delimiter=delimiter))]
    at, price = _columns(reading, names)
    if isinstance(_wall(names[at], OfficeDates()), datetime):
        raise PriceFileError(Fact("price_no_heading", {"file": reading.file, "line": first, "found": shown(names[at])}))
    for number, line in numbered[1:]:
        if len(line) > _LONGEST_LINE or has_control_character(line.replace("\t", " ")):
            reading.refuse(number, "control_character" if len(line) <= _LONGEST_LINE else "line_too_long")
            continue
        found = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
        if len(found) != len(names):
            reading.refuse(number, "wrong_cell_count", found_count=len(found), expected_count=len(names))
            continue
        yield number, found[at], found[price]


def _columns(reading: _Reading, names: Sequence[str]) -> tuple[int, int]:
    """Where time and price stand."""
    form = reading.form
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise PriceFileError(Fact("column_twice_in", {"file": reading.file, "column": shown(twice)}))
    for wanted in (form.time_column, form.price_column):
        if wanted and wanted not in names:
            raise PriceFileError(Fact("price_column", {"found": shown(wanted), "allowed": listed(names)}))
    at = names.index(form.time_column) if form.time_column else 0
    others = [n for n, name in enumerate(names) if n != at and not _END_COLUMN.match(name)]
    with_unit = [n for n in others if "wh" in names[n].lower()]
    if form.price_column:
        return at, names.index(form.price_column)
    if len(others) != 1 and len(with_unit) != 1:
        raise PriceFileError(Fact("price_column_needed", {"file": reading.file, "allowed": listed(names)}))
    return at, (with_unit if len(others) != 1 else others)[0]


def _price(reading: _Reading, line: int, text: str, has_comma: bool) -> Decimal | None:
    if text in _NOTHING:
        if not reading.form.with_gaps:
            reading.refuse(line, "price_missing")
        return None
    plain = plain_number(text, has_comma=has_comma)
    if plain is None or len(plain) > 20:
        reading.refuse(line, "not_a_number", found=shown(text))
        return None
    price = Decimal(plain)
    if abs(price * factor_of(reading.form.unit)) > _MOST:
        reading.refuse(line, "price_too_large", found=shown(text), maximum=_MOST)
        return None
    return price


def _wall(text: str, dates: OfficeDates) -> datetime | Fact | None:
    """A time with or without its offset; None where it is in no known form, a Fact where it may be one of two days."""
    first = re.split(r"\s+[-–]\s+", text.strip())[0]
    found = dates.read(first)
    if found is not None:
        return found
    try:
        return datetime.fromisoformat(first) if len(first) > len("2026-01-31") else None
    except ValueError:
        return None


def _instants(reading: _Reading, rows: Sequence[tuple[int, str, Decimal]]) -> list[tuple[int, int, int, Decimal]]:
    """(line, from, step, price) of the rows whose time is certain."""
    dates = OfficeDates(reading.form.date_order)
    walls = [(line, _wall(text, dates), text, price) for line, text, price in rows]
    step_ms = _step(walls)
    found: list[tuple[int, int, int, Decimal]] = []
    for line, wall, text, price in walls:
        if wall is None or isinstance(wall, Fact):
            fact = wall or Fact("price_time", {"found": shown(text)})
            reading.problems.append(Problem(fact, reading.file, line))
            continue
        try:
            begin = _instant(reading, line, wall, found[-1][1] + step_ms if found else None)
        except OverflowError:  # at the ends of the calendar
            reading.refuse(line, "price_time", found=shown(text))
            continue
        if begin is None:
            continue
        if found and begin <= found[-1][1]:
            code = "series_twice" if begin == found[-1][1] else "price_not_rising"
            reading.refuse(line, code, line=found[-1][0])
            continue
        found.append((line, begin, step_ms, price))
    return found


def _step(walls: Sequence[tuple[int, datetime | Fact | None, str, Decimal]]) -> int:
    """The length of a row: the least difference of two neighbours that is one of an exchange."""
    times = [wall.replace(tzinfo=None) for _, wall, _, _ in walls[:50] if isinstance(wall, datetime)]
    steps = {round((b - a).total_seconds() * 1000) for a, b in pairwise(times)}
    return min((step for step in steps if step in _STEPS_MS), default=_HOUR_MS)


def _instant(reading: _Reading, line: int, wall: datetime, follows_ms: int | None) -> int | None:
    if wall.tzinfo is not None:
        return utc_ms(wall)
    zone, timezone = ZoneInfo(reading.form.timezone), reading.form.timezone
    either = [wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    written = wall.isoformat(sep=" ", timespec="minutes")
    if either[0].astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        reading.refuse(line, "wall_time_does_not_exist", found=written, timezone=timezone)
        return None
    times = sorted({utc_ms(one.astimezone(UTC)) for one in either})
    if len(times) == 1:
        return times[0]
    if follows_ms not in times:
        reading.refuse(line, "wall_time_is_twice", found=written, timezone=timezone)
        return None
    return follows_ms


def _gaps(reading: _Reading, rows: Sequence[tuple[int, int, int, Decimal]]) -> Iterator[tuple[int, int]]:
    for (_, begin, step_ms, _), (line, after, _, _) in pairwise(rows):
        if after - begin > step_ms:
            if not reading.form.with_gaps:
                reading.refuse(line, "price_gap", from_ms=begin + step_ms, until_ms=after)
            yield begin + step_ms, after


def prices_csv(found: PricesRead, timezone: str, comment: str) -> str:
    """The price file of the site: ``from,until,price_per_kwh``, with the offset of each time."""
    zone = ZoneInfo(timezone)

    def written(at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).isoformat(timespec="minutes")

    lines = [f"# {comment}", "from,until,price_per_kwh"]
    lines += [f"{written(begin)},{written(end)},{_plain(price)}" for begin, end, price in found.rows]
    return "\n".join(lines) + "\n"


def _plain(price: Decimal) -> str:
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
