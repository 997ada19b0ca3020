"""`geo-engine db provision`: what only a server's superuser can provide."""

from urllib.parse import unquote, urlsplit

import click

from geo_engine.db.addresses import database_address
from geo_engine.db.provision import provision
from geo_engine.db.roles import DatabaseRole
from geo_engine.errors import InvalidInput
from geo_engine.settings import read_settings
from geo_engine.words import Message

_ROLES = (DatabaseRole.APP, DatabaseRole.OWNER, DatabaseRole.MAINTENANCE)


@click.command()
@click.option("--superuser-url", envvar="DATABASE_SUPERUSER_URL", show_envvar=True, required=True)
def command(superuser_url: str) -> None:
    """Give another server the roles, the database and the extensions that the DATABASE_… URLs name.

    Roles keep what they own; each is given the password of its URL.
    """
    settings = read_settings()
    urls = {role: urlsplit(database_address(settings, role)) for role in _ROLES}
    database = unquote(urls[DatabaseRole.APP].path.removeprefix("/"))
    for role, url in urls.items():
        if unquote(url.username or "") != role or not url.password or url.path != urls[DatabaseRole.APP].path:
            facts = {"role": role.value}
            raise InvalidInput(Message("The URL of {role} must name it, its password and the one database.", facts))
    passwords = {role: unquote(url.password or "") for role, url in urls.items()}
    provision(superuser_url, database=database, passwords=passwords)
