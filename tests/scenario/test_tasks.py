"""A person works on devices: through the controller while it runs, never a second master, never under a lockout."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.quantity import Quantity
from drivers.simulator.line import SimulatedLine
from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.desk import Desk
from lighting.desk.refusal import DeskError, NotConfirmed, Refused
from lighting.desk.tasks import Listener, TaskWish
from lighting.operation import task_runner
from lighting.operation.alone import Place, run_alone
from lighting.operation.controller import Controller
from lighting.schedule.instructions import Layer
from lighting.store.holders import by_hand
from lighting.store.records import TaskStatus
from lighting.store.store import HeldLock, Store

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet, Street

READ = TaskWish("read", {"device": "CB01-M", "points": ["voltage_L1", "frequency"], "raw": True}, "device:CB01-M")


class Heard:
    """Keeps what a person would be told."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.steps: list[tuple[int, int]] = []
        self.outputs: list[Mapping[str, object]] = []

    def state(self, state: str) -> None:
        self.states.append(state)

    def progress(self, done: int, total: int) -> None:
        self.steps.append((done, total))

    def output(self, output: Mapping[str, object]) -> None:
        self.outputs.append(output)


def here(store: Store, site: Site, folder: Path, task_id: int, listener: Listener) -> TaskStatus | None:
    return run_alone(Place(store, site, folder), task_id, listener)


Perform = Callable[..., Awaitable[TaskStatus]]
Control = Callable[["Street"], Awaitable[Controller]]


@pytest.fixture
async def perform() -> AsyncIterator[Perform]:
    """Has a wish done as the command line has it, from another thread with a desk of its own."""
    desks: list[Desk] = []

    async def do(street: Street, wish: TaskWish, heard: Heard | None = None, *, user: str = "operator") -> TaskStatus:
        def work() -> TaskStatus:
            desk = Desk(street.folder, user_id=user)
            desks.append(desk)
            return desk.perform(wish, listener=heard or Heard(), stand_in=here)

        return await asyncio.to_thread(work)

    yield do
    for desk in desks:
        desk.close()


@pytest.fixture
def control() -> Iterator[Control]:
    """Starts a controller as the program does: under the lock on the lines, and in its second tick when it returns."""
    held: list[HeldLock] = []

    async def start(street: Street) -> Controller:
        held.append(street.store.controller.lock(holder="lighting run"))
        controller = await street.start()
        await street.ticks(1)
        return controller

    yield start
    for lock in held:
        lock.release()


def masters(line: SimulatedLine) -> list[int]:
    """From now on, the connection of every batch of requests that reaches the line, in their order."""
    seen: list[int] = []
    kept: list[bytearray] = []
    take = line.requests

    def noted(buffer: bytearray) -> list[object]:
        found = take(buffer)
        if found:
            kept.append(buffer)  # alive, so that no other gets its number
            seen.append(id(buffer))
        return found  # type: ignore[return-value]

    line.requests = noted  # type: ignore[method-assign, assignment]
    return seen


def changes_of_master(seen: list[int]) -> int:
    return sum(one != other for one, other in itertools.pairwise(seen))


def write_wish(device: str, point: str, value: float, **params: object) -> TaskWish:
    wanted = {"device": device, "point": point, "value": value, "word": point, **params}
    return TaskWish("write", wanted, f"device:{device}", writes=True, reason="test")


async def test_a_person_reads_through_the_controller_and_the_line_has_one_master(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200)
    line = street.city.lines["CB01-bus"]
    seen = masters(line)
    await control(street)
    heard = Heard()
    statuses = await asyncio.gather(*(perform(street, READ, heard) for _ in range(3)))
    await street.ticks(2)
    for status in statuses:
        assert status.result is not None
        points = status.result["points"]
        assert isinstance(points, list)
        assert [point["point"] for point in points] == ["voltage_L1", "frequency"]
        assert 200 < points[0]["value"] < 260
        assert points[0]["unit"] == "V"
        assert len(points[0]["raw"]) == 2
    assert line.connection_count == 1
    assert len(set(seen)) == 1, "polls and the person's requests came over one connection"
    assert "alone" not in heard.states


async def test_without_a_controller_the_lines_are_taken_and_given_back(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200)
    heard = Heard()
    status = await perform(street, READ, heard)
    assert status.state == "done"
    assert heard.states.count("alone") == 1
    assert not street.store.controller.is_locked()
    assert street.city.lines["CB02-bus"].connection_count == 0, "only the bus that is needed is opened"
    await control(street)


