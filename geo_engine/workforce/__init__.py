"""The people in the field: workers, their shifts, breaks and skills."""

from geo_engine.workforce.model import BreakRule, Worker

__all__ = ["BreakRule", "Worker"]
