"""How found stops are judged by known stays, ours and others' alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from stop_corpus import SHORTEST_STAY_S

from geo_engine.tracks.model import Stop

type Span = tuple[float, float]

_HIT = 0.7


@dataclass(slots=True)
class Tally:
    """How many days are exact, and how many stays were missed and stops found that are none."""

    day_count: int = 0
    exact_count: int = 0
    stay_count: int = 0
    missed_count: int = 0
    extra_count: int = 0

    def add(self, found: Sequence[Span], stays: Sequence[Span]) -> None:
        """Judge a day."""
        missed_count, extra_count = judged(found, stays)
        self.day_count += 1
        self.exact_count += not missed_count and not extra_count
        self.stay_count += sum(end_s - start_s >= SHORTEST_STAY_S for start_s, end_s in stays)
        self.missed_count += missed_count
        self.extra_count += extra_count

    def line(self) -> str:
        """Return it for a table: share of exact days; stays missed and stops too many, in per cent of the stays."""
        stays = max(self.stay_count, 1)
        exact = 100 * self.exact_count / max(self.day_count, 1)
        return f"{exact:5.1f} % −{100 * self.missed_count / stays:4.1f} +{100 * self.extra_count / stays:4.1f}"


def pooled(tallies: Iterable[Tally]) -> Tally:
    """Return several as one."""
    total = Tally()
    for tally in tallies:
        for one in fields(Tally):
            setattr(total, one.name, getattr(total, one.name) + getattr(tally, one.name))
    return total


def spans_of(stops: Iterable[Stop]) -> list[Span]:
    """Return stops as seconds since 1970."""
    return [(stop.started_at.timestamp(), stop.ended_at.timestamp()) for stop in stops]


def within(stays: Iterable[Span], first_s: float, last_s: float) -> list[Span]:
    """Return what of stays lies between the first and the last fix: nobody knows more."""
    cut = [(max(start_s, first_s), min(end_s, last_s)) for start_s, end_s in stays]
    return [(start_s, end_s) for start_s, end_s in cut if end_s > start_s]


def judged(found: Sequence[Span], stays: Sequence[Span]) -> tuple[int, int]:
    """Return how many stays of five minutes or more no stop overlaps by seven tenths, and how many stops are none.

    Each stop counts for one stay. One that is a shorter stay is neither asked for nor wrong.
    """
    hits = set[int]()
    missed_count = 0
    for stay in stays:
        if stay[1] - stay[0] >= SHORTEST_STAY_S:
            free = ((_overlap(span, stay), k) for k, span in enumerate(found) if k not in hits)
            best, where = max(free, default=(0.0, -1))
            if best >= _HIT:
                hits.add(where)
            else:
                missed_count += 1
    short = [stay for stay in stays if stay[1] - stay[0] < SHORTEST_STAY_S]
    extra = [k for k, span in enumerate(found) if k not in hits and all(_overlap(span, one) < 0.5 for one in short)]
    return missed_count, len(extra)


def _overlap(one: Span, other: Span) -> float:
    shared_s = min(one[1], other[1]) - max(one[0], other[0])
    return max(0.0, shared_s) / max(max(one[1], other[1]) - min(one[0], other[0]), 1e-9)
