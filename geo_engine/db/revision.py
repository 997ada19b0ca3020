"""Which revision of the tables this version needs, and whether a database has it."""

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from geo_engine.db.session import DatabaseUnavailable
from geo_engine.errors import Unavailable
from geo_engine.words import Message

REVISION = "0005"
"""The newest migration's; a test holds the two together, so that asking loads no Alembic."""


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
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            revision: str | None = connection.scalar(text("select version_num from alembic_version"))
            return revision
    except ProgrammingError:
        return None
    except OperationalError as error:
        raise DatabaseUnavailable from error


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
