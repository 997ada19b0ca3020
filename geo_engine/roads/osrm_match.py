"""How a track is matched to roads with OSRM: in parts short enough to let others work, joined where they agree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, pairwise

import osrm

from geo_engine.errors import InvalidInput
from geo_engine.geometry import LonLat, Position
from geo_engine.geometry.measure import length_m
from geo_engine.roads.lines import line_of
from geo_engine.roads.model import MatchedPath, MatchedPiece
from geo_engine.words import Message

# OSRM holds Python's lock during a call: none should take much longer than 100 ms.
_PART_MS = 100.0
_FEWEST_PER_PART, _MOST_PER_PART = 24, 100
# The first and the last few positions of a part are put without knowing what came before or comes after.
_OVERLAP = 8
# OSRM looks for roads within three times the radius. Below the least, it would miss the road under a receiver that
# flatters itself, and does not know what the map leaves out of a road's width; above the most, cost explodes with the
# roads in reach: 0.05, 0.4, 1.5 and 5 ms a position for 5, 20, 30 and 45 m in the centre of Porto.
_LEAST_RADIUS_M, _MOST_RADIUS_M = 8.0, 45.0
_MS_AT_MOST_RADIUS = 5.0
_RADIUS_WITHOUT_M = 10.0
# Two answers round one point of a road differently, by a few millionths of a degree.
_SAME_POINT_M = 1.0
_NOTHING_FITS = ("NoMatch", "NoSegment")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Track:
    places: Sequence[LonLat]
    seconds: Sequence[int]
    radiuses_m: Sequence[float]

    def part(self, span: range) -> "_Track":
        cut = slice(span.start, span.stop)
        return _Track(places=self.places[cut], seconds=self.seconds[cut], radiuses_m=self.radiuses_m[cut])


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
    phones that save energy report every one to five minutes, and each silence would end a piece. Parts overlap by
    eight positions and are joined at the position nearest to the middle of them that both put at one point; the
    lower confidence holds. Cost: linear in positions, square in the roads within reach of each.
    """
    _check_lengths(len(places), tracked_at, accuracies_m)
    radiuses_m = [_RADIUS_WITHOUT_M] * len(places)
    if accuracies_m is not None:
        radiuses_m = [min(max(accuracy_m, _LEAST_RADIUS_M), _MOST_RADIUS_M) for accuracy_m in accuracies_m]
    track = _Track(places=places, seconds=_seconds(tracked_at), radiuses_m=radiuses_m)
    pieces: list[MatchedPiece] = []
    for span in _parts(radiuses_m):
        pieces = _joined(pieces, _match(engine, track.part(span), span.start), span)
    # What is left of a piece where parts disagreed may be one position.
    pieces = [piece for piece in pieces if len(piece.indices) > 1]
    put = {
        index: Position(*point) for piece in pieces for index, point in zip(piece.indices, piece.snapped, strict=True)
    }
    return MatchedPath(pieces=tuple(pieces), matched_positions=tuple(put.get(index) for index in range(len(places))))


def _check_lengths(count: int, *sequences: Sequence[object] | None) -> None:
    for sequence in sequences:
        if sequence is not None and len(sequence) != count:
            raise InvalidInput(
                Message(
                    "A track of {count} positions came with {other} times or accuracies.",
                    {"count": count, "other": len(sequence)},
                )
            )


def _seconds(tracked_at: Sequence[datetime] | None) -> list[int]:
    """Return whole seconds that ascend: OSRM believes in no move that takes none."""
    if tracked_at is None:
        return []
    if any(later < earlier for earlier, later in pairwise(tracked_at)):
        raise InvalidInput(Message("The times of a track must not go back."))
    return list(accumulate((round(at.timestamp()) for at in tracked_at), lambda before, now: max(before + 1, now)))


def _parts(radiuses_m: Sequence[float]) -> Iterator[range]:
    """Yield overlapping spans of positions, each short enough for one call."""
    start, count = 0, len(radiuses_m)
    while start < count - 1:
        stop, cost_ms = start, 0.0
        while (
            stop < count and (stop - start < _FEWEST_PER_PART or cost_ms < _PART_MS) and stop - start < _MOST_PER_PART
        ):
            cost_ms += _MS_AT_MOST_RADIUS * (radiuses_m[stop] / _MOST_RADIUS_M) ** 2
            stop += 1
        yield range(start, stop)
        if stop == count:
            return
        start = stop - _OVERLAP


