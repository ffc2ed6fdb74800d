"""The report speaks Vietnamese whole, and names every cause, baseline, world and kind of energy."""

from __future__ import annotations

import ast
from pathlib import Path

from lighting.energy.worlds import CAUSES, ENERGY_KINDS, WORLDS
from lighting.report.language import Language
from lighting.wording import words_report as words
from lighting.wording.speech import translate

REPORT = Path(words.__file__).parents[1] / "report"
UNTRANSLATED = frozenset({"kWh", "CO₂", "kg CO₂", "tan φ", ""})


def every_word() -> set[str]:
    named = (words.CAUSES, words.BASELINES, words.WORLD_NAMES, words.KINDS)
    return {*words.WORDS.values(), *words.LABELS, *(text for names in named for text in names.values())}


def test_every_word_of_the_report_is_translated() -> None:
    missing = [text for text in every_word() if translate(text, language="vi") == text]
    assert missing == []


def test_every_code_has_a_name() -> None:
    assert list(words.CAUSES) == [*(cause.code for cause in CAUSES), "adjustments", "reference_difference"]
    assert list(words.WORLD_NAMES) == list(WORLDS)
    assert set(words.KINDS) == {*ENERGY_KINDS, ""}
    assert set(words.BASELINES) == {"same_lamps_full_power", "lamps_before", "metered_reference"}


def said_labels() -> set[str]:
    """Literals that the report gives to ``word(…)``, to ``translate(…)`` and to the headings of its sheets."""
    found = set()
    for file in REPORT.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("word", "translate", "Heading", "sheet"):
                found.add(str(node.args[0].value))
    return found - UNTRANSLATED


def test_every_label_is_in_the_catalogue() -> None:
    assert said_labels() - set(words.LABELS) == set()


def test_every_label_is_said() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in REPORT.glob("*.py"))
    assert [label for label in words.LABELS if f'"{label}"' not in text] == []


def test_each_language_has_its_own_form_of_numbers_days_and_money() -> None:
    english = Language("en", "Asia/Ho_Chi_Minh", "EUR", 2)
    vietnamese = Language("vi", "Asia/Ho_Chi_Minh", "VND", 0)
    assert english.number(1234567.891, 2) == "1,234,567.89"
    assert vietnamese.number(1234567.891, 2) == "1.234.567,89"
    assert english.day("2026-10-05") == "5 Oct 2026"
    assert vietnamese.day("2026-10-05") == "5 thg 10, 2026"
    assert english.span("2026-10-01", "2026-10-31") == "October 2026"
    assert vietnamese.span("2026-10-01", "2026-10-31") == "tháng 10 năm 2026"
    assert english.money(12_345_600) == "€12.35"
    assert vietnamese.money(12_345_600_000).replace("\u00a0", " ") == "1.234.560 ₫"
    assert english.number(-0.4) == "0"
    assert english.number(-1.5, 1) == "−1.5"


def test_what_is_not_known_is_never_a_zero() -> None:
    language = Language("en")
    texts = {language.kwh(None), language.money(None), language.kg(None), language.share(None), language.number(None)}
    assert texts == {"not known"}


def test_nearly_all_is_not_all() -> None:
    language = Language("en")
    assert language.share(0.99999) == "99.9 %"
    assert language.share(1.0) == "100.0 %"
