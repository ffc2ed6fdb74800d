"""Acts by real keys: one sentence first, nothing before it was agreed to, and a status that follows the controller."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.events import Key
from textual.widgets import Input

from lighting.assets.fact import Fact, Value
from lighting.desk.answers import Receipt
from lighting.desk.refusal import Refused
from lighting.desk.scopes import Scope
from lighting.schedule.instructions import Layer
from lighting.store.records import ProposalState
from tests.tui.fake_desk import NOW_MS, FakeDesk
from tests.tui.look import go, opened, screen_lines, screen_text, until_said, until_seen
from tui.acts import SetLevel

SIX_MS = NOW_MS + 678 * 60_000
CIRCUIT = Scope("circuit", "C-0001")


async def test_setting_a_level_is_agreed_to_before_it_is_done_and_followed_to_its_confirmation() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2", "enter", "s")
        assert "Set a level" in screen_text(app)
        assert "C-0001" in screen_text(app)
        await go(pilot, *"40", "enter", *"06:00", "enter", *"works", "enter")
        text = await until_seen(pilot, "[Enter] do it  [Esc] leave it")
        assert "fake_set_preview(id=C-0001, level_pct=40.0" in text
        assert desk.acts == []
        await go(pilot, "enter")
        await until_seen(pilot, "C-0001 to 40 % (#17): confirmed (4.1 s)")
        assert desk.acts == [("set", CIRCUIT, 40.0, SIX_MS, "works", False)]
        await go(pilot)
        assert "#17" in screen_text(app)
        assert "confirmed (4.1 s)" in screen_text(app)


async def test_words_that_arrive_together_with_enter_land_in_their_own_lines() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2")
        await pilot.press("s")
        await pilot.pause()
        for key in ("4", "0", "enter", "0", "6", ":", "0", "0", "enter", "w", "o", "r", "k", "s", "enter"):
            app.post_message(Key(key, key if len(key) == 1 else "\r"))
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "confirmed")
        assert desk.acts == [("set", CIRCUIT, 40.0, SIX_MS, "works", False)]


async def test_leaving_the_sentence_does_nothing() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "escape")
        assert desk.acts == []
        assert "100 CIRCUITS" in screen_text(app)


async def test_the_usual_time_is_taken_where_none_is_given() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "confirmed")
        assert desk.acts == [("set", CIRCUIT, 40.0, NOW_MS + 7_200_000, "works", False)]


@pytest.mark.parametrize("keys", [("2", "s", *"40", "enter", *"18:43", "enter"), ("2", "l", *"18:43", "enter")])
async def test_an_end_that_passed_before_it_was_agreed_to_is_refused_and_not_taken_for_the_next_days(
    keys: tuple[str, ...],
) -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, *keys, *"works", "enter")
        await until_seen(pilot, "do it")
        desk.now_ms += 120_000
        await go(pilot, "enter")
        await until_seen(pilot, "the end 18:43 is not in the future (it is 18:44 now)")
        assert desk.acts == []


async def test_the_usual_time_does_not_move_while_a_person_reads_the_sentence() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", *"works", "enter")
        await until_seen(pilot, f"until_ms={NOW_MS + 7_200_000}")
        desk.now_ms += 600_000
        await go(pilot, "enter")
        await until_seen(pilot, "confirmed")
        assert desk.acts == [("set", CIRCUIT, 40.0, NOW_MS + 7_200_000, "works", False)]


async def test_a_lockout_says_from_when_it_is_an_alarm() -> None:
    async with opened(FakeDesk(100)) as (_, pilot):
        await go(pilot, "2", "l", *"06:00", "enter", *"cable", "enter")
        await until_seen(pilot, "Past 06:00 it becomes an alarm")


@pytest.mark.parametrize("level", ["1_0", "1e1", "nan", "101", "-5", "٤٠"])
async def test_only_plain_percentages_are_taken_for_a_level(level: str) -> None:
    async with opened(FakeDesk(100)) as (_, pilot):
        await go(pilot, "2", "s")
        pilot.app.screen.query_one("#field-level", Input).value = level
        await go(pilot, "enter", "enter", *"works", "enter")
        await until_seen(pilot, f"Give a level from 0 to 100 percent, not “{level}”")


async def test_what_is_wrong_is_said_in_place_and_can_be_mended() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"bright", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "Give a level from 0 to 100 percent, not “bright”")
        await go(pilot, "shift+tab", "shift+tab", "shift+tab", "shift+tab")
        app = pilot.app
        level = app.screen.query_one("#field-level")
        level.focus()
        await go(pilot, *(["backspace"] * 6), *"40", "enter", *"soon", "enter", "enter")
        await until_seen(pilot, "fake_until_not_understood(found=soon)")
        assert desk.acts == []


async def test_a_reason_is_expected() -> None:
    async with opened(FakeDesk(100)) as (_, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", "enter")
        await until_seen(pilot, "Give a reason")


async def test_a_level_under_the_floor_is_refused_in_place() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"10", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "fake_below_floor(level_pct=10.0, floor_pct=30.0)")
        assert desk.acts == []


async def test_going_under_the_floor_is_a_choice_of_its_own() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"10", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "fake_below_floor")
        await go(pilot, "f2")
        await until_seen(pilot, "[F2] under the floor: YES")
        pilot.app.screen.query_one("#field-reason").focus()
        await go(pilot, "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "confirmed")
        assert desk.acts[-1] == ("set", CIRCUIT, 10.0, NOW_MS + 7_200_000, "works", True)


async def test_an_unknown_circuit_is_said_in_place() -> None:
    async with opened(FakeDesk(4)) as (_, pilot):
        await go(pilot, "1", "s", *"C-9999", "enter", *"40", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "C-9999)")


async def test_a_whole_cabinet_can_be_set() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "1", "s", *"cabinet:CB-03", "enter", *"55", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "cabinet:CB-03 to 55 % (#17): confirmed")
        assert desk.acts[0][1] == Scope("cabinet", "CB-03")


async def test_without_a_controller_the_act_is_recorded_and_that_is_said() -> None:
    desk = FakeDesk(100, life="stopped", beat_age_s=240)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "C-0001 to 40 % (#17): recorded, but the controller is NOT RUNNING")
        desk.life = "running"
        await go(pilot)
        text = await until_seen(pilot, "C-0001 to 40 % (#17): confirmed")
        assert "NOT RUNNING" not in text


async def test_not_confirmed_in_time_is_said_with_the_number() -> None:
    desk = FakeDesk(100, confirms=False)
    desk.held_back_s = 0.06  # thirty slices: pending stands long enough to be seen on a busy machine
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "C-0001 to 40 % (#17): pending, waiting for the controller")
        # Uncut at 80 columns, once the line has grown to two.
        await until_said(pilot, "NOT CONFIRMED yet; instruction 17 stays in force and the controller keeps trying")


async def test_a_level_that_lamps_cannot_keep_is_not_told_as_done() -> None:
    desk = FakeDesk(100)
    act = SetLevel("C-0001")
    values = {"subject": "C-0001", "level": "40", "until": "", "reason": "works"}
    receipt = act.preview(desk, values).do(desk)
    assert act.done(receipt) == "C-0001 to 40 % (#17)"
    held = replace(receipt, warnings=(Fact("held_at_minimum"),))
    assert act.done(held) == "C-0001 asked for 40 %, held higher (#17)"


async def test_the_way_under_the_floor_is_named_by_its_key() -> None:
    desk = FakeDesk(100)
    values: dict[str, Value] = {"circuit": "C-0001", "level_pct": 10.0, "floor_pct": 30.0}
    refusal = Refused(Fact("below_floor_refused", values))
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", *"works")
        desk.fails_preview = refusal
        await go(pilot, "enter")
        text = await until_seen(pilot, "press F2")
        assert "--below-floor" not in text


async def test_releasing_gives_the_circuit_back_to_its_program() -> None:
    desk = FakeDesk(100)
    desk.set_level(CIRCUIT, 40, until_ms=SIX_MS, reason="works")
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "enter", "r", *"done", "enter")
        await until_seen(pilot, "Release C-0001? Every override on it ends now")
        await go(pilot, "enter")
        await until_seen(pilot, "C-0001 released (#17): confirmed")
        assert desk.acts[-1] == ("release", CIRCUIT, "done")


async def test_a_release_of_nothing_says_that_nothing_was_done() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "r", *"done", "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "C-0001: left as it was")


async def test_locking_out_says_before_and_after_that_it_is_no_isolation() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2", "enter", "l", "enter", *"cable", "enter")
        text = await until_seen(pilot, "Lock out C-0001?")
        assert "This is not isolation" in text
        assert desk.acts == []
        await go(pilot, "enter")
        await until_seen(pilot, "fake_failsafe_lights(level_pct=100.0)")
        assert desk.acts == [("lock", CIRCUIT, None, "cable")]
        await go(pilot, "enter")
        await until_seen(pilot, "C-0001 is locked out (#17)")
        await go(pilot)
        assert "⊘ locked" in screen_lines(app)[2]
        await go(pilot, "u", *"done", "enter", *"UNLOCK", "enter")
        await until_seen(pilot, "Take the lockout off C-0001?")
        await go(pilot, "enter")
        await until_seen(pilot, "C-0001: lockout taken off (#1)")
        assert desk.acts[-1] == ("unlock", CIRCUIT, "done", "UNLOCK")


async def test_instructions_are_listed_and_released_from_their_list() -> None:
    desk = FakeDesk(100)
    desk.set_level(CIRCUIT, 40, until_ms=SIX_MS, reason="works")
    async with opened(desk) as (app, pilot):
        await go(pilot, "4")
        text = screen_text(app)
        assert "17 C-0001" in text
        assert "pending" in text
        assert "06:00" in text
        await go(pilot, "r", *"done", "enter")
        await until_seen(pilot, "Release C-0001?")
        await go(pilot, "enter")
        await until_seen(pilot, "confirmed")
        await go(pilot)
        assert "INSTRUCTIONS in force   none" in screen_text(app)
        await go(pilot, "a")
        assert "released" in screen_text(app)


async def test_a_proposal_is_told_as_such_and_confirmed_from_the_list() -> None:
    desk = FakeDesk(100)
    desk.set_level(CIRCUIT, 0, until_ms=SIX_MS, reason="festival")
    desk.asked = [replace(one, state="proposed") for one in desk.asked]
    async with opened(desk) as (app, pilot):
        await go(pilot, "4")
        assert "proposed" in screen_text(app)
        await go(pilot, "c")
        await go(pilot, "enter")
        await until_seen(pilot, "Confirm #17 on C-0001?")
        await go(pilot, "enter")
        await until_seen(pilot, "#17 on C-0001 in force: confirmed")
        assert desk.acts[-1] == ("confirm", 17)


async def test_a_proposal_stands_first_with_who_confirms_it_and_until_when() -> None:
    desk = FakeDesk(100)
    desk.set_level(CIRCUIT, 0, until_ms=SIX_MS, reason="festival")
    (older,) = desk.asked
    newer = replace(older, instruction=replace(older.instruction, id=18, scope_id="C-0002"))
    desk.asked = [newer]
    async with opened(desk) as (app, pilot):
        await go(pilot, "4")
        waiting = ProposalState(NOW_MS, NOW_MS + 60 * 60_000)
        desk.asked = [newer, replace(older, state="proposed", proposal=waiting)]
        await go(pilot)
        head, first, second = (screen_lines(app)[row] for row in (2, 4, 5))
        assert "17 C-0001" in first
        assert "proposed until 19:42" in first
        assert "18 C-0002" in second
        assert "c confirms" not in head, "the cursor stays on its row"
        await go(pilot, "up")
        assert f"c confirms #17: crew, not {older.instruction.by}" in screen_lines(app)[2]
        dark = replace(older.instruction, below_floor=True)
        desk.asked = [newer, replace(older, instruction=dark, state="proposed", proposal=waiting)]
        await go(pilot)
        assert f"c confirms #17: below_floor, not {dark.by}" in screen_lines(app)[2], "crew alone would be refused"


async def test_an_emergency_is_taken_off_the_list_by_its_number() -> None:
    desk = FakeDesk(100)
    desk.set_level(CIRCUIT, 0, until_ms=SIX_MS, reason="accident")
    desk.asked = [
        replace(one, instruction=replace(one.instruction, layer=Layer.EMERGENCY, level_pct=None)) for one in desk.asked
    ]
    async with opened(desk) as (_, pilot):
        await go(pilot, "4")
        await go(pilot, "r", *"clear", "enter")
        await until_seen(pilot, "Take #17 on C-0001 off?")
        await go(pilot, "enter")
        await until_seen(pilot, "#17 on C-0001 taken off")
        assert desk.acts[-1] == ("release_number", 17, "clear")


async def test_what_is_only_proposed_is_not_waited_for() -> None:
    desk = ProposingDesk(100)
    async with opened(desk) as (_, pilot):
        await go(pilot, "2", "s", *"40", "enter", "enter", *"works", "enter")
        await until_seen(pilot, "do it")
        await go(pilot, "enter")
        await until_seen(pilot, "PROPOSED, not in force")


class ProposingDesk(FakeDesk):
    """A desk that needs a second person for everything."""

    def set_level(
        self, scope: Scope, level_pct: float, *, until_ms: int, reason: str, below_floor: bool = False
    ) -> Receipt:
        receipt = super().set_level(scope, level_pct, until_ms=until_ms, reason=reason, below_floor=below_floor)
        return replace(receipt, state="proposed", lapses_ms=until_ms)
