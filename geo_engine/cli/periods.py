"""`geo-engine periods`: sites, workers and visiting rules become weeks of routes. No database."""

import json
from datetime import date, datetime
from pathlib import Path

import click

from geo_engine.cli.dates import day_option
from geo_engine.cli.input_files import InputFiles, RefusedFilesError
from geo_engine.cli.numbers import NumberRange
from geo_engine.cli.period_files import PeriodFiles, plan_period_files
from geo_engine.cli.screen import say_problems
from geo_engine.cli.speeds import read_speeds, speeds_option
from geo_engine.cli.writing import writing
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.geometry.crs import Crs
from geo_engine.imports.geocoders import EXTRACT_GEOCODER, GEOCODERS
from geo_engine.planning.day import DEFAULT_SNAP_LIMIT_M
from geo_engine.planning.periods.model import DEFAULT_PARAMS, MAX_WEEKS, PeriodParams
from geo_engine.reports.period_files import period_summary, write_period_files
from geo_engine.tables.days import parse_weekdays
from geo_engine.words import Language

_TABLE = click.Path(path_type=Path)


@click.command()
@click.option("--sites", type=_TABLE, required=True, help="CSV, XLSX or GeoJSON, with a column “level”.")
@click.option("--workers", type=_TABLE, required=True, help="CSV, XLSX or GeoJSON.")
@click.option("--rules", type=_TABLE, required=True, help="Visiting rules: level or site, visits, weeks, min_days, …")
@day_option("--from", "first_on", about="The period's first day; weeks are counted from it.", required=True)
@click.option("--weeks", type=click.IntRange(1, MAX_WEEKS), default=8, show_default=True)
@click.option("--roads", required=True, help="An extract (.osm.pbf), a graph folder, or “straight” for estimates.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the period's files.")
@day_option("--today", "today_on", about="The first day still to be planned, when the period has begun.")
@click.option("--made", type=_TABLE, help="Visits made before: site, date, outcome.")
@click.option("--earlier", type=_TABLE, help="visits.csv of the plan so far: what is not past had better stay.")
@click.option("--days-off", type=_TABLE, help="When workers do not work: worker, date, until.")
@click.option("--workdays", default="1-5", show_default=True, help="Days of the week that are worked.")
@click.option(
    "--holiday", "holidays", type=click.DateTime(["%Y-%m-%d"]), multiple=True, help="A day nobody works; repeatable."
)
@click.option("--search-limit", type=NumberRange(0, 86_400), default=DEFAULT_PARAMS.search_s, show_default=True)
@click.option("--round-limit", type=click.IntRange(0), help="Search by rounds instead of time: reproducible.")
@click.option(
    "--route-limit",
    type=NumberRange(0, 3_600),
    default=DEFAULT_PARAMS.route_limit_s,
    show_default=True,
    help="Seconds for each day's routes; 0 keeps them as the search has them.",
)
@speeds_option
@click.option("--tz", help="Time zone such as Asia/Shanghai; from the sites' position unless given.")
@click.option("--crs", type=click.Choice([crs.value for crs in Crs]), default=Crs.WGS84.value, show_default=True)
@click.option("--snap-limit-m", type=NumberRange(0), default=DEFAULT_SNAP_LIMIT_M, show_default=True)
@click.option("--geocoder", type=click.Choice(GEOCODERS), default=EXTRACT_GEOCODER, show_default=True)
@click.option("--strict", is_flag=True, help="Refuse the files when any row cannot be read.")
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    sites: Path,
    workers: Path,
    rules: Path,
    first_on: date,
    weeks: int,
    roads: str,
    out: Path,
    today_on: date | None,
    made: Path | None,
    earlier: Path | None,
    days_off: Path | None,
    workdays: str,
    holidays: tuple[datetime, ...],
    search_limit: float,
    round_limit: int | None,
    route_limit: float,
    speeds: tuple[str, ...],
    tz: str | None,
    crs: str,
    snap_limit_m: float,
    geocoder: str,
    strict: bool,  # noqa: FBT001
) -> None:
    """Plan weeks of visits; write period.json, visits.csv, coverage.csv and missed.csv."""
    files = InputFiles(
        sites=sites, workers=workers, zone_name=tz, crs=Crs(crs), geocoder=geocoder, is_strict=strict, language=language
    )
    period = PeriodFiles(
        rules=rules,
        made=made,
        earlier=earlier,
        days_off=days_off,
        roads=roads,
        first_on=first_on,
        week_count=weeks,
        today_on=today_on,
        workdays=parse_weekdays(workdays),
        holidays=frozenset(moment.date() for moment in holidays),
        snap_limit_m=snap_limit_m,
        speeds=read_speeds(speeds),
        params=PeriodParams(search_s=search_limit, round_limit=round_limit, route_limit_s=route_limit),
    )
    with writing(out, InvalidInput):
        out.mkdir(parents=True, exist_ok=True)
    try:
        report = plan_period_files(files, period)
    except RefusedFilesError as refused:
        say_problems(refused.problems, language)
        raise
    say_problems((*report.problems, *report.notices), language)
    with writing(out, Unavailable):
        write_period_files(report, out)
    click.echo(json.dumps(period_summary(report)))
