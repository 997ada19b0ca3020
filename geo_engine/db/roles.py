"""Who may do what in the database: its roles, by the names they sign in with."""

from enum import StrEnum

DATABASE_NAME = "geo_engine"


class DatabaseRole(StrEnum):
    """A database role; its value is its login name.

    The superuser makes extensions and roles, the owner migrates, the app serves and cannot bypass row-level
    security, maintenance can (backups, proofs of erasure, the platform's own jobs).
    """

    SUPERUSER = "postgres"
    OWNER = "geo_owner"
    APP = "geo_app"
    MAINTENANCE = "geo_maintenance"
