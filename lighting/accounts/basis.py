"""With what an account was made: the method and the baseline as the site states it now. Tariffs are no part of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from lighting.assets.draft import BASELINE_FILE, BASELINE_HOURS_FILE
from lighting.assets.model import Site

METHOD = 3
"""Raised whenever the same inputs would give other figures: every day is then made again."""


def basis_hash(site: Site, files: Mapping[str, str]) -> str:
    """Return the hash of what rules the accounts of all days alike: a baseline holds for the past, too."""
    stated = {
        "method": METHOD,
        "baseline": files.get(BASELINE_FILE, ""),
        "hours": files.get(BASELINE_HOURS_FILE, ""),
        "place": (site.latitude_deg, site.longitude_deg, site.timezone),
        "legacy_w": sorted((kind.id, kind.legacy_w) for kind in site.luminaire_types.values()),
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()
