"""The second person: whoever proposed it, another one confirms it, and everything is checked again as of then."""

from __future__ import annotations

from dataclasses import replace

from lighting.assets.fact import Fact
from lighting.desk import rights
from lighting.desk.acts import receipt
from lighting.desk.answers import Receipt
from lighting.desk.person import Person, Wish, act_word, require_right, role_for
from lighting.desk.refusal import Refused
from lighting.desk.releasing import instruction_of
from lighting.desk.scopes import scope_of
from lighting.desk.wish_checks import check_wish
from lighting.store.records import InstructionStatus
from lighting.store.store import Store


def confirm(person: Person, store: Store, number: int) -> Receipt:
    """Let a proposal come into force from now until its stated end.

    Raises ``NotFound`` for no such number; ``Refused`` for the proposer themselves, without the act's rights (under
    the floor too), for one that lapsed or was withdrawn, and for whatever forbids the act itself by now.
    """
    status = instruction_of(store, number)
    note = status.instruction
    require_right(person, note.layer)
    _check_waits(person, status)
    if note.by == person.user_id:
        raise Refused(Fact("proposal_needs_another", {"id": number, "by": note.by}))
    if note.below_floor:
        rights.require_below_floor(person.site, person.user_id)
    proposer = replace(person, user_id=note.by)
    rights.require(person.site, note.by, role_for(note.layer), act_word(note.layer))
    wish = Wish(
        scope_of(note), note.level_pct, note.until_ms or 0, note.reason, below_floor=note.below_floor, layer=note.layer
    )
    said = check_wish(proposer, wish)
    if not store.instructions.agree(number, at_ms=person.seen.now_ms, by=person.user_id):
        raise Refused(_ended(instruction_of(store, number), person.seen.now_ms))
    return receipt(person, person.circuits(wish.scope), replace(note, from_ms=person.seen.now_ms), said)


def _check_waits(person: Person, status: InstructionStatus) -> None:
    proposal, now_ms = status.proposal, person.seen.now_ms
    if proposal is None:
        raise Refused(Fact("not_a_proposal", {"id": status.instruction.id}))
    if status.state != "proposed" or not proposal.proposed_ms <= now_ms < proposal.lapses_ms:
        raise Refused(_ended(status, now_ms))


def _ended(status: InstructionStatus, now_ms: int) -> Fact:
    """Why a proposal can be confirmed no more."""
    number, proposal = status.instruction.id, status.proposal
    if proposal is not None and proposal.agreed_by is not None:
        return Fact("proposal_confirmed_already", {"id": number, "by": proposal.agreed_by, "at_ms": proposal.agreed_ms})
    if status.state == "released":
        return Fact("proposal_withdrawn", {"id": number, "at_ms": status.state_ms})
    if proposal is not None and now_ms < proposal.proposed_ms:
        return Fact("proposal_of_the_future", {"id": number, "proposed_ms": proposal.proposed_ms, "now_ms": now_ms})
    return Fact("proposal_lapsed", {"id": number, "lapses_ms": None if proposal is None else proposal.lapses_ms})
