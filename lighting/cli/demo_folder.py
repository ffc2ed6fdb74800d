"""The demonstration's own folder: written once, reset at every start, and never anybody else's."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lighting.assets.bus_address import parse_bus_address
from lighting.assets.fact import Fact
from lighting.assets.folder import folder_texts, read_site
from lighting.assets.model import Site
from lighting.assets.template import FolderNotEmpty, write_folder
from lighting.cli.demo_city import (
    CABINET_COUNT,
    MARKER_FILE,
    free_first_port,
    move_ports,
    ports_are_free,
    write_demo_city,
)
from lighting.store.store import StoreError, open_store, store_url_for
from lighting.wording.speech import say_problem

STATE_FOLDER = "state"


class DemoRefused(Exception):
    """The demonstration cannot start; ``fact`` says why, ``problems`` lists what is wrong with an edited site."""

    def __init__(self, fact: Fact, *, wrong_site: bool = False, problems: tuple[str, ...] = ()) -> None:
        super().__init__(fact.code)
        self.fact = fact
        self.wrong_site = wrong_site
        self.problems = problems


@contextmanager
def demo_folder(folder: Path, like: Path | None = None) -> Iterator[Site]:
    """The demonstration's site, written where it is new, on ports that are free, with no state of an earlier run.

    ``like`` names a site whose files a new folder takes instead of the made-up city; that site is only read.

    Inside the block the folder is this process's alone. Raises ``DemoRefused`` where the folder holds something else,
    another demonstration or controller works on it, or no ports are free.
    """
    if like is not None:
        _copy(like, folder)
    elif not (folder / MARKER_FILE).exists():
        _write(folder)
    with (folder / MARKER_FILE).open("r", encoding="utf-8") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoRefused(Fact("demo_already_running", {"folder": str(folder)})) from error
        yield _fresh_site(folder)


def _fresh_site(folder: Path) -> Site:
    site = read_demo_site(folder)
    if site.store_url:
        raise DemoRefused(Fact("demo_store_elsewhere", {"url": site.store_url}), wrong_site=True)
    _refuse_running(folder)
    reset_state(folder)
    return site if ports_are_free(ports_of(site)) else on_other_ports(folder)


def on_other_ports(folder: Path) -> Site:
    """The same city with its buses on other ports, which are free now."""
    ports = ports_of(read_demo_site(folder))
    move_ports(folder, _free_port(1 + max(ports) - min(ports)))
    return read_demo_site(folder)


def ports_of(site: Site) -> list[int]:
    """The ports of the site's buses."""
    return [address.port for bus in site.buses.values() if (address := parse_bus_address(bus.url)) is not None]


def read_demo_site(folder: Path) -> Site:
    """The folder's site. Raises ``DemoRefused`` with every problem where somebody has broken it."""
    reading = read_site(folder_texts(folder))
    if reading.site is None:
        problems = tuple(say_problem(problem) for problem in reading.problems if not problem.is_warning)
        raise DemoRefused(Fact("demo_site_broken", {"folder": str(folder)}), wrong_site=True, problems=problems)
    return reading.site


def reset_state(folder: Path) -> None:
    """Forget an earlier run. Only ever a folder with the demonstration's marker."""
    if not (folder / MARKER_FILE).exists():
        raise DemoRefused(Fact("demo_folder_not_ours", {"folder": str(folder)}), wrong_site=True)
    state = folder / STATE_FOLDER
    state.mkdir(exist_ok=True)
    for entry in state.iterdir():
        # Logs stay: the simulator may be writing one.
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.suffix != ".log":
            entry.unlink()


def _write(folder: Path) -> None:
    try:
        write_demo_city(folder, _free_port(CABINET_COUNT))
    except FolderNotEmpty as error:
        raise DemoRefused(Fact("demo_folder_not_ours", {"folder": str(folder)}), wrong_site=True) from error


def _copy(like: Path, folder: Path) -> None:
    read_demo_site(like)
    try:
        write_folder(folder, {**folder_texts(like), MARKER_FILE: ""})
    except FolderNotEmpty as error:
        raise DemoRefused(error.fact, wrong_site=True) from error


def _free_port(span: int) -> int:
    port = free_first_port(span)
    if port is None:
        raise DemoRefused(Fact("demo_no_free_ports"))
    return port


def _refuse_running(folder: Path) -> None:
    try:
        with open_store(store_url_for(folder), create=False) as store:
            running = store.controller.is_locked()
    except StoreError:
        # No store, or one that nobody can read: there is nothing that a reset could harm.
        return
    if running:
        raise DemoRefused(Fact("demo_already_running", {"folder": str(folder)}))
