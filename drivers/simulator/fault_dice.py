"""Which fault a question meets: the same seed and the same questions always give the same faults."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from drivers.simulator.fault_rule import FaultRule
from drivers.simulator.noise import seed_of


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that has fallen due for one question, with the chance that decides its details."""

    rule: FaultRule
    chance: random.Random


class _Die:
    """One rule's own numbers: what other rules do changes nothing here."""

    def __init__(self, rule: FaultRule, seed: int) -> None:
        self.rule = rule
        self.number = 0
        self._done = 0
        self._seed = seed
        self._chance = random.Random(seed)

    def falls(self) -> bool:
        """Throw for the next question that fits; each throw uses one number, whatever it gives."""
        self.number += 1
        is_hit = self._chance.random() < self.rule.probability
        is_left = self.rule.at_most is None or self._done < self.rule.at_most
        return is_hit and is_left and self.rule.is_numbered(self.number)

    def fault(self) -> Fault:
        self._done += 1
        return Fault(self.rule, random.Random(seed_of(self._seed, str(self.number))))


class FaultDice:
    """The rules of one bus. Where several fall due for one question, the first in their order is done."""

    def __init__(self, rules: Iterable[FaultRule], *, seed: int, bus: str) -> None:
        self._dice = [
            _Die(rule, seed_of(seed, bus, str(index))) for index, rule in enumerate(rules) if rule.is_of_bus(bus)
        ]

    def __bool__(self) -> bool:
        return bool(self._dice)

    def for_question(self, unit_id: int, function: int, at_s: float) -> Fault | None:
        """The fault that this question meets, or None."""
        return self._first(d for d in self._dice if d.rule.fault != "mute" and d.rule.fits(unit_id, function, at_s))

    def for_connection(self, at_s: float) -> Fault | None:
        """The ``mute`` that a new connection meets, or None."""
        return self._first(d for d in self._dice if d.rule.fault == "mute" and d.rule.is_in_time(at_s))

    def _first(self, dice: Iterable[_Die]) -> Fault | None:
        falling = [die for die in dice if die.falls()]
        return falling[0].fault() if falling else None
