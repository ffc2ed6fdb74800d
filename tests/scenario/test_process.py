"""The controller as a process: killed, started again, refused a second time, ended by a signal."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from drivers.quantity import Quantity
from lighting.schedule.instructions import Layer
from lighting.store.holders import by_hand
from lighting.store.records import ClockRow

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

RUN = """
import sys
from pathlib import Path
from lighting.cli.run import run_controller
sys.exit(run_controller(Path(sys.argv[1]), log_file=None, log_level="INFO", json_logs=True))
"""
StartRun = Callable[["Street"], Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def start_run() -> AsyncIterator[StartRun]:
    """Starts `lighting run` on a street as a process of its own; what still runs at the end is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def start(street: Street) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            RUN,
            str(street.folder),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def share_clock(street: Street) -> None:
    """Put the street's clock into the store, so that another process has the same."""
    real_ms = time.time_ns() // 1_000_000
    street.store.controller.set_clock_row(ClockRow(real_ms, street.clock.now_ms(), street.clock.speed))


async def test_a_start_waits_for_the_end_of_a_command_by_hand(make_street: MakeStreet, start_run: StartRun) -> None:
    """A recording of an hour must not keep the controller from starting once it ends."""
    street = await make_street(after_dusk_s=1200)
    share_clock(street)
    held = street.store.controller.lock(holder=by_hand("record"))
    try:
        process = await start_run(street)
        assert process.stderr is not None
        assert b"waiting_for_the_lines" in await process.stderr.readline()
    finally:
        held.release()
    await street.until(street.all_lit, within_s=30)


async def test_killed_mid_night_and_started_again_it_goes_on_where_it_was(
    make_street: MakeStreet, start_run: StartRun
) -> None:
    street = await make_street(after_dusk_s=1200)
    share_clock(street)
    first = await start_run(street)
    await street.until(street.all_lit, within_s=30)
    kept = street.record(Layer.OVERRIDE, "C-0101", level_pct=60.0, for_s=6 * 3600.0)
    await street.until(lambda: street.instruction_state(kept) == "confirmed")
    first.kill()
    await first.wait()
    # Meanwhile a person asks for something more, and a device in the street boots with other levels.
    asked = street.record(Layer.OVERRIDE, "C-0201", level_pct=50.0, for_s=6 * 3600.0)
    street.move_relay("C-0103", closed=False)
    assert not street.store.controller.is_locked()
    second = await start_run(street)

    def two_ticks_done() -> bool:
        beat = street.store.controller.last_beat()
        return beat is not None and beat.pid == second.pid and beat.tick >= 2

    await street.until(two_ticks_done, within_s=30)
    assert round(street.level("C-0201")) == 50
    # Its contactor is closed; the hot sodium lamp itself may take a minute to strike again.
    assert street.device("CB01-R").get(Quantity.RELAY_CLOSED, "3") == 1.0
    await street.until(lambda: street.instruction_state(asked) == "confirmed")
    assert round(street.level("C-0101")) == 60
    assert {note.id for note in street.store.instructions.in_force(street.clock.now_ms())} == {kept.id, asked.id}
    assert street.instruction_state(kept) == "confirmed"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
async def test_a_lamp_test_ends_with_its_controller_however_that_ends(
    make_street: MakeStreet, start_run: StartRun, number: signal.Signals
) -> None:
    street = await make_street(after_dusk_s=-6 * 3600, speed=10.0)
    share_clock(street)
    first = await start_run(street)
    test = street.record(Layer.TEST, "C-0101", level_pct=100.0, for_s=1800.0)
    await street.until(lambda: street.instruction_state(test) == "confirmed", within_s=30)
    first.send_signal(number)
    await first.wait()
    beat = street.store.controller.last_beat()
    assert beat is not None
    assert abs(street.store.controller.clock().now_ms() - beat.beat_ms) < 1000, "who looks now sees it stand there"
    if number == signal.SIGTERM:
        assert street.instruction_state(test) == "released"
    await start_run(street)
    await street.until(lambda: street.lit() == set(), within_s=30)
    status = street.store.instructions.get(test.id)
    assert status is not None
    assert status.fact is not None
    assert (status.state, status.fact.code) == ("released", "test_ended_by_stop")


async def test_a_second_controller_is_refused_and_says_who_holds_the_lines(
    make_street: MakeStreet, start_run: StartRun
) -> None:
    street = await make_street(after_dusk_s=1200)
    share_clock(street)
    first = await start_run(street)
    await street.until(street.all_lit, within_s=30)
    second = await start_run(street)
    _, said = await asyncio.wait_for(second.communicate(), 20)
    assert second.returncode == 1
    assert str(first.pid).encode() in said
    assert b"Traceback" not in said
    assert first.returncode is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_and_leaves_the_lamps(
    make_street: MakeStreet, start_run: StartRun, number: signal.Signals
) -> None:
    street = await make_street(after_dusk_s=1200)
    share_clock(street)
    # A dead line must not hold up the end.
    street.city.lines["CB02-bus"].silence()
    process = await start_run(street)
    await street.until(lambda: street.lit() == {"C-0101", "C-0102", "C-0103"}, within_s=30)
    writes = len(street.writes())
    process.send_signal(number)
    _, said = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 0
    assert b"Traceback" not in said
    assert street.lit() == {"C-0101", "C-0102", "C-0103"}
    assert len(street.writes()) == writes
    beat = street.store.controller.last_beat()
    assert beat is not None
    assert beat.stopped
    assert not street.store.controller.is_locked()


async def test_a_broken_site_is_refused_with_every_problem(make_street: MakeStreet, start_run: StartRun) -> None:
    street = await make_street(after_dusk_s=1200)
    for file, old, new in (("circuits.csv", "led-90:24", "led-9:24"), ("devices.csv", "sdm120", "sdm121")):
        path = street.folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    process = await start_run(street)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert b"circuits.csv" in said
    assert b"devices.csv" in said
    assert b"Traceback" not in said


async def test_an_accelerated_clock_is_refused_off_loopback(make_street: MakeStreet, start_run: StartRun) -> None:
    street = await make_street(after_dusk_s=1200)
    share_clock(street)
    path = street.folder / "buses.csv"
    path.write_text("id,url\nCB01-bus,tcp://127.0.0.1:15021\nCB02-bus,tcp://10.0.0.7:502\n", encoding="utf-8")
    process = await start_run(street)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert b"10.0.0.7" in said


async def test_an_empty_folder_is_refused_without_a_traceback(make_street: MakeStreet, start_run: StartRun) -> None:
    street = await make_street(after_dusk_s=1200)
    street.folder = street.folder.parent / "nothing"
    process = await start_run(street)
    _, said = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 2
    assert b"Traceback" not in said
    assert said.strip()
    assert not street.folder.exists()
