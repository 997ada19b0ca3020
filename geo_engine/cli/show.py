"""`geo-engine show`: a plan for reading, every worker's ordered stops and the summary."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from geo_engine.cli.reading import ReadRoute, route_lines
from geo_engine.cli.savings import saving_lines
from geo_engine.errors import InvalidInput
from geo_engine.tables.json_text import find_json
from geo_engine.travel_modes import TravelMode
from geo_engine.words import Language, Message


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.pass_obj
def command(language: Language, plan: Path) -> None:
    """Print the ordered stops of PLAN, a plan.json or the folder it is in."""
    path = plan / "plan.json" if plan.is_dir() else plan
    try:
        text = "\n".join(_lines(find_json(path.read_bytes()), language))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(Message("{path} is not a plan.", {"path": path})) from error
    click.echo(text)


def _lines(document: dict[str, Any], language: Language) -> list[str]:
    day = date.fromisoformat(document["date"])
    routes = [line for route in document["routes"] for line in [*route_lines(_read(route, day), language), ""]]
    left_out = [line for job in document["unassigned"] for line in _left_lines(job)]
    return [*routes, *left_out, *_summary_lines(document, language)]


def _left_lines(job: dict[str, Any]) -> list[str]:
    why_not = job.get("why_not") or {"offers": []}
    return [
        f"✗ {job['job_id']}  {job['name']}: {job['detail']}",
        *(f"    → {offer['detail']}" for offer in why_not["offers"]),
    ]


def _read(route: dict[str, Any], day: date) -> ReadRoute:
    def moment(of: dict[str, Any], key: str) -> datetime:
        return datetime.fromisoformat(of[key])

    return ReadRoute(
        worker=route["worker_name"],
        service_on=day,
        start_at=moment(route, "start_at"),
        end_at=moment(route, "end_at"),
        travel_s=route["travel_s"],
        travel_m=route["travel_m"],
        stops=tuple(
            (moment(visit, "start_at"), moment(visit, "end_at"), visit["name"]) for visit in route["planned_visits"]
        ),
        breaks=tuple((moment(rest, "start_at"), moment(rest, "end_at")) for rest in route["breaks"]),
        mode=TravelMode(route.get("travel_mode", TravelMode.CAR)),
    )


def _summary_lines(document: dict[str, Any], language: Language) -> list[str]:
    summary = document["summary"]
    facts = {
        "placed": summary["placed_count"],
        "jobs": summary["job_count"],
        "routes": len(document["routes"]),
        "km": f"{summary['travel_m'] / 1000:.1f}",
        "hours": f"{summary['travel_s'] / 3600:.1f}",
    }
    lines = [Message("{placed} of {jobs} visits placed on {routes} routes; {km} km, {hours} h of travel.", facts)]
    lines += saving_lines(summary)
    if summary["estimated"]:
        lines.append(Message("Travel times are straight-line estimates, not roads."))
    return [line.render(language) for line in lines]
