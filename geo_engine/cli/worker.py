"""`geo-engine worker`: does the queue's work, beside as many others on as many machines as wanted."""

import logging

import click

from geo_engine.cli.running import concurrency_option
from geo_engine.cli.tenants import open_database
from geo_engine.cli.trails import vault_of
from geo_engine.db.addresses import database_address
from geo_engine.db.roles import DatabaseRole
from geo_engine.jobs import registered_tasks, regular_chores
from geo_engine.photos.files import open_photo_files
from geo_engine.planning.solver.kernel_spare import kernel_ready
from geo_engine.queue.worker import run_worker
from geo_engine.settings import read_settings


@click.command()
@concurrency_option
@click.option("--until-idle", is_flag=True, help="End when nothing is left to do.")
def command(concurrency: int, until_idle: bool) -> None:  # noqa: FBT001
    """Do the queue's work until told to end; the tasks at work are finished first."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = read_settings()
    photos = open_photo_files(settings.photo_url, state_dir=settings.state_dir)
    with open_database(pool_size=max(2, concurrency)) as database, kernel_ready(keep=not until_idle):
        run_worker(
            database_address(settings, DatabaseRole.APP),
            registered_tasks(database, cache_dir=settings.cache_dir, photos=photos),
            concurrency=concurrency,
            until_idle=until_idle,
            chores=() if until_idle else regular_chores(database, vault_of(settings)),
        )
