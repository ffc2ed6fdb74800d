"""Lockouts: somebody works on a circuit. Each person holds their own; it is not isolation, and says so."""

from __future__ import annotations

from drivers.profile import ChannelRole
from lighting.assets.fact import Fact
from lighting.assets.failsafe import ReadValues
from lighting.assets.model import ChannelRef, Circuit, Site
from lighting.desk import rights
from lighting.desk.acts import UNLOCK_WORD, Person, few, reason_given, receipt
from lighting.desk.answers import Receipt
from lighting.desk.refusal import NotFound, Refused, WrongUsage
from lighting.desk.scopes import Scope, scope_of
from lighting.desk.without_us import effect_of_output, settings_of
from lighting.schedule.instructions import Layer
from lighting.store.store import Store


def lock(person: Person, store: Store, scope: Scope, *, until_ms: int | None, reason: str) -> Receipt:
    """Record a lockout of that person. ``until_ms`` only says when it becomes an alarm: it never ends by itself.

    A second one of the same person on the same scope replaces the first: its end and reason are the ones that stand.
    """
    reason = check_lock(person, scope, until_ms=until_ms, reason=reason)
    now_ms = person.seen.now_ms
    circuits = person.circuits(scope)
    own = [i for i in person.standing(scope, Layer.LOCKOUT) if i.by == person.user_id]
    same = [i for i in own if (i.until_ms, i.reason) == (until_ms, reason)]
    if same:
        return receipt(person, circuits, same[0], (Fact("lockout_already_held", {"id": same[0].id}),))
    recorded = store.instructions.record(
        layer=Layer.LOCKOUT,
        scope_kind=scope.kind,
        scope_id=scope.id,
        level_pct=None,
        from_ms=now_ms,
        until_ms=until_ms,
        by=person.user_id,
        reason=reason,
        audit_values={"circuits": len(circuits)},
    )
    # Only now: at no moment is the line without a lockout.
    replaced = tuple(
        i.id for i in own if store.instructions.release(i.id, at_ms=now_ms, by=person.user_id, reason=reason)
    )
    said = tuple(Fact("lockout_replaced", {"id": recorded.id, "old": one}) for one in replaced)
    read = {name: device.found.values for name, device in settings_of(person.site, store).items()}
    return receipt(person, circuits, recorded, said + lockout_warnings(person.site, circuits, read), replaced)


def check_lock(person: Person, scope: Scope, *, until_ms: int | None, reason: str) -> str:
    """Raise what forbids a lockout before anything is stored; returns the reason as it will be stored."""
    rights.require(person.site, person.user_id, "crew", "lock")
    cleaned = reason_given(reason)
    now_ms = person.seen.now_ms
    if until_ms is not None and until_ms <= now_ms:
        raise WrongUsage(Fact("until_in_the_past", {"text": "", "until_ms": until_ms, "now_ms": now_ms}))
    person.circuits(scope)
    return cleaned


def lockout_warnings(site: Site, circuits: tuple[Circuit, ...], read: ReadValues) -> tuple[Fact, ...]:
    """That it is not isolation, and what each kind of device on these circuits would do by itself.

    As far as its settings were read; those that do the same stand together.
    """
    alike: dict[tuple[str, str, str], list[str]] = {}
    for circuit in circuits:
        outputs: tuple[tuple[ChannelRef | None, ChannelRole], ...] = (
            (circuit.relay, "relay"),
            (circuit.dimmer, "dimmer"),
        )
        for ref, role in outputs:
            if ref is not None:
                lost_master, power_return = effect_of_output(site, read, ref, role)
                key = (site.devices[ref.device].profile, lost_master.kind, power_return.kind)
                alike.setdefault(key, []).append(ref.device)
    said = [Fact("lockout_is_not_isolation")]
    for (profile_id, lost_master_kind, power_return_kind), devices in alike.items():
        said.append(
            Fact(
                "device_would_by_itself",
                {
                    "profile": site.profiles[profile_id].name,
                    "devices": few(dict.fromkeys(devices)),
                    "lost_master": lost_master_kind,
                    "power_return": power_return_kind,
                },
            )
        )
    return tuple(said)


def unlock(person: Person, store: Store, scope: Scope, *, reason: str, word: str) -> Receipt:
    """Take off one's own lockout of that scope; with the typed word and as an operator, everybody's.

    Raises ``NotFound`` when none is in force there, ``Refused`` for another's without the word or the role.
    """
    rights.require(person.site, person.user_id, "crew", "unlock")
    reason = reason_given(reason)
    circuits = person.circuits_left(scope, Layer.LOCKOUT)
    standing = person.standing(scope, Layer.LOCKOUT)
    if not standing:
        raise _none_here(person, scope, circuits)
    chosen = standing if word else [i for i in standing if i.by == person.user_id]
    if word:
        _check_word(person, word)
    if not chosen:
        other = standing[0]
        raise Refused(
            Fact("lockout_of_another", {"id": other.id, "by": other.by, "reason": other.reason, "word": UNLOCK_WORD})
        )
    taken = tuple(
        i.id
        for i in chosen
        if store.instructions.release(i.id, at_ms=person.seen.now_ms, by=person.user_id, reason=reason)
    )
    left = [i for i in person.touching(circuits, Layer.LOCKOUT) if i.id not in taken]
    warnings = tuple(Fact("still_locked_out", {"id": i.id, "target": str(scope_of(i)), "by": i.by}) for i in left)
    return receipt(person, circuits, None, warnings, taken)


def _check_word(person: Person, word: str) -> None:
    if word != UNLOCK_WORD:
        raise Refused(Fact("unlock_word_wrong", {"word": UNLOCK_WORD}))
    rights.require(person.site, person.user_id, "operator", "unlock")


def _none_here(person: Person, scope: Scope, circuits: tuple[Circuit, ...]) -> NotFound:
    wider = person.touching(circuits, Layer.LOCKOUT)
    if wider:
        where = few(dict.fromkeys(str(scope_of(i)) for i in wider))
        return NotFound(Fact("lockout_elsewhere", {"target": str(scope), "where": where}))
    return NotFound(Fact("no_lockout_here", {"target": str(scope)}))
