"""How complete the data is, and how everything was reckoned, so that an auditor can do it again."""

from __future__ import annotations

from lighting.desk.energy_answers import EnergyReport
from lighting.energy import worlds
from lighting.report.document import Block, Column, Paragraph, Picture, Points, Section, Table, Terms
from lighting.report.language import Language
from lighting.report.naming import cause_name, kind_name, world_name


def kinds(report: EnergyReport) -> tuple[tuple[str, int], ...]:
    """The energy of the span in Ws by how it is known."""
    found = report.coverage
    energies = (found.metered_ws, found.apportioned_ws, found.modelled_ws, found.unmetered_ws)
    return tuple(zip(worlds.ENERGY_KINDS, energies, strict=True))


def coverage(report: EnergyReport, language: Language) -> Section:
    """Of the time, what is known; of the energy, how."""
    word, found = language.word, report.coverage
    times = Terms(
        (
            (word("Known time"), language.share(found.known_share, 2)),
            (word("of it only in sum over a gap"), language.share(found.spread_share, 2)),
            (word("Unknown time, its energy in no figure"), language.share(found.unknown_share, 2)),
            (word("Days"), language.number(found.days)),
            (word("Days without an account"), language.number(found.days_without_account)),
        )
    )
    whole = sum(energy for _kind, energy in kinds(report))
    rows = tuple(
        (kind_name(kind, language), language.kwh(energy), language.share(energy / whole if whole else None))
        for kind, energy in kinds(report)
    )
    columns = (
        Column(word("How the energy is known"), is_number=False, width=2.4),
        Column("kWh"),
        Column(word("Share")),
    )
    blocks: list[Block] = [times]
    if whole:
        says = language.say("report_coverage_says", share=language.share(found.metered_ws / whole))
        blocks.append(Picture("coverage", word("Energy by how it is known"), says))
    blocks.append(Table(word("Energy by how it is known"), columns, rows))
    blocks.append(Paragraph(language.say("report_kinds_are")))
    return Section("coverage", word("Coverage"), tuple(blocks))


def method(report: EnergyReport, language: Language) -> Section:
    """Formulas, the order of attribution, what it was made from, and the commands that make it again."""
    word = language.word
    revisions = ", ".join(map(str, report.revision_ids)) or word("none")
    made_from = Terms(
        (
            (word("Site"), f"{report.site_name} ({report.site_id})"),
            (word("Days, both included"), f"{report.from_day} – {report.to_day}"),
            (word("Time zone"), report.timezone),
            (word("Revisions of the site"), revisions),
            (word("Hash of the basis"), report.basis_hash or word("none")),
        )
    )
    rests = Points(
        tuple(
            language.say(code)
            for code in (
                "report_rests_on_readings",
                "report_rests_on_accounts",
                "report_rests_on_money",
                "report_rests_on_carbon",
                "report_rests_on_lamps",
            )
        )
    )
    formulas = Points(
        tuple(
            language.say(code)
            for code in (
                "report_formula_saved",
                "report_formula_cause",
                "report_formula_unexplained",
                "report_formula_within",
                "report_formula_within_all",
                "report_formula_within_lines",
                "report_formula_within_share",
                "report_formula_within_money",
                "report_formula_within_none",
                "report_formula_shown",
                "report_formula_profile",
                "report_formula_density",
                "report_formula_annual",
                "report_formula_standby",
                "report_formula_tan_phi",
            )
        )
    )
    blocks: tuple[Block, ...] = (
        Paragraph(word("What it was made from:")),
        made_from,
        Paragraph(word("What rests on what:")),
        rests,
        Paragraph(word("Formulas:")),
        formulas,
        _order(language),
        Paragraph(word("To reckon it again:")),
        Points(_commands(report, language)),
    )
    return Section("method", word("Method and data"), blocks, begins_page=True)


def _order(language: Language) -> Table:
    word = language.word
    columns = (
        Column(word("Order"), width=0.5),
        Column(word("Cause"), is_number=False, width=1.5),
        Column(word("Energy before it"), is_number=False, width=2.2),
        Column(word("Energy after it"), is_number=False, width=2.2),
    )
    rows = tuple(
        (
            str(number),
            cause_name(cause.code, language),
            world_name(cause.before, language),
            world_name(cause.after, language),
        )
        for number, cause in enumerate(worlds.CAUSES, 1)
    )
    return Table(word("Order of attribution: a cause saves the energy before it less that after it"), columns, rows)


def _commands(report: EnergyReport, language: Language) -> tuple[str, ...]:
    span = f"--from {report.from_day} --to {report.to_day}"
    chosen = "".join(f" --district {name}" for name in report.districts)
    baseline = f" --baseline {report.baseline_code}" if report.baseline_code else ""
    return (
        language.say("report_again_readings", command="lighting db export"),
        language.say("report_again_rebuild", command="lighting db rebuild"),
        language.say("report_again_report", command=f"lighting report {span}{chosen}{baseline} --out report.csv"),
        language.say("report_again_csv"),
    )
