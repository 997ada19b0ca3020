"""How a plan becomes a report: with its ways along roads and the background of its extract."""

from geo_engine.basemap.background import drawn_background
from geo_engine.planning.day import DayPlan
from geo_engine.reports.model import PlanReport
from geo_engine.reports.paths import route_paths
from geo_engine.roads.opening import OpenRoads
from geo_engine.words import Language


def build_report(day_plan: DayPlan, roads: OpenRoads, *, language: Language) -> PlanReport:
    """Return the report on a plan.

    Parameters
    ----------
    roads
        Those it was planned on: its ways are drawn along them, before their extract's background.

    Raises
    ------
    InvalidInput, Unavailable
        When the extract cannot be read or the roads cannot answer.
    """
    return PlanReport(
        day_plan=day_plan,
        paths=route_paths(day_plan, roads.router),
        background=None if roads.extract is None else drawn_background(roads.extract, kept_in=roads.extract.parent),
        language=language,
    )
