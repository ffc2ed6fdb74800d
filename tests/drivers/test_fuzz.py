"""Whatever comes over a line or stands in a profile: no crash, no hang, bounded memory. Fixed seeds.

``make check`` tries some thousand inputs, ``make long`` a hundred thousand.
"""

from __future__ import annotations

import asyncio
import random
import resource
import struct
from collections.abc import Iterator

import pytest

from drivers.bus import Bus
from drivers.errors import DriverError
from drivers.profile_file import built_in_texts, read_profile
from drivers.simulator.framing import Framing, RtuFraming, TcpFraming, crc16
from lighting.wording.words_drivers import WORDS
from tests.drivers.evil_line import Answer, EvilLine, Question, registers
from tests.drivers.evil_line import crc16 as crc_bytes
from tests.effort import IS_LONG

FRAMES = 70_000 if IS_LONG else 3_000
PROFILES = 26_000 if IS_LONG else 150
ANSWERS = 4_000 if IS_LONG else 60
LONGEST_BUFFER = 1024
"""Bytes that a framing may keep: three of the longest frames."""
MEMORY_KB = 150_000
"""What a hundred thousand inputs may add to the process at its highest."""

pytestmark: list[pytest.MarkDecorator] = [pytest.mark.long] if IS_LONG else []


@pytest.fixture
def bounded_memory() -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_KB


def some_frame(rng: random.Random) -> bytes:
    """A right request, in either framing, or noise of any length."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.choice([1, 2, 7, 8, 12, 260, 600]))
    pdu = bytes([rng.choice([1, 2, 3, 4, 5, 6, 15, 16, 23, 43, 0x80, rng.randrange(256)])]) + rng.randbytes(
        rng.choice([0, 4, 5, 7, 250])
    )
    if kind == 1:
        return struct.pack(">HHHB", rng.randrange(65536), 0, len(pdu) + 1, rng.randrange(256)) + pdu
    body = bytes([rng.randrange(256)]) + pdu
    return body + crc16(body).to_bytes(2, "little")


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Cut, doubled, with bytes exchanged or put in; often left as it is."""
    out = bytearray(data)
    for _ in range(rng.choice([0, 0, 1, 2, 5])):
        at = rng.randrange(len(out) + 1)
        change = rng.randrange(4)
        if change == 0:
            out[at : at + 1] = rng.randbytes(1)
        elif change == 1:
            del out[at : at + rng.choice([1, 3, 100])]
        elif change == 2:
            out[at:at] = rng.randbytes(rng.choice([1, 2, 50]))
        else:
            out += out[:at]
    return bytes(out)


@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("framing", [TcpFraming(), RtuFraming()], ids=["tcp", "rtu"])
def test_a_simulated_line_takes_any_bytes(framing: Framing) -> None:
    rng = random.Random(20261125)
    buffer = bytearray()
    for _ in range(FRAMES // 2):
        data = mutated(some_frame(rng), rng)
        cut = rng.randrange(len(data) + 1)
        for part in (data[:cut], data[cut:]):
            buffer += part
            requests = framing.requests(buffer)
            assert all(request.pdu and 0 <= request.unit_id <= 255 for request in requests)
            assert all(len(request.pdu) <= 260 for request in requests)
            for request in requests:
                assert framing.reply(request, b"\x83\x01")
        assert len(buffer) <= LONGEST_BUFFER, buffer[:20].hex()


@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("framing", ["tcp", "rtu-tcp"])
async def test_a_bus_survives_any_answer(framing: str) -> None:
    """Every outcome is the right value or one of the documented errors."""
    rng = random.Random(framing)

    def answering(question: Question) -> Answer:
        pdu = registers(question.address, question.address ^ 0xFFFF).pdu
        if question.number % 3 == 0:
            return Answer(pdu)
        body = bytes([question.unit_id]) + pdu
        right = body + crc_bytes(body) if framing == "rtu-tcp" else struct.pack(">HHH", 1, 0, len(body)) + body
        frame = mutated(right, rng) if rng.randrange(2) else rng.randbytes(rng.choice([1, 5, 9, 40, 3000]))
        return Answer(frame=frame or b"\x00", close=rng.randrange(8) != 0)

    line = EvilLine(framing, answering)
    await line.open()
    bus = Bus(
        "fuzz", line.url, timeout_s=0.05, backoff_first_s=0.001, backoff_longest_s=0.002, reconnect_longest_s=0.001
    )
    await bus.start()
    right = failed = 0
    try:
        while len(line.questions) < ANSWERS // 2:
            address = rng.randrange(65000)
            try:
                values = await bus.read_registers(1 + rng.randrange(247), "holding", address, 2)
            except DriverError:
                failed += 1
                await asyncio.sleep(0)  # what was refused without asking must not keep the server from its turn
                continue
            assert len(values) == 2
            is_right = list(values) == [address, address ^ 0xFFFF]
            # The checksum of RTU tells a wrong frame; Modbus TCP has none, and TCP's own is not under test here.
            assert is_right or framing == "tcp"
            right += is_right
    finally:
        await bus.close()
        await line.close()
    assert right
    assert failed


ODD_WORDS = (
    *("1e999", '"1e999999"', "0x" + "f" * 5000, "-1", "99999999999999999999", "nan", "true", "1979-05-27", '"1/0"'),
    *("[" * 400, "[[[]]]", "[]", "{", "{}", '"', "'''", "\x00", "\u202e", "=", "\n", "a." * 80, '"{n}"'),
    *("[[points]]", "repeat"),
)


def profile_mutations(rng: random.Random) -> Iterator[str]:
    """Built-in profiles with words, lines and numbers exchanged, and texts of the signs that TOML uses."""
    texts = list(built_in_texts().values())
    while True:
        text = rng.choice(texts)
        if rng.randrange(10) == 0:
            yield "".join(rng.choice("a1.=\"[]{}#,\n '\\-:TZ") for _ in range(rng.randrange(400)))
            continue
        lines = text.splitlines(keepends=True)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(lines))
            change = rng.randrange(4)
            if change == 0:
                lines[at] = rng.choice(lines)
            elif change == 1:
                words = lines[at].split(" ")
                words[rng.randrange(len(words))] = rng.choice([*ODD_WORDS, *rng.choice(lines).split(" ")])
                lines[at] = " ".join(words)
            elif change == 2:
                del lines[at : at + rng.randrange(4)]
                lines = lines or ["\n"]
            else:
                place = rng.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:place] + rng.choice(ODD_WORDS) + lines[at][place:]
        yield "".join(lines)


