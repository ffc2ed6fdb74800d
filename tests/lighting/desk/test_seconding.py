"""Off for more than a set share of the city's lamps waits for a second person, and changes nothing until then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lighting.assets.fact import Fact
from lighting.desk.answers import Receipt
from lighting.desk.desk import Desk, DeskError, NotFound, Refused, WrongUsage
from lighting.schedule.conditions import Conditions
from lighting.schedule.decision import decide
from lighting.schedule.instructions import Layer
from lighting.store.store import Store

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import DeskOf, StandingClock

HOUR_MS = 3_600_000


@pytest.fixture
def folder(folder: Path) -> Path:
    """The example with a second person who may go under the floor, ``crew``, and one of the crew, ``road``, who not."""
    text = (folder / "site.toml").read_text(encoding="utf-8")
    at = text.rindex("[[users]]")
    road = '[[users]]\nid = "road"\nname = "Road"\nrole = "crew"\n\n'
    changed = text[:at] + road + text[at:].replace('role = "crew"\n', 'role = "crew"\nbelow_floor = true\n')
    (folder / "site.toml").write_text(changed, encoding="utf-8")
    return folder


@pytest.fixture
def crew(desk_of: DeskOf) -> Iterator[Desk]:
    with desk_of("crew") as made:
        yield made


def off(desk: Desk, target: str, *, for_: str = "2h") -> Receipt:
    scope, until_ms = desk.parse_scope(target), desk.parse_until(for_)
    return desk.set_level(scope, 0, until_ms=until_ms, reason="festival", below_floor=True)


def said(receipt: Receipt, code: str) -> Fact:
    (found,) = [fact for fact in receipt.warnings if fact.code == code]
    return found


def refusal(error: pytest.ExceptionInfo[DeskError]) -> str:
    return error.value.fact.code


def number_of(receipt: Receipt) -> int:
    assert receipt.instruction_id is not None
    return receipt.instruction_id


def levels(desk: Desk, store: Store, at_ms: int) -> list[float]:
    decided = decide(desk.site, np.array([at_ms]), store.instructions.in_force(at_ms), Conditions())
    return [float(one) for one in decided.level_pct[0]]


def share_allowed(folder: Path, pct: float) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    assert "confirm_off_share_pct = 5.0" in text
    changed = text.replace("confirm_off_share_pct = 5.0", f"confirm_off_share_pct = {pct}")
    (folder / "site.toml").write_text(changed, encoding="utf-8")


def test_the_city_off_is_proposed_and_changes_nothing(desk: Desk, store: Store, clock: StandingClock) -> None:
    before = levels(desk, store, clock.now_ms())
    receipt = off(desk, "district:lakeside")
    assert (receipt.state, receipt.lapses_ms) == ("proposed", clock.now_ms() + HOUR_MS)
    assert said(receipt, "off_needs_second").values["lamps"] == 30
    assert said(receipt, "proposal_waits").values["id"] == receipt.instruction_id
    assert store.instructions.in_force(clock.now_ms()) == []
    assert levels(desk, store, clock.now_ms()) == before
    assert desk.why("C-0201").trail[0].fact.code != "override_in_force"


def test_another_person_confirms_it_and_it_rules_from_then_on(
    desk: Desk, crew: Desk, store: Store, clock: StandingClock
) -> None:
    number = number_of(off(desk, "district:lakeside"))
    clock.at_ms += 600_000
    receipt = crew.confirm(number)
    assert (receipt.state, receipt.instruction_id, receipt.circuits) == ("recorded", number, ("C-0201",))
    (note,) = store.instructions.in_force(clock.now_ms())
    assert (note.by, note.from_ms, note.until_ms) == ("operator", clock.now_ms(), receipt.until_ms)
    assert levels(desk, store, clock.now_ms() + 120_000)[3] == 0
    (status,) = desk.instructions()
    assert status.proposal is not None
    assert status.proposal.agreed_by == "crew"


def test_who_proposed_it_does_not_confirm_it(desk: Desk, store: Store, clock: StandingClock) -> None:
    number = number_of(off(desk, "district:lakeside"))
    with pytest.raises(Refused) as refused:
        desk.confirm(number)
    assert refusal(refused) == "proposal_needs_another"
    assert store.instructions.in_force(clock.now_ms()) == []


def test_who_only_reads_does_not_confirm_it(desk: Desk, desk_of: DeskOf, store: Store, clock: StandingClock) -> None:
    number = number_of(off(desk, "district:lakeside"))
    with desk_of("nobody-listed") as nobody, pytest.raises(Refused) as refused:
        nobody.confirm(number)
    assert refusal(refused) == "user_not_listed"
    assert store.instructions.in_force(clock.now_ms()) == []


def test_it_lapses_after_an_hour_without_a_trace(desk: Desk, crew: Desk, store: Store, clock: StandingClock) -> None:
    number = number_of(off(desk, "district:lakeside"))
    clock.at_ms += HOUR_MS - 1
    assert [status.state for status in desk.instructions()] == ["proposed"]
    clock.at_ms += 1
    assert desk.instructions() == []
    assert [status.state for status in desk.instructions(all_states=True)] == ["lapsed"]
    with pytest.raises(Refused) as refused:
        crew.confirm(number)
    assert refusal(refused) == "proposal_lapsed"
    assert store.instructions.active_between(0, clock.now_ms()) == []
    assert "override_in_force" not in {entry.fact.code for entry in desk.why("C-0201").trail}
    with pytest.raises(Refused):
        desk.release_number(number, reason="x")


def test_it_lapses_sooner_where_nothing_would_be_left_of_it(desk: Desk, clock: StandingClock) -> None:
    assert off(desk, "district:lakeside", for_="10m").lapses_ms == clock.now_ms() + 600_000


@pytest.mark.parametrize("by_number", [True, False])
def test_it_is_withdrawn_by_number_or_target(desk: Desk, crew: Desk, by_number: bool) -> None:
    number = number_of(off(desk, "district:lakeside"))
    if by_number:
        desk.release_number(number, reason="changed my mind")
    else:
        assert desk.release(desk.parse_scope("district:lakeside"), reason="changed").released == (number,)
    with pytest.raises(Refused) as refused:
        crew.confirm(number)
    assert refusal(refused) == "proposal_withdrawn"


def test_it_is_confirmed_once(desk: Desk, crew: Desk) -> None:
    number = number_of(off(desk, "district:lakeside"))
    crew.confirm(number)
    with pytest.raises(Refused) as refused:
        crew.confirm(number)
    assert refusal(refused) == "proposal_confirmed_already"


def test_what_waits_for_nobody_is_not_confirmed(desk: Desk, crew: Desk) -> None:
    until_ms = desk.parse_until("1h")
    number = number_of(desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=until_ms, reason="x"))
    with pytest.raises(Refused) as refused:
        crew.confirm(number)
    assert refusal(refused) == "not_a_proposal"
    with pytest.raises(NotFound):
        crew.confirm(number + 1)


def test_a_clock_set_back_behind_the_proposal_confirms_nothing(
    desk: Desk, crew: Desk, store: Store, clock: StandingClock
) -> None:
    number = number_of(off(desk, "district:lakeside"))
    clock.at_ms -= HOUR_MS
    with pytest.raises(Refused) as refused:
        crew.confirm(number)
    assert refusal(refused) == "proposal_of_the_future"
    assert store.instructions.in_force(clock.now_ms()) == []


def test_the_right_to_go_under_the_floor_is_needed_before_a_second_person_is(desk_of: DeskOf, store: Store) -> None:
    with desk_of("road") as road, pytest.raises(Refused) as refused:
        off(road, "district:lakeside")
    assert refusal(refused) == "below_floor_right_missing"
    assert store.instructions.recent() == []


def test_who_may_not_go_under_the_floor_confirms_nothing_that_does(
    desk: Desk, desk_of: DeskOf, store: Store, clock: StandingClock
) -> None:
    receipt = off(desk, "district:lakeside")
    assert said(receipt, "proposal_needs_below_floor")
    with desk_of("road") as road, pytest.raises(Refused) as refused:
        road.confirm(number_of(receipt))
    assert refusal(refused) == "below_floor_right_missing"
    assert store.instructions.in_force(clock.now_ms()) == []


def test_what_forbids_the_act_by_then_forbids_the_confirmation(
    folder: Path, desk: Desk, crew: Desk, store: Store, clock: StandingClock
) -> None:
    desk.apply()
    number = number_of(off(desk, "district:lakeside"))
    text = (folder / "site.toml").read_text(encoding="utf-8")
    (folder / "site.toml").write_text(
        text.replace("below_floor = true\n", "below_floor = false\n", 1), encoding="utf-8"
    )
    desk.apply()
    with pytest.raises(Refused) as refused:
        crew.confirm(number)
    assert refusal(refused) == "below_floor_right_missing"
    assert store.instructions.in_force(clock.now_ms()) == []


def test_a_lockout_that_came_meanwhile_is_said_with_the_confirmation(desk: Desk, crew: Desk) -> None:
    number = number_of(off(desk, "district:lakeside"))
    crew.lock(crew.parse_scope("C-0201"), until_ms=None, reason="cable")
    assert "locked_out_meanwhile" in {fact.code for fact in crew.confirm(number).warnings}


def test_the_preview_says_it_before(desk: Desk, store: Store) -> None:
    facts = desk.preview_set(
        desk.parse_scope("district:lakeside"), 0, until_ms=desk.parse_until("1h"), below_floor=True
    )
    assert "off_needs_second" in {fact.code for fact in facts}
    assert store.instructions.recent() == []


@pytest.fixture
def fifty(folder: Path) -> Path:
    """The example with its lamps counted otherwise: 4 % of the city on each of four circuits, the rest on a fifth."""
    rows = (folder / "circuits.csv").read_text(encoding="utf-8")
    for old, new in (("led-90:24", "led-90:4"), ("led-90:6", "led-90:4"), ("hps-150:8", "hps-150:4")):
        rows = rows.replace(old, new)
    head = "C-0201,CB02,Lake path,Lake path,lakeside,park-path,led-40:30,CB02-D:1,CB02-R:1,CB02-M:total,P4,P6,5.5,no,"
    assert head in rows
    big = head.replace("C-0201", "C-0202").replace("led-40:30", "led-40:84").replace(":1,", ":2,", 2)
    rows = rows.replace("led-40:30", "led-40:4") + big.replace("CB02-M:total", "") + ",\n"
    (folder / "circuits.csv").write_text(rows, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("fifty")
def test_four_times_four_percent_is_seen_too(desk: Desk, crew: Desk, store: Store, clock: StandingClock) -> None:
    assert sum(circuit.lamp_count for circuit in desk.site.circuits.values()) == 100
    assert off(desk, "C-0101").state == "recorded"
    second = off(desk, "C-0102")
    assert (second.state, said(second, "off_needs_second").values["share_pct"]) == ("proposed", 8.0)
    assert said(second, "off_needs_second").values["lamps"] == 4
    assert off(desk, "C-0103").state == "proposed", "what is only proposed is not off"
    crew.confirm(number_of(second))
    third = off(desk, "C-0201")
    assert said(third, "off_needs_second").values["share_pct"] == 12.0
    assert len(store.instructions.in_force(clock.now_ms())) == 2


@pytest.mark.usefixtures("fifty")
@pytest.mark.parametrize("cover", ["set", "emergency", "lock"])
def test_one_person_hides_no_zero_under_something_to_take_off_later(desk: Desk, cover: str) -> None:
    scope, until_ms = desk.parse_scope("C-0101"), desk.parse_until("1h")
    assert off(desk, "C-0101").state == "recorded"
    if cover == "set":
        desk.set_level(scope, 100, until_ms=until_ms, reason="x")
    elif cover == "emergency":
        desk.emergency(scope, until_ms=until_ms, reason="x")
    else:
        desk.lock(scope, until_ms=None, reason="x")
    second = off(desk, "C-0102")
    assert (second.state, said(second, "off_needs_second").values["share_pct"]) == ("proposed", 8.0)


@pytest.mark.usefixtures("fifty")
def test_what_is_dimmed_only_or_off_already_needs_nobody(desk: Desk) -> None:
    off(desk, "C-0101")
    until_ms = desk.parse_until("1h")
    assert desk.set_level(desk.parse_scope("district:centre"), 50, until_ms=until_ms, reason="x").state == "recorded"
    assert off(desk, "C-0101").state == "recorded"
    assert desk.limit(desk.parse_scope("district:lakeside"), 0, until_ms=until_ms, reason="x").state == "recorded"


def test_the_share_is_the_sites_own(folder: Path, desk_of: DeskOf) -> None:
    share_allowed(folder, 50)
    with desk_of("operator") as desk:
        assert off(desk, "district:lakeside").state == "recorded"
        assert off(desk, "C-0101").state == "proposed"


def test_off_by_day_needs_nobody(desk: Desk, clock: StandingClock) -> None:
    clock.at_ms += 14 * HOUR_MS
    until_ms = desk.parse_until("1h")
    receipt = desk.set_level(desk.parse_scope("district:lakeside"), 0, until_ms=until_ms, reason="x")
    assert receipt.state == "recorded"


@pytest.mark.parametrize(("others", "code"), [(0, "proposal_nobody_else"), (1, "proposal_nobody_below_floor")])
def test_a_site_where_nobody_else_may_confirm_says_so(folder: Path, desk_of: DeskOf, others: int, code: str) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    kept = text.split("[[users]]")[: 2 + others]
    (folder / "site.toml").write_text("[[users]]".join(kept), encoding="utf-8")
    with desk_of("operator") as desk:
        assert code in {fact.code for fact in off(desk, "C-0101").warnings}


def test_a_limit_that_would_switch_off_needs_an_operator_to_confirm(
    desk: Desk, desk_of: DeskOf, folder: Path, store: Store, clock: StandingClock
) -> None:
    """By day a lamp test or an override is what a limit of 0 could put out: neither is. While dark the floor holds."""
    receipt = desk.limit(desk.parse_scope("district:lakeside"), 0, until_ms=desk.parse_until("2h"), reason="x")
    assert receipt.state == "recorded"
    assert [note.layer for note in store.instructions.in_force(clock.now_ms())] == [Layer.DEMAND_LIMIT]
    assert levels(desk, store, clock.now_ms() + 120_000)[3] > 0


def test_an_unprintable_reason_leaves_no_proposal(desk: Desk, store: Store) -> None:
    with pytest.raises(WrongUsage):
        desk.set_level(
            desk.parse_scope("district:lakeside"), 0, until_ms=desk.parse_until("1h"), reason="\x1b", below_floor=True
        )
    assert store.instructions.recent() == []
