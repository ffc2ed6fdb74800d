"""One thing is not «1 things»: the English templates have the plural, and lose it where there is one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lighting.assets.fact import Value

_REGULAR = (
    "alarm bill cabinet channel character circuit circuit-hour command count day detector device district exchange "
    "field file gap group hour kind lamp lamp-hour lane line luminaire meter-hour night note number point price "
    "problem question rate reading register request revision row sample second setting time variant vector version "
    "warning wattage week write"
)
_SINGULAR = {f"{noun}s": noun for noun in _REGULAR.split()} | {"buses": "bus"}
_COUNTED = re.compile(r"\{(\w+)\} ((?:more |test )?)(" + "|".join(_SINGULAR) + r")\b(?: (are|were|have)\b)?")
_OF_ONE = {"are": "is", "were": "was", "have": "has"}


def singular_where_one(template: str, values: Mapping[str, Value]) -> str:
    """The English template with the singular of each noun and its verb whose number is one of the values, and 1."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if value not in (1, "1") or isinstance(value, bool):
            return found[0]
        verb = f" {_OF_ONE[found[4]]}" if found[4] else ""
        return f"{{{found[1]}}} {found[2]}{_SINGULAR[found[3]]}{verb}"

    return _COUNTED.sub(put, template)
