"""The fences that sites have of themselves: circles of the company's usual radius, kept in step with the sites."""

from datetime import datetime

from geo_engine.audit.service import record_act
from geo_engine.db.session import Session, bound_tenant
from geo_engine.geofences import store
from geo_engine.geofences.model import Circle
from geo_engine.geometry import Position
from geo_engine.ids import SiteId
from geo_engine.tenancy import Access, Act
from geo_engine.tenancy.store import lock_imports

AUTOMATIC_PREFIX = "site/"
"""What their ids begin with, before the site's own; no other fence's does."""
_ANYWHERE = Position(0.0, 0.0)


def refresh_site_fences(session: Session, *, now: datetime) -> tuple[SiteId, ...]:
    """Have every site without a fence be one itself, and return the sites that never had one.

    The very first of a site is valid since ever: it alone reaches into the past, and days that are derived already may
    have known visits of it. A site that moved, or is called otherwise, has another version from now on; that of a site
    that somebody has drawn a fence for ends.

    Notes
    -----
    Three statements over all sites of the company. With 10,000: 0.4 s when all are new, 0.6 s when all moved, 0.05 s
    when none changed.
    """
    radius_m = store.find_site_radius_m(session)
    store.end_site_fences(session, radius_m, at=now)
    return store.add_site_fences(session, radius_m, at=now)


def get_site_radius_m(session: Session) -> float:
    """Return how wide the fence of a site of the company is that nobody has drawn one for."""
    return store.find_site_radius_m(session)


def set_site_radius(session: Session, radius_m: float, *, by: Access, now: datetime) -> None:
    """Say how wide the fence of a site is that nobody has drawn one for, from now on.

    Raises
    ------
    UnusableFence
        When it is not between 5 m and 100 km.
    NotAllowed
        When the actor may not change the company.
    """
    by.require(Act.CHANGE_TENANT)
    wanted = Circle(centre=_ANYWHERE, radius_m=radius_m)
    lock_imports(session)

    store.save_site_radius(session, wanted.radius_m)
    refresh_site_fences(session, now=now)
    tenant = ("tenant", str(bound_tenant(session)))
    record_act(session, "set_site_radius", tenant, by=by.member_id, now=now, radius_m=radius_m)
