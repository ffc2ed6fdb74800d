"""The names of those who hold the lines of a site: a controller stays, a command by hand ends before long."""

from __future__ import annotations

_BY_HAND = " by hand)"


def by_hand(kind: str) -> str:
    """The program's name of a command that took the lines itself."""
    return f"lighting ({kind}{_BY_HAND}"


def is_by_hand(holder: object) -> bool:
    """Whether that holder is such a command."""
    return isinstance(holder, str) and _BY_HAND in holder
