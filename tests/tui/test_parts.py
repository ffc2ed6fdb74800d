"""Lines of the dashboard: cut by terminal cells, plain in ASCII, and never an escape sequence from a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.parts import ascii_form, cut, fit, folded, shortened, spread, strip_of, terminal_is_ascii, width_of, wrapped

names = st.text(alphabet=st.sampled_from("aBđĐôếữ漢字 ·●"), max_size=40)


@given(names, st.integers(0, 30))
def test_a_cut_text_never_takes_more_cells_than_it_may(text: str, width: int) -> None:
    assert cell_len(cut(text, width)) <= width


@given(names, st.integers(1, 30), st.booleans())
def test_a_fitted_text_takes_exactly_its_cells(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


@given(names, names, st.integers(1, 60))
def test_a_line_is_exactly_as_wide_as_the_screen(left: str, right: str, width: int) -> None:
    strip = strip_of(spread([(left, "")], [(right, "")], width), width)
    assert strip.cell_length == width


def test_a_long_vietnamese_name_is_cut_with_an_ellipsis() -> None:
    assert cut("Phố Nhà Thờ và Ấu Triệu", 12) == "Phố Nhà Thờ…"
    assert cut("Hàng Bài", 8) == "Hàng Bài"


def test_a_wide_character_is_not_cut_in_half() -> None:
    assert cell_len(fit("漢字漢字", 4)) == 4


@given(names)
def test_the_ascii_form_is_ascii_and_as_wide(text: str) -> None:
    assert ascii_form(text).isascii()
    assert cell_len(ascii_form(text)) == cell_len(text)


def test_symbols_and_vietnamese_have_a_plain_form() -> None:
    assert ascii_form("● ▲ ◆ ⊘ Đinh Tiên Hoàng 60 → 40 × −3") == "* ! + X Dinh Tien Hoang 60 > 40 x -3"


def test_searching_needs_no_marks_and_no_case() -> None:
    assert folded("trang tien") in folded("Tràng Tiền")
    assert folded("ĐINH") == folded("đinh") == "dinh"


def test_a_name_cannot_send_the_terminal_an_escape_sequence() -> None:
    strip = strip_of([("Hàng\x1b[2J\nBài", "")], 20)
    assert strip.text.rstrip() == "Hàng?[2J Bài"


def test_the_left_part_is_cut_before_the_right_one() -> None:
    line = spread([("a very long name", "")], [("12 min", "")], 14)
    assert "".join(text for text, _ in line) == "a very… 12 min"


def test_a_line_is_shortened_across_its_parts() -> None:
    line = shortened([("abc", ""), ("defgh", "strong")], 6)
    assert line == [("abc", ""), ("de…", "strong")]
    assert width_of(line) == 6


def test_text_is_broken_between_words() -> None:
    assert wrapped("Set C-0142 to 40 % until 06:00?", 12) == ["Set C-0142", "to 40 %", "until 06:00?"]


@pytest.mark.parametrize(("value", "plain"), [("1", True), ("yes", True), ("0", False)])
def test_the_environment_can_ask_for_ascii(value: str, plain: bool) -> None:
    assert terminal_is_ascii({"LIGHTING_ASCII": value}) is plain


@pytest.mark.parametrize(("encoding", "plain"), [("UTF-8", False), ("ANSI_X3.4-1968", True), ("ISO-8859-1", True)])
def test_without_it_the_locale_decides(monkeypatch: pytest.MonkeyPatch, encoding: str, plain: bool) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: encoding)
    assert terminal_is_ascii({}) is plain
