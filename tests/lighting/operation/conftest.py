"""The example site and what a controller knows of it before the first poll."""

from __future__ import annotations

import pytest

from lighting.assets.folder import read_site
from lighting.assets.model import Site
from lighting.assets.template import template_texts
from lighting.operation.live import Live
from lighting.operation.takeover import SiteKeys, live_of
from lighting.operation.wiring import meter_refs


@pytest.fixture
def site() -> Site:
    site = read_site(template_texts()).site
    assert site is not None
    return site


@pytest.fixture
def keys(site: Site) -> SiteKeys:
    return SiteKeys(
        buses={name: 100 + i for i, name in enumerate(site.buses)},
        devices={name: 200 + i for i, name in enumerate(site.devices)},
        circuits={name: 300 + i for i, name in enumerate(site.circuits)},
        meters={name: 400 + i for i, name in enumerate(meter_refs(site))},
    )


@pytest.fixture
def live(site: Site, keys: SiteKeys) -> Live:
    return live_of(site, keys)
