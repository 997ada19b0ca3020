"""The people in the field: workers, their shifts, breaks and skills."""

from geo_engine.workforce.model import BreakRule, Depot, Worker, WorkerShift

__all__ = ["BreakRule", "Depot", "Worker", "WorkerShift"]
