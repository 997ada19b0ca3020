"""A report on a day's plan: the plan, what was wrong with its input, and what it is drawn with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo_engine.customers.geocoding import Geocoding
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.day import DayPlan
from geo_engine.roads import RoadPath
from geo_engine.tables.model import RowProblem
from geo_engine.words import DEFAULT_LANGUAGE, Language, Message

OSM_ATTRIBUTION = Message("© OpenStreetMap contributors (ODbL)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """Everything the files of a plan say.

    Parameters
    ----------
    problems
        Rows of the input that could not be read.
    notices
        What of the input nobody has to correct, such as columns that are not used.
    geocodings
        What addresses were resolved to, for the jobs whose position comes from one.
    worker_geocodings
        The same for workers whose start or end comes from an address.
    paths
        Each route's way along roads: from its start through its visits, to its end if it has one
        (see `route_paths`).
    background
        What the map shows under the routes, as `encode_background` writes it; None leaves it plain.
    language
        The language of sentences in the files; the map page holds all languages and opens in the reader's.
    """

    day_plan: DayPlan
    problems: tuple[RowProblem, ...] = ()
    notices: tuple[RowProblem, ...] = ()
    geocodings: Mapping[JobId, Geocoding] = field(default_factory=dict)
    worker_geocodings: Mapping[WorkerId, tuple[Geocoding, ...]] = field(default_factory=dict)
    paths: Mapping[WorkerId, RoadPath] = field(default_factory=dict)
    background: str | None = None
    attribution: Message = OSM_ATTRIBUTION
    language: Language = DEFAULT_LANGUAGE
