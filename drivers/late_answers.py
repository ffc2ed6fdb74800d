"""Answers that may still come to what a unit was asked before, where nothing in an answer says to which question it is.

An RTU frame, and a Modbus TCP frame whose id is always 0, shows unit, function and length, and of a read not even the
address. What is relied on is that a unit answers in the order in which it was asked, each question at most once. So an
answer that no earlier question can have means that nothing earlier comes any more. A *refusal* shows only the
function: while another question of that function is unanswered it may be that one's, and nothing is concluded but
that the oldest of them is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from drivers.profile import Limits
from drivers.questions import READ_FUNCTIONS, Question, ReadFunction, Shape, read_like, shown_by

_KEPT = 4
_REFUSED = 0x80
_REFUSAL_LENGTH = 2


@dataclass(slots=True)
class _Asked:
    """``is_many``: it was asked again and again, nobody counted how often."""

    question: Question
    is_many: bool = False


class LateAnswers:
    """What one unit has been asked and has perhaps not answered yet, oldest first.

    After a few, the last one is asked again instead of another one, so that nothing is ever forgotten.
    ``quiet_until_s`` (monotonic seconds, 0 for none) is when nothing can come any more if nothing is asked.
    """

    __slots__ = ("pending", "quiet_until_s")

    def __init__(self) -> None:
        self.pending: list[_Asked] = []
        self.quiet_until_s = 0.0

    def expect(self, question: Question) -> None:
        """It was asked and no answer was taken: one may still come."""
        if self.pending and self.pending[-1].question is question:
            self.pending[-1].is_many = True
        else:
            self.pending.append(_Asked(question))

    def clear(self) -> None:
        """Nothing earlier can come any more."""
        self.pending.clear()
        self.quiet_until_s = 0.0

    def shapes(self, question: Question) -> frozenset[Shape]:
        """What is passed over while this one is asked. A refusal of its own function is not: ``doubts`` judges it."""
        found = {asked.question.shape for asked in self.pending}
        functions = {asked.question.function for asked in self.pending} - {question.function}
        found |= {(function | _REFUSED, _REFUSAL_LENGTH) for function in functions}
        return frozenset(found - {question.shape})

    def may_bring(self, shape: Shape) -> bool:
        """Whether an earlier question may have an answer that looks like this."""
        return any(asked.question.shape == shape for asked in self.pending)

    def doubts(self, question: Question) -> bool:
        """Whether a refusal of this question's function may be an earlier one's."""
        return any(asked.question.function == question.function for asked in self.pending)

    def answered(self, question: Question) -> None:
        """A value of this shape came while it was asked: all before the first of that shape is settled."""
        at = next((n for n, asked in enumerate(self.pending) if asked.question.shape == question.shape), None)
        self.pending = [] if at is None else self.pending[at:]

    def refused(self, question: Question) -> None:
        """A doubtful refusal came while it was asked: the first question of that function, or a later one, has it."""
        at = next(n for n, asked in enumerate(self.pending) if asked.question.function == question.function)
        self.pending = self.pending[at if self.pending[at].is_many else at + 1 :]
        self.expect(question)

    def parting_question(
        self, unit_id: int, shape: Shape, limits: Limits, answered: Iterable[Question | None]
    ) -> Question | None:
        """A read that changes nothing and whose answer looks like none that may still come, nor like ``shape``.

        ``answered`` is what this unit has answered before. None where the device cannot be asked for anything.
        """
        last = self.pending[-1].question
        if len(self.pending) >= _KEPT and last.is_read:
            return last
        late = {asked.question.shape for asked in self.pending} | {shape}
        fitting = (probe for probe in self._probes(unit_id, limits, answered) if probe.shape not in late)
        return next(fitting, None)

    def _probes(self, unit_id: int, limits: Limits, answered: Iterable[Question | None]) -> Iterator[Question]:
        """The likeliest first: what was answered before, a part of it, and what was asked last, in other lengths."""
        known = [question for question in answered if question is not None and question.is_read]
        yield from (question for question in known if not self.doubts(question))
        yield from known
        lengths = len(self.pending) + 2
        for question in known:
            yield from _in_lengths(unit_id, question, shown_by(question), min(lengths, question.count))
        last = self.pending[-1].question
        functions = dict.fromkeys((shown_by(last), *READ_FUNCTIONS.values()))
        for function in functions:
            if function in limits.functions:
                yield from _in_lengths(unit_id, last, function, lengths)


def _in_lengths(unit_id: int, like: Question, function: ReadFunction, lengths: int) -> Iterator[Question]:
    width = 1 if function in (3, 4) else 8
    return (read_like(unit_id, like, function, 1 + width * n) for n in range(lengths))
