"""The commands of the other layers: emergency, test, limit, and confirm, the second person's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lighting.cli.acting import Target
from lighting.cli.options import Json, NoWait, Reason, Site, Until, User, open_desk

if TYPE_CHECKING:
    from lighting.desk.desk import Desk

For = Annotated[str | None, typer.Option("--for", metavar="LENGTH", help="Instead of --until: 2h, 45m, 90s.")]
TEST_LENGTH = "5m"


def emergency(
    context: typer.Context,
    target: Target,
    reason: Reason = "",
    until: Until = None,
    length: For = None,
    by_day: Annotated[bool, typer.Option("--by-day", help="Light by day too, not only while it is dark.")] = False,
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Light an area fully for a limited time.

    While it is dark, or by day too with --by-day; for 2 h unless the site, --until or --for says otherwise, at most a
    day. Never dimmer than what rules otherwise. Taken off sooner by its number alone: lighting release ID.
    """
    from lighting.cli.say_instructing import report_emergency

    desk, voice = open_desk(context, site, user)
    with desk:
        scope, until_ms = desk.parse_scope(target), _end(desk, until, length)
        receipt = desk.emergency(scope, until_ms=until_ms, reason=reason, by_day=by_day)
        wait = not no_wait
        raise typer.Exit(report_emergency(desk, voice, str(scope), receipt, by_day=by_day, wait=wait, as_json=as_json))


def lamp_test(
    context: typer.Context,
    target: Target,
    level: Annotated[str, typer.Option("--level", metavar="LEVEL", help="Percent of full light.")] = "100",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Stored, and shown to others.")] = "lamp test",
    until: Until = None,
    length: For = None,
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Switch lamps on for a test, by day too.

    For 5 minutes unless --for or --until says otherwise, at most 30. It ends sooner when a lockout or an emergency
    comes on any of its circuits, or the controller stops.
    """
    from lighting.cli.say_instructing import report_test
    from lighting.cli.say_receipt import level_of

    level_pct = level_of(level)
    desk, voice = open_desk(context, site, user)
    with desk:
        scope = desk.parse_scope(target)
        until_ms = _end(desk, until, length, default=TEST_LENGTH)
        receipt = desk.lamp_test(scope, level_pct, until_ms=until_ms, reason=reason)
        raise typer.Exit(report_test(desk, voice, str(scope), level_pct, receipt, wait=not no_wait, as_json=as_json))


def limit(
    context: typer.Context,
    target: Target,
    level: Annotated[
        str | None, typer.Argument(metavar="[LEVEL]", help="At most this many percent of full light.")
    ] = None,
    reason: Reason = "",
    until: Until = None,
    length: For = None,
    kw: Annotated[
        str | None,
        typer.Option("--kw", metavar="KW", help="Instead of LEVEL: the highest that uses at most this power."),
    ] = None,
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Cap what programs and traffic give (operator).

    Never under the floor, and never what a person has set: by how much power the cap is missed for these is said, by a
    model of the lamps. For 2 h unless the site, --until or --for says otherwise.
    """
    from lighting.cli.say_instructing import power_of, report_limit
    from lighting.cli.say_receipt import level_of

    target_w = power_of(level, kw)
    level_pct = 0.0 if level is None else level_of(level)
    desk, voice = open_desk(context, site, user)
    with desk:
        scope, until_ms = desk.parse_scope(target), _end(desk, until, length)
        if target_w is not None:
            level_pct = desk.level_for_power(scope, target_w)
        receipt = desk.limit(scope, level_pct, until_ms=until_ms, reason=reason, target_w=target_w)
        raise typer.Exit(report_limit(desk, voice, str(scope), level_pct, receipt, wait=not no_wait, as_json=as_json))


def confirm(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="ID", help="Number of the proposal (lighting instructions).")],
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Confirm what another person has proposed.

    What would switch off more than a set share of the city's lamps is in no force until a second person confirms it,
    within the hour. Everything is checked again as of then.
    """
    from lighting.cli.say_instructing import number_of, report_confirm

    wanted = number_of(number)
    desk, voice = open_desk(context, site, user)
    with desk:
        receipt = desk.confirm(wanted)
        raise typer.Exit(report_confirm(desk, voice, wanted, receipt, wait=not no_wait, as_json=as_json))


def _end(desk: Desk, until: str | None, length: str | None, *, default: str | None = None) -> int:
    """The instant that --until or --for means. Raises ``WrongUsage`` for both, and for a length that is none."""
    from lighting.assets.fact import Fact
    from lighting.desk.refusal import WrongUsage
    from lighting.desk.times import length_s

    if until is not None and length is not None:
        raise WrongUsage(Fact("length_and_end_given"))
    if length is not None:
        length_s(length)
    return desk.parse_until(until if length is None else length) if until or length else desk.parse_until(default)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(emergency)
    app.command("test")(lamp_test)
    for command in (limit, confirm):
        app.command()(command)
