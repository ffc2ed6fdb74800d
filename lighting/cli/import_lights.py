"""``lighting import lights``: a city's lamp inventory becomes a site folder, with a report of every row not used."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lighting.assets.fact import Fact, Problem, Value
from lighting.cli.options import User, user_id

if TYPE_CHECKING:
    from lighting.cli.voice import Voice
    from lighting.exchange.inventory import Inventory, InventoryMapping, ReadingOptions
    from lighting.exchange.site_from_lights import ImportedSite, SiteOptions

_KINDS_SHOWN = 12


class ImportRefused(Exception):
    """Nothing was written. ``fact`` says why; ``problems`` of a mapping file or of the made site stand beside it."""

    exit_code = 2

    def __init__(self, fact: Fact, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(fact.code)
        self.fact = fact
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of the command line, as they were typed; column names are empty where none was given."""

    columns: dict[str, str] = field(default_factory=dict)
    mapping_file: Path | None = None
    assume_watts: tuple[str, ...] = ()
    fix_ids: bool = False
    orphans: str = ""
    site_id: str = "imported"
    name: str = ""
    timezone: str = ""
    port_base: int = 20000
    operator: str = ""


def run_import_lights(file: Path, out: Path, options: ImportOptions) -> int:
    """Make a site folder at ``out`` from an inventory; 0, or raises ImportRefused with nothing written.

    The summary goes to stdout; ``import-report.csv`` in the folder has every refused row and every assumption.
    """
    from lighting.assets.folder import read_site
    from lighting.assets.template import with_operator
    from lighting.cli.voice import voice_for
    from lighting.exchange.inventory import InventoryError
    from lighting.exchange.lights import read_inventory
    from lighting.exchange.site_from_lights import imported_site

    voice = voice_for()
    _refuse_used_folder(out)
    mapping, reading_options = _mapping(options)
    try:
        data = file.read_bytes()
        inventory = read_inventory(data, file.name, mapping, reading_options)
        _refuse_unusable(inventory, file, voice)
        site = imported_site(inventory, _site_options(options, file))
        site = replace(site, texts=with_operator(site.texts, options.operator))
    except InventoryError as error:
        raise ImportRefused(error.fact) from error
    except OSError as error:
        values: dict[str, Value] = {"file": str(file), "detail": error.strerror or str(error)}
        raise ImportRefused(Fact("inventory_file_missing", values)) from error
    errors = tuple(problem for problem in read_site(site.texts).problems if not problem.is_warning)
    if errors:
        values_of_site: dict[str, Value] = {"file": file.name, "problem_count": len(errors)}
        raise ImportRefused(Fact("imported_site_not_valid", values_of_site), errors)
    _write_whole(out, site, inventory, voice)
    _print_summary(voice, out, inventory, site)
    return 0


def _refuse_unusable(inventory: Inventory, file: Path, voice: Voice) -> None:
    """Refuse a file without one usable row, with every reason and its number of rows: no report is written then."""
    from lighting.exchange.import_report import counted

    if inventory.lamps:
        return
    reasons: list[Fact] = [
        Fact("import_refused", {"row_count": count, "reason": voice.sentence(fact)})
        for fact, count in counted(inventory.refusals)
    ]
    if len(reasons) > _KINDS_SHOWN:
        reasons[_KINDS_SHOWN:] = [Fact("import_more", {"more_count": len(reasons) - _KINDS_SHOWN})]
    problems = tuple(Problem(reason, file.name) for reason in reasons)
    raise ImportRefused(Fact("no_lamp_usable", {"read_count": inventory.read_count}), problems)


