"""A small day that needs no file: two workers, hostile names, one site left out."""

import pytest
from support.day_plans import HOSTILE_NAMES, day_plan, site, worker

from geo_engine.customers.geocoding import GeocodeCandidate, Geocoding
from geo_engine.geometry import Position
from geo_engine.ids import JobId
from geo_engine.reports.model import PlanReport
from geo_engine.reports.paths import route_paths
from geo_engine.roads.straight import StraightRouter
from geo_engine.tables.model import RowProblem
from geo_engine.timespan import ClockWindow
from geo_engine.words import Message

HOME = Position(7.42, 43.73)


@pytest.fixture
def report() -> PlanReport:
    """Return a report with everything a report can hold."""
    late = (ClockWindow(earliest_s=36000, latest_s=39600),)
    sites = [site(i, Position(7.42 + i * 0.004, 43.735), name=name) for i, name in enumerate(HOSTILE_NAMES)]
    sites.append(site(5, Position(7.41, 43.74), name="=HYPERLINK(1)", address="–12, rue", windows=late))
    sites.append(site(6, Position(7.4, 43.74), name="摩纳哥网点", address="格里马尔迪街 12 号"))
    given = [(worker(0, HOME, name="王芳"), sites[:4]), (worker(1, HOME, end=None, name="Ana"), sites[4:6])]
    day = day_plan(given, left=sites[6:], router=StraightRouter())
    guess = GeocodeCandidate(label="Rue Grimaldi", position=HOME, score=0.62, source="extract:test")
    return PlanReport(
        day_plan=day,
        problems=(RowProblem(file="sites.csv", line=7, column="lon", reason=Message("Longitude")),),
        geocodings={JobId("S000"): Geocoding(address="Grimaldi 12", candidates=(guess,))},
        paths=route_paths(day, StraightRouter()),
    )
