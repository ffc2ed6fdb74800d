"""``lighting`` and ``python -m lighting``: the version is answered before anything else is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from lighting import __version__

        sys.stdout.write(f"lighting {__version__}\n")
        return
    from lighting.cli.entry import run

    sys.exit(run(arguments))


if __name__ == "__main__":
    main()
