"""How far a visit can be believed, and why: every piece of evidence has a weight, and the weights add up."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from geo_engine.geofences.evidence import log_odds, seen_m
from geo_engine.geofences.fence_index import FenceIndex
from geo_engine.geofences.params import TransitionParams
from geo_engine.geofences.presences import Presence, ended_us
from geo_engine.geofences.sightings import ACCURACIES_PER_SIGMA, Sightings, sightings_of
from geo_engine.geofences.transitions import least_dwell_s, stayed_s
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds
from geo_engine.visits.consistency import check_devices, check_rush, check_track, distance_at, is_unseen, span_of
from geo_engine.visits.model import (
    CheckIn,
    CheckInKind,
    CheckInPosition,
    DeviceTrack,
    Evidence,
    Judgement,
    PhotoEvidence,
    Reason,
    ReasonKind,
    Verdict,
)
from geo_engine.visits.params import VerdictParams

_DEFAULT = VerdictParams()
_TRANSITIONS = TransitionParams()


def judge_visit(evidence: Evidence, params: VerdictParams = _DEFAULT) -> Judgement:
    """Return how far a visit can be believed.

    Notes
    -----
    Nothing is known by one piece alone: a stay that the worker's own track shows weighs most, a check-in what its own
    position is worth, and what cannot be (two places at once, a leap, a picture shown before) speaks against it. Bad
    reception is no contradiction: it only leaves less that speaks for the visit. Nothing weighs more for being told
    again: of several check-ins or photos that tell the same the weightiest counts, the others are only shown. And all
    that the worker states and shows adds up to little more than a check-in, for whoever makes up one makes up the rest.
    """
    believed = _once_each(_believed(list(_reasons(evidence, params)), params))
    reasons = _weightiest_first(_held_back(believed, params))
    odds = sum(reason.weight for reason in reasons)
    against = min((reason.weight for reason in reasons), default=0.0)
    return Judgement(verdict=_verdict(odds, against, params), odds=round(odds, 3), reasons=tuple(reasons))


def _verdict(odds: float, against: float, params: VerdictParams) -> Verdict:
    if odds <= params.contradicted_at and against <= params.decisive:
        return Verdict.CONTRADICTED
    if odds >= params.confirmed_at and against > params.doubt:
        return Verdict.CONFIRMED
    return Verdict.LIKELY if odds >= params.likely_at else Verdict.INSUFFICIENT


_OF_POSITIONS = frozenset(
    {ReasonKind.STAYED, ReasonKind.TRACK_INSIDE, ReasonKind.CHECKED_IN_INSIDE, ReasonKind.PHOTO_THERE}
)
_STATED = frozenset({ReasonKind.CHECKED_IN_INSIDE, ReasonKind.PHOTO_THEN, ReasonKind.PHOTO_THERE})
_MADE_UP = frozenset({ReasonKind.MOCK, ReasonKind.LEAP, ReasonKind.RUSH})


def _believed(reasons: list[Reason], params: VerdictParams) -> list[Reason]:
    """Return the reasons; where positions were made up, none of them tells anything for the visit.

    Of a position that is not where the track was one of both is wrong; a stay that the track shows was none the less.
    """
    against = {reason.kind for reason in reasons if reason.weight <= params.decisive}
    untold = _OF_POSITIONS if against & _MADE_UP else _OF_POSITIONS - {ReasonKind.STAYED}
    if not against & (_MADE_UP | {ReasonKind.FAR_FROM_TRACK}):
        return reasons
    return [replace(one, weight=0.0) if one.kind in untold else one for one in reasons]


def _weightiest_first(reasons: Iterable[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: -abs(reason.weight))


def _once_each(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Yield the reasons; of each kind only the one that weighs most has a weight."""
    told = set[ReasonKind]()
    for one in _weightiest_first(reasons):
        yield replace(one, weight=0.0) if one.kind in told else one
        told.add(one.kind)


def _held_back(reasons: Iterable[Reason], params: VerdictParams) -> Iterator[Reason]:
    """Yield the reasons, the weightiest first; what was stated and shown weighs no more in all than it may."""
    left = params.stated_most
    for one in reasons:
        weight = min(one.weight, left) if one.kind in _STATED else one.weight
        left -= weight if one.kind in _STATED else 0.0
        yield replace(one, weight=weight)


