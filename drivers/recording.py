"""Real traffic of a line as a file: what was asked, what was answered and when. A device becomes a test fixture.

One JSON object a line. The first is the head; every other is one exchange::

    {"format": "modbus-recording", "version": 1, "bus": "CB01-bus", "url": "tcp://10.0.0.7:502", "begun_ms": 1795594801}
    {"at_ms": 12.5, "unit": 1, "request": "0300000002", "reply": "030400010002", "ms": 20.1}

``request`` and ``reply`` are PDUs in hex: function code and data, without unit id, transaction id or CRC, so that they
are the same on every transport. ``reply`` is null where nothing came; an exception is its two bytes. ``at_ms`` counts
from the begin, ``ms`` is the time to the answer or to giving up. Unknown keys are for later versions and are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

FORMAT = "modbus-recording"
VERSION = 1
_LONGEST_PDU = 253
"""Bytes; Modbus Application Protocol V1.1b3, 4.1."""


class RecordingProblem(ValueError):
    """A file that is no recording; ``line`` counts from 1, ``code`` is stable and has words."""

    def __init__(self, line: int, code: str, found: str = "") -> None:
        super().__init__(f"line {line}: {code} {found}".rstrip())
        self.line = line
        self.code = code
        self.found = found


@dataclass(frozen=True, slots=True)
class RecordingHead:
    """Where and when it was recorded. ``begun_ms`` is UTC."""

    bus: str
    url: str
    begun_ms: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with what came of it. ``reply`` is None for silence; ``elapsed_ms`` is real time."""

    at_ms: float
    unit_id: int
    request: bytes
    reply: bytes | None
    elapsed_ms: float

    def as_dict(self) -> dict[str, object]:
        """The JSON object of this exchange."""
        return {
            "at_ms": round(self.at_ms, 1),
            "unit": self.unit_id,
            "request": self.request.hex(),
            "reply": None if self.reply is None else self.reply.hex(),
            "ms": round(self.elapsed_ms, 2),
        }


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole recording, in the order of time."""

    head: RecordingHead
    exchanges: tuple[Exchange, ...]

    @property
    def unit_ids(self) -> tuple[int, ...]:
        """The units that were asked, ascending."""
        return tuple(sorted({exchange.unit_id for exchange in self.exchanges}))


def head_line(head: RecordingHead) -> str:
    """The first line of a recording, without a line break."""
    told = {"format": FORMAT, "version": VERSION, "bus": head.bus, "url": head.url, "begun_ms": head.begun_ms}
    return json.dumps(told, ensure_ascii=False)


def exchange_line(exchange: Mapping[str, object]) -> str:
    """One further line, without a line break."""
    return json.dumps(exchange)


def read_recording(lines: Iterable[str]) -> Recording:
    """Read a recording. Raises ``RecordingProblem`` for the first line that is wrong."""
    numbered = enumerate(lines, start=1)
    head = _head(numbered)
    exchanges = [_exchange(number, text) for number, text in numbered if text.strip()]
    return Recording(head, tuple(exchanges))


def _head(numbered: Iterator[tuple[int, str]]) -> RecordingHead:
    number, text = next(numbered, (1, ""))
    found = _object(number, text)
    if found.get("format") != FORMAT:
        raise RecordingProblem(number, "recording_no_head")
    if found.get("version") != VERSION:
        raise RecordingProblem(number, "recording_version", str(found.get("version")))
    begun_ms = found.get("begun_ms")
    return RecordingHead(
        str(found.get("bus", "")), str(found.get("url", "")), begun_ms if isinstance(begun_ms, int) else 0
    )


def _object(number: int, text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordingProblem(number, "recording_no_json") from error
    if not isinstance(found, dict):
        raise RecordingProblem(number, "recording_no_json")
    return found


def _exchange(number: int, text: str) -> Exchange:
    found = _object(number, text)
    unit_id = found.get("unit")
    if not isinstance(unit_id, int) or isinstance(unit_id, bool) or not 0 <= unit_id <= 255:
        raise RecordingProblem(number, "recording_unit", str(unit_id))
    request = _pdu(number, "request", found.get("request"))
    if request is None:
        raise RecordingProblem(number, "recording_pdu", "request")
    reply = _pdu(number, "reply", found.get("reply"))
    return Exchange(_figure(found.get("at_ms")), unit_id, request, reply, _figure(found.get("ms")))


def _pdu(number: int, key: str, found: object) -> bytes | None:
    if found is None:
        return None
    try:
        pdu = bytes.fromhex(found) if isinstance(found, str) else b""
    except ValueError:
        pdu = b""
    if not 1 <= len(pdu) <= _LONGEST_PDU:
        raise RecordingProblem(number, "recording_pdu", key)
    return pdu


def _figure(found: object) -> float:
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else 0.0
