"""docs/cli.md is what ``--help`` says; the exit codes are told where they are promised."""

from __future__ import annotations

from pathlib import Path

from lighting.cli.exit_codes import EPILOGUE, Exit
from lighting.cli.reference import command_names, help_of, reference

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_is_current() -> None:
    text = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert text == reference(), "run: python -m lighting.cli.reference > docs/cli.md"


def test_every_command_explains_itself() -> None:
    for words in command_names():
        lines = help_of(words).splitlines()
        assert lines[0].startswith(f"Usage: lighting {' '.join(words)}")
        assert len(lines) > 4, words
        assert max(map(len, lines)) <= 80, words


def test_the_exit_codes_are_documented() -> None:
    page = (DOCS / "exit-codes.md").read_text(encoding="utf-8")
    for code in Exit:
        assert f"| {code.value} |" in page
        assert code is Exit.INTERRUPTED or f"{code.value} " in EPILOGUE
