"""Set and release: what is recorded, what is refused, what is said."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lighting.desk.desk import Desk, DeskError, NotFound, Refused, WrongUsage
from lighting.schedule.instructions import Layer
from lighting.schedule.site_index import minimum_level_pct
from lighting.store.store import Store

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import Controller, DeskOf, StandingClock


def codes(facts: tuple[object, ...]) -> list[str]:
    return [fact.code for fact in facts]  # type: ignore[attr-defined]


def refusal(error: pytest.ExceptionInfo[DeskError]) -> str:
    return error.value.fact.code


def test_a_set_is_a_durable_instruction_with_who_why_and_until(desk: Desk, store: Store, clock: StandingClock) -> None:
    until_ms = desk.parse_until("06:00")
    receipt = desk.set_level(desk.parse_scope("C-0101"), 50, until_ms=until_ms, reason="  road   works ")
    (instruction,) = store.instructions.in_force(clock.now_ms())
    assert (instruction.id, instruction.level_pct, instruction.until_ms) == (receipt.instruction_id, 50, until_ms)
    assert (instruction.layer, instruction.by, instruction.reason) == (Layer.OVERRIDE, "operator", "road works")
    assert receipt.confirmed is None
    assert receipt.controller == "never_ran"
    assert any(entry.act and entry.by == "operator" for entry in store.history.audit())


def test_it_ends_by_itself(desk: Desk, store: Store, clock: StandingClock) -> None:
    desk.set_level(desk.parse_scope("C-0101"), 50, until_ms=desk.parse_until("1h"), reason="works")
    assert desk.circuits()[0].overridden
    clock.at_ms += 3_600_000
    assert not desk.circuits()[0].overridden
    assert desk.instructions() == []


@pytest.mark.parametrize("level_pct", [-1, 100.1, math.nan, math.inf])
def test_a_level_is_from_0_to_100(desk: Desk, level_pct: float) -> None:
    with pytest.raises(WrongUsage) as refused:
        desk.set_level(desk.parse_scope("C-0101"), level_pct, until_ms=desk.parse_until("1h"), reason="x")
    assert refusal(refused) == "level_out_of_range"


def test_an_act_needs_a_reason(desk: Desk, store: Store, clock: StandingClock) -> None:
    with pytest.raises(WrongUsage) as refused:
        desk.set_level(desk.parse_scope("C-0101"), 50, until_ms=desk.parse_until("1h"), reason="  ")
    assert refusal(refused) == "reason_missing"
    assert store.instructions.in_force(clock.now_ms()) == []


def test_an_end_in_the_past_or_too_far_is_refused(desk: Desk, clock: StandingClock) -> None:
    scope = desk.parse_scope("C-0101")
    with pytest.raises(WrongUsage):
        desk.set_level(scope, 50, until_ms=clock.now_ms(), reason="x")
    with pytest.raises(Refused):
        desk.set_level(scope, 50, until_ms=clock.now_ms() + 31 * 86_400_000, reason="x")


def test_below_the_floor_while_dark_one_circuit_is_refused(desk: Desk, store: Store, clock: StandingClock) -> None:
    scope = desk.parse_scope("C-0103")  # no class: the site's floor of 30 %
    with pytest.raises(Refused) as refused:
        desk.set_level(scope, 20, until_ms=desk.parse_until("1h"), reason="x")
    assert refusal(refused) == "below_floor_refused"
    assert refused.value.fact.values["floor_pct"] == 30
    assert store.instructions.in_force(clock.now_ms()) == []


def test_below_the_floor_by_day_is_no_question(desk: Desk, clock: StandingClock) -> None:
    clock.at_ms += 15 * 3_600_000  # 11:00
    receipt = desk.set_level(desk.parse_scope("C-0103"), 0, until_ms=desk.parse_until("1h"), reason="x")
    assert receipt.instruction_id is not None


def test_a_day_override_that_reaches_into_the_night_is_refused(desk: Desk, clock: StandingClock) -> None:
    clock.at_ms += 15 * 3_600_000
    with pytest.raises(Refused):
        desk.set_level(desk.parse_scope("C-0103"), 0, until_ms=desk.parse_until("18:00"), reason="x")


def test_with_the_right_and_the_word_it_goes_below_the_floor(desk: Desk, store: Store, clock: StandingClock) -> None:
    scope = desk.parse_scope("C-0103")
    desk.set_level(scope, 10, until_ms=desk.parse_until("1h"), reason="x", below_floor=True)
    assert store.instructions.in_force(clock.now_ms())[0].below_floor


def test_below_floor_needs_the_right(desk_of: DeskOf) -> None:
    with desk_of("crew") as crew, pytest.raises(Refused) as refused:
        crew.set_level(crew.parse_scope("C-0103"), 0, until_ms=crew.parse_until("1h"), reason="x", below_floor=True)
    assert refusal(refused) == "below_floor_right_missing"


def test_a_never_dim_circuit_has_a_floor_of_100(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.set_level(desk.parse_scope("C-0102"), 90, until_ms=desk.parse_until("1h"), reason="x")


def test_a_wide_scope_says_which_circuits_are_held_at_their_floor(desk: Desk) -> None:
    receipt = desk.set_level(desk.parse_scope("cabinet:CB01"), 60, until_ms=desk.parse_until("1h"), reason="x")
    assert codes(receipt.warnings) == ["held_at_floor", "stays_at_full"]
    assert receipt.warnings[0].values["names"] == "C-0102"
    assert receipt.circuits == ("C-0101", "C-0102", "C-0103")


@pytest.mark.parametrize("user", ["nobody-listed", "viewer"])
def test_who_only_reads_may_not_act(folder: Path, desk_of: DeskOf, user: str) -> None:
    with (folder / "site.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[users]]\nid = "viewer"\nname = "Viewer"\nrole = "viewer"\n')
    with desk_of(user) as desk:
        scope, until_ms = desk.parse_scope("C-0101"), desk.parse_until("1h")
        for act in (
            lambda: desk.set_level(scope, 50, until_ms=until_ms, reason="x"),
            lambda: desk.release(scope, reason="x"),
            lambda: desk.lock(scope, until_ms=None, reason="x"),
            lambda: desk.unlock(scope, reason="x"),
            lambda: desk.apply(),
            lambda: desk.preview_set(scope, 50, until_ms=until_ms),
        ):
            with pytest.raises(Refused):
                act()


def test_in_a_site_without_users_everybody_may_act(folder: Path, desk_of: DeskOf) -> None:
    text = (folder / "site.toml").read_text(encoding="utf-8")
    (folder / "site.toml").write_text(text[: text.index("[[users]]")], encoding="utf-8")
    with desk_of("anybody") as desk:
        desk.set_level(desk.parse_scope("C-0103"), 0, until_ms=desk.parse_until("1h"), reason="x", below_floor=True)
        assert [status.instruction.by for status in desk.instructions()] == ["anybody"]
        assert desk.apply().accepted


def test_release_takes_off_every_override_of_that_scope_and_tells_what_stays(desk: Desk) -> None:
    circuit, cabinet = desk.parse_scope("C-0101"), desk.parse_scope("cabinet:CB01")
    until_ms = desk.parse_until("1h")
    first = desk.set_level(circuit, 50, until_ms=until_ms, reason="x").instruction_id
    second = desk.set_level(circuit, 60, until_ms=until_ms, reason="x").instruction_id
    wide = desk.set_level(cabinet, 100, until_ms=until_ms, reason="x").instruction_id
    receipt = desk.release(circuit, reason="over")
    assert receipt.released == (first, second)
    assert codes(receipt.warnings) == ["still_overridden"]
    assert receipt.warnings[0].values["id"] == wide
    assert [status.instruction.id for status in desk.instructions()] == [wide]


def test_releasing_nothing_is_said_and_harms_nothing(desk: Desk) -> None:
    receipt = desk.release(desk.parse_scope("C-0101"), reason="over")
    assert (receipt.released, codes(receipt.warnings)) == ((), ["nothing_to_release"])


def test_a_circuit_is_given_back_from_unexplained_local_control(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    controller.put("C-0101", local_control="unexplained")
    receipt = desk.release(desk.parse_scope("C-0101"), reason="switch found and set back")
    (note,) = store.instructions.in_force(clock.now_ms())
    assert (note.id, note.layer, note.scope_id, note.level_pct) == (
        receipt.instruction_id,
        Layer.LOCAL_CONTROL,
        "C-0101",
        None,
    )
    assert "given_back" in codes(receipt.warnings)
    assert desk.instructions() == []  # a note, not a wish


def test_a_local_switch_is_given_back_only_at_the_cabinet(desk: Desk, controller: Controller) -> None:
    controller.put("C-0101", local_control="input")
    receipt = desk.release(desk.parse_scope("C-0101"), reason="x")
    assert receipt.instruction_id is None
    assert "local_switch_not_at_auto" in codes(receipt.warnings)


def test_a_cabinet_is_given_back_circuit_by_circuit(desk: Desk, controller: Controller) -> None:
    controller.put("C-0101", local_control="unexplained")
    receipt = desk.release(desk.parse_scope("cabinet:CB01"), reason="x")
    assert receipt.instruction_id is None
    assert "give_back_one_by_one" in codes(receipt.warnings)


def test_setting_under_a_lockout_or_local_control_is_recorded_with_a_warning(
    desk: Desk, controller: Controller
) -> None:
    desk.lock(desk.parse_scope("cabinet:CB01"), until_ms=None, reason="cable")
    controller.put("C-0101", local_control="input")
    receipt = desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason="x")
    assert codes(receipt.warnings) == ["locked_out_meanwhile", "in_local_control"]


def test_a_level_under_what_the_lamps_can_keep_is_said_before_and_after(desk: Desk, clock: StandingClock) -> None:
    clock.at_ms = desk.parse_until("2026-11-24T12:00")  # by day no floor holds it
    scope, until_ms = desk.parse_scope("C-0101"), desk.parse_until("1h")
    least_pct = minimum_level_pct(desk.site, desk.site.circuits["C-0101"])
    assert 2 < least_pct < 100
    assert "held_at_minimum" in codes(desk.preview_set(scope, least_pct - 1, until_ms=until_ms))
    receipt = desk.set_level(scope, least_pct - 1, until_ms=until_ms, reason="x")
    assert codes(receipt.warnings) == ["held_at_minimum"]
    assert receipt.warnings[0].values["minimum_pct"] == least_pct
    for level_pct in (0, least_pct):
        assert desk.set_level(scope, level_pct, until_ms=until_ms, reason="x").warnings == ()


def test_what_cannot_be_dimmed_is_said_before_and_after(desk: Desk) -> None:
    scope, until_ms = desk.parse_scope("C-0103"), desk.parse_until("1h")  # high-pressure sodium without a dimmer
    assert "stays_at_full" in codes(desk.preview_set(scope, 50, until_ms=until_ms))
    receipt = desk.set_level(scope, 50, until_ms=until_ms, reason="x")
    assert codes(receipt.warnings) == ["stays_at_full"]
    assert receipt.warnings[0].values["names"] == "C-0103"
    assert desk.set_level(scope, 100, until_ms=until_ms, reason="x").warnings == ()
    assert desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=until_ms, reason="x").warnings == ()


@pytest.mark.parametrize("reason", ["\x1b[31mred", "bell \x07", "caf\udce9", "\u202egnihtemos", "x" * 501])
def test_a_reason_that_a_terminal_would_obey_or_that_has_no_end_is_refused(desk: Desk, reason: str) -> None:
    with pytest.raises(WrongUsage):
        desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason=reason)
    with pytest.raises(WrongUsage):
        desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason=reason)
    with pytest.raises(WrongUsage):
        desk.apply(note=reason)
    assert (desk.instructions(), desk.revisions()) == ([], [])


def test_a_reason_in_any_language_is_kept(desk: Desk) -> None:
    reason = "Đèn hỏng ở ngõ 12 — 修理"
    desk.set_level(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("1h"), reason=reason)
    assert desk.instructions()[0].instruction.reason == reason


def test_the_preview_is_one_sentence_of_facts_and_records_nothing(
    desk: Desk, store: Store, clock: StandingClock
) -> None:
    facts = desk.preview_set(desk.parse_scope("C-0101"), 60, until_ms=desk.parse_until("06:00"))
    assert codes(facts)[:3] == ["set_one_asked", "program_would_give", "floor_is"]
    assert facts[0].values["lamps"] == 24
    assert facts[1].values["level_pct"] == 100
    assert store.instructions.in_force(clock.now_ms()) == []


def test_the_preview_ignores_overrides_that_stand(desk: Desk) -> None:
    scope = desk.parse_scope("C-0101")
    desk.set_level(scope, 60, until_ms=desk.parse_until("1h"), reason="x")
    assert desk.preview_set(scope, 70, until_ms=desk.parse_until("1h"))[1].values["level_pct"] == 100


def test_the_preview_raises_what_would_forbid_the_act(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.preview_set(desk.parse_scope("C-0103"), 10, until_ms=desk.parse_until("1h"))


@pytest.mark.parametrize(
    ("text", "nearest"), [("C-0110", "C-0101"), ("cabinet:CB1", "CB01"), ("district:lake", "lakeside")]
)
def test_an_unknown_target_offers_the_nearest(desk: Desk, text: str, nearest: str) -> None:
    with pytest.raises(NotFound) as refused:
        desk.parse_scope(text)
    assert nearest in str(refused.value.fact.values["nearest"])


def test_targets_are_found_by_id_kind_and_name(desk: Desk) -> None:
    assert str(desk.parse_scope("c-0101")) == "C-0101"
    assert str(desk.parse_scope("circuit:C-0101")) == "C-0101"
    assert str(desk.parse_scope("cabinet:CB02")) == "cabinet:CB02"
    assert str(desk.parse_scope("district:Town centre")) == "district:centre"
    assert str(desk.parse_scope("road:market street")) == "road:Market street"
    assert str(desk.parse_scope("area: 21.0285, 105.8542, 0.3km")) == "area:21.0285,105.8542,300m"
    with pytest.raises(WrongUsage):
        desk.parse_scope("street:Market street")


def test_a_district_without_circuits_cannot_be_set(folder: Path, desk_of: DeskOf) -> None:
    with (folder / "districts.csv").open("a", encoding="utf-8") as file:
        file.write("empty,Empty quarter\n")
    with desk_of("operator") as desk, pytest.raises(WrongUsage) as refused:
        desk.set_level(desk.parse_scope("district:empty"), 60, until_ms=desk.parse_until("1h"), reason="x")
    assert refusal(refused) == "scope_is_empty"
