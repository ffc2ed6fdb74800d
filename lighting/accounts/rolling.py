"""Readings rolled up into hours and days, with what a site knows of its meters and circuits."""

from __future__ import annotations

from collections.abc import Mapping

from lighting.assets.model import Site
from lighting.energy.rollup import SeriesFacts
from lighting.energy.rollup_facts import series_facts
from lighting.store.store import Store

GRACE_MS = 120_000
"""An hour is rolled up so long after its end, when most of its readings have come. Late ones mark it again."""


class FactsNow:
    """What is known of every series of a site by its key, as it is when asked; for one thread at a time."""

    def __init__(self, store: Store, site: Site) -> None:
        self._store = store
        self._site = site
        self._found: object = None
        self._facts: dict[int, SeriesFacts] = {}

    def __call__(self) -> Mapping[int, SeriesFacts]:
        """Worked out again only where a meter was replaced or a key given since."""
        keys = self._store.keys
        found = keys.meters_replaced(), keys.known("circuit"), keys.known("meter")
        if found != self._found:
            replaced: dict[int, list[int]] = {}
            for key, at_ms in found[0]:
                replaced.setdefault(key, []).append(at_ms)
            self._facts = series_facts(self._site, found[1], found[2], replaced)
            self._found = found
        return self._facts


def roll_up(store: Store, site: Site, now_ms: int) -> int:
    """Roll up what is over and what is marked, for whoever reads it where no controller runs; hours that were done."""
    until_ms = now_ms - GRACE_MS
    if store.rollups.is_done(until_ms, site.timezone):
        return 0  # what a city knows of its series takes a quarter of a second to put together
    return store.rollups.roll(until_ms, site.timezone, FactsNow(store, site)).done
