"""Two streams: data on stdout, talk on stderr; facts become sentences in the language and zone of the person."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from rich.cells import cell_len

from lighting.assets.fact import Fact, Problem
from lighting.wording.speech import language_of_environment, say, say_problem, translate

_HANGING = "  "


def laid_out(text: str, stream: TextIO, *, indent: str = "") -> str:
    """A line broken between words where a terminal would break it inside one; whole in a pipe or a file.

    ``indent`` stands before the first line, and two cells more before those that follow.
    """
    if not stream.isatty():
        return indent + text
    width = shutil.get_terminal_size((80, 24)).columns
    return "\n".join(_broken(indent + text, max(_NARROWEST, width), indent + _HANGING))


_NARROWEST = 20


def _broken(text: str, width: int, hanging: str) -> list[str]:
    lines = [""]
    for word in re.findall(r"\s*\S+", text):
        if lines[-1].strip() and cell_len(lines[-1] + word) > width:
            lines.append(hanging + word.lstrip())
        else:
            lines[-1] += word
    return lines


@dataclass(frozen=True, slots=True)
class Voice:
    """How to speak: the zone of local times, the instant that they are near to, and the language."""

    timezone: str = "UTC"
    now_ms: int | None = None
    language: str = "en"

    def sentence(self, fact: Fact) -> str:
        """The sentence of a fact for this person."""
        return say(fact, timezone=self.timezone, reference_ms=self.now_ms, language=self.language)

    def tell(self, *facts: Fact) -> None:
        """Talk, on stderr, one line each."""
        for fact in facts:
            print(laid_out(self.sentence(fact), sys.stderr), file=sys.stderr, flush=True)

    def data(self, *facts: Fact) -> None:
        """Data, on stdout, one line each."""
        for fact in facts:
            print(laid_out(self.sentence(fact), sys.stdout))

    def problems(self, problems: Iterable[Problem], *, to_stdout: bool = False) -> None:
        """Each problem of a site on a line of its own."""
        for problem in problems:
            stream = sys.stdout if to_stdout else sys.stderr
            line = say_problem(problem, timezone=self.timezone, language=self.language)
            print(laid_out(line, stream), file=stream)

    def heading(self, text: str) -> str:
        """A column's heading in this person's language."""
        return translate(text, language=self.language)


_of_this_run = Voice(language=language_of_environment())


def voice_for(timezone: str = "UTC", now_ms: int | None = None) -> Voice:
    """The voice of this run: the language that ``LIGHTING_LANGUAGE`` names. It also says what goes wrong later."""
    global _of_this_run
    _of_this_run = Voice(timezone, now_ms, language_of_environment())
    return _of_this_run


def voice_of_this_run() -> Voice:
    """The voice that was chosen last, for an error that comes after it."""
    return _of_this_run


# What JSON itself leaves as it is; it occurs only inside strings.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def print_json(form: Mapping[str, Any]) -> None:
    """One JSON document on stdout, as UTF-8 text with two spaces of indentation; nothing in it moves a terminal."""
    text = json.dumps(form, ensure_ascii=False, indent=2, allow_nan=False)
    print(_UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