def _reasons(evidence: Evidence, params: VerdictParams) -> Iterator[Reason]:
    index = FenceIndex([evidence.fence])
    from_us, until_us = _span_us(evidence)
    yield from _of_track(evidence, index, (from_us, until_us), params)
    for check_in in evidence.check_ins:
        yield from _of_check_in(check_in, evidence, index, params)
    checked = [check_track(device, from_us, until_us, params) for device in evidence.tracks]
    if evidence.presence is not None:
        checked += [check_rush(device, evidence.presence, params) for device in evidence.tracks]
    yield from _worst_of_each(chain.from_iterable(checked))
    yield from check_devices(evidence.tracks, _moments_us(evidence), params)
    for photo in evidence.photos:
        before = [photo.shown_before[one.id] for one in evidence.check_ins if one.id in photo.shown_before]
        if before:
            yield Reason(kind=ReasonKind.PHOTO_REUSED, weight=params.photo_reused, facts={"photo": str(before[0])})
        else:
            yield from _of_photo(photo, index, (from_us, until_us), params)


def _span_us(evidence: Evidence) -> tuple[int, int]:
    """Return when the visit was, by what is said of it and by what was seen of it."""
    moments = [to_microseconds(check_in.stated_at) for check_in in evidence.check_ins]
    presence = evidence.presence
    if presence is not None:
        moments += [presence.entered.at_us, ended_us(presence)]
    return (min(moments), max(moments)) if moments else (0, 0)


def _moments_us(evidence: Evidence) -> Iterator[int]:
    """Yield when something was stated, and the middle of what was seen."""
    yield from (to_microseconds(check_in.stated_at) for check_in in evidence.check_ins)
    if evidence.presence is not None:
        yield (evidence.presence.entered.at_us + ended_us(evidence.presence)) // 2


# ---- what the worker's own track shows -------------------------------------------------------------------------------


def _of_track(
    evidence: Evidence, index: FenceIndex, span_us: tuple[int, int], params: VerdictParams
) -> Iterator[Reason]:
    presence = evidence.presence
    if presence is not None and stayed_s(presence) >= least_dwell_s(evidence.fence):
        yield _of_stay(evidence, presence, params)
        return
    found = _at_moment(evidence, index, span_us[0], params)
    if found.weight >= -params.near_outside and _is_gone(evidence, index, span_us[0], params):
        facts = {"seconds": 0 if presence is None else round(stayed_s(presence))}
        found = Reason(kind=ReasonKind.PASSED, weight=params.passed, span=found.span, facts=facts)
    yield found


def _of_stay(evidence: Evidence, presence: Presence, params: VerdictParams) -> Reason:
    unseen = bool(evidence.tracks) and is_unseen(evidence.tracks[0], presence, params)
    weight = min(params.stayed_unseen if unseen else params.stayed_most, presence.evidence)
    span = span_of(presence.entered.at_us, presence.seen_until_us)
    facts = {"seconds": round(stayed_s(presence)), "is_unseen": int(unseen)}
    return Reason(kind=ReasonKind.STAYED, weight=weight, span=span, facts=facts)


def _is_gone(evidence: Evidence, index: FenceIndex, came_us: int, params: VerdictParams) -> bool:
    """Return whether the worker was seen far outside soon after having come."""
    after_us = round(params.passed_after_s * MICROSECONDS_PER_S)
    for device in evidence.tracks:
        seen = sightings_of(device.track, device.flags, device.stops, _TRANSITIONS)
        later = np.flatnonzero((seen.started_us > came_us) & (seen.started_us <= came_us + after_us))
        if len(later):
            at = int(later[-1])
            return _depth_m(index, seen, at) < -params.gone_m
    return False


