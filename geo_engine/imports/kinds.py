"""Whether a file holds what it is said to hold, by its columns."""

from geo_engine.customers.files import LAYOUT as SITES
from geo_engine.errors import InvalidInput
from geo_engine.tables import Table
from geo_engine.tables.fields import known_columns
from geo_engine.words import Message
from geo_engine.workforce.files import LAYOUT as WORKERS

_OF_SITES = frozenset({"service_min", "windows", "priority", "penalty", "required", "amounts", "level"})


def refuse_sites(table: Table) -> None:
    """Refuse a file of sites where one of workers is asked for: each of its sites would become a worker.

    Raises
    ------
    InvalidInput
        When it has columns that only sites have, and none that only workers have.
    """
    sites, workers = known_columns(table, SITES), known_columns(table, WORKERS)
    only_sites = [heading for heading, column in sites.items() if column in _OF_SITES and heading not in workers]
    if only_sites and workers.keys() <= sites.keys():
        facts = {"file": table.file, "columns": ", ".join(only_sites)}
        raise InvalidInput(
            Message(
                "{file} looks like a file of sites, not of workers: it has {columns}, and no column that only workers "
                "have, such as shift or start_lon.",
                facts,
            )
        )
