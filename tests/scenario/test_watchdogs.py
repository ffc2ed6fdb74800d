"""A master that is lost: each device does what it was told to do then, and nothing flaps while the master lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.quantity import Quantity

if TYPE_CHECKING:
    from tests.scenario.conftest import MakeStreet


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
