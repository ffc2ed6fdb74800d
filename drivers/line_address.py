"""Where a line is: the four forms of its address, and what is wrong with one that is none of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import parse_qsl

LineFraming = Literal["tcp", "rtu-tcp", "serial", "tls"]
Parity = Literal["N", "E", "O"]

FORMS = "tcp://HOST:502, rtu-tcp://HOST:PORT, tls://HOST:802, serial:///dev/DEVICE?baud=9600&parity=N&stop_bits=1"
BAUD_RATES = (1200, 2400, 4800, 9600, 14400, 19200, 28800, 38400, 57600, 115200, 230400, 460800, 921600)
PARITIES = ("N", "E", "O")
STOP_BITS = (1, 2)

_STANDARD_PORTS = {"tcp": 502, "tls": 802}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]?#]+)(?::(\d{1,5}))?", re.ASCII)
_DEVICE = re.compile(r"(?:/[^\s/?#]+)+")


class AddressProblem(ValueError):
    """An address that cannot be used. ``code`` is stable and has words; ``values`` name what was found and allowed."""

    def __init__(self, code: str, values: Mapping[str, str]) -> None:
        super().__init__(f"{code}: " + ", ".join(f"{key} {value!r}" for key, value in values.items()))
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class LineAddress:
    """A network line has ``host`` and ``port``; a serial one ``device`` (a path), ``baud``, ``parity``, ``stop_bits``.

    A serial character has always 8 data bits (Modbus over Serial Line V1.02, 2.5.1, RTU mode). The serial line behind
    an ``rtu-tcp`` converter is reckoned as 9600 baud 8N1, for no url says what it is.
    """

    framing: LineFraming
    host: str = ""
    port: int = 0
    device: str = ""
    baud: int = 9600
    parity: Parity = "N"
    stop_bits: int = 1

    @property
    def is_rtu(self) -> bool:
        """Whether frames carry a checksum and no transaction id, so that a late answer looks like any other."""
        return self.framing in ("rtu-tcp", "serial")

    @property
    def bits_per_character(self) -> int:
        """Start, data, parity and stop bits of one byte on a serial line."""
        return 1 + 8 + (self.parity != "N") + self.stop_bits


def parse_line_address(url: str) -> LineAddress:
    """The address that a url means. Raises ``AddressProblem`` with what is allowed.

    ``tcp://`` and ``tls://`` without a port mean 502 and 802, as IANA lists them; RTU over TCP has no port of its own.
    A serial line without settings is 9600 baud, no parity, one stop bit: what most devices are delivered with.
    """
    scheme, found, rest = url.partition("://")
    if found and scheme == "serial":
        return _serial(url, rest)
    matched = _HOST.fullmatch(rest) if found and scheme in ("tcp", "rtu-tcp", "tls") else None
    port = int(matched[2] or _STANDARD_PORTS.get(scheme, 0)) if matched is not None else 0
    if matched is None or not 1 <= port <= 65535:
        raise _not_an_address(url)
    return LineAddress(cast("LineFraming", scheme), host=matched[1].strip("[]"), port=port)


def _serial(url: str, rest: str) -> LineAddress:
    device, _, query = rest.partition("?")
    if not _DEVICE.fullmatch(device):
        raise _not_an_address(url)
    settings = {"baud": "9600", "parity": "N", "stop_bits": "1"}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in settings:
            raise AddressProblem("serial_setting_unknown", {"found": _shown(key), "allowed": ", ".join(settings)})
        settings[key] = value
    baud = _one_of("baud", settings["baud"], [str(rate) for rate in BAUD_RATES])
    parity = _one_of("parity", settings["parity"].upper(), PARITIES)
    stop_bits = _one_of("stop_bits", settings["stop_bits"], [str(bits) for bits in STOP_BITS])
    return LineAddress("serial", device=device, baud=int(baud), parity=cast("Parity", parity), stop_bits=int(stop_bits))


def _one_of(key: str, found: str, allowed: list[str] | tuple[str, ...]) -> str:
    if found not in allowed:
        values = {"key": key, "found": _shown(found), "allowed": ", ".join(allowed)}
        raise AddressProblem("serial_setting_wrong", values)
    return found


def _not_an_address(url: str) -> AddressProblem:
    return AddressProblem("bus_url_not_valid", {"found": _shown(url), "form": FORMS})


def _shown(text: str) -> str:
    cut = text if len(text) <= 60 else text[:59] + "…"
    return "".join(c if c.isprintable() else "\ufffd" for c in cut)
