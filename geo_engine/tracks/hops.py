"""What lies between two places a device was at: a way along roads if it agrees with what was seen, else straight on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp

from geo_engine.geometry import LonLat, Position
from geo_engine.geometry.measure import geodesic_m, length_m
from geo_engine.roads import MatchedPiece, RoadRouter
from geo_engine.tracks.anchors import Anchor
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_moment

# How often places that would take a detour nobody saw are left out before the track itself is taken there.
_ROUNDS = 3
# So much longer than seen a way may be: streets are wide, corners are cut, places are wrong.
_SLACK_M, _SLACK_SIGMAS = 50.0, 2.0
# In five seconds nobody drives round a block.
_LONGEST_SEEN_S = 5.0
_BELIEVED_DETOUR = 1.5
_UNSEEN_DETOUR, _UNSEEN_M = 5.0, 300.0
# Drivers are faster than a road graph thinks, and the moments at both ends are those of fixes nearby.
_FASTER, _SOONER_S = 1.3, 20.0
# Less than so many standard deviations apart, two places may be one.
_APART_SIGMAS = 4.5
# So many fixes off the roads at so many places are no outliers.
_STRAY_ANCHORS, _STRAY_FIXES = 2, 3
# Taxis of Porto, of whose fixes only some were matched: the way is within 25 m of the one through all of them for
# 99, 97, 95 and 81 of 100 metres at 30, 60, 120 and 300 s between fixes, 97 and 84 of 100 at 20 and 45 m of noise.
_SURE_S, _SURE_SIGMA_M = 1500.0, 110.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """The way from one place to the next.

    Parameters
    ----------
    line
        At least two (lon, lat) pairs, WGS 84.
    usual_s
        How long it usually takes; None where no road is known.
    silent_s
        For how long nothing was seen: the silences that are long enough to drive elsewhere.
    piece
        The number of the connected piece of the match it is part of; None where no road fits.
    confidence
        The share of it that is likely within 25 m of where the device really moved; 0 where no road fits.
    """

    start: Anchor
    end: Anchor
    line: tuple[LonLat, ...]
    distance_m: float
    usual_s: float | None
    silent_s: float
    piece: int | None
    confidence: float


def hops_between(router: RoadRouter, anchors: Sequence[Anchor], *, silence_s: float) -> list[Hop]:
    """Return the ways from each place to the next, along roads where they agree with what was seen.

    Parameters
    ----------
    anchors
        In the order of time.
    silence_s
        How long nothing must be seen for a detour to have room.

    Notes
    -----
    The match knows no more than places; a way is not believed when nobody drives so fast, when it is much longer than
    what was seen without a break, when it leads round a block between two places that may be one, or when the device
    was seen elsewhere in between. The place that would take such a way is left out and the rest matched again, at
    most three times. Cost: that of `RoadRouter.match`.
    """
    chosen = list(range(len(anchors)))
    legs = _legs(router, anchors, chosen)
    for _ in range(_ROUNDS):
        noisy = {_noisier(anchors, leg) for leg in legs if _is_doubtful(anchors, leg)} - {None}
        if not noisy:
            break
        chosen = [index for index in chosen if index not in noisy]
        legs = _legs(router, anchors, chosen)
    for leg in [leg for leg in legs if _was_elsewhere(anchors, leg)]:
        # Where roads are known but not how they meet, those between are matched by themselves.
        legs += _legs(router, anchors, range(leg.start + 1, leg.end), first_piece=legs[-1].piece + 1)
    believed = [leg for leg in legs if not _is_doubtful(anchors, leg) and not _was_elsewhere(anchors, leg)]
    return list(_linked(anchors, believed, silence_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """A way along roads between two of the places, by their indices; those between are not on it."""

    start: int
    end: int
    line: tuple[LonLat, ...]
    distance_m: float
    usual_s: float
    piece: int


def _legs(router: RoadRouter, anchors: Sequence[Anchor], chosen: Sequence[int], *, first_piece: int = 0) -> list[_Leg]:
    if router.is_estimate or len(chosen) < 2:
        return []
    if all(anchors[index].is_stop for index in chosen):
        return _unseen_leg(router, anchors, chosen, first_piece)
    matched = router.match(
        [anchors[index].position for index in chosen],
        tracked_at=[to_moment(anchors[index].arrived_us) for index in chosen],
        accuracies_m=[anchors[index].sigma_m for index in chosen],
    )
    return [
        leg for number, piece in enumerate(matched.pieces, start=first_piece) for leg in _legs_of(piece, number, chosen)
    ]


def _unseen_leg(router: RoadRouter, anchors: Sequence[Anchor], chosen: Sequence[int], piece: int) -> list[_Leg]:
    """Return the fastest way from stop to stop: no fix tells another, nor when exactly one left and came."""
    start, end = chosen
    path = router.path([anchors[start].position, anchors[end].position])
    if not path.legs[0]:
        return []
    (line,), (distance_m,), (usual_s,) = path.legs, path.distances_m, path.durations_s
    return [_Leg(start=start, end=end, line=line, distance_m=distance_m, usual_s=usual_s, piece=piece)]


def _legs_of(piece: MatchedPiece, number: int, chosen: Sequence[int]) -> Iterator[_Leg]:
    for order, (start, end) in enumerate(pairwise(piece.indices)):
        yield _Leg(
            start=chosen[start],
            end=chosen[end],
            line=piece.legs[order],
            distance_m=piece.distances_m[order],
            usual_s=piece.durations_s[order],
            piece=number,
        )


def _is_doubtful(anchors: Sequence[Anchor], leg: _Leg) -> bool:
    """Return whether one of both ends is likely put wrong, as nobody saw or could drive that way."""
    start, end = anchors[leg.start], anchors[leg.end]
    straight_m, sigma_m = geodesic_m(start.position, end.position), max(start.sigma_m, end.sigma_m)
    slack_m = _SLACK_M + _SLACK_SIGMAS * sigma_m
    if leg.distance_m <= straight_m + slack_m:
        return False
    is_one_place = straight_m <= _APART_SIGMAS * sigma_m
    if start.is_stop and end.is_stop:
        # No fix tells when one ended and the next began, but some of so many are on the wrong side of a motorway.
        return is_one_place or leg.distance_m > _UNSEEN_DETOUR * straight_m + _UNSEEN_M
    is_too_fast = leg.usual_s > _FASTER * (end.arrived_us - start.left_us) / MICROSECONDS_PER_S + _SOONER_S
    is_seen = max(_silences_s(anchors[leg.start : leg.end + 1])) <= _LONGEST_SEEN_S
    is_longer = leg.distance_m > _BELIEVED_DETOUR * _seen_m(anchors, leg) + slack_m
    return is_one_place or is_too_fast or (is_seen and is_longer)


def _was_elsewhere(anchors: Sequence[Anchor], leg: _Leg) -> bool:
    """Return whether the places between are more than outliers, and tell of another way."""
    between = anchors[leg.start + 1 : leg.end]
    if len(between) < _STRAY_ANCHORS or sum(anchor.fix_count for anchor in between) < _STRAY_FIXES:
        return False
    slack_m = _SLACK_M + _SLACK_SIGMAS * max(anchor.sigma_m for anchor in between)
    seen_m = _seen_m(anchors, leg)
    return leg.distance_m > _BELIEVED_DETOUR * seen_m + slack_m or seen_m > _BELIEVED_DETOUR * leg.distance_m + slack_m


def _noisier(anchors: Sequence[Anchor], leg: _Leg) -> int | None:
    """Return which end of a leg stands on fewer fixes; None when both are stops, which are given."""
    ends = [index for index in (leg.end, leg.start) if not anchors[index].is_stop]
    return min(ends, key=lambda index: anchors[index].fix_count, default=None)


def _seen_m(anchors: Sequence[Anchor], leg: _Leg) -> float:
    return length_m([_point(anchor.position) for anchor in anchors[leg.start : leg.end + 1]])


def _silences_s(anchors: Sequence[Anchor]) -> list[float]:
    """Return for how long nothing was seen between each two consecutive places."""
    return [(later.first_us - earlier.last_us) / MICROSECONDS_PER_S for earlier, later in pairwise(anchors)]


def _linked(anchors: Sequence[Anchor], legs: Sequence[_Leg], silence_s: float) -> Iterator[Hop]:
    """Yield the believed legs, and straight lines from place to place where there is none."""
    by_start = {leg.start: leg for leg in legs}
    on_roads = {leg.start: leg.line[0] for leg in legs} | {leg.end: leg.line[-1] for leg in legs}
    index = 0
    while index < len(anchors) - 1:
        leg = by_start.get(index)
        end = leg.end if leg else index + 1
        points = [on_roads.get(number, _point(anchors[number].position)) for number in (index, end)]
        yield Hop(
            start=anchors[index],
            end=anchors[end],
            line=leg.line if leg else tuple(points),
            distance_m=leg.distance_m if leg else length_m(points),
            usual_s=leg.usual_s if leg else None,
            silent_s=sum(silent_s for silent_s in _silences_s(anchors[index : end + 1]) if silent_s > silence_s),
            piece=leg.piece if leg else None,
            confidence=_confidence(anchors[index], anchors[end]) if leg else 0.0,
        )
        index = end


def _confidence(start: Anchor, end: Anchor) -> float:
    unseen_s = (end.arrived_us - start.left_us) / MICROSECONDS_PER_S
    return exp(-unseen_s / _SURE_S - (max(start.sigma_m, end.sigma_m) / _SURE_SIGMA_M) ** 2)


def _point(position: Position) -> LonLat:
    return position.lon, position.lat
