"""``lighting plan`` in all its forms: lists, a step at a time, a chart, JSON, CSV."""

from __future__ import annotations

from dataclasses import dataclass

from lighting.assets.fact import Fact, Value
from lighting.cli.csv_file import STDOUT
from lighting.cli.plan_chart import print_chart
from lighting.cli.plan_csv import write_csv
from lighting.cli.plan_levels import print_circuit_levels, print_city_levels
from lighting.cli.say_plan import print_circuit_plan, print_city_plan, print_plan_json
from lighting.cli.voice import Voice
from lighting.desk.desk import PLAN_STEP_S, Desk
from lighting.desk.plans import step_wanted_s
from lighting.desk.refusal import WrongUsage


@dataclass(frozen=True, slots=True)
class PlanForm:
    """What was asked for on the command line."""

    circuit: str | None
    night: str | None
    at_step: str | None
    chart: bool
    csv: str | None
    as_json: bool

    def check(self) -> None:
        """Raises ``WrongUsage`` for two forms at once, and for a step that is none."""
        named = [name for name, is_asked in self._forms() if is_asked]
        if len(named) > 1:
            raise WrongUsage(Fact("plan_one_form", {"forms": ", ".join(named)}))
        if self.at_step is not None:
            step_wanted_s(self.at_step)

    def _forms(self) -> tuple[tuple[str, bool], ...]:
        in_words = self.at_step is not None and self.csv is None and not self.as_json
        return (
            ("--chart", self.chart),
            ("--csv", self.csv is not None),
            ("--json", self.as_json),
            ("--at-step", in_words),
        )


def print_plan(desk: Desk, voice: Voice, wanted: PlanForm) -> None:
    """Print the night in that form."""
    ids = None if wanted.circuit is None else (wanted.circuit,)
    circuit_ids = tuple(desk.site.circuits) if ids is None else ids
    night, step_s = desk.night(wanted.night), None if wanted.at_step is None else step_wanted_s(wanted.at_step)
    if wanted.csv is not None:
        step_s = step_s or PLAN_STEP_S
        count = write_csv(wanted.csv, desk.plan_parts(ids, night=wanted.night, step_s=step_s), desk.site.timezone)
        if wanted.csv != STDOUT:
            values: dict[str, Value] = {
                "file": wanted.csv,
                "circuits": len(circuit_ids),
                "steps": count,
                "step_s": step_s,
            }
            voice.tell(Fact("plan_csv_written", values))
        return
    steps = None if step_s is None else desk.plan(ids, night=wanted.night, step_s=step_s)
    if steps is not None and ids is None and not wanted.as_json:
        print_city_levels(night, steps, voice)
        return
    changes = desk.night_changes(ids, night=wanted.night)
    if wanted.as_json:
        print_plan_json(night, circuit_ids, changes, steps, step_s)
    elif wanted.chart:
        print_chart(night, circuit_ids, changes, voice)
    elif ids is None:
        print_city_plan(night, circuit_ids, changes, voice)
    elif steps is not None:
        print_circuit_levels(night, circuit_ids[0], steps, changes.of(0), voice)
    else:
        print_circuit_plan(night, circuit_ids[0], changes.of(0), voice)
