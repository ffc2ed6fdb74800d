"""Who acts, what such a person may do, and what they wish: the beginning of every act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lighting.assets.fact import Fact, Value
from lighting.assets.model import Circuit, Site
from lighting.desk import rights
from lighting.desk.areas import nothing_there
from lighting.desk.refusal import WrongUsage
from lighting.desk.scopes import CircuitIndex, Scope, circuits_of, not_found, scope_of
from lighting.desk.snapshot import Snapshot
from lighting.schedule.instructions import Instruction, Layer
from lighting.schedule.places import covers
from lighting.wording.figures import is_printed_safely

UNLOCK_WORD = "UNLOCK"
LONGEST_TEXT = 500
_ROLES: dict[Layer, rights.Role] = {Layer.DEMAND_LIMIT: "operator"}
_WORDS = {Layer.EMERGENCY: "emergency", Layer.TEST: "test", Layer.OVERRIDE: "set", Layer.DEMAND_LIMIT: "limit"}


@dataclass(frozen=True, slots=True)
class Wish:
    """A level that a person wants on a scope; None is that of an emergency, full light while it is dark."""

    scope: Scope
    level_pct: float | None
    until_ms: int
    reason: str = ""
    below_floor: bool = False
    layer: Layer = Layer.OVERRIDE


def require_right(person: Person, layer: Layer) -> None:
    """Raises ``Refused`` unless the person may give (and second, and take off) instructions of that layer."""
    rights.require(person.site, person.user_id, role_for(layer), act_word(layer))


def role_for(layer: Layer) -> rights.Role:
    """The role that an instruction of that layer needs: who only caps what it costs has to be an operator."""
    return _ROLES.get(layer, "crew")


def act_word(layer: Layer) -> str:
    """The word of the command that gives an instruction of that layer."""
    return _WORDS.get(layer, layer.name.lower())


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, on which site, with what is known now."""

    site: Site
    index: CircuitIndex
    seen: Snapshot
    user_id: str

    def circuits(self, scope: Scope) -> tuple[Circuit, ...]:
        """The circuits of the scope; raises ``WrongUsage`` for an empty one, on which nothing could happen."""
        found = circuits_of(self.site, scope)
        if not found and scope.kind == "circuit":
            raise not_found("circuit", scope.id, list(self.site.circuits))
        if not found and scope.kind == "area":
            raise WrongUsage(nothing_there(self.site, scope.id))
        if not found:
            raise WrongUsage(Fact("scope_is_empty", {"target": str(scope)}))
        return found

    def circuits_left(self, scope: Scope, layer: Layer) -> tuple[Circuit, ...]:
        """The circuits of the scope to take something off: none is needed where an instruction still names it."""
        return circuits_of(self.site, scope) if self.standing(scope, layer) else self.circuits(scope)

    def standing(self, scope: Scope, layer: Layer) -> list[Instruction]:
        """The instructions of a layer that are in force on exactly that scope."""
        return [i for i in self.seen.in_force if i.layer is layer and scope_of(i) == scope]

    def touching(self, circuits: Iterable[Circuit], layer: Layer) -> list[Instruction]:
        """The instructions of a layer that are in force on any of these circuits, by whatever scope."""
        found = list(circuits)
        return [i for i in self.seen.in_force if i.layer is layer and any(covers(self.site, i, c.id) for c in found)]


def text_given(text: str) -> str:
    """A person's text on one line. Raises ``WrongUsage`` for what a terminal would obey, and over 500 characters."""
    cleaned = " ".join(text.split())
    if not is_printed_safely(cleaned):
        raise WrongUsage(Fact("text_not_printable"))
    if len(cleaned) > LONGEST_TEXT:
        raise WrongUsage(Fact("free_text_too_long", {"found": len(cleaned), "longest": LONGEST_TEXT}))
    return cleaned


def reason_given(reason: str) -> str:
    """The reason on one line. Raises ``WrongUsage`` for none (it helps whoever asks later) and for unprintable text."""
    cleaned = text_given(reason)
    if not cleaned:
        raise WrongUsage(Fact("reason_missing"))
    return cleaned


def layer_word(layer: Layer) -> str:
    """What an instruction of that layer is called."""
    return "lamp test" if layer is Layer.TEST else layer.name.lower().replace("_", " ")


def standing_fact(code: str, note: Instruction) -> Fact:
    """A fact of an instruction that stands: its number, what it is, where, by whom and until when."""
    values: dict[str, Value] = {"id": note.id, "what": layer_word(note.layer)}
    return Fact(code, {**values, "target": str(scope_of(note)), "by": note.by, "until_ms": note.until_ms})


def local_cause(person: Person, circuit: Circuit) -> str:
    state = person.seen.states[person.index.position[circuit.id]]
    return "" if state is None else state.local_control


def few(names: Iterable[str], most: int = 4) -> str:
    """The first names, and how many more there are."""
    known = list(names)
    shown = ", ".join(known[:most])
    return shown if len(known) <= most else f"{shown} +{len(known) - most}"
