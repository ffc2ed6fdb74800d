"""``lighting buses``: how each line fares, by the counters that the controller keeps in the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lighting.assets.fact import Fact
from lighting.cli.json_forms import form
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice, print_json
from lighting.desk.devices import BusAnswer
from lighting.wording.figures import Manner, local_second, number

BUSES_SCHEMA = "lighting.buses/1"

_COLUMNS = (
    Column("BUS", gives_way=True),
    Column("LINK"),
    Column("ASKED", right=True),
    Column("TIMEOUTS", right=True),
    Column("REFUSED", right=True),
    Column("ODD", right=True),
    Column("LOST", right=True),
    Column("MEAN MS", right=True),
    Column("P95 MS", right=True),
    Column("WORST", gives_way=True),
)


def print_buses(answers: Sequence[BusAnswer], voice: Voice, *, is_held: bool, now_ms: int, as_json: bool) -> None:
    """A row a bus, then when it was written; without a controller that it is old."""
    if as_json:
        rows = [_row(answer) for answer in answers]
        print_json(form(BUSES_SCHEMA, now_ms=now_ms, lines_held=is_held, buses=rows))
        return
    print_table(_COLUMNS, [_cells(answer, is_held=is_held) for answer in answers], voice)
    known = [answer.at_ms for answer in answers if answer.at_ms is not None]
    if not known:
        voice.tell(Fact("buses_never_counted"))
        return
    at = local_second(max(known), Manner(voice.timezone, now_ms))
    voice.tell(Fact("buses_written" if is_held else "buses_written_no_controller", {"at": at}))


def _row(answer: BusAnswer) -> dict[str, Any]:
    worst = worst_unit(answer.counters)
    counters = dict(answer.counters)
    return {
        "bus": answer.bus,
        "url": answer.url,
        "devices": answer.devices,
        "at_ms": answer.at_ms,
        "connected": counters.pop("connected", None),
        "worst_unit": worst,
        "worst_device": None if worst is None else answer.device_of_unit.get(worst),
        "counters": counters or None,
    }


def _cells(answer: BusAnswer, *, is_held: bool) -> tuple[str, ...]:
    counters = answer.counters
    if not counters:
        return (answer.bus, "–", "–", "–", "–", "–", "–", "–", "–", "")
    trip = _part(counters, "round_trip")
    connected = counters.get("connected")
    link = "–" if not is_held or connected is None else "open" if connected else "closed"
    return (
        answer.bus,
        link,
        _count(counters, "requests"),
        _count(counters, "timeouts"),
        _exceptions(counters),
        _count(counters, "implausible"),
        _count(counters, "reconnects"),
        _figure(trip, "mean_ms"),
        _figure(trip, "p95_ms") if "p95_ms" in trip else _figure(trip, "max_ms"),
        _worst(answer),
    )


def worst_unit(counters: Mapping[str, Any]) -> int | None:
    """The unit with the most time-outs and answers not to be believed; None where none has any."""
    units = _part(counters, "units")
    troubles = {int(unit): _trouble(found) for unit, found in units.items() if isinstance(found, Mapping)}
    worst = max(troubles, key=lambda unit: (troubles[unit], -unit), default=None)
    return worst if worst is not None and troubles[worst] > 0 else None


def _trouble(unit: Mapping[str, Any]) -> int:
    return sum(found for name in ("timeouts", "implausible", "garbled") if isinstance(found := unit.get(name), int))


def _worst(answer: BusAnswer) -> str:
    worst = worst_unit(answer.counters)
    if worst is None:
        return ""
    return answer.device_of_unit.get(worst, f"unit {worst}")


def _exceptions(counters: Mapping[str, Any]) -> str:
    """``12 (2:9 6:3)``: how many refusals, and of which code each."""
    found = {code: count for code, count in _part(counters, "exceptions").items() if isinstance(count, int)}
    if not found:
        return "0"
    return f"{sum(found.values())} ({' '.join(f'{code}:{count}' for code, count in found.items())})"


def _part(counters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = counters.get(name)
    return found if isinstance(found, Mapping) else {}


def _count(counters: Mapping[str, Any], name: str) -> str:
    found = counters.get(name)
    return str(found) if isinstance(found, int) else "–"


def _figure(part: Mapping[str, Any], name: str) -> str:
    found = part.get(name)
    return number(round(found, 1)) if isinstance(found, (int, float)) else "–"
