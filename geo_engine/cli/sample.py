"""`geo-engine sample`: real places of an extract as sites, with workers to visit them."""

from pathlib import Path

import click

from geo_engine.basemap.sample import DEFAULT_SEED, DEFAULT_SITE_COUNT, DEFAULT_WORKER_COUNT, write_sample


@click.command()
@click.argument("extract", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the two files."
)
@click.option("--sites", "site_count", type=click.IntRange(1, 10_000), default=DEFAULT_SITE_COUNT, show_default=True)
@click.option("--workers", "worker_count", type=click.IntRange(1, 500), default=DEFAULT_WORKER_COUNT, show_default=True)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="The same seed gives the same files.")
def command(extract: Path, out: Path, site_count: int, worker_count: int, seed: int) -> None:
    """Write sites.csv and workers.csv from the named places of EXTRACT, to try the planner on any city."""
    for path in write_sample(extract, out, site_count=site_count, worker_count=worker_count, seed=seed):
        click.echo(path)
