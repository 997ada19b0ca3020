"""`geo-engine show`: a plan for reading, every worker's ordered stops and the summary."""

import json
from pathlib import Path
from typing import Any

import click

from geo_engine.errors import InvalidInput
from geo_engine.words import Language, Message


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.pass_obj
def command(language: Language, plan: Path) -> None:
    """Print the ordered stops of PLAN, a plan.json or the folder it is in."""
    document = _load(plan / "plan.json" if plan.is_dir() else plan)
    for route in document["routes"]:
        click.echo("\n".join([*_route_lines(route, language), ""]))
    for job in document["unassigned"]:
        click.echo(f"✗ {job['job_id']}  {job['name']}: {job['detail']}")
    click.echo("\n".join(_summary_lines(document, language)))


def _load(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _ = document["routes"], document["unassigned"], document["summary"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(Message("{path} is not a plan.", {"path": path})) from error
    return document


def _route_lines(route: dict[str, Any], language: Language) -> list[str]:
    facts = {
        "worker": route["worker_name"],
        "start": _clock(route["start_at"]),
        "end": _clock(route["end_at"]),
        "count": len(route["planned_visits"]),
        "km": f"{route['travel_m'] / 1000:.1f}",
        "minutes": round(route["travel_s"] / 60),
    }
    title = Message("{worker}  {start}–{end}  {count} stops, {km} km, {minutes} min of travel", facts)
    stops = [
        (visit["start_at"], f"{number:>3}  {_clock(visit['start_at'])}–{_clock(visit['end_at'])}  {visit['name']}")
        for number, visit in enumerate(route["planned_visits"], start=1)
    ]
    rest = Message("break").render(language)
    breaks = [
        (rested["start_at"], f"  ·  {_clock(rested['start_at'])}–{_clock(rested['end_at'])}  {rest}")
        for rested in route["breaks"]
    ]
    return [title.render(language), *(line for _, line in sorted(stops + breaks, key=lambda item: item[0]))]


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
    if summary["saved_m"] is not None:
        saved = {"km": f"{abs(summary['saved_m']) / 1000:.1f}"}
        less = Message("{km} km less than nearest neighbour.", saved)
        lines.append(less if summary["saved_m"] >= 0 else Message("{km} km more than nearest neighbour.", saved))
    if summary["estimated"]:
        lines.append(Message("Travel times are straight-line estimates, not roads."))
    return [line.render(language) for line in lines]


def _clock(moment: str) -> str:
    return moment[11:16]
