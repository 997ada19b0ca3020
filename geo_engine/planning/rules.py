"""What binds a plan as a whole, beside its jobs and shifts; every part is optional."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from geo_engine.ids import JobId, WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules:
    """Wishes about who does what.

    Parameters
    ----------
    surcharges
        Per job and worker, what it costs that this worker does it, such as for leaving the own territory.
    workers_before, move_cost
        Who had each job in the plan before, and what it costs to give one to another worker.
    """

    surcharges: Mapping[JobId, Mapping[WorkerId, int]] = field(default_factory=dict)
    workers_before: Mapping[JobId, WorkerId] = field(default_factory=dict)
    move_cost: int = 0


NO_RULES = PlanRules()
