"""Reading and checking a site folder as a whole: every problem at once, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lighting.assets.fact import Problem
from lighting.assets.model import Site


@dataclass(frozen=True, slots=True)
class SiteReading:
    """``site`` is None exactly when some problem is an error; warnings leave it set."""

    site: Site | None
    problems: tuple[Problem, ...]


def folder_texts(folder: Path) -> dict[str, str]:
    """The text of every file of the folder that belongs to the site (not ``state/``), by relative path, for a revision."""
    raise NotImplementedError


def read_site(texts: Mapping[str, str]) -> SiteReading:
    """Read and check a site from the texts of its files (of a folder or of a stored revision)."""
    raise NotImplementedError