def _at_moment(evidence: Evidence, index: FenceIndex, at_us: int, params: VerdictParams) -> Reason:
    """Return what the sighting nearest to a moment tells, if a fix is near: a stay reaches into silence by guess."""
    within_us = params.track_within_s * MICROSECONDS_PER_S
    for device in evidence.tracks:
        seen = sightings_of(device.track, device.flags, device.stops, _TRANSITIONS)
        apart_us = np.maximum(np.maximum(seen.started_us - at_us, at_us - seen.ended_us), 0)
        if not len(seen) or _nearest_fix_us(device, at_us) > within_us:
            continue
        nearest = int(apart_us.argmin())
        depth_m = _depth_m(index, seen, nearest)
        most = params.near_outside, params.outside_most
        outside_most = _outside_most(depth_m, float(seen.sigmas_m[nearest]), most, params)
        odds = float(np.clip(_odds(index, depth_m, float(seen.sigmas_m[nearest])), -outside_most, params.inside_most))
        kind = ReasonKind.TRACK_INSIDE if odds > 0.0 else ReasonKind.TRACK_OUTSIDE
        span = span_of(int(seen.started_us[nearest]), int(seen.ended_us[nearest]))
        return Reason(kind=kind, weight=odds, span=span, facts={"distance_m": round(max(-depth_m, 0.0))})
    return Reason(kind=ReasonKind.NO_TRACK, weight=params.no_track)


def _nearest_fix_us(device: DeviceTrack, at_us: int) -> float:
    times_us = device.track.times_us
    return float(np.abs(times_us - at_us).min()) if len(times_us) else np.inf


def _depth_m(index: FenceIndex, seen: Sightings, at: int) -> float:
    here = slice(at, at + 1)
    return float(index.measure_m(seen.lons_deg[here], seen.lats_deg[here], np.array([0]))[0])


def _odds(index: FenceIndex, depth_m: float, sigma_m: float) -> float:
    sigmas_m = np.array([sigma_m])
    depths_m = seen_m(index.depths_m[:1], np.array([depth_m]), sigmas_m)
    return float(log_odds(np.clip(depths_m / sigmas_m, -4.0, 4.0))[0])


def _outside_most(depth_m: float, sigma_m: float, most: tuple[float, float], params: VerdictParams) -> float:
    """Return how much being outside may weigh, near or far, by how far outside it is."""
    near_m = params.near_m + params.near_accuracies * ACCURACIES_PER_SIGMA * sigma_m
    return most[0] if depth_m > -near_m else most[1]


# ---- what the worker stated ------------------------------------------------------------------------------------------


def _of_check_in(check_in: CheckIn, evidence: Evidence, index: FenceIndex, params: VerdictParams) -> Iterator[Reason]:
    """Yield what a statement tells, each reason knowing which end of the visit was stated."""
    for reason in _of_statement(check_in, evidence, index, params):
        yield replace(reason, facts={**reason.facts, "end": check_in.kind.value})


def _of_statement(check_in: CheckIn, evidence: Evidence, index: FenceIndex, params: VerdictParams) -> Iterator[Reason]:
    at_us = to_microseconds(check_in.stated_at)
    span = span_of(at_us, at_us)
    ahead_s = (check_in.told_at - check_in.stated_at).total_seconds()
    if abs(ahead_s) > _TRANSITIONS.lasting_s:
        yield Reason(kind=ReasonKind.CLOCK, weight=0.0, span=span, facts={"seconds": round(ahead_s)})
    if not check_in.positions:
        yield Reason(kind=ReasonKind.CHECKED_IN_NOWHERE, weight=0.0, span=span)
        return
    if any(one.is_mock for one in check_in.positions):
        yield Reason(kind=ReasonKind.MOCK, weight=params.mock, span=span, facts={"count": len(check_in.positions)})
        return
    near = [one for one in check_in.found if abs(_age_s(one, check_in)) <= params.checked_in_within_s]
    if not near:
        yield _of_old_position(check_in)
        return
    best = min(near, key=_accuracy_m)
    apart_m = _apart_from_track_m(best, evidence.tracks, params)
    if apart_m is not None:
        yield Reason(
            kind=ReasonKind.FAR_FROM_TRACK,
            weight=params.far_from_track,
            span=span,
            facts={"distance_m": round(apart_m)},
        )
    elif check_in.kind is CheckInKind.IN or len(evidence.check_ins) == 1:
        yield _of_position(best, index, params)


def _age_s(told: CheckInPosition, check_in: CheckIn) -> float:
    return (check_in.stated_at - told.tracked_at).total_seconds()


