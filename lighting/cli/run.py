"""``lighting run``: the controller in the foreground, for a person's terminal or a service manager."""

from __future__ import annotations

import sys
from pathlib import Path

from lighting.assets.fact import Fact, Problem
from lighting.cli.report_child import reports_of
from lighting.cli.voice import laid_out
from lighting.operation.log import set_up_logs
from lighting.operation.service import Refusal, serve
from lighting.operation.start import NoGoodSite
from lighting.store.store import LockHeld, StoreError
from lighting.wording.speech import say, say_problem

OK, FAILURE, BAD_SITE = 0, 1, 2


def run_controller(folder: Path, *, log_file: Path | None, log_level: str, json_logs: bool) -> int:
    """Control the site in ``folder`` until SIGTERM or Ctrl-C; returns the documented exit code.

    0 after a clean end, 1 when another controller holds the lines or the store or log file cannot be used, 2 for a
    broken site.
    """
    try:
        set_up_logs(log_file=log_file, level=log_level, as_json=json_logs)
    except (OSError, ValueError) as error:
        return _say(Fact("log_file_unusable", {"detail": str(error)}), FAILURE)
    try:
        serve(folder, write_reports=reports_of(folder))
    except NoGoodSite as broken:
        return _say_problems(broken.problems)
    except LockHeld as held:
        return _say(held.fact, FAILURE)
    except StoreError as error:
        return _say(error.fact, FAILURE)
    except Refusal as refusal:
        return _say(refusal.fact, refusal.exit_code)
    except OSError as error:
        return _say(Fact("site_folder_unreadable", {"detail": str(error)}), BAD_SITE)
    return OK


def _say(fact: Fact, exit_code: int) -> int:
    print(laid_out(say(fact), sys.stderr), file=sys.stderr)
    return exit_code


def _say_problems(problems: tuple[Problem, ...]) -> int:
    for problem in problems:
        if not problem.is_warning:
            print(laid_out(say_problem(problem), sys.stderr), file=sys.stderr)
    return BAD_SITE
