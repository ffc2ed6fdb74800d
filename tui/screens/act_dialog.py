"""The dialog of an act: its fields, then one sentence to agree to, then what the desk wants said about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from lighting.assets.fact import Fact
from lighting.desk.answers import Receipt
from tui.acts import BELOW_FLOOR, Act, Agreement
from tui.link import NoAnswer
from tui.parts import Line, Part, Role, ascii_form, wrapped
from tui.widgets.lines import Drawing, Lines

if TYPE_CHECKING:
    from tui.app import Dashboard

Stage = Literal["fill", "agree", "working", "told"]


class ActDialog(ModalScreen[Receipt | None]):
    """Enter goes on, Esc leaves it: nothing is done before the sentence was agreed to. A refusal is said in place."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("enter", "go_on", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("f2", "below_floor", show=False, priority=True),
    ]

    def __init__(self, act: Act) -> None:
        super().__init__()
        self.act = act
        self.stage: Stage = "fill"
        self._below_floor = False
        self._said: tuple[str, Role] = ("", "")
        self._receipt: Receipt | None = None
        self._agreement: Agreement | None = None
        self._asking = False

    @property
    def dashboard(self) -> Dashboard:
        return cast("Dashboard", self.app)

    def compose(self) -> ComposeResult:
        plain = self.dashboard.ascii_only
        with Vertical(classes="box"):
            yield Lines(lambda *_: [[(self.act.title, "head")]], ascii_only=plain)
            for field in self.act.fields:
                with Horizontal(classes="field"):
                    yield Lines(_label(field.label), ascii_only=plain)
                    hint = ascii_form(field.hint) if plain else field.hint
                    yield Input(field.initial, placeholder=hint, id=f"field-{field.name}", select_on_focus=False)
            yield Lines(self._draw_said, ascii_only=plain, id="said")
            yield Lines(self._draw_keys, ascii_only=plain, id="dialog-keys")

    def on_mount(self) -> None:
        self.set_class(self.dashboard.ascii_only, "-ascii")
        self.set_focus(self._first_empty())

    def _inputs(self) -> list[Input]:
        return list(self.query(Input))

    def _first_empty(self) -> Input:
        inputs = self._inputs()
        return next((field for field in inputs if not field.value), inputs[0])

    def values(self) -> dict[str, str]:
        given = {(field.id or "").removeprefix("field-"): field.value for field in self._inputs()}
        return {**given, BELOW_FLOOR: "yes" if self._below_floor else ""}

    async def action_go_on(self) -> None:
        """To the next line, from the last one to the sentence, from the sentence to the act.

        Enter is handled before it reaches a line, and the focus moves at once: over a slow connection whole words
        arrive together with it, and must not land in the line before.
        """
        match self.stage:
            case "fill":
                self._next_line()
            case "agree":
                await self._perform()
            case "told":
                self.dismiss(self._receipt)
            case "working":
                return

    def _next_line(self) -> None:
        inputs = self._inputs()
        place = inputs.index(self.focused) if isinstance(self.focused, Input) else len(inputs) - 1
        if place + 1 < len(inputs):
            self.set_focus(inputs[place + 1])
        else:
            inputs[place].call_later(self._preview)  # after the letters that it has still to take

    def action_leave(self) -> None:
        """Leave it as it is; what was done already is followed."""
        if self.stage != "working":
            self.dismiss(self._receipt)

    async def action_below_floor(self) -> None:
        """Choose to go under the floor, or not to: the desk says who may."""
        if not self.act.may_go_below_floor or self.stage not in {"fill", "agree"}:
            return
        self._below_floor = not self._below_floor
        if self.stage == "agree":
            await self._preview()
        self.query_one("#dialog-keys", Lines).redraw()

    async def _preview(self) -> None:
        """Ask what would be done with these values, and again where one was changed meanwhile."""
        if self._asking or self.stage not in {"fill", "agree"}:
            return
        self._asking, self._agreement = True, None
        try:
            agreement = await self._agreement_on(values := self.values())
            while values != self.values():
                agreement = await self._agreement_on(values := self.values())
        except NoAnswer as refusal:
            self._refuse(refusal)
            return
        finally:
            self._asking = False
        self._agreement = agreement
        self._enter("agree", self.dashboard.voice.say_all(agreement.facts), "strong")

    async def _agreement_on(self, values: dict[str, str]) -> Agreement:
        return await self.dashboard.link.ask(lambda desk: self.act.preview(desk, values))

    async def _perform(self) -> None:
        """Do what the sentence said: its values are not read again, so that nothing else than it can be done."""
        agreement = self._agreement
        if agreement is None:
            return
        self._agreement = None
        self._enter("working", self._said[0], "faint")
        try:
            receipt = await self.dashboard.link.ask(agreement.do)
        except NoAnswer as refusal:
            self._refuse(refusal)
            return
        self._receipt = receipt
        if receipt.warnings:
            self._enter("told", self.dashboard.voice.say_all(receipt.warnings), "warn")
        else:
            self.dismiss(receipt)

    def _refuse(self, refusal: NoAnswer) -> None:
        self._enter("fill", self.dashboard.voice.say(_by_keys(refusal.fact)), "bad")

    def _enter(self, stage: Stage, text: str, role: Role) -> None:
        was, self.stage = self.stage, stage
        self._said = (text, role)
        for field in self._inputs():
            field.disabled = stage != "fill"
        if stage == "fill" and was != "fill":
            self.set_focus(self._first_empty())
        for name in ("said", "dialog-keys"):
            self.query_one(f"#{name}", Lines).redraw()

    def _draw_said(self, width: int, height: int) -> Sequence[Line]:
        text, role = self._said
        lines: list[Line] = [[(line, role)] for line in wrapped(text, max(20, width))] if text else []
        return [[("", "")], *lines, [("", "")]]

    def _draw_keys(self, width: int, height: int) -> Sequence[Line]:
        match self.stage:
            case "fill":
                return [[("[Enter]", "strong"), (" next  ", ""), *self._ways_out()]]
            case "agree":
                return [[("[Enter]", "strong"), (" do it  ", ""), *self._ways_out()]]
            case "working":
                return [[("asking the desk …", "faint")]]
            case "told":
                return [[("[Enter]", "strong"), (" understood", "")]]

    def _ways_out(self) -> list[Part]:
        parts: list[Part] = [("[Esc]", "strong"), (" leave it", "")]
        if self.act.may_go_below_floor:
            chosen: Part = ("YES", "warn") if self._below_floor else ("no", "")
            parts += [("   [F2]", "strong"), (" under the floor: ", ""), chosen]
        return parts


def _by_keys(fact: Fact) -> Fact:
    """What the desk says for a command line, said with the key that does it here."""
    if fact.code == "below_floor_refused":
        return Fact("dashboard_below_floor_refused", fact.values)
    return fact


def _label(text: str) -> Drawing:
    return lambda *_: [[(text, "faint")]]