def _of_old_position(check_in: CheckIn) -> Reason:
    """Return that no position is of the moment that was stated: where somebody was at another one tells nothing."""
    last = min(check_in.found, key=lambda one: abs(_age_s(one, check_in)))
    at_us, facts = to_microseconds(last.tracked_at), {"seconds": round(_age_s(last, check_in))}
    return Reason(kind=ReasonKind.CHECKED_IN_BEFORE, weight=0.0, span=span_of(at_us, at_us), facts=facts)


def _of_position(told: CheckInPosition, index: FenceIndex, params: VerdictParams) -> Reason:
    depths_m = index.measure_m(np.array([told.position.lon]), np.array([told.position.lat]), np.array([0]))
    depth_m, sigma_m = float(depths_m[0]), _accuracy_m(told) / ACCURACIES_PER_SIGMA
    outside_most = _outside_most(depth_m, sigma_m, (params.near_checked_in, params.checked_in_most), params)
    weight = float(np.clip(_odds(index, depth_m, sigma_m), -outside_most, params.checked_in_most))
    kind = ReasonKind.CHECKED_IN_INSIDE if weight > 0.0 else ReasonKind.CHECKED_IN_OUTSIDE
    at_us = to_microseconds(told.tracked_at)
    facts = {"distance_m": round(max(-depth_m, 0.0)), "accuracy_m": round(_accuracy_m(told))}
    return Reason(kind=kind, weight=weight, span=span_of(at_us, at_us), facts=facts)


def _accuracy_m(told: CheckInPosition) -> float:
    known_m = _TRANSITIONS.unknown_accuracy_m if told.accuracy_m is None else told.accuracy_m
    return max(known_m, _TRANSITIONS.least_accuracy_m)


def _apart_from_track_m(told: CheckInPosition, tracks: tuple[DeviceTrack, ...], params: VerdictParams) -> float | None:
    """Return how far from the own track a position is, when nobody gets so far in the time between; else None."""
    at_us, within_us = to_microseconds(told.tracked_at), round(params.track_within_s * MICROSECONDS_PER_S)
    for device in tracks:
        found = distance_at(device, told.position, at_us, within_us=within_us)
        if found is not None:
            way_m, fix_us = found
            travelled_m = params.apart_mps * abs(fix_us - at_us) / MICROSECONDS_PER_S
            return way_m if way_m - 2.0 * _accuracy_m(told) - travelled_m > params.apart_m else None
    return None


# ---- what else there is ----------------------------------------------------------------------------------------------


def _worst_of_each(reasons: Iterator[Reason]) -> Iterator[Reason]:
    """Yield of each kind the reason that weighs most: two devices that leap are not twice as doubtful."""
    worst: dict[ReasonKind, Reason] = {}
    for reason in reasons:
        if reason.kind not in worst or abs(reason.weight) > abs(worst[reason.kind].weight):
            worst[reason.kind] = reason
    yield from worst.values()


def _of_photo(
    photo: PhotoEvidence, index: FenceIndex, span_us: tuple[int, int], params: VerdictParams
) -> Iterator[Reason]:
    if photo.taken_at is not None:
        at_us = to_microseconds(photo.taken_at)
        apart_s = max(span_us[0] - at_us, at_us - span_us[1], 0) / MICROSECONDS_PER_S
        facts = {"seconds": round(apart_s)}
        if apart_s <= params.photo_then_s:
            yield Reason(kind=ReasonKind.PHOTO_THEN, weight=params.photo_then, facts=facts)
        elif apart_s > params.photo_old_s:
            yield Reason(kind=ReasonKind.PHOTO_OTHER_TIME, weight=params.photo_old, facts=facts)
    if photo.position is not None:
        depths_m = index.measure_m(np.array([photo.position.lon]), np.array([photo.position.lat]), np.array([0]))
        away_m = max(-float(depths_m[0]), 0.0)
        facts = {"distance_m": round(away_m)}
        if away_m <= params.photo_there_m:
            yield Reason(kind=ReasonKind.PHOTO_THERE, weight=params.photo_there, facts=facts)
        elif away_m > params.photo_elsewhere_m:
            yield Reason(kind=ReasonKind.PHOTO_ELSEWHERE, weight=params.photo_elsewhere, facts=facts)
