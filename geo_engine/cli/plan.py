"""`geo-engine plan`: two files and an extract become a day's plan. No database."""

import json
from datetime import date
from pathlib import Path

import click

from geo_engine.cli.dates import date_option
from geo_engine.cli.day_files import PlanFilesRequest, plan_files
from geo_engine.cli.input_files import InputFiles, RefusedFilesError
from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.prices import prices_options, read_prices
from geo_engine.cli.screen import say, say_problems
from geo_engine.cli.speeds import read_speeds, speeds_option
from geo_engine.cli.writing import writing
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.geometry.crs import Crs
from geo_engine.imports.geocoders import EXTRACT_GEOCODER, GEOCODERS
from geo_engine.planning.day import DEFAULT_SNAP_LIMIT_M, Togetherness
from geo_engine.planning.solver.kernel_spare import kernel_ready
from geo_engine.planning.solver.solve import Budget
from geo_engine.reports.one_file import require_assets
from geo_engine.reports.plan_files import write_plan_files
from geo_engine.reports.plan_json import summary_document
from geo_engine.words import Language


@click.command()
@click.option("--sites", type=click.Path(path_type=Path), required=True, help="CSV, XLSX or GeoJSON.")
@click.option("--workers", type=click.Path(path_type=Path), required=True, help="CSV, XLSX or GeoJSON.")
@click.option("--roads", required=True, help="An extract (.osm.pbf), a graph folder, or “straight” for estimates.")
@date_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the plan's files.")
@click.option("--time-limit", type=NumberRange(0.1, 86_400), default=10.0, show_default=True, help="Seconds.")
@click.option("--solution-limit", type=click.IntRange(1), help="Search by solutions instead of time: reproducible.")
@click.option("--tz", help="Time zone such as Asia/Shanghai; from the sites' position unless given.")
@click.option("--crs", type=click.Choice([crs.value for crs in Crs]), default=Crs.WGS84.value, show_default=True)
@click.option("--snap-limit-m", type=NumberRange(0), default=DEFAULT_SNAP_LIMIT_M, show_default=True)
@click.option(
    "--geocoder",
    type=click.Choice(GEOCODERS),
    default=EXTRACT_GEOCODER,
    show_default=True,
    help="What resolves addresses without a position.",
)
@prices_options
@speeds_option
@click.option(
    "--keep-together",
    "near_min",
    type=NumberRange(0, 1_440),
    metavar="MINUTES",
    help="Keep each worker's stops together: beyond so many minutes from the middle of the worker's area, the way "
    "there costs as much as travelling it once more.",
)
@click.option("--strict", is_flag=True, help="Refuse the files when any row cannot be read.")
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    sites: Path,
    workers: Path,
    roads: str,
    service_on: date,
    out: Path,
    time_limit: float,
    solution_limit: int | None,
    tz: str | None,
    crs: str,
    snap_limit_m: float,
    geocoder: str,
    prices: tuple[str, ...],
    currency: str,
    speeds: tuple[str, ...],
    near_min: float | None,
    strict: bool,  # noqa: FBT001
) -> None:
    """Plan a day's routes; write plan.json, plan.geojson, plan.html and a list of stops per worker."""
    request = PlanFilesRequest(
        files=InputFiles(
            sites=sites,
            workers=workers,
            zone_name=tz,
            crs=Crs(crs),
            geocoder=geocoder,
            is_strict=strict,
            language=language,
        ),
        roads=roads,
        service_on=service_on,
        budget=Budget(time_limit_s=time_limit, solution_limit=solution_limit),
        snap_limit_m=snap_limit_m,
        prices=read_prices(prices, currency),
        speeds=read_speeds(speeds),
        together=None if near_min is None else Togetherness(free_s=round(60 * near_min)),
    )
    require_assets()
    with writing(out, InvalidInput):
        out.mkdir(parents=True, exist_ok=True)
    try:
        with kernel_ready():
            report = plan_files(request)
    except RefusedFilesError as refused:
        say_problems(refused.problems, language)
        raise
    say_problems((*report.problems, *report.notices), language)
    for worker_id, note in report.day_plan.worker_notes.items():
        say(f"{report.day_plan.workers[worker_id].name}: {note.render(language)}")
    with writing(out, Unavailable):
        write_plan_files(report, out)
    click.echo(json.dumps(summary_document(report)))
