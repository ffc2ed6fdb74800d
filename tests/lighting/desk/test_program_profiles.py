"""After an upgrade the accepted profiles rule until the next apply, which says what it takes of the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lighting.assets.folder import folder_texts, read_accepted
from lighting.assets.program_profiles import own_files
from lighting.desk.desk import Desk
from lighting.desk.revising import program_beside_revision
from lighting.store.records import Revision
from lighting.store.store import Store

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import StandingClock

KEPT = "program/profiles/wb-mr6c.toml"


def pause_ms(revision: Revision | None) -> float:
    assert revision is not None
    site = read_accepted(revision.files).site
    assert site is not None
    return site.profiles["wb-mr6c"].limits.pause_ms


@pytest.fixture
def older(desk: Desk, store: Store, clock: StandingClock) -> Revision:
    """A revision of an older program, whose profile of the relays kept a longer pause."""
    files = desk.apply().revision.files  # type: ignore[union-attr]
    older_text = files[KEPT].replace("pause_ms = 8 ", "pause_ms = 77 ")
    made = store.revisions.add({**files, KEPT: older_text}, at_ms=clock.now_ms(), by="an", note="")
    desk.refresh()
    return made


def test_an_upgraded_program_runs_what_was_accepted_and_says_so(desk: Desk, folder: Path, older: Revision) -> None:
    assert desk.site.profiles["wb-mr6c"].limits.pause_ms == 77
    status = desk.status()
    assert (status.folder_differs, status.folder_problems) == (False, ())
    told = [("program_profile_differs", "wb-mr6c", older.id)]
    assert [(p.fact.code, *p.fact.values.values()) for p in status.program_profiles] == told
    assert program_beside_revision(folder) == status.program_profiles


def test_apply_takes_the_programs_profile_and_a_rollback_the_old_one(
    desk: Desk, store: Store, clock: StandingClock, older: Revision
) -> None:
    dry = desk.apply(dry_run=True)
    assert (dry.accepted, dry.changed_files, dry.program_profiles) == (False, (), ("wb-mr6c",))
    answer = desk.apply(note="upgrade")
    assert (answer.accepted, answer.changed_files, answer.program_profiles) == (True, (), ("wb-mr6c",))
    assert pause_ms(store.revisions.latest()) == 8
    assert desk.site.profiles["wb-mr6c"].limits.pause_ms == 8
    assert desk.status().program_profiles == ()
    again = desk.apply()
    assert (again.revision, again.changed_files, again.program_profiles) == (answer.revision, (), ())
    store.revisions.add(older.files, at_ms=clock.now_ms(), by="an", note="rollback")
    assert pause_ms(store.revisions.latest()) == 77


def test_a_revision_from_before_is_no_edit_and_the_next_apply_keeps_the_profiles(
    desk: Desk, store: Store, folder: Path, clock: StandingClock
) -> None:
    store.revisions.add(folder_texts(folder), at_ms=clock.now_ms(), by="an", note="")
    desk.refresh()
    status = desk.status()
    assert (status.folder_differs, status.program_profiles) == (False, ())
    answer = desk.apply()
    assert (answer.accepted, answer.changed_files) == (True, ())
    assert answer.program_profiles == ("sdm120", "sdm630", "wb-mao4", "wb-mr6c")


def test_an_edit_is_told_apart_from_what_is_kept(desk: Desk, folder: Path, older: Revision) -> None:
    text = (folder / "devices.csv").read_text(encoding="utf-8")
    (folder / "devices.csv").write_text(text + "CB02-X,CB02,CB02-bus,9,wb-mdm3\n", encoding="utf-8")
    assert desk.status().folder_differs
    answer = desk.apply()
    assert (answer.changed_files, answer.program_profiles) == (("devices.csv",), ("wb-mdm3", "wb-mr6c"))


def test_the_first_lockout_keeps_the_profiles_too(desk: Desk, store: Store, folder: Path) -> None:
    desk.lock(desk.parse_scope("C-0101"), until_ms=None, reason="driver")
    revision = store.revisions.latest()
    assert revision is not None
    assert KEPT in revision.files
    assert own_files(revision.files) == folder_texts(folder)


def test_a_folder_that_was_never_accepted_has_nothing_to_stand_beside(tmp_path: Path, folder: Path) -> None:
    assert program_beside_revision(folder) == ()
