"""The files of a revision, written out again without losing anything that stands there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from lighting.assets.fact import Fact
from lighting.assets.folder import folder_texts
from lighting.desk.refusal import Refused, WrongUsage


def write_files(files: Mapping[str, str], into: Path, *, known: Mapping[str, str]) -> tuple[str, ...]:
    """Make the site files of a folder those given; what is none of a site's files is left alone.

    Each file is replaced as a whole or not at all. Raises ``Refused`` for the first file there that is not as ``known``
    has it (nothing is written then), ``WrongUsage`` for what is no folder, and OSError.
    """
    if into.exists() and not into.is_dir():
        raise WrongUsage(Fact("not_a_folder", {"folder": str(into)}))
    present = folder_texts(into)
    for name, text in present.items():
        if files.get(name) != text and known.get(name) != text:
            raise Refused(Fact("file_in_the_way", {"file": name, "folder": str(into)}))
    changed = tuple(sorted(name for name, text in files.items() if present.get(name) != text))
    for name in changed:
        _write(into / PurePosixPath(name), files[name])
    for name in present.keys() - files.keys():
        (into / PurePosixPath(name)).unlink()
    into.mkdir(parents=True, exist_ok=True)
    return changed


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(text.encode("utf-8", "surrogateescape"))
    beside.replace(path)