def _match(engine: osrm.OSRM, part: _Track, first: int) -> list[MatchedPiece]:
    """Return the pieces OSRM finds, counting positions from `first`; none when no road fits."""
    parameters = osrm.MatchParameters(
        coordinates=part.places,
        timestamps=part.seconds,
        radiuses=part.radiuses_m,
        gaps="ignore",
        geometries="geojson",
        overview="full",
        annotations=["distance"],
        generate_hints=False,
    )
    try:
        answer = engine.Match(parameters)
    except RuntimeError as error:
        if str(error).startswith(_NOTHING_FITS):
            return []
        raise
    return [_piece(answer, number, first) for number in range(len(answer["matchings"]))]


def _piece(answer: osrm.Object, number: int, first: int) -> MatchedPiece:
    matching = answer["matchings"][number]
    points = [tuple(point) for point in matching["geometry"]["coordinates"]]
    # The way of all legs, of which each has so many steps between points.
    bounds = list(accumulate((len(leg["annotation"]["distance"]) for leg in matching["legs"]), initial=0))
    put = [
        (index, tuple(tracepoint["location"]))
        for index, tracepoint in enumerate(answer["tracepoints"], start=first)
        if tracepoint is not None and tracepoint["matchings_index"] == number
    ]
    return MatchedPiece(
        indices=tuple(index for index, _ in put),
        snapped=tuple(point for _, point in put),
        legs=tuple(line_of(points[start : end + 1]) for start, end in pairwise(bounds)),
        durations_s=tuple(leg["duration"] for leg in matching["legs"]),
        distances_m=tuple(leg["distance"] for leg in matching["legs"]),
        confidence=matching["confidence"],
    )


def _joined(before: list[MatchedPiece], after: list[MatchedPiece], span: range) -> list[MatchedPiece]:
    """Return the pieces of the parts so far and of the next, which begins within the last part."""
    put = {index: point for piece in before for index, point in zip(piece.indices, piece.snapped, strict=True)}
    put_again = {index: point for piece in after for index, point in zip(piece.indices, piece.snapped, strict=True)}
    middle = span.start + _OVERLAP // 2
    agreed = [index for index in put.keys() & put_again.keys() if _is_same(put[index], put_again[index])]
    cut = min(agreed, key=lambda index: abs(index - middle), default=None)
    if cut is None:
        # The earlier part has the first half, the later one the second; either has more where the other has none.
        last = min(middle, max(put, default=-1))
        last = max(last, min(put_again, default=span.stop) - 1)
        return [*_until(before, last), *_since(after, last + 1)]
    *ended, one = _until(before, cut)
    other, *begun = _since(after, cut)
    return [*ended, _chained(one, other), *begun]


def _is_same(one: LonLat, other: LonLat) -> bool:
    return length_m((one, other)) <= _SAME_POINT_M


def _until(pieces: list[MatchedPiece], last: int) -> list[MatchedPiece]:
    counts = (sum(index <= last for index in piece.indices) for piece in pieces)
    return [_part(piece, 0, count) for piece, count in zip(pieces, counts, strict=True) if count]


def _since(pieces: list[MatchedPiece], first: int) -> list[MatchedPiece]:
    counts = (sum(index < first for index in piece.indices) for piece in pieces)
    return [
        _part(piece, count, len(piece.indices))
        for piece, count in zip(pieces, counts, strict=True)
        if count < len(piece.indices)
    ]


def _part(piece: MatchedPiece, start: int, stop: int) -> MatchedPiece:
    """Return a piece cut to some of its positions; of a single one there is no leg."""
    return replace(
        piece,
        indices=piece.indices[start:stop],
        snapped=piece.snapped[start:stop],
        legs=piece.legs[start : stop - 1],
        durations_s=piece.durations_s[start : stop - 1],
        distances_m=piece.distances_m[start : stop - 1],
    )


def _chained(one: MatchedPiece, other: MatchedPiece) -> MatchedPiece:
    """Return two pieces as one, the first position of the other being the last of the one."""
    return MatchedPiece(
        indices=one.indices + other.indices[1:],
        snapped=one.snapped + other.snapped[1:],
        legs=one.legs + other.legs,
        durations_s=one.durations_s + other.durations_s,
        distances_m=one.distances_m + other.distances_m,
        confidence=min(one.confidence, other.confidence),
    )
