"""How hard the heavy proofs try: seconds with fixed seeds in ``make check``, in earnest in ``make long``."""

from __future__ import annotations

import os

IS_LONG = bool(os.environ.get("LIGHTING_LONG"))
LONG_FACTOR = 20


def examples(short: int) -> int:
    """How many examples a property is tried on."""
    return short * LONG_FACTOR if IS_LONG else short
