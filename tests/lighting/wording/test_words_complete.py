"""Every code that the source makes has words, every word has a code, and the catalogue is current."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from lighting.wording import extraction
from lighting.wording.templates import all_words, rooms, words_of

CHECKOUT = Path(__file__).resolve().parents[3]
MAKERS = {"Fact", "ProfileProblem", "AddressProblem"}


def sources() -> Iterator[Path]:
    for package in ("lighting", "drivers", "tui"):
        yield from sorted((CHECKOUT / package).rglob("*.py"))


def literals(node: ast.expr) -> list[str] | None:
    """The codes that an expression can be, or None when it is not written out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        either, other = literals(node.body), literals(node.orelse)
        return None if either is None or other is None else either + other
    return None


def made_codes(tree: ast.AST) -> Iterator[str]:
    """Codes in ``Fact("code")`` and in ``code = "…"`` of an error class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            named = [k.value for k in node.keywords if k.arg == "code"]
            first = (node.args or named)[:1]
            yield from (literals(first[0]) or []) if first else []
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "code":
                    yield from literals(statement.value) or []


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sources()}


def test_every_code_has_words(trees: dict[Path, ast.Module]) -> None:
    words = all_words()
    missing: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        for code in made_codes(tree):
            if code not in words:
                missing[code].append(str(path.relative_to(CHECKOUT)))
    assert dict(missing) == {}


def test_every_word_has_a_code(trees: dict[Path, ast.Module]) -> None:
    # A code may also be passed on as a plain literal, as drivers do, which know no facts.
    said = {text for path, tree in trees.items() if not path.name.startswith("words_") for text in strings(tree)}
    assert sorted(set(all_words()) - said) == []


def test_no_code_is_worded_twice() -> None:
    seen: dict[str, str] = {}
    doubled = []
    for room in rooms():
        for code in words_of(room):
            if code in seen:
                doubled.append((code, seen[code], room))
            seen[code] = room
    assert doubled == []


def test_the_extracted_template_is_current() -> None:
    assert extraction.TEMPLATE.read_bytes() == extraction.extracted(), "run: python -m lighting.wording.extraction"


def test_every_translation_is_compiled_from_its_source() -> None:
    for translation in extraction.translations():
        assert translation.with_suffix(".mo").read_bytes() == extraction.compiled(translation), translation
