"""The desk: every command and query of a person or a script, with rights and audit. Never touches a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from lighting.assets.fact import Fact
from lighting.assets.model import Site
from lighting.desk.answers import (
    ApplyAnswer,
    CircuitAnswer,
    CircuitRow,
    PlanSeries,
    Receipt,
    StatusAnswer,
    WhyAnswer,
)
from lighting.schedule.instructions import ScopeKind
from lighting.store.clock import Clock
from lighting.store.records import InstructionStatus, Revision
from lighting.store.store import Store


class DeskError(Exception):
    """A refusal with its fact; ``exit_code`` is the documented one of the command line."""

    exit_code = 1

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


class WrongUsage(DeskError):
    exit_code = 2


class NotFound(DeskError):
    exit_code = 3


class NotConfirmed(DeskError):
    exit_code = 4


class Refused(DeskError):
    """By a safety rule or for want of a right."""

    exit_code = 5


@dataclass(frozen=True, slots=True)
class Scope:
    """What an act is about: ``C-0142``, ``cabinet:CB-03`` or ``district:hang-bac`` as written."""

    kind: ScopeKind
    id: str


class Desk:
    """Answers from the store and the last accepted revision (the folder itself where there is none yet)."""

    site: Site
    store: Store
    clock: Clock
    user_id: str

    def __init__(self, folder: Path, *, user_id: str, store: Store | None = None, clock: Clock | None = None) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def refresh(self) -> bool:
        """Take a newer accepted revision; True when the site changed."""
        raise NotImplementedError

    def status(self) -> StatusAnswer:
        raise NotImplementedError

    def circuits(self) -> list[CircuitRow]:
        """Every circuit in the order of the table; quick at 10,000."""
        raise NotImplementedError

    def circuit(self, circuit_id: str) -> CircuitAnswer:
        """Raises ``NotFound`` with the nearest ids."""
        raise NotImplementedError

    def plan(
        self, circuit_ids: tuple[str, ...] | None = None, *, night: str | None = None, step_s: int = 60
    ) -> PlanSeries:
        """The levels of a lighting night (tonight's by default) by the same decision as live."""
        raise NotImplementedError

    def city_plan(self) -> PlanSeries:
        """One column: the mean planned level of all circuits, weighted by rated power."""
        raise NotImplementedError

    def city_power(self) -> tuple[list[int], list[float]]:
        """(times, measured W) of the whole city this night, thinned for drawing."""
        raise NotImplementedError

    def why(self, circuit_id: str, *, at_ms: int | None = None) -> WhyAnswer:
        raise NotImplementedError

    def parse_scope(self, text: str) -> Scope:
        raise NotImplementedError

    def parse_until(self, text: str | None) -> int:
        """``06:00`` (the next local one), ``2h``, ``45m``, or ISO date-time; None gives the site's default length."""
        raise NotImplementedError

    def preview_set(
        self, scope: Scope, level_pct: float, *, until_ms: int, below_floor: bool = False
    ) -> tuple[Fact, ...]:
        """What would be said before the act: how many circuits and lamps, the program's level, the floor, refusals."""
        raise NotImplementedError

    def set_level(
        self, scope: Scope, level_pct: float, *, until_ms: int, reason: str, below_floor: bool = False
    ) -> Receipt:
        raise NotImplementedError

    def release(self, scope: Scope, *, reason: str) -> Receipt:
        """Take off every override on that scope (and give a circuit back from unexplained local control)."""
        raise NotImplementedError

    def lock(self, scope: Scope, *, until_ms: int | None, reason: str) -> Receipt:
        raise NotImplementedError

    def unlock(self, scope: Scope, *, reason: str, word: str = "") -> Receipt:
        """One's own lockout, or another's with the typed word and a reason, as an operator."""
        raise NotImplementedError

    def wait_confirmed(
        self,
        instruction_ids: tuple[int, ...],
        *,
        timeout_s: float = 15.0,
        progress: Callable[[str], None] | None = None,
    ) -> Receipt:
        raise NotImplementedError

    def instructions(self, *, all_states: bool = False) -> list[InstructionStatus]:
        raise NotImplementedError

    def apply(self, *, note: str = "", dry_run: bool = False) -> ApplyAnswer:
        raise NotImplementedError

    def revisions(self) -> list[Revision]:
        raise NotImplementedError
