"""A broadcast beside a running controller: on its own line, never of what it rules, never under a lockout."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.desk.refusal import Refused
from lighting.desk.tasks import TaskWish
from lighting.schedule.instructions import Layer
from tests.lighting.hearing import hearing_profiles
from tests.scenario.test_tasks import Control, Perform, control, masters, perform

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet

__all__ = ["control", "perform"]
LINE = ("CB02-D", "CB02-R", "CB02-M")


def wish(point: str, value: float, **params: object) -> TaskWish:
    wanted = {"bus": "CB02-bus", "point": point, "value": value, "word": "CB02-bus", **params}
    return TaskWish("broadcast", wanted, "bus:CB02-bus", writes=True, reason="test")


async def test_on_a_busy_line_the_controller_sends_it_and_goes_on_as_before(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200, more=hearing_profiles())
    line = street.city.lines["CB02-bus"]
    seen = masters(line)
    await control(street)
    await street.until(street.all_lit, within_s=30)
    lit = len(street.device("CB02-R").writes)
    status = await perform(street, wish("group", 42.0))
    assert status.result is not None
    devices = status.result["devices"]
    assert isinstance(devices, list)
    assert [(one["device"], one["confirmed"]) for one in devices] == [(name, True) for name in LINE]
    assert [[w.values for w in street.device(name).writes if w.address == 9500] for name in LINE] == [[(42,)]] * 3
    await street.ticks(2)
    assert len(set(seen)) == 1, "polls and the broadcast came over one connection"
    assert street.all_lit()
    assert len(street.device("CB02-R").writes) == lit + 1, "nothing else was written after it"
    assert street.states()["C-0201"].layer == Layer.PROGRAM, "no local control was made of it"


async def test_a_level_that_the_controller_keeps_is_not_broadcast(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200, more=hearing_profiles())
    await control(street)
    await street.until(street.all_lit, within_s=30)
    with pytest.raises(Refused) as refused:
        await perform(street, wish("relay_1", 0.0))
    assert refused.value.fact == Fact(
        "broadcast_output_ruled", {"bus": "CB02-bus", "point": "relay_1", "device": "CB02-R"}
    )
    assert street.all_lit()
    assert street.device("CB02-R").get(Quantity.RELAY_CLOSED, "1") == 1


@pytest.mark.parametrize("is_running", [True, False])
async def test_no_broadcast_under_a_lockout_of_the_line(
    make_street: MakeStreet, control: Control, perform: Perform, is_running: bool
) -> None:
    street = await make_street(after_dusk_s=1200, more=hearing_profiles())
    if is_running:
        await control(street)
    street.record(Layer.LOCKOUT, "C-0201", for_s=None)
    if is_running:
        await street.until(lambda: street.layer_of("C-0201") == Layer.LOCKOUT)
    with pytest.raises(Refused) as refused:
        await perform(street, wish("group", 42.0))
    assert refused.value.fact == Fact("broadcast_locked_out", {"bus": "CB02-bus", "circuits": "C-0201"})
    assert not [write for write in street.writes() if write.address == 9500]


async def test_a_lockout_that_comes_while_it_waits_for_the_line_stops_it(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    """The gate is asked at the moment the bytes leave, not when the task begins."""
    street = await make_street(after_dusk_s=1200, more=hearing_profiles())
    controller = await control(street)
    await street.until(street.all_lit, within_s=30)
    street.device("CB02-R").answer_delay_s = 0.8
    telling = asyncio.ensure_future(perform(street, wish("reset", 1.0)))
    bus = controller._lines.buses["CB02-bus"]  # the broadcast stands behind these on the line
    blocking = [asyncio.ensure_future(bus.read_bits(2, "coil", 0, 1, priority=0)) for _ in range(4)]  # type: ignore[arg-type]
    await street.until(lambda: any(status.state == "running" for status in street.store.tasks.unended()))
    street.record(Layer.LOCKOUT, "CB02", for_s=None, scope_kind="cabinet")
    with pytest.raises(Refused) as refused:
        await telling
    assert refused.value.fact.code == "broadcast_locked_out"
    assert not [write for write in street.writes() if write.address == 9501]
    await asyncio.gather(*blocking)


async def test_without_the_buss_name_typed_the_controller_sends_nothing(
    make_street: MakeStreet, control: Control, perform: Perform
) -> None:
    street = await make_street(after_dusk_s=1200, more=hearing_profiles())
    await control(street)
    with pytest.raises(Refused) as refused:
        await perform(street, wish("group", 42.0, word="group"))
    assert refused.value.fact.code == "broadcast_word_missing"
    assert not [write for write in street.writes() if write.address == 9500]
