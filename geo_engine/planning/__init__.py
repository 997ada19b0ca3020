"""The day's routes: what is to be planned, how it is solved, and how any plan is judged."""

from geo_engine.planning.model import (
    Job,
    Plan,
    PlannedBreak,
    PlannedVisit,
    Route,
    Shift,
    ShiftBreak,
    Unassigned,
    UnassignedReason,
    Violation,
    ViolationKind,
)

__all__ = [
    "Job",
    "Plan",
    "PlannedBreak",
    "PlannedVisit",
    "Route",
    "Shift",
    "ShiftBreak",
    "Unassigned",
    "UnassignedReason",
    "Violation",
    "ViolationKind",
]
