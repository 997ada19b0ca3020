"""Where the database is for whom: the environment's server if it names one, else the private cluster."""

from contextlib import suppress

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from geo_engine.db.cluster import Cluster
from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.settings import Settings
from geo_engine.words import Message

_SCHEME = "postgresql://"
_OTHER_SCHEMES = ("postgres://", "postgresql+psycopg://")


class AddressMissingError(Unavailable):
    """The environment names a server, but not how this role reaches it."""


def database_address(settings: Settings, role: DatabaseRole) -> str:
    """Return the URL, with password, that a role connects to.

    Raises
    ------
    AddressMissingError
        When the environment names a server for another role only.
    InvalidInput
        When what it names is not the URL of a PostgreSQL database.
    Unavailable
        When it names none and the private cluster does not run.
    """
    variable, given = _given(settings, role)
    if given is not None:
        return _plain(variable, given)
    if settings.database_url is None:
        _refuse_half(settings)
        return private_cluster(settings).url(role)
    if role is DatabaseRole.SUPERUSER:
        raise AddressMissingError(Message("DATABASE_URL is set: its server's superuser is not ours to use."))
    raise AddressMissingError(
        Message("DATABASE_URL is set, so {variable} must name the same database for {role}.", _facts(variable, role))
    )


def login_of(url: str) -> str:
    """Return as which role a URL signs in; empty where it leaves that to the driver."""
    return str(conninfo_to_dict(url).get("user") or "")


def private_cluster(settings: Settings) -> Cluster:
    """Return the private cluster of the installation, made or not."""
    return Cluster(settings.state_dir, postgres_bin=settings.postgres_bin)


def _given(settings: Settings, role: DatabaseRole) -> tuple[str, str | None]:
    return {
        DatabaseRole.APP: ("DATABASE_URL", settings.database_url),
        DatabaseRole.OWNER: ("DATABASE_OWNER_URL", settings.database_owner_url),
        DatabaseRole.MAINTENANCE: ("DATABASE_MAINTENANCE_URL", settings.database_maintenance_url),
        DatabaseRole.SUPERUSER: ("", None),
    }[role]


def _refuse_half(settings: Settings) -> None:
    """Refuse a server that is named for other roles only: data would go to two servers."""
    for role in DatabaseRole:
        variable, given = _given(settings, role)
        if given is not None:
            raise AddressMissingError(Message("{variable} is set, but DATABASE_URL is not.", {"variable": variable}))


def _facts(variable: str, role: DatabaseRole) -> dict[str, object]:
    return {"variable": variable, "role": role.value}


def _plain(variable: str, url: str) -> str:
    """Return the URL in the one scheme we use; what is wrong with it is not quoted, it may be a password."""
    for scheme in (_SCHEME, *_OTHER_SCHEMES):
        if url.startswith(scheme):
            plain = _SCHEME + url.removeprefix(scheme)
            with suppress(ProgrammingError):
                conninfo_to_dict(plain)
                return plain
    raise InvalidInput(Message("{variable} is not a URL such as postgresql://…", {"variable": variable}))
