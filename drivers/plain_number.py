"""Numbers as people write them in files and at a prompt: the digits 0 to 9, and nothing that only Python takes."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def odd_sign(text: str) -> str:
    """The first sign that no number of a file has although Python reads it: ``_``, or a digit of another script.

    Empty where there is none.
    """
    return next((sign for sign in text if sign == "_" or (sign.isdecimal() and not sign.isascii())), "")


def plain_number(text: str) -> float:
    """The number that a person wrote, such as ``-5``, ``0.25`` or ``1e3``.

    Raises ValueError for anything else, ``1_000`` and the digits of other scripts among it.
    """
    if not _PLAIN.fullmatch(text):
        raise ValueError(text)
    return float(text)
