"""What a bus address says of the site: which line it is, whether it is this machine's or maybe everybody's."""

from __future__ import annotations

import ipaddress

from drivers.line_address import AddressProblem, LineAddress, parse_line_address

__all__ = ["AddressProblem", "LineAddress", "parse_bus_address", "parse_line_address"]

_LOCAL_ENDINGS = (".local", ".lan", ".internal", ".home.arpa", ".localhost", ".intranet", ".corp", ".private")
_PSEUDO_TERMINALS = "/dev/pts/"


def parse_bus_address(url: str) -> LineAddress | None:
    """The address that a url means, None when it is none of the forms; ``parse_line_address`` says what is wrong."""
    try:
        return parse_line_address(url)
    except AddressProblem:
        return None


def line_of(address: LineAddress) -> str:
    """One spelling for each line, whatever its framing: two buses with the same would be two masters on one line."""
    return address.device or f"{same_host(address.host)}:{address.port}"


def is_on_this_machine(address: LineAddress) -> bool:
    """Whether only something on this machine can be behind it: loopback or a pseudo-terminal, never a serial port."""
    return address.device.startswith(_PSEUDO_TERMINALS) if address.device else is_loopback(address.host)


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