@pytest.mark.usefixtures("bounded_memory")
def test_any_text_is_a_profile_or_a_list_of_problems() -> None:
    rng = random.Random(502)
    good = 0
    for _, text in zip(range(PROFILES), profile_mutations(rng), strict=False):
        reading = read_profile(text, "fuzz.toml")
        assert (reading.profile is None) == bool(reading.problems)
        good += reading.profile is not None
        for problem in reading.problems:
            assert WORDS[problem.code].format(**problem.values).isprintable()
            assert 1 <= problem.line <= text.count("\n") + 1
            assert problem.field.isprintable()
    assert 0 < good < PROFILES


HEAD = 'schema_version = 1\nid = "x"\nname = "x"\nmaker = "x"\ntrust = "community"\n'
POINT = '[[points]]\nname = "p"\nquantity = "other"\ntable = "holding"\naddress = 0\ntype = "u16"\n'
NASTY = {
    "deep arrays": HEAD + "notes = " + "[" * 100_000,
    "deep closed arrays": HEAD + "notes = " + "[" * 5_000 + "]" * 5_000,
    "deep inline tables": HEAD + "notes = " + "{a=" * 5_000 + "1" + "}" * 5_000,
    "a key of many parts": HEAD + "a." * 90_000 + "a = 1",
    "a header of many parts": HEAD + "[" + "a." * 90_000 + "a]",
    "a key of many quoted parts": HEAD + '"a b".' * 30_000 + "a = 1",
    "parts just below the bound": HEAD + "\n".join(f"{'a.' * 60}b{n} = 1" for n in range(2_000)),
    "a long word": "a" * 190_000,
    "a long word with dots": ("a" * 1000 + ".") * 63,
    "many dots": "." * 190_000,
    "many quotes": '"' * 190_001,
    "an open text": HEAD + 'notes = """' + '"" ' * 100_000,
    "many headers": HEAD + "[[points]]\n" * 15_000,
    "many keys": HEAD + "".join(f"k{n} = 1\n" for n in range(15_000)),
    "a huge number": HEAD + "address = " + "9" * 4_000,
    "a number too long to write": HEAD + POINT.replace("= 0", "= 0x" + "f" * 100_000),
    "a huge version": "schema_version = 0x" + "f" * 100_000,
    "a huge exponent": HEAD + POINT + 'scale = "1e999999999"',
    "a huge fraction": HEAD + POINT + f'scale = "1/{"9" * 100_000}"',
    "many axes": HEAD + POINT + "repeat = [" + '{ as = "n", count = 256 },' * 40 + "]",
    "huge counts": HEAD + POINT + 'repeat = [{ as = "n", count = 0x' + "f" * 5_000 + " }]",
    "huge strides": HEAD + POINT + 'repeat = [{ as = "n", count = 2, stride = 0x' + "f" * 5_000 + " }]",
    "a huge first": HEAD
    + POINT.replace('"p"', '"p{n}"')
    + 'repeat = [{ as = "n", count = 2, first = 0x'
    + "f" * 5_000
    + " }]",
    "a huge sentinel": HEAD + POINT + "sentinels = [0x" + "f" * 5_000 + "]",
    "too many lamps": HEAD + POINT + '[[channels]]\nid = "1"\nrole = "relay"\nmax_lamps = 0x' + "f" * 5_000,
    "a huge choice": HEAD + POINT + 'enumeration = { "0x' + "f" * 100_000 + '" = "a" }',
    "many equal points": HEAD + POINT * 2_000,
    "a huge vector": HEAD + POINT + f'[[vectors]]\npoint = "p"\nraw = [{"1," * 80_000}]\nvalue = 1',
    "a huge value": HEAD + POINT + '[[vectors]]\npoint = "p"\nraw = [1]\nvalue = 0x' + "f" * 5_000,
    "a long name": HEAD.replace('name = "x"', f'name = "{"x" * 190_000}"') + POINT,
    "beyond the longest": "#" * 200_001,
}


@pytest.mark.timeout(120)
@pytest.mark.usefixtures("bounded_memory")
@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_a_text_made_to_hurt_does_not(text: str) -> None:
    reading = read_profile(text, "nasty.toml")
    assert (reading.profile is None) == bool(reading.problems)
    for problem in reading.problems[:100]:
        assert len(WORDS[problem.code].format(**problem.values)) < 4_000
