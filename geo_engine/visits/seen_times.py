"""Which visits and ways tell how long something took: those of which both ends are known, and nothing is in between."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from geo_engine.customers import Site
from geo_engine.geofences.presences import Crossing, Presence
from geo_engine.ids import SiteId
from geo_engine.planning.versions.learned_store import PlannedLeg
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_moment
from geo_engine.visits.learning import LegSeen, ServiceSeen
from geo_engine.visits.learning_store import Stay


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenParams:
    """What is known well enough to be learned from.

    Parameters
    ----------
    most_room_s, most_room_share
        A span is left out when the least and the most that it can have been are farther apart than both: than this,
        and than this share of what is likely.
    least_leg_s
        Of shorter legs parking and walking is most, and that is part of a stay one time and of a leg another.
    most_leg_factor
        Whoever took so many times as long as the matrix says did something else on the way.
    """

    most_room_s: float = 300.0
    most_room_share: float = 0.25
    least_leg_s: float = 180.0
    most_leg_factor: float = 4.0


def services_seen(
    stays: Iterable[Stay], sites: Mapping[SiteId, Site], zone: ZoneInfo, params: SeenParams
) -> Iterator[ServiceSeen]:
    """Yield the services that some visits tell of, at sites that there still are.

    Notes
    -----
    Who comes before the site opens waits: service then begins when it opens, as it does in a plan.
    """
    for stay in stays:
        site, presence = sites.get(stay.site_id), stay.presence
        if site is None or presence is None or presence.left is None or not stay.is_believed:
            continue
        if not _is_known(presence.entered, presence.left, params):
            continue
        left_at = to_moment(presence.left.at_us)
        began_at = _began_at(to_moment(presence.entered.at_us), left_at, site, stay.service_on, zone)
        yield ServiceSeen(
            service_on=stay.service_on,
            site_id=site.id,
            hour=began_at.astimezone(zone).hour,
            took_s=(left_at - began_at) / timedelta(seconds=1),
            given_s=site.service_s,
        )


def legs_seen(
    stays: Sequence[Stay], planned: Iterable[PlannedLeg], zone: ZoneInfo, params: SeenParams
) -> Iterator[LegSeen]:
    """Yield the ways that were gone as they were planned: from one planned visit straight to the next.

    Parameters
    ----------
    stays
        By day, worker and time.
    """
    legs = {(one.service_on, one.worker_id, one.from_job_id, one.to_job_id): one for one in planned}
    for (service_on, worker_id), of_day in groupby(stays, key=lambda one: (one.service_on, one.worker_id)):
        for before, after in pairwise(of_day):
            if before.stop is None or after.stop is None:
                continue
            leg = legs.get((service_on, worker_id, before.stop.job_id, after.stop.job_id))
            if leg is not None and not leg.has_break and before.is_believed and after.is_believed:
                yield from _leg_seen(before.presence, after.presence, leg, zone, params)


def _leg_seen(
    before: Presence | None, after: Presence | None, leg: PlannedLeg, zone: ZoneInfo, params: SeenParams
) -> Iterator[LegSeen]:
    if before is None or before.left is None or after is None or leg.matrix_s < params.least_leg_s:
        return
    took_s = (after.entered.at_us - before.left.at_us) / MICROSECONDS_PER_S
    if 0.0 < took_s <= params.most_leg_factor * leg.matrix_s and _is_known(before.left, after.entered, params):
        left_at = to_moment(before.left.at_us).astimezone(zone)
        yield LegSeen(service_on=leg.service_on, hour=left_at.hour, took_s=took_s, matrix_s=leg.matrix_s)


def _is_known(one: Crossing, other: Crossing, params: SeenParams) -> bool:
    """Return whether it is known well enough how long it was from one crossing to another."""
    likely_s = (other.at_us - one.at_us) / MICROSECONDS_PER_S
    room_s = (other.latest_us - other.earliest_us + one.latest_us - one.earliest_us) / MICROSECONDS_PER_S
    return likely_s > 0.0 and room_s <= max(params.most_room_s, params.most_room_share * likely_s)


def _began_at(came_at: datetime, left_at: datetime, site: Site, service_on: date, zone: ZoneInfo) -> datetime:
    windows = [window.on(service_on, zone) for window in site.windows]
    if any(window.earliest_at <= came_at <= window.latest_at for window in windows):
        return came_at
    return min((one.earliest_at for one in windows if came_at < one.earliest_at < left_at), default=came_at)
