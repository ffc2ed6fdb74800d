"""Acts on one instruction of the list: take it off, or be the second person that it waits for."""

from __future__ import annotations

from dataclasses import dataclass

from lighting.assets.fact import Fact
from lighting.desk.answers import Receipt
from tui.acts import Agreement, Field, Values, reason_of
from tui.desk_like import DeskLike


@dataclass(slots=True)
class ReleaseNumber:
    """Take off one emergency or demand limit, or withdraw a proposal: nothing else on that target is touched."""

    number: int
    subject: str
    title: str = "Take it off"
    is_confirmed_by_devices: bool = True
    may_go_below_floor: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return (Field("reason", "reason", "", "why, for everyone who asks"),)

    def preview(self, desk: DeskLike, values: Values) -> Agreement:
        reason = reason_of(values)

        def do(desk: DeskLike) -> Receipt:
            return desk.release_number(self.number, reason=reason)

        asked = Fact("dashboard_release_number_preview", {"number": self.number, "subject": self.subject})
        return Agreement((asked,), do)

    def done(self, receipt: Receipt) -> str:
        return f"#{self.number} on {self.subject} taken off"


@dataclass(slots=True)
class Confirm:
    """Let what another person has proposed come into force. The desk says who may."""

    number: int
    subject: str
    title: str = "Confirm what another person proposes"
    is_confirmed_by_devices: bool = True
    may_go_below_floor: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return (Field("number", "number", str(self.number)),)

    def preview(self, desk: DeskLike, values: Values) -> Agreement:
        def do(desk: DeskLike) -> Receipt:
            return desk.confirm(self.number)

        asked = Fact("dashboard_confirm_preview", {"number": self.number, "subject": self.subject})
        return Agreement((asked,), do)

    def done(self, receipt: Receipt) -> str:
        return f"#{self.number} on {self.subject} in force"
