"""What really happened at a site: visits, the evidence for them, and how far it can be believed."""

from geo_engine.visits.model import (
    CheckIn,
    CheckInKind,
    Evidence,
    Judgement,
    PhotoEvidence,
    Reason,
    ReasonKind,
    Verdict,
)

__all__ = [
    "CheckIn",
    "CheckInKind",
    "Evidence",
    "Judgement",
    "PhotoEvidence",
    "Reason",
    "ReasonKind",
    "Verdict",
]
