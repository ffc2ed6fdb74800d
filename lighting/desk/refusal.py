"""The desk's one error family. Each kind has its documented exit code of the command line."""

from __future__ import annotations

from lighting.assets.fact import Fact, Problem


class DeskError(Exception):
    """A refusal with its fact; ``exit_code`` is the documented one of the command line."""

    exit_code = 1

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact.code)
        self.fact = fact


class WrongUsage(DeskError):
    exit_code = 2


class BrokenSite(WrongUsage):
    """The folder cannot be used as it is; ``problems`` says every reason, each with its place."""

    def __init__(self, fact: Fact, problems: tuple[Problem, ...]) -> None:
        super().__init__(fact)
        self.problems = problems


class NotFound(DeskError):
    exit_code = 3


class NotConfirmed(DeskError):
    exit_code = 4


class Refused(DeskError):
    """By a safety rule or for want of a right."""

    exit_code = 5
