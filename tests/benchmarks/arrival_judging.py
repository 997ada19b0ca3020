"""How found presences are judged by known ones, ours and others' alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np
from arrival_corpus import LONGEST_PASS_S, SHORTEST_ARRIVAL_S, TrueFence

_SECOND_US = 1_000_000
_AROUND_US = 60 * _SECOND_US


class Inside(NamedTuple):
    """From when until when somebody was inside, microseconds since 1970."""

    started_us: int
    ended_us: int


@dataclass(slots=True)
class Tally:
    """Arrivals found, missed and made up; errors of the arrivals found in seconds and in sampling intervals; flaps."""

    found_count: int = 0
    missed_count: int = 0
    extra_count: int = 0
    flap_count: int = 0
    parked_h: float = 0.0
    errors_s: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    def add(self, found: Sequence[Inside], fence: TrueFence, *, least_s: float, sampling_s: float) -> None:
        """Judge what was found of a fence on a day; a presence shorter than `least_s` is no arrival."""
        true = [Inside(*span_us) for span_us in fence.insides_us]
        slack_us = round(sampling_s * _SECOND_US)
        arrivals = [one for one in found if one.ended_us - one.started_us >= least_s * _SECOND_US]
        explained = set[int]()
        for inside in true:
            length_s = (inside.ended_us - inside.started_us) / _SECOND_US
            hits = _touching(arrivals, inside, slack_us)
            if length_s >= SHORTEST_ARRIVAL_S:
                self._judge(inside, [arrivals[hit] for hit in hits], sampling_s)
                explained.update(hits)
            elif length_s > LONGEST_PASS_S:
                explained.update(hits)
        self.extra_count += len(arrivals) - len(explained)

    def _judge(self, inside: Inside, hits: Sequence[Inside], sampling_s: float) -> None:
        if not hits:
            self.missed_count += 1
            return
        self.found_count += 1
        error_s = abs(hits[0].started_us - inside.started_us) / _SECOND_US
        self.errors_s.append(error_s)
        self.errors.append(error_s / sampling_s)

    def add_parked(
        self, found: Sequence[Inside], fence: TrueFence, parked: Sequence[Inside], *, sampling_s: float
    ) -> None:
        """Count crossings found while the worker was parked, inside or next door, and crossed no edge."""
        around_us = max(_AROUND_US, round(sampling_s * _SECOND_US))
        told_us = np.array([moment_us for one in found for moment_us in one], dtype=np.int64)
        for span in parked:
            first_us, last_us = span.started_us + around_us, span.ended_us - around_us
            if last_us <= first_us or any(first_us <= at_us <= last_us for at_us in fence.crossings_us):
                continue
            self.parked_h += (last_us - first_us) / _SECOND_US / 3600.0
            self.flap_count += int(np.count_nonzero((told_us >= first_us) & (told_us <= last_us)))

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.found_count / max(2 * self.found_count + self.missed_count + self.extra_count, 1)

    @property
    def flaps_per_h(self) -> float:
        """Crossings found per parked hour in which there were none."""
        return self.flap_count / max(self.parked_h, 1e-9)

    def line(self) -> str:
        """Return it for a table."""
        precision = self.found_count / max(self.found_count + self.extra_count, 1)
        recall = self.found_count / max(self.found_count + self.missed_count, 1)
        median_s = float(np.median(self.errors_s)) if self.errors_s else float("nan")
        return (
            f"F1 {self.f1:.4f} P {precision:.4f} R {recall:.4f} error {median_s:5.1f} s flaps {self.flaps_per_h:.3f}/h"
        )


def pooled(tallies: Sequence[Tally]) -> Tally:
    """Return several as one."""
    total = Tally()
    for tally in tallies:
        for one in fields(Tally):
            setattr(total, one.name, getattr(total, one.name) + getattr(tally, one.name))
    return total


def _touching(found: Sequence[Inside], inside: Inside, slack_us: int) -> list[int]:
    return [
        number
        for number, one in enumerate(found)
        if one.started_us <= inside.ended_us + slack_us and one.ended_us >= inside.started_us - slack_us
    ]
