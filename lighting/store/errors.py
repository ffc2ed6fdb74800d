"""What can go wrong with the store. Whether to try again is a property of the type."""

from __future__ import annotations

from lighting.assets.fact import Fact


class StoreError(Exception):
    """Base of what can go wrong with the store; ``fact`` says it in a code with values."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


class StoreUnavailable(StoreError):
    """Locked, full, gone or not to be opened: try again later; nothing was written."""


class StoreOutdated(StoreError):
    """Written by a newer program: this one must not touch it."""


class LockHeld(StoreError):
    """Another controller owns the site's lines; values ``holder``, ``pid``, ``host``, ``since_ms`` where known."""


class RevisionMoved(StoreError):
    """Another revision was accepted since one was looked at: nothing was written. Values ``revision`` and ``by``."""
