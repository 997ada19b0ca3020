"""Requests to plan: kept until a worker of the queue takes one up, and worked off once."""
