"""The flow of a section that its class goes by: of one window of its counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lighting.assets.model import TrafficSection
from lighting.desk import traffic
from lighting.schedule.traffic_rules import WINDOW_MS, TrafficCount, steps_allowed


@dataclass(frozen=True, slots=True)
class RulingFlow:
    """What is compared with the capacity, and the counts that it is of."""

    flow_veh_h: float | None
    from_ms: int
    until_ms: int


def ruling_flow(section: TrafficSection, counts: Sequence[TrafficCount]) -> RulingFlow | None:
    """The flow that the class goes by: of the last complete window, or of the open one where that alone asks for more.

    As the rule does it (``lighting.schedule.traffic_rules``): the vehicles of an open window count as if no more came
    in it, so that two busy minutes are not an hour's flow. Before a window is complete no flow rules: then the newest
    counts tell theirs. None without any count.
    """
    windows = _windows_of_run(counts)
    complete = next((one for one in reversed(windows) if one.is_complete), None)
    newest = newest_window(counts)
    if newest is None or complete is None:
        return None if newest is None else _flow(section, newest, newest.until_ms - newest.from_ms)
    of_complete = _flow(section, complete.count, complete.covered_ms)
    if windows[-1] is complete:
        return of_complete
    of_open = _flow(section, windows[-1].count, max(windows[-1].covered_ms, WINDOW_MS))
    return of_open if _allowed(section, of_open) < _allowed(section, of_complete) else of_complete


def _allowed(section: TrafficSection, flow: RulingFlow) -> int:
    return 0 if flow.flow_veh_h is None else int(steps_allowed(section, flow.flow_veh_h))


def _flow(section: TrafficSection, count: TrafficCount, over_ms: int) -> RulingFlow:
    """The vehicles of ``count`` as a flow over so much time."""
    as_long = TrafficCount(count.from_ms, count.from_ms + over_ms, count.vehicles)
    return RulingFlow(traffic.compared_flow_veh_h(section, as_long), count.from_ms, count.until_ms)


@dataclass(frozen=True, slots=True)
class _Window:
    """The counts that begin in one window of the clock, together."""

    count: TrafficCount
    covered_ms: int
    is_complete: bool


def _windows_of_run(counts: Sequence[TrafficCount]) -> list[_Window]:
    """The windows of the newest counts that follow each other without a gap, ascending."""
    run: list[TrafficCount] = []
    for count in sorted(counts, key=lambda count: -count.from_ms):
        if run and (count.until_ms != run[-1].from_ms or len(count.vehicles) != len(run[-1].vehicles)):
            break
        if not traffic.drives_lamps(count) or not all(map(math.isfinite, count.vehicles)):
            break
        run.append(count)
    together: dict[int, list[TrafficCount]] = {}
    for count in reversed(run):
        together.setdefault(count.from_ms // WINDOW_MS * WINDOW_MS, []).append(count)
    return [_window(begin, found, run[-1].from_ms) for begin, found in together.items()]


def _window(begin_ms: int, found: Sequence[TrafficCount], run_from_ms: int) -> _Window:
    vehicles = np.sum([count.vehicles for count in found], axis=0)
    together = TrafficCount(found[0].from_ms, found[-1].until_ms, tuple(vehicles.tolist()))
    is_complete = run_from_ms <= begin_ms and together.until_ms >= begin_ms + WINDOW_MS
    return _Window(together, together.until_ms - together.from_ms, is_complete)


def newest_window(counts: Sequence[TrafficCount]) -> TrafficCount | None:
    """The newest counts together, up to ten minutes of them, as far as they follow each other without a gap."""
    if not counts:
        return None
    newest = max(counts, key=lambda count: count.until_ms)
    from_ms, vehicles = newest.from_ms, np.array(newest.vehicles)
    for count in sorted(counts, key=lambda count: -count.from_ms):
        fits = count.until_ms == from_ms and len(count.vehicles) == len(newest.vehicles)
        if fits and newest.until_ms - count.from_ms <= WINDOW_MS:
            from_ms, vehicles = count.from_ms, vehicles + np.array(count.vehicles)
    return TrafficCount(from_ms, newest.until_ms, tuple(vehicles.tolist()))
