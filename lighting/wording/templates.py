"""The English templates of every room, gathered: one ``words_<room>.py`` each, a code never twice."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

import lighting.wording


@cache
def rooms() -> tuple[str, ...]:
    """The names of the modules that hold words, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules(lighting.wording.__path__))
    return tuple(sorted(name for name in found if name.startswith("words_")))


def words_of(room: str) -> Mapping[str, str]:
    """The codes and English templates of one module, such as ``words_desk``."""
    words: dict[str, str] = import_module(f"lighting.wording.{room}").WORDS
    return words


@cache
def all_words() -> Mapping[str, str]:
    """Every code with its English template. The first room by name wins a doubled code; a test refuses doubles."""
    words: dict[str, str] = {}
    for room in rooms():
        for code, template in words_of(room).items():
            words.setdefault(code, template)
    return words


@cache
def words_of_values() -> Mapping[str, Mapping[str, str]]:
    """The English words of codes that are values of a fact, by ``code.name``: ``VALUES`` of each room with some."""
    words: dict[str, Mapping[str, str]] = {}
    for room in rooms():
        words |= getattr(import_module(f"lighting.wording.{room}"), "VALUES", {})
    return words
