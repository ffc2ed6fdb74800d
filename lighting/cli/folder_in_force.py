"""What a command that answers by the accepted files says of a folder that was edited since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lighting.assets.fact import Fact

if TYPE_CHECKING:
    from lighting.cli.voice import Voice
    from lighting.desk.desk import Desk


def tell_of_edits(desk: Desk, voice: Voice) -> None:
    """On stderr, in one line, that the answer is of the accepted revision and not of the folder; else nothing."""
    standing = desk.folder_standing()
    if desk.revision is None or not standing.differs:
        return
    problems = sum(not problem.is_warning for problem in standing.problems)
    if problems:
        voice.tell(Fact("folder_broken_revision_runs", {"problems": problems, "revision": desk.revision.id}))
    else:
        voice.tell(Fact("folder_differs_revision_runs", {"revision": desk.revision.id}))
