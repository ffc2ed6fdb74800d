"""Lockouts: each person holds their own, they never end by themselves, and they are never called isolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lighting.desk.desk import Desk, NotFound, Refused, WrongUsage
from lighting.schedule.instructions import Layer

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import DeskOf, StandingClock


def test_a_lockout_says_that_it_is_not_isolation_and_what_each_device_would_do(desk: Desk) -> None:
    receipt = desk.lock(desk.parse_scope("C-0101"), until_ms=desk.parse_until("2h"), reason="lamp 4")
    assert receipt.warnings[0].code == "lockout_is_not_isolation"
    told = {str(fact.values["profile"]): fact.values for fact in receipt.warnings[1:]}
    used = {desk.site.profiles[desk.site.devices[d].profile].name for d in ("CB01-D", "CB01-R")}
    assert set(told) == used
    assert all(values["lost_master"] and values["power_return"] for values in told.values())


def test_it_does_not_end_by_itself(desk: Desk, clock: StandingClock) -> None:
    desk.lock(desk.parse_scope("C-0101"), until_ms=desk.parse_until("1h"), reason="x")
    clock.at_ms += 10 * 3_600_000
    assert desk.circuits()[0].locked_out
    assert [status.instruction.layer for status in desk.instructions()] == [Layer.LOCKOUT]


def test_the_circuit_is_free_when_the_last_of_several_is_taken_off(desk: Desk, desk_of: DeskOf) -> None:
    scope = desk.parse_scope("C-0101")
    with desk_of("crew") as crew:
        mine = desk.lock(scope, until_ms=None, reason="lamp 4").instruction_id
        theirs = crew.lock(scope, until_ms=None, reason="cable").instruction_id
        receipt = desk.unlock(scope, reason="done")
        assert receipt.released == (mine,)
        assert [fact.values["id"] for fact in receipt.warnings] == [theirs]
        assert desk.circuits()[0].locked_out
        assert crew.unlock(scope, reason="done").released == (theirs,)
    assert not desk.circuits()[0].locked_out


def test_locking_twice_keeps_the_first(desk: Desk) -> None:
    scope = desk.parse_scope("C-0101")
    first = desk.lock(scope, until_ms=None, reason="x")
    again = desk.lock(scope, until_ms=None, reason="x")
    assert again.instruction_id == first.instruction_id
    assert again.warnings[0].code == "lockout_already_held"


def test_locking_again_with_another_end_or_reason_replaces_the_first(desk: Desk, clock: StandingClock) -> None:
    scope = desk.parse_scope("C-0101")
    first = desk.lock(scope, until_ms=None, reason="x").instruction_id
    until_ms = clock.now_ms() + 3_600_000
    again = desk.lock(scope, until_ms=until_ms, reason="cable fault")
    assert again.warnings[0].code == "lockout_replaced"
    assert again.released == (first,)
    (stands,) = desk.instructions()
    assert (stands.instruction.id, stands.instruction.until_ms) == (again.instruction_id, until_ms)
    assert stands.instruction.reason == "cable fault"
    assert desk.circuits()[0].locked_out


def test_locking_again_leaves_anothers_lockout(desk: Desk, desk_of: DeskOf) -> None:
    scope = desk.parse_scope("C-0101")
    with desk_of("crew") as crew:
        theirs = crew.lock(scope, until_ms=None, reason="cable").instruction_id
    assert desk.lock(scope, until_ms=None, reason="lamp").released == ()
    assert theirs in [status.instruction.id for status in desk.instructions()]


def test_anothers_lockout_needs_the_operator_and_the_word(desk: Desk, desk_of: DeskOf) -> None:
    scope = desk.parse_scope("C-0101")
    desk.lock(scope, until_ms=None, reason="lamp 4")
    with desk_of("crew") as crew:
        with pytest.raises(Refused) as refused:
            crew.unlock(scope, reason="x")
        assert refused.value.fact.values["by"] == "operator"
        with pytest.raises(Refused):
            crew.unlock(scope, reason="x", word="UNLOCK")
        crew.lock(scope, until_ms=None, reason="cable")
    for word in ("unlock", "YES"):
        with pytest.raises(Refused):
            desk.unlock(scope, reason="x", word=word)
    assert len(desk.unlock(scope, reason="both have left, called them", word="UNLOCK").released) == 2


def test_a_lockout_of_a_wider_scope_is_pointed_to(desk: Desk) -> None:
    desk.lock(desk.parse_scope("cabinet:CB01"), until_ms=None, reason="x")
    with pytest.raises(NotFound) as refused:
        desk.unlock(desk.parse_scope("C-0101"), reason="x")
    assert refused.value.fact.values["where"] == "cabinet:CB01"


def test_nothing_to_unlock_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.unlock(desk.parse_scope("C-0101"), reason="x")


def test_a_lockout_needs_a_reason_and_an_end_in_the_future(desk: Desk, clock: StandingClock) -> None:
    scope = desk.parse_scope("C-0101")
    with pytest.raises(WrongUsage):
        desk.lock(scope, until_ms=None, reason="")
    with pytest.raises(WrongUsage):
        desk.lock(scope, until_ms=clock.now_ms(), reason="x")
