"""Use cases of fences: which there are, drawing one, changing it, taking it away.

Whoever changes one keeps others from changing any, or importing, until the transaction ends: sites' own fences follow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from geo_engine.audit.service import record_act
from geo_engine.customers.model import SiteUnknown
from geo_engine.customers.store import find_teams
from geo_engine.db.session import Session
from geo_engine.errors import Conflict, InvalidInput, NotFound
from geo_engine.geofences import store
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.model import FenceVersion, Geofence
from geo_engine.geofences.site_fences import AUTOMATIC_PREFIX, refresh_site_fences
from geo_engine.geofences.versions import is_same, write_versions
from geo_engine.geometry import Position
from geo_engine.geometry.measure import box_around
from geo_engine.ids import GeofenceId, SiteId, TeamId, parse_id, parse_name
from geo_engine.tenancy import Access, Act, Subject
from geo_engine.tenancy.store import find_names, lock_imports
from geo_engine.words import Message

type Teams = Mapping[SiteId, TeamId | None]


class FenceNotFound(NotFound):
    """The company has no such fence now."""

    def __init__(self, fence_id: GeofenceId) -> None:
        super().__init__(Message("There is no fence {id}.", {"id": fence_id}))


class FenceExists(Conflict):
    """The company has a fence of this id already."""

    def __init__(self, fence_id: GeofenceId) -> None:
        super().__init__(Message("There is a fence {id} already.", {"id": fence_id}))


class FenceChanged(Conflict):
    """Somebody else changed the fence meanwhile."""

    def __init__(self, fence_id: GeofenceId) -> None:
        super().__init__(
            Message(
                "Somebody else changed the fence {id} meanwhile: look at it as it is now, then change it.",
                {"id": fence_id},
            )
        )


class FenceOfItself(InvalidInput):
    """The fence is the one that a site has of itself, or would be called as one."""

    def __init__(self, fence_id: GeofenceId) -> None:
        super().__init__(
            Message(
                "{id} is the fence that a site has of itself: draw one of your own for the site instead.",
                {"id": fence_id},
            )
        )


def list_fences(session: Session, *, by: Access, at: datetime) -> tuple[Geofence, ...]:
    """Return the fences as they were at a moment, by id: those of sites the actor may see, and those of no site.

    Raises
    ------
    NotAllowed
        When the actor may see no sites but single ones.
    """
    limit = by.team_limit(Act.SEE_SITES)
    return _of_teams(session, store.list_fences_at(session, at), limit)


def list_fences_near(
    session: Session, position: Position, *, within_m: float, by: Access, at: datetime
) -> tuple[Geofence, ...]:
    """Return those of `list_fences` that a place is in, or is no farther outside of than `within_m`.

    Raises
    ------
    NotAllowed
        When the actor may see no sites but single ones.
    """
    limit = by.team_limit(Act.SEE_SITES)
    found = store.list_fences_in_box(session, box_around(position, within_m), at)
    near = FenceIndex(found).near(np.array([position.lon]), np.array([position.lat]), np.array([within_m]))
    return _of_teams(session, [found[number] for number in near.fences], limit)


def find_changeable(session: Session, fences: Iterable[Geofence], *, by: Access) -> frozenset[GeofenceId]:
    """Return which of the fences the actor may change."""
    own = [fence for fence in fences if not fence.is_automatic]
    teams = _teams(session, own)
    return frozenset(fence.id for fence in own if by.allows(Act.CHANGE_SITES, _subject(fence, teams)))


def list_fence_versions(session: Session, fence_id: GeofenceId, *, by: Access) -> tuple[FenceVersion, ...]:
    """Return all versions of a fence that there is or was, the newest first.

    Raises
    ------
    FenceNotFound
        When there never was one, or the actor may not see it.
    NotAllowed
        When the actor may see no sites but single ones.
    """
    limit = by.team_limit(Act.SEE_SITES)
    versions = store.list_versions(session, fence_id)
    if not _of_teams(session, [one.fence for one in versions[:1]], limit):
        raise FenceNotFound(fence_id)
    names = find_names(session, {one.made_by for one in versions if one.made_by is not None})
    return tuple(one if one.made_by is None else replace(one, maker=names.get(one.made_by, "")) for one in versions)


def add_fence(session: Session, fence: Geofence, *, by: Access, now: datetime, since_ever: bool = False) -> Geofence:
    """Draw a fence, valid from now on, and return it as it is kept; the one that its site had of itself ends.

    Parameters
    ----------
    since_ever
        Whether it was always valid; one of a site, or that is drawn again, is valid from now on all the same.

    Raises
    ------
    FenceExists
        When there is one of its id.
    FenceOfItself
        When it is called as those that sites have of themselves.
    SiteUnknown
        When there is no such site.
    InvalidInput
        When its id or name cannot be one.
    NotAllowed
        When the actor may not change its site; of what belongs to no site: the company's.
    """
    named = _named(fence)
    lock_imports(session)
    _require(session, [named], by=by)
    if store.lock_fences(session, [named.id]):
        raise FenceExists(named.id)

    (kept,) = write_versions(session, [named], maker=by.member_id, now=now, since_ever=since_ever)
    _record(session, "add_fence", kept, by=by, now=now)
    return kept


def change_fence(session: Session, fence: Geofence, *, seen: int, by: Access, now: datetime) -> Geofence:
    """Have a fence be another from now on, and return it as it is kept; what stays the same makes no version.

    Parameters
    ----------
    seen
        The version that the actor looked at.

    Raises
    ------
    FenceNotFound
        When there is none.
    FenceChanged
        When it is another version by now.
    FenceOfItself
        When it is the one a site has of itself.
    SiteUnknown, InvalidInput, NotAllowed
        As `add_fence`; for the fence as it was and as it is to be.
    """
    named = _named(fence)
    lock_imports(session)
    before = _locked(session, named.id, seen=seen)
    _require(session, [before, named], by=by)
    if is_same(before, named):
        return before

    (kept,) = write_versions(session, [named], maker=by.member_id, now=now)
    _record(session, "change_fence", kept, by=by, now=now)
    return kept


def remove_fence(session: Session, fence_id: GeofenceId, *, seen: int | None, by: Access, now: datetime) -> Geofence:
    """Take a fence away from now on, and return it as it was; its site has one of itself again.

    Parameters
    ----------
    seen
        The version that the actor looked at; None for whichever it is.

    Raises
    ------
    FenceNotFound, FenceChanged, FenceOfItself, NotAllowed
        As `change_fence`.
    """
    lock_imports(session)
    before = _locked(session, fence_id, seen=seen)
    _require(session, [before], by=by)

    store.end_fences(session, [fence_id], at=now)
    refresh_site_fences(session, now=now)
    _record(session, "remove_fence", before, by=by, now=now)
    return before


def refusal_of(fence: Geofence, teams: Teams, *, by: Access) -> Message | None:
    """Return why the actor may not have a fence be as it is; None when it may.

    Parameters
    ----------
    teams
        Of its site, where there is one.
    """
    refused = _unusable(fence, teams)
    if refused is not None:
        return refused.message
    if not by.allows(Act.CHANGE_SITES, _subject(fence, teams)):
        return Message("Your role does not allow changing this fence.")
    return None


def _locked(session: Session, fence_id: GeofenceId, *, seen: int | None) -> Geofence:
    found = store.lock_fences(session, [fence_id]).get(fence_id)
    if found is None:
        raise FenceNotFound(fence_id)
    if seen is not None and found.version != seen:
        raise FenceChanged(fence_id)
    return found


def _require(session: Session, fences: Sequence[Geofence], *, by: Access) -> None:
    """Raise unless the actor may have each of the fences be as it is, the sites of all being known."""
    by.team_limit(Act.CHANGE_SITES)
    teams = _teams(session, fences)
    for fence in fences:
        refused = _unusable(fence, teams)
        if refused is not None:
            raise refused
        by.require(Act.CHANGE_SITES, _subject(fence, teams))


def _unusable(fence: Geofence, teams: Teams) -> InvalidInput | None:
    if fence.id.startswith(AUTOMATIC_PREFIX):
        return FenceOfItself(fence.id)
    if fence.site_id is not None and fence.site_id not in teams:
        return SiteUnknown(fence.site_id)
    return None


def _of_teams(session: Session, fences: Sequence[Geofence], limit: frozenset[TeamId] | None) -> tuple[Geofence, ...]:
    if limit is None:
        return tuple(fences)
    teams = _teams(session, fences)
    return tuple(fence for fence in fences if fence.site_id is None or teams.get(fence.site_id) in limit)


def _teams(session: Session, fences: Iterable[Geofence]) -> Teams:
    return find_teams(session, (fence.site_id for fence in fences if fence.site_id is not None))


def _subject(fence: Geofence, teams: Teams) -> Subject:
    return Subject(team_id=None if fence.site_id is None else teams.get(fence.site_id))


def _named(fence: Geofence) -> Geofence:
    fence_id = GeofenceId(parse_id(fence.id))
    return replace(fence, id=fence_id, name=parse_name(fence.name))


def _record(session: Session, act: str, fence: Geofence, *, by: Access, now: datetime) -> None:
    facts = {"version": fence.version, "site_id": fence.site_id}
    record_act(session, act, ("geofence", fence.id), by=by.member_id, now=now, **facts)
