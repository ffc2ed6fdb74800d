"""What a fault makes of an answer's bytes. Pure: question, answer and chance in, bytes out."""

from __future__ import annotations

import random
import struct

from drivers.simulator.answer_framing import Answer
from drivers.simulator.fault_dice import Fault
from drivers.simulator.fault_rule import READ_FUNCTIONS, FaultRule
from drivers.simulator.framing import Framing, Request, TcpFraming, crc16

_SAME_SHAPE = {1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 15: 16, 16: 15}
_ON, _OFF = 0xFF00, 0x0000
_UNIT_COUNT = 247


def damaged(fault: Fault, question: Request, answer: Answer, framing: Framing) -> bytes | None:
    """The bytes that come instead of the answer; None when this fault cannot be done to this answer."""
    rule, chance = fault.rule, fault.chance
    if not answer.pdu:
        return None
    match rule.fault:
        case "truncate":
            return answer.frame[: chance.randrange(1, len(answer.frame))]
        case "corrupt":
            return _corrupted(rule, chance, answer, framing)
        case "other_unit":
            request = Request(answer.unit_id % _UNIT_COUNT + 1, question.pdu, answer.transaction_id)
            return framing.reply(request, answer.pdu)
        case "exception":
            pdu: bytes | None = bytes((question.pdu[0] | 0x80, rule.code))
        case "other_function":
            pdu = _other_function(answer.pdu)
        case "wrong_echo":
            pdu = _wrong_echo(rule, chance, answer.pdu)
        case "wrong_count":
            pdu = _wrong_count(chance, answer.pdu)
        case _:
            return None
    return None if pdu is None else framing.reply(Request(answer.unit_id, b"", answer.transaction_id), pdu)


def _other_function(pdu: bytes) -> bytes:
    function = pdu[0] & 0x7F
    return bytes((pdu[0] & 0x80 | _SAME_SHAPE.get(function, 3),)) + pdu[1:]


def _wrong_echo(rule: FaultRule, chance: random.Random, pdu: bytes) -> bytes | None:
    if pdu[0] & 0x80 or len(pdu) != 5:
        return None
    function, address, value = struct.unpack(">BHH", pdu)
    is_head = rule.where == "head" or (rule.where == "anywhere" and chance.random() < 0.5)
    if is_head:
        address ^= 1 << chance.randrange(16)
    elif function == 5:
        value = _OFF if value == _ON else _ON
    else:
        value ^= 1 << chance.randrange(16)
    return struct.pack(">BHH", function, address, value)


def _wrong_count(chance: random.Random, pdu: bytes) -> bytes | None:
    """One value fewer or more; a read's byte count fits what really comes."""
    if pdu[0] & 0x80:
        return None
    more = chance.random() < 0.5
    if pdu[0] not in READ_FUNCTIONS:
        function, address, count = struct.unpack(">BHH", pdu)
        return struct.pack(">BHH", function, address, count + 1 if more or count < 2 else count - 1)
    width = 1 if pdu[0] in (1, 2) else 2
    values = pdu[2:]
    longer = more or len(values) <= width
    values = values + values[-width:] if longer and len(values) + width < 254 else values[:-width]
    return bytes((pdu[0], len(values))) + values


def _corrupted(rule: FaultRule, chance: random.Random, answer: Answer, framing: Framing) -> bytes:
    is_tcp = isinstance(framing, TcpFraming)
    frame = bytearray(answer.frame)
    head = (7 if is_tcp else 1) + (2 if answer.pdu[0] in READ_FUNCTIONS else 3)
    body = len(frame) if is_tcp else len(frame) - 2
    first, end = {"anywhere": (0, len(frame)), "head": (0, min(head, body)), "values": (min(head, body - 1), body)}[
        rule.where
    ]
    if rule.repair_crc:
        end = min(end, body)
    places = range(8 * first, 8 * end)
    for place in chance.sample(places, min(rule.bits, len(places))):
        frame[place // 8] ^= 1 << place % 8
    if rule.repair_crc and not is_tcp:
        frame[body:] = crc16(bytes(frame[:body])).to_bytes(2, "little")
    return bytes(frame)
