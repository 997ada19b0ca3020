"""The use case everything else calls: one day's sites and workers become a plan on real roads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.model import Plan
from geo_engine.workforce import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """A plan with all a reader needs to understand it.

    Parameters
    ----------
    sites, workers
        Everyone who was given, by the id the plan uses (a job's id is its site's).
    road_source
        What answered the travel times, such as ``osrm:monaco.osm.pbf`` or ``straight``.
    is_estimate
        True when travel times follow no road.
    saved_m
        Metres the plan drives less than nearest neighbour with the same jobs; None when nothing is placed.
    """

    service_on: date
    zone: ZoneInfo
    plan: Plan
    sites: Mapping[JobId, Site]
    workers: Mapping[WorkerId, Worker]
    road_source: str
    is_estimate: bool
    saved_m: int | None
