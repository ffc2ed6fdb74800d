"""The commands that stay: run, simulate, tui, demo."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lighting.cli.options import Site, User, existing_site, site_folder, user_id

Seed = Annotated[int, typer.Option("--seed", help="Of the simulated noise, so that a run can be repeated.")]


def run(
    context: typer.Context,
    log_file: Annotated[
        Path | None, typer.Option("--log-file", metavar="FILE", help="Log there, not to stderr.")
    ] = None,
    log_level: Annotated[
        str, typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning, error.")
    ] = "info",
    json_logs: Annotated[bool, typer.Option("--json-logs", help="One JSON object a line.")] = False,
    site: Site = None,
    user: User = None,
) -> None:
    """Run the controller of the site.

    Until Ctrl-C. It alone owns the lines; the lamps stay as they are at its end.
    """
    from lighting.cli.run import run_controller

    level = log_level.lower()
    if level not in ("debug", "info", "warning", "error"):
        raise typer.BadParameter(f"“{log_level}” is none of debug, info, warning, error", param_hint="--log-level")
    raise typer.Exit(
        run_controller(existing_site(context, site), log_file=log_file, log_level=level, json_logs=json_logs)
    )


def simulate(
    context: typer.Context,
    seed: Seed = 0,
    faults: Annotated[
        Path | None,
        typer.Option("--faults", metavar="FILE", help="What shall go wrong on the lines (docs/faults.md)."),
    ] = None,
    site: Site = None,
    user: User = None,
) -> None:
    """Simulate the devices of the site.

    Over real Modbus on this machine, until Ctrl-C. With --faults, proxies before the buses delay, lose, garble and
    forge answers by the file's rules; the end tells how many of each.
    """
    from lighting.cli.simulate import run_simulate

    raise typer.Exit(run_simulate(existing_site(context, site), seed=seed, faults_file=faults))


def tui(context: typer.Context, site: Site = None, user: User = None) -> None:
    """Open the dashboard in this terminal."""
    from lighting.assets.fact import Fact
    from lighting.desk.refusal import WrongUsage

    folder = existing_site(context, site)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise WrongUsage(Fact("no_terminal"))
    from tui.app import run_dashboard

    raise typer.Exit(run_dashboard(folder, user_id(context, user)))


def demo(
    context: typer.Context,
    headless: Annotated[bool, typer.Option("--headless", help="No dashboard: progress, then a summary.")] = False,
    speed: Annotated[
        float | None, typer.Option("--speed", help="Site seconds a second (60, or 600 when headless).")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="HH:MM", help="End of the headless night.")] = None,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as one JSON document.")] = False,
    like: Annotated[
        Path | None, typer.Option("--like", metavar="DIR", help="Show a copy of this site instead of the district.")
    ] = None,
    site: Site = None,
    user: User = None,
) -> None:
    """Show it all on a made-up district.

    A simulated part of Hà Nội on an accelerated evening, with its controller and the dashboard.
    """
    from lighting.cli.demo import run_demo

    folder = demo_folder(context, site)
    code = run_demo(folder, headless=headless, speed=speed, until=until, seed=seed, json_output=as_json, like=like)
    raise typer.Exit(code)


def demo_folder(context: typer.Context, site: Path | None) -> Path:
    """The demo's folder: a named site, else ``demo-site`` in the current folder (never the current folder itself)."""
    folder = site_folder(context, site)
    return Path("demo-site") if folder == Path() else folder


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    for command in (run, simulate, tui, demo):
        app.command()(command)
