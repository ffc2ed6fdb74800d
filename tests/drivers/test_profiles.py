"""The device types that ship: what they say of themselves holds both ways.

The vectors stand in the profiles; their registers were made with ``struct`` and by hand, not with our codec.
"""

from __future__ import annotations

import struct

import pytest

from drivers.codec import UNKNOWN, SampleQuality, decode, encode
from drivers.errors import Rejected
from drivers.profile import WHOLE_DEVICE, FunctionCode, Point, Profile, TestVector
from drivers.profile_check import vector_holds
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.read_plan import plan_reads

PROFILES = built_in_profiles()
EVERY = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
VECTORS = [(profile, vector) for profile in PROFILES.values() for vector in profile.vectors]

THREE_PHASES = {"meter": ["total", "L1", "L2", "L3"]}
NUMBERED = {count: [str(n) for n in range(1, count + 1)] for count in (3, 4, 6, 8, 16, 30)}
INPUTS = {count: [f"in{n}" for n in range(1, count + 1)] for count in (3, 8)}
CHANNELS = {
    "abb-b23": THREE_PHASES,
    "arlight-dali-logic": {"dimmer": [*(f"d{n}" for n in range(64)), *(f"g{n}" for n in range(16))]},
    "ecodim-dali-gw2": {"dimmer": [f"d{n}" for n in range(64)], "relay": ["r1", "r2"]},
    "em24": THREE_PHASES,
    "ge-a-series": {"relay": NUMBERED[16]},
    "iem3155": THREE_PHASES,
    "intesis-dali-groups": {"dimmer": [f"c{c}g{g}" for c in range(2) for g in range(16)]},
    "intesis-dali-lamps": {"dimmer": [f"c{c}s{s}" for c in range(2) for s in range(64)]},
    "ledsc4": {"dimmer": NUMBERED[4]},
    "pzem-016": {"meter": ["total"]},
    "sdm120": {"meter": ["total"]},
    "sdm630": THREE_PHASES,
    "sen0644": {"sensor": ["1"]},
    "sen0644+lux": {"sensor": ["1"]},
    "waveshare-relay-30": {"relay": NUMBERED[30]},
    "waveshare-relay-8": {"relay": NUMBERED[8]},
    "waveshare-relay-d": {"relay": NUMBERED[8], "input": INPUTS[8]},
    "wb-mao4": {"dimmer": NUMBERED[4], "input": INPUTS[3]},
    "wb-mao4+pwm": {"dimmer": NUMBERED[4], "input": INPUTS[3]},
    "wb-map12e": {"meter": [*(f"c{c}" for c in range(1, 5)), *(f"c{c}L{n}" for c in range(1, 5) for n in range(1, 4))]},
    "wb-map3e": THREE_PHASES,
    "wb-mcm8": {"input": INPUTS[8], "counter": NUMBERED[8]},
    "wb-mdm3": {"dimmer": NUMBERED[3]},
    "wb-mr6c": {"relay": NUMBERED[6], "input": [f"in{n}" for n in range(7)]},
    "wb-mrps6": {"relay": NUMBERED[6]},
    "wb-ms2": {"sensor": ["1"]},
    "wb-msw4": {"sensor": ["1"]},
}


def point_of(profile_id: str, name: str) -> Point:
    point = PROFILES[profile_id].point_named(name)
    assert point is not None, name
    return point


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
    ("profile", "vector"), VECTORS, ids=[f"{p.id}-{v.point}-{v.value}-{v.raw[-1]}" for p, v in VECTORS]
)
def test_a_vector_holds_both_ways(profile: Profile, vector: TestVector) -> None:
    point = next(point for point in profile.points if point.name == vector.point)
    sample = decode(point, vector.raw)
    if vector.value is None:
        assert sample == UNKNOWN
        return
    assert sample.quality is not SampleQuality.UNKNOWN
    if isinstance(vector.value, str):
        assert sample.value == vector.value
    else:
        assert sample.value == pytest.approx(vector.value, abs=0.05 if point.curve != "linear" else 0, rel=0)
    if point.bits is None:
        assert encode(point, vector.value, check_range=False) == vector.raw


