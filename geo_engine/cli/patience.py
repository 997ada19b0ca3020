"""How a command that has waited long for its result outlasts a short absence of the database."""

import time
from collections.abc import Callable

from geo_engine.cli.screen import say
from geo_engine.cli.tenants import OpenTenant
from geo_engine.db.session import DatabaseUnavailable, Session
from geo_engine.words import Language, Message

_GIVE_UP_AFTER_S = 120.0
_TRY_EVERY_S = 0.2
_AWAY = Message("The database cannot be reached; looking again. The plan is made all the same.")


def patiently[T](tenant: OpenTenant, work: Callable[[Session], T], language: Language) -> T:
    """Do something in a transaction of the company, again while the database is away, and say so once.

    Parameters
    ----------
    work
        What may be done twice: whether a commit that broke off took effect is not known.

    Raises
    ------
    DatabaseUnavailable
        When the database stays away for minutes.
    """
    give_up_at_s = time.monotonic() + _GIVE_UP_AFTER_S
    has_told = False
    while True:
        try:
            with tenant.transaction() as session:
                return work(session)
        except DatabaseUnavailable:
            if time.monotonic() > give_up_at_s:
                raise
            if not has_told:
                say(_AWAY.render(language))
                has_told = True
            time.sleep(_TRY_EVERY_S)
