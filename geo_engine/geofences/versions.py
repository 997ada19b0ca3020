"""How a fence becomes another: what is valid ends, the next version begins, and sites keep having one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from geo_engine.db.session import Session
from geo_engine.geofences import store
from geo_engine.geofences.model import Geofence
from geo_engine.geofences.site_fences import refresh_site_fences
from geo_engine.ids import MemberId


def write_versions(
    session: Session, fences: Sequence[Geofence], *, maker: MemberId | None, now: datetime, since_ever: bool = False
) -> tuple[Geofence, ...]:
    """Write the next version of fences, valid from now on, and return them as they are kept.

    Parameters
    ----------
    fences
        Locked, where there are any of their ids.
    maker
        Whom it is written as; the caller has asked whether that is allowed.
    since_ever
        Whether those that are new and of no site were always valid.
    """
    ids = [fence.id for fence in fences]
    if any(fence.site_id is not None for fence in fences):
        refresh_site_fences(session, now=now)  # a site's first is there since ever, whatever is drawn now
    store.end_fences(session, ids, at=now)
    ended = store.find_last_versions(session, ids)
    kept = [_next(fence, ended.get(fence.id), now=now, since_ever=since_ever) for fence in fences]
    store.add_versions(session, kept, by=maker)
    refresh_site_fences(session, now=now)
    return tuple(kept)


def is_same(one: Geofence, other: Geofence) -> bool:
    """Return whether two versions say the same, whenever they are valid."""
    return _said(one) == _said(other)


def _next(fence: Geofence, ended: tuple[int, datetime] | None, *, now: datetime, since_ever: bool) -> Geofence:
    if ended is None:
        is_old = since_ever and fence.site_id is None
        return replace(_said(fence), valid_from=None if is_old else now)
    number, ended_at = ended
    return replace(_said(fence), version=number + 1, valid_from=max(now, ended_at))


def _said(fence: Geofence) -> Geofence:
    return replace(fence, version=1, valid_from=None, valid_until=None, is_automatic=False)