def kind(point: Point) -> tuple[object, ...]:
    """What makes two points be decoded alike."""
    is_long = point.register_count > 1 and point.data_type != "string"
    order = point.word_order if is_long else ""
    names = (tuple(point.enumeration), tuple(point.flags.items()))
    field = point.bits is not None
    return (point.data_type, point.scale, point.offset, order, point.byte_order, field, names, point.curve)


@EVERY
def test_every_kind_of_point_has_a_vector(profile: Profile) -> None:
    kinds = {point.name: kind(point) for point in profile.points}
    assert {kinds[vector.point] for vector in profile.vectors} == set(kinds.values())


@EVERY
def test_every_sign_of_no_value_has_a_vector(profile: Profile) -> None:
    signs = {p.name: (kind(p), p.sentinels) for p in profile.points if p.sentinels}
    assert {signs[v.point] for v in profile.vectors if v.value is None and v.point in signs} == set(signs.values())


@EVERY
def test_every_signed_type_is_seen_below_zero(profile: Profile) -> None:
    signed = {p.data_type for p in profile.points if p.data_type.startswith("s") and p.data_type != "string"}
    numbers = [v for v in profile.vectors if isinstance(v.value, float | int) and v.value < 0]
    seen = {p.data_type for p in profile.points for v in numbers if v.point == p.name}
    assert signed <= seen


@EVERY
def test_where_it_comes_from_and_how_it_is_told_from_others(profile: Profile) -> None:
    assert profile.sources
    assert profile.trust in ("vendor", "community"), "none of them was verified on hardware"
    assert profile.notes
    assert profile.failsafe.notes
    probe = profile.point_named(profile.probe)
    assert probe is not None
    assert probe.readable
    assert probe.valid_min is not None
    assert probe.valid_max is not None
    assert profile.identity
    assert {check.point for check in profile.identity} <= {point.name for point in profile.points if point.readable}


PROMISED = {
    "dimmer": Quantity.DIM_LEVEL,
    "relay": Quantity.RELAY_CLOSED,
    "meter": Quantity.ACTIVE_POWER,
    "input": Quantity.INPUT_ACTIVE,
    "counter": Quantity.PULSE_COUNT,
    "sensor": Quantity.ILLUMINANCE,
}


@EVERY
def test_every_channel_has_the_point_its_role_promises(profile: Profile) -> None:
    for channel in profile.channels:
        point = profile.point(PROMISED[channel.role], channel.id)
        assert point is not None
        assert point.poll == "fast"
        assert point.writable == (channel.role in ("dimmer", "relay"))
        if channel.role == "meter":
            assert profile.point(Quantity.ENERGY_IMPORT, channel.id) is not None


@EVERY
def test_nothing_that_wears_out_is_live(profile: Profile) -> None:
    live = {Quantity.DIM_LEVEL, Quantity.OUTPUT_ON, Quantity.RELAY_CLOSED}
    written = [point for point in profile.points if point.writable]
    assert {point.quantity for point in written if point.point_class == "live"} <= live
    for point in written:
        if point.point_class == "setting":
            assert point.min_interval_s is not None
            assert point.daily_budget is not None
            # 100,000 writes are the least that such a memory bears: five years of the worst day.
            assert point.daily_budget * 365 * 5 < 100_000


@EVERY
def test_acts_are_commands_and_links_are_not_changed(profile: Profile) -> None:
    for point in profile.points:
        if point.writable and (point.quantity is Quantity.COMMAND or not point.readable):
            assert point.point_class in ("command", "setting")
        if point.quantity is Quantity.COMMAND:
            assert point.point_class == "command"
        if point.quantity in (Quantity.BAUD_RATE, Quantity.UNIT_ID):
            assert not point.writable


READ_BY: dict[str, FunctionCode] = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}
WRITTEN_BY: dict[str, FunctionCode] = {"coil": 5, "holding": 6}


