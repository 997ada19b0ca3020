"""Who did what to what: events that are appended and never changed."""

from geo_engine.audit.model import AuditEvent

__all__ = ["AuditEvent"]
