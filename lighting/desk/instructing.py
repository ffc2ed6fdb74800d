"""The desk's counter for emergencies, lamp tests, demand limits, and the second person that some acts need."""

from __future__ import annotations

from abc import ABC, abstractmethod

from lighting.assets.model import Site
from lighting.desk import acts, confirming, demand, releasing, rights
from lighting.desk.answers import Receipt
from lighting.desk.person import Person, layer_word, require_right
from lighting.desk.scopes import CircuitIndex, Scope, scope_of
from lighting.desk.snapshot import Snapshot
from lighting.schedule.instructions import Layer
from lighting.schedule.next_dark import next_dark_ms, waits_for_dark
from lighting.store.store import Store


class Instructing(ABC):
    """Each act is durable when it returns, not yet at the lamps. Every one may raise ``DeskError``."""

    site: Site
    user_id: str
    _index: CircuitIndex

    @property
    @abstractmethod
    def store(self) -> Store: ...

    @abstractmethod
    def _person(self) -> Person: ...

    @abstractmethod
    def _look(self) -> Snapshot: ...

    def emergency(self, scope: Scope, *, until_ms: int, reason: str, by_day: bool = False) -> Receipt:
        """Full level in an area for a limited time: while it is dark, by day too when asked."""
        person = self._person()
        require_right(person, Layer.EMERGENCY)
        return acts.emergency(person, self.store, scope, until_ms=until_ms, reason=reason, by_day=by_day)

    def lamp_test(self, scope: Scope, level_pct: float, *, until_ms: int, reason: str) -> Receipt:
        """A level for some minutes; ends early at a lockout, an emergency or the controller's stop."""
        person = self._person()
        require_right(person, Layer.TEST)
        return acts.lamp_test(person, self.store, scope, level_pct, until_ms=until_ms, reason=reason)

    def limit(
        self, scope: Scope, level_pct: float, *, until_ms: int, reason: str, target_w: float | None = None
    ) -> Receipt:
        """A cap on what programs and traffic give, never under the floor."""
        person = self._person()
        require_right(person, Layer.DEMAND_LIMIT)
        return demand.limit(person, self.store, scope, level_pct, until_ms=until_ms, reason=reason, target_w=target_w)

    def level_for_power(self, scope: Scope, target_w: float) -> float:
        """The highest whole level at which the scope uses at most that power by the model of its lamps."""
        return demand.level_for(self._person(), scope, target_w)

    def missed_w(self) -> dict[int, float]:
        """By how many W each demand limit in force is missed now, by its number."""
        return demand.missed_w(self.site, self._index, self._look())

    def dark_awaited_ms(self) -> dict[int, int]:
        """When it gets dark for the emergencies in force that wait for it, by their numbers, UTC ms."""
        seen = self._look()
        waiting = [note.id for note in seen.in_force if waits_for_dark(note)]
        dark_ms = next_dark_ms(self.site, seen.now_ms) if waiting else None
        return {} if dark_ms is None else dict.fromkeys(waiting, dark_ms)

    def confirm(self, number: int) -> Receipt:
        """Be the second person: what is proposed under that number comes into force."""
        person = self._person()
        rights.require(self.site, self.user_id, "crew", "confirm")
        return confirming.confirm(person, self.store, number)

    def scope_of_number(self, number: int) -> Scope:
        """What the instruction of that number is about. Raises ``NotFound``."""
        return scope_of(releasing.instruction_of(self.store, number).instruction)

    def called(self, number: int) -> str:
        """What the instruction of that number is, such as ``override 12``. Raises ``NotFound``."""
        return f"{layer_word(releasing.instruction_of(self.store, number).instruction.layer)} {number}"

    def release_number(self, number: int, *, reason: str) -> Receipt:
        """Take one instruction off, or withdraw it while it is proposed. Not a lockout."""
        person = self._person()
        rights.require(self.site, self.user_id, "crew", "release")
        return releasing.release_number(person, self.store, number, reason)
