"""One run of the command line: whatever goes wrong becomes one line on stderr and a documented exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from lighting.assets.fact import Fact, Problem
from lighting.cli.exit_codes import Exit


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. A traceback is shown only for ``--debug``."""
    debug = "--debug" in arguments
    words = [word for word in arguments if word != "--debug"] if debug else list(arguments)
    try:
        return _invoke(words)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _give_up_stdout()
        return Exit.FAILURE  # as Typer answers where it meets the closed pipe first
    except Exception as error:
        if debug:
            raise
        return _said(error)


def _invoke(words: list[str]) -> int:
    from lighting.cli.app import app

    try:
        result = app(args=words, prog_name="lighting", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else Exit.FAILURE
    return int(result) if isinstance(result, int) else Exit.FINE


def _give_up_stdout() -> None:
    """The reader of the pipe has gone, as after ``| head``: keep Python from complaining at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _said(error: Exception) -> int:
    """Say an error in one line; its exit code."""
    fact = getattr(error, "fact", None)
    if isinstance(fact, Fact):
        _say_fact(error, fact)
        return int(getattr(error, "exit_code", Exit.FAILURE))
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and isinstance(option, str) and option[1:2].isdigit():
        _say_fact(error, Fact("number_taken_for_option", {"found": option}))
        return Exit.WRONG_USAGE
    message = getattr(error, "format_message", None)
    if callable(message):  # Typer's own: a wrong option, a missing argument
        from lighting.cli.voice import laid_out

        text = f"lighting: {_first_line(str(message()))} (lighting --help tells more)"
        print(laid_out(text, sys.stderr), file=sys.stderr)
        return int(getattr(error, "exit_code", Exit.WRONG_USAGE))
    if type(error).__name__ == "Abort":
        return Exit.INTERRUPTED
    if isinstance(error, OSError):
        detail, file = error.strerror or str(error), error.filename
        of_file = Fact("system_refused_file", {"detail": detail, "file": str(file)})
        _say_fact(error, Fact("system_refused", {"detail": detail}) if file is None else of_file)
        return Exit.FAILURE
    _say_fact(error, Fact("unexpected_error", {"kind": type(error).__name__, "detail": _first_line(str(error))}))
    return Exit.FAILURE


def _first_line(text: str) -> str:
    return " ".join(text.split())


def _say_fact(error: Exception, fact: Fact) -> None:
    from lighting.cli.voice import laid_out, voice_of_this_run

    voice = voice_of_this_run()
    problems = getattr(error, "problems", ())
    voice.problems(problem for problem in problems if isinstance(problem, Problem) and not problem.is_warning)
    print(laid_out(f"lighting: {voice.sentence(fact)}", sys.stderr), file=sys.stderr)
