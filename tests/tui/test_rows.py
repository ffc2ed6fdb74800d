"""The rows of a table: filtering, sorting, and a refresh that moves nothing."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.rows import Column, Rows, columns_for


@dataclass(frozen=True)
class Lamp:
    id: str
    road: str
    power_w: float | None


COLUMNS: tuple[Column[Lamp], ...] = (
    Column("id", "ID", 4, lambda lamp: (lamp.id, ""), lambda lamp: lamp.id),
    Column("road", "ROAD", 6, lambda lamp: (lamp.road, ""), lambda lamp: lamp.road, importance=3, grow=1),
    Column(
        "power", "W", 5, lambda lamp: (str(lamp.power_w), ""), lambda lamp: lamp.power_w, importance=2, changes=True
    ),
)


def rows_of(*lamps: Lamp, sorted_by: str = "id") -> Rows[Lamp]:
    rows = Rows(COLUMNS, lambda lamp: lamp.id, lambda lamp: f"{lamp.id} {lamp.road}", sorted_by=sorted_by)
    rows.renew(lamps)
    return rows


A, B, C = Lamp("a", "Hàng Bài", 3.0), Lamp("b", "Tràng Tiền", None), Lamp("c", "Hàng Bạc", 1.0)


def test_a_filter_takes_every_word_without_marks() -> None:
    rows = rows_of(A, B, C)
    rows.narrow("hang BAI")
    assert rows.shown == ["a"]
    rows.narrow("hang")
    assert rows.shown == ["a", "c"]
    rows.narrow("nowhere")
    assert rows.shown == []
    assert rows.cursor_id == ""


def test_sorting_twice_turns_round_and_unknown_values_come_last_both_ways() -> None:
    rows = rows_of(A, B, C)
    rows.sort_by("power")
    assert rows.shown == ["c", "a", "b"]
    rows.sort_by("power")
    assert rows.shown == ["a", "c", "b"]


def test_the_cursor_stays_on_its_row_through_a_filter() -> None:
    rows = rows_of(A, B, C)
    rows.move_cursor(2)
    rows.narrow("hang")
    assert (rows.cursor, rows.cursor_id) == (1, "c")
    rows.narrow("trang")
    assert (rows.cursor, rows.cursor_id) == (0, "b")


def test_sorting_goes_to_the_first_row() -> None:
    rows = rows_of(A, B, C)
    rows.move_cursor(2)
    rows.sort_by("power")
    assert rows.cursor_id == "c"
    rows.turn()
    assert (rows.cursor, rows.cursor_id) == (0, "a")


def test_a_refresh_keeps_the_order_and_says_that_it_has_aged() -> None:
    rows = rows_of(A, B, C, sorted_by="power")
    assert not rows.is_aged()
    rows.renew([Lamp("a", A.road, 0.5), B, C])
    assert rows.shown == ["c", "a", "b"]
    assert rows.is_aged()
    rows.sort_again()
    assert rows.shown == ["a", "c", "b"]


def test_a_new_row_comes_last_and_a_row_that_is_gone_leaves_the_cursor_near() -> None:
    rows = rows_of(B, C)
    rows.move_cursor(1)
    rows.renew([A, B])
    assert rows.shown == ["b", "a"]
    assert rows.cursor == 1


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 9) | st.none()), max_size=12),
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 9) | st.none()), max_size=12),
    st.integers(0, 8),
    st.sampled_from(["id", "power"]),
)
def test_no_refresh_moves_a_row_that_stays(
    before: list[tuple[str, float | None]], after: list[tuple[str, float | None]], cursor: int, key: str
) -> None:
    rows = rows_of(*(Lamp(i, "", w) for i, w in before), sorted_by=key)
    rows.move_cursor(cursor)
    chosen, shown = rows.cursor_id, list(rows.shown)
    rows.renew([Lamp(i, "", w) for i, w in after])
    staying = {i for i, _ in after}
    if shown:
        assert [i for i in rows.shown if i in shown] == [i for i in shown if i in staying]
    if chosen in staying:
        assert rows.cursor_id == chosen
    assert sorted(rows.shown) == sorted(staying)


@given(st.integers(6, 60))
def test_columns_fit_and_the_most_important_stay(width: int) -> None:
    chosen = columns_for(COLUMNS, width)
    assert sum(size + 1 for _, size in chosen) + 1 <= width
    keys = [column.key for column, _ in chosen]
    assert keys == [column.key for column in COLUMNS if column.key in keys]
    assert "id" in keys
    if "road" in keys:
        assert "power" in keys
