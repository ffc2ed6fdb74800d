"""What needs a person, the most urgent first: it stands before everything that is merely interesting."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lighting.assets.fact import Fact, Problem, Value
from lighting.desk.answers import CircuitRow, StatusAnswer
from lighting.desk.overview import is_about_folder
from lighting.store.records import AlarmState
from tui.voice import controller_fact

URGENT_KINDS = ("road_dark", "clock_doubted")
SEVERAL = 3
MANY_CABINETS = 6
MOST_OF_A_KIND, FIRST_OF_A_KIND = 10, 6
"""Of more lines of one kind than the first only the second are listed, and how many more there are."""


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the list. ``what`` is a fact or a problem of the folder; ``since_ms`` is None where nobody knows.

    ``opens`` is a circuit's id or a text to filter the circuits by; empty where there is nothing to open. ``folds`` is
    a kind whose other lines this one stands for.
    """

    rank: int
    symbol: str
    kind: str
    subject: str
    what: Fact | Problem
    since_ms: int | None = None
    opens: str = ""
    folds: str = ""

    @property
    def id(self) -> str:
        if self.folds:
            return f"folded/{self.rank}/{self.folds}"
        place = f"{self.what.file}:{self.what.line}:{self.what.field}" if isinstance(self.what, Problem) else ""
        return f"{self.kind}/{self.subject}/{place}"


def needs_of(status: StatusAnswer, rows: Sequence[CircuitRow], unfolded: Collection[str] = ()) -> list[Need]:
    """Everything that needs a person: the controller, alarms, circuits that are not ours, old values, the folder.

    Of a kind that fills the list only the first lines are given, but for the kinds in ``unfolded``.
    """
    ever_ran = status.controller.life != "never_ran"  # before that every value is missing, which that line says
    spoken_for = {(alarm.kind, alarm.subject_id) for alarm in status.alarms}
    needs = [
        *_of_controller(status),
        *(_of_alarm(alarm) for alarm in status.alarms),
        *_of_rows([row for row in rows if row.locked_out], "locked_out", 5, "⊘"),
        *_of_rows([row for row in rows if _local(row, spoken_for)], "local_control", 4, "◆"),
        *_of_rows([row for row in rows if row.is_stale and ever_ran], "stale", 3, "?"),
        *_of_folder(status),
    ]
    ordered = sorted(needs, key=lambda need: (need.rank, need.since_ms or math.inf, need.id))
    return list(_folded(ordered, unfolded))


def _folded(needs: Sequence[Need], unfolded: Collection[str]) -> Iterator[Need]:
    """A broken trunk silences a thousand buses: they are one trouble, and must not bury the others."""
    counts = Counter((need.rank, need.kind) for need in needs)
    given: Counter[tuple[int, str]] = Counter()
    for need in needs:
        group = (need.rank, need.kind)
        given[group] += 1
        if counts[group] <= MOST_OF_A_KIND or need.kind in unfolded or given[group] <= FIRST_OF_A_KIND:
            yield need
        elif given[group] == FIRST_OF_A_KIND + 1:
            more = Fact("dashboard_more_of_kind", {"count": counts[group] - FIRST_OF_A_KIND})
            yield Need(need.rank, need.symbol, need.kind, "", more, folds=need.kind)


def _local(row: CircuitRow, spoken_for: set[tuple[str, str]]) -> bool:
    if row.state is None or not row.state.local_control:
        return False
    return not {("local_control", row.id), ("local_control", row.cabinet)} & spoken_for


def _of_controller(status: StatusAnswer) -> Iterable[Need]:
    controller = status.controller
    if fact := controller_fact(controller):
        yield Need(0, "▲", "controller", "", fact)
    kinds = {alarm.kind for alarm in status.alarms}
    if controller.doubt is not None and "clock_doubted" not in kinds:
        yield Need(1, "▲", "clock", "", controller.doubt)
    if controller.fault is not None and not is_about_folder(controller.fault):
        yield Need(1, "▲", "controller", "", controller.fault)


def _of_alarm(alarm: AlarmState) -> Need:
    urgent = alarm.kind in URGENT_KINDS
    about_circuits = alarm.subject_kind in {"circuit", "cabinet"}
    return Need(
        rank=1 if urgent else 2,
        symbol="▲" if urgent else "◆",
        kind=alarm.kind.replace("_", " "),
        subject=alarm.subject_id,
        what=alarm.fact,
        since_ms=alarm.raised_ms,
        opens=alarm.subject_id if about_circuits else "",
    )


def _of_rows(rows: Sequence[CircuitRow], kind: str, rank: int, symbol: str) -> Iterable[Need]:
    """One line a circuit; one a cabinet where several of its circuits share a trouble; one for many such cabinets."""
    by_cabinet: dict[str, list[CircuitRow]] = defaultdict(list)
    for row in rows:
        by_cabinet[row.cabinet].append(row)
    if len(by_cabinet) >= MANY_CABINETS:
        fact = _city_fact(kind, len(rows), len(by_cabinet))
        yield Need(rank, symbol, kind.replace("_", " "), "", fact, _since(rows, kind))
        return
    for cabinet, members in by_cabinet.items():
        if len(members) >= SEVERAL:
            fact = _cabinet_fact(kind, len(members))
            yield Need(rank, symbol, kind.replace("_", " "), cabinet, fact, _since(members, kind), cabinet)
            continue
        for row in members:
            yield Need(rank, symbol, kind.replace("_", " "), row.id, _row_fact(kind, row), _since([row], kind), row.id)


def _since(rows: Sequence[CircuitRow], kind: str) -> int | None:
    """Since when no fresh value came; nobody wrote down since when a circuit is locked out or in local control."""
    if kind != "stale":
        return None
    return min((row.state.polled_ms for row in rows if row.state and row.state.polled_ms is not None), default=None)


def _city_fact(kind: str, circuits: int, cabinets: int) -> Fact:
    values: dict[str, Value] = {"circuits": circuits, "cabinets": cabinets}
    if kind == "locked_out":
        return Fact("dashboard_many_locked_out", values)
    if kind == "local_control":
        return Fact("dashboard_many_local", values)
    return Fact("dashboard_many_stale", values)


def _cabinet_fact(kind: str, circuits: int) -> Fact:
    if kind == "locked_out":
        return Fact("dashboard_cabinet_locked_out", {"circuits": circuits})
    if kind == "local_control":
        return Fact("dashboard_cabinet_local", {"circuits": circuits})
    return Fact("dashboard_cabinet_stale", {"circuits": circuits})


def _row_fact(kind: str, row: CircuitRow) -> Fact:
    if kind == "locked_out":
        return Fact("dashboard_circuit_locked_out", {"road": row.road})
    if kind == "local_control":
        return Fact("dashboard_circuit_local", {"road": row.road})
    if row.state is None or row.state.polled_ms is None:
        return Fact("dashboard_circuit_never_polled", {"road": row.road})
    return Fact("dashboard_circuit_stale", {"road": row.road})


def _of_folder(status: StatusAnswer) -> Iterable[Need]:
    for problem in (*status.folder_problems, *status.program_profiles):
        rank = 8 if problem.is_warning else 6
        yield Need(rank, "△" if problem.is_warning else "◆", "site folder", "", problem)
    if status.folder_differs:
        yield Need(7, "△", "site folder", "", Fact("dashboard_folder_differs"))
