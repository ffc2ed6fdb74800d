"""Off for more than a set share of the city needs two people: one proposes, another one confirms within the hour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lighting.assets.fact import Fact, Value
from lighting.desk import rights
from lighting.desk.person import Person, Wish, role_for
from lighting.schedule.instructions import Instruction
from lighting.schedule.switched_off import switched_off
from lighting.store.records import InstructionStatus

PROPOSAL_MS = 60 * 60_000
"""How long a proposal waits for a second person."""
_NO_ID = 2**62
"""An instruction that is not recorded yet is newer than all that are."""


def lapse_of(person: Person, wish: Wish) -> int:
    """When a proposal made now would lapse: after an hour, or when there would be nothing left of it."""
    return min(person.seen.now_ms + PROPOSAL_MS, wish.until_ms)


def waits_for_second(person: Person, wish: Wish) -> Fact | None:
    """That the wish, with what is off already, would switch off too large a share of the city's lamps; else None."""
    control = person.site.control
    every = [c.lamp_count for c in person.index.circuits]
    lamps = np.array(every, dtype=np.int64)
    asked = Instruction(
        _NO_ID,
        wish.layer,
        wish.scope.kind,
        wish.scope.id,
        wish.level_pct,
        person.seen.now_ms,
        wish.until_ms,
        person.user_id,
        wish.reason,
        below_floor=wish.below_floor,
    )
    off = switched_off(person.site, asked, person.seen.in_force, person.seen.conditions().local_control)
    by_this, in_all = int(lamps[off.by_this].sum()), int(lamps[off.in_all].sum())
    share_pct = 100.0 * in_all / max(1, int(lamps.sum()))
    if not by_this or share_pct <= control.confirm_off_share_pct:
        return None
    values: dict[str, Value] = {"lamps": by_this, "all_lamps": in_all, "share_pct": round(share_pct, 2)}
    return Fact("off_needs_second", {**values, "limit_pct": control.confirm_off_share_pct})


def seconding_says(person: Person, wish: Wish, number: int, waits: Fact) -> tuple[Fact, ...]:
    """That it is in no force, who may bring it into force, and until when."""
    waiting: dict[str, Value] = {"id": number, "lapses_ms": lapse_of(person, wish), "role": role_for(wish.layer)}
    said: tuple[Fact, ...] = (waits, Fact("proposal_waits", waiting))
    if wish.below_floor:
        said = (*said, Fact("proposal_needs_below_floor"))
    if not person.site.users:
        return said
    able = [u for u in person.site.users if u != person.user_id and rights.may(person.site, u, role_for(wish.layer))]
    if not able:
        return (*said, Fact("proposal_nobody_else", {"role": role_for(wish.layer)}))
    if wish.below_floor and not any(person.site.users[one].below_floor for one in able):
        return (*said, Fact("proposal_nobody_below_floor"))
    return said


def as_of(status: InstructionStatus, now_ms: int) -> InstructionStatus:
    """A proposal whose time is over has lapsed, whether or not anybody has written that down yet."""
    proposal = status.proposal
    if proposal is None or status.state != "proposed" or now_ms < proposal.lapses_ms:
        return status
    return replace(status, state="lapsed", state_ms=proposal.lapses_ms)
