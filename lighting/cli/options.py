"""The options that commands share: which site, who asks, how it is printed; before or after the command's name."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lighting.cli.voice import Voice
    from lighting.desk.desk import Desk
    from lighting.exchange.office_dates import DateOrder

SITE_VARIABLE = "LIGHTING_SITE"
USER_VARIABLE = "LIGHTING_USER"

Site = Annotated[
    Path | None,
    typer.Option("--site", "-s", metavar="DIR", help="Folder of the site (else $LIGHTING_SITE, else the current one)."),
]
User = Annotated[
    str | None, typer.Option("--user", metavar="ID", help="Who asks (else $LIGHTING_USER, else the login name).")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: needed, stored, and shown to others.")]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="06:00 (the next one), 2h, 45m, 90s, or 2026-11-24T06:00."),
]
Dates = Annotated[
    str | None, typer.Option("--dates", metavar="ORDER", help="Order of 03/04/2026 and 03-04-2026: dmy or mdy.")
]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for the controller's confirmation.")]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen before the command's name."""

    site: Path | None = None
    user: str | None = None


def site_folder(context: typer.Context, site: Path | None) -> Path:
    """The folder of the site: named after the command, before it, by the environment, or the current one."""
    chosen = context.find_root().obj
    before = chosen.site if isinstance(chosen, Chosen) else None
    named = site or before
    if named is not None:
        return named
    return Path(os.environ.get(SITE_VARIABLE) or ".")


def existing_site(context: typer.Context, site: Path | None) -> Path:
    """The folder of the site. Raises ``WrongUsage`` where there is neither a ``site.toml`` nor a store beside it."""
    from lighting.assets.fact import Fact
    from lighting.desk.refusal import WrongUsage

    folder = site_folder(context, site)
    if not (folder / "site.toml").is_file() and not (folder / "state").is_dir():
        raise WrongUsage(Fact("no_site_here", {"folder": str(folder)}))
    return folder


def user_id(context: typer.Context, user: str | None) -> str:
    """Who asks: named by an option, by the environment, or the login name."""
    chosen = context.find_root().obj
    before = chosen.user if isinstance(chosen, Chosen) else None
    return user or before or os.environ.get(USER_VARIABLE) or _login_name()


def _login_name() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return "unknown"


def open_desk(context: typer.Context, site: Path | None, user: str | None = None) -> tuple[Desk, Voice]:
    """The desk of the chosen site, and the voice in its zone. Raises ``DeskError`` and ``StoreError``."""
    from lighting.cli.voice import voice_for
    from lighting.desk.desk import Desk

    desk = Desk(site_folder(context, site), user_id=user_id(context, user))
    return desk, voice_for(desk.site.timezone, desk.clock.now_ms())


def date_order_of(text: str | None) -> DateOrder | None:
    """What ``--dates`` says. Raises ``WrongUsage`` for a word that is none."""
    from lighting.assets.fact import Fact
    from lighting.assets.nearest import listed, shown
    from lighting.desk.refusal import WrongUsage
    from lighting.exchange.office_dates import DATE_ORDERS

    if text is None:
        return None
    for order in DATE_ORDERS:
        if order == text:
            return order
    raise WrongUsage(Fact("readings_dates_unknown", {"found": shown(text), "allowed": listed(DATE_ORDERS)}))
