"""Without us: what devices would do by themselves is read from them, kept, and watched for drift."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from drivers.quantity import Quantity
from lighting.assets.failsafe_settings import commissioned_values, outputs_by_device
from lighting.cli.task_progress import TaskProgress, perform
from lighting.cli.voice import Voice
from lighting.desk.desk import Desk
from lighting.desk.tasks import TaskWish
from lighting.desk.without_us import devices_of
from lighting.schedule.instructions import Layer
from lighting.store.failsafe_record import FoundSettings, found_settings
from tests.scenario.conftest import MakeStreet, Street

DIMMER = "CB02-D"


def found(street: Street, device: str) -> FoundSettings | None:
    key = street.store.keys.known("device").get(device, -1)
    row = street.store.failsafes.all().get(key)
    return None if row is None else found_settings(row.found)


def verified(street: Street) -> bool:
    rows = street.store.failsafes.all().values()
    return len(rows) == len(outputs_by_device(street.site)) and all(row.verified for row in rows)


def commission_by_hand(street: Street) -> None:
    """Set every device as it should be, and say in the store that a person did."""
    site, outputs = street.site, outputs_by_device(street.site)
    for device_id, of_device in outputs.items():
        profile = site.profiles[site.devices[device_id].profile]
        for name, value in commissioned_values(site, device_id, of_device).items():
            point = profile.point_named(name)
            assert point is not None
            street.device(device_id).set(point.quantity, point.channel, value)


def sign(street: Street, device_id: str) -> None:
    """What a commissioning leaves: the values as read are those that were wanted."""
    key = street.store.keys.known("device")[device_id]
    row = street.store.failsafes.all()[key]
    values = found_settings(row.found).values
    signed = FoundSettings(values, values, row.at_ms, "operator")
    street.store.failsafes.put([replace(row, found=signed.as_json())])


async def test_settings_are_read_after_the_start_and_kept(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    commission_by_hand(street)
    await street.start()
    await street.until(lambda: verified(street))
    kept = found(street, DIMMER)
    assert kept is not None
    assert kept.values["safety_level_1"] == 100.0
    assert kept.values["watchdog"] == 300.0
    assert kept.commissioned_ms is None
    assert not [key for key in street.alarms() if key[0] == "failsafe_drifted"]  # never commissioned is no alarm


async def test_a_setting_changed_by_hand_is_an_alarm_until_it_is_put_right(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    commission_by_hand(street)
    controller = await street.start()
    await street.until(lambda: verified(street))
    sign(street, DIMMER)
    street.device(DIMMER).set(Quantity.SAFETY_ACTION, "1", 0.0)
    assert controller.tick is not None
    controller.tick.failsafe.read_again()  # what the daily job does
    await street.until(lambda: ("failsafe_drifted", DIMMER) in street.alarms())
    (alarm,) = [a for a in street.store.history.alarms(standing_only=True) if a.kind == "failsafe_drifted"]
    assert alarm.fact.values == {
        "device": DIMMER,
        "setting": "safety_action_1",
        "found": "none",
        "expected": "level",
        "more": 0,
    }
    street.device(DIMMER).set(Quantity.SAFETY_ACTION, "1", 3.0)
    await street.until(lambda: ("failsafe_drifted", DIMMER) not in street.alarms())  # within a poll period


async def test_an_alarm_of_drift_stands_through_a_restart(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    commission_by_hand(street)
    controller = await street.start()
    await street.until(lambda: verified(street))
    sign(street, DIMMER)
    street.device(DIMMER).set(Quantity.WATCHDOG_TIMEOUT, "", 0.0)
    assert controller.tick is not None
    controller.tick.failsafe.read_again()
    await street.until(lambda: ("failsafe_drifted", DIMMER) in street.alarms())
    raised_ms = [a.raised_ms for a in street.store.history.alarms(standing_only=True) if a.kind == "failsafe_drifted"]
    await street.stop()
    await street.start()
    await street.ticks(3)
    again_ms = [a.raised_ms for a in street.store.history.alarms(standing_only=True) if a.kind == "failsafe_drifted"]
    assert again_ms == raised_ms


async def test_a_device_that_was_silent_is_read_again(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    commission_by_hand(street)
    await street.start()
    await street.until(lambda: verified(street))
    sign(street, DIMMER)
    street.device(DIMMER).silence()
    await street.until(lambda: ("device_silent", DIMMER) in street.alarms())
    street.device(DIMMER).set(Quantity.POWER_ON_LEVEL, "1", 5.0)
    street.device(DIMMER).speak()
    await street.until(lambda: ("failsafe_drifted", DIMMER) in street.alarms())


# --- commissioning, and the proof ---


class Quiet(TaskProgress):
    """A listener that remembers who did it."""

    def __init__(self) -> None:
        super().__init__(Voice())
        self.states: list[str] = []

    def state(self, state: str) -> None:
        self.states.append(state)


def asked(street: Street, circuits: list[str], *, agreed: list[list[object]] | None) -> tuple[dict[str, Any], Quiet]:
    """Have it done as ``lighting commission`` does; without ``agreed`` only a look."""
    listener = Quiet()
    devices = sorted({name for circuit in circuits for name in devices_of(street.site.circuits[circuit])})
    params = {"devices": devices, "circuits": circuits, "write": agreed is not None, "agreed": agreed or []}
    wish = TaskWish("commission", params, "test", writes=agreed is not None, reason="test")
    with Desk(street.folder, user_id="operator", clock=street.clock) as desk:
        status = perform(desk, wish, listener)
    return dict(status.result or {}), listener


async def commission(street: Street, circuits: list[str]) -> tuple[dict[str, Any], Quiet]:
    """Look, agree to all that differs, and write it."""
    await asyncio.to_thread(asked, street, circuits, agreed=None)
    with Desk(street.folder, user_id="operator", clock=street.clock) as desk:
        known = desk.without_us(circuits)
    changes = {(c.device, c.point): c for one in known.values() for c in one.changes}
    agreed: list[list[object]] = [[c.device, c.point, c.to_raw] for c in changes.values()]
    return await asyncio.to_thread(asked, street, circuits, agreed=agreed)


def verdicts(street: Street) -> dict[str, str]:
    with Desk(street.folder, user_id="operator", clock=street.clock) as desk:
        return {name: one.verdict for name, one in desk.without_us(street.site.circuits).items()}


@pytest.mark.parametrize("running", [False, True], ids=["alone", "through the controller"])
async def test_commissioning_writes_what_differs_verifies_and_is_watched_from_then_on(
    make_street: MakeStreet, running: bool
) -> None:
    street = await make_street(after_dusk_s=600)
    held = street.store.controller.lock(holder="test") if running else None
    if running:
        await street.start()
        await street.until(street.all_lit)
    lit_before = street.lit()
    result, listener = await commission(street, list(street.site.circuits))
    assert ("alone" in listener.states) is not running
    assert {write["became"] for write in result["writes"]} <= {"verified", "stood_already"}
    assert result["writes"]
    assert all(end["commissioned"] and not end["error"] for end in result["devices"])
    assert verdicts(street) == {
        "C-0101": "stays_lit",
        "C-0102": "stays_lit",
        "C-0103": "stays_lit",
        "C-0201": "lit_day_and_night",
    }
    assert street.lit() == lit_before  # no lamp was switched by it
    assert "task_commission" in [entry.act for entry in street.store.history.audit()]
    again, _ = await commission(street, list(street.site.circuits))
    assert again["writes"] == []
    if held is not None:
        held.release()


@pytest.mark.parametrize(
    ("watchdog_s", "order"), [(10.0, ["watchdog", "level", "action"]), (0.0, ["level", "action", "watchdog"])]
)
async def test_a_short_watchdog_is_made_longer_first_and_one_that_is_off_comes_last(
    make_street: MakeStreet, watchdog_s: float, order: list[str]
) -> None:
    street = await make_street(after_dusk_s=600)
    for device in ("CB02-D", "CB02-R"):
        street.device(device).set(Quantity.WATCHDOG_TIMEOUT, "", watchdog_s)
    result, _ = await commission(street, ["C-0201"])
    for device in ("CB02-D", "CB02-R"):
        stages = [write["stage"] for write in result["writes"] if write["device"] == device]
        assert stages == sorted(stages, key=order.index)
        assert set(stages) == set(order)
    assert not {write["device"] for write in result["writes"]} & {"CB01-D", "CB01-R"}


async def test_nothing_is_written_under_a_lockout_and_the_others_are(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    held = street.store.controller.lock(holder="test")
    await street.start()
    await street.until(street.all_lit)
    street.record(Layer.LOCKOUT, "C-0101", for_s=None)
    await street.ticks(2)
    result, _ = await commission(street, ["C-0101", "C-0201"])
    held.release()
    became = {(write["device"], write["point"]): write["became"] for write in result["writes"]}
    assert became["CB01-D", "safety_level_1"] == "locked_out"
    assert became["CB01-R", "power_on_action"] in ("locked_out", "left_alone")  # of the whole device: of the locked one
    assert became["CB02-D", "watchdog"] == "verified"
    assert {end["device"]: end["commissioned"] for end in result["devices"]} == {
        "CB01-D": False,
        "CB01-R": False,
        "CB02-D": True,
        "CB02-R": True,
    }
    assert street.device("CB01-D").get(Quantity.SAFETY_LEVEL, "1") != 100.0


async def test_a_device_that_does_not_answer_is_told_and_the_others_are_done(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    street.device("CB02-R").silence()
    result, _ = await commission(street, ["C-0201"])
    ends = {end["device"]: end for end in result["devices"]}
    assert ends["CB02-R"]["error"] == "unreachable"
    assert ends["CB02-D"]["commissioned"]
    assert verdicts(street)["C-0201"] == "unknown"


async def test_what_was_not_agreed_is_not_written(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=600)
    result, _ = await asyncio.to_thread(asked, street, ["C-0201"], agreed=[["CB02-D", "safety_level_1", 100]])
    assert [(write["point"], write["became"]) for write in result["writes"]] == [("safety_level_1", "verified")]
    assert {"device": "CB02-D", "point": "watchdog"} in result["not_agreed"]
    assert not any(end["commissioned"] for end in result["devices"])


async def test_without_a_controller_the_street_is_lit_after_the_watchdogs_time(make_street: MakeStreet) -> None:
    """The proof of it all: the controller dies by day, and what was commissioned lights every lamp."""
    street = await make_street(after_dusk_s=-7200)
    commission_by_hand(street)
    await street.start()
    await street.until(lambda: verified(street) and not street.lit())
    for device in outputs_by_device(street.site):
        street.device(device).set(Quantity.WATCHDOG_TIMEOUT, "", 2.0)  # real seconds: a test need not wait five minutes
    await street.ticks(4)
    assert street.lit() == set()  # polls feed the watchdogs
    await street.stop()
    await street.until(street.all_lit)
