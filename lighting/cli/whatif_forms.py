"""``lighting whatif`` in all its forms: words, with a chart, JSON, CSV; its progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lighting.assets.fact import Fact
from lighting.cli.csv_file import STDOUT
from lighting.cli.json_forms import form
from lighting.cli.say_whatif import print_in_words, spoken_notes
from lighting.cli.voice import Voice, print_json
from lighting.cli.whatif_csv import write_csv
from lighting.desk.desk import Desk
from lighting.desk.refusal import WrongUsage
from lighting.desk.whatif import Progress, WhatIfWish, whatif
from lighting.desk.whatif_answers import WhatIfAnswer

SCHEMA = "lighting.whatif/1"
KEYS = ("district", "circuit")


@dataclass(frozen=True, slots=True)
class WhatIfForm:
    """What was asked for on the command line."""

    first: str | None
    last: str | None
    programs: tuple[str, ...]
    calendar: Path | None
    other: Path | None
    traffic: Path | None
    typical_week: bool
    step: str | None
    by: str | None
    chart: bool
    csv: str | None
    as_json: bool

    def check(self) -> None:
        """Raises ``WrongUsage`` for two forms at once, and for lines by what there is not."""
        forms = (("--chart", self.chart), ("--csv", self.csv is not None), ("--json", self.as_json))
        named = [name for name, is_asked in forms if is_asked]
        if len(named) > 1:
            raise WrongUsage(Fact("plan_one_form", {"forms": ", ".join(named)}))
        if self.by is not None and self.by not in KEYS:
            raise WrongUsage(Fact("whatif_by_what", {"found": self.by}))

    def wish(self) -> WhatIfWish:
        """The question, with the files read. Raises ``WrongUsage`` for one that cannot be."""
        calendar = traffic = None
        if self.calendar is not None:
            calendar = str(self.calendar), _bytes(self.calendar).decode("utf-8", "surrogateescape")
        if self.traffic is not None:
            traffic = str(self.traffic), _bytes(self.traffic)
        return WhatIfWish(
            self.first, self.last, self.programs, calendar, self.other, traffic, self.typical_week, self.step
        )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        detail = error.strerror or type(error).__name__
        raise WrongUsage(Fact("system_refused_file", {"file": str(file), "detail": detail})) from error


def print_whatif(desk: Desk, voice: Voice, wanted: WhatIfForm) -> None:
    """Work it out and print it in that form."""
    with _bar(voice) as progress:
        answer = whatif(desk, wanted.wish(), progress)
    if wanted.as_json:
        print_json(_form(answer))
    elif wanted.csv is not None:
        lines = write_csv(wanted.csv, answer, desk.site.timezone)
        voice.tell(*spoken_notes(answer, voice))
        if wanted.csv != STDOUT:
            voice.tell(Fact("whatif_csv_written", {"file": wanted.csv, "lines": lines}))
    else:
        print_in_words(answer, voice, by=wanted.by, chart=wanted.chart)


def _form(answer: WhatIfAnswer) -> dict[str, object]:
    names = [name for name in WhatIfAnswer.__dataclass_fields__ if name not in ("first", "last")]
    content = {name: getattr(answer, name) for name in names}
    return form(SCHEMA, **{"from": answer.first, "to": answer.last}, **content)


@contextmanager
def _bar(voice: Voice) -> Iterator[Progress | None]:
    """A progress bar on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        row = drawn.add_task(voice.sentence(Fact("whatif_progress")), total=None)
        yield lambda done, total: drawn.update(row, completed=done, total=total)
