"""What becomes of a device whose poll fails, in whatever way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from drivers.errors import Unreachable
from lighting.operation import poller as poller_module
from lighting.operation.ledger import Ledger
from lighting.operation.lines import Lines
from lighting.operation.live import Live
from lighting.operation.poller import Poller
from lighting.operation.reconciler import Reported
from lighting.store.clock import SystemClock


class BrokenDevice:
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def read(self, *_points: object, **_options: object) -> dict[str, object]:
        raise self.error


class Heard:
    """A log that counts its events."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str]] = []

    def __getattr__(self, manner: str) -> Any:
        return lambda event, **_values: self.events.append((manner, event))


def poller_of(live: Live, device: str, error: Exception) -> Poller:
    lines = cast("Lines", SimpleNamespace(devices={device: BrokenDevice(error)}))
    return Poller(live, lines, cast("Ledger", SimpleNamespace()), SystemClock())


async def test_a_fault_of_our_own_makes_the_device_silent_and_is_said_once(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard()
    monkeypatch.setattr(poller_module, "log", heard)
    poller = poller_of(live, "CB02-D", RuntimeError("the handler is closed"))
    for failures in (1, 2, 3):
        await poller.round(["CB02-D"], bound_s=5.0)
        assert live.devices["CB02-D"].reachable is False
        assert live.devices["CB02-D"].failures == failures
    assert [event for manner, event in heard.events if manner == "exception"] == ["poll_failed"]


async def test_a_silent_dimmer_makes_its_contactor_no_less_known(live: Live) -> None:
    circuit = live.circuits["C-0201"]
    circuit.level_pct, circuit.relay_closed, circuit.output_on = 80.0, True, True
    poller = poller_of(live, "CB02-D", Unreachable("no answer in time"))
    for _ in range(3):
        await poller.round(["CB02-D"], bound_s=5.0)
    assert circuit.reported(0) == Reported(level_pct=None, relay_closed=True, output_on=None)
    relay = poller_of(live, "CB02-R", Unreachable("no answer in time"))
    for _ in range(3):
        await relay.round(["CB02-R"], bound_s=5.0)
    assert circuit.reported(0) == Reported()


def test_a_clock_that_was_stepped_back_stops_no_polls_and_no_writes(live: Live) -> None:
    now_ms = 1_800_000_000_000
    devices = list(live.devices.values())
    for device in devices:
        device.due_ms, device.reachable = now_ms + 60_000, True
    poller = poller_of(live, devices[0].id, Unreachable("x"))
    assert poller.due(now_ms) == []
    assert poller.due(now_ms + 60_000) == [device.id for device in devices]
    assert poller.due(now_ms - 3_600_000) == [device.id for device in devices]
    circuit = next(iter(live.circuits.values()))
    circuit.closed_since_ms = now_ms
    assert circuit.reported(now_ms + 500).closed_for_s == 0.5
    assert circuit.reported(now_ms - 3_600_000).closed_for_s is None
