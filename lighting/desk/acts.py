"""What a person does: set, release, lock out and take a lockout off. Each is one durable row before it is answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from lighting.assets.fact import Fact, Value
from lighting.assets.lighting_classes import floor_level_pct
from lighting.assets.model import Circuit, Site
from lighting.desk import rights
from lighting.desk.answers import Receipt
from lighting.desk.refusal import Refused, WrongUsage
from lighting.desk.scopes import CircuitIndex, Scope, circuits_of, not_found, scope_of
from lighting.desk.snapshot import Snapshot
from lighting.desk.times import check_length
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.places import covers
from lighting.schedule.site_index import highest_level_pct, minimum_level_pct
from lighting.schedule.sun import elevation_deg
from lighting.store.store import Store
from lighting.wording.figures import is_printed_safely

GIVEN_BACK_FOR_MS = 15 * 60_000
UNLOCK_WORD = "UNLOCK"
_DARK_LOOK_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Wish:
    """A level that a person wants on a scope."""

    scope: Scope
    level_pct: float
    until_ms: int
    reason: str = ""
    below_floor: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, on which site, with what is known now."""

    site: Site
    index: CircuitIndex
    seen: Snapshot
    user_id: str

    def circuits(self, scope: Scope) -> tuple[Circuit, ...]:
        """The circuits of the scope; raises ``WrongUsage`` for an empty one, on which nothing could happen."""
        found = circuits_of(self.site, scope)
        if not found and scope.kind == "circuit":
            raise not_found("circuit", scope.id, list(self.site.circuits))
        if not found:
            raise WrongUsage(Fact("scope_is_empty", {"target": str(scope)}))
        return found

    def circuits_left(self, scope: Scope, layer: Layer) -> tuple[Circuit, ...]:
        """The circuits of the scope to take something off: none is needed where an instruction still names it."""
        return circuits_of(self.site, scope) if self.standing(scope, layer) else self.circuits(scope)

    def standing(self, scope: Scope, layer: Layer) -> list[Instruction]:
        """The instructions of a layer that are in force on exactly that scope."""
        return [i for i in self.seen.in_force if i.layer is layer and scope_of(i) == scope]

    def touching(self, circuits: Iterable[Circuit], layer: Layer) -> list[Instruction]:
        """The instructions of a layer that are in force on any of these circuits, by whatever scope."""
        found = list(circuits)
        return [i for i in self.seen.in_force if i.layer is layer and any(covers(self.site, i, c.id) for c in found)]


LONGEST_TEXT = 500


def text_given(text: str) -> str:
    """A person's text on one line. Raises ``WrongUsage`` for what a terminal would obey, and over 500 characters."""
    cleaned = " ".join(text.split())
    if not is_printed_safely(cleaned):
        raise WrongUsage(Fact("text_not_printable"))
    if len(cleaned) > LONGEST_TEXT:
        raise WrongUsage(Fact("free_text_too_long", {"found": len(cleaned), "longest": LONGEST_TEXT}))
    return cleaned


def reason_given(reason: str) -> str:
    """The reason on one line. Raises ``WrongUsage`` for none (it helps whoever asks later) and for unprintable text."""
    cleaned = text_given(reason)
    if not cleaned:
        raise WrongUsage(Fact("reason_missing"))
    return cleaned


def set_level(person: Person, store: Store, wish: Wish) -> Receipt:
    """Record an override.

    Raises ``WrongUsage`` for a level or time out of range, ``Refused`` under the floor or without the right.
    """
    rights.require(person.site, person.user_id, "crew", "set")
    warnings = check_wish(person, wish)
    reason = reason_given(wish.reason)
    circuits = person.circuits(wish.scope)
    recorded = store.instructions.record(
        layer=Layer.OVERRIDE,
        scope_kind=wish.scope.kind,
        scope_id=wish.scope.id,
        level_pct=wish.level_pct,
        from_ms=person.seen.now_ms,
        until_ms=wish.until_ms,
        by=person.user_id,
        reason=reason,
        below_floor=wish.below_floor,
        audit_values={"circuits": len(circuits)},
    )
    return receipt(person, circuits, recorded, warnings)


