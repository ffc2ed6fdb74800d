"""What differs between two states of a site folder."""

from __future__ import annotations

from collections.abc import Mapping


def changed_files(old_texts: Mapping[str, str], new_texts: Mapping[str, str]) -> tuple[str, ...]:
    """The files that were added, removed or changed, by name; line endings and a byte-order mark are no change."""
    names = sorted({*old_texts, *new_texts})
    return tuple(name for name in names if _plain(old_texts.get(name)) != _plain(new_texts.get(name)))


def _plain(text: str | None) -> str | None:
    return None if text is None else text.removeprefix("\ufeff").replace("\r\n", "\n")
