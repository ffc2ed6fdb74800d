"""The catalogue's template, extracted by Babel: ``python -m lighting.wording.extraction`` rewrites ``lighting.pot``.

Every language is then updated from it, and its ``.mo`` compiled, by the same command.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from lighting.wording.speech import LOCALE_FOLDER

PACKAGE = Path(__file__).parent
TEMPLATE = LOCALE_FOLDER / "lighting.pot"


def extracted() -> bytes:
    """The bytes of ``lighting.pot`` that fit the source as it is now: sorted, without dates: reproducible."""
    from babel.messages.catalog import Catalog
    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import write_po

    catalogue = Catalog(project="streetlighting", charset="utf-8", fuzzy=False)
    for file, _line, message, comments, context in extract_from_dir(
        PACKAGE, method_map=[("words_*.py", "python")], keywords={"N_": None}
    ):
        # No line numbers: a moved line would change the file and say nothing.
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    out = io.BytesIO()
    write_po(out, catalogue, sort_output=True, include_lineno=False, omit_header=True)
    return out.getvalue()


def compiled(translation: Path) -> bytes:
    """The bytes of the ``.mo`` of a ``.po`` file; fuzzy entries are left out and read in English."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with translation.open("rb") as source:
        catalogue = read_po(source)
    # Babel writes the time of the run into the file; without it the same translation is the same bytes.
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def translations() -> list[Path]:
    """The ``.po`` file of every language that is shipped."""
    return sorted(LOCALE_FOLDER.glob("*/LC_MESSAGES/lighting.po"))


def main() -> None:
    """Rewrite the template and compile every language."""
    TEMPLATE.parent.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_bytes(extracted())
    for translation in translations():
        translation.with_suffix(".mo").write_bytes(compiled(translation))


if __name__ == "__main__":
    main()
