"""Whatever stands in the files, reading a site never raises, and says that something is wrong or gives a site."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from lighting.assets.draft import SITE_FILES
from lighting.assets.folder import read_site
from lighting.assets.template import template_texts
from tests.effort import examples

ODD_TEXTS = st.one_of(
    st.sampled_from(
        [
            "nan",
            "1e999",
            "-inf",
            "\x00",
            "\n",
            '"',
            "'''",
            "[",
            "]]",
            "{}",
            "=",
            "#",
            ",",
            ":",
            "+",
            "..",
            "\udce9",
            "٣",
            "9" * 400,
            "2026-99-99",
            "-0",
            "true",
            "[" * 3000,
            "a." * 2000,
            "\u2028",
            "\ufeff",
            "\r",
            "../..",
            "*",
        ]
    ),
    st.text(max_size=20),
)


@st.composite
def mutated_texts(draw: st.DrawFn) -> dict[str, str]:
    texts = template_texts()
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(SITE_FILES))
        text = texts[name]
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + draw(st.sampled_from([0, 1, 5, 40, 400])))))
        texts[name] = text[:start] + draw(ODD_TEXTS) + text[end:]
    for name in draw(st.sets(st.sampled_from(SITE_FILES), max_size=1)):
        del texts[name]
    return texts


@settings(max_examples=examples(400), deadline=None)
@given(mutated_texts())
def test_a_mutated_site_is_read_or_refused_never_raised(texts: dict[str, str]) -> None:
    reading = read_site(texts)
    assert (reading.site is None) == any(not problem.is_warning for problem in reading.problems)
    for problem in reading.problems:
        json.dumps(dict(problem.fact.values), ensure_ascii=False).encode("utf-8")


@settings(max_examples=examples(200), deadline=None)
@given(st.dictionaries(st.sampled_from([*SITE_FILES, "profiles/x.toml", "other.csv"]), st.text(), max_size=6))
def test_any_text_at_all(texts: dict[str, str]) -> None:
    assert read_site(texts).site is None


@st.composite
def cell_edits(draw: st.DrawFn) -> dict[str, str]:
    """One cell of one table replaced: where the values themselves are odd rather than the file."""
    texts = template_texts()
    name = draw(st.sampled_from([f for f in SITE_FILES if f.endswith(".csv")]))
    lines = texts[name].splitlines()
    rows = [i for i, line in enumerate(lines) if not line.startswith("#")]
    row = draw(st.sampled_from(rows))
    cells = lines[row].split(",")
    column = draw(st.integers(0, len(cells) - 1))
    cells[column] = draw(ODD_TEXTS)
    lines[row] = ",".join(cells)
    return {**texts, name: "\n".join(lines)}


@settings(max_examples=examples(400), deadline=None)
@given(cell_edits())
def test_a_surprising_cell_is_a_problem_never_an_exception(texts: dict[str, str]) -> None:
    reading = read_site(texts)
    assert (reading.site is None) == any(not problem.is_warning for problem in reading.problems)


def test_tables_a_thousand_deep_are_problems_never_an_exception() -> None:
    texts = template_texts()
    texts["site.toml"] = texts["site.toml"].replace("longitude_deg", ".".join("a" * 1500) + ".longitude_deg", 1)
    codes = {problem.fact.code for problem in read_site(texts).problems}
    assert "value_missing" in codes
