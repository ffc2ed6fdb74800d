"""What a person asks of lamps: set, emergency and lamp test. Each is one durable row before it is answered."""

from __future__ import annotations

import numpy as np

from lighting.assets.fact import Fact, Value
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import Circuit
from lighting.desk.answers import Receipt
from lighting.desk.person import (
    LONGEST_TEXT,
    UNLOCK_WORD,
    Person,
    Wish,
    few,
    reason_given,
    require_right,
    text_given,
)
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import Scope
from lighting.desk.seconding import lapse_of, seconding_says, waits_for_second
from lighting.desk.wish_checks import any_dark, check_wish
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Instruction, Layer
from lighting.store.store import Store

__all__ = ["LONGEST_TEXT", "UNLOCK_WORD", "Person", "Wish", "few", "reason_given", "text_given"]


def set_level(person: Person, store: Store, wish: Wish) -> Receipt:
    """Record an override.

    Raises ``WrongUsage`` for a level or time out of range, ``Refused`` under the floor or without the right.
    """
    require_right(person, wish.layer)
    warnings = check_wish(person, wish)
    return record(person, store, wish, warnings)


def emergency(person: Person, store: Store, scope: Scope, *, until_ms: int, reason: str, by_day: bool) -> Receipt:
    """Record full level until a time: while it is dark, or by day too when that is asked for.

    Raises ``WrongUsage`` where it would not be dark at any time of it and by day was not asked for.
    """
    wish = Wish(scope, 100.0 if by_day else None, until_ms, reason, layer=Layer.EMERGENCY)
    return record(person, store, wish, check_emergency(person, wish))


def check_emergency(person: Person, wish: Wish) -> tuple[Fact, ...]:
    """Everything that can be said of an emergency before it is recorded; raises what forbids it."""
    require_right(person, Layer.EMERGENCY)
    said = check_wish(person, wish)
    now_ms = person.seen.now_ms
    if wish.level_pct is not None or any_dark(person.site, now_ms, now_ms):
        return said
    if not any_dark(person.site, now_ms, wish.until_ms):
        raise WrongUsage(Fact("emergency_by_daylight", {"until_ms": wish.until_ms}))
    return (Fact("emergency_waits_for_dark"), *said)


def lamp_test(person: Person, store: Store, scope: Scope, level_pct: float, *, until_ms: int, reason: str) -> Receipt:
    """Record a lamp test: a level for some minutes, by day too; a floor holds it up while it is dark."""
    require_right(person, Layer.TEST)
    wish = Wish(scope, level_pct, until_ms, reason, layer=Layer.TEST)
    return record(person, store, wish, check_wish(person, wish))


def record(person: Person, store: Store, wish: Wish, warnings: tuple[Fact, ...]) -> Receipt:
    """Record a checked wish; one that would switch off too much of the city only as proposed."""
    reason = reason_given(wish.reason)
    circuits = person.circuits(wish.scope)
    store.instructions.lapse(person.seen.now_ms)
    waits = waits_for_second(person, wish)
    recorded = store.instructions.record(
        layer=wish.layer,
        scope_kind=wish.scope.kind,
        scope_id=wish.scope.id,
        level_pct=wish.level_pct,
        from_ms=person.seen.now_ms,
        until_ms=wish.until_ms,
        by=person.user_id,
        reason=reason,
        below_floor=wish.below_floor,
        audit_values={"circuits": len(circuits), "lamps": sum(c.lamp_count for c in circuits)},
        lapses_ms=None if waits is None else lapse_of(person, wish),
    )
    if waits is not None:
        warnings = (*seconding_says(person, wish, recorded.id, waits), *warnings)
    return receipt(person, circuits, recorded, warnings, lapses_ms=None if waits is None else lapse_of(person, wish))


def preview(person: Person, wish: Wish) -> tuple[Fact, ...]:
    """What would be said before the act. Raises what would forbid it."""
    require_right(person, wish.layer)
    waits = waits_for_second(person, wish)
    warnings = (*(() if waits is None else (waits,)), *check_wish(person, wish))
    circuits = person.circuits(wish.scope)
    floors = sorted({floor_level_pct(c, person.site) for c in circuits})
    asked: dict[str, Value] = {
        "target": str(wish.scope),
        "circuits": len(circuits),
        "lamps": sum(c.lamp_count for c in circuits),
        "level_pct": wish.level_pct,
        "until_ms": wish.until_ms,
    }
    question = Fact("set_one_asked", asked) if len(circuits) == 1 else Fact("set_many_asked", asked)
    floor = (
        Fact("floor_is", {"floor_pct": floors[0]})
        if len(floors) == 1
        else Fact("floors_are", {"least_pct": floors[0], "most_pct": floors[-1]})
    )
    return (question, _without(person, circuits), floor, *warnings)


def _without(person: Person, circuits: tuple[Circuit, ...]) -> Fact:
    """What these circuits would have now without any override."""
    others = [i for i in person.seen.in_force if i.layer is not Layer.OVERRIDE]
    now = np.array([person.seen.now_ms], dtype=np.int64)
    decided = decide(person.site, now, others, person.seen.conditions())
    levels = decided.level_pct[0, [person.index.position[c.id] for c in circuits]]
    ours = levels[~np.isnan(levels)]
    if not len(ours):
        return Fact("program_gives_nothing")
    least, most = float(ours.min()), float(ours.max())
    if least == most:
        return Fact("program_would_give", {"level_pct": round(least, 1)})
    return Fact("program_would_give_between", {"least_pct": round(least, 1), "most_pct": round(most, 1)})


def receipt(
    person: Person,
    circuits: tuple[Circuit, ...],
    recorded: Instruction | None,
    warnings: tuple[Fact, ...],
    released: tuple[int, ...] = (),
    *,
    lapses_ms: int | None = None,
) -> Receipt:
    """What the act became, before anybody has waited for its confirmation. With ``lapses_ms`` it is only proposed."""
    return Receipt(
        instruction_id=None if recorded is None else recorded.id,
        confirmed=None,
        latency_s=None,
        controller=person.seen.controller.life,
        circuits=tuple(c.id for c in circuits),
        until_ms=None if recorded is None else recorded.until_ms,
        warnings=warnings,
        released=released,
        state=None if recorded is None else "recorded" if lapses_ms is None else "proposed",
        lapses_ms=lapses_ms,
        lamps=sum(c.lamp_count for c in circuits),
    )
