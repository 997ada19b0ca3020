"""What became of the stops of a plan by a moment, and what a dispatcher has locked: values handed down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from geo_engine.ids import JobId


class Standing(StrEnum):
    """How far a planned visit is; one that nobody has begun to drive to has none."""

    DONE = "done"
    UNDER_WAY = "under_way"
    DRIVEN_TO = "driven_to"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopProgress:
    """How far a planned visit is.

    Parameters
    ----------
    began_at
        When it really began, or is expected to where it is `Standing.DRIVEN_TO`; None takes what the plan allows.
    ended_at
        When it really ended; None unless `Standing.DONE`.
    is_by_another
        Whether somebody else made it than planned: whose route it is on was never there.
    """

    standing: Standing
    began_at: datetime | None = None
    ended_at: datetime | None = None
    is_by_another: bool = False


class Lock(StrEnum):
    """What of a stop is to stay as it is beside who makes it: nothing, when it begins, or all that is done up to it."""

    TIME = "time"
    WORKER = "worker"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProgress:
    """Where a day stands.

    Parameters
    ----------
    now
        Nothing is planned to happen before it.
    stops
        By job, those that were at least driven to.
    locks
        By job, what is to stay as it is.
    promises
        By job, when the customer was told that service begins.
    """

    now: datetime
    stops: Mapping[JobId, StopProgress] = field(default_factory=dict)
    locks: Mapping[JobId, frozenset[Lock]] = field(default_factory=dict)
    promises: Mapping[JobId, datetime] = field(default_factory=dict)
