"""Numbers as offices write them: ``1700.5``, ``1700,5``, ``1.700,5``; the rule of every import.

A comma stands before the decimals, and points then group thousands; where a file has no comma, a point does. Commas
that group thousands (``1,700.5``) are refused: a comma has one meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_POINT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?", re.ASCII)
_MAY_BE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_BLANKS = str.maketrans({" ": None, "\xa0": None, "\u202f": None, "\u2212": "-"})


def plain_number(text: str, *, has_comma: bool) -> str | None:
    """The number with a point before its decimals and nothing else in it; None for a text that is none.

    ``has_comma``: whether a number of the same file has a comma.
    """
    bare = text.strip().translate(_BLANKS)
    if not (_COMMA if has_comma else _POINT).fullmatch(bare):
        return None
    return bare.replace(".", "").replace(",", ".") if has_comma else bare


def commas_may_group(texts: Iterable[str]) -> bool:
    """Whether each comma of these numbers may group thousands as well as stand before three decimals."""
    with_comma = [bare for text in texts if "," in (bare := text.strip().translate(_BLANKS))]
    return bool(with_comma) and all(_MAY_BE_THOUSANDS.fullmatch(bare) for bare in with_comma)
