"""Which revision of the tables this version needs, and whether a database has it."""

from geo_engine.db.provision import connect
from geo_engine.errors import Unavailable
from geo_engine.words import Message

REVISION = "0005"
"""The newest migration's; a test holds the two together, so that asking loads neither Alembic nor SQLAlchemy."""


class WrongRevision(Unavailable):
    """The database has the tables of another version."""

    def __init__(self) -> None:
        super().__init__(Message("The database lacks what this version needs: run geo-engine db migrate."))


def find_revision(url: str) -> str | None:
    """Return which revision a database has; None when it has no tables of ours.

    Raises
    ------
    DatabaseUnavailable
        When it cannot be asked.
    """
    with connect(url) as inside:
        if inside.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
            return None
        found = inside.execute("select version_num from public.alembic_version").fetchone()
    return None if found is None else str(found[0])


def require_revision(url: str) -> None:
    """Raise unless a database has the tables of this version.

    Raises
    ------
    WrongRevision
        When it has older ones, newer ones or none.
    DatabaseUnavailable
        When it cannot be asked.
    """
    if find_revision(url) != REVISION:
        raise WrongRevision
