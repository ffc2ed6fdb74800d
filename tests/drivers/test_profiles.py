"""The device types that ship: what they say of themselves holds both ways."""

from __future__ import annotations

import pytest

from drivers.codec import SampleQuality, decode
from drivers.profile import Point, Profile, TestVector
from drivers.profile_check import vector_holds
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.read_plan import plan_reads

PROFILES = built_in_profiles()
EVERY = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
VECTORS = [(profile, vector) for profile in PROFILES.values() for vector in profile.vectors]

CHANNELS = {
    "wb-mao4": {"dimmer": ["1", "2", "3", "4"], "input": ["in1", "in2", "in3"]},
    "wb-mr6c": {"relay": [str(n) for n in range(1, 7)], "input": [f"in{n}" for n in range(7)]},
    "wb-mcm8": {"input": [f"in{n}" for n in range(1, 9)], "counter": [str(n) for n in range(1, 9)]},
    "intesis-dali-groups": {"dimmer": [f"c{c}g{g}" for c in range(2) for g in range(16)]},
    "sdm120": {"meter": ["total"]},
    "sdm630": {"meter": ["total", "L1", "L2", "L3"]},
}


def test_the_device_types_and_their_channels() -> None:
    found = {
        profile.id: {
            role: [channel.id for channel in profile.channels if channel.role == role]
            for role in dict.fromkeys(channel.role for channel in profile.channels)
        }
        for profile in PROFILES.values()
    }
    assert found == CHANNELS


@pytest.mark.parametrize(
    ("profile", "vector"), VECTORS, ids=[f"{profile.id}-{vector.point}-{vector.value}" for profile, vector in VECTORS]
)
def test_a_vector_holds_both_ways(profile: Profile, vector: TestVector) -> None:
    point = next(point for point in profile.points if point.name == vector.point)
    assert vector_holds(point, vector)
    if vector.value is not None:
        assert decode(point, vector.raw).quality is SampleQuality.GOOD


@EVERY
def test_every_kind_of_value_of_a_type_has_a_vector(profile: Profile) -> None:
    shown = {point.name: (point.data_type, point.scale) for point in profile.points}
    assert {shown[vector.point] for vector in profile.vectors} == set(shown.values())


@EVERY
def test_every_channel_has_the_point_its_role_promises(profile: Profile) -> None:
    promised = {
        "dimmer": Quantity.DIM_LEVEL,
        "relay": Quantity.RELAY_CLOSED,
        "meter": Quantity.ACTIVE_POWER,
        "input": Quantity.INPUT_ACTIVE,
        "counter": Quantity.PULSE_COUNT,
    }
    for channel in profile.channels:
        point = profile.point(promised[channel.role], channel.id)
        assert point is not None
        assert point.poll == "fast"
        assert point.writable == (channel.role in ("dimmer", "relay"))
        if channel.role == "meter":
            assert profile.point(Quantity.ENERGY_IMPORT, channel.id) is not None


@EVERY
def test_nothing_that_wears_out_is_live(profile: Profile) -> None:
    live = {Quantity.DIM_LEVEL, Quantity.OUTPUT_ON, Quantity.RELAY_CLOSED}
    assert {point.quantity for point in profile.points if point.writable and point.point_class == "live"} <= live


@EVERY
def test_a_poll_is_few_requests_inside_the_limits(profile: Profile) -> None:
    fast = [point for point in profile.points if point.poll == "fast"]
    blocks = plan_reads(fast, profile.limits)
    assert len(blocks) <= (32 if profile.id == "intesis-dali-groups" else 6)


def test_a_relay_is_verified_by_its_contact() -> None:
    relay = PROFILES["wb-mr6c"].point(Quantity.RELAY_CLOSED, "3")
    contact = PROFILES["wb-mr6c"].point(Quantity.CONTACT_CLOSED, "3")
    assert relay is not None
    assert contact is not None
    assert relay.verify == contact.name
    assert (contact.table, contact.address) == ("discrete", 98)


def test_a_dali_line_carries_64_drivers() -> None:
    assert {channel.max_lamps for channel in PROFILES["intesis-dali-groups"].channels} == {64}


def test_a_vector_that_lies_is_seen() -> None:
    level = PROFILES["wb-mao4"].point(Quantity.DIM_LEVEL, "1")
    assert level is not None
    assert vector_holds(level, TestVector(level.name, (60,), 60))
    assert not vector_holds(level, TestVector(level.name, (60,), 61))
    assert not vector_holds(level, TestVector(level.name, (0, 60), 60))


def test_a_vector_of_a_field_or_a_curve() -> None:
    field = Point("f", Quantity.OTHER, "", "holding", 0, "u16", bits=(4, 4))
    assert vector_holds(field, TestVector("f", (0xFFA7,), 10))
    curve = Point("l", Quantity.DIM_LEVEL, "1", "holding", 0, "u16", curve="dali_log")
    assert vector_holds(curve, TestVector("l", (170,), 10.1))
    assert vector_holds(curve, TestVector("l", (255,), None))
    assert not vector_holds(curve, TestVector("l", (170,), 10.3))
    assert not vector_holds(curve, TestVector("l", (171,), 10.1))
