"""Whether a database can be worked with: which revision its tables have, and whether policies hold our role."""

import psycopg

from geo_engine.db.provision import connect
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.words import Message

REVISION = "0026"
"""The newest migration's; a test holds the two together, so that asking loads neither Alembic nor SQLAlchemy."""

# Asked of who signed in, whatever role that has taken since: the superuser and whoever has BYPASSRLS see the rows of
# all tenants, who owns a table may lift its policy, and whoever is a member of one of them may become it.
_IS_ABOVE_POLICIES = """
    select session_user, exists (
        select from pg_roles where (rolsuper or rolbypassrls) and pg_has_role(session_user, oid, 'member')
    ) or exists (
        select from pg_class
        where relnamespace = 'public'::regnamespace and relrowsecurity and pg_has_role(session_user, relowner, 'member')
    )
"""


class WrongRevision(Unavailable):
    """The database has the tables of another version."""

    def __init__(self) -> None:
        super().__init__(Message("The database lacks what this version needs: run geo-engine db migrate."))


class RoleAbovePolicies(InvalidInput):
    """The role that is to serve is not held by row-level security: it would mix the rows of all tenants."""

    def __init__(self, role: str) -> None:
        super().__init__(
            Message(
                "Row-level security does not hold the role {role} of DATABASE_URL, so tenants would see each other. "
                "Name a role there that is no superuser, has no BYPASSRLS, owns no table and is a member of no such "
                "role.",
                {"role": role},
            )
        )


def find_revision(url: str) -> str | None:
    """Return which revision a database has; None when it has no tables of ours.

    Raises
    ------
    DatabaseUnavailable
        When it cannot be asked.
    """
    with connect(url) as inside:
        return _revision(inside)


def require_revision(url: str) -> None:
    """Raise unless a database has the tables of this version and keeps its tenants apart from whoever signs in there.

    Raises
    ------
    RoleAbovePolicies
        When the address names a role that row-level security does not hold.
    WrongRevision
        When it has older ones, newer ones or none.
    DatabaseUnavailable
        When it cannot be asked.
    """
    with connect(url) as inside:
        for role, is_above_policies in inside.execute(_IS_ABOVE_POLICIES):
            if is_above_policies:
                raise RoleAbovePolicies(role)
        if _revision(inside) != REVISION:
            raise WrongRevision


def _revision(inside: psycopg.Connection) -> str | None:
    if inside.execute("select to_regclass('public.alembic_version')").fetchone() == (None,):
        return None
    found = inside.execute("select version_num from public.alembic_version").fetchone()
    return None if found is None else str(found[0])
