"""The example that ``lighting init`` writes: two cabinets, four circuits, every file with comments."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from lighting.assets.draft import SITE_FILE, SITE_FILES
from lighting.assets.fact import Fact
from lighting.assets.notation import NotationError, parse_id


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
    return write_folder(folder, with_operator(template_texts(), operator))


def with_operator(texts: Mapping[str, str], operator: str) -> dict[str, str]:
    """A new site's files with one more operator: the person who makes it, so that they may act in it at once.

    Nothing changes for a name that cannot be an id, and for one that is listed.
    """
    site = texts[SITE_FILE]
    try:
        name = json.dumps(parse_id(operator), ensure_ascii=False)
    except NotationError:
        return dict(texts)
    if any(user.get("id") == operator for user in tomllib.loads(site).get("users", ())):
        return dict(texts)
    user = f'\n[[users]]\nid = {name}\nname = {name}\nrole = "operator"\nbelow_floor = true\n'
    return {**texts, SITE_FILE: site + user}


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
