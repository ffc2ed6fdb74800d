"""A commissioning that ends anywhere: the street stays as it should be, by night and by day, with us and without."""

from __future__ import annotations

import contextlib
from typing import Literal

import pytest

from drivers.errors import Rejected, Unreachable
from drivers.profile import Point
from drivers.quantity import Quantity
from lighting.assets.fact import Fact
from lighting.desk.refusal import DeskError
from lighting.operation.setting_budget import StoredBudget
from lighting.schedule.instructions import Layer
from lighting.store.store import StoreError
from tests.scenario.conftest import MakeStreet, Street
from tests.scenario.test_failsafe import commission

DIMMER, RELAY = "CB02-D", "CB02-R"
CIRCUIT = "C-0201"
WRITES = 9
"""The most that the two devices of that circuit need."""
NIGHT_S, DAY_S = 3600.0, -14_400.0

Start = Literal["factory", "armed_dark_and_off"]


class WatchSeconds:
    """What the devices' watchdogs count: the street's own seconds, and those that a test lets pass at once."""

    def __init__(self) -> None:
        self.skipped_s = 0.0

    def __call__(self, site_s: float) -> float:
        return site_s + self.skipped_s


class BreakingOff:
    """Lets so many writes to settings leave, then none: as the device, the line or our own end would have it."""

    def __init__(self, after: int, error: Exception) -> None:
        self.after = after
        self.error = error
        self.sent: list[str] = []

    async def claim(self, _budget: StoredBudget, device: str, point: Point) -> None:
        if len(self.sent) >= self.after:
            raise self.error
        self.sent.append(f"{device} {point.name}")


def break_off(monkeypatch: pytest.MonkeyPatch, breaking: BreakingOff) -> None:
    """From now on."""

    async def claim(budget: StoredBudget, device: str, point: Point) -> None:
        await breaking.claim(budget, device, point)

    monkeypatch.setattr(StoredBudget, "claim", claim)


def set_up(street: Street, start: Start) -> None:
    """As from the factory (10 s, holding); or with outputs that would drop, and the watchdog off."""
    off = start == "armed_dark_and_off"
    for device in (DIMMER, RELAY):
        street.device(device).set(Quantity.WATCHDOG_TIMEOUT, "", 0.0 if off else 10.0)
        for quantity, value in (
            (Quantity.SAFETY_ACTION, 1.0 if off else 0.0),
            (Quantity.SAFETY_LEVEL, 0.0),
            (Quantity.POWER_ON_ACTION, 1.0),
            (Quantity.POWER_ON_LEVEL, 0.0),
        ):
            point = street.device(device).profile.setting_of(quantity, "1")
            if point is not None:
                street.device(device).set(quantity, point.channel, value)


async def stays(street: Street, lit: set[str], *, for_ticks: int = 5) -> None:
    """Nothing changes at the lamps, and nobody is taken to have been at the cabinet."""
    until = street.tick_number() + for_ticks

    def holds() -> bool:
        assert street.lit() == lit
        return street.tick_number() >= until

    await street.until(holds)
    assert not [alarm for alarm in street.alarms() if alarm[0] == "local_control"]
    assert {state.local_control for state in street.states().values()} == {""}


@pytest.mark.parametrize(
    ("when", "start", "end"),
    [
        pytest.param("day", "factory", "line", marks=pytest.mark.long),
        ("day", "factory", "store"),
        pytest.param("night", "factory", "refused", marks=pytest.mark.long),
        ("night", "armed_dark_and_off", "line"),
    ],
)
async def test_after_every_single_write_the_street_is_as_it_should_be(
    make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch, when: str, start: Start, end: str
) -> None:
    errors: dict[str, Exception] = {
        "refused": Rejected("no"),
        "line": Unreachable("cut"),
        "store": StoreError(Fact("store_full")),
    }
    watch_s = WatchSeconds()
    after_dusk_s = NIGHT_S if when == "night" else DAY_S
    street = await make_street(after_dusk_s=after_dusk_s, speed=60.0, watch_s=watch_s)
    held = street.store.controller.lock(holder="test")
    lit = set(street.site.circuits) if when == "night" else set()
    await street.start()
    await street.until(lambda: street.lit() == lit and street.tick_number() > 2)
    for after in range(WRITES + 1):
        set_up(street, start)
        breaking = BreakingOff(after, errors[end])
        break_off(monkeypatch, breaking)
        # A failure of the store ends it at once, as the end of our own process does.
        with contextlib.suppress(*([DeskError] if end == "store" else [])):
            await commission(street, [CIRCUIT])
        assert len(breaking.sent) <= after
        await stays(street, lit)
    assert len(breaking.sent) == (WRITES if start == "factory" else WRITES - 1)  # the relay's action stands so already
    held.release()


