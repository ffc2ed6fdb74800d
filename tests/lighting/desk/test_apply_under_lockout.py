"""No edit of the folder lets go of a line on which somebody works: the lockout has to be taken off first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lighting.desk.desk import Desk, NotFound, Refused
from lighting.schedule.instructions import Layer
from lighting.store.store import Store

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import DeskOf, StandingClock


def edit(folder: Path, file: str, *pairs: tuple[str, str]) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text, encoding="utf-8")


def remove_row(folder: Path, file: str, start: str) -> None:
    lines = (folder / file).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / file).write_text("".join(line for line in lines if not line.startswith(start)), encoding="utf-8")


def rename(folder: Path, old: str, new: str) -> None:
    """A circuit, wherever its id stands."""
    edit(folder, "circuits.csv", (old, new))
    edit(folder, "groups.csv", (old, new))


def remove(folder: Path, circuit: str) -> None:
    remove_row(folder, "circuits.csv", circuit)
    remove_row(folder, "groups.csv", f"market-square,{circuit}")


@pytest.fixture(autouse=True)
def market_square(folder: Path) -> None:
    """A group of its own in the example: an edit may let go of a line by it, too."""
    (folder / "groups.csv").write_text("group,circuit\nmarket-square,C-0101\nmarket-square,C-0102\n", encoding="utf-8")


SWAPPED = (
    ("CB01-D:1,CB01-R:1", "CB01-D:9,CB01-R:9"),
    ("CB01-D:2,CB01-R:2", "CB01-D:1,CB01-R:1"),
    ("CB01-D:9,CB01-R:9", "CB01-D:2,CB01-R:2"),
)
LETS_GO: dict[str, tuple[str, Callable[[Path], None]]] = {
    "renamed": ("C-0101", lambda f: rename(f, "C-0101", "C-0111")),
    "removed": ("C-0101", lambda f: remove(f, "C-0101")),
    "its channels given to another": ("C-0101", lambda f: edit(f, "circuits.csv", *SWAPPED)),
    "its relay left out": ("C-0101", lambda f: edit(f, "circuits.csv", ("CB01-D:1,CB01-R:1", "CB01-D:1,"))),
    "its device on another unit": ("C-0101", lambda f: edit(f, "devices.csv", ("CB01-bus,1,", "CB01-bus,9,"))),
    "its line elsewhere": ("C-0101", lambda f: edit(f, "buses.csv", ("127.0.0.1:15021", "127.0.0.1:15029"))),
    "out of the locked district": (
        "district:centre",
        lambda f: edit(
            f, "circuits.csv", ("Market street,Market street,centre", "Market street,Market street,lakeside")
        ),
    ),
    "out of the locked road": (
        "road:Market street",
        lambda f: edit(
            f, "circuits.csv", ("C-0101,CB01,Market street,Market street", "C-0101,CB01,Market street,High")
        ),
    ),
    "out of the locked group": ("group:market-square", lambda f: remove_row(f, "groups.csv", "market-square,C-0101")),
    "out of the locked cabinet": ("cabinet:CB01", lambda f: edit(f, "circuits.csv", ("C-0101,CB01", "C-0101,CB02"))),
}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("case", LETS_GO)
def test_an_edit_that_would_let_go_of_a_locked_line_is_refused(
    case: str, dry_run: bool, folder: Path, desk: Desk
) -> None:
    target, change = LETS_GO[case]
    desk.apply()
    number = desk.lock(desk.parse_scope(target), until_ms=None, reason="cable").instruction_id
    change(folder)
    with pytest.raises(Refused) as refused:
        desk.apply(dry_run=dry_run)
    values = refused.value.fact.values
    assert refused.value.fact.code == "lockout_would_let_go"
    assert (values["id"], values["circuit"], values["target"]) == (number, "C-0101", target)
    assert len(desk.revisions()) == 1
    desk.unlock(desk.parse_scope(target), reason="done")
    assert desk.apply(dry_run=dry_run).accepted is not dry_run


def test_an_edit_that_keeps_the_locked_line_is_accepted(folder: Path, desk: Desk) -> None:
    desk.apply()
    desk.lock(desk.parse_scope("cabinet:CB01"), until_ms=None, reason="cable")
    edit(folder, "circuits.csv", ("C-0101,CB01,Market street,", "C-0101,CB01,High street,"), ("C-0103", "C-0113"))
    edit(folder, "buses.csv", ("tcp://127.0.0.1:15021", "tcp://localhost:15021"))
    assert desk.apply().accepted


def test_a_lockout_before_anything_was_accepted_accepts_the_folder_that_it_was_given_on(
    folder: Path, desk: Desk
) -> None:
    desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason="cable")
    assert [revision.id for revision in desk.revisions()] == [1]
    rename(folder, "C-0101", "C-0111")
    with pytest.raises(Refused):
        desk.apply()


def test_a_lockout_that_is_refused_accepts_nothing(desk: Desk) -> None:
    with pytest.raises(Exception, match="reason_missing"):
        desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason="")
    assert desk.revisions() == []


def test_a_desk_that_has_not_seen_a_renaming_locks_nothing_that_is_gone(
    folder: Path, desk: Desk, desk_of: DeskOf
) -> None:
    desk.apply()
    with desk_of("crew") as other:
        scope = other.parse_scope("C-0101")
        rename(folder, "C-0101", "C-0111")
        desk.apply()
        with pytest.raises(NotFound):
            other.lock(scope, until_ms=None, reason="x")


@pytest.mark.parametrize("layer", [Layer.LOCKOUT, Layer.OVERRIDE])
def test_what_stands_on_a_circuit_that_is_gone_can_be_taken_off(
    layer: Layer, desk: Desk, store: Store, clock: StandingClock
) -> None:
    made = store.instructions.record(
        layer=layer,
        scope_kind="circuit",
        scope_id="C-0999",
        level_pct=None if layer is Layer.LOCKOUT else 50.0,
        from_ms=clock.now_ms(),
        until_ms=clock.now_ms() + 3_600_000,
        by="operator",
        reason="x",
    )
    scope = desk.parse_scope("C-0999")
    with pytest.raises(NotFound):
        desk.lock(scope, until_ms=None, reason="y")
    act = desk.unlock if layer is Layer.LOCKOUT else desk.release
    assert act(scope, reason="gone").released == (made.id,)
    assert desk.instructions() == []
    with pytest.raises(NotFound):
        desk.parse_scope("C-0999")


def test_an_edit_that_names_another_store_is_refused(folder: Path, desk: Desk) -> None:
    desk.apply(note="as it is")
    edit(folder, "site.toml", ("[store]", '[store]\nurl = "sqlite:///elsewhere.db"'))
    with pytest.raises(Refused) as refused:
        desk.apply(note="moved")
    assert refused.value.fact.code == "store_stays"
    assert [revision.note for revision in desk.revisions()] == ["as it is"]
