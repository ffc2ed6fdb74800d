"""The desk says of every circuit whether it would stay lit without us, from the settings that the store holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from lighting.assets.fact import Fact
from lighting.assets.failsafe import CauseEffect, Effect
from lighting.assets.failsafe_settings import commissioned_values, outputs_by_device
from lighting.desk.desk import Desk
from lighting.desk.without_us_facts import head_facts, remedy, sentence
from lighting.store.failsafe_record import FoundSettings, found_settings
from lighting.store.records import FailsafeState
from lighting.store.store import Store
from lighting.wording.speech import say
from tests.lighting.desk.conftest import Controller, StandingClock, local_ms

CIRCUIT = "C-0201"


def commission(desk: Desk, store: Store, at_ms: int, **changed: float) -> None:
    """What a commissioning leaves in the store, with some settings of CB02-D as they drifted since."""
    outputs = outputs_by_device(desk.site)
    keys = store.keys.ensure("device", list(outputs), at_ms=at_ms)
    rows = []
    for device, of_device in outputs.items():
        good = commissioned_values(desk.site, device, of_device)
        read: Mapping[str, float] = {**good, **changed} if device == "CB02-D" else good
        found = FoundSettings(read, good, at_ms, "operator")
        rows.append(
            FailsafeState(keys[device], at_ms, verified=True, drift=bool(found.drifted()), found=found.as_json())
        )
    store.failsafes.put(rows)


def test_found_settings_go_into_the_store_and_back() -> None:
    found = FoundSettings({"watchdog": 300.0, "name": "x", "lost": None}, {"watchdog": 10.0}, 5, "A. Tran")
    assert found_settings(found.as_json()) == found
    assert found_settings({}) == FoundSettings()
    assert found.drifted() == ("watchdog",)
    assert FoundSettings({"watchdog": None}, {"watchdog": 10.0}).drifted() == ()


def test_before_anything_was_read_nobody_knows(desk: Desk) -> None:
    answer = desk.status().without_us
    assert answer is not None
    assert answer.counts["unknown"] == 1
    assert answer.counts["lit_by_fallback"] == 3
    assert (answer.devices, answer.not_commissioned_devices) == (4, 4)
    codes = [fact.code for fact in head_facts(answer)]
    assert codes == ["status_without_us", "status_without_us_unknown", "status_not_commissioned"]
    one = desk.circuit(CIRCUIT).without_us
    assert one is not None
    assert sentence(one).code == "without_us_never_read"
    assert (one.verified, one.commissioned, one.read_ms) == (False, False, None)


def test_commissioned_it_is_lit_and_says_how_it_is_known(desk: Desk, store: Store, clock: StandingClock) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"))
    answer = desk.status().without_us
    assert answer is not None
    assert (answer.counts["stays_lit"], answer.counts["lit_day_and_night"]) == (3, 1)
    assert answer.not_commissioned_devices == 0
    assert [fact.code for fact in head_facts(answer)] == ["status_without_us"]
    one = desk.why(CIRCUIT).without_us
    assert one is not None
    assert (one.verified, one.commissioned, one.changes, one.watchdog_s) == (True, True, (), 300.0)
    spoken = say(sentence(one), timezone="Asia/Ho_Chi_Minh", reference_ms=clock.now_ms())
    assert spoken == (
        "without us: lit at 100 % day and night, for nothing else switches it (watchdog 5 min, verified 12:00)"
    )


def test_what_drifted_is_told_in_words_and_a_circuit_that_goes_dark_by_name(desk: Desk, store: Store) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"), safety_action_1=0.0)
    answer = desk.status().without_us
    assert answer is not None
    assert answer.drifted_devices == ("CB02-D",)
    dark = next(fact for fact in head_facts(answer) if fact.code == "status_without_us_goes_dark")
    assert dark.values == {"circuits": 1, "of": 4, "names": CIRCUIT}
    one = desk.circuit(CIRCUIT).without_us
    assert one is not None
    assert [(d.point, d.found, d.expected) for d in one.drifted] == [("safety_action_1", "none", "level")]
    assert [change.point for change in one.changes] == ["safety_action_1"]
    assert sentence(one).values["lost_master"] == "hold"
    assert one.can_stay_lit
    assert remedy(desk.site.circuits[CIRCUIT], one) == Fact("without_us_commission", {"circuit": CIRCUIT})


def test_lit_under_its_floor_is_said_as_such_and_not_as_dark(desk: Desk, store: Store) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"), safety_level_1=20.0, power_on_level_1=20.0)
    answer = desk.status().without_us
    assert answer is not None
    assert answer.counts["goes_dark"] == 1  # it counts so
    assert [say(fact) for fact in head_facts(answer)][1] == (
        f"Lit below their floor without us: 1 of 4 circuits: {CIRCUIT}"
    )
    one = desk.circuit(CIRCUIT).without_us
    assert one is not None
    assert one.only_under_floor
    assert "lit at 20 %, under its floor of 36.4 %, which counts as dark" in say(sentence(one))
    (standing,) = (found for found in desk.standings() if found.circuit_id == CIRCUIT)
    assert standing.under_floor == ("lost_master", "power_return")
    assert standing.only_under_floor
    commission(desk, store, local_ms("2026-11-23T12:01"), power_on_level_1=20.0, safety_action_1=0.0)
    mixed = desk.circuit(CIRCUIT).without_us
    assert mixed is not None
    assert not mixed.only_under_floor
    assert "DARK (master silent: hold, supply returns: lit at 20 %, too low)" in say(sentence(mixed))


def test_where_only_the_lamp_bus_makes_it_dark_it_is_named(desk: Desk, store: Store) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"))
    one = desk.circuit(CIRCUIT).without_us
    assert one is not None
    by_bus = replace(
        one,
        verdict="goes_dark",
        effects=tuple(
            CauseEffect(e.cause, Effect("hold") if e.cause == "lost_lamp_bus" else e.effect) for e in one.effects
        ),
    )
    assert "DARK (master silent: lit, lamp bus lost: hold, supply returns: lit)" in say(sentence(by_bus))


def test_a_newer_reading_is_seen_at_once(desk: Desk, store: Store) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"))
    assert desk.circuit(CIRCUIT).without_us is not None
    commission(desk, store, local_ms("2026-11-23T12:01"), safety_action_1=0.0)
    one = desk.circuit(CIRCUIT).without_us
    assert one is not None
    assert one.verdict == "goes_dark"


def test_of_another_moment_nothing_is_said(desk: Desk, store: Store) -> None:
    assert desk.why(CIRCUIT, at_ms=local_ms("2026-11-24T01:00")).without_us is None


def test_a_lockout_says_what_the_devices_would_do_as_they_were_read(desk: Desk, store: Store) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"))
    said = desk.lock(desk.parse_scope(CIRCUIT), until_ms=None, reason="cable").warnings
    kinds = {(fact.values["lost_master"], fact.values["power_return"]) for fact in said if "lost_master" in fact.values}
    assert kinds == {("lit", "lit")}  # it may light up under the hands of the crew


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-24"])
def test_a_signed_exception_ends_with_its_day(desk: Desk, store: Store, clock: StandingClock, day: str) -> None:
    (desk.folder / "failsafe_exceptions.csv").write_text(
        "circuit,cabinet,signed_by,date,reason,until\nC-0201,,A. Tran,2026-01-01,old controller,2026-11-23\n"
    )
    desk.apply(note="signed")
    clock.at_ms = local_ms(f"{day}T20:00")
    one = desk.circuit(CIRCUIT).without_us
    assert one is not None
    assert one.verdict == ("excepted" if day == "2026-11-23" else "unknown")
    if one.verdict == "excepted":
        assert sentence(one).values["signed_by"] == "A. Tran"


def test_ten_thousand_circuits_are_looked_at_once(desk: Desk, store: Store) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"))
    first, second = desk.status().without_us, desk.status().without_us
    assert first is second


def test_every_circuit_stands_in_the_table_now_and_without_us(
    desk: Desk, store: Store, clock: StandingClock, controller: Controller
) -> None:
    commission(desk, store, local_ms("2026-11-23T12:00"))
    controller.put("C-0101", lit=True, accepted_pct=70.0)
    controller.put("C-0102", lit=True, accepted_pct=70.0, polled_ms=clock.now_ms() - 3_600_000)
    standings = desk.standings()
    assert [one.circuit_id for one in standings] == list(desk.site.circuits)
    assert [(one.lit, one.level_pct) for one in standings] == [(True, 70.0), *3 * [(None, None)]], "old is unknown"
    last = standings[-1]
    assert (last.verdict, last.effects["lost_lamp_bus"]) == ("lit_day_and_night", None)
    assert last.effects["lost_master"] == Effect("lit", 100.0)


@pytest.mark.parametrize("circuits", [1, 2, 10_000])
@pytest.mark.parametrize("code", ["status_without_us_goes_dark", "status_without_us_unknown"])
def test_the_head_lines_fit_any_number(code: str, circuits: int) -> None:
    said = say(Fact(code, {"circuits": circuits, "of": 10_000, "names": CIRCUIT}))
    assert said.endswith(f" without us: {circuits} of 10000 circuits: {CIRCUIT}")