async def test_two_that_read_at_once_without_a_controller_take_turns(make_street: MakeStreet, perform: Perform) -> None:
    street = await make_street(after_dusk_s=1200)
    line = street.city.lines["CB01-bus"]
    for device in street.city.devices.values():
        device.answer_delay_s = 0.2
    seen = masters(line)
    statuses = await asyncio.gather(*(perform(street, READ) for _ in range(3)))
    assert [status.state for status in statuses] == ["done"] * 3
    assert len(set(seen)) == 3
    assert changes_of_master(seen) == 2, "one after the other, never between each other's requests"


async def test_a_controller_that_starts_while_a_person_works_is_refused_and_told_who_it_is(
    make_street: MakeStreet, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200)
    for device in street.city.devices.values():
        device.answer_delay_s = 0.3
    reading = asyncio.ensure_future(perform(street, READ))
    await street.until(street.store.controller.is_locked)
    assert "read by hand" in street.store.controller.holder()
    await reading
    assert street.store.controller.holder() == ""


async def test_a_task_that_nobody_takes_up_lapses_with_who_holds_the_lines(
    make_street: MakeStreet, perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = await make_street(after_dusk_s=1200)
    monkeypatch.setattr("lighting.desk.tasks.TAKE_UP_S", 0.3)
    held = street.store.controller.lock(holder="somebody else")
    try:
        with pytest.raises(NotConfirmed) as refused:
            await perform(street, READ)
    finally:
        held.release()
    assert refused.value.fact.code == "task_not_taken_up"
    assert refused.value.fact.values["holder"] == "somebody else"
    assert [status.state for status in street.store.tasks.recent()] == ["lapsed"]
    assert street.requests() == 0


async def test_a_task_waits_for_the_end_of_another_command_by_hand(
    make_street: MakeStreet, perform: Perform, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = await make_street(after_dusk_s=1200)
    monkeypatch.setattr("lighting.desk.tasks.TAKE_UP_S", 0.0)
    monkeypatch.setattr("lighting.desk.tasks.BEAT_EVERY_S", 0.0)
    held = street.store.controller.lock(holder=by_hand("scan"))
    try:
        reading = asyncio.ensure_future(perform(street, READ))
        await street.until(lambda: any(one.asker_beats > 3 or one.has_ended for one in street.store.tasks.recent()))
        assert [status.state for status in street.store.tasks.recent()] == ["waiting"]
    finally:
        held.release()
    assert (await reading).state == "done"


async def test_a_live_output_of_a_circuit_is_the_controllers(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200)
    await control(street)
    await street.until(street.all_lit, within_s=30)
    with pytest.raises(Refused) as refused:
        await perform(street, write_wish("CB01-R", "relay_1", 0.0))
    assert refused.value.fact == Fact("task_output_ruled", {"point": "relay_1", "circuit": "C-0101"})
    assert "C-0101" in street.lit()
    assert street.device("CB01-R").get(Quantity.RELAY_CLOSED, "5") == 0
    # A spare channel belongs to nobody.
    status = await perform(street, write_wish("CB01-R", "relay_5", 1.0))
    assert status.result is not None
    assert status.result["verified"] is True
    assert street.device("CB01-R").get(Quantity.RELAY_CLOSED, "5") == 1
    entry = next(entry for entry in street.store.history.audit() if entry.act == "task_write")
    assert (entry.by, entry.subject) == ("operator", "device:CB01-R")


@pytest.mark.parametrize("is_running", [True, False])
async def test_no_task_writes_under_a_lockout(
    make_street: MakeStreet, control: Control, perform: Perform, is_running: bool
) -> None:
    street = await make_street(after_dusk_s=1200)
    if is_running:
        await control(street)
    street.record(Layer.LOCKOUT, "C-0103", for_s=None)
    if is_running:
        await street.until(lambda: street.layer_of("C-0103") == Layer.LOCKOUT)
    before = len(street.writes())
    # Its own output; a spare channel of its cabinet, where nobody knows what hangs; and a second name of its device.
    for point in ("relay_3", "relay_5"):
        with pytest.raises(Refused) as refused:
            await perform(street, write_wish("CB01-R", point, 1.0))
        assert refused.value.fact.code in {"task_locked_out", "task_output_ruled"}
    assert len([write for write in street.writes()[before:] if write.address in (2, 4)]) == 0


async def test_a_lockout_that_comes_while_a_write_waits_for_its_turn_stops_it(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    """The gate is asked at the moment the bytes leave, not when the task begins."""
    street = await make_street(after_dusk_s=1200)
    controller = await control(street)
    await street.until(street.all_lit, within_s=30)
    relay = street.device("CB01-R")
    relay.answer_delay_s = 0.8
    writing = asyncio.ensure_future(perform(street, write_wish("CB01-R", "relay_5", 1.0)))
    bus = controller._lines.buses["CB01-bus"]  # the write stands behind these on the line
    blocking = [asyncio.ensure_future(bus.read_bits(2, "coil", 0, 1, priority=0)) for _ in range(4)]  # type: ignore[arg-type]
    await street.until(lambda: any(status.state == "running" for status in street.store.tasks.unended()))
    street.record(Layer.LOCKOUT, "CB01", for_s=None, scope_kind="cabinet")
    with pytest.raises(Refused) as refused:
        await writing
    assert refused.value.fact.code == "task_locked_out"
    assert relay.get(Quantity.RELAY_CLOSED, "5") == 0
    await asyncio.gather(*blocking)


async def test_a_watch_tells_lines_until_its_asker_ends_it(make_street: MakeStreet, control: Control) -> None:
    street = await make_street(after_dusk_s=1200)
    await control(street)
    params = {"device": "CB01-M", "points": ["voltage_L1"], "every_s": 0.2}
    number = street.store.tasks.ask(kind="watch", params=params, by="operator", reason="", at_ms=1)
    await street.until(lambda: len(street.store.tasks.outputs(number)) >= 3)
    assert street.store.tasks.end(number, "cancelled", at_ms=2)
    await _comes_to_rest(street, lambda: len(street.store.tasks.outputs(number)))


async def test_a_watch_whose_asker_is_gone_ends(
    make_street: MakeStreet, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_runner, "ASKER_GONE_S", 0.5)
    street = await make_street(after_dusk_s=1200)
    await control(street)
    params = {"device": "CB01-M", "points": ["voltage_L1"], "every_s": 0.2}
    number = street.store.tasks.ask(kind="watch", params=params, by="operator", reason="", at_ms=1)
    await street.until(lambda: not street.store.tasks.unended())
    status = street.store.tasks.get(number)
    assert status is not None
    assert (status.state, status.fact) == ("failed", Fact("task_asker_gone"))


async def test_a_watch_says_that_its_device_fell_silent_and_came_back(
    make_street: MakeStreet, control: Control
) -> None:
    street = await make_street(after_dusk_s=1200)
    await control(street)
    params = {"device": "CB01-M", "points": ["voltage_L1"], "every_s": 0.2}
    number = street.store.tasks.ask(kind="watch", params=params, by="operator", reason="", at_ms=1)

    def errors() -> list[object]:
        street.store.tasks.asker_waits(number)
        return [output.output["error"] for output in street.store.tasks.outputs(number)]

    await street.until(lambda: None in errors())
    street.device("CB01-M").silence()
    await street.until(lambda: "unreachable" in errors())
    street.device("CB01-M").speak()
    await street.until(lambda: errors()[-1] is None, within_s=30)


async def test_a_scan_holds_up_neither_the_tick_nor_a_person_who_reads_there(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200)
    await control(street)
    await street.until(street.all_lit, within_s=30)
    heard = Heard()
    scan = TaskWish("scan", {"bus": "CB02-bus", "first": 1, "last": 8}, "bus:CB02-bus")
    scanning = asyncio.ensure_future(perform(street, scan, heard))
    await street.until(lambda: any(status.state == "running" for status in street.store.tasks.unended()))
    second = Heard()
    read = TaskWish("read", {"device": "CB02-M", "points": ["voltage"]}, "device:CB02-M")
    reading = asyncio.ensure_future(perform(street, read, second))
    ticks = street.tick_number()
    assert (await reading).state == "done"
    assert not scanning.done()
    status = await scanning
    assert street.tick_number() > ticks + 3, "the controller went on deciding meanwhile"
    assert status.result is not None
    units = status.result["units"]
    assert isinstance(units, list)
    assert [unit["unit_id"] for unit in units] == [1, 2, 3]
    assert heard.steps[-1] == (8, 8)
    assert street.lit() == set(street.site.circuits)


async def test_what_an_older_controller_left_is_ended_and_what_nobody_waits_for_is_not_begun(
    make_street: MakeStreet, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_runner, "ASKER_GONE_S", 1.0)
    street = await make_street(after_dusk_s=1200)
    ask = street.store.tasks.ask
    half_done, forgotten, wanted = (
        ask(kind="read", params=dict(READ.params), by="operator", reason="", at_ms=1) for _ in range(3)
    )
    unknown = ask(kind="dance", params={}, by="operator", reason="", at_ms=1)
    street.store.tasks.take(half_done, "running", at_ms=1)
    await control(street)

    def states() -> dict[int, tuple[str, str]]:
        for number in (wanted, unknown):
            street.store.tasks.asker_waits(number)
        rows = {status.task.id: status for status in street.store.tasks.recent()}
        return {number: (row.state, row.fact.code if row.fact else "") for number, row in rows.items()}

    await street.until(lambda: not street.store.tasks.unended() or bool(not states()))
    assert states() == {
        half_done: ("failed", "task_controller_gone"),
        forgotten: ("lapsed", "task_asker_gone"),
        wanted: ("done", ""),
        unknown: ("failed", "task_kind_unknown"),
    }


async def test_who_may_only_read_writes_nothing_and_who_may_not_is_told(
    make_street: MakeStreet, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200)
    assert (await perform(street, READ, user="crew")).state == "done"
    for wish, user in ((write_wish("CB01-R", "relay_5", 1.0), "crew"), (READ, "stranger")):
        with pytest.raises(Refused):
            await perform(street, wish, user=user)
    assert not street.writes()


async def test_the_counters_of_each_line_are_kept_in_the_store(
    make_street: MakeStreet, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = await make_street(after_dusk_s=1200)
    await control(street)
    await street.stop()
    with Desk(street.folder, user_id="operator") as desk:
        answers = {answer.bus: answer for answer in desk.buses()}
    assert set(answers) == set(street.site.buses)
    for answer in answers.values():
        requests = answer.counters["requests"]
        assert isinstance(requests, int)
        assert requests > 3
        assert answer.at_ms is not None


async def test_a_task_on_a_device_that_does_not_answer_is_no_value(make_street: MakeStreet, perform: Perform) -> None:
    street = await make_street(after_dusk_s=1200)
    street.device("CB01-M").silence()
    with pytest.raises(DeskError) as refused:
        await perform(street, READ)
    assert refused.value.exit_code == 4
    assert refused.value.fact.code == "task_unreachable"


async def _comes_to_rest(street: Street, count: Callable[[], int]) -> None:
    """It grows no more for a second, within ten."""
    limit_s = time.monotonic() + 10
    before, since_s = count(), time.monotonic()
    while time.monotonic() - since_s < 1.0:
        assert time.monotonic() < limit_s, "it still grows"
        await asyncio.sleep(0.05)
        if count() != before:
            before, since_s = count(), time.monotonic()


async def run(street: Street, *words: str) -> asyncio.subprocess.Process:
    """The command line as a process of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lighting", "-s", str(street.folder), "--user", "operator", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def said_by(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_as_processes_a_controller_and_those_who_read_are_one_master_at_a_time(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=1200, speed=1.0)
    line = street.city.lines["CB01-bus"]
    for device in street.city.devices.values():
        device.answer_delay_s = 0.05
    seen = masters(line)
    # Nobody holds the lines: the first to come takes them, the other waits.
    both = [await run(street, "device", "read", "CB01-M", "--all") for _ in range(2)]
    for code, out, err in [await said_by(process) for process in both]:
        assert (code, "voltage_L1" in out) == (0, True), err
        assert "takes the lines itself" in err
    assert (len(set(seen)), changes_of_master(seen)) == (2, 1)
    seen.clear()
    controller = await run(street, "run")
    try:
        await street.until(lambda: street.tick_number() >= 1, within_s=30)
        reading = [await run(street, "device", "read", "CB01-M", "--all") for _ in range(2)]
        for code, out, err in [await said_by(process) for process in reading]:
            assert (code, "voltage_L1" in out) == (0, True), err
            assert "takes the lines itself" not in err
        assert len(set(seen)) == 1
    finally:
        controller.terminate()
        await said_by(controller)
    assert controller.returncode == 0