@pytest.mark.parametrize("start", ["factory", "armed_dark_and_off"])
async def test_no_master_after_any_write_leaves_no_lamp_dark_that_was_lit(
    make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch, start: Start
) -> None:
    watch_s = WatchSeconds()
    street = await make_street(after_dusk_s=NIGHT_S, watch_s=watch_s)
    for after in range(WRITES + 1):
        set_up(street, start)
        street.device(DIMMER).set(Quantity.DIM_LEVEL, "1", 80.0)
        street.device(RELAY).set(Quantity.RELAY_CLOSED, "1", 1.0)
        break_off(monkeypatch, BreakingOff(after, Unreachable("cut")))
        await commission(street, [CIRCUIT])  # alone: a laptop at the cabinet, with no controller
        watch_s.skipped_s += 100_000.0
        for device in street.city.devices.values():
            device.look()
        assert street.device(RELAY).get(Quantity.RELAY_CLOSED, "1") == 1.0, after
        assert float(street.device(DIMMER).get(Quantity.DIM_LEVEL, "1") or 0.0) >= 80.0, after


# --- what cannot be made longer ---


async def test_where_the_watchdog_is_refused_no_action_is_armed(
    make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = await make_street(after_dusk_s=NIGHT_S)
    set_up(street, "factory")

    async def claim(_budget: StoredBudget, _device: str, point: Point) -> None:
        if point.name == "watchdog":
            raise Rejected("its memory is spared")

    monkeypatch.setattr(StoredBudget, "claim", claim)
    result, _ = await commission(street, [CIRCUIT])
    became = {(write["device"], write["point"]): write["became"] for write in result["writes"]}
    assert became[DIMMER, "watchdog"] == became[RELAY, "watchdog"] == "refused"
    actions = [became[key] for key in became if "action" in key[1]]
    assert actions == ["left_alone"] * len(actions) != []
    assert street.device(DIMMER).get(Quantity.SAFETY_ACTION, "1") == 0.0
    assert street.device(RELAY).get(Quantity.SAFETY_ACTION, "1") == 0.0
    assert not any(end["commissioned"] for end in result["devices"])


async def test_where_the_watchdog_does_not_read_back_no_action_is_armed(
    make_street: MakeStreet, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = await make_street(after_dusk_s=NIGHT_S)
    set_up(street, "factory")
    for device in (DIMMER, RELAY):  # it takes the write and stays as it was
        street.device(device).provide(Quantity.WATCHDOG_TIMEOUT, "", lambda _at_s: 10.0)
    result, _ = await commission(street, [CIRCUIT])
    became = {(write["device"], write["point"]): write["became"] for write in result["writes"]}
    assert became[DIMMER, "watchdog"] == became[RELAY, "watchdog"] == "not_verified"
    assert {became[key] for key in became if "action" in key[1]} == {"left_alone"}
    assert street.device(DIMMER).get(Quantity.SAFETY_ACTION, "1") == 0.0


async def test_a_neighbours_lockout_keeps_the_watchdog_and_so_every_action(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=NIGHT_S)
    street.record(Layer.LOCKOUT, "C-0102", for_s=None)
    result, _ = await commission(street, ["C-0101"])
    became = {(write["device"], write["point"]): write["became"] for write in result["writes"]}
    assert became["CB01-D", "watchdog"] == "locked_out"
    assert became["CB01-D", "safety_action_1"] == "left_alone"
    assert street.device("CB01-D").get(Quantity.SAFETY_ACTION, "1") == 0.0


async def test_a_watchdog_that_would_drop_a_neighbour_is_not_switched_on(make_street: MakeStreet) -> None:
    street = await make_street(after_dusk_s=NIGHT_S)
    street.device("CB01-D").set(Quantity.WATCHDOG_TIMEOUT, "", 0.0)
    street.device("CB01-D").set(Quantity.SAFETY_ACTION, "2", 1.0)  # the neighbour's output: off
    result, _ = await commission(street, ["C-0101"])
    became = {(write["device"], write["point"]): write["became"] for write in result["writes"]}
    assert became["CB01-D", "safety_action_1"] == "verified"
    assert became["CB01-D", "watchdog"] == "left_alone"
    assert street.device("CB01-D").get(Quantity.WATCHDOG_TIMEOUT, "") == 0.0
