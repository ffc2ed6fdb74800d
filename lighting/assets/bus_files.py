"""The certificates and keys that ``buses.csv`` names: looked at where they lie, for they are no text of a revision."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from drivers.tls import TlsFiles, TlsFilesWrong, client_context
from lighting.assets.bus_address import parse_bus_address
from lighting.assets.draft import BUSES_FILE, Draft
from lighting.assets.fact import Fact
from lighting.assets.folder import SiteReading
from lighting.assets.model import Bus
from lighting.assets.tables import read_tables

_OTHERS = 0o077


def tls_files(folder: Path, bus: Bus) -> TlsFiles | None:
    """The files of a bus, their paths taken from the site's folder; None for a bus that names none."""
    if not (bus.ca or bus.certificate or bus.key):
        return None
    return TlsFiles(folder / bus.ca, folder / bus.certificate, folder / bus.key)


def with_bus_files(reading: SiteReading, folder: Path, texts: Mapping[str, str]) -> SiteReading:
    """The reading of a folder's texts with what is wrong with the files and ports that its buses need.

    A file that is not there, or cannot be what it is named for, is an error. One that this user may not read is a
    warning: the controller's key should be nobody else's to read.
    """
    draft = Draft()
    read_tables({name: text for name, text in texts.items() if name == BUSES_FILE}, draft)
    draft.problems.clear()
    for bus in draft.buses.values():
        _check(draft, folder, bus)
    _check_ports(draft)
    is_broken = any(not problem.is_warning for problem in draft.problems)
    problems = (*reading.problems, *draft.problems)
    return replace(reading, site=None if is_broken else reading.site, problems=problems) if draft.problems else reading


def _check_ports(draft: Draft) -> None:
    """A serial port has many names: /dev/ttyUSB0 is also one of /dev/serial/by-id. Two buses on it are two masters."""
    seen: dict[str, Bus] = {}
    for bus in draft.buses.values():
        address = parse_bus_address(bus.url)
        if address is None or not address.device:
            continue
        other = seen.setdefault(os.path.realpath(address.device), bus)
        other_address = parse_bus_address(other.url)
        if other_address is not None and other_address.device != address.device:  # the same name is told elsewhere
            draft.problem(Fact("bus_url_twice", {"url": bus.url, "other": other.id}), BUSES_FILE, bus.id, "url")


def _check(draft: Draft, folder: Path, bus: Bus) -> None:
    named = {"ca": bus.ca, "certificate": bus.certificate, "key": bus.key}
    if not bus.url.startswith("tls://") or not all(named.values()):
        return
    found = [(column, *what) for column, name in named.items() for what in _problems_of(folder / name, name, column)]
    for column, fact, is_warning in found:
        draft.problem(fact, BUSES_FILE, bus.id, column, is_warning=is_warning)
    if any(fact.code != "bus_key_open" for _, fact, _ in found):
        return
    files = TlsFiles(folder / bus.ca, folder / bus.certificate, folder / bus.key)
    try:
        client_context(files)
    except TlsFilesWrong as error:
        column = {files.ca: "ca", files.certificate: "certificate"}.get(error.file, "key")
        fact = Fact("bus_file_not_usable", {"file": named[column], "detail": error.detail})
        draft.problem(fact, BUSES_FILE, bus.id, column)


def _problems_of(path: Path, name: str, column: str) -> Iterator[tuple[Fact, bool]]:
    """What is wrong with one file, and whether that is only a warning."""
    try:
        mode = path.stat().st_mode
    except PermissionError:
        yield Fact("bus_file_not_readable", {"file": name}), True
        return
    except (OSError, ValueError):
        mode = 0
    if not path.is_file():
        yield Fact("bus_file_missing", {"file": name, "folder": str(path.parent.resolve())}), False
    elif not os.access(path, os.R_OK):
        yield Fact("bus_file_not_readable", {"file": name}), True
    elif column == "key" and mode & _OTHERS:
        yield Fact("bus_key_open", {"file": name, "mode": f"{mode & 0o777:03o}"}), True
