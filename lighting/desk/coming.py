"""Until when a circuit's level holds, and what comes next: from the plan, or from what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from lighting.assets.model import Site
from lighting.schedule.inputs import Inputs
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.night import night_of
from lighting.schedule.plan_changes import LevelChange, night_changes
from lighting.store.records import DecisionChange
from lighting.store.store import Store

_SAME_PCT = 0.05
_UNLIT = frozenset({"program_off", "program_off_until"})
_DAY_MS = 86_400_000


def coming_from_plan(
    site: Site, circuit_id: str, at_ms: int, instructions: Sequence[Instruction], inputs: Inputs
) -> tuple[LevelChange | None, tuple[LevelChange, ...]]:
    """The way down that the instant is on, and what comes after it until the end of the next lighting night.

    That is the next change of the plan, and where that leaves the level as it is, the next that does not. The way down
    has begun already; None where the instant is on none.
    """
    night = night_of(at_ms, site.timezone)
    changes: list[LevelChange] = []
    for day in (night, night + timedelta(days=1)):
        found = night_changes(site, day, instructions, (circuit_id,), inputs).of(0)
        changes += found[1:] if changes and _is_same(changes[-1], found[0]) else found
    begun = [change for change in changes if change.at_ms <= at_ms]
    later = [change for change in changes if change.at_ms > at_ms]
    falling = begun[-1] if begun and begun[-1].reached_ms > at_ms else None
    return falling, _next_two(begun[-1].level_pct if begun else None, later)


def _is_same(before: LevelChange, after: LevelChange) -> bool:
    """Whether nothing changes at noon but the name of the night."""
    both_off = {before.cause.code, after.cause.code} <= _UNLIT
    return _same_level(before.level_pct, after.level_pct) and (both_off or before.cause.code == after.cause.code)


def _same_level(one_pct: float | None, other_pct: float | None) -> bool:
    if one_pct is None or other_pct is None:
        return one_pct is other_pct
    return abs(one_pct - other_pct) < _SAME_PCT


def _next_two(level_pct: float | None, later: Sequence[LevelChange]) -> tuple[LevelChange, ...]:
    if not later:
        return ()
    other = next((change for change in later if not _same_level(change.level_pct, level_pct)), None)
    if other is None or other is later[0]:
        return (later[0],)
    return (later[0], other)


def coming_as_recorded(store: Store, recorded: DecisionChange, now_ms: int) -> tuple[LevelChange, ...]:
    """What ruled after that decision, by another cause, within a day of it; nothing where it still rules.

    Its ``over_ms`` is not known: the level is that of the first decision by that cause.
    """
    last_ms = min(now_ms, recorded.at_ms + _DAY_MS)
    mine = (recorded.layer, recorded.cause.code, recorded.cause.values.get("id"), recorded.cause.values.get("since_ms"))
    for change in store.history.decisions(recorded.circuit_key, recorded.at_ms + 1, last_ms):
        other = (change.layer, change.cause.code, change.cause.values.get("id"), change.cause.values.get("since_ms"))
        if change.at_ms > recorded.at_ms and other != mine:
            level_pct = None if change.layer <= Layer.LOCAL_CONTROL else change.level_pct
            return (LevelChange(change.at_ms, level_pct, change.cause),)
    return ()
