"""Which visits were made, as planning weeks wants to know it."""

from datetime import date, timedelta

from geo_engine.customers.store import list_due_workers
from geo_engine.db.session import Session
from geo_engine.planning.periods.model import MAX_WEEKS, MadeVisit
from geo_engine.visits.visit_store import list_made

_LOOKED_BACK = timedelta(weeks=MAX_WEEKS)


def find_made_visits(session: Session, before: date) -> tuple[MadeVisit, ...]:
    """Return the sites and days, before a day, of visits that took place; half a year back.

    Where nothing is known of any visit, as nobody's phone reports, what a period had on its days is taken as made:
    else all of it would be owed.
    """
    known = list_made(session, since=before - _LOOKED_BACK, before=before)
    if not known:
        due = list_due_workers(session, before - _LOOKED_BACK, before - timedelta(days=1))
        known = tuple((site_id, on) for on, site_id, _ in due)
    return tuple(MadeVisit(site_id=site_id, visited_on=on) for site_id, on in known)
