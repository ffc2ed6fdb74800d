"""A unit is told by its probe points; what cannot be told apart is said to be so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.bus import Bus, Priority
from drivers.errors import Rejected
from drivers.probe_strength import is_weak
from drivers.profile import IdentityCheck, Limits, Point, Profile
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.raw_reading import read_span
from drivers.scan import ProbeRead, base_profiles, checks_of, fit_of, ranked, reads_of, verdict_of
from drivers.simulator.line import SimulatedLine
from drivers.simulator.simulated_device import SimulatedDevice

BASES = base_profiles(built_in_profiles().values())


def point(name: str, address: int, **more: object) -> Point:
    settings = {"table": "holding", "data_type": "u16", "valid_min": 1.0, "valid_max": 100.0, **more}
    return Point(name, Quantity.OTHER, "", address=address, **settings)  # type: ignore[arg-type]


def profile(name: str, points: tuple[Point, ...], **more: object) -> Profile:
    template = BASES[0]
    plain: dict[str, object] = {"probe": "", "identity": (), "variants": (), "mode": None, "limits": Limits()}
    return replace(template, id=name, points=points, **{**plain, **more})  # type: ignore[arg-type]


MAKE = point("make", 200, valid_min=None, valid_max=None)
LEVEL = point("level", 10)
PLAIN = profile("plain", (LEVEL,), probe="level")
EXACT = profile("exact", (LEVEL, MAKE), probe="level", identity=(IdentityCheck("make", 77.0),))
AT_LEVEL, AT_MAKE = ProbeRead("holding", 10, 1), ProbeRead("holding", 200, 1)


def test_more_checks_that_fit_are_the_better_fit() -> None:
    fits = ranked(fit_of(each, {AT_LEVEL: (50,), AT_MAKE: (77,)}) for each in (PLAIN, EXACT))
    assert [fit.profile_id for fit in fits] == ["exact", "plain"]
    assert verdict_of(fits) == "one"


def test_another_make_leaves_only_the_profile_that_asks_for_none() -> None:
    fits = ranked(fit_of(each, {AT_LEVEL: (50,), AT_MAKE: (78,)}) for each in (PLAIN, EXACT))
    assert [(fit.profile_id, fit.fitted, fit.is_whole) for fit in fits] == [("plain", 1, True), ("exact", 1, False)]
    assert verdict_of(fits) == "one"


def test_equally_good_fits_are_ambiguous_and_none_is_none() -> None:
    twin = replace(PLAIN, id="twin")
    assert verdict_of(ranked(fit_of(each, {AT_LEVEL: (50,)}) for each in (PLAIN, twin))) == "ambiguous"
    assert verdict_of(ranked(fit_of(each, {AT_LEVEL: (500,)}) for each in (PLAIN, twin))) == "none", "out of range"
    assert verdict_of(ranked(fit_of(each, {AT_LEVEL: None}) for each in (PLAIN, twin))) == "none", "no such address"
    assert verdict_of(ranked([fit_of(EXACT, {AT_LEVEL: (50,), AT_MAKE: None})])) == "part"


def test_a_text_fits_when_it_begins_so() -> None:
    name = point("name", 300, data_type="string", register_count=6, valid_min=None, valid_max=None)
    named = profile("named", (name,), identity=(IdentityCheck("name", "WB-"),))
    read = ProbeRead("holding", 300, 6)
    assert fit_of(named, {read: tuple(b"WB-MR\0")}).is_whole
    assert not fit_of(named, {read: tuple(b"SDM630")}).is_whole
    assert not fit_of(named, {read: (0xFFFF,) * 6}).is_whole


def test_each_request_is_asked_once_under_the_most_careful_limits() -> None:
    slow = replace(PLAIN, id="slow", limits=Limits(pause_ms=50.0, timeout_ms=2000.0))
    reads = reads_of([PLAIN, slow, EXACT])
    assert list(reads) == [AT_LEVEL, AT_MAKE], "what most want comes first"
    assert (reads[AT_LEVEL].pause_ms, reads[AT_LEVEL].timeout_ms) == (50.0, 2000.0)


def test_whatever_is_asked_the_pause_is_that_which_the_unit_may_want() -> None:
    slow = replace(EXACT, id="slow", limits=Limits(pause_ms=50.0))
    quick = replace(PLAIN, id="quick", limits=Limits(pause_ms=5.0, timeout_ms=3000.0))
    assert {limits.pause_ms for limits in reads_of([PLAIN, slow]).values()} == {50.0}, "it may be any of them"
    known = reads_of([PLAIN, slow], [quick])
    assert list(known) == list(reads_of([PLAIN, slow])), "the same is asked"
    assert {(limits.pause_ms, limits.timeout_ms) for limits in known.values()} == {(5.0, 3000.0)}
    twice = reads_of([PLAIN], [quick, slow])
    assert {limits.pause_ms for limits in twice.values()} == {50.0}, "two rows of one unit"
    assert reads_of([]) == {}


@pytest.mark.parametrize(
    ("changes", "weak"),
    [
        ({}, True),
        ({"valid_min": 0.0, "valid_max": 1.0}, True),
        ({"valid_max": 1.0}, False),
        ({"valid_min": 45.0, "valid_max": 65.0}, False),
        ({"valid_min": None, "valid_max": None}, True),
    ],
)
def test_a_probe_point_that_fits_nearly_anything_is_weak(changes: dict[str, object], weak: bool) -> None:
    assert is_weak(profile("one", (point("level", 300, **changes),), identity=(IdentityCheck("level"),))) is weak


def test_what_must_read_one_thing_is_not_weak_and_more_checks_are_stronger() -> None:
    weak = point("level", 300)
    assert not is_weak(profile("exact", (weak,), identity=(IdentityCheck("level", 42.0),)))
    many = tuple(point(f"level_{at}", 300 + at) for at in range(3))
    assert not is_weak(profile("many", many, identity=tuple(IdentityCheck(each.name) for each in many)))
    assert not is_weak(profile("nothing", (weak,)))


def test_of_the_built_in_profiles_those_without_a_mark_of_their_own_are_weak() -> None:
    found = {each.id: is_weak(each) for each in BASES}
    assert found["intesis-dali-groups"], "two levels of 0 to 100"
    assert found["wb-mrps6"], "a supply voltage"
    assert not any(found[name] for name in ("sdm630", "wb-mao4", "wb-mr6c", "em24", "abb-b23"))


def test_variants_are_not_tried_for_their_base_is() -> None:
    assert not [each.id for each in BASES if "+" in each.id]
    assert all(checks_of(each) for each in BASES)


@pytest.mark.parametrize("wanted", [each.id for each in BASES])
async def test_every_profile_is_found_on_its_simulated_device_by_reading_alone(wanted: str) -> None:
    device = SimulatedDevice(built_in_profiles()[wanted], 7)
    line = SimulatedLine("127.0.0.1", 0, "tcp", [device])
    await line.start()
    bus = Bus("line", f"tcp://127.0.0.1:{line.port}")
    answers: dict[ProbeRead, tuple[int, ...] | None] = {}
    try:
        for read, limits in reads_of(BASES).items():
            try:
                answers[read] = await read_span(
                    bus, 7, read.table, read.address, read.count, limits=limits, priority=Priority.POLL
                )
            except Rejected:
                answers[read] = None
    finally:
        await bus.close()
        await line.close()
    fits = ranked(fit_of(each, answers) for each in BASES)
    assert wanted in {fit.profile_id for fit in fits if fit.is_whole}
    assert not device.writes
