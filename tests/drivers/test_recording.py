"""What passed a line becomes a file, and the file a line that answers the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bus import Bus, Priority
from drivers.device import Device
from drivers.errors import Rejected, Unreachable
from drivers.profile import Limits, Profile
from drivers.profile_file import built_in_profiles
from drivers.quantity import Quantity
from drivers.raw_reading import read_span
from drivers.recording import (
    Exchange,
    Recording,
    RecordingHead,
    RecordingProblem,
    exchange_line,
    head_line,
    read_recording,
)
from drivers.scan import ProbeRead, base_profiles, fit_of, ranked, reads_of
from drivers.simulator.framing import Request
from drivers.simulator.line import SimulatedLine
from drivers.simulator.replay_line import ReplayLine
from drivers.simulator.simulated_device import SimulatedDevice
from tests.effort import examples

HEAD = RecordingHead("CB01-bus", "tcp://10.0.0.7:502", 1_795_594_801_744)
PDUS = st.binary(min_size=1, max_size=253)
EXCHANGES = st.builds(
    Exchange,
    at_ms=st.floats(0, 1e9).map(lambda value: round(value, 1)),
    unit_id=st.integers(0, 255),
    request=PDUS,
    reply=st.none() | PDUS,
    elapsed_ms=st.floats(0, 1e6).map(lambda value: round(value, 2)),
)


def lines_of(exchanges: list[Exchange]) -> list[str]:
    return [head_line(HEAD), *(exchange_line(exchange.as_dict()) for exchange in exchanges)]


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(EXCHANGES, max_size=5))
def test_what_is_written_is_read_again(exchanges: list[Exchange]) -> None:
    assert read_recording(lines_of(exchanges)) == Recording(HEAD, tuple(exchanges))


@pytest.mark.parametrize(
    ("lines", "line", "code"),
    [
        ([], 1, "recording_no_json"),
        (["id,url"], 1, "recording_no_json"),
        (['{"format": "other"}'], 1, "recording_no_head"),
        (['{"format": "modbus-recording", "version": 2}'], 1, "recording_version"),
        ([head_line(HEAD), "[1, 2]"], 2, "recording_no_json"),
        ([head_line(HEAD), "[" * 100_000], 2, "recording_no_json"),
        ([head_line(HEAD), "", '{"unit": 300, "request": "03"}'], 3, "recording_unit"),
        ([head_line(HEAD), '{"unit": true, "request": "03"}'], 2, "recording_unit"),
        ([head_line(HEAD), '{"unit": 1, "request": null}'], 2, "recording_pdu"),
        ([head_line(HEAD), '{"unit": 1, "request": "0g"}'], 2, "recording_pdu"),
        ([head_line(HEAD), json.dumps({"unit": 1, "request": "03", "reply": "03" * 254})], 2, "recording_pdu"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(lines: list[str], line: int, code: str) -> None:
    with pytest.raises(RecordingProblem) as refused:
        read_recording(lines)
    assert (refused.value.line, refused.value.code) == (line, code)


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[SimulatedLine], Bus]]:
    """Opens a bus to a line that was started; both are closed at the end."""
    made: list[tuple[SimulatedLine, Bus]] = []

    def make(line: SimulatedLine) -> Bus:
        bus = Bus("line", f"{line.framing}://127.0.0.1:{line.port}", timeout_s=0.3)
        made.append((line, bus))
        return bus

    yield make
    for line, bus in made:
        await bus.close()
        await line.close()


class Tap:
    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def __call__(self, unit_id: int, request: bytes, reply: bytes | None, elapsed_s: float) -> None:
        self.exchanges.append(Exchange(0.0, unit_id, request, reply, 1000 * elapsed_s))


@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
@pytest.mark.parametrize("profile_id", ["sdm630", "wb-mao4", "wb-mr6c"])
async def test_a_recorded_device_is_read_again_from_its_recording(
    profile_id: str, framing: str, opened: Callable[[SimulatedLine], Bus]
) -> None:
    profile = built_in_profiles()[profile_id]
    line = SimulatedLine("127.0.0.1", 0, framing, [SimulatedDevice(profile, 3, now_s=lambda: 5.0)])  # type: ignore[arg-type]
    await line.start()
    bus = opened(line)
    bus.observer = tap = Tap()
    points = [point for point in profile.points if point.readable]
    seen = await Device("device", bus, 3, profile).read(points)
    assert len(tap.exchanges) > 3
    # Through the file, as a fixture would come.
    recording = read_recording(lines_of(tap.exchanges))
    replay = ReplayLine("127.0.0.1", 0, recording.exchanges)
    await replay.start()
    again = await Device("device", opened(replay), 3, profile).read(points)
    assert again == seen
    assert not replay.unknown


async def test_a_write_is_recorded_with_its_echo_and_silence_as_null(opened: Callable[[SimulatedLine], Bus]) -> None:
    profile = built_in_profiles()["wb-mao4"]
    device = SimulatedDevice(profile, 3)
    line = SimulatedLine("127.0.0.1", 0, "tcp", [device])
    await line.start()
    bus = opened(line)
    bus.observer = tap = Tap()
    await Device("device", bus, 3, profile).write(Quantity.DIM_LEVEL, "1", 40.0)
    point = profile.point(Quantity.DIM_LEVEL, "1")
    assert point is not None
    write = tap.exchanges[0]
    assert write.request[0] in (6, 16)
    assert int.from_bytes(write.request[1:3], "big") == point.address
    assert write.reply is not None
    assert write.reply[0] == write.request[0]
    device.silence()
    with pytest.raises(Unreachable):
        await bus.read_registers(3, "holding", 16, 1)
    assert (tap.exchanges[-1].request, tap.exchanges[-1].reply) == (bytes.fromhex("0300100001"), None)
    device.speak()
    other = opened(line)
    other.observer = tap
    with pytest.raises(Rejected):
        await other.read_registers(3, "holding", 60_000, 1)
    assert tap.exchanges[-1].reply == b"\x83\x02"


READ = bytes.fromhex("0300100001")


def reply(value: int) -> bytes:
    return b"\x03\x02" + value.to_bytes(2, "big")


async def test_answers_come_in_their_turn_then_the_last_again(opened: Callable[[SimulatedLine], Bus]) -> None:
    line = ReplayLine("127.0.0.1", 0, [Exchange(0, 1, READ, reply(value), 1) for value in (7, 8)])
    await line.start()
    bus = opened(line)
    assert [list(await bus.read_registers(1, "holding", 16, 1)) for _ in range(3)] == [[7], [8], [8]]


def block(unit_id: int, address: int, *values: int, function: int = 3) -> Exchange:
    asked = bytes((function,)) + address.to_bytes(2, "big") + len(values).to_bytes(2, "big")
    data = b"".join(value.to_bytes(2, "big") for value in values)
    return Exchange(0, unit_id, asked, bytes((function, len(data))) + data, 1)


async def test_parts_of_recorded_blocks_are_answered_as_they_were_shown_last(
    opened: Callable[[SimulatedLine], Bus],
) -> None:
    exchanges = [block(1, 10, 1, 2, 3), block(1, 13, 4, 5), block(1, 10, 11, 12, 13), block(1, 20, 9, function=4)]
    line = ReplayLine("127.0.0.1", 0, exchanges)
    await line.start()
    bus = opened(line)

    async def read(address: int, count: int) -> list[int]:
        return list(await bus.read_registers(1, "holding", address, count))

    assert await read(11, 1) == [2]
    assert await read(12, 3) == [3, 4, 5], "over two recordings"
    assert [await read(10, 3) for _ in range(2)] == [[1, 2, 3], [11, 12, 13]]
    assert await read(12, 2) == [13, 4], "what a recorded read has shown since"
    for address, count in ((9, 2), (14, 2), (20, 1)):  # a part of each is known to nobody
        with pytest.raises(Rejected) as refused:
            await read(address, count)
        assert refused.value.exception_code == 2
    assert sum(line.unknown.values()) == 3
    assert line.served == 5


async def test_parts_of_recorded_bits_are_answered_too(opened: Callable[[SimulatedLine], Bus]) -> None:
    asked = bytes.fromhex("010005000a")
    line = ReplayLine("127.0.0.1", 0, [Exchange(0, 1, asked, bytes((1, 2, 0b0100_1101, 0b10)), 1)])
    await line.start()
    bus = opened(line)
    assert list(await bus.read_bits(1, "coil", 7, 8)) == [True, True, False, False, True, False, False, True]
    with pytest.raises(Rejected):
        await bus.read_bits(1, "discrete", 7, 1)


async def test_an_answer_that_was_no_whole_one_gives_no_parts(opened: Callable[[SimulatedLine], Bus]) -> None:
    asked = bytes.fromhex("0300100002")
    line = ReplayLine("127.0.0.1", 0, [Exchange(0, 1, asked, reply(7), 1), Exchange(0, 1, asked, b"\x03", 1)])
    await line.start()
    with pytest.raises(Rejected):
        await opened(line).read_registers(1, "holding", 16, 1)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(EXCHANGES, max_size=5), PDUS, st.integers(0, 255))
def test_whatever_was_recorded_and_is_asked_there_is_an_answer_or_silence(
    exchanges: list[Exchange], asked: bytes, unit_id: int
) -> None:
    line = ReplayLine("127.0.0.1", 0, exchanges)
    for request in (asked, *(exchange.request for exchange in exchanges)):
        sent, delay_s = line.reply(Request(unit_id, request))
        assert isinstance(sent, bytes)
        assert delay_s == 0.0


async def test_a_scan_over_a_replay_finds_what_was_recorded(opened: Callable[[SimulatedLine], Bus]) -> None:
    """The recording has the blocks of a poll; a scan asks single points of them."""
    profiles = built_in_profiles()
    line = SimulatedLine(
        "127.0.0.1", 0, "tcp", [SimulatedDevice(profiles[name], unit) for unit, name in enumerate(SCANNED, start=1)]
    )
    await line.start()
    bus = opened(line)
    bus.observer = tap = Tap()
    for unit, name in enumerate(SCANNED, start=1):
        points = [point for point in profiles[name].points if point.readable]
        await Device(name, bus, unit, profiles[name]).read(points)
    replay = ReplayLine("127.0.0.1", 0, tap.exchanges)
    await replay.start()
    bases = base_profiles(profiles.values())
    for unit, name in enumerate(SCANNED, start=1):
        found = await answers_of(opened(replay), unit, bases)
        fits = ranked(fit_of(profile, found) for profile in bases)
        # Meters of one maker are alike at these points, as they are on the line itself.
        assert name in {fit.profile_id for fit in fits if fit.is_whole and fit.fitted == fits[0].fitted}


SCANNED = ("wb-mao4", "wb-mr6c", "sdm630")


async def answers_of(bus: Bus, unit: int, profiles: Sequence[Profile]) -> dict[ProbeRead, tuple[int, ...] | None]:
    found: dict[ProbeRead, tuple[int, ...] | None] = {}
    for read in reads_of(profiles):
        try:
            found[read] = await read_span(
                bus, unit, read.table, read.address, read.count, limits=Limits(), priority=Priority.PERSON
            )
        except Rejected:
            found[read] = None
    return found


async def test_what_was_never_asked_is_refused_and_what_was_silent_is_silent(
    opened: Callable[[SimulatedLine], Bus],
) -> None:
    exchanges = [Exchange(0, 1, READ, reply(7), 1), Exchange(0, 2, READ, None, 1), Exchange(0, 3, READ, b"\x83\x02", 1)]
    line = ReplayLine("127.0.0.1", 0, exchanges)
    await line.start()
    bus = opened(line)
    with pytest.raises(Rejected) as refused:
        await bus.read_registers(1, "holding", 17, 1)
    assert refused.value.exception_code == 2
    with pytest.raises(Rejected) as recorded:
        await bus.read_registers(3, "holding", 16, 1)
    assert recorded.value.exception_code == 2
    for silent_unit, address in ((2, 16), (9, 16)):
        with pytest.raises(Unreachable):
            await bus.read_registers(silent_unit, "holding", address, 1)
    assert [unit for unit, _request in line.unknown] == [1, 9]
    with pytest.raises(Unreachable):  # a unit that never answered, asked for something else
        await opened(line).read_registers(2, "holding", 17, 1)
