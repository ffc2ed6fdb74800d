"""Tables: aligned by cells, cut only where a terminal is narrow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lighting.cli.table import LEAST_WIDTH, Column, table_lines
from lighting.cli.voice import Voice

COLUMNS = (Column("NAME", gives_way=True), Column("LEVEL", right=True))


def test_numbers_stand_to_the_right_and_text_to_the_left() -> None:
    lines = table_lines(COLUMNS, [("Tràng Tiền", "60 %"), ("Lý", "100 %")], Voice(), width=None)
    assert lines == ["NAME        LEVEL", "Tràng Tiền   60 %", "Lý          100 %"]


def test_a_narrow_terminal_cuts_the_text_and_never_the_number() -> None:
    lines = table_lines(COLUMNS, [("a very long name of a road indeed", "60 %")], Voice(), width=20)
    assert lines[1] == "a very long…    60 %"
    assert all(cell_len(line) <= 20 for line in lines)


def test_a_pipe_cuts_nothing() -> None:
    assert "x" * 300 in table_lines(COLUMNS, [("x" * 300, "1 %")], Voice(), width=None)[1]


@given(
    names=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60), min_size=1, max_size=5)
)
def test_no_line_is_wider_than_the_terminal(names: list[str]) -> None:
    width = LEAST_WIDTH + 2 + 5
    lines = table_lines(COLUMNS, [(name, "100 %") for name in names], Voice(), width=max(width, 20))
    assert all(cell_len(line) <= max(width, 20) for line in lines)
