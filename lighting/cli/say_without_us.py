"""What circuits would do without us, in the few words of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lighting.assets.failsafe import CAUSES, Cause, Effect, Verdict
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice
from lighting.desk.answers import CircuitStanding
from lighting.wording.figures import level

CAUSE_COLUMNS: Mapping[Cause, Column] = {
    "lost_master": Column("NO MASTER"),
    "lost_lamp_bus": Column("NO LAMP BUS"),
    "power_return": Column("SUPPLY BACK"),
}
_NOBODY_SAYS = "–"
_COLUMNS = (
    Column("CIRCUIT"),
    Column("LIT"),
    Column("LEVEL", right=True),
    *CAUSE_COLUMNS.values(),
    Column("WITHOUT US", gives_way=True),
)
_VERDICTS: Mapping[Verdict, str] = {
    "stays_lit": "stays lit",
    "lit_day_and_night": "day and night",
    "lit_by_fallback": "by its cabinet",
    "excepted": "signed for",
    "goes_dark": "GOES DARK",
    "unknown": "unknown",
}


def print_standings(standings: Sequence[CircuitStanding], voice: Voice) -> None:
    """A line for every circuit: lit, its level, what it does for each cause, and the verdict."""
    print_table(_COLUMNS, [_row(one) for one in standings], voice)


def _row(one: CircuitStanding) -> tuple[str, ...]:
    return (
        one.circuit_id,
        "–" if one.lit is None else "yes" if one.lit else "no",
        "–" if one.level_pct is None else level(round(one.level_pct)),
        *(effect_text(one.effects[cause]) for cause in CAUSES),
        _VERDICTS[one.verdict],
    )


def effect_text(effect: Effect | None) -> str:
    """What a circuit does for one cause; None where nobody says that there is such a cause."""
    if effect is None:
        return _NOBODY_SAYS
    if effect.kind == "lit":
        return "lit, level ?" if effect.level_pct is None else f"lit {level(effect.level_pct)}"
    return {"hold": "holds (dark)", "dark": "dark", "unknown": "?"}[effect.kind]
