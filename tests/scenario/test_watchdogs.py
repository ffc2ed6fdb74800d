"""A master that is lost: each device does what it was told to do then, and nothing flaps while the master lives."""

from __future__ import annotations

import asyncio

from drivers.quantity import Quantity
from lighting.operation.housekeeping import CHECK_FAILSAFE_EVERY_S
from tests.scenario.conftest import MakeStreet, Street
from tests.scenario.test_failsafe import asked, commission


async def test_lamps_go_to_their_failsafe_without_us_and_back_to_their_level_with_us(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=900, speed=240.0)
    dimmer = street.device("CB02-D")
    dimmer.set(Quantity.WATCHDOG_TIMEOUT, "", 5.0)
    dimmer.set(Quantity.SAFETY_ACTION, "1", 3.0)
    dimmer.set(Quantity.SAFETY_LEVEL, "1", 45.0)
    await street.start()
    await street.until(lambda: street.all_lit() and round(street.level("C-0201")) == 80)
    expired = dimmer.watchdog_expiry_count
    await street.ticks(12)
    assert dimmer.watchdog_expiry_count == expired, "polls feed it"
    await street.stop()
    await street.until(lambda: round(street.level("C-0201")) == 45, within_s=30)
    assert dimmer.watchdog_expiry_count == expired + 1
    assert street.all_lit()
    await street.start()
    await street.until(lambda: round(street.level("C-0201")) == 80, within_s=30)
    assert dimmer.watchdog_expiry_count == expired + 1


def arm(street: Street, watchdog_s: float) -> None:
    street.device("CB02-D").set(Quantity.WATCHDOG_TIMEOUT, "", watchdog_s)
    street.device("CB02-D").set(Quantity.SAFETY_ACTION, "1", 1.0)  # off


async def test_a_watchdog_shorter_than_the_plan_is_fed_and_is_an_alarm(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=900, speed=1.0)
    arm(street, 6.0)
    await street.start()
    await street.until(lambda: ("watchdog_not_fed", "CB02-D") in street.alarms())
    (alarm,) = [a for a in street.store.history.alarms(standing_only=True) if a.kind == "watchdog_not_fed"]
    assert alarm.fact.values["watchdog_seconds"] == 6.0
    assert float(alarm.fact.values["cycle_seconds"] or 0) > 60.0
    expired = street.device("CB02-D").watchdog_expiry_count
    await street.ticks(1)  # ten real seconds, with no poll of the plan
    assert street.device("CB02-D").watchdog_expiry_count == expired
    street.device("CB02-D").set(Quantity.WATCHDOG_TIMEOUT, "", 300.0)
    assert street.controller is not None
    assert street.controller.tick is not None
    street.controller.tick.failsafe.read_again()
    await street.until(lambda: ("watchdog_not_fed", "CB02-D") not in street.alarms())


async def test_what_the_store_last_read_is_an_alarm_right_at_the_start(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=900)
    arm(street, 20.0)
    await street.start()
    await street.until(lambda: ("watchdog_not_fed", "CB02-D") in street.alarms())
    await street.stop()
    street.store.history.return_alarm("watchdog_not_fed", "device", "CB02-D", at_ms=street.clock.now_ms())
    street.device("CB02-D").silence()
    await street.start()
    await street.until(lambda: ("watchdog_not_fed", "CB02-D") in street.alarms())


async def test_drift_that_a_look_sees_is_an_alarm_of_the_running_controller(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=900)
    held = street.store.controller.lock(holder="test")
    await street.start()
    await street.until(street.all_lit)
    await commission(street, ["C-0201"])
    street.device("CB02-D").set(Quantity.SAFETY_ACTION, "1", 0.0)
    await asyncio.to_thread(asked, street, ["C-0201"], agreed=None)
    await street.until(lambda: ("failsafe_drifted", "CB02-D") in street.alarms())
    held.release()


async def test_an_exception_that_has_ended_is_an_alarm(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=900)
    rows = ["circuit,cabinet,signed_by,date,reason,until"]
    rows += ["C-0201,,A. Tran,2026-01-01,old,2026-03-17", "C-0101,,A. Tran,2026-01-01,old,2026-03-18"]
    (street.folder / "failsafe_exceptions.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    await street.start()
    await street.until(lambda: ("failsafe_exception_ended", "C-0201") in street.alarms())
    assert ("failsafe_exception_ended", "C-0101") not in street.alarms()


def test_settings_are_read_again_every_hour_at_least() -> None:
    assert CHECK_FAILSAFE_EVERY_S <= 3600
