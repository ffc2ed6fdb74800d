"""What is known when another revision is taken: kept of what stays, forgotten of what changed, read before written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.operation.live import Live, LiveCircuit
from lighting.operation.local_control import RelaySight
from lighting.operation.takeover import SiteKeys, live_of, restore_returned
from lighting.operation.wiring import meter_refs
from lighting.store.records import BurningState

NOW_MS = 1_800_000_000_000


def site_of(*edits: tuple[str, str, str], more: Mapping[str, str] | None = None) -> Site:
    texts = template_texts() | dict(more or {})
    for file, old, new in edits:
        assert old in texts[file], (file, old)
        texts[file] = texts[file].replace(old, new)
    reading = read_site(texts)
    assert reading.site is not None, reading.problems
    return reading.site


def keys_of(site: Site) -> SiteKeys:
    def numbered(ids: list[str], first: int) -> dict[str, int]:
        return {one: first + sum(map(ord, one)) for one in ids}

    return SiteKeys(
        buses=numbered(list(site.buses), 1),
        devices=numbered(list(site.devices), 10_000),
        circuits=numbered(list(site.circuits), 20_000),
        meters=numbered(meter_refs(site), 30_000),
    )


@pytest.fixture
def lit() -> Live:
    """The example site, all lit at 80 % for long, every device just read."""
    site = site_of()
    live = live_of(site, keys_of(site))
    for device in live.devices.values():
        device.reachable, device.last_ok_ms, device.due_ms = True, NOW_MS, NOW_MS + 60_000
    for circuit in live.circuits.values():
        circuit.level_pct = None if circuit.wiring.circuit.dimmer is None else 80.0
        circuit.relay_closed = circuit.relay_commanded = True
        circuit.relay_seen = RelaySight(True, 100.0, NOW_MS)
        circuit.closed_since_ms = circuit.on_since_ms = NOW_MS - 3_600_000
        circuit.asked_pct = 80.0
    return live


def taken(site: Site, before: Live) -> Live:
    return live_of(site, keys_of(site), before)


def test_what_stays_is_the_very_same(lit: Live) -> None:
    live = taken(site_of(("site.toml", "poll_s = 60.0 ", "poll_s = 50.0 ")), lit)
    assert all(live.circuits[one] is lit.circuits[one] for one in lit.circuits)
    assert all(live.devices[one] is lit.devices[one] for one in lit.devices)
    assert {device.reachable for device in live.devices.values()} == {True}
    assert not any(circuit.is_unread for circuit in live.circuits.values())


def test_at_a_start_nothing_counts_as_burning_for_long() -> None:
    site = site_of()
    circuits = live_of(site, keys_of(site)).circuits.values()
    assert not any(circuit.is_unread for circuit in circuits)


def read_back(circuit: LiveCircuit, level_pct: float | None, *, closed: bool) -> None:
    circuit.level_pct, circuit.relay_closed = level_pct, closed
    circuit.note_feedback(NOW_MS)


def test_a_renamed_circuit_keeps_what_is_known_and_its_hand(lit: Live) -> None:
    lit.circuits["C-0103"].unexplained_since_ms = NOW_MS - 5
    lit.circuits["C-0103"].local = "unexplained"
    old = lit.circuits["C-0103"]
    live = taken(site_of(("circuits.csv", "C-0103,", "C-0113,")), lit)
    new = live.circuits["C-0113"]
    assert (new.id, new.local, new.unexplained_since_ms) == ("C-0113", "unexplained", NOW_MS - 5)
    assert (new.relay_closed, new.on_since_ms, new.is_unread) == (True, NOW_MS - 3_600_000, False)
    assert new.key != old.key
    assert (new.stored, new.decided) == (None, None), "its rows are told anew under its key"
    assert old.asked_pct is None, "a sequence that is under way for the old id ends"


def test_a_new_circuit_on_known_devices_is_read_before_it_is_written_to(lit: Live) -> None:
    gone = taken(site_of(("circuits.csv", row_of("C-0101"), "")), lit)
    assert gone.devices["CB01-D"].reachable is True
    assert lit.circuits["C-0101"].asked_pct is None
    back = taken(site_of(), gone)
    circuit = back.circuits["C-0101"]
    assert (circuit.is_unread, circuit.level_pct) == (True, None)
    for name in ("CB01-D", "CB01-R"):
        assert (back.devices[name].reachable, back.devices[name].due_ms) == (None, 0)
    assert back.devices["CB01-M"].reachable is True, "a meter is none of its outputs"
    assert back.devices["CB02-D"].reachable is True
    read_back(circuit, 80.0, closed=True)
    assert circuit.on_since_ms is not None
    assert circuit.on_since_ms + circuit.wiring.warm_up_ms < NOW_MS, "what burns there has burned for long"
    assert not circuit.is_warming(NOW_MS)


def test_lamps_that_are_off_when_first_read_warm_up_later(lit: Live) -> None:
    gone = taken(site_of(("circuits.csv", row_of("C-0101"), "")), lit)
    circuit = taken(site_of(), gone).circuits["C-0101"]
    read_back(circuit, 80.0, closed=False)
    assert (circuit.on_since_ms, circuit.is_unread) == (None, False)
    read_back(circuit, 80.0, closed=True)
    assert circuit.on_since_ms == NOW_MS


def row_of(circuit: str) -> str:
    return next(r for r in template_texts()["circuits.csv"].splitlines(keepends=True) if r.startswith(circuit))


MOVED: dict[str, list[tuple[str, str, str]]] = {
    "another unit": [("devices.csv", "CB02-R,CB02,CB02-bus,2,", "CB02-R,CB02,CB02-bus,7,")],
    "another address of its line": [("buses.csv", "127.0.0.1:15022", "127.0.0.1:15029")],
    "another profile": [("devices.csv", "CB02-R,CB02,CB02-bus,2,wb-mr6c", "CB02-R,CB02,CB02-bus,2,waveshare-relay-8")],
}


@pytest.mark.parametrize("case", MOVED)
def test_a_contactor_behind_another_device_was_moved_by_nobody(case: str, lit: Live) -> None:
    live = taken(site_of(*MOVED[case]), lit)
    circuit = live.circuits["C-0201"]
    assert circuit is lit.circuits["C-0201"]
    assert circuit.is_unread
    assert (circuit.relay_seen, circuit.relay_closed, circuit.closed_since_ms) == (None, None, None)
    assert (circuit.level_pct is None) == (case == "another address of its line"), "the dimmer is as it was"
    assert circuit.on_since_ms is not None, "the same lamps, which are not warmed up again where they still burn"
    assert live.devices["CB02-R"] is not lit.devices["CB02-R"]
    assert live.devices["CB02-R"].reachable is None
    assert live.circuits["C-0101"].relay_seen is not None, "and its neighbours are none of it"
    assert not live.circuits["C-0101"].is_unread


def test_two_circuits_that_change_places_are_both_read_anew(lit: Live) -> None:
    swapped = site_of(
        ("circuits.csv", "CB01-D:1,CB01-R:1", "X"),
        ("circuits.csv", "CB01-D:2,CB01-R:2", "CB01-D:1,CB01-R:1"),
        ("circuits.csv", "X", "CB01-D:2,CB01-R:2"),
    )
    live = taken(swapped, lit)
    for name in ("C-0101", "C-0102"):
        assert live.circuits[name].is_unread
        assert (live.circuits[name].level_pct, live.circuits[name].on_since_ms) == (None, None)


def test_a_silent_device_stays_silent_until_it_answers(lit: Live) -> None:
    lit.devices["CB01-D"].reachable = False
    lit.devices["CB01-D"].failures = 5
    gone = taken(site_of(("circuits.csv", row_of("C-0101"), "")), lit)
    back = taken(site_of(), gone)
    assert back.devices["CB01-D"].reachable is False
    assert back.devices["CB01-D"].failures == 5


def test_what_was_noted_of_a_circuit_that_comes_back_is_taken_over(lit: Live) -> None:
    gone = taken(site_of(("circuits.csv", row_of("C-0101"), "")), lit)
    back = taken(site_of(), gone)
    circuit, other = back.circuits["C-0101"], back.circuits["C-0102"]
    rows = {c.key: replace(c.state(NOW_MS - 86_400_000), local_control="unexplained") for c in (circuit, other)}
    burning = {c.key: BurningState(c.key, 5_000, NOW_MS - 86_400_000) for c in (circuit, other)}
    restore_returned(back, gone, rows, burning)
    assert (circuit.local, circuit.burned_ms) == ("unexplained", 5_000)
    assert (other.local, other.burned_ms) == ("", 0), "what was here all the time is known better"
    read_back(circuit, 80.0, closed=True)
    circuit.count_burning(NOW_MS + 1_000)
    assert circuit.burned_ms == 6_000, "nobody saw it burn while it was not ours"
