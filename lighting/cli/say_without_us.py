"""What circuits would do without us, in the few words of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lighting.assets.failsafe import CAUSES, Cause, Effect, Verdict
from lighting.cli.table import Column, print_table
from lighting.cli.voice import Voice
from lighting.desk.answers import CircuitStanding
from lighting.desk.without_us_facts import under_floor_fact
from lighting.wording.figures import level

CAUSE_COLUMNS: Mapping[Cause, Column] = {
    "lost_master": Column("NO MASTER"),
    "lost_lamp_bus": Column("NO LAMP BUS"),
    "power_return": Column("SUPPLY BACK"),
}
_NOBODY_SAYS = "–"
UNDER_FLOOR = "UNDER FLOOR"
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
    effects = [(one.effects[cause], one.floor_pct) for one in standings for cause in one.under_floor]
    tell_under_floor(voice, [(e.level_pct, floor_pct) for e, floor_pct in effects if e is not None])


def tell_under_floor(voice: Voice, levels_pct: Iterable[tuple[float | None, float]]) -> None:
    """What a cell such as ``lit 20 % < 45 %`` means, where there is one: levels, each with its floor."""
    note = under_floor_fact([(low, floor) for low, floor in levels_pct if low is not None])
    if note is not None:
        voice.data(note)


def _row(one: CircuitStanding) -> tuple[str, ...]:
    return (
        one.circuit_id,
        "–" if one.lit is None else "yes" if one.lit else "no",
        "–" if one.level_pct is None else level(round(one.level_pct)),
        *(effect_text(one.effects[cause], one.floor_pct if cause in one.under_floor else None) for cause in CAUSES),
        UNDER_FLOOR if one.only_under_floor else _VERDICTS[one.verdict],
    )


def effect_text(effect: Effect | None, under_pct: float | None = None) -> str:
    """What a circuit does for one cause; None where nobody says that there is such a cause.

    ``under_pct`` is its floor where it is lit at less.
    """
    if effect is None:
        return _NOBODY_SAYS
    if effect.kind == "lit" and effect.level_pct is not None and under_pct is not None:
        return f"lit {level(round(effect.level_pct))} < {level(round(under_pct))}"
    if effect.kind == "lit":
        return "lit, level ?" if effect.level_pct is None else f"lit {level(effect.level_pct)}"
    return {"hold": "holds (dark)", "dark": "dark", "unknown": "?"}[effect.kind]
