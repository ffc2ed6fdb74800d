"""A site folder beside what its devices have: watchdogs, as last read from them, that its polls could not feed."""

from __future__ import annotations

from pathlib import Path

from lighting.assets.draft import SITE_FILE
from lighting.assets.fact import Problem
from lighting.assets.failsafe import ReadValues
from lighting.assets.folder import read_accepted
from lighting.assets.model import Site
from lighting.assets.watchdog_feeding import NotFed, not_fed
from lighting.desk.site_source import store_to_look_at
from lighting.desk.without_us import settings_of
from lighting.store.records import Revision
from lighting.store.store import Store

_MOST = 6


def unfed_beside_store(folder: Path, site: Site) -> tuple[Problem, ...]:
    """A warning for each device whose watchdog, as the store last had it read, the folder's polls could not feed.

    Only looks. Raises ``StoreError`` for a store that cannot be read.
    """
    with store_to_look_at(folder) as store:
        read = {} if store is None else _read(site, store)
    return _problems(list(not_fed(site, read).values()), is_warning=True)


def unfed_by_edit(site: Site, store: Store, latest: Revision | None) -> tuple[Problem, ...]:
    """As errors those that the accepted revision feeds, or feeds better; as warnings those that it does not either.

    A watchdog that nobody feeds now must not lock a city out of every other edit, nor of one that makes it better.
    """
    unfed = not_fed(site, _read(site, store))
    if not unfed:
        return ()
    before = None if latest is None else read_accepted(latest.files).site
    known = {} if before is None else not_fed(before, _read(before, store))

    def is_worse(one: NotFed) -> bool:
        was = known.get(one.device)
        return was is None or one.cycle.needed_s > was.cycle.needed_s

    worse = [one for one in unfed.values() if is_worse(one)]
    rest = [one for one in unfed.values() if not is_worse(one)]
    return _problems(worse, is_warning=False) + _problems(rest, is_warning=True)


def _read(site: Site, store: Store) -> ReadValues:
    return {name: device.found.values for name, device in settings_of(site, store).items()}


def _problems(unfed: list[NotFed], *, is_warning: bool) -> tuple[Problem, ...]:
    """The worst of them: a city may have a thousand devices of one kind."""
    worst = sorted(unfed, key=lambda one: (one.watchdog_s - one.cycle.needed_s, one.device))[:_MOST]
    return tuple(Problem(one.fact(), SITE_FILE, field="control.poll_s", is_warning=is_warning) for one in worst)
