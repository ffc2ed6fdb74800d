"""The part of the desk that is about revisions: what they change, taking one over, going back, getting files out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lighting.assets.fact import Fact
from lighting.assets.program_profiles import is_of_revision, own_files
from lighting.desk import acts, comparing, effects, rights
from lighting.desk.answers import ApplyAnswer
from lighting.desk.desk import Desk
from lighting.desk.refusal import NotFound, WrongUsage
from lighting.desk.revising import accept, propose_folder, propose_rollback, with_comparison
from lighting.desk.revision_answers import Comparison, Content, Effects, Proposal
from lighting.desk.revision_files import write_files
from lighting.desk.site_source import texts_of


class RevisionDesk:
    """Answers and acts for the person at ``desk``, on its site and store."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def newest(self) -> Content:
        """The accepted state that rules. Raises ``NotFound`` where nothing was accepted yet."""
        found = self._newest()
        if found is None:
            raise NotFound(Fact("no_revisions"))
        return found

    def _newest(self) -> Content | None:
        revision = self._desk.revision
        return None if revision is None else Content(revision, revision.files, self._desk.site)

    def numbered(self, revision: int) -> Content:
        """An accepted state. Raises ``NotFound`` for a number that there is not."""
        return comparing.content_of_revision(comparing.revision_numbered(self._desk.existing_store, revision))

    def before(self, revision: int) -> Content | None:
        """The state that ruled until that revision was accepted; None for the first."""
        store = self._desk.existing_store
        found = None if store is None else store.revisions.before(revision)
        return None if found is None else comparing.content_of_revision(found)

    def folder(self) -> Content:
        """The edited folder. Raises ``WrongUsage`` where it holds no site."""
        return comparing.content_of_folder(self._desk.folder, self._desk.clock.now_ms())

    def compare(self, before: Content, after: Content) -> Comparison:
        """What one changes against the other, by meaning. Raises ``BrokenSite`` for one that cannot be read."""
        return comparing.compared(before, after, self._desk.existing_store, self._desk.clock.now_ms())

    def propose(self, *, note: str = "") -> Proposal:
        """The folder as it would become the newest revision, and what that changes. Nothing is changed.

        Raises ``Refused`` to all but an operator, and where it would let go of a line that is locked out;
        ``WrongUsage`` for a ``note`` that could not be kept.
        """
        desk = self._desk
        desk.refresh()
        rights.require(desk.site, desk.user_id, "operator", "apply")
        acts.text_given(note)
        now_ms = desk.clock.now_ms()
        proposal = propose_folder(desk.folder, desk.store, at_ms=now_ms, known=self._newest())
        return with_comparison(proposal, desk.store, now_ms)

    def propose_rollback(self, revision: int | None, *, note: str = "") -> Proposal:
        """That old revision (None: the one before the present) as the newest one. Nothing is changed.

        Raises as ``propose`` does, ``NotFound`` for a number that there is not, and ``BrokenSite`` for a content that
        this program cannot read any more.
        """
        desk = self._desk
        desk.refresh()
        rights.require(desk.site, desk.user_id, "operator", "rollback")
        acts.text_given(note)
        now_ms = desk.clock.now_ms()
        proposal = propose_rollback(desk.folder, desk.store, revision, at_ms=now_ms, known=self._newest())
        return with_comparison(proposal, desk.store, now_ms)

    def effects(
        self, proposal: Proposal, *, year: bool = True, progress: Callable[[float], None] = lambda share: None
    ) -> Effects:
        """What it would do to the coming night and, with ``year``, to a year's energy. ``progress``: 0 to 1."""
        now_ms = self._desk.clock.now_ms()
        in_force = self._desk.store.instructions.in_force(now_ms)
        return effects.effects_of(proposal, in_force, now_ms, year=year, progress=progress)

    def accept(self, proposal: Proposal, *, note: str = "") -> ApplyAnswer:
        """Make it the newest revision, as it was looked at. Raises ``Refused`` where something changed meanwhile."""
        desk = self._desk
        desk.refresh()
        rights.require(desk.site, desk.user_id, "operator", "apply" if proposal.restores is None else "rollback")
        now_ms, note = desk.clock.now_ms(), acts.text_given(note)
        answer = accept(desk.folder, desk.store, proposal, at_ms=now_ms, by=desk.user_id, note=note)
        if answer.accepted:
            desk.refresh()
        return answer

    def folder_differs(self) -> bool:
        """Whether the folder's files are not those of the accepted revision."""
        revision = self._desk.revision
        if revision is None:
            return False
        try:
            return not is_of_revision(texts_of(self._desk.folder), revision.files)
        except WrongUsage:
            return True

    def export(self, content: Content, into: Path, *, replacing: Content | None = None) -> tuple[str, ...]:
        """Write the site's own files of a state into a folder; the names of those written.

        Nothing that stands there is lost: files may only be replaced, or taken away, where they are as ``replacing``
        has them. Raises ``Refused`` where one is not, and OSError.
        """
        known = {} if replacing is None else own_files(replacing.files)
        return write_files(own_files(content.files), into, known=known)

    def two_states(self, numbers: Sequence[str]) -> tuple[Content, Content]:
        """What to compare, as a person names it: before and after.

        Nothing: the revision that rules, and the folder. One: the revision that rules, and that one. Raises
        ``WrongUsage`` for what is no number or more than two, ``NotFound`` for one that there is not.
        """
        if len(numbers) > 2:
            raise WrongUsage(Fact("too_many_revisions"))
        wanted = [comparing.number_of(text) for text in numbers]
        states = [self.numbered(number) for number in wanted]
        if len(states) == 2:
            return states[0], states[1]
        return self.newest(), states[0] if states else self.folder()
