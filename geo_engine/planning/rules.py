"""What binds a plan as a whole, beside its jobs and shifts; every part is optional."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from geo_engine.geometry import Position
from geo_engine.ids import JobId, WorkerId
from geo_engine.planning.travel.speeds import HourlySpeeds


class RelationKind(StrEnum):
    """How two jobs belong together."""

    SHIPMENT = "shipment"
    SAME_WORKER = "same_worker"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Two jobs that belong together.

    Parameters
    ----------
    kind
        ``shipment``: one worker does both, the first before the second, or nobody does either; the first's `amounts`
        are taken on board there and brought to the second. ``same_worker``: if both are done, one worker does them.
        ``after``: the second begins when the first has ended and `gap_s` has gone by, whoever does them, and is not
        done without it.
    """

    kind: RelationKind
    first_id: JobId
    second_id: JobId
    gap_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A price on long days that grows with the square: what is taken from the longest day counts most.

    Parameters
    ----------
    target_s
        The working time, from leaving to the end, up to which a day costs nothing.
    cost_per_hour_squared
        What the first hour beyond costs; two cost four times as much.
    """

    target_s: int
    cost_per_hour_squared: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compactness:
    """A price on visits far from the middle of their worker's area, so that stops keep together.

    Parameters
    ----------
    free_s
        Travel from the centre to a job, at full speed, up to which it costs nothing.
    cost_per_hour
        What an hour beyond that costs, for each visit.
    centres
        By worker; who has none has no area.
    """

    free_s: int
    cost_per_hour: float
    centres: Mapping[WorkerId, Position]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules:
    """Relations between jobs, what is settled already, and wishes about who does what and when.

    Parameters
    ----------
    surcharges
        Per job and worker, what it costs that this worker does it, such as for leaving the own territory.
    workers_before, move_cost
        Who had each job in the plan before, and what it costs to give one to another worker.
    tolerance_s, late_cost_per_minute
        A job with a promised time begins no more than the tolerance before it, where its windows allow that, and costs
        this for every minute it begins later than that after it.
    prefixes
        By worker, the jobs a route has to begin with, in this order, such as those under way; in a plan that keeps
        every rule they can be done in time by themselves.
    speeds
        By travel mode, the speed at each hour of the day; a mode without has the matrix's at all hours.
    """

    relations: tuple[Relation, ...] = ()
    surcharges: Mapping[JobId, Mapping[WorkerId, int]] = field(default_factory=dict)
    workers_before: Mapping[JobId, WorkerId] = field(default_factory=dict)
    move_cost: int = 0
    tolerance_s: int = 900
    late_cost_per_minute: float = 0.0
    prefixes: Mapping[WorkerId, tuple[JobId, ...]] = field(default_factory=dict)
    balance: Balance | None = None
    compactness: Compactness | None = None
    speeds: Mapping[str, HourlySpeeds] = field(default_factory=dict)


NO_RULES = PlanRules()
