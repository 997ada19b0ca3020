"""How what can be personal in events is erased: the events stay, so does who did what when, and the chain holds."""

from collections.abc import Iterable, Mapping

from geo_engine.audit import link_store as store
from geo_engine.audit.model import Fact
from geo_engine.db.session import Session
from geo_engine.ids import MemberId

_AT_ONCE = 1_000


def erase_matters(
    session: Session,
    subject: tuple[str, str],
    acts: Iterable[str] | None = None,
    *,
    facts: Mapping[str, Fact] | None = None,
    by: MemberId | None,
) -> int:
    """Erase the subject's id and the facts of events about a subject, and return of how many.

    Of each another event says that it was erased and by whom; without it `verify_trail` tells of a fault.

    Parameters
    ----------
    acts
        Only of events of these; of any unless given.
    facts
        Only of events that have these.
    """
    count = 0
    while found := store.list_erasable(session, subject, acts, facts=facts, limit=_AT_ONCE):
        count += store.erase(session, {one.number: one.matter.commitment for one in found}, by=by)
    return count