@EVERY
def test_the_function_codes_are_those_that_its_points_need(profile: Profile) -> None:
    known = set(profile.limits.functions)
    assert {READ_BY[point.table] for point in profile.points if point.readable} <= known
    assert {WRITTEN_BY[point.table] for point in profile.points if point.writable} <= known


@EVERY
def test_what_a_channel_is_polled_for_is_few_requests(profile: Profile) -> None:
    for channel in profile.channels:
        fast = [p for p in profile.points if p.poll == "fast" and p.readable and p.channel == channel.id]
        assert 1 <= len(plan_reads(fast, profile.limits)) <= 5


@EVERY
def test_a_poll_of_everything_stays_inside_the_limits(profile: Profile) -> None:
    for block in plan_reads([point for point in profile.points if point.readable], profile.limits):
        is_bits = block.table in ("coil", "discrete")
        limits = profile.limits
        assert block.count <= (limits.max_bits_per_read if is_bits else limits.max_registers_per_read)


@EVERY
def test_what_cannot_be_read_is_never_polled(profile: Profile) -> None:
    assert {point.poll for point in profile.points if not point.readable} <= {"never"}


# --- what each is known for ---


def test_a_relay_is_verified_by_its_contact() -> None:
    relay = PROFILES["wb-mr6c"].point(Quantity.RELAY_CLOSED, "3")
    contact = PROFILES["wb-mr6c"].point(Quantity.CONTACT_CLOSED, "3")
    assert relay is not None
    assert contact is not None
    assert relay.verify == contact.name
    assert (contact.table, contact.address) == ("discrete", 98)


def test_a_dali_line_carries_64_drivers() -> None:
    assert {channel.max_lamps for channel in PROFILES["intesis-dali-groups"].channels} == {64}
    assert {channel.max_lamps for channel in PROFILES["intesis-dali-lamps"].channels} == {1}


@pytest.mark.parametrize("arc_and_light", [(0, 0.0), (1, 0.10), (127, 3.1), (170, 10.1), (229, 50.5), (254, 100.0)])
@pytest.mark.parametrize("name", ["ecodim-dali-gw2", "arlight-dali-logic"])
def test_a_dali_level_is_light_and_no_change_is_never_sent(name: str, arc_and_light: tuple[int, float]) -> None:
    level = point_of(name, "level_5")
    arc, light = arc_and_light
    assert decode(level, [arc]).value == pytest.approx(light, abs=0.05)
    value = decode(level, [arc]).value
    assert value is not None
    assert encode(level, value) == (arc,)
    assert decode(level, [255]) == UNKNOWN
    assert PROFILES[name].level_meaning == "light"
    assert level.address_written != level.address
    with pytest.raises(Rejected):
        encode(level, 100.5)


def test_two_word_orders_in_one_meter() -> None:
    power, energy = point_of("wb-map3e", "active_power"), point_of("wb-map3e", "energy_import")
    assert (power.address, energy.address) == (0x1300, 0x1200)
    assert decode(power, struct.unpack(">2H", struct.pack(">i", -200_000))).value == -1024.0
    low_word_first = struct.unpack(">4H", struct.pack(">Q", 12_345_678))[::-1]
    assert decode(energy, low_word_first).value == 123.45678
    peak = point_of("wb-map3e", "peak_current_L2")
    assert decode(peak, struct.unpack(">2H", struct.pack(">i", -5))[::-1]).value == -0.08


def test_long_values_at_odd_addresses() -> None:
    current, power, energy = (point_of("pzem-016", name) for name in ("current", "active_power", "energy_import"))
    assert [point.address for point in (current, power, energy)] == [1, 3, 5]
    assert decode(current, (4964, 1)).value == 70.5
    (block,) = plan_reads(PROFILES["pzem-016"].points, PROFILES["pzem-016"].limits)
    assert (block.address, block.count) == (0, 9)


def test_low_word_first() -> None:
    voltage = point_of("em24", "voltage_L1")
    assert decode(voltage, (2301, 0)).value == 230.1
    assert decode(voltage, (0, 2301)).quality is SampleQuality.OUT_OF_RANGE


