"""All keys on one page, over whatever is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.parts import Line, fit
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import Dashboard

KEYS: tuple[tuple[str, str], ...] = (
    ("1 2 3 4", "overview, circuits, what needs you, instructions"),
    ("Enter · Esc", "open what is under the cursor · go back"),
    ("↑ ↓ j k", "move; PgUp PgDn, Home and End go far"),
    ("/", "filter as you type: id, road, cabinet, district, no marks"),
    ("o O v =", "sort: next column, the one before, turned round, once more"),
    ("s · r", "set a level · release, so that the program rules again"),
    ("w", "why a circuit has its level: every layer that had a say"),
    ("l · u", "lock out (someone works there) · take the lockout off"),
    ("? · q", "this page · quit (it harms nothing: the controller goes on)"),
)
SIGNS: tuple[tuple[str, str], ...] = (
    ("● ○", "lit · off, both as meant"),
    ("▲", "dark and should be lit, lit and should be off, or urgent"),
    ("⊘ ◆ ►", "locked out · in local control or an alarm · overridden"),
    ("? …", "stale or unknown · being written just now"),
)


class HelpScreen(ModalScreen[None]):
    """Any of the usual keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter,f1", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Lines(self._draw, ascii_only=cast("Dashboard", self.app).ascii_only, id="help")

    def on_mount(self) -> None:
        self.set_class(cast("Dashboard", self.app).ascii_only, "-ascii")

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        return [
            [("Keys", "head")],
            *(_explained(keys, meaning) for keys, meaning in KEYS),
            [("", "")],
            [("Signs", "head")],
            *(_explained(signs, meaning) for signs, meaning in SIGNS),
            [("", "")],
            [("[Esc]", "strong"), (" back", "")],
        ]


def _explained(left: str, right: str) -> Line:
    return [(fit(left, 12), "strong"), (right, "")]
