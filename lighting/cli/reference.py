"""The reference of the command line, from its own ``--help``: ``python -m lighting.cli.reference > docs/cli.md``."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from typing import Protocol, cast

import typer

from lighting.cli.app import app
from lighting.cli.entry import run

HEAD = """# The command line

Made from the program's own `--help`; do not edit it: `python -m lighting.cli.reference > docs/cli.md`.
The exit codes are told in [exit-codes.md](exit-codes.md), the documents of `--json` in [json.md](json.md).
"""


class _Node(Protocol):
    """A command, which may hold others."""

    @property
    def commands(self) -> Mapping[str, _Node]: ...


def command_names() -> Iterator[tuple[str, ...]]:
    """Every command in the order of ``--help``: ``("status",)``, …, ``("import", "lights")``."""
    yield from _below(cast("_Node", typer.main.get_command(app)), ())


def _below(node: _Node, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, command in getattr(node, "commands", {}).items():
        words = (*before, name)
        yield words
        yield from _below(command, words)


def help_of(words: tuple[str, ...]) -> str:
    """What ``lighting WORDS --help`` prints, at 80 columns whatever the terminal."""
    out = io.StringIO()
    kept = os.environ.get("COLUMNS"), os.environ.get("TERMINAL_WIDTH")
    os.environ["COLUMNS"] = "80"
    os.environ.pop("TERMINAL_WIDTH", None)
    try:
        with contextlib.redirect_stdout(out):
            run([*words, "--help"])
    finally:
        _restore(kept)
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def _restore(kept: tuple[str | None, str | None]) -> None:
    for name, value in zip(("COLUMNS", "TERMINAL_WIDTH"), kept, strict=True):
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def reference() -> str:
    """The whole page."""
    parts = [HEAD, _part("lighting", help_of(()))]
    parts += [_part(f"lighting {' '.join(words)}", help_of(words)) for words in command_names()]
    return "\n".join(parts)


def _part(title: str, text: str) -> str:
    return f"## {title}\n\n```\n{text}\n```\n"


if __name__ == "__main__":
    print(reference(), end="")
