"""A fact becomes a sentence: English template, through the catalogue of the language, with values in their units."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Protocol

from lighting.assets.fact import Fact, Problem, Value
from lighting.wording.figures import Manner, figure, visible
from lighting.wording.plurals import singular_where_one
from lighting.wording.templates import all_words, words_of_values

LOCALE_FOLDER = Path(__file__).parent / "locale"
_DECIMAL_COMMA = frozenset(
    {"vi", "de", "fr", "es", "it", "nl", "pl", "pt", "ru", "uk", "cs", "da", "fi", "nb", "sv", "tr"}
)


class SpokenStep(Protocol):
    """What ``say_trail`` needs of a step of a trail (``lighting.schedule.decision.TrailEntry`` is one)."""

    @property
    def fact(self) -> Fact: ...
    @property
    def ruled(self) -> bool: ...
    @property
    def level_pct(self) -> float | None: ...


def language_of_environment() -> str:
    """The language that ``LIGHTING_LANGUAGE`` names, else English."""
    return os.environ.get("LIGHTING_LANGUAGE", "").split(".")[0] or "en"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("lighting", localedir=str(LOCALE_FOLDER), languages=[language], fallback=True)


class _Figures(dict[str, str]):
    """The written values of a fact; a value that the template names and the fact lacks reads ``?``."""

    def __missing__(self, key: str) -> str:
        return "?"


def say(fact: Fact, *, timezone: str = "UTC", reference_ms: int | None = None, language: str = "en") -> str:
    """The sentence of a fact, with local times of ``timezone``; times near ``reference_ms`` go without a date.

    Never raises: a code that has no words is shown with its values.
    """
    template = all_words().get(fact.code)
    if template is None:
        return _bare(fact)
    decimal_mark = "," if language.split("_")[0] in _DECIMAL_COMMA else "."
    manner = Manner(timezone, reference_ms, decimal_mark)
    written = _Figures(
        {
            name: _word(fact.code, name, value, language) or figure(name, value, manner)
            for name, value in fact.values.items()
        }
    )
    try:
        translated = _catalogue(language).gettext(template)
        return (singular_where_one(template, fact.values) if translated == template else translated).format_map(written)
    except (ValueError, IndexError, KeyError, AttributeError):  # a translator's broken template
        return _bare(fact)


def _word(code: str, name: str, value: Value, language: str) -> str:
    """The words of a value that is a code, or several with commas between, or none; empty for any other."""
    if value is None or isinstance(value, bool):
        return translate(figure(name, value, Manner()), language=language)
    words = words_of_values().get(f"{code}.{name}")
    if words is None or not isinstance(value, str):
        return ""
    return ", ".join(visible(translate(words.get(one, one), language=language)) for one in value.split(", "))


def _bare(fact: Fact) -> str:
    values = ", ".join(f"{name}={_plain(value)}" for name, value in fact.values.items())
    return f"{fact.code}({values})" if values else fact.code


def _plain(value: Value) -> str:
    return visible(value) if isinstance(value, str) else repr(value)


def say_problem(problem: Problem, *, timezone: str = "UTC", language: str = "en") -> str:
    """One line of a site's problem: ``file:line field: sentence``. Line breaks read ``\\n``; times are local."""
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    head = f"{place} {problem.field}" if problem.field else place
    sentence = say(problem.fact, timezone=timezone, language=language)
    return _one_line(f"{head}: {sentence}" if head else sentence)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def say_trail(
    steps: Iterable[SpokenStep], *, timezone: str = "UTC", reference_ms: int | None = None, language: str = "en"
) -> list[str]:
    """One line for each step of a trail: ``>`` marks what set the level, which stands at the end."""
    return [_trail_line(step, timezone, reference_ms, language) for step in steps]


def _trail_line(step: SpokenStep, timezone: str, reference_ms: int | None, language: str) -> str:
    sentence = say(step.fact, timezone=timezone, reference_ms=reference_ms, language=language)
    level = "" if step.level_pct is None else f"  [{figure('level_pct', step.level_pct, Manner())}]"
    return f"{'>' if step.ruled else ' '} {sentence}{level}"


def translate(text: str, *, language: str = "en") -> str:
    """A word or heading of the catalogue in that language; English where it has none."""
    return _catalogue(language).gettext(text) if text else ""  # of nothing, gettext gives the catalogue's head
