"""How what can be personal in events is erased: the events stay, so does who did what when, and the chain holds."""

from collections.abc import Iterable

from geo_engine.audit import link_store as store
from geo_engine.db.session import Session
from geo_engine.ids import MemberId

_AT_ONCE = 20_000


def erase_matters(session: Session, subject: tuple[str, str], names: Iterable[str] = (), *, by: MemberId | None) -> int:
    """Erase the subject's id and the facts of every event that tells of a subject, and return of how many.

    Of each another event says that it was erased and by whom; without it `verify_trail` tells of a fault. What says
    that something was erased stays.

    Parameters
    ----------
    names
        Under which the subject is named in the facts of events about something else.

    Notes
    -----
    All events of the bound tenant are looked at once, 20,000 at a time.
    """
    count, after, wanted = 0, 0, tuple(names)
    while (until := store.find_until(session, after=after, limit=_AT_ONCE)) is not None:
        found = store.list_erasable(session, subject, wanted, after=after, until=until)
        if found:
            count += store.erase(session, {one.number: one.matter.commitment for one in found}, by=by)
        after = until
    return count
