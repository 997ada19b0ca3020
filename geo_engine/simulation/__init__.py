"""Made-up days with a known truth: workers on real roads, phones as they are, for demonstrations and measurements."""

from geo_engine.simulation.truth import Halt, TrueStay, Truth, TruthParams, live_day

__all__ = ["Halt", "TrueStay", "Truth", "TruthParams", "live_day"]
