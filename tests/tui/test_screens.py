"""The dashboard driven by real keys at 80×24 and 160×50, its screen read as plain text."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.events import Key

from lighting.assets.fact import Fact
from lighting.desk.answers import ControllerLife
from lighting.desk.scopes import Scope
from lighting.store.records import AlarmState, Reading
from lighting.store.store import StoreUnavailable
from tests.tui.fake_desk import NOW_MS, FakeDesk
from tests.tui.look import go, opened, screen_lines, screen_text, until_seen
from tui.app import Dashboard
from tui.screens.circuits import CircuitsScreen
from tui.screens.needs import NeedsScreen
from tui.widgets.table import Table

SIZES = [(80, 24), (160, 50)]
BOTH_SIZES = pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x50"])


def table_of(app: Dashboard) -> Table[object]:
    return app.screen.query_one(Table)


@BOTH_SIZES
async def test_the_overview_tells_the_truth_in_its_first_lines(size: tuple[int, int]) -> None:
    desk = FakeDesk(100)
    desk.change("C-0042", lit=False)
    async with opened(desk, size=size) as (app, _):
        lines = screen_lines(app)
        assert lines[0].startswith(" Hoàn Kiếm · Mon 23 Nov 18:42")
        assert lines[0].endswith("dusk 17:15  dawn 06:09  controller ● 2 s")
        assert "lit 99 of 100" in lines[2]
        assert "expected" in lines[2]
        assert "against full power" in lines[3]
        assert any(line.split()[:3] == ["Hàng", "Bạc", "32/33"] for line in lines)
        assert any("planned now 80 %, 60 % at 22:00" in line for line in lines)
        assert lines[-1].endswith("? help q quit")
        assert all(cell_len(line) <= size[0] for line in lines)
        assert "…" not in lines[0] + lines[2] + lines[-1]


@BOTH_SIZES
async def test_what_needs_a_person_stands_before_the_districts(size: tuple[int, int]) -> None:
    desk = FakeDesk(100)
    desk.alarms = tuple(
        AlarmState("road_dark", "circuit", f"C-{n:04d}", NOW_MS - 720_000, None, Fact("road_dark"))
        for n in range(1, 31)
    )
    async with opened(desk, size=size) as (app, _):
        text = screen_text(app)
        assert text.index("▲ road dark") < text.index("DISTRICT")
        assert "12 min" in text
        assert ("of 7" in text) == (size == (80, 24))  # six, and how many more there are
        assert "Tràng Tiền" in text[text.index("DISTRICT") :]


async def test_what_no_meter_tells_is_no_saving() -> None:
    desk = FakeDesk(100)
    whole = desk.status
    desk.status = lambda: replace(whole(), power_w=400.0, metered_full_power_w=500.0, metered_circuits=50)  # type: ignore[method-assign]
    async with opened(desk) as (app, _):
        assert "−20.0 % against full power (500 W of 50 metered circuits)" in screen_text(app)
    async with opened(desk, size=(160, 50)) as (app, _):
        assert "power known (50 of 100 circuits), of full power" in screen_text(app)
    desk.status = lambda: replace(whole(), power_w=None, metered_full_power_w=None, metered_circuits=0)  # type: ignore[method-assign]
    async with opened(desk) as (app, _):
        assert "– against full power (–" in screen_text(app)


async def test_the_plan_now_and_next_are_those_of_the_instant() -> None:
    async with opened(FakeDesk(100)) as (app, _):
        assert "planned now 80 %, 60 % at 22:00" in screen_text(app)


async def test_nothing_to_do_is_said_too() -> None:
    async with opened(FakeDesk(4)) as (app, _):
        assert "● nothing: every circuit does what it should" in screen_text(app)


async def test_a_need_opens_its_circuit_and_escape_goes_back() -> None:
    desk = FakeDesk(100)
    desk.alarms = (AlarmState("road_dark", "circuit", "C-0042", NOW_MS - 5, None, Fact("road_dark")),)
    async with opened(desk) as (app, pilot):
        await go(pilot, "enter")
        await until_seen(pilot, "C-0042 · Tràng Tiền · CB-10 · 24 × LED-60")
        await go(pilot, "escape")
        assert "NEEDS YOU" in screen_text(app)


async def test_several_stale_circuits_of_a_cabinet_open_as_a_filtered_table() -> None:
    desk = FakeDesk(100)
    for number in range(8, 12):
        desk.change(f"C-{number:04d}", stale=True)
    async with opened(desk) as (app, pilot):
        assert "4 circuits gave no fresh value" in screen_text(app)
        await go(pilot, "enter")
        text = await until_seen(pilot, "1–4 of 4 with “CB-02”")
        assert "? stale" in text
        assert "80 %?" in text


@BOTH_SIZES
async def test_the_circuits_stand_in_columns_by_importance(size: tuple[int, int]) -> None:
    async with opened(FakeDesk(100), size=size) as (app, pilot):
        await go(pilot, "2")
        heading = screen_lines(app)[3]
        for name in ("CIRCUIT▲", "STATE", "ROAD", "ASKED", "ACCEPT", "ACTUAL", "POWER", "CABINET"):
            assert name in heading
        assert ("BECAUSE" in heading) == (size[0] == 160)
        first = screen_lines(app)[4]
        assert first.split()[:5] == ["C-0001", "●", "lit", "Hàng", "Bài"]


async def test_the_table_filters_as_one_types_and_escape_brings_all_back() -> None:
    async with opened(FakeDesk(100)) as (app, pilot):
        await go(pilot, "2", "slash", *"dinh")
        assert "1–17 of 17" in screen_text(app)
        await go(pilot, "space", *"cb-10")
        assert "1–1 of 1" in screen_text(app)
        await go(pilot, "enter")
        assert "with “dinh cb-10”" in screen_text(app)
        await go(pilot, "escape")
        assert "of 100" in screen_text(app)


async def test_the_filter_finds_the_name_of_a_district_without_its_marks() -> None:
    desk = FakeDesk(9)
    desk.rows["C-0004"] = replace(desk.rows["C-0004"], district="d-7", district_name="Phường Đồng Xuân")
    async with opened(desk) as (app, pilot):
        await go(pilot, "2", "slash", *"dong xuan")
        assert "1–1 of 1" in screen_text(app)
        assert "C-0004" in screen_text(app)


@pytest.mark.parametrize(("key", "claim"), [("2", "0 CIRCUITS"), ("3", "nothing: every"), ("4", "none")])
async def test_before_the_first_answer_no_screen_claims_that_there_is_nothing(key: str, claim: str) -> None:
    async with opened(FakeDesk(9)) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert "reading …" in screen_text(app)
        assert claim not in screen_text(app)


async def test_what_becomes_most_urgent_while_one_looks_on_comes_first_and_the_cursor_stays_on_its_line() -> None:
    desk = FakeDesk(100)
    desk.alarms = (AlarmState("bus_silent", "bus", "B-07", NOW_MS - 9, None, Fact("bus_silent")),)
    desk.change("C-0020", locked=True)
    async with opened(desk) as (app, pilot):
        await go(pilot, "3")
        await go(pilot, "down")
        dark = AlarmState("road_dark", "circuit", "C-0003", NOW_MS - 5, None, Fact("road_dark"))
        desk.alarms = (*desk.alarms, dark)
        await go(pilot)
        lines = screen_lines(app)
        assert [" ".join(line.split()[1:4]) for line in lines[4:7]] == [
            "road dark C-0003",
            "bus silent B-07",
            "locked out C-0020",
        ]
        assert isinstance(app.screen, NeedsScreen)
        assert app.screen.table.rows.cursor_id.startswith("locked out/")


async def test_a_folded_kind_is_unfolded_by_enter() -> None:
    desk = FakeDesk(9)
    desk.alarms = tuple(
        AlarmState("bus_silent", "bus", f"B-{n:04d}", NOW_MS - n, None, Fact("bus_silent")) for n in range(30)
    )
    async with opened(desk) as (app, pilot):
        await go(pilot, "3")
        assert "1–7 of 7" in screen_text(app)
        assert "+24 more of this kind" in screen_text(app)
        await go(pilot, "end", "enter")
        assert "of 30" in screen_text(app)


async def test_letters_in_the_filter_are_no_commands() -> None:
    async with opened(FakeDesk(100)) as (app, pilot):
        await go(pilot, "2", "slash", *"qs12?")
        assert "1–" not in screen_lines(app)[2]
        assert isinstance(app.screen, CircuitsScreen)


async def test_letters_that_arrive_together_with_the_filter_key_are_no_commands() -> None:
    async with opened(FakeDesk(100)) as (app, pilot):
        await go(pilot, "2")
        for key in ("slash", "q", "u", "slash"):
            app.post_message(Key(key, "/" if key == "slash" else key))
        await until_seen(pilot, " qu/")
        assert not app._exit


async def test_sorting_by_keys_shows_its_arrow() -> None:
    async with opened(FakeDesk(100)) as (app, pilot):
        await go(pilot, "2", "v")
        assert "CIRCUIT▼" in screen_lines(app)[3]
        assert screen_lines(app)[4].split()[0] == "C-0100"
        await go(pilot, "o", "o")
        assert "ROAD▲" in screen_lines(app)[3]
        await go(pilot, "O")
        assert "STATE▲" in screen_lines(app)[3]


async def test_a_refresh_moves_neither_cursor_nor_scroll_nor_order() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2", "o", "o", "o", "o", "o", "o")
        assert "POWER▲" in screen_lines(app)[3]
        await pilot.press("pagedown", "down", "down")
        table = table_of(app)
        before = (table.top, table.rows.cursor_id, list(table.rows.shown), [li[:30] for li in screen_lines(app)[4:22]])
        for number in range(1, 101):
            desk.change(f"C-{number:04d}", power_w=float(5_000 - number))
        await app.renew()
        await pilot.pause()
        shown = [line[:30] for line in screen_lines(app)[4:22]]
        assert (table.top, table.rows.cursor_id, list(table.rows.shown), shown) == before
        assert "= sorts again" in screen_text(app)
        await pilot.press("equals_sign")
        await pilot.pause()
        assert table.rows.shown[0] == "C-0100"
        assert "= sorts again" not in screen_text(app)


async def test_only_lines_that_changed_are_painted_again() -> None:
    desk = FakeDesk(100)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2")
        table = table_of(app)
        painted: list[int] = []
        refresh = table.refresh

        def spy(*regions: object, **options: bool) -> object:
            painted.extend(region.y for region in regions)  # type: ignore[attr-defined]
            return refresh(*regions, **options)  # type: ignore[arg-type]

        table.refresh = spy  # type: ignore[assignment,method-assign]
        await app.renew()
        assert painted == []
        desk.change("C-0003", power_w=1.0)
        await app.renew()
        assert painted == [3]


async def test_ten_thousand_circuits_open_sort_and_filter_and_build_only_what_is_in_sight() -> None:
    desk = FakeDesk(10_000)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2")
        assert "1–18 of 10000" in screen_text(app)
        assert len(table_of(app)._strips) == 19
        await go(pilot, "end")
        assert "9983–10000 of 10000" in screen_text(app)
        await go(pilot, "slash", *"cb-2500")
        assert "1–1 of 1" in screen_text(app)
        assert "C-10000" in screen_text(app)


@BOTH_SIZES
async def test_one_circuit_shows_desired_accepted_and_actual_with_its_night(size: tuple[int, int]) -> None:
    async with opened(FakeDesk(100), size=size) as (app, pilot):
        await go(pilot, "2", "enter")
        lines = screen_lines(app)
        text = "\n".join(lines)
        assert lines[2].startswith(" C-0001 · Hàng Bài · CB-00 · 24 × LED-60")
        assert lines[2].endswith("● lit")
        assert lines[3].split()[:3] == ["desired", "80", "%"]
        assert "echoed by the device, polled 18:41:40, 20 s ago" in lines[4]
        assert "737 W measured, 752 W expected (−2.0 %)" in lines[5]
        assert "▪▪▪" in text
        assert "╰──" in text
        assert "next 60 % at 22:00   floor 30 %" in text
        assert "M-1:L1        229.8 V   3.66 A   power factor 0.96   811 W" in text
        assert "DIM-01" in text
        assert "● answers" in text
        assert lines[-1].startswith(" s set  r release  w why  l lock out  u unlock")


async def test_stale_values_of_a_circuit_are_marked() -> None:
    desk = FakeDesk(4)
    desk.change("C-0001", stale=True, polled_ms=NOW_MS - 900_000)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2", "enter")
        assert "STALE: polled 18:27:00, 15 min ago" in screen_text(app)
        assert "? stale" in screen_lines(app)[2]


@pytest.mark.parametrize("life", ["stopped", "silent"])
async def test_nothing_of_a_circuit_is_shown_as_present_while_no_controller_reads_it(life: ControllerLife) -> None:
    async with opened(FakeDesk(9, life=life, beat_age_s=240), size=(100, 50)) as (app, pilot):
        await go(pilot, "2", "enter")
        lines = screen_lines(app)
        for start in ("accepted", "actual", "M-1:L1", "DIM-01"):
            (line,) = (line for line in lines if line.strip().startswith(start))
            assert "STALE" in line
        assert "● answers" not in "\n".join(lines)


async def test_a_meter_that_was_not_read_for_long_is_stale_beside_a_dimmer_that_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = FakeDesk(9)
    whole = desk.circuit
    old = Reading(NOW_MS - 600_000, 1, None, 811.0, None, 229.8, 3.66, 0.96)
    readings = (("M-1:L1", old),)
    monkeypatch.setattr(
        desk, "circuit", lambda id_: replace(whole(id_), meter_readings=readings, stale_limit_ms=60_000.0)
    )
    async with opened(desk, size=(100, 50)) as (app, pilot):
        await go(pilot, "2", "enter")
        assert "811 W   STALE 18:32:00" in screen_text(app)
        assert "● answers" in screen_text(app)


@pytest.mark.parametrize(
    ("meter", "shared", "word"),
    [
        (("M-1:L1",), (), "accepted (its meter gave no power)"),
        (("M-1:L1",), ("C-0002",), "accepted (its meter is shared)"),
        ((), (), "accepted (no meter of its own)"),
    ],
)
async def test_the_legend_says_why_no_power_is_drawn(
    meter: tuple[str, ...], shared: tuple[str, ...], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FakeDesk(9)
    whole = desk.circuit
    monkeypatch.setattr(
        desk, "circuit", lambda id_: replace(whole(id_), meter=meter, meter_shared_with=shared, measured_level_pct=())
    )
    async with opened(desk, size=(120, 50)) as (app, pilot):
        await go(pilot, "2", "enter")
        assert word in screen_text(app)


async def test_no_text_of_the_store_is_obeyed_by_the_terminal_or_taken_for_markup() -> None:
    desk = FakeDesk(9)
    desk.set_level(Scope("circuit", "C-0001"), 40, until_ms=NOW_MS + 60_000, reason="[red]x[/red]\x1b[2J\nA\u202eB")
    desk.rows["C-0002"] = replace(desk.rows["C-0002"], road="[b]\x07Bài\n")
    async with opened(desk, size=(160, 50)) as (app, pilot):
        await go(pilot, "4")
        assert "[red]x[/red]?[2J A?B" in screen_text(app)
        await go(pilot, "2")
        lines = screen_lines(app)
        assert "[b]?Bài" in lines[5]
        assert lines[5].index("80 %") == lines[6].index("80 %")  # the columns stay in line
        assert all(line.isprintable() for line in lines)
        await go(pilot, "enter")
        assert "[red]x[/red]?[2J A?B" in screen_text(app)
        await go(pilot, "s")
        assert all(line.isprintable() for line in screen_lines(app))


async def test_why_lists_every_layer_that_had_a_say() -> None:
    async with opened(FakeDesk(4)) as (app, pilot):
        await go(pilot, "2", "enter", "w")
        text = screen_text(app)
        assert "Why C-0001 is asked for 80 %" in text
        assert text.index("► program") < text.index("fallback")
        await go(pilot, "escape")
        assert "Why C-0001" not in screen_text(app)


async def test_number_keys_go_from_one_circuit_to_any_screen_and_back_to_the_list() -> None:
    async with opened(FakeDesk(4)) as (app, pilot):
        await go(pilot, "2", "enter", "1")
        assert "DISTRICT" in screen_text(app)
        await go(pilot, "2")
        assert "4 CIRCUITS" in screen_text(app)
        await go(pilot, "3")
        assert "NEEDS YOU" in screen_text(app)
        await go(pilot, "4")
        assert "INSTRUCTIONS in force" in screen_text(app)


@BOTH_SIZES
async def test_help_shows_all_keys_uncut(size: tuple[int, int]) -> None:
    async with opened(FakeDesk(4), size=size) as (app, pilot):
        await go(pilot, "question_mark")
        box = [line for line in screen_lines(app) if "│" in line]
        assert any("lock out" in line for line in box)
        assert any("[Esc] back" in line for line in box)
        assert not any("…" in line.replace("? …", "") for line in box)
        await go(pilot, "escape")
        assert "Signs" not in screen_text(app)


async def test_a_terminal_that_is_too_small_says_so_and_recovers() -> None:
    async with opened(FakeDesk(4)) as (app, pilot):
        await pilot.resize_terminal(40, 10)
        assert "This terminal has 40 × 10" in await until_seen(pilot, "needs 60 × 16")
        assert "NEEDS YOU" not in screen_text(app)
        await pilot.resize_terminal(100, 30)
        await until_seen(pilot, "NEEDS YOU")
        assert all(cell_len(line) <= 100 for line in screen_lines(app))


@pytest.mark.parametrize("keys", [["1"], ["2"], ["2", "enter"], ["3"], ["4"]])
async def test_resizing_redraws_every_screen_to_its_width(keys: list[str]) -> None:
    async with opened(FakeDesk(100)) as (app, pilot):
        await go(pilot, *keys)
        for size in ((160, 50), (61, 17), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await app.renew()
            await pilot.pause()
            lines = screen_lines(app)
            assert lines[0].endswith("controller ● 2 s")
            assert lines[-1].endswith("? help q quit")


@pytest.mark.parametrize("keys", [["1"], ["2"], ["2", "s"], ["2", "enter"], ["2", "enter", "w"], ["question_mark"]])
async def test_ascii_mode_shows_nothing_but_ascii(keys: list[str]) -> None:
    desk = FakeDesk(100)
    desk.change("C-0042", lit=False)
    async with opened(desk, ascii_only=True) as (app, pilot):
        await go(pilot, *keys)
        text = screen_text(app)
        assert text.isascii(), [c for c in text if not c.isascii()]
        assert "Hoan Kiem" in text


async def test_no_color_leaves_symbols_and_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    desk = FakeDesk(4)
    desk.change("C-0002", lit=False)
    async with opened(desk) as (app, pilot):
        await go(pilot, "2")
        assert app.no_color
        assert "▲ dark" in screen_text(app)


@pytest.mark.parametrize(
    ("life", "word", "sentence"),
    [
        ("stopped", "▲ not running", "NOT RUNNING: levels are not being controlled, last beat 4 min ago"),
        ("never_ran", "▲ not running", "NOT RUNNING: no controller ever ran here"),
        ("silent", "▲ silent", "SILENT: cabinet-pc holds the lines but gave no sign of life for 4 min"),
    ],
)
async def test_a_controller_that_does_not_run_is_said_on_every_screen(life: str, word: str, sentence: str) -> None:
    desk = FakeDesk(4, life=life, beat_age_s=240.0)  # type: ignore[arg-type]
    async with opened(desk) as (app, pilot):
        for key in ("1", "2", "3", "4"):
            await go(pilot, key)
            lines = screen_lines(app)
            assert lines[0].endswith(word)
            assert sentence in lines[1]


async def test_a_store_that_does_not_answer_is_a_banner_and_the_dashboard_lives_on() -> None:
    desk = FakeDesk(4)
    async with opened(desk) as (app, pilot):
        desk.fails = StoreUnavailable(Fact("dashboard_nothing_known", {"url": "sqlite"}))
        await app.renew()
        await pilot.pause()
        text = screen_text(app)
        assert "dashboard_nothing_known" in text
        assert "The values below are those of 18:42." in text
        assert "DISTRICT" in text
        await go(pilot, "2")
        assert "dashboard_nothing_known" in screen_text(app)
        desk.fails = None
        await app.renew()
        await pilot.pause()
        assert "dashboard_nothing_known" not in screen_text(app)
        assert "4 CIRCUITS" in screen_text(app)


async def test_a_fault_of_the_desk_is_shown_with_its_kind() -> None:
    desk = FakeDesk(4, fails=ZeroDivisionError("three lamps by none"))
    async with opened(desk) as (app, _):
        assert "ZeroDivisionError: three lamps by none" in screen_text(app)


async def test_an_accelerated_clock_shows_its_pace() -> None:
    async with opened(FakeDesk(4, speed=60.0)) as (app, _):
        assert "18:42 ×60" in screen_lines(app)[0]


async def test_a_long_name_of_the_site_is_cut_before_the_time_is() -> None:
    async with opened(FakeDesk(4, site_name="Quận Hoàn Kiếm, thành phố Hà Nội (made up)")) as (app, _):
        first = screen_lines(app)[0]
        assert "… · Mon 23 Nov 18:42" in first
        assert first.endswith("controller ● 2 s")


async def test_q_quits_without_asking() -> None:
    async with opened(FakeDesk(4)) as (app, pilot):
        await pilot.press("q")
        await pilot.pause()
        assert app._exit


async def test_it_refreshes_by_itself() -> None:
    desk = FakeDesk(4)
    app = Dashboard(desk, refresh_s=0.01, ascii_only=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_seen(pilot, "lit 4 of 4")
        desk.change("C-0002", lit=False)
        await until_seen(pilot, "lit 3 of 4")
