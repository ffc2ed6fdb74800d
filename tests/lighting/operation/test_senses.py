"""Counters, pushes and photocells between a poll and a decision: nothing here touches a line or a database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.codec import Sample, SampleQuality
from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.operation.alarms import AlarmKey
from lighting.operation.feedback import Poll
from lighting.operation.ledger import Ledger
from lighting.operation.live import Live
from lighting.operation.senses import Remembered, Senses
from lighting.operation.takeover import SiteKeys, live_of
from lighting.operation.wiring import meter_refs
from lighting.schedule.inputs import BRIGHT, DARK, UNKNOWN
from lighting.schedule.traffic_rules import TrafficCount, counts_of
from lighting.store.records import InputChange, InputState
from tests.effort import examples
from tests.lighting.senses_site import with_senses

MIN = 60_000
MIDNIGHT = 1_773_853_200_000  # in Hà Nội, on a border of windows


@dataclass
class Book:
    """What a ledger would carry to the store."""

    states: dict[tuple[str, str], InputState] = field(default_factory=dict)
    changes: list[InputChange] = field(default_factory=list)
    counts: list[tuple[str, TrafficCount]] = field(default_factory=list)

    def keep_senses(self, states: Iterable[InputState], changes: Iterable[InputChange]) -> None:
        self.states |= {(one.kind, one.input_id): one for one in states}
        self.changes.extend(changes)

    def keep_count(self, section: str, count: TrafficCount) -> None:
        self.counts.append((section, count))

    def remembered(self) -> Remembered:
        states: dict[Any, dict[str, InputState]] = {"traffic": {}, "photocell": {}}
        changes: dict[Any, dict[str, list[InputChange]]] = {"traffic": {}, "photocell": {}}
        for state in self.states.values():
            through_json = json.loads(json.dumps(state.state, allow_nan=False))
            states[state.kind][state.input_id] = replace(state, state=through_json)
        for change in self.changes:
            changes[change.kind].setdefault(change.input_id, []).append(change)
        return Remembered(states, changes)

    def said(self, one: str) -> list[tuple[int, int, str]]:
        return [((c.at_ms - MIDNIGHT) // MIN, c.value, c.fact.code) for c in self.changes if c.input_id == one]


@pytest.fixture(scope="module")
def sensing_site() -> Site:
    site = read_site(template_texts() | with_senses()).site
    assert site is not None
    return site


def live_site(site: Site) -> Live:
    numbers = {
        "buses": site.buses, "devices": site.devices, "circuits": site.circuits, "meters": meter_refs(site),
    }  # fmt: skip
    return live_of(site, SiteKeys(**{name: {one: i for i, one in enumerate(ids)} for name, ids in numbers.items()}))


class Rig:
    def __init__(self, site: Site, book: Book | None = None) -> None:
        self.book = book or Book()
        self.live = live_site(site)
        self.senses = Senses(self.live, cast("Ledger", self.book))
        if book is not None:
            self.senses.restore(book.remembered())

    def poll(self, minute: float, one: float | None, two: float | None = 0.0, *, uptime_s: float | None = None) -> None:
        up = 1_000_000 + minute * 60 if uptime_s is None else uptime_s
        values = {"count_1": one, "count_2": two, "uptime": up}
        self._hear("CB01-T", minute, values)

    def light(self, minute: float, lux: float | None) -> None:
        self._hear("CB01-P", minute, {"illuminance": lux})

    def look(self, minute: float) -> None:
        self.senses.look(MIDNIGHT + round(minute * MIN))

    def _hear(self, device: str, minute: float, values: dict[str, float | None]) -> None:
        samples = {
            name: Sample(value, SampleQuality.UNKNOWN if value is None else SampleQuality.GOOD)
            for name, value in values.items()
        }
        self.senses.hear(Poll(device, samples, minute * 60, MIDNIGHT + round(minute * MIN)))

    def now(self, minute: float) -> int | None:
        series = self.senses.inputs.traffic.get("quay")
        return None if series is None else int(series.value[-1])


def night(rig: Rig, begin: int, end: int, vehicles_a_min: float = 1.0) -> None:
    for minute in range(begin, end):
        rig.poll(minute, minute * vehicles_a_min + 500, minute + 100)
        rig.look(minute + 0.1)


def test_polls_become_classes_and_windows_are_kept(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    night(rig, 0, 61)
    assert rig.book.said("quay") == [
        (10, 0, "traffic_counted"),
        (20, 1, "traffic_counted"),
        (40, 2, "traffic_counted"),
    ]
    assert rig.now(61) == 2
    assert [(section, count.until_ms - count.from_ms) for section, count in rig.book.counts] == [("quay", 10 * MIN)] * 5
    assert {count.vehicles for _, count in rig.book.counts} == {(10.0, 10.0)}


def test_what_was_decided_stands_at_the_moment_of_the_decision(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    for minute in range(11):
        rig.poll(minute, minute + 500, minute)
    rig.look(10.9)
    assert [change.at_ms for change in rig.book.changes] == [MIDNIGHT + round(10.9 * MIN)]


def test_silence_is_known_by_the_clock_alone(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    night(rig, 0, 45)
    rig.look(59.9)
    assert rig.now(59.9) == 2
    rig.look(60.1)
    assert rig.book.said("quay")[-1] == (60, UNKNOWN, "traffic_counts_stale")


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 40), min_size=30, max_size=90), st.data())
def test_a_restart_at_any_moment_changes_nothing(sensing_site: Site, flow: list[int], data: st.DataObject) -> None:
    """The difference of two readings bridges it, and the state goes on where it was."""
    cut = data.draw(st.integers(1, len(flow) - 1))
    lost = data.draw(st.integers(0, 8))
    steady, restarted = Rig(sensing_site), Rig(sensing_site)
    total = 0
    for minute, passed in enumerate(flow):
        total += passed
        heard = not cut <= minute < cut + lost
        if minute == cut:
            restarted = Rig(sensing_site, restarted.book)
        for rig in (steady, restarted):
            if heard:
                rig.poll(minute, total, minute)
            rig.look(minute + 0.2)
    assert restarted.book.said("quay") == steady.book.said("quay")
    assert restarted.book.counts == steady.book.counts
    after, before = restarted.senses.inputs.traffic.get("quay"), steady.senses.inputs.traffic.get("quay")
    assert (after is None) == (before is None)
    if after is not None and before is not None:
        assert (after.from_ms[-1], after.value[-1]) == (before.from_ms[-1], before.value[-1])


def test_a_state_that_nobody_understands_is_no_reason_to_be_dark(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    night(rig, 0, 45)
    for garbage in ({}, {"machine": {"steps_down": "two"}, "counters": {}, "window": None}, {"machine": []}):
        book = Book(dict(rig.book.states), list(rig.book.changes))
        book.states["traffic", "quay"] = InputState("traffic", "quay", garbage, 0)
        again = Rig(sensing_site, book)
        again.look(45.5)
        assert again.now(45.5) == UNKNOWN


def test_another_revision_keeps_what_is_known(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    night(rig, 0, 45)
    sections = {
        name: replace(one, most_steps_down=1, capacity_veh_h=900.0)
        for name, one in sensing_site.traffic_sections.items()
    }
    rig.senses.take_live(live_site(replace(sensing_site, traffic_sections=sections)))
    rig.look(45.2)
    assert rig.book.said("quay")[-1] == (45, 1, "traffic_limited"), "the new limit holds at once"
    night(rig, 46, 60)
    assert rig.now(60) == 1


def test_a_clock_that_was_stepped_back_forgets_what_it_counted(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    night(rig, 60, 110)
    assert rig.now(110) == 2
    rig.look(30)
    assert rig.book.said("quay")[-1] == (30, UNKNOWN, "traffic_counts_lost")
    night(rig, 31, 52)
    assert rig.now(52) == 0


def test_pushed_counts_drive_sections_without_counters_and_nobody_else(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    now_ms = MIDNIGHT + 60 * MIN
    assert rig.senses.pushes_wanted(now_ms) == {"lake": MIDNIGHT}
    counts = [TrafficCount(MIDNIGHT + m * MIN, MIDNIGHT + (m + 10) * MIN, (2.0,)) for m in range(0, 80, 10)]
    assert rig.senses.take_pushed({"lake": counts_of(counts), "quay": counts_of(counts)}, now_ms)
    rig.look(60.1)
    assert rig.book.said("lake") == [(60, 2, "traffic_counted")], "what has not ended yet is not taken"
    assert rig.book.said("quay") == []
    assert rig.senses.pushes_wanted(now_ms) == {"lake": now_ms}
    assert not rig.senses.take_pushed({"lake": counts_of(counts[:6])}, now_ms), "what is known wakes nobody"


def test_photocells_are_heard_and_their_readings_judged_by_the_sun(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    for minute in range(12 * 60, 12 * 60 + 5):  # noon
        rig.light(minute, 30_000.0 + minute)
        rig.look(minute + 0.1)
    assert rig.book.said("square") == [(12 * 60 + 2, BRIGHT, "photocell_bright")]
    for minute in range(12 * 60 + 5, 12 * 60 + 9):
        rig.light(minute, 20.0)
        rig.look(minute + 0.1)
    assert rig.book.said("square")[-1] == (12 * 60 + 7, DARK, "photocell_dark")
    bright_by_night = Rig(sensing_site)
    for minute in range(5):
        bright_by_night.light(minute, 900.0)
        bright_by_night.look(minute + 0.1)
    alarms = bright_by_night.senses.alarms(MIDNIGHT + 6 * MIN)
    assert alarms[AlarmKey("photocell_failed", "photocell", "square")].code == "photocell_bright_by_night"
    assert "square" not in bright_by_night.senses.inputs.photocells


def test_alarms_come_after_twenty_minutes_and_not_beside_that_of_a_silent_device(sensing_site: Site) -> None:
    rig = Rig(sensing_site)
    rig.look(0)
    assert rig.senses.alarms(MIDNIGHT + 19 * MIN) == {}
    late = MIDNIGHT + 20 * MIN
    kinds = {(key.kind, key.subject_id) for key in rig.senses.alarms(late)}
    assert kinds == {("traffic_unknown", "quay"), ("traffic_unknown", "lake"), ("photocell_failed", "square")}
    rig.live.devices["CB01-T"].failures = rig.live.devices["CB01-P"].failures = 3
    assert {(key.kind, key.subject_id) for key in rig.senses.alarms(late)} == {("traffic_unknown", "lake")}
