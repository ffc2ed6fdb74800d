"""What a circuit would do without us: the truth table, and that nothing but light is ever called lit."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.profile import Channel, Failsafe, FailsafeKind, Limits, Meaning, Mode, Point, Profile, Reaction
from drivers.quantity import Quantity
from lighting.assets.failsafe import (
    DARK,
    HOLD,
    UNKNOWN,
    Effect,
    Verdict,
    WithoutUs,
    assess,
    combined,
    counts,
)
from lighting.assets.failsafe_settings import commissioned_values, outputs_by_device
from lighting.assets.folder import read_site
from lighting.assets.model import FailsafeException, HardwareFallback, Site
from lighting.assets.template import template_texts
from tests.effort import examples

LIT = Effect("lit", 100.0)
DIM = Effect("lit", 60.0)
SOMEHOW = Effect("lit", None)
CIRCUIT, CABINET, RELAY, DIMMER = "C-0201", "CB02", "CB02-R", "CB02-D"
"""The circuit of the example that hangs on no hardware fallback."""


def example() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    circuit = replace(site.circuits[CIRCUIT], lowest_class="")  # its floor is the site's 30 %
    return replace(site, circuits={**site.circuits, CIRCUIT: circuit})


EXAMPLE = example()


@pytest.mark.parametrize(
    ("relay", "dimmer", "expected"),
    [
        (LIT, LIT, LIT),
        (LIT, DIM, DIM),
        (LIT, HOLD, HOLD),
        (LIT, DARK, DARK),
        (LIT, UNKNOWN, UNKNOWN),
        (LIT, SOMEHOW, SOMEHOW),
        (HOLD, LIT, HOLD),
        (HOLD, HOLD, HOLD),
        (HOLD, DARK, DARK),
        (HOLD, UNKNOWN, UNKNOWN),
        (DARK, LIT, DARK),
        (DARK, HOLD, DARK),
        (DARK, DARK, DARK),
        (DARK, UNKNOWN, DARK),
        (UNKNOWN, LIT, UNKNOWN),
        (UNKNOWN, HOLD, UNKNOWN),
        (UNKNOWN, DARK, DARK),
        (UNKNOWN, UNKNOWN, UNKNOWN),
        (None, LIT, LIT),
        (None, HOLD, HOLD),
        (LIT, None, LIT),
        (DARK, None, DARK),
        (None, None, UNKNOWN),
    ],
)
def test_contactor_and_dimmer_together(relay: Effect | None, dimmer: Effect | None, expected: Effect) -> None:
    assert combined(relay, dimmer) == expected


def fixed(
    relay: Reaction, dimmer: Reaction, *, fallback: HardwareFallback = "none", lamp_bus: Reaction | None = None
) -> Site:
    """The example with devices that do these things by themselves, on lost master and when power returns alike."""
    site = EXAMPLE
    profiles = dict(site.profiles)
    for name, reaction in (("wb-mr6c", relay), ("wb-mao4", dimmer)):
        failsafe = Failsafe(reaction, Reaction() if lamp_bus is None else lamp_bus, reaction, "any_request")
        profiles[name] = replace(profiles[name], failsafe=failsafe, mode=None)
    cabinet = replace(site.cabinets[CABINET], hardware_fallback=fallback)
    return replace(site, profiles=profiles, cabinets={**site.cabinets, CABINET: cabinet})


def of(site: Site, read: dict[str, dict[str, float | str | None]] | None = None) -> WithoutUs:
    return assess(site, read or {}, today="2026-11-25")[CIRCUIT]


def lit(level_pct: float | None = 100.0) -> Reaction:
    return Reaction("lit", level_pct)


def kind(name: FailsafeKind) -> Reaction:
    return Reaction(name)


@pytest.mark.parametrize(
    ("relay", "dimmer", "fallback", "expected"),
    [
        (lit(), lit(), "none", "lit_day_and_night"),
        (lit(), lit(), "photocell", "stays_lit"),
        (lit(), lit(), "astronomical_switch", "stays_lit"),
        (lit(), lit(), "normally_closed_contact", "lit_day_and_night"),
        (lit(), lit(30.0), "photocell", "stays_lit"),
        (lit(), lit(29.5), "photocell", "stays_lit"),  # within the dead band of the floor
        (lit(), lit(28.0), "none", "goes_dark"),  # under the floor is not lit
        (lit(), lit(28.0), "photocell", "goes_dark"),  # and a photocell cannot brighten it
        (lit(), lit(0.0), "none", "goes_dark"),
        (lit(), lit(None), "none", "unknown"),  # at a level that nobody knows
        (lit(), kind("hold"), "none", "goes_dark"),
        (lit(), kind("hold"), "photocell", "lit_by_fallback"),
        (kind("hold"), lit(), "none", "goes_dark"),
        (kind("hold"), lit(), "photocell", "lit_by_fallback"),
        (kind("hold"), lit(), "normally_closed_contact", "goes_dark"),  # it never drops
        (kind("dark"), lit(), "none", "goes_dark"),
        (kind("dark"), lit(), "normally_closed_contact", "lit_by_fallback"),
        (kind("unknown"), lit(), "none", "unknown"),
        (kind("unknown"), lit(), "normally_closed_contact", "unknown"),
        (kind("unknown"), kind("dark"), "none", "goes_dark"),
        (kind("unknown"), lit(), "astronomical_switch", "lit_by_fallback"),
    ],
)
def test_the_verdict(relay: Reaction, dimmer: Reaction, fallback: HardwareFallback, expected: Verdict) -> None:
    assert of(fixed(relay, dimmer, fallback=fallback)).verdict == expected


def test_the_worst_cause_rules_and_each_is_told_apart() -> None:
    site = fixed(lit(), lit())
    failsafe = replace(site.profiles["wb-mr6c"].failsafe, power_return=Reaction("hold"))
    relay = replace(site.profiles["wb-mr6c"], failsafe=failsafe)
    found = of(replace(site, profiles={**site.profiles, "wb-mr6c": relay}))
    assert found.verdict == "goes_dark"
    assert found.effect("lost_master") == LIT
    assert found.effect("power_return") == HOLD


@pytest.mark.parametrize(
    ("lamp_bus", "expected"),
    [
        (Reaction(), "lit_day_and_night"),  # the profile says nothing: shown as unknown, no part of the verdict
        (Reaction("hold"), "goes_dark"),
        (Reaction("lit", 100.0), "lit_day_and_night"),
        (Reaction("unknown", level=Quantity.SYSTEM_FAILURE_LEVEL), "unknown"),
    ],
)
def test_a_lost_lamp_bus_counts_where_the_profile_tells_of_it(lamp_bus: Reaction, expected: Verdict) -> None:
    found = of(fixed(lit(), lit(), lamp_bus=lamp_bus))
    assert found.verdict == expected


def test_a_signed_exception_covers_a_circuit_until_its_last_day() -> None:
    signed = FailsafeException("", CABINET, "A. Tran", "2026-01-01", "rebuilt in spring", until="2026-11-25")
    site = replace(fixed(kind("hold"), lit()), failsafe_exceptions=(signed,))
    assert of(site).verdict == "excepted"
    assert of(site).exception == signed
    assert assess(site, {}, today="2026-11-26")[CIRCUIT].verdict == "goes_dark"
    assert assess(site, {}, today="2026-11-25")["C-0101"].verdict != "excepted"


def test_a_signed_exception_counts_only_from_its_date_on() -> None:
    signed = FailsafeException("C-0201", "", "A. Tran", "2026-03-01", "old controller", "")
    site = replace(fixed(kind("hold"), lit()), failsafe_exceptions=(signed,))
    before, after = (assess(site, {}, today=day)["C-0201"].verdict for day in ("2026-02-28", "2026-03-01"))
    assert (before, after) == ("goes_dark", "excepted")


def test_an_exception_hides_nothing_that_is_lit() -> None:
    signed = FailsafeException(CIRCUIT, "", "A. Tran", "2026-01-01", "old controller")
    site = replace(fixed(lit(), lit(), fallback="photocell"), failsafe_exceptions=(signed,))
    assert of(site).verdict == "stays_lit"


def commissioned(site: Site) -> dict[str, dict[str, float | str | None]]:
    return {
        device: dict(commissioned_values(site, device, outputs)) for device, outputs in outputs_by_device(site).items()
    }


def test_never_read_is_unknown_and_commissioned_is_lit() -> None:
    assert of(EXAMPLE).verdict == "unknown"
    found = of(EXAMPLE, commissioned(EXAMPLE))
    assert (found.verdict, found.level_pct, found.watchdog_s) == ("lit_day_and_night", 100.0, 300.0)


@pytest.mark.parametrize(
    ("device", "point", "value", "expected"),
    [
        (RELAY, "safety_action_1", 0.0, "goes_dark"),  # holds
        (RELAY, "safety_state_1", 0.0, "goes_dark"),
        (RELAY, "power_on_action", 1.0, "goes_dark"),
        (RELAY, "power_on_action", 2.0, "unknown"),  # as its inputs say
        (RELAY, "power_on_action", 7.0, "unknown"),  # a choice that the profile does not know
        (RELAY, "watchdog", 0.0, "goes_dark"),  # it never notices
        (RELAY, "watchdog", None, "unknown"),
        (DIMMER, "safety_action_1", 1.0, "goes_dark"),
        (DIMMER, "safety_action_1", 2.0, "unknown"),  # comes on at its last level
        (DIMMER, "safety_level_1", 10.0, "goes_dark"),
        (DIMMER, "power_on_level_1", None, "unknown"),
        (DIMMER, "power_on_action_1", 0.0, "goes_dark"),
    ],
)
def test_one_setting_that_is_otherwise(device: str, point: str, value: float | None, expected: Verdict) -> None:
    read = commissioned(EXAMPLE)
    read[device] = {**read[device], point: value}
    assert of(EXAMPLE, read).verdict == expected


def test_a_device_in_another_mode_than_its_profile_says_is_unknown() -> None:
    profile = EXAMPLE.profiles["wb-mao4"]
    site = replace(EXAMPLE, profiles={**EXAMPLE.profiles, "wb-mao4": replace(profile, mode=Mode("output_mode", 1))})
    read = commissioned(site)
    del read[DIMMER]["output_mode"]
    assert of(site, read).verdict == "unknown"
    read[DIMMER]["output_mode"] = 1.0
    assert of(site, read).verdict == "lit_day_and_night"
    read[DIMMER]["output_mode"] = 0.0
    assert of(site, read).verdict == "unknown"
    assert of(site, read).wrong_mode == (DIMMER,)


def test_every_verdict_is_counted() -> None:
    found = counts(assess(EXAMPLE, {}, today="").values())
    assert found["lit_by_fallback"] == 3
    assert found["unknown"] == 1
    assert sum(found.values()) == len(EXAMPLE.circuits)


# --- whatever a device is made of, only light is called lit ---

MEANINGS = st.sampled_from(get_args(Meaning))
REACTIONS = st.builds(
    Reaction,
    kind=st.sampled_from(get_args(FailsafeKind)),
    level_pct=st.none() | st.sampled_from([0.0, 10.0, 50.0, 100.0]),
    action=st.none() | st.just(Quantity.SAFETY_ACTION),
    meanings=st.dictionaries(st.integers(0, 4), MEANINGS, max_size=5),
    level=st.none() | st.just(Quantity.SAFETY_LEVEL),
)
VALUES = st.none() | st.sampled_from([0.0, 1.0, 2.0, 3.0, 29.0, 30.0, 100.0])
SETTINGS = st.dictionaries(st.sampled_from(["action", "level", "watchdog"]), VALUES)
FALLBACKS = st.sampled_from(get_args(HardwareFallback))


def device_of(role: str, lost_master: Reaction, power_return: Reaction, watchdog: Quantity | None) -> Profile:
    def setting(name: str, quantity: Quantity, address: int) -> Point:
        return Point(name, quantity, "", "holding", address, "u16", writable=True, point_class="setting")

    return Profile(
        id=role,
        name=role,
        maker="",
        trust="vendor",
        sources=(),
        points=(
            setting("action", Quantity.SAFETY_ACTION, 0),
            setting("level", Quantity.SAFETY_LEVEL, 1),
            setting("watchdog", Quantity.WATCHDOG_TIMEOUT, 2),
        ),
        channels=(Channel("1", "relay" if role == "wb-mr6c" else "dimmer"),),
        limits=Limits(),
        failsafe=Failsafe(lost_master, Reaction(), power_return, "any_request", watchdog=watchdog),
        vectors=(),
    )


def really_lit(reaction: Reaction, values: dict[str, float | None], *, is_relay: bool) -> bool:
    """The rule again, as plainly as can be: the choice says lit, and at a level of 30 % or more that is known."""
    if not reaction.can_be_set:
        means, level_pct = reaction.kind, reaction.level_pct
    elif reaction.action is not None:
        choice = values.get("action")
        means_of_choice = "unknown" if choice is None else reaction.meanings.get(int(choice), "unknown")
        if means_of_choice == "level":
            level = values.get("level") if reaction.level is not None else None
            return level is not None and (level > 0 if is_relay else level >= 29.0)
        means, level_pct = means_of_choice, reaction.level_pct
    else:
        level = values.get("level")
        return level is not None and (level > 0 if is_relay else level >= 29.0)
    if means != "lit" or level_pct == 0.0:
        return False
    return is_relay or (level_pct is not None and level_pct >= 29.0)


@settings(max_examples=examples(400))
@given(
    relay=st.tuples(REACTIONS, REACTIONS),
    dimmer=st.tuples(REACTIONS, REACTIONS),
    watchdog=st.none() | st.just(Quantity.WATCHDOG_TIMEOUT),
    of_relay=SETTINGS,
    of_dimmer=SETTINGS,
    fallback=FALLBACKS,
)
def test_only_what_is_lit_by_every_road_is_called_lit(
    relay: tuple[Reaction, Reaction],
    dimmer: tuple[Reaction, Reaction],
    watchdog: Quantity | None,
    of_relay: dict[str, float | None],
    of_dimmer: dict[str, float | None],
    fallback: HardwareFallback,
) -> None:
    profiles = {
        **EXAMPLE.profiles,
        "wb-mr6c": device_of("wb-mr6c", *relay, watchdog),
        "wb-mao4": device_of("wb-mao4", *dimmer, watchdog),
    }
    cabinet = replace(EXAMPLE.cabinets[CABINET], hardware_fallback=fallback)
    site = replace(EXAMPLE, profiles=profiles, cabinets={**EXAMPLE.cabinets, CABINET: cabinet})
    found = assess(site, {RELAY: of_relay, DIMMER: of_dimmer}, today="")[CIRCUIT]
    watched = watchdog is None or all((values.get("watchdog") or 0.0) > 0 for values in (of_relay, of_dimmer))
    lit_everywhere = watched and all(
        really_lit(reaction, values, is_relay=is_relay)
        for reactions, values, is_relay in ((relay, of_relay, True), (dimmer, of_dimmer, False))
        for reaction in reactions
    )
    assert (found.verdict in ("stays_lit", "lit_day_and_night")) == lit_everywhere
    if fallback == "none":
        assert found.verdict != "lit_by_fallback"
        assert found.verdict != "stays_lit"
