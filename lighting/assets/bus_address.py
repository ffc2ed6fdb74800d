"""What a bus address says: framing, host and port, and whether the host is one of a private network."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

_URL = re.compile(r"(tcp|rtu-tcp)://(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]?#]+):(\d{1,5})", re.ASCII)
_LOCAL_ENDINGS = (".local", ".lan", ".internal", ".home.arpa", ".localhost", ".intranet", ".corp", ".private")


@dataclass(frozen=True, slots=True)
class BusAddress:
    framing: Literal["tcp", "rtu-tcp"]
    host: str
    port: int


def parse_bus_address(url: str) -> BusAddress | None:
    """``tcp://host:port`` or ``rtu-tcp://host:port`` (IPv6 in brackets); None when it is neither."""
    found = _URL.fullmatch(url)
    if found is None or not 1 <= int(found.group(3)) <= 65535:
        return None
    framing: Literal["tcp", "rtu-tcp"] = "tcp" if found.group(1) == "tcp" else "rtu-tcp"
    return BusAddress(framing, found.group(2).strip("[]"), int(found.group(3)))


def is_public(host: str) -> bool:
    """Whether a host is, or may be, reached over the internet: a global address, or a name of no private domain."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.rstrip(".") and not host.casefold().rstrip(".").endswith(_LOCAL_ENDINGS)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost" or host.casefold().endswith(".localhost")


def same_host(host: str) -> str:
    """One spelling for each host, as far as it is known without asking the network: this machine has many names."""
    if is_loopback(host):
        # 127.0.0.2 is another listener than 127.0.0.1; the names of the first are all one.
        return "127.0.0.1" if host.casefold().endswith("localhost") or host == "::1" else host
    try:
        return ipaddress.ip_address(host).compressed
    except ValueError:
        return host.casefold().rstrip(".")
