"""Who is visited, where, and what a visit there needs."""

from geo_engine.customers.model import Site

__all__ = ["Site"]
