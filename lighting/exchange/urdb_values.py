"""The values of a URDB file: JSON, the one rate in it, numbers and schedules, or why they are none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from lighting.assets.fact import Fact, Value
from lighting.assets.nearest import listed, shown
from lighting.assets.tariff import Season
from lighting.exchange.urdb_schedules import month_seasons


class UrdbError(Exception):
    """The file is none, or says what no tariff file can."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


@dataclass(slots=True)
class Urdb:
    """A rate being read: what of it is left out, what was taken as something, and the seasons that it needs."""

    rate: Mapping[str, Any]
    left_out: list[Fact] = field(default_factory=list)
    taken: list[Fact] = field(default_factory=list)
    seasons: dict[str, Season] = field(default_factory=dict)

    def leave_out(self, place: str, found: object, code: str = "urdb_left_out") -> None:
        """Say what is in no bill; the code says why."""
        self.left_out.append(Fact(code, {"field": shown(place), "found": shown(str(found))}))

    def season(self, months: Sequence[int]) -> tuple[str, ...]:
        """The season of these months; none where there are none: the whole year."""
        if not months:
            return ()
        season = month_seasons(months)
        self.seasons[season.name] = season
        return (season.name,)


def shown_line(text: str) -> str:
    """A text of a file in one line that a tariff file takes: at most 200 characters, nothing that moves a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)[:200].strip()


def refused(code: str, place: str, **values: Value) -> UrdbError:
    return UrdbError(Fact(code, {"field": place, **values}))


def json_of(data: bytes, file: str) -> object:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_float=Decimal, object_pairs_hook=partial(_object, file))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UrdbError(Fact("urdb_not_json", {"file": file, "line": line, "detail": "not UTF-8"})) from error
    except json.JSONDecodeError as error:
        values: dict[str, Value] = {"file": file, "line": error.lineno, "detail": error.msg}
        raise UrdbError(Fact("urdb_not_json", values)) from error
    except (RecursionError, ValueError) as error:
        raise UrdbError(Fact("urdb_not_json", {"file": file, "line": 1, "detail": "too deep or long"})) from error


def _object(file: str, pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON, whose keys are there once each."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UrdbError(Fact("urdb_key_twice", {"file": file, "field": shown(twice)}))
    return found


def rates_of(found: object, file: str) -> Sequence[Mapping[str, Any]]:
    """The rates of the file: one alone, or the list ``items`` of an answer of the API."""
    items = found.get("items", [found]) if isinstance(found, dict) else found
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        raise UrdbError(Fact("urdb_no_rate", {"file": file}))
    return items


def rate_of(found: object, file: str, label: str) -> Mapping[str, Any]:
    """The one rate of the file, or the one with that label."""
    items = rates_of(found, file)
    labels = [str(one.get("label", "")) for one in items]
    if label:
        if label not in labels:
            raise UrdbError(Fact("urdb_label_unknown", {"found": shown(label), "allowed": listed(labels)}))
        chosen: Mapping[str, Any] = items[labels.index(label)]
        return chosen
    if len(items) > 1:
        raise UrdbError(Fact("urdb_many_rates", {"file": file, "count": len(items), "allowed": listed(labels)}))
    only: Mapping[str, Any] = items[0]
    return only


def number_of(value: object, place: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise refused("urdb_not_a_number", place, found=shown(str(value)))
    number = Decimal(value)
    if not number.is_finite() or (number and abs(number.adjusted()) > 300):
        raise refused("urdb_not_a_number", place, found=shown(str(value)))
    return number


def rows_of(found: object, key: str, count: int) -> tuple[tuple[int, ...], ...]:
    if not isinstance(found, list) or len(found) != 12:
        raise refused("urdb_schedule_form", key)
    for month, row in enumerate(found):
        if not isinstance(row, list) or len(row) != 24:
            raise refused("urdb_schedule_form", f"{key}[{month}]")
        for hour, period in enumerate(row):
            if isinstance(period, bool) or not isinstance(period, int) or not 0 <= period < count:
                values: dict[str, Value] = {"found": shown(str(period)), "count": count}
                raise refused("urdb_period_unknown", f"{key}[{month}][{hour}]", **values)
    return tuple(tuple(row) for row in found)
