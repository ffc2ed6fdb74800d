"""`lighting check` of what keeps a street lit without us: signed exceptions, and watchdogs that polls can feed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lighting.assets.fact import Problem
from lighting.assets.folder import read_accepted, read_site
from lighting.assets.model import FailsafeException, Site
from lighting.assets.poll_cycle import poll_cycles
from lighting.assets.template import template_texts

EXCEPTIONS = "failsafe_exceptions.csv"
HEADER = "circuit,cabinet,signed_by,date,reason,until\n"

KEPT = """\
schema_version = 1
id = "plain-relay"
name = "A relay that holds"
maker = "Nobody"
trust = "community"
sources = ["a test"]
channels = [{ id = "{n}", role = "relay", repeat = [{ as = "n", first = 1, count = 6 }] }]
points = [
  { name = "relay_{n}", quantity = "relay_closed", channel = "{n}", table = "coil", address = 0, type = "bit", writable = true, repeat = [{ as = "n", first = 1, count = 6, stride = 1 }] },
  { name = "fed", quantity = "status", table = "holding", address = 100, type = "u16", readable = READABLE, writable = true },
]
vectors = [{ point = "relay_1", raw = [1], value = 1 }, { point = "fed", raw = [1], value = 1 }]
[failsafe]
lost_master = "hold"
power_return = "hold"
"""  # noqa: E501


def edited(file: str, old: str, new: str, texts: dict[str, str] | None = None) -> dict[str, str]:
    texts = template_texts() if texts is None else texts
    assert old in texts[file], f"{old!r} is not in {file}"
    return {**texts, file: texts[file].replace(old, new, 1)}


def with_exceptions(*rows: str) -> dict[str, str]:
    return {**template_texts(), EXCEPTIONS: HEADER + "".join(f"{row}\n" for row in rows)}


def with_relay(failsafe: str, *, readable: bool = True) -> dict[str, str]:
    """The second cabinet with a relay of the site's own."""
    texts = edited("devices.csv", "CB02-R,CB02,CB02-bus,2,wb-mr6c", "CB02-R,CB02,CB02-bus,2,plain-relay")
    profile = KEPT.replace("READABLE", "true" if readable else "false") + failsafe
    return {**texts, "profiles/plain-relay.toml": profile}


def problems(texts: dict[str, str]) -> list[Problem]:
    return list(read_site(texts).problems)


def only(texts: dict[str, str]) -> Problem:
    found = problems(texts)
    assert len(found) == 1, found
    return found[0]


def example() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


# --- exceptions ---


def test_a_signed_exception_is_a_fact_of_the_site() -> None:
    reading = read_site(
        with_exceptions("C-0201,,A. Tran,2026-03-01,old controller,2026-12-31", ",CB01,B. Le,2026-03-01,test,")
    )
    assert reading.problems == ()
    assert reading.site is not None
    assert reading.site.failsafe_exceptions == (
        FailsafeException("C-0201", "", "A. Tran", "2026-03-01", "old controller", "2026-12-31"),
        FailsafeException("", "CB01", "B. Le", "2026-03-01", "test", ""),
    )


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (",,A. Tran,2026-03-01,why,", "exception_names_one", "circuit"),
        ("C-0201,CB02,A. Tran,2026-03-01,why,", "exception_names_one", "circuit"),
        ("C-0210,,A. Tran,2026-03-01,why,", "unknown_reference_nearest", "circuit"),
        (",CB03,A. Tran,2026-03-01,why,", "unknown_reference_nearest", "cabinet"),
        ("C-0201,,,2026-03-01,why,", "value_missing", "signed_by"),
        ("C-0201,,A. Tran,,why,", "value_missing", "date"),
        ("C-0201,,A. Tran,2026-03-01,,", "value_missing", "reason"),
        ("C-0201,,A. Tran,1 March,why,", "not_in_form", "date"),
        ("C-0201,,A. Tran,2026-03-01,why,2026-02-28", "exception_ends_before", "until"),
    ],
)
def test_an_exception_that_is_not_one(row: str, code: str, field: str) -> None:
    found = only(with_exceptions(row))
    assert (found.fact.code, found.field, found.file, found.line) == (code, field, EXCEPTIONS, 2)
    assert not found.is_warning


def test_two_exceptions_for_one_circuit_are_noticed() -> None:
    found = only(with_exceptions("C-0201,,A,2026-03-01,why,", "C-0201,,B,2026-03-02,why,"))
    assert (found.fact.code, found.line, found.is_warning) == ("exception_twice", 3, True)


# --- circuits nobody answers for ---


def test_a_circuit_that_nothing_can_keep_lit_is_a_warning_with_names_and_no_lockout_of_the_city() -> None:
    reading = read_site(with_relay(""))
    assert reading.site is not None
    (found,) = reading.problems
    assert found.is_warning
    assert found.fact.code == "circuits_not_lit_without_us"
    assert found.fact.values == {"circuits": 1, "of": 4, "names": "C-0201"}


def test_a_fallback_or_a_signature_answers_for_it() -> None:
    texts = with_relay("")
    assert problems(edited("cabinets.csv", "none,,", "photocell,,", texts)) == []
    assert problems({**texts, EXCEPTIONS: HEADER + "C-0201,,A. Tran,2026-03-01,replaced in May,\n"}) == []


