"""Gaps between fixes that keep coming; each is given with the fix that ends it."""

from collections.abc import Sequence
from dataclasses import dataclass

from geo_engine.tracks.model import Gap, to_moment
from geo_engine.tracks.params import GapParams
from geo_engine.tracks.rules import microseconds


@dataclass(slots=True, kw_only=True)
class RunningGaps:
    """Remembers the last usable fix."""

    last_us: int | None = None

    def take(self, times_us: Sequence[int], params: GapParams) -> tuple[Gap, ...]:
        """Return the gaps that end with usable fixes, given in order of time."""
        gaps: list[Gap] = []
        for time_us in times_us:
            if self.last_us is not None and time_us - self.last_us > microseconds(params.least_s):
                gaps.append(Gap(started_at=to_moment(self.last_us), ended_at=to_moment(time_us)))
            self.last_us = time_us
        return tuple(gaps)
