"""What the command line itself says on stderr, beside the data on stdout."""

from __future__ import annotations

WORDS: dict[str, str] = {}