def test_a_normally_closed_contact_does_not_answer_for_a_relay_that_holds() -> None:
    texts = edited("cabinets.csv", "none,,", "normally_closed_contact,,", with_relay(""))
    assert only(texts).fact.code == "circuits_not_lit_without_us"


# --- watchdogs ---


def test_a_poll_plan_that_cannot_feed_a_watchdog_is_refused_with_the_figure() -> None:
    found = only(edited("site.toml", "poll_s = 60.0", "poll_s = 90.0"))
    assert not found.is_warning
    assert (found.fact.code, found.file, found.field) == ("watchdog_not_fed", "site.toml", "control.poll_s")
    values = found.fact.values
    assert (values["watchdog_seconds"], values["poll_seconds"], values["tick_seconds"], values["devices"]) == (
        300.0,
        90.0,
        10.0,
        4,
    )
    assert values["bus"] == "CB02-bus"
    assert values["needed_seconds"] == pytest.approx(
        305.5, abs=0.1
    )  # three times 90 + 10 + 0.8 on the line + 1 for a dead one


@pytest.mark.parametrize(
    ("poll_s", "watchdog_s", "good"),
    [(60, 300, True), (88, 300, True), (89, 300, False), (60, 216, True), (60, 215, False)],
)
def test_the_limit_is_three_of_the_worst_cycles(poll_s: float, watchdog_s: float, good: bool) -> None:
    texts = edited("site.toml", "poll_s = 60.0", f"poll_s = {poll_s}.0")
    texts = edited("site.toml", "watchdog_s = 300.0", f"watchdog_s = {watchdog_s}.0", texts)
    assert (problems(texts) == []) is good


def test_a_revision_accepted_before_runs_on() -> None:
    reading = read_accepted(edited("site.toml", "poll_s = 60.0", "poll_s = 90.0"))
    assert reading.site is not None
    assert [p.is_warning for p in reading.problems] == [True]


@pytest.mark.parametrize(
    ("failsafe", "readable", "code", "is_warning"),
    [
        ('fed_by = "write"\nwatchdog_s = 300\n', True, "watchdog_fed_by_writes", False),
        ('fed_by = "register"\nfed_point = "fed"\nwatchdog_s = 300\n', False, "watchdog_fed_by_unread_register", False),
        ('fed_by = "unknown"\nwatchdog_s = 300\n', True, "watchdog_feed_unknown", True),
        ('fed_by = "any_request"\nwatchdog_s = 60\n', True, "watchdog_not_fed", False),
    ],
)
def test_a_watchdog_that_the_polls_do_not_feed(failsafe: str, readable: bool, code: str, is_warning: bool) -> None:
    found = {p.fact.code: p for p in problems(with_relay(failsafe, readable=readable))}
    assert code in found
    assert found[code].is_warning is is_warning


@pytest.mark.parametrize(
    "failsafe", ['fed_by = "register"\nfed_point = "fed"\nwatchdog_s = 300\n', 'fed_by = "none"\n', ""]
)
def test_a_watchdog_that_is_fed_or_is_not_there(failsafe: str) -> None:
    assert {p.fact.code for p in problems(with_relay(failsafe))} == {"circuits_not_lit_without_us"}


def test_a_slower_line_and_more_devices_make_a_longer_cycle() -> None:
    site = example()
    base = poll_cycles(site)["CB02-bus"]
    assert base.worst_s == pytest.approx(60 + 10 + base.line_s + 1)
    slow = {**site.buses, "CB02-bus": replace(site.buses["CB02-bus"], url="serial:///dev/ttyS0?baud=1200&parity=N")}
    fast = {**site.buses, "CB02-bus": replace(site.buses["CB02-bus"], url="serial:///dev/ttyS0?baud=115200&parity=N")}
    assert poll_cycles(replace(site, buses=slow))["CB02-bus"].line_s > base.line_s
    assert poll_cycles(replace(site, buses=fast))["CB02-bus"].line_s < base.line_s
    more = {**site.devices, "CB02-X": replace(site.devices["CB02-M"], id="CB02-X", unit_id=9)}
    assert poll_cycles(replace(site, devices=more))["CB02-bus"].line_s > base.line_s


# --- exceptions by the day ---

NOON_MS = 1_772_323_200_000
"""2026-03-01, 07:00 at the site."""


def codes_on(row: str) -> list[str]:
    return [problem.fact.code for problem in read_site(with_exceptions(row), at_ms=NOON_MS).problems]


def test_an_exception_that_has_ended_is_warned_of_in_its_line() -> None:
    row = "C-0201,,A. Tran,2025-01-01,old controller,2026-02-28"
    (problem,) = read_site(with_exceptions(row), at_ms=NOON_MS).problems
    assert problem.is_warning
    assert (problem.fact.code, problem.line, problem.field) == ("failsafe_exception_ended", 2, "until")
    assert problem.fact.values == {"subject": "C-0201", "until": "2026-02-28", "signed_by": "A. Tran"}
    assert codes_on("C-0201,,A. Tran,2025-01-01,old controller,2026-03-01") == []  # its last day is part of it
    assert only_without_a_clock(row) == []


def only_without_a_clock(row: str) -> list[Problem]:
    return list(read_site(with_exceptions(row)).problems)


def test_one_that_was_signed_anew_has_not_ended() -> None:
    old, new = "C-0201,,A. Tran,2025-01-01,old,2026-02-28", "C-0201,,A. Tran,2026-03-01,old,"
    assert "failsafe_exception_ended" not in codes_on(f"{old}\n{new}")