def _refuse_used_folder(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ImportRefused(Fact("folder_not_empty", {"folder": str(out)}))


def _mapping(options: ImportOptions) -> tuple[InventoryMapping, ReadingOptions]:
    """Columns and options: of the mapping file first, then of the command line, which wins."""
    from lighting.exchange.columns import read_mapping
    from lighting.exchange.inventory import InventoryMapping, ReadingOptions

    mapping, assume_watts = InventoryMapping(), dict[str, float]()
    if options.mapping_file is not None:
        name = options.mapping_file.name
        mapping, of_file, problems = read_mapping(_text_of(options.mapping_file), name)
        assume_watts.update(of_file)
        if problems:
            counts: dict[str, Value] = {"file": name, "problem_count": len(problems)}
            raise ImportRefused(Fact("mapping_not_valid", counts), tuple(problems))
    given = {role: column for role, column in options.columns.items() if column}
    assume_watts.update(_watts(text) for text in options.assume_watts)
    _refuse_no_id("orphans", options.orphans)
    return replace(mapping, **given), ReadingOptions(options.fix_ids, assume_watts, options.orphans)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        values: dict[str, Value] = {"file": str(file), "detail": error.strerror or str(error)}
        raise ImportRefused(Fact("inventory_file_missing", values)) from error
    except UnicodeDecodeError as error:
        raise ImportRefused(Fact("not_utf8", {"file": str(file)})) from error


def _watts(text: str) -> tuple[str, float]:
    from lighting.assets.nearest import shown
    from lighting.exchange.wattage import LARGEST_W

    kind, equals, watts = (part.strip() for part in text.rpartition("="))
    try:
        number = float(watts)
    except ValueError:
        number = 0.0
    if not equals or not 0 < number <= LARGEST_W:
        raise ImportRefused(Fact("assume_watts_not_valid", {"found": shown(text), "maximum_w": LARGEST_W}))
    return kind, number


def _refuse_no_id(option: str, text: str) -> None:
    from lighting.assets.nearest import shown
    from lighting.assets.notation import NotationError, parse_id

    try:
        if text:
            parse_id(text)
    except NotationError as error:
        raise ImportRefused(Fact("option_not_id", {"option": option, "found": shown(text)})) from error


def _site_options(options: ImportOptions, file: Path) -> SiteOptions:
    from lighting.exchange.site_from_lights import SiteOptions

    _refuse_no_id("id", options.site_id)
    return SiteOptions(options.site_id, options.name or file.stem, options.timezone, options.port_base)


def _write_whole(out: Path, site: ImportedSite, inventory: Inventory, voice: Voice) -> None:
    """Write the folder under another name beside it, then rename it: it is there whole or not at all."""
    from lighting.assets.template import write_folder
    from lighting.exchange.import_report import REPORT_FILE, report_csv

    report = report_csv(inventory, site.remarks, voice.sentence)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise _not_written(out, error) from error
    try:
        beside.chmod(0o755)
        write_folder(beside, {**site.texts, REPORT_FILE: report})
        beside.rename(out)
    except OSError as error:
        raise _not_written(out, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _not_written(out: Path, error: OSError) -> ImportRefused:
    return ImportRefused(Fact("system_refused_file", {"file": str(out), "detail": error.strerror or str(error)}))


def _print_summary(voice: Voice, out: Path, inventory: Inventory, site: ImportedSite) -> None:
    from lighting.exchange.import_report import REPORT_FILE, counted

    counts = {"read_count": inventory.read_count, "used_count": len(inventory.lamps)}
    voice.data(Fact("import_read", {**counts, "refused_count": len(inventory.refusals)}))
    made = {"cabinet_count": site.cabinet_count, "circuit_count": site.circuit_count}
    voice.data(Fact("import_made", {**made, "luminaire_count": site.luminaire_count, "folder": str(out)}))
    refused, assumed = counted(inventory.refusals), counted(inventory.assumptions)
    for fact, count in refused[:_KINDS_SHOWN]:
        voice.data(Fact("import_refused", {"row_count": count, "reason": voice.sentence(fact)}))
    for fact, count in assumed[:_KINDS_SHOWN]:
        voice.data(Fact("import_assumed", {"row_count": count, "reason": voice.sentence(fact)}))
    more = len(refused[_KINDS_SHOWN:]) + len(assumed[_KINDS_SHOWN:])
    if more:
        voice.data(Fact("import_more", {"more_count": more}))
    for fact in (*inventory.remarks, *site.remarks):
        voice.data(Fact("import_remark", {"reason": voice.sentence(fact)}))
    voice.data(Fact("import_report", {"file": str(out / REPORT_FILE)}))


def _column(meaning: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(metavar="COLUMN", help=f"Column of {meaning}; - for none.")
    return option


def lights(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The inventory: CSV or GeoJSON, one row a lamp.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The site folder to make; new or empty.")],
    mapping: Annotated[
        Path | None, typer.Option(metavar="TOML", help="A file with these column names, crs, encoding, assume_watts.")
    ] = None,
    controller: Annotated[str, _column("the controller or cabinet")] = "",
    wattage: Annotated[str, _column("the lamp's watts")] = "",
    lamp_type: Annotated[str, typer.Option("--type", "--lamp-type", metavar="COLUMN", help="Column of the type.")] = "",
    branch: Annotated[str, _column("the controller's branch")] = "",
    lamp_id: Annotated[str, _column("the lamp's own id")] = "",
    road: Annotated[str, _column("the road's name")] = "",
    x: Annotated[str, typer.Option("--x", "--longitude", metavar="COLUMN", help="Column of x or longitude.")] = "",
    y: Annotated[str, typer.Option("--y", "--latitude", metavar="COLUMN", help="Column of y or latitude.")] = "",
    crs: Annotated[str, typer.Option(metavar="EPSG:N", help="Coordinate system of x and y, unless degrees.")] = "",
    encoding: Annotated[str, typer.Option(metavar="NAME", help="Encoding of the file, unless UTF-8.")] = "",
    assume_watts: Annotated[
        list[str] | None, typer.Option(metavar="TYPE=W", help="Watts of lamps of a type that state none.")
    ] = None,
    fix_ids: Annotated[bool, typer.Option("--fix-ids", help="Mend controller ids that look mistyped.")] = False,
    orphans: Annotated[str, typer.Option(metavar="CABINET", help="Cabinet for lamps that name no controller.")] = "",
    site_id: Annotated[str, typer.Option("--id", metavar="ID", help="Id of the site.")] = "imported",
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the site; else the file's.")] = "",
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone; else by longitude, no summer time.")] = "",
    port_base: Annotated[int, typer.Option(metavar="PORT", help="First port of the simulated buses.")] = 20000,
    user: User = None,
) -> None:
    """Make a site folder out of a city's lamp inventory.

    You are an operator in it. Column names that are not given are recognised where they can be. No lamp
    vanishes: what could not be used, and what was assumed, is listed row by row in import-report.csv.
    """
    columns = {"controller": controller, "wattage": wattage, "lamp_type": lamp_type, "branch": branch}
    columns |= {"lamp_id": lamp_id, "road": road, "x": x, "y": y, "crs": crs, "encoding": encoding}
    options = ImportOptions(
        columns,
        mapping,
        tuple(assume_watts or ()),
        fix_ids,
        orphans,
        site_id,
        name,
        timezone,
        port_base,
        user_id(context, user),
    )
    raise typer.Exit(run_import_lights(file, out, options))


def register(app: typer.Typer) -> None:
    """Add the command ``lights`` to the sub-commands of ``import``."""
    app.command()(lights)
