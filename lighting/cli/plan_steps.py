"""The changes of a night as a person reads them: to the minute, a ramp on one line, equal circuits together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lighting.assets.fact import Fact, Value
from lighting.cli.voice import Voice
from lighting.schedule.plan_changes import LevelChange, NightChanges
from lighting.wording.figures import Manner, level, local_second, local_time, offset_where_twice

MOST_NAMES = 6
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the night: from when, from which level to which, how long that takes, and because of what."""

    at_ms: int
    from_pct: float | None
    level_pct: float | None
    over_s: float
    cause: Fact


@dataclass(frozen=True, slots=True)
class Group:
    """Circuits (positions in the list asked about) whose levels read alike, and the changes of one of their kinds."""

    columns: tuple[int, ...]
    steps: tuple[Step, ...]
    changes: tuple[LevelChange, ...]


def levels_alone(changes: Sequence[LevelChange]) -> tuple[Step, ...]:
    """The steps of the level itself: another cause at the same level is none. Within one minute the last one counts."""
    steps: list[Step] = []
    for change in changes:
        level_pct = _rounded(change.level_pct)
        if steps and steps[-1].level_pct == level_pct and not _is_seen(change):
            continue
        step = Step(change.at_ms, _rounded(change.from_pct), level_pct, change.over_ms / 1000, change.cause)
        if steps and _is_same_minute(steps[-1], step):
            step = _one_of(steps.pop(), step)
            if steps and steps[-1].level_pct == step.level_pct:
                continue
        steps.append(step)
    return tuple(steps)


def with_causes(changes: Sequence[LevelChange]) -> tuple[Step, ...]:
    """Every step of the level or its cause; what has one cause within one minute is one step."""
    steps: list[Step] = []
    for change in changes:
        step = Step(
            change.at_ms, _rounded(change.from_pct), _rounded(change.level_pct), change.over_ms / 1000, change.cause
        )
        if steps and steps[-1].cause == step.cause and _is_same_minute(steps[-1], step):
            step = _one_of(steps.pop(), step)
        steps.append(step)
    return tuple(steps)


def _is_seen(change: LevelChange) -> bool:
    """A way down within one level's rounding, cut short, is nobody's news."""
    return change.over_ms > 0 and _rounded(change.from_pct) != _rounded(change.level_pct)


def _is_same_minute(before: Step, step: Step) -> bool:
    return before.at_ms // _MINUTE_MS == step.at_ms // _MINUTE_MS and before.over_s < 60


def _one_of(before: Step, step: Step) -> Step:
    """Both as one: from where the first began to where the last led; a jump and a way down after it are one jump."""
    over_s = 0.0
    if before.over_s and step.over_s:
        over_s = (step.at_ms - before.at_ms) / 1000 + step.over_s
    elif step.over_s >= 60:
        over_s = step.over_s
    from_pct = step.from_pct if over_s and not before.over_s else before.from_pct
    return Step(before.at_ms, from_pct, step.level_pct, over_s, step.cause)


def _rounded(value_pct: float | None) -> float | None:
    return None if value_pct is None else round(value_pct, 1)


def grouped(changes: NightChanges) -> list[Group]:
    """Circuits whose levels change alike, in the order in which the first of each stands in the list.

    A stagger is left aside: it is told once for all.
    """
    steps = [levels_alone(of_kind) for of_kind in changes.of_kind]
    numbers: dict[tuple[object, ...], int] = {}
    of_kind = [
        numbers.setdefault(
            tuple((step.at_ms // 1000, step.level_pct, round(step.over_s)) for step in found), len(numbers)
        )
        for found in steps
    ]
    members: dict[int, list[int]] = {}
    for column, kind in enumerate(changes.of_circuit.tolist()):
        members.setdefault(of_kind[kind], []).append(column)
    groups = []
    for columns in members.values():
        kind = int(changes.of_circuit[columns[0]])
        groups.append(Group(tuple(columns), steps[kind], changes.of_kind[kind]))
    return groups


def whose(columns: Sequence[int], circuit_ids: Sequence[str]) -> Fact:
    """The names of a group's circuits, the first few of many."""
    names = [circuit_ids[column] for column in columns[:MOST_NAMES]]
    if len(columns) <= MOST_NAMES:
        return Fact("plan_of", {"circuits": len(columns), "names": ", ".join(names)})
    values: dict[str, Value] = {"circuits": len(columns), "names": ", ".join(names[: MOST_NAMES - 1])}
    return Fact("plan_of_many", {**values, "more": len(columns) - MOST_NAMES + 1})


def staggered_fact(changes: NightChanges) -> Fact | None:
    """That circuits come on one after another, where they do."""
    ahead_ms = int(changes.stagger_ms.max(initial=0))
    return Fact("plan_staggered", {"ahead_s": round(ahead_ms / 1000)}) if ahead_ms >= 1000 else None


def level_words(value_pct: float | None) -> str:
    """A level as it is printed; a dash where nothing is ours to write."""
    if value_pct is None:
        return "–"
    return "off" if value_pct == 0 else level(value_pct)


def step_words(step: Step, voice: Voice, *, least_s: float = 1.0) -> str:
    """The level of a step, with the way down to it where that takes ``least_s`` or more: ``100 → 60 % in 5 min``."""
    if step.over_s < least_s or step.from_pct is None:
        return level_words(step.level_pct)
    values: dict[str, Value] = {"from_level": step.from_pct, "level_pct": step.level_pct, "over_s": round(step.over_s)}
    if step.level_pct == 0:
        return voice.sentence(Fact("plan_falls_off", values))
    return voice.sentence(Fact("plan_falls", values))


def clocks(at_ms: Sequence[int], voice: Voice, *, every: bool = False) -> list[str]:
    """The local clock of each instant, without a date: the night has one.

    To the second where neighbours would else read alike, or with ``every`` all of them where one is no whole minute. A
    time that clocks put back show twice has its offset from UTC.
    """
    told = [local_time(at, Manner(voice.timezone, at)) + offset_where_twice(at, voice.timezone) for at in at_ms]
    is_fine = every and any(at % _MINUTE_MS >= 1000 for at in at_ms)
    alike = {number for number, pair in enumerate(pairwise(told)) if pair[0] == pair[1]}
    return [
        local_second(at, Manner(voice.timezone, at)) + offset_where_twice(at, voice.timezone)
        if is_fine or {number, number - 1} & alike
        else words
        for number, (at, words) in enumerate(zip(at_ms, told, strict=True))
    ]
