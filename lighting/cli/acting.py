"""The commands that act: set, release, lock, unlock. Each is durable when it answers, then waits for the controller."""

from __future__ import annotations

from typing import Annotated

import typer

from lighting.cli.options import Json, NoWait, Reason, Site, Until, User, open_desk

Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET", help="A circuit, cabinet:ID, district:NAME, road:NAME, group:ID or area:LAT,LON,300m."
    ),
]
BelowFloor = Annotated[
    bool, typer.Option("--below-floor", help="Allow less than the floor while it is dark (needs that right).")
]


def set_level(
    context: typer.Context,
    target: Target,
    level: Annotated[str, typer.Argument(metavar="LEVEL", help="Percent of full light, 0 to 100; 0 is off.")],
    reason: Reason = "",
    until: Until = None,
    below_floor: BelowFloor = False,
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Set a level until a stated time.

    For 2 h unless the site or --until says otherwise; then wait for the controller's confirmation.
    """
    from lighting.cli.say_receipt import level_of, report_set

    level_pct = level_of(level)
    desk, voice = open_desk(context, site, user)
    with desk:
        scope, until_ms = desk.parse_scope(target), desk.parse_until(until)
        receipt = desk.set_level(scope, level_pct, until_ms=until_ms, reason=reason, below_floor=below_floor)
        raise typer.Exit(report_set(desk, voice, str(scope), level_pct, receipt, wait=not no_wait, as_json=as_json))


def release(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(metavar="TARGET|ID", help="A target as for set, or the number of one instruction.")
    ],
    reason: Reason = "",
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Take off overrides and lamp tests of a target.

    Or withdraw what is proposed there, or give a circuit back from unexplained local control. By its number, also an
    emergency or a demand limit.
    """
    from lighting.cli.say_receipt import number_meant, report_release

    desk, voice = open_desk(context, site, user)
    with desk:
        number = number_meant(desk, target)
        if number is None:
            scope = desk.parse_scope(target)
            receipt = desk.release(scope, reason=reason)
        else:
            receipt = desk.release_number(number, reason=reason)
            scope = desk.scope_of_number(number)
        raise typer.Exit(report_release(desk, voice, str(scope), receipt, wait=not no_wait, as_json=as_json))


def lock(
    context: typer.Context,
    target: Target,
    reason: Reason = "",
    until: Until = None,
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Lock circuits out for work. NOT isolation.

    Nothing is written to them while somebody works there; a failsafe, a returning supply or a local switch can still
    energise the line. Past --until it raises an alarm; it never ends by itself.
    """
    from lighting.cli.say_receipt import report_lock

    desk, voice = open_desk(context, site, user)
    with desk:
        scope = desk.parse_scope(target)
        until_ms = None if until is None else desk.parse_until(until)
        receipt = desk.lock(scope, until_ms=until_ms, reason=reason)
        raise typer.Exit(report_lock(desk, voice, str(scope), receipt, wait=not no_wait, as_json=as_json))


def unlock(
    context: typer.Context,
    target: Target,
    reason: Reason = "",
    word: Annotated[str, typer.Option("--word", metavar="UNLOCK", help="Take off another's lockout (operator).")] = "",
    no_wait: NoWait = False,
    site: Site = None,
    user: User = None,
    as_json: Json = False,
) -> None:
    """Take off your lockout.

    Another's only as an operator, with the typed word UNLOCK and a reason.
    """
    from lighting.cli.say_receipt import report_unlock

    desk, voice = open_desk(context, site, user)
    with desk:
        scope = desk.parse_scope(target)
        receipt = desk.unlock(scope, reason=reason, word=word)
        raise typer.Exit(report_unlock(desk, voice, str(scope), receipt, wait=not no_wait, as_json=as_json))


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("set")(set_level)
    for command in (release, lock, unlock):
        app.command()(command)
