"""One thing is not «1 things»: the English templates have the plural, and lose it where there is one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lighting.assets.fact import Value

_REGULAR = (
    "alarm bill cabinet channel character circuit command count day detector device district exchange field file gap "
    "group kind lamp lane line luminaire night number point price problem question rate reading register request row "
    "sample second setting time variant vector version warning wattage week write"
)
_SINGULAR = {f"{noun}s": noun for noun in _REGULAR.split()} | {"buses": "bus"}
_COUNTED = re.compile(r"\{(\w+)\} ((?:more |test )?)(" + "|".join(_SINGULAR) + r")\b")


def singular_where_one(template: str, values: Mapping[str, Value]) -> str:
    """The English template with the singular of each noun whose number is one of the values, and that is 1."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1])
        is_one = value == 1 and not isinstance(value, bool)
        return f"{{{found[1]}}} {found[2]}{_SINGULAR[found[3]] if is_one else found[3]}"

    return _COUNTED.sub(put, template)