def check_wish(person: Person, wish: Wish) -> tuple[Fact, ...]:
    """Everything that can be said of a wish before it becomes an instruction; raises what forbids it."""
    now_ms = person.seen.now_ms
    if not 0 <= wish.level_pct <= 100:  # NaN fails this too
        raise WrongUsage(Fact("level_out_of_range", {"found": str(wish.level_pct)}))
    if wish.until_ms <= now_ms:
        raise WrongUsage(Fact("until_in_the_past", {"text": "", "until_ms": wish.until_ms, "now_ms": now_ms}))
    check_length(wish.until_ms, now_ms)
    circuits = person.circuits(wish.scope)
    by_floor = _floor_says(person, wish, circuits)
    return (
        *by_floor,
        *_undimmable_says(person, wish, circuits),
        *_minimum_says(person, wish, circuits, held_at_floor=bool(by_floor)),
        *_highest_says(person, wish, circuits),
        *_in_the_way(person, circuits),
    )


def _floor_says(person: Person, wish: Wish, circuits: tuple[Circuit, ...]) -> tuple[Fact, ...]:
    if wish.below_floor:
        rights.require_below_floor(person.site, person.user_id)
        return ()
    under = [c for c in circuits if wish.level_pct < floor_level_pct(c, person.site)]
    if not under or not _any_dark(person.site, person.seen.now_ms, wish.until_ms):
        return ()
    floor_pct = max(floor_level_pct(c, person.site) for c in under)
    if wish.scope.kind == "circuit":
        raise Refused(
            Fact("below_floor_refused", {"circuit": wish.scope.id, "level_pct": wish.level_pct, "floor_pct": floor_pct})
        )
    values: dict[str, Value] = {"circuits": len(under), "of": len(circuits), "floor_pct": floor_pct}
    return (Fact("held_at_floor", {**values, "names": few(c.id for c in under)}),)


def _undimmable_says(person: Person, wish: Wish, circuits: tuple[Circuit, ...]) -> tuple[Fact, ...]:
    """Which circuits can only be off or at full light: whatever else is asked of them, they burn at 100 %."""
    if not 0 < wish.level_pct < 100:
        return ()
    full = [c.id for c in circuits if minimum_level_pct(person.site, c) >= 100]
    if not full:
        return ()
    return (
        Fact(
            "stays_at_full",
            {"circuits": len(full), "of": len(circuits), "level_pct": wish.level_pct, "names": few(full)},
        ),
    )


def _minimum_says(
    person: Person, wish: Wish, circuits: tuple[Circuit, ...], *, held_at_floor: bool
) -> tuple[Fact, ...]:
    """Which lamps cannot burn so low: they burn at their least level, and a confirmation is of that one."""
    if wish.level_pct <= 0:
        return ()
    least_pct = {c.id: minimum_level_pct(person.site, c) for c in circuits}
    held = [
        c.id
        for c in circuits
        if wish.level_pct < least_pct[c.id] < 100
        and not (held_at_floor and floor_level_pct(c, person.site) >= least_pct[c.id])
    ]
    if not held:
        return ()
    values: dict[str, Value] = {"circuits": len(held), "of": len(circuits), "level_pct": wish.level_pct}
    return (Fact("held_at_minimum", {**values, "minimum_pct": max(least_pct[i] for i in held), "names": few(held)}),)


def _highest_says(person: Person, wish: Wish, circuits: tuple[Circuit, ...]) -> tuple[Fact, ...]:
    """Which dimmers take no such level by their profile: they are held at their highest, and confirmed at that."""
    highest_pct = {c.id: highest_level_pct(person.site, c) for c in circuits}
    held = [circuit_id for circuit_id, highest in highest_pct.items() if highest < wish.level_pct]
    if not held:
        return ()
    values: dict[str, Value] = {"circuits": len(held), "of": len(circuits), "level_pct": wish.level_pct}
    return (Fact("held_at_highest", {**values, "highest_pct": min(highest_pct[i] for i in held), "names": few(held)}),)


def _any_dark(site: Site, from_ms: int, until_ms: int) -> bool:
    """Whether it is dark at any time of the span, looked at every five minutes and at both ends."""
    at_ms = np.append(np.arange(from_ms, until_ms, _DARK_LOOK_MS, dtype=np.int64), np.int64(until_ms))
    elevation = elevation_deg(at_ms, site.latitude_deg, site.longitude_deg)
    return bool((elevation < site.control.dusk_elevation_deg).any())


