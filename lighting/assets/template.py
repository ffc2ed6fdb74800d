"""The example that ``lighting init`` writes: two cabinets, four circuits, every file with comments."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from lighting.assets.draft import SITE_FILE, SITE_FILES
from lighting.assets.fact import Fact


class FolderNotEmpty(Exception):
    """The folder to write into holds something, or is no folder; nothing was written. ``fact`` says which."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.fact = Fact("folder_not_empty", {"folder": str(folder)})


def template_texts() -> dict[str, str]:
    """The files of the example site, by name."""
    files = resources.files("lighting.assets") / "template_files"
    return {name: (files / name).read_text(encoding="utf-8") for name in SITE_FILES}


def write_template(folder: Path, *, operator: str = "") -> tuple[Path, ...]:
    """Write the example site into a new or empty folder; the files that were written.

    ``operator`` is the person who writes it: listed as one more operator, so that the example can be tried at once.
    Raises FolderNotEmpty when there is anything in the folder, and OSError when it cannot be written.
    """
    texts = template_texts()
    if re.fullmatch(r"[A-Za-z0-9._-]+", operator) and f'id = "{operator}"' not in texts[SITE_FILE]:
        texts[SITE_FILE] += (
            f'\n[[users]]\nid = "{operator}"\nname = "{operator}"\nrole = "operator"\nbelow_floor = true\n'
        )
    return write_folder(folder, texts)


def write_folder(folder: Path, texts: dict[str, str]) -> tuple[Path, ...]:
    """Write files into a new or empty folder; raises FolderNotEmpty before it touches one that holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return tuple(written)
