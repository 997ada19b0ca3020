"""How a track is matched to roads with OSRM: in parts short enough to let others work, joined afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import osrm

from geo_engine.errors import InvalidInput
from geo_engine.geometry import LonLat, Position
from geo_engine.geometry.measure import length_m
from geo_engine.roads.lines import line_of
from geo_engine.roads.model import MatchedPath
from geo_engine.words import Message

# OSRM holds Python's lock during a call.
_POSITIONS_PER_MATCH = 100
# OSRM looks for roads within three times the radius. Below, a receiver flatters itself; above, cost explodes with
# the roads in reach: 0.2, 1.5, 4 and 20 ms a position for 5, 20, 30 and 50 m in the centre of Porto.
_LEAST_RADIUS_M, _MOST_RADIUS_M = 5.0, 20.0
# Two answers round one point of a road differently, by a few millionths of a degree.
_SAME_POINT_M = 1.0
_NOTHING_FITS = ("NoMatch", "NoSegment")


@dataclass(slots=True)
class _Joined:
    """The match so far."""

    pieces: list[tuple[LonLat, ...]] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    distance_m: float = 0.0
    snapped: list[LonLat | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    places: Sequence[LonLat]
    seconds: Sequence[int] | None
    radiuses_m: Sequence[float] | None

    def part(self, start: int) -> "_Track":
        span = slice(start, start + _POSITIONS_PER_MATCH)
        return _Track(
            places=self.places[span],
            seconds=None if self.seconds is None else self.seconds[span],
            radiuses_m=None if self.radiuses_m is None else self.radiuses_m[span],
        )


def match_track(
    engine: osrm.OSRM,
    places: Sequence[LonLat],
    *,
    tracked_at: Sequence[datetime] | None,
    accuracies_m: Sequence[float] | None,
) -> MatchedPath:
    """Return a track snapped to roads; a track of fewer than two positions matches nothing.

    Raises
    ------
    InvalidInput
        When an optional sequence is not as long as `places`, or times descend.

    Notes
    -----
    Hidden Markov model of Newson & Krumm (2009). Gaps in time do not split the match (OSRM's ``gaps=ignore``):
    phones that save energy report every one to five minutes, and each silence would end a piece. Parts of
    100 positions share one position; where both parts put it at one point, their pieces are joined and
    the lower confidence holds. Cost: linear in positions, square in the roads within reach of each.
    """
    _check_lengths(len(places), tracked_at, accuracies_m)
    seconds = None if tracked_at is None else [round(at.timestamp()) for at in tracked_at]
    if seconds is not None and any(later < earlier for earlier, later in pairwise(seconds)):
        raise InvalidInput(Message("The times of a track must not go back."))
    radiuses_m = None
    if accuracies_m is not None:
        radiuses_m = [min(max(accuracy_m, _LEAST_RADIUS_M), _MOST_RADIUS_M) for accuracy_m in accuracies_m]
    track = _Track(places=places, seconds=seconds, radiuses_m=radiuses_m)
    joined = _Joined(snapped=[None] * len(places))
    for start in range(0, len(places) - 1, _POSITIONS_PER_MATCH - 1):
        _join(joined, start, _match(engine, track.part(start)))
    return MatchedPath(
        pieces=tuple(joined.pieces),
        confidences=tuple(joined.confidences),
        distance_m=joined.distance_m,
        matched_positions=tuple(None if point is None else Position(*point) for point in joined.snapped),
    )


def _check_lengths(count: int, *sequences: Sequence[object] | None) -> None:
    for sequence in sequences:
        if sequence is not None and len(sequence) != count:
            raise InvalidInput(
                Message(
                    "A track of {count} positions came with {other} times or accuracies.",
                    {"count": count, "other": len(sequence)},
                )
            )


def _match(engine: osrm.OSRM, part: _Track) -> osrm.Object | None:
    """Return OSRM's answer; None when no road fits."""
    parameters = osrm.MatchParameters(
        coordinates=part.places,
        timestamps=part.seconds or [],
        radiuses=part.radiuses_m or [],
        gaps="ignore",
        geometries="geojson",
        overview="full",
        generate_hints=False,
    )
    try:
        return engine.Match(parameters)
    except RuntimeError as error:
        if str(error).startswith(_NOTHING_FITS):
            return None
        raise


def _join(joined: _Joined, start: int, answer: osrm.Object | None) -> None:
    if answer is None:
        return
    for index, tracepoint in enumerate(answer["tracepoints"], start=start):
        if tracepoint is not None and joined.snapped[index] is None:
            joined.snapped[index] = tuple(tracepoint["location"])
    for index, matching in enumerate(answer["matchings"]):
        line = line_of(matching["geometry"]["coordinates"])
        joined.distance_m += matching["distance"]
        if index == 0 and joined.pieces and length_m((joined.pieces[-1][-1], line[0])) <= _SAME_POINT_M:
            joined.pieces[-1] += line[1:]
            joined.confidences[-1] = min(joined.confidences[-1], matching["confidence"])
        else:
            joined.pieces.append(line)
            joined.confidences.append(matching["confidence"])
