"""The class of a road section as a state machine over its counts. See ``traffic_rules`` for the rules themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lighting.assets.fact import Fact, Value
from lighting.assets.model import TrafficSection
from lighting.schedule.inputs import UNKNOWN
from lighting.schedule.traffic_counts import TrafficCount

WINDOW_MS = 600_000
HOLD_MS = 600_000
STALE_MS = 1_200_000
SILENT_MS = 86_400_000
LOW_SAMPLES = 2
NEVER_MS = 2**62
FULL_ENOUGH = 0.8
"""A window of which less than this share was counted by itself (its border cut a count) never lowers the class."""

ANY_STEPS = 99
"""More than any section allows: nothing of a window is counted yet."""

_MS_PER_H = 3_600_000

Change = tuple[int, int, Fact]
"""(at_ms, classes under the design class or UNKNOWN, why)"""

Figure = TypeVar("Figure", float, NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class TrafficState:
    """What must outlive a restart. Plain values, so that it can be kept as JSON.

    ``steps_down`` classes under the design class since ``since_ms`` (UNKNOWN: no count can be believed); no step down
    before ``held_until_ms``; ``low_samples`` in a row. ``run_from_ms`` is the begin of the counts without a gap up to
    the newest one's end ``counted_until_ms``; ``complete_ms`` when the newest window was complete. The open window
    begins at ``window_from_ms`` and holds ``window_vehicles`` by lane of ``window_covered_ms``; its parts allow
    ``window_allowed`` steps down. ``seen_ms``: by lane
    the end of the newest count with a vehicle on it. ``why_unknown``: the code said for what cannot be believed.
    """

    steps_down: int = UNKNOWN
    since_ms: int = 0
    held_until_ms: int = 0
    low_samples: int = 0
    run_from_ms: int | None = None
    counted_until_ms: int | None = None
    complete_ms: int | None = None
    window_from_ms: int | None = None
    window_covered_ms: int = 0
    window_vehicles: tuple[float, ...] = ()
    window_allowed: int = ANY_STEPS
    seen_ms: tuple[int, ...] = ()
    why_unknown: str = ""

    def as_values(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        values = asdict(self)
        return values | {"window_vehicles": list(self.window_vehicles), "seen_ms": list(self.seen_ms)}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> TrafficState:
        """Return the state of such values; keys that a newer program wrote are left aside.

        Raises ValueError or TypeError for values that are no state: then nothing is known of the section.
        """
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        for name in ("window_vehicles", "seen_ms"):
            known[name] = tuple(float(v) if name == "window_vehicles" else int(v) for v in known.get(name, ()))
        if not isinstance(known.get("why_unknown", ""), str):
            raise ValueError("why a section is unknown is a code")
        whole = [known[name] for name in _WHOLE if known.get(name) is not None]
        if any(isinstance(value, bool) or not isinstance(value, int) for value in whole):
            raise ValueError("a traffic state is made of whole numbers")
        return cls(**known)


_WHOLE = [
    name for name in TrafficState.__dataclass_fields__ if name not in ("window_vehicles", "seen_ms", "why_unknown")
]


def steps_allowed(section: TrafficSection, flow_veh_h: Figure) -> Any:
    """Return how many classes under the design class a flow allows: an int, or an array for an array of flows.

    ``flow_veh_h`` is of the worst lane on the basis ``uni_11248``, of all lanes on ``cen_13201``.
    """
    share = flow_veh_h / section.capacity_veh_h
    if section.basis == "uni_11248":
        one, two = share < 0.50, share < 0.25
    else:
        high, low = (0.65, 0.35) if section.multilane else (0.45, 0.15)
        one, two = share <= high, share < low
    if isinstance(share, np.ndarray):
        return np.minimum(one.astype(np.int64) + two, section.most_steps_down)
    return min(int(one) + int(two), section.most_steps_down)


def advance(
    section: TrafficSection, state: TrafficState, count: TrafficCount, *, window_ms: int = WINDOW_MS
) -> tuple[TrafficState, list[Change]]:
    """Take one count; return the state after it and what changed with it, ascending by time.

    A count that begins before the end of the newest one (late, repeated, overlapping) or that has no length changes
    nothing. A change stands at the end of the count that made it, or earlier where the counts had run out before.
    """
    if count.until_ms <= count.from_ms or count.from_ms < (state.counted_until_ms or -NEVER_MS):
        return state, []
    state, changes = overtaken(section, state, count.until_ms, window_ms=window_ms)
    wrong = _why_unusable(section, count, window_ms)
    if wrong is None:
        state = _with_seen(state, count)
        wrong = _silent_lane(state, count)
    if wrong is not None:
        state = replace(
            state, run_from_ms=None, window_from_ms=None, window_vehicles=(), counted_until_ms=count.until_ms
        )
        return _forgotten(state, changes, count.until_ms, wrong)
    if state.counted_until_ms is not None and count.from_ms > state.counted_until_ms:
        missing = {"from_ms": state.counted_until_ms, "until_ms": count.from_ms}
        state, changes = _forgotten(state, changes, count.until_ms, Fact("traffic_counts_missing", missing))
        state = replace(state, run_from_ms=None, window_from_ms=None)
    return _counted(section, _in_window(state, count, window_ms), changes, count.until_ms, window_ms)


def overtaken(
    section: TrafficSection, state: TrafficState, at_ms: int, *, window_ms: int = WINDOW_MS
) -> tuple[TrafficState, list[Change]]:
    """Return the state at an instant if no further count comes: stale, or over what the section allows by now."""
    changes: list[Change] = []
    stale_ms = stale_after(section, state, window_ms=window_ms)
    if at_ms >= stale_ms:
        counted = {"counted_until_ms": state.counted_until_ms}
        return _forgotten(state, changes, stale_ms, Fact("traffic_counts_stale", counted))
    if state.steps_down > section.most_steps_down:
        limited: dict[str, Value] = {"steps_down": section.most_steps_down}
        state = replace(state, steps_down=section.most_steps_down, since_ms=at_ms, low_samples=0)
        changes.append((at_ms, state.steps_down, Fact("traffic_limited", limited)))
    return state, changes


def stale_after(section: TrafficSection, state: TrafficState, *, window_ms: int = WINDOW_MS) -> int:
    """Return the instant from which the state says nothing any more unless another window is complete by then.

    20 minutes after the newest complete window, or two windows where those are longer; an instant that never comes
    where it says nothing already.
    """
    if state.steps_down == UNKNOWN or state.complete_ms is None:
        return NEVER_MS
    return state.complete_ms + max(STALE_MS, 2 * window_ms)


def lane_figures(section: TrafficSection, vehicles: tuple[float, ...]) -> tuple[float, ...]:
    """Return what is compared with the capacity: each lane, or their sum on the carriageway basis."""
    return vehicles if section.basis == "uni_11248" else (sum(vehicles),)


def _why_unusable(section: TrafficSection, count: TrafficCount, window_ms: int) -> Fact | None:
    length_ms = count.until_ms - count.from_ms
    if length_ms > window_ms:
        lengths = {"length_s": length_ms / 1000, "longest_s": window_ms / 1000}
        return Fact("traffic_counts_too_coarse", lengths)
    lanes = len(count.vehicles)
    if not lanes or (section.basis == "uni_11248" and lanes != section.lanes):
        return Fact("traffic_lanes_differ", {"counted": lanes, "lanes": section.lanes})
    if any(not math.isfinite(vehicles) or vehicles < 0 for vehicles in count.vehicles):
        return Fact("traffic_count_failed", {"from_ms": count.from_ms, "until_ms": count.until_ms})
    return None


def _with_seen(state: TrafficState, count: TrafficCount) -> TrafficState:
    before = state.seen_ms if len(state.seen_ms) == len(count.vehicles) else (count.from_ms,) * len(count.vehicles)
    seen = tuple(count.until_ms if n > 0 else at_ms for n, at_ms in zip(count.vehicles, before, strict=True))
    return replace(state, seen_ms=seen)


def _silent_lane(state: TrafficState, count: TrafficCount) -> Fact | None:
    """A lane on which nothing passed for a day has a dead counter, not an empty road."""
    for lane, seen_ms in enumerate(state.seen_ms, start=1):
        if count.until_ms - seen_ms >= SILENT_MS:
            return Fact("traffic_counter_silent", {"lane": lane, "since_ms": seen_ms})
    return None


def _in_window(state: TrafficState, count: TrafficCount, window_ms: int) -> TrafficState:
    """Add a count to the window in which it begins: a count that a border cuts is not divided by guessing."""
    begin = count.from_ms // window_ms * window_ms
    length_ms = count.until_ms - count.from_ms
    goes_on = state.window_from_ms == begin and len(state.window_vehicles) == len(count.vehicles)
    vehicles = count.vehicles
    if goes_on:
        vehicles = tuple(a + b for a, b in zip(state.window_vehicles, count.vehicles, strict=True))
    return replace(
        state,
        run_from_ms=count.from_ms if state.run_from_ms is None else state.run_from_ms,
        counted_until_ms=count.until_ms,
        window_from_ms=begin,
        window_covered_ms=length_ms + (state.window_covered_ms if goes_on else 0),
        window_vehicles=vehicles,
        window_allowed=state.window_allowed if goes_on else ANY_STEPS,
    )


def _counted(
    section: TrafficSection, state: TrafficState, changes: list[Change], at_ms: int, window_ms: int
) -> tuple[TrafficState, list[Change]]:
    """Judge the window as far as it is counted: at its end as a sample, before that only where it is over a limit."""
    begin = state.window_from_ms or 0
    vehicles = max(lane_figures(section, state.window_vehicles))
    complete = at_ms >= begin + window_ms and (state.run_from_ms or 0) <= begin
    covered_ms = state.window_covered_ms
    flow_veh_h = vehicles * _MS_PER_H / max(covered_ms, window_ms)
    allowed = min(state.window_allowed, steps_allowed(section, flow_veh_h))
    state = replace(state, window_allowed=allowed)
    if complete:
        flow_veh_h = vehicles * _MS_PER_H / covered_ms
        # What a part of the window was too much for stays so, however quiet the rest.
        allowed = min(allowed, steps_allowed(section, flow_veh_h))
        may_lower = state.window_covered_ms >= FULL_ENOUGH * window_ms
        state, change = sampled(section, state, at_ms, allowed, flow_veh_h, may_lower=may_lower)
    elif allowed < state.steps_down:
        state, change = _raised(section, state, at_ms, allowed, flow_veh_h)
    else:
        return state, changes
    return state, changes if change is None else [*changes, change]


def sampled(
    section: TrafficSection, state: TrafficState, at_ms: int, allowed: int, flow_veh_h: float, *, may_lower: bool = True
) -> tuple[TrafficState, Change | None]:
    """Return the state after a complete window that allows so many steps down."""
    known = state.steps_down != UNKNOWN
    state = replace(state, complete_ms=at_ms, steps_down=max(state.steps_down, 0), why_unknown="")
    if allowed < state.steps_down:
        return _raised(section, state, at_ms, allowed, flow_veh_h)
    if allowed == state.steps_down:
        state = replace(state, low_samples=0)
    elif may_lower:
        state = replace(state, low_samples=state.low_samples + 1)
        if state.low_samples >= LOW_SAMPLES and at_ms >= state.held_until_ms:
            steps = state.steps_down + 1
            state = replace(state, steps_down=steps, since_ms=at_ms, low_samples=0)
            return state, (at_ms, steps, class_fact(section, steps, flow_veh_h, at_ms))
    if known:
        return state, None
    return replace(state, since_ms=at_ms), (at_ms, 0, class_fact(section, 0, flow_veh_h, at_ms))


def _raised(
    section: TrafficSection, state: TrafficState, at_ms: int, steps: int, flow_veh_h: float
) -> tuple[TrafficState, Change]:
    state = replace(state, steps_down=steps, since_ms=at_ms, low_samples=0, held_until_ms=at_ms + HOLD_MS)
    return state, (at_ms, steps, class_fact(section, steps, flow_veh_h, at_ms))


def class_fact(section: TrafficSection, steps_down: int, flow_veh_h: float, counted_until_ms: int) -> Fact:
    """Return why a section has its class; who lays it adds the section and the classes of the circuit."""
    values: dict[str, Value] = {
        "steps_down": steps_down,
        "flow_veh_h": round(flow_veh_h, 1),
        "capacity_veh_h": section.capacity_veh_h,
        "share_pct": round(100 * flow_veh_h / section.capacity_veh_h, 1),
        "counted_until_ms": counted_until_ms,
    }
    return Fact("traffic_counted", values)


def _forgotten(state: TrafficState, changes: list[Change], at_ms: int, why: Fact) -> tuple[TrafficState, list[Change]]:
    """Know nothing from here on; two low samples must come again before the class may fall.

    Where nothing was known before, only counts that are refused are worth another reason.
    """
    known = state.steps_down != UNKNOWN
    if known or why.code not in (state.why_unknown, "traffic_counts_missing", "traffic_counts_stale"):
        changes = [*changes, (at_ms, UNKNOWN, why)]
        since_ms = at_ms if known else state.since_ms
        state = replace(state, steps_down=UNKNOWN, since_ms=since_ms, why_unknown=why.code)
    return replace(state, low_samples=0, held_until_ms=at_ms + HOLD_MS), changes