def test_what_a_meter_does_not_have_is_unknown_and_not_huge() -> None:
    assert decode(point_of("abb-b23", "energy_export"), (0xFFFF,) * 4) == UNKNOWN
    assert decode(point_of("abb-b23", "active_power"), (0x7FFF, 0xFFFF)) == UNKNOWN
    assert decode(point_of("abb-b23", "active_power"), (0xFFFF, 0xFFFF)).value == -0.01
    assert decode(point_of("abb-b23", "energy_import"), (0, 232, 54437, 4096)).value == 10_000_000_000


def test_power_in_kilowatts_and_energy_in_watt_hours() -> None:
    assert decode(point_of("iem3155", "active_power"), struct.unpack(">2H", struct.pack(">f", -1.5))).value == -1500
    assert decode(point_of("iem3155", "energy_import"), (0, 0, 0, 1500)).value == 1.5
    assert point_of("iem3155", "voltage_L1").address == 3027, "the manual's 3028"


def test_groups_of_a_meter_lie_4096_apart() -> None:
    assert [point_of("wb-map12e", f"c{c}_active_power_L2").address for c in range(1, 5)] == [
        0x1304,
        0x2304,
        0x3304,
        0x4304,
    ]


def test_a_coil_can_only_be_written_on_or_off() -> None:
    relay = point_of("waveshare-relay-8", "relay_1")
    assert encode(relay, 1.0) == (1,)
    with pytest.raises(Rejected):
        encode(relay, 0x5500)


def test_another_output_mode_is_another_profile() -> None:
    analog, pwm = PROFILES["wb-mao4"], PROFILES["wb-mao4+pwm"]
    assert analog.mode is not None
    assert pwm.mode is not None
    assert (analog.mode.point, analog.mode.raw, pwm.mode.raw) == ("output_mode", 1, 0)
    assert pwm.point(Quantity.OUTPUT_VOLTAGE, "1") is None
    assert pwm.point(Quantity.DIM_LEVEL, "1") == analog.point(Quantity.DIM_LEVEL, "1")
    plain = PROFILES["sen0644+lux"].point(Quantity.ILLUMINANCE, "1")
    assert plain is not None
    assert decode(plain, (0, 500)).value == 500


@pytest.mark.parametrize(
    ("name", "fixed"),
    [("waveshare-relay-8", "hold"), ("ecodim-dali-gw2", "hold"), ("intesis-dali-groups", "unknown")],
)
def test_what_they_do_when_the_master_is_gone(name: str, fixed: str) -> None:
    lost = PROFILES[name].failsafe.lost_master
    assert (lost.kind, lost.can_be_set) == (fixed, False)


@pytest.mark.parametrize("name", ["wb-mao4", "wb-mdm3", "wb-mr6c"])
def test_a_failsafe_that_can_be_set_has_all_its_registers(name: str) -> None:
    profile = PROFILES[name]
    assert profile.failsafe.fed_by == "any_request"
    assert profile.failsafe.watchdog is Quantity.WATCHDOG_TIMEOUT
    for channel in (c.id for c in profile.channels if c.role in ("dimmer", "relay")):
        for reaction in (profile.failsafe.lost_master, profile.failsafe.power_return):
            assert reaction.kind == "unknown", "nothing is promised before its settings were read"
            assert reaction.action is not None
            assert reaction.level is not None
            action, level = profile.setting_of(reaction.action, channel), profile.setting_of(reaction.level, channel)
            assert action is not None
            assert level is not None
            assert set(action.enumeration) == set(reaction.meanings)
            assert (action.writable, level.writable) == (True, True)
            assert level.write_max == 100


def test_losing_the_dali_bus_is_not_losing_the_master() -> None:
    for name in ("intesis-dali-groups", "intesis-dali-lamps"):
        failsafe = PROFILES[name].failsafe
        assert failsafe.lost_lamp_bus.level is Quantity.SYSTEM_FAILURE_LEVEL
        assert failsafe.power_return.level is Quantity.POWER_ON_LEVEL
        assert not failsafe.lost_master.can_be_set


