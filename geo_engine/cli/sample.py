"""`geo-engine sample`: real places of an extract as sites, with workers to visit them."""

from datetime import date, datetime, timedelta
from pathlib import Path

import click

from geo_engine.basemap.sample import DEFAULT_SEED, DEFAULT_SITE_COUNT, DEFAULT_WORKER_COUNT, write_sample
from geo_engine.cli.tenants import now
from geo_engine.geometry import Position
from geo_engine.geometry.zones import zone_at
from geo_engine.travel_modes import TravelMode

_USUAL_START_H, _UNDER_WAY_H = 8, 3
_DAYTIME_H = range(10, 16)


@click.command()
@click.argument("extract", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the two files."
)
@click.option("--sites", "site_count", type=click.IntRange(1, 10_000), default=DEFAULT_SITE_COUNT, show_default=True)
@click.option("--workers", "worker_count", type=click.IntRange(1, 500), default=DEFAULT_WORKER_COUNT, show_default=True)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="The same seed gives the same files.")
@click.option(
    "--mode",
    "modes",
    type=click.Choice([mode.value for mode in TravelMode]),
    multiple=True,
    default=(TravelMode.CAR.value,),
    show_default=True,
    help="How workers travel; of several each takes the next.",
)
@click.option("--under-way", is_flag=True, help="Hours of a day that is under way now; the day is printed as well.")
def command(
    extract: Path, *, out: Path, site_count: int, worker_count: int, seed: int, modes: tuple[str, ...], under_way: bool
) -> None:
    """Write sites.csv and workers.csv from the named places of EXTRACT, to try the planner on any city."""
    days: list[date] = []

    def later_by_s(home: Position) -> int:
        by_h, day = hours_under_way(now().astimezone(zone_at([home])))
        days.append(day)
        return by_h * 3600

    hours = {"later_by_s": later_by_s} if under_way else {}
    travels = tuple(map(TravelMode, modes))
    for path in write_sample(
        extract, out, site_count=site_count, worker_count=worker_count, seed=seed, modes=travels, **hours
    ):
        click.echo(path)
    for day in days:
        click.echo(day)


def hours_under_way(local: datetime) -> tuple[int, date]:
    """Return by how many hours a usual day begins later when it began a few hours ago, and which day that is.

    Examples
    --------
    >>> hours_under_way(datetime(2026, 11, 26, 12, 0)), hours_under_way(datetime(2026, 11, 26, 1, 30))
    ((0, datetime.date(2026, 11, 26)), (14, datetime.date(2026, 11, 25)))

    In the early morning it is earlier than usual, so that it is today's:

    >>> hours_under_way(datetime(2026, 11, 26, 4, 30))
    (-7, datetime.date(2026, 11, 26))
    """
    if local.hour in _DAYTIME_H:
        return 0, local.date()
    began = local - timedelta(hours=_UNDER_WAY_H)
    return began.hour - _USUAL_START_H, began.date()
