"""Figures, charts, the condition of a circuit and the list of what needs a person: pure, so read like the rules."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from lighting.assets.fact import Fact, Problem
from lighting.store.records import AlarmState
from tests.tui.fake_desk import DUSK_MS, NOW_MS, ZONE, FakeDesk
from tui.chart import Span, band, binned, bridged, hour_axis, lit_span, sampled, step_chart
from tui.condition import condition_of
from tui.figures import clock, day_and_clock, duration, level, moment, power, share
from tui.needs import needs_of

HOUR_MS = 3_600_000


def test_figures_carry_their_units_and_unknown_is_a_dash() -> None:
    assert (level(60.4), level(None), level(nan)) == ("60 %", "–", "–")
    assert (power(811.2), power(41_230), power(2_500_000), power(None)) == ("811 W", "41.2 kW", "2,500 kW", "–")
    assert (share(96.1, 100), share(100, 100), share(1, 0), share(None, 5)) == ("−3.9 %", "0.0 %", "–", "–")
    assert [duration(s) for s in (2, 240, 7_300, 200_000)] == ["2 s", "4 min", "2 h", "2 d"]


def test_times_are_those_of_the_site() -> None:
    assert day_and_clock(NOW_MS, ZONE) == "Mon 23 Nov 18:42"
    assert clock(None, ZONE) == "–"
    assert moment(NOW_MS + 11 * HOUR_MS, ZONE, NOW_MS) == "05:42"
    assert moment(NOW_MS + 24 * HOUR_MS, ZONE, NOW_MS) == "24 Nov"


def _night() -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.float32]]]:
    at_ms = np.arange(0, 24 * HOUR_MS, HOUR_MS, dtype=np.int64)
    levels = np.where((at_ms >= 6 * HOUR_MS) & (at_ms < 18 * HOUR_MS), 100, 0).astype(np.float32)
    return at_ms, levels


def test_a_night_is_drawn_from_an_hour_before_it_is_lit_to_an_hour_after() -> None:
    span = lit_span(*_night(), 14)
    assert span == Span(5 * HOUR_MS, 18 * HOUR_MS, 14)


def test_a_night_that_is_never_lit_is_drawn_whole() -> None:
    at_ms, levels = _night()
    assert lit_span(at_ms, levels * 0, 10) == Span(0, 23 * HOUR_MS, 10)
    assert lit_span(at_ms[:1], levels[:1], 10) is None


def test_the_plan_is_sampled_and_what_was_measured_is_averaged_by_column() -> None:
    at_ms, levels = _night()
    span = Span(4 * HOUR_MS, 8 * HOUR_MS, 4)
    assert sampled(at_ms, levels, span) == [0, 0, 100, 100]
    measured = binned([4 * HOUR_MS, 4 * HOUR_MS + 1, 7 * HOUR_MS, 99 * HOUR_MS], [40, 60, None, 5], span)
    assert measured[0] == 50
    assert np.isnan(measured[1:]).all()


def test_only_short_gaps_are_bridged() -> None:
    assert bridged([1.0, nan, 2.0], gap=1) == [1.0, 1.0, 2.0]
    kept = bridged([1.0, nan, nan, 2.0], gap=1)
    assert np.isnan(kept[1])
    assert np.isnan(kept[2])


def test_a_band_tells_off_from_unknown() -> None:
    assert band([0, 1, 50, 100, nan]) == "_▁▄█ "


def test_a_chart_draws_steps_and_points() -> None:
    lines = step_chart([0, 0, 100, 100, 50, 50], [nan, nan, nan, 100, nan, nan], 5, 0)
    drawn = ["".join(text for text, _ in line) for line in lines]
    assert drawn == [
        " 100 ┤┊ ╭▪╮ ",
        "     ┤┊ │ │ ",
        "  50 ┤┊ │ ╰─",
        "     ┤┊ │   ",
        "   0 ┼──╯   ",
    ]


def test_a_level_that_is_not_ours_leaves_a_gap() -> None:
    lines = step_chart([100, nan, 100], [nan] * 3, 3, -1)
    assert "".join(text for text, _ in lines[0]) == " 100 ┤─ ─"


def test_the_axis_names_local_hours() -> None:
    span = Span(DUSK_MS - HOUR_MS, DUSK_MS + 5 * HOUR_MS, 60)
    axis = hour_axis(span, ZONE)
    assert axis.split() == ["17", "18", "19", "20", "21", "22"]
    assert axis.index("17") == span.column(DUSK_MS - 15 * 60_000)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({}, "lit"),
        ({"lit": False}, "dark"),
        ({"desired_pct": 0.0, "accepted_pct": 0.0}, "not off"),
        ({"desired_pct": 0.0, "lit": False}, "off"),
        ({"local_control": "input"}, "local"),
        ({"pending": True, "lit": False}, "pending"),
        ({"lit": None}, "unknown"),
        ({"polled_ms": None}, "no value"),
        ({"stale": True, "lit": False}, "stale"),
        ({"locked": True, "stale": True}, "locked"),
    ],
)
def test_the_condition_of_a_circuit_in_a_word(values: dict[str, object], word: str) -> None:
    desk = FakeDesk(1)
    desk.change("C-0001", **values)  # type: ignore[arg-type]
    assert condition_of(desk.rows["C-0001"]).word == word


def test_a_circuit_never_seen_has_no_value() -> None:
    row = replace(FakeDesk(1).rows["C-0001"], state=None)
    assert condition_of(row).word == "no value"


def test_what_needs_a_person_comes_in_the_order_of_urgency() -> None:
    desk = FakeDesk(40, life="stopped", beat_age_s=240)
    desk.alarms = (
        AlarmState("bus_silent", "bus", "B-07", NOW_MS - 9, None, Fact("bus_silent")),
        AlarmState("road_dark", "circuit", "C-0003", NOW_MS - 5, None, Fact("road_dark")),
    )
    desk.problems = (Problem(Fact("unknown_program"), "circuits.csv", 7, "program"),)
    for number in range(8, 12):
        desk.change(f"C-{number:04d}", stale=True)
    desk.change("C-0020", locked=True)
    desk.change("C-0030", local_control="unexplained")
    found = [(need.kind, need.subject) for need in needs_of(desk.status(), desk.circuits())]
    assert found == [
        ("controller", ""),
        ("road dark", "C-0003"),
        ("bus silent", "B-07"),
        ("stale", "CB-02"),
        ("local control", "C-0030"),
        ("locked out", "C-0020"),
        ("site folder", ""),
    ]


def test_many_cabinets_with_the_same_trouble_are_one_line() -> None:
    desk = FakeDesk(40)
    for id_ in desk.rows:
        desk.change(id_, stale=True, polled_ms=NOW_MS - 60_000)
    needs = needs_of(desk.status(), desk.circuits())
    assert [need.what for need in needs] == [Fact("dashboard_many_stale", {"circuits": 40, "cabinets": 11})]
    assert needs[0].since_ms == NOW_MS - 60_000


def test_where_no_controller_ever_ran_that_alone_is_told() -> None:
    desk = FakeDesk(8, life="never_ran")
    for id_ in desk.rows:
        desk.change(id_, stale=True)
    assert [need.kind for need in needs_of(desk.status(), desk.circuits())] == ["controller"]


def test_an_edited_folder_is_one_line() -> None:
    """What the controller found of the folder when it began is said of the folder as it is now."""
    desk = FakeDesk(4)
    status = desk.status()
    begun = replace(status.controller, fault=Fact("folder_differs_revision_runs", {"revision": 1}))
    edited = replace(status, controller=begun, folder_differs=True)
    assert [need.kind for need in needs_of(edited, desk.circuits())] == ["site folder"]
    assert needs_of(replace(edited, folder_differs=False), desk.circuits()) == []


def test_an_alarm_of_local_control_is_not_told_twice() -> None:
    desk = FakeDesk(8)
    desk.change("C-0005", local_control="input")
    desk.alarms = (AlarmState("local_control", "cabinet", "CB-01", NOW_MS, None, Fact("local_control")),)
    assert [need.subject for need in needs_of(desk.status(), desk.circuits())] == ["CB-01"]


def test_a_thousand_lines_of_one_kind_do_not_bury_the_others() -> None:
    desk = FakeDesk(8)
    silent = tuple(
        AlarmState("bus_silent", "bus", f"B-{n:04d}", NOW_MS - n, None, Fact("bus_silent")) for n in range(2_500)
    )
    desk.alarms = (*silent, AlarmState("low_level", "circuit", "C-0003", NOW_MS, None, Fact("low_level")))
    needs = needs_of(desk.status(), desk.circuits())
    assert [(need.kind, need.folds) for need in needs] == [
        *[("bus silent", "")] * 6,
        ("bus silent", "bus silent"),
        ("low level", ""),
    ]
    assert needs[6].what == Fact("dashboard_more_of_kind", {"count": 2_494})
    assert len({need.id for need in needs}) == len(needs)
    assert len(needs_of(desk.status(), desk.circuits(), {"bus silent"})) == 2_501
