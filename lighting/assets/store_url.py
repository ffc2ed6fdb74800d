"""What the URL of a store may look like, so that the check refuses what no command could open.

``lighting.store`` opens them and stands above this room: a test beside the store's holds both together.
"""

from __future__ import annotations

import re

from lighting.assets.fact import Fact
from lighting.assets.nearest import shown
from lighting.assets.notation import NotationError, parse_words

STORE_URL_FORMS = ("sqlite:///PATH", "postgresql://USER@HOST/DATABASE", "postgresql+psycopg://USER@HOST/DATABASE")

_SQLITE = re.compile(r"sqlite:///(?!:memory:)\S(?:.*\S)?")
_SERVER = re.compile(
    r"postgresql(?:\+psycopg)?://"
    r"(?:[^\s:/@?#]*(?::[^\s@]*)?@)?"  # user, password
    r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s:/@?#\[\]]*)(?::(\d{1,5}))?"  # host, port
    r"(?:/[^\s?#]*)?(?:\?[^\s#]*)?"  # database, options
)


def parse_store_url(text: str) -> str:
    """A URL that the store opens, or an empty text for the default; what is told of another has no password."""
    parse_words(text)
    if not text or _SQLITE.fullmatch(text):
        return text
    server = _SERVER.fullmatch(text)
    if server is None or not 1 <= int(server.group(1) or 1) <= 65535:
        found = shown(re.sub(r"//.*@", "//…@", text))
        raise NotationError(Fact("store_url_not_valid", {"found": found, "allowed": ", ".join(STORE_URL_FORMS)}))
    return text
