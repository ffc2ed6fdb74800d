"""Bytes into the answer of one question, whatever the pieces they come in and whatever lies between."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bus_counters import BusCounters
from drivers.frames import Garbled, Misfit, RtuFrames, TcpFrames
from drivers.profile import Limits, Table
from drivers.questions import CannotAsk, Question, coils_question, read_question, registers_question
from tests.drivers.evil_line import crc16

LIMITS = Limits()
TABLES: tuple[Table, ...] = ("coil", "discrete", "holding", "input")
READS = st.builds(
    read_question,
    unit_id=st.integers(1, 247),
    table=st.sampled_from(TABLES),
    address=st.integers(0, 65000),
    count=st.integers(1, 125),
    limits=st.just(LIMITS),
)
WRITES = st.one_of(
    st.builds(
        coils_question,
        st.integers(1, 247),
        st.integers(0, 65000),
        st.lists(st.booleans(), min_size=1, max_size=20),
        st.just(LIMITS),
    ),
    st.builds(
        registers_question,
        st.integers(1, 247),
        st.integers(0, 65000),
        st.lists(st.integers(0, 65535), min_size=1, max_size=20),
        st.just(LIMITS),
    ),
)
QUESTIONS = st.one_of(READS, WRITES)


def answer_to(question: Question) -> bytes:
    """The PDU of a right answer."""
    return question.head + bytes(n % 251 for n in range(question.reply_length - len(question.head)))


def rtu(unit_id: int, pdu: bytes) -> bytes:
    body = bytes([unit_id]) + pdu
    return body + crc16(body)


def tcp(transaction_id: int, unit_id: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction_id, 0, len(pdu) + 1, unit_id) + pdu


def fed(frames: RtuFrames | TcpFrames, question: Question, stream: bytes, cuts: list[int]) -> list[bytes]:
    """The answers found in a stream that comes in pieces."""
    found, pending, begin = [], b"", 0
    for end in [*sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]:
        pending += stream[begin:end]
        begin = end
        used, pdu = frames.take(pending, question)
        pending = pending[used:]
        if pdu is not None:
            found.append(pdu)
            break
    return found


@given(QUESTIONS, st.lists(st.integers(0, 400), max_size=6), st.booleans())
def test_an_answer_is_found_in_any_pieces(question: Question, cuts: list[int], is_rtu: bool) -> None:
    answer = answer_to(question)
    if is_rtu:
        stream = rtu(question.unit_id, answer)
        assert fed(RtuFrames(BusCounters()), question, stream, cuts) == [answer]
    else:
        frames = TcpFrames(BusCounters())
        sent = frames.encode(question)
        late = tcp(999, question.unit_id, answer)
        stream = late + tcp(int.from_bytes(sent[:2], "big"), question.unit_id, answer)
        assert fed(frames, question, stream, cuts) == [answer]
    assert question.is_answered_by(answer)


@given(QUESTIONS, st.binary(max_size=40), st.lists(st.integers(0, 400), max_size=6))
def test_an_rtu_answer_is_found_behind_noise(question: Question, noise: bytes, cuts: list[int]) -> None:
    answer = answer_to(question)
    found = fed(RtuFrames(BusCounters()), question, noise + rtu(question.unit_id, answer), cuts)
    # Noise may by chance be a frame of its own with a right checksum; then it is that one, and judged as such.
    assert found == [answer] or any(rtu(question.unit_id, pdu) in noise for pdu in found)


@given(QUESTIONS, st.data())
def test_a_flipped_bit_on_rtu_never_gives_an_answer(question: Question, data: st.DataObject) -> None:
    frame = bytearray(rtu(question.unit_id, answer_to(question)))
    bit = data.draw(st.integers(0, 8 * len(frame) - 1))
    frame[bit // 8] ^= 1 << bit % 8
    _, pdu = RtuFrames(BusCounters()).take(bytes(frame), question)
    assert pdu is None


@given(QUESTIONS, st.binary(max_size=600), st.booleans())
def test_no_bytes_do_more_than_be_no_answer(question: Question, junk: bytes, is_rtu: bool) -> None:
    frames = RtuFrames(BusCounters()) if is_rtu else TcpFrames(BusCounters())
    frames.encode(question)
    try:
        used, _ = frames.take(junk, question)
    except (Garbled, Misfit):
        assert not is_rtu
        return
    assert 0 <= used <= len(junk)


@given(QUESTIONS)
def test_frames_are_those_of_the_standard(question: Question) -> None:
    assert RtuFrames(BusCounters()).encode(question) == rtu(question.unit_id, question.pdu)
    assert TcpFrames(BusCounters()).encode(question) == tcp(1, question.unit_id, question.pdu)


def test_a_peer_that_has_shown_its_ids_is_held_to_them() -> None:
    frames = TcpFrames(BusCounters())
    question = read_question(1, "holding", 0, 1, LIMITS)
    answer = answer_to(question)
    found = []
    for transaction_id in (0, 2, 0):
        frames.encode(question)
        _, pdu = frames.take(tcp(transaction_id, 1, answer), question)
        found.append((pdu, frames.tells_apart))
    assert found == [(answer, False), (answer, True), (None, True)]


def test_transaction_ids_begin_again_after_65535_and_are_never_0() -> None:
    frames = TcpFrames(BusCounters())
    question = read_question(1, "holding", 0, 1, LIMITS)
    ids = [int.from_bytes(frames.encode(question)[:2], "big") for _ in range(65537)]
    assert ids == [*range(1, 65536), 1, 2]


@pytest.mark.parametrize("count", [0, 126])
def test_a_size_that_no_request_has_is_refused(count: int) -> None:
    with pytest.raises(CannotAsk):
        read_question(1, "holding", 0, count, LIMITS)
