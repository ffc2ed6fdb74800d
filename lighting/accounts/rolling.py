"""Readings rolled up into hours and days, with what a site knows of its meters and circuits."""

from __future__ import annotations

from lighting.assets.model import Site
from lighting.energy.rollup import SeriesFacts
from lighting.energy.rollup_facts import series_facts
from lighting.store.store import Store

GRACE_MS = 120_000
"""An hour is rolled up so long after its end, when most of its readings have come. Late ones mark it again."""


def facts_of(store: Store, site: Site) -> dict[int, SeriesFacts]:
    """What is known of every series of a site, by its key."""
    replaced: dict[int, list[int]] = {}
    for key, at_ms in store.keys.meters_replaced():
        replaced.setdefault(key, []).append(at_ms)
    return series_facts(site, store.keys.known("circuit"), store.keys.known("meter"), replaced)


def roll_up(store: Store, site: Site, now_ms: int) -> int:
    """Roll up what is over and what is marked, for whoever reads it where no controller runs; hours that were done."""
    until_ms = now_ms - GRACE_MS
    if store.rollups.is_done(until_ms, site.timezone):
        return 0  # what a city knows of its series takes a quarter of a second to put together
    return store.rollups.roll(until_ms, site.timezone, facts_of(store, site)).done