def _in_the_way(person: Person, circuits: tuple[Circuit, ...]) -> tuple[Fact, ...]:
    """What stands above an override on these circuits: lockouts and local control."""
    said = [
        Fact("locked_out_meanwhile", {"id": i.id, "by": i.by, "target": str(scope_of(i)), "reason": i.reason})
        for i in person.touching(circuits, Layer.LOCKOUT)
    ]
    local = [c.id for c in circuits if _local_cause(person, c)]
    if local:
        said.append(Fact("in_local_control", {"circuits": len(local), "names": few(local)}))
    return tuple(said)


def _local_cause(person: Person, circuit: Circuit) -> str:
    state = person.seen.states[person.index.position[circuit.id]]
    return "" if state is None else state.local_control


def few(names: Iterable[str], most: int = 4) -> str:
    """The first names, and how many more there are."""
    known = list(names)
    shown = ", ".join(known[:most])
    return shown if len(known) <= most else f"{shown} +{len(known) - most}"


def preview(person: Person, wish: Wish) -> tuple[Fact, ...]:
    """What would be said before the act. Raises what would forbid it."""
    rights.require(person.site, person.user_id, "crew", "set")
    warnings = check_wish(person, wish)
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


def release(person: Person, store: Store, scope: Scope, reason: str) -> Receipt:
    """Take off every override of exactly that scope; give a single circuit back from unexplained local control."""
    rights.require(person.site, person.user_id, "crew", "release")
    reason = reason_given(reason)
    circuits = person.circuits_left(scope, Layer.OVERRIDE)
    now_ms = person.seen.now_ms
    taken = [
        i.id
        for i in person.standing(scope, Layer.OVERRIDE)
        if store.instructions.release(i.id, at_ms=now_ms, by=person.user_id, reason=reason)
    ]
    given_back, warnings = _give_back(person, store, scope, circuits, reason)
    left = [i for i in person.touching(circuits, Layer.OVERRIDE) if i.id not in taken]
    warnings += [
        Fact("still_overridden", {"id": i.id, "target": str(scope_of(i)), "by": i.by, "until_ms": i.until_ms})
        for i in left
    ]
    if not taken and given_back is None:
        warnings.insert(0, Fact("nothing_to_release", {"target": str(scope)}))
    return receipt(person, circuits, given_back, tuple(warnings), tuple(taken))


def _give_back(
    person: Person, store: Store, scope: Scope, circuits: tuple[Circuit, ...], reason: str
) -> tuple[Instruction | None, list[Fact]]:
    causes = {c.id: _local_cause(person, c) for c in circuits}
    warnings: list[Fact] = []
    by_switch = [circuit_id for circuit_id, cause in causes.items() if cause == "input"]
    if by_switch:
        warnings.append(Fact("local_switch_not_at_auto", {"circuits": len(by_switch), "names": few(by_switch)}))
    unexplained = [circuit_id for circuit_id, cause in causes.items() if cause == "unexplained"]
    if not unexplained:
        return None, warnings
    if scope.kind != "circuit":
        warnings.append(Fact("give_back_one_by_one", {"circuits": len(unexplained), "names": few(unexplained)}))
        return None, warnings
    note = store.instructions.record(
        layer=Layer.LOCAL_CONTROL,
        scope_kind="circuit",
        scope_id=scope.id,
        level_pct=None,
        from_ms=person.seen.now_ms,
        until_ms=person.seen.now_ms + GIVEN_BACK_FOR_MS,
        by=person.user_id,
        reason=reason,
    )
    return note, [*warnings, Fact("given_back", {"circuit": scope.id})]


def receipt(
    person: Person,
    circuits: tuple[Circuit, ...],
    recorded: Instruction | None,
    warnings: tuple[Fact, ...],
    released: tuple[int, ...] = (),
) -> Receipt:
    """What the act became, before anybody has waited for its confirmation."""
    return Receipt(
        instruction_id=None if recorded is None else recorded.id,
        confirmed=None,
        latency_s=None,
        controller=person.seen.controller.life,
        circuits=tuple(c.id for c in circuits),
        until_ms=None if recorded is None else recorded.until_ms,
        warnings=warnings,
        released=released,
    )
