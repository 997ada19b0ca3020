"""How far people went to sites of late: what the plan of a day is told beside."""

from collections.abc import Mapping
from datetime import timedelta

from geo_engine.db.session import Session
from geo_engine.ids import JobId
from geo_engine.planning.day import DayRequest, job_id_of
from geo_engine.visits import leg_store

_LAST_MONTH = timedelta(days=30)


def find_driven_before(session: Session, day: DayRequest) -> Mapping[JobId, float]:
    """Return by job how many metres people went to its site, a visit in the mean, in the 30 days before a day.

    Only ways that were followed throughout count; a site without one is left out.
    """
    last_on = day.service_on - timedelta(days=1)
    means_m = leg_store.list_mean_driven_m(session, day.service_on - _LAST_MONTH, last_on)
    return {job_id_of(site): means_m[site.id] for site in day.sites if site.id in means_m}
