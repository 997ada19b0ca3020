"""`geo-engine day stops`: the workers' ordered stops, read back from the database."""

from datetime import date, datetime

import click

from geo_engine.cli.dates import date_option
from geo_engine.cli.reading import ReadRoute, route_lines
from geo_engine.cli.tenants import open_tenant, tenant_argument
from geo_engine.ids import WorkerId, parse_id
from geo_engine.planning import service as planning
from geo_engine.planning.versions.model import WorkerDay
from geo_engine.tenancy import OPERATOR
from geo_engine.words import Language


@click.command()
@tenant_argument
@date_option
@click.option(
    "--worker",
    "worker_ids",
    type=parse_id,
    metavar="WORKER",
    multiple=True,
    help="Everyone with a published route unless given.",
)
@click.pass_obj
def command(language: Language, code: str, service_on: date, worker_ids: tuple[str, ...]) -> None:
    """Print the ordered stops of TENANT's workers, as published."""
    with open_tenant(code) as tenant, tenant.transaction() as session:
        chosen = worker_ids or planning.list_published_workers(session, service_on, by=OPERATOR)
        days = [planning.get_worker_day(session, WorkerId(one), service_on, by=OPERATOR) for one in chosen]
    for worker_day in days:
        click.echo("\n".join([*route_lines(_read(worker_day), language), ""]))


def _read(day: WorkerDay) -> ReadRoute:
    def local(moment: datetime) -> datetime:
        return moment.astimezone(day.zone)

    return ReadRoute(
        worker=day.worker_name,
        service_on=day.service_on,
        start_at=local(day.route.start_at),
        end_at=local(day.route.end_at),
        travel_s=day.route.travel_s,
        travel_m=day.route.travel_m,
        stops=tuple(
            (local(stop.visit.start_at), local(stop.visit.end_at), stop.site.name) for stop in day.ordered_visits
        ),
        breaks=tuple((local(rest.start_at), local(rest.end_at)) for rest in day.route.breaks),
        mode=day.mode,
    )