# --- a map read one register off ---

TYPICAL = {
    Quantity.VOLTAGE: 230.5,
    Quantity.CURRENT: 1.5,
    Quantity.ACTIVE_POWER: 345.0,
    Quantity.FREQUENCY: 49.98,
    Quantity.POWER_FACTOR: 0.97,
    Quantity.ENERGY_IMPORT: 1234.5,
    Quantity.SUPPLY_VOLTAGE: 24.1,
    Quantity.ILLUMINANCE: 20000.0,
    Quantity.MCU_VOLTAGE: 3.3,
    Quantity.UNIT_ID: 17.0,
}
NOT_TOLD_APART = {
    "arlight-dali-logic": "levels and status bytes only, none of which is odd one register off",
    "ecodim-dali-gw2": "small counts and states beside each other",
    "ge-a-series": "states beside each other",
    "intesis-dali-groups": "levels among levels",
    "intesis-dali-lamps": "levels among levels",
}


def wire_image(profile: Profile) -> dict[tuple[str, int], int]:
    """Registers of a unit that is at work, 0 where nothing is known."""
    image: dict[tuple[str, int], int] = {}
    expected = {check.point: check.equals for check in profile.identity if check.equals is not None}
    for point in profile.points:
        if point.bits is not None or not point.readable:
            continue
        value: float | str = TYPICAL.get(point.quantity, 0.0)
        if profile.id.startswith("wb-map") and point.quantity is Quantity.SUPPLY_VOLTAGE:
            value = 5.0
        if profile.id.startswith("waveshare") and point.quantity is Quantity.FIRMWARE_VERSION:
            value = 2.0
        if point.name == "acquisition_level":
            value = 5.0
        value = expected.get(point.name, "2.9.1" if point.data_type == "string" else value)
        try:
            words = encode(point, value, check_range=False)
        except Rejected:
            words = (next(iter(point.enumeration), 0),)
        image |= {(point.table, point.address + at): word for at, word in enumerate(words)}
    return image


def is_recognised(profile: Profile, image: dict[tuple[str, int], int], off: int) -> bool:
    for check in profile.identity:
        point = profile.point_named(check.point)
        assert point is not None
        raw = [image.get((point.table, point.address + off + at), 0) for at in range(point.register_count)]
        sample = decode(point, raw)
        if sample.quality is not SampleQuality.GOOD or (check.equals is not None and sample.value != check.equals):
            return False
    return True


@EVERY
def test_a_map_read_one_register_off_is_not_recognised(profile: Profile) -> None:
    image = wire_image(profile)
    assert is_recognised(profile, image, 0)
    if profile.id not in NOT_TOLD_APART:
        assert not is_recognised(profile, image, 1)
        assert not is_recognised(profile, image, -1)


def test_a_vector_that_lies_is_seen() -> None:
    level = PROFILES["wb-mao4"].point(Quantity.DIM_LEVEL, "1")
    assert level is not None
    assert vector_holds(level, TestVector(level.name, (60,), 60))
    assert not vector_holds(level, TestVector(level.name, (60,), 61))
    assert not vector_holds(level, TestVector(level.name, (0, 60), 60))


def test_settings_of_the_whole_device_are_found_from_a_channel() -> None:
    found = PROFILES["wb-mr6c"].setting_of(Quantity.POWER_ON_ACTION, "4")
    assert found is not None
    assert found.channel == WHOLE_DEVICE


def test_a_vector_of_a_field_or_a_curve() -> None:
    field = Point("f", Quantity.OTHER, "", "holding", 0, "u16", bits=(4, 4))
    assert vector_holds(field, TestVector("f", (0xFFA7,), 10))
    curve = Point("l", Quantity.DIM_LEVEL, "1", "holding", 0, "u16", curve="dali_log")
    assert vector_holds(curve, TestVector("l", (170,), 10.1))
    assert vector_holds(curve, TestVector("l", (255,), None))
    assert not vector_holds(curve, TestVector("l", (170,), 10.3))
    assert not vector_holds(curve, TestVector("l", (171,), 10.1))
