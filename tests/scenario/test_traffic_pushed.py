"""The sequence of UNI 11248 by the command that a city's script would use, down to the lamps of the street."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from lighting.assets.template import template_texts
from lighting.cli.entry import run
from lighting.schedule.instructions import Layer
from lighting.store.records import ClockRow

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

WINDOW_MS = 600_000
M3_PCT, M4_PCT, M5_PCT = (100 * cd_m2 / 1.1 for cd_m2 in (1.0, 0.75, 0.5))
"""What gives each class on C-0101, whose 100 % is 1.1 cd/m²."""


def adaptive_street() -> Mapping[str, str]:
    """The example, with Market street adaptive from dusk on, its traffic pushed, one lane of 1,800 vehicles an hour."""
    texts = template_texts()
    rows = []
    for line in texts["circuits.csv"].splitlines():
        section = ",traffic_section" if line.startswith("id,") else ",MARKET" if line.startswith("C-0101,") else ","
        rows.append(line if line.startswith("#") else line + section)
    first = '{ at = "dusk", level_pct = 100 },\n  { at = "22:00", level_pct = 70 },'
    assert first in texts["programs.toml"]
    programs = texts["programs.toml"].replace(first, '{ at = "dusk", level_pct = 100, adaptive = true },', 1)
    sections = texts["traffic_sections.csv"] + "MARKET,Market street,uni_11248,1800,1,no,,,,2\n"
    return {"circuits.csv": "\n".join(rows) + "\n", "programs.toml": programs, "traffic_sections.csv": sections}


class Pusher:
    """A city's script: it pushes with the command, at the street's own time, while a controller holds the lines."""

    def __init__(self, street: Street, capsys: pytest.CaptureFixture[str]) -> None:
        self.street = street
        self._capsys = capsys
        self.lines = street.store.controller.lock(holder="test")

    async def ask(self, *words: str) -> str:
        """What a command says on stdout; it must end well."""
        clock = self.street.clock
        row = ClockRow(time.time_ns() // 1_000_000, clock.now_ms(), clock.speed)
        self.street.store.controller.set_clock_row(row)
        self._capsys.readouterr()
        code = await asyncio.to_thread(run, ["-s", str(self.street.folder), "--user", "operator", *words])
        shown = self._capsys.readouterr()
        assert code == 0, shown.err
        return shown.out

    async def section(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self.ask("traffic", "show", "MARKET", "--json"))["sections"][0]
        return found

    async def counted(self, *windows: int) -> None:
        """Push vehicles of the windows of ten minutes that ended last, the newest one last."""
        last_ms = self.street.clock.now_ms() // WINDOW_MS * WINDOW_MS
        for number, vehicles in enumerate(windows, start=1 - len(windows)):
            until_ms = last_ms + number * WINDOW_MS
            moments = ["--from", utc(until_ms - WINDOW_MS), "--until", utc(until_ms)]
            await self.ask("traffic", "push", "MARKET", str(vehicles), *moments)

    def pass_window(self) -> None:
        """Move the clock just past the next border of a window, as far as a running clock may be moved."""
        now_ms = self.street.clock.now_ms()
        self.street.clock.set_to(now_ms // WINDOW_MS * WINDOW_MS + WINDOW_MS + 1000)

    async def shows(self, level_pct: float) -> None:
        await self.street.until(lambda: abs(self.street.level("C-0101") - level_pct) < 1.0)


@pytest.fixture
def pushers(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[Street], Pusher]]:
    made: list[Pusher] = []

    def make(street: Street) -> Pusher:
        made.append(Pusher(street, capsys))
        return made[-1]

    yield make
    for pusher in made:
        pusher.lines.release()


def utc(at_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_ms / 1000))


async def test_a_pushed_count_dims_the_road_class_by_class_and_lights_it_at_once(
    make_street: MakeStreet, pushers: Callable[[Street], Pusher]
) -> None:
    street = await make_street(after_dusk_s=7200, more=adaptive_street())
    pusher = pushers(street)
    await street.start()
    await pusher.shows(M3_PCT)
    assert (await pusher.section())["steps_down"] is None

    pusher.pass_window()
    await pusher.counted(60, 60)  # 360 veh/h, 20 %, twice: one class down
    await pusher.shows(M4_PCT)
    assert street.layer_of("C-0101") == Layer.TRAFFIC
    found = await pusher.section()
    assert (found["decides"], found["steps_down"], found["flow_veh_h"]) == ("controller", 1, 360)
    assert found["classes"] == [{"design_class": "M3", "lighting_class": "M4", "circuits": 1}]

    pusher.pass_window()
    await pusher.counted(60)
    await street.ticks(3)
    assert (await pusher.section())["steps_down"] == 1, "one low sample is not enough"
    pusher.pass_window()
    await pusher.counted(60)
    await pusher.shows(M5_PCT)

    pusher.pass_window()
    await pusher.counted(200)  # 1,200 veh/h, 67 %: up at once, over both classes
    await pusher.shows(M3_PCT)
    await street.ticks(2)  # the lamps follow a decision before it is on record
    why = await pusher.ask("why", "C-0101")
    assert "1200 veh/h" in why
    assert "67" in why or "66.7" in why

    pusher.pass_window()
    await pusher.counted(60)
    await street.ticks(3)
    assert (await pusher.section())["steps_down"] == 0, "held, and one low sample"
    assert abs(street.level("C-0101") - M3_PCT) < 1.0


async def test_when_the_script_dies_the_design_class_comes_back(
    make_street: MakeStreet, pushers: Callable[[Street], Pusher]
) -> None:
    street = await make_street(after_dusk_s=7200, more=adaptive_street())
    pusher = pushers(street)
    await street.start()
    pusher.pass_window()
    await pusher.counted(60, 60)
    await pusher.shows(M4_PCT)
    for _ in range(3):
        pusher.pass_window()
        await street.ticks(1)
    await pusher.shows(M3_PCT)
    found = await pusher.section()
    assert found["steps_down"] is None
    assert found["reason"]["code"] == "traffic_counts_stale"


async def test_a_file_of_past_counts_and_a_typical_week_move_no_lamp(
    make_street: MakeStreet, pushers: Callable[[Street], Pusher], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Four weeks without any traffic, imported until this minute: the road keeps its design class."""
    street = await make_street(after_dusk_s=7200, more=adaptive_street())
    pusher = pushers(street)
    await street.start()
    last_ms = street.clock.now_ms() // 3_600_000 * 3_600_000
    hours = range(last_ms - 29 * 86_400_000, last_ms, 3_600_000)
    lines = [f"MARKET,{utc(at)},{utc(at + 3_600_000)},1" for at in hours]
    file = tmp_path_factory.mktemp("counts") / "history.csv"
    file.write_text("section,from,until,vehicles\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert "696 new" in await pusher.ask("traffic", "import", str(file), "--format", "csv")
    assert "30 days in 5 weeks" in await pusher.ask("traffic", "week", "MARKET")
    await street.ticks(3)
    await pusher.shows(M3_PCT)
    assert (await pusher.section())["steps_down"] is None
