"""Why a circuit has its level: every layer that had a say, from strongest to weakest, then shaping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from lighting.desk.answers import CircuitAnswer
from lighting.schedule.trail import TrailEntry
from tui.figures import clock, level
from tui.parts import Line, Role, fit, wrapped
from tui.voice import Voice
from tui.widgets.lines import Lines

if TYPE_CHECKING:
    from tui.app import Dashboard

LAYER_WIDTH = 15
LEVEL_WIDTH = 7


class WhyScreen(ModalScreen[None]):
    """The trail of one circuit at the time of the answer. ``►`` marks what set the level that stands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,w,q,enter", "dismiss", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("down,j", "scroll(1)", show=False),
    ]

    def __init__(self, answer: CircuitAnswer, voice: Voice) -> None:
        super().__init__()
        self._answer = answer
        self._voice = voice

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Lines(self._draw, ascii_only=cast("Dashboard", self.app).ascii_only, id="why")

    def on_mount(self) -> None:
        self.set_class(cast("Dashboard", self.app).ascii_only, "-ascii")

    def action_scroll(self, by: int) -> None:
        self.query_one("#why", Lines).scroll_lines(by)

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        state = self._answer.row.state
        now = level(state.desired_pct) if state else "no level"
        lines: list[Line] = [
            [(f"Why {self._answer.row.id} is asked for {now}", "head")],
            [
                (
                    f"at {clock(self._voice.now_ms, self._voice.timezone)}, from the strongest layer to the weakest",
                    "faint",
                )
            ],
            [("", "")],
        ]
        for entry in self._answer.trail:
            lines += _entry(entry, self._voice, width)
        if not self._answer.trail:
            lines.append([("nothing was decided yet", "faint")])
        return [*lines, [("", "")], [("[Esc]", "strong"), (" back", "")]]


def _entry(entry: TrailEntry, voice: Voice, width: int) -> list[Line]:
    name = "shaping" if entry.layer is None else entry.layer.name.lower().replace("_", " ")
    sentence = wrapped(voice.say(entry.fact), max(20, width - LAYER_WIDTH - LEVEL_WIDTH - 3))
    value = "" if entry.level_pct is None else level(entry.level_pct)
    head = f"{'►' if entry.ruled else ' '} {fit(name, LAYER_WIDTH)}{fit(value, LEVEL_WIDTH - 1, right=True)} "
    indent = " " * (LAYER_WIDTH + LEVEL_WIDTH + 2)
    role: Role = "strong" if entry.ruled else "faint"
    text_role: Role = "" if entry.ruled else "faint"
    first: Line = [(head, role), (sentence[0], text_role)]
    return [first, *([(indent + line, text_role)] for line in sentence[1:])]
