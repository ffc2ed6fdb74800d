"""``lighting`` and ``python -m lighting``: the version is answered before anything else is imported."""

from __future__ import annotations

import gc
import sys

_COLLECT_AFTER = (20_000, 10, 10)
"""Python's own 700 new objects are some hundred lamps switched at once: a city was looked through again and again."""


def collect_seldom() -> None:
    """Look for objects that hold each other only after so many new ones: each full look costs a city half a second.

    What nothing holds is freed at once all the same.
    """
    gc.set_threshold(*_COLLECT_AFTER)


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from lighting import __version__

        sys.stdout.write(f"lighting {__version__}\n")
        return
    collect_seldom()
    from lighting.cli.entry import run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
