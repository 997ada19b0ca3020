"""Visits as they are kept: what is believed since when, and what a person decided."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from geo_engine.ids import DecisionId, MemberId, SiteId, VisitId, WorkerId
from geo_engine.timespan import TimeSpan
from geo_engine.visits.day import Visit
from geo_engine.visits.model import Verdict


class DecisionKind(StrEnum):
    """What a person may say of a visit."""

    ACCEPTED = "accepted"
    """It took place."""
    REJECTED = "rejected"
    """It did not."""
    ASSIGNED = "assigned"
    """The stay was of another site than was thought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word about a visit; it outlives whatever is derived anew.

    Parameters
    ----------
    site_id
        Of an assignment: of which site the stay was.
    span
        When the visit was as it was looked at: the word is about what is there then.
    decided_by, decider
        None and empty for the installation's own operator.
    """

    id: DecisionId
    visit_id: VisitId
    worker_id: WorkerId
    service_on: date
    kind: DecisionKind
    span: TimeSpan
    decided_at: datetime
    site_id: SiteId | None = None
    note: str = ""
    decided_by: MemberId | None = None
    decider: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptVisit:
    """A visit as it was believed, from when until when (None: still), and the last that a person said of it."""

    visit: Visit
    derived_at: datetime
    superseded_at: datetime | None = None
    decision: Decision | None = None

    @property
    def took_place(self) -> bool:
        """Whether it is taken to have taken place: as a person said, else unless the evidence contradicts it."""
        said = None if self.decision is None else self.decision.kind
        if said in {DecisionKind.ACCEPTED, DecisionKind.REJECTED}:
            return said is DecisionKind.ACCEPTED
        return self.visit.judgement.verdict is not Verdict.CONTRADICTED
