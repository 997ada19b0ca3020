"""`geo-engine show`: a plan for reading, every worker's ordered stops and the summary."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from geo_engine.errors import InvalidInput
from geo_engine.timespan import clock_text
from geo_engine.words import Language, Message


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.pass_obj
def command(language: Language, plan: Path) -> None:
    """Print the ordered stops of PLAN, a plan.json or the folder it is in."""
    path = plan / "plan.json" if plan.is_dir() else plan
    try:
        text = "\n".join(_lines(json.loads(path.read_text(encoding="utf-8")), language))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(Message("{path} is not a plan.", {"path": path})) from error
    click.echo(text)


def _lines(document: dict[str, Any], language: Language) -> list[str]:
    day = date.fromisoformat(document["date"])
    routes = [line for route in document["routes"] for line in [*_route_lines(route, day, language), ""]]
    left_out = [f"✗ {job['job_id']}  {job['name']}: {job['detail']}" for job in document["unassigned"]]
    return [*routes, *left_out, *_summary_lines(document, language)]


def _route_lines(route: dict[str, Any], day: date, language: Language) -> list[str]:
    facts = {
        "worker": route["worker_name"],
        "start": _clock(route["start_at"], day),
        "end": _clock(route["end_at"], day),
        "count": len(route["planned_visits"]),
        "km": f"{route['travel_m'] / 1000:.1f}",
        "minutes": round(route["travel_s"] / 60),
    }
    title = Message("{worker}  {start}–{end}  {count} stops, {km} km, {minutes} min of travel", facts)
    stops = [
        (
            visit["start_at"],
            f"{number:>3}  {_clock(visit['start_at'], day)}–{_clock(visit['end_at'], day)}  {visit['name']}",
        )
        for number, visit in enumerate(route["planned_visits"], start=1)
    ]
    rest = Message("break").render(language)
    breaks = [
        (rested["start_at"], f"  ·  {_clock(rested['start_at'], day)}–{_clock(rested['end_at'], day)}  {rest}")
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


def _clock(moment: str, day: date) -> str:
    local = datetime.fromisoformat(moment)
    return clock_text((local.date() - day).days * 86_400 + local.hour * 3600 + local.minute * 60)
