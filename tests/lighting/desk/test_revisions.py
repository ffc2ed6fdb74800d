"""A change is said before it is made, accepted as it was looked at, and taken back; nothing edited is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lighting.assets.folder import folder_texts
from lighting.desk.comparing import content_of_revision, text_difference
from lighting.desk.desk import BrokenSite, Desk, NotFound, Refused, WrongUsage
from lighting.desk.effects import MOST_CELLS, night_change
from lighting.desk.revision_desk import RevisionDesk
from lighting.energy.luminaire_power import CircuitPower
from lighting.schedule.night import night_span_ms
from lighting.store.store import Store
from tests.lighting.desk.conftest import local_ms

if TYPE_CHECKING:
    from tests.lighting.desk.conftest import DeskOf, StandingClock


def edit(folder: Path, file: str, *pairs: tuple[str, str]) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text, encoding="utf-8")


DIMMER = ("programs.toml", ('"00:00", level_pct = 50', '"00:00", level_pct = 40'))


@pytest.fixture
def revisions(desk: Desk) -> RevisionDesk:
    desk.apply(note="first")
    return RevisionDesk(desk)


def test_a_proposal_says_what_changes_and_changes_nothing(folder: Path, desk: Desk, revisions: RevisionDesk) -> None:
    edit(folder, *DIMMER)
    proposal = revisions.propose()
    assert proposal.is_good
    assert proposal.is_new
    assert proposal.comparison is not None
    assert [one.fact.code for one in proposal.comparison.differences] == ["program_step_changed"]
    assert [revision.id for revision in desk.revisions()] == [1]


def test_the_night_and_the_year_are_told_before_and_after(folder: Path, revisions: RevisionDesk) -> None:
    edit(folder, *DIMMER)
    effects = revisions.effects(revisions.propose())
    night, year = effects.night, effects.year
    assert night is not None
    assert year is not None
    assert night.night == "2026-11-23"
    # C-0101 has a floor of 45.5 % and C-0102 is never dimmed: the floor hides the rest of the edit.
    assert (night.circuits, night.darker, night.brighter) == (1, 1, 0)
    first_ms = night.first_ms
    assert first_ms is not None
    assert local_ms("2026-11-24T00:00") <= first_ms < local_ms("2026-11-24T00:02")
    assert night.before_kwh - night.after_kwh > 0
    hours, watts = 5.0, 24 * 90.0
    assert night.before_kwh - night.after_kwh < hours * watts * 0.05 / 1000
    assert night.before_pct is not None
    assert night.after_pct is not None
    assert night.before_pct > night.after_pct
    assert year.nights == 365
    assert 0 < year.before_kwh - year.after_kwh < 365 * hours * watts * 0.05 / 1000
    assert year.currency == "VND"
    assert year.before_money is not None
    assert year.after_money is not None
    assert year.before_money > year.after_money


def test_what_concerns_no_light_has_no_year_and_changes_no_level(folder: Path, revisions: RevisionDesk) -> None:
    edit(folder, "site.toml", ('name = "Crew on the road"', 'name = "Night crew"'))
    effects = revisions.effects(revisions.propose())
    assert effects.year is None
    assert effects.night is not None
    assert (effects.night.circuits, effects.night.first_ms) == (0, None)
    assert effects.night.before_kwh == effects.night.after_kwh


def test_by_morning_the_coming_night_is_told(folder: Path, clock: StandingClock, revisions: RevisionDesk) -> None:
    edit(folder, *DIMMER)
    clock.at_ms = local_ms("2026-11-24T08:00")
    night = revisions.effects(revisions.propose(), year=False).night
    assert night is not None
    assert night.night == "2026-11-24"
    assert night.from_ms == night_span_ms(date(2026, 11, 24), "Asia/Ho_Chi_Minh")[0]


def test_a_circuit_that_is_new_adds_its_energy_and_one_that_is_gone_takes_it_away(
    folder: Path, desk: Desk, revisions: RevisionDesk
) -> None:
    before = desk.site
    text = (folder / "circuits.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if not line.startswith("C-0103")]
    (folder / "circuits.csv").write_text("".join(kept), encoding="utf-8")
    proposal = revisions.propose()
    assert proposal.wanted.site is not None
    now_ms = desk.clock.now_ms()
    less = night_change(before, proposal.wanted.site, (), now_ms=now_ms, renamed={})
    more = night_change(proposal.wanted.site, before, (), now_ms=now_ms, renamed={})
    assert (less.circuits, less.darker, more.brighter) == (1, 1, 1)
    assert less.before_kwh == pytest.approx(more.after_kwh)
    power_w = float(CircuitPower(before).full_w()[list(before.circuits).index("C-0103")])
    hours = (less.before_kwh - less.after_kwh) * 1000 / power_w
    assert 10.0 < hours < 10.5, "full-night from 20:00 to dawn"
    assert proposal.comparison is not None
    assert "darker_left_alone" in {fact.code for fact in proposal.comparison.warnings}


def test_longer_steps_of_a_large_city_tell_nearly_the_same(
    folder: Path, desk: Desk, revisions: RevisionDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder, *DIMMER)
    proposal = revisions.propose()
    fine = revisions.effects(proposal, year=False).night
    monkeypatch.setattr("lighting.desk.effects.MOST_CELLS", 4 * 288)
    monkeypatch.setattr("lighting.desk.effects.CHUNK", 3)
    coarse = revisions.effects(proposal, year=False).night
    assert MOST_CELLS > 4 * 288
    assert fine is not None
    assert coarse is not None
    assert coarse.after_kwh == pytest.approx(fine.after_kwh, rel=0.03)
    assert (coarse.circuits, coarse.darker) == (fine.circuits, fine.darker)


def test_what_was_looked_at_is_accepted_whatever_became_of_the_folder(
    folder: Path, desk: Desk, revisions: RevisionDesk, store: Store
) -> None:
    edit(folder, *DIMMER)
    proposal = revisions.propose()
    edit(folder, "programs.toml", ("level_pct = 40", "level_pct = 5"))
    answer = revisions.accept(proposal, note="as seen")
    assert answer.revision is not None
    latest = store.revisions.latest()
    assert latest is not None
    assert "level_pct = 40" in latest.files["programs.toml"]
    assert revisions.folder_differs()


def test_whoever_was_slower_accepts_nothing(
    folder: Path, desk_of: DeskOf, revisions: RevisionDesk, store: Store
) -> None:
    edit(folder, *DIMMER)
    proposal = revisions.propose()
    with desk_of("operator") as other:
        edit(folder, "programs.toml", ("level_pct = 80", "level_pct = 75"))
        other.apply(note="quicker")
    with pytest.raises(Refused) as refused:
        revisions.accept(proposal)
    assert refused.value.fact.code == "revision_moved"
    assert refused.value.fact.values["revision"] == 2
    assert len(store.revisions.list()) == 2


def test_a_line_locked_out_meanwhile_is_not_let_go_of(folder: Path, desk: Desk, revisions: RevisionDesk) -> None:
    edit(folder, "circuits.csv", ("C-0103,", "C-0113,"))
    proposal = revisions.propose()
    desk.lock(desk.parse_scope("C-0103"), until_ms=None, reason="cable")
    with pytest.raises(Refused) as refused:
        revisions.accept(proposal)
    assert refused.value.fact.code == "lockout_would_let_go"


def test_an_old_content_becomes_a_new_revision_and_is_audited(
    folder: Path, desk: Desk, revisions: RevisionDesk, store: Store
) -> None:
    edit(folder, *DIMMER)
    desk.apply(note="dimmer")
    proposal = revisions.propose_rollback(1)
    assert proposal.restores == 1
    assert proposal.comparison is not None
    answer = revisions.accept(proposal, note="too dark")
    assert answer.revision is not None
    assert (answer.revision.id, answer.revision.by, answer.revision.note) == (3, "operator", "too dark")
    first, third = store.revisions.get(1), store.revisions.get(3)
    assert first is not None
    assert third is not None
    assert first.files == third.files
    assert store.history.audit()[0].values["restores"] == 1
    assert desk.site.programs["main-road"].steps[2].level_pct == 50
    assert revisions.folder_differs()
    again = revisions.propose_rollback(None)
    assert again.restores == 2, "the one before: going back twice is where one was"


def test_going_back_to_what_rules_changes_nothing(desk: Desk, revisions: RevisionDesk) -> None:
    proposal = revisions.propose_rollback(1)
    assert not proposal.is_new
    assert revisions.accept(proposal).accepted
    assert len(desk.revisions()) == 1


def test_there_may_be_nothing_to_go_back_to(desk: Desk) -> None:
    revisions = RevisionDesk(desk)
    with pytest.raises(NotFound, match="no_revisions"):
        revisions.propose_rollback(None)
    desk.apply()
    with pytest.raises(NotFound, match="no_revision_before"):
        revisions.propose_rollback(None)
    with pytest.raises(NotFound, match="revision_not_found"):
        revisions.propose_rollback(7)


def test_an_old_content_that_lets_go_of_a_locked_line_is_refused(
    folder: Path, desk: Desk, revisions: RevisionDesk
) -> None:
    edit(folder, "circuits.csv", ("C-0103,", "C-0113,"))
    desk.apply()
    desk.lock(desk.parse_scope("C-0113"), until_ms=None, reason="cable")
    with pytest.raises(Refused, match="lockout_would_let_go"):
        revisions.propose_rollback(1)


def test_an_old_content_that_this_program_cannot_read_is_refused_with_its_problems(
    folder: Path, desk: Desk, revisions: RevisionDesk, store: Store
) -> None:
    unreadable = {**folder_texts(folder), "programs.toml": "schema_version = 99\n"}
    store.revisions.add(unreadable, at_ms=1, by="an", note="of another program")
    store.revisions.add(folder_texts(folder), at_ms=2, by="an", note="")
    with pytest.raises(BrokenSite, match="rollback_not_readable") as broken:
        revisions.propose_rollback(2)
    assert broken.value.problems
    with pytest.raises(BrokenSite, match="revision_not_comparable"):
        revisions.compare(revisions.numbered(1), revisions.numbered(2))
    assert "schema_version = 99" in text_difference(revisions.numbered(1), revisions.numbered(2))


@pytest.mark.parametrize("who", ["crew", "nobody"])
def test_only_an_operator_takes_a_revision_over(
    who: str, folder: Path, desk_of: DeskOf, revisions: RevisionDesk
) -> None:
    edit(folder, *DIMMER)
    proposal = revisions.propose()
    with desk_of(who) as other:
        theirs = RevisionDesk(other)
        for act in (theirs.propose, lambda: theirs.propose_rollback(1), lambda: theirs.accept(proposal)):
            with pytest.raises(Refused):
                act()
        assert theirs.compare(theirs.newest(), theirs.folder()).differences, "everybody may look"


def test_the_states_that_a_person_names(revisions: RevisionDesk) -> None:
    before, after = revisions.two_states([])
    assert before.revision is not None
    assert after.revision is None
    assert [one.revision and one.revision.id for one in revisions.two_states(["1"])] == [1, 1]
    for words, error in ((["x"], WrongUsage), (["1", "1", "1"], WrongUsage), (["4"], NotFound), (["-1"], WrongUsage)):
        with pytest.raises(error):
            revisions.two_states(words)


def test_what_people_have_asked_for_counts_before_and_after(folder: Path, desk: Desk, revisions: RevisionDesk) -> None:
    """A circuit that is overridden all night does not change, whatever its program becomes."""
    desk.set_level(
        desk.parse_scope("C-0101"), 100.0, until_ms=local_ms("2026-11-24T12:00"), reason="works", below_floor=False
    )
    edit(folder, *DIMMER)
    night = revisions.effects(revisions.propose(), year=False).night
    assert night is not None
    assert night.circuits == 0


# --- files ---


def test_a_revision_is_written_out_whole_and_again_without_harm(
    tmp_path: Path, folder: Path, revisions: RevisionDesk
) -> None:
    into = tmp_path / "out" / "deep"
    written = revisions.export(revisions.numbered(1), into)
    assert folder_texts(into) == folder_texts(folder)
    assert set(written) == set(folder_texts(folder))
    assert revisions.export(revisions.numbered(1), into) == ()


def test_no_edited_file_is_lost(tmp_path: Path, folder: Path, desk: Desk, revisions: RevisionDesk) -> None:
    edit(folder, *DIMMER)
    desk.apply(note="dimmer")
    edit(folder, "calendar.toml", ('"fri", "sat"', '"fri"'))
    before = folder_texts(folder)
    newest = revisions.newest()
    with pytest.raises(Refused, match="file_in_the_way"):
        revisions.export(revisions.numbered(1), folder, replacing=newest)
    assert folder_texts(folder) == before
    edit(folder, "calendar.toml", ('"fri"', '"fri", "sat"'))
    assert revisions.export(revisions.numbered(1), folder, replacing=newest) == ("programs.toml",)
    assert "level_pct = 50" in (folder / "programs.toml").read_text(encoding="utf-8")
    assert (folder / "state").is_dir()


def test_a_file_that_the_old_content_had_not_goes_only_where_it_is_as_accepted(
    folder: Path, desk: Desk, revisions: RevisionDesk
) -> None:
    (folder / "groups.csv").unlink()
    desk.apply(note="without groups")
    old = revisions.newest()
    (folder / "groups.csv").write_text("group,circuit\nmarket,C-0101\n", encoding="utf-8")
    desk.apply(note="with groups")
    with pytest.raises(Refused):
        revisions.export(old, folder)
    revisions.export(old, folder, replacing=revisions.newest())
    assert not (folder / "groups.csv").exists()
    assert list(folder.glob(".*.new")) == []


def test_a_file_is_no_folder(tmp_path: Path, revisions: RevisionDesk) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WrongUsage, match="not_a_folder"):
        revisions.export(revisions.numbered(1), tmp_path / "file")


def test_the_text_of_a_difference_is_a_unified_one(folder: Path, revisions: RevisionDesk) -> None:
    edit(folder, *DIMMER)
    (folder / "groups.csv").unlink()
    (folder / "districts.csv").write_text((folder / "districts.csv").read_text(encoding="utf-8").rstrip("\n"))
    text = text_difference(revisions.newest(), revisions.folder())
    assert '-  { at = "00:00", level_pct = 50 },\n+  { at = "00:00", level_pct = 40 },\n' in text
    assert "--- a/groups.csv\n+++ /dev/null\n" in text
    assert "\\ No newline at end of file\n" in text
    assert "program/" not in text


def test_the_store_stays_for_a_rollback_too(folder: Path, revisions: RevisionDesk, store: Store) -> None:
    files = {**folder_texts(folder), "site.toml": (folder / "site.toml").read_text(encoding="utf-8")}
    files["site.toml"] = files["site.toml"].replace("[store]", '[store]\nurl = "sqlite:////tmp/other.sqlite3"')
    other = store.revisions.add(files, at_ms=1, by="an", note="elsewhere")
    store.revisions.add(folder_texts(folder), at_ms=2, by="an", note="")
    assert content_of_revision(other).site is not None
    (folder / "state" / "store-url").write_text(store.url, encoding="utf-8")
    with pytest.raises(Refused, match="store_stays"):
        revisions.propose_rollback(other.id)
