"""Gaps between fixes that keep coming; each is given with the fix that ends it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from geo_engine.timespan import TimeSpan
from geo_engine.tracks.model import Gap, to_microseconds, to_moment
from geo_engine.tracks.params import GapParams
from geo_engine.tracks.rules import microseconds


@dataclass(slots=True, kw_only=True)
class RunningGaps:
    """Remembers the last usable fix."""

    last_us: int | None = None

    def take(self, times_us: Sequence[int], spans: Sequence[TimeSpan], params: GapParams) -> tuple[Gap, ...]:
        """Return the gaps that end with usable fixes, given in order of time."""
        gaps: list[Gap] = []
        for time_us in times_us:
            gaps += self._between(time_us, spans, params)
            self.last_us = time_us
        return tuple(gaps)

    def finish(self, spans: Sequence[TimeSpan], params: GapParams) -> tuple[Gap, ...]:
        """Return the gaps after the last fix."""
        return tuple(self._between(None, spans, params))

    def _between(self, time_us: int | None, spans: Sequence[TimeSpan], params: GapParams) -> Iterator[Gap]:
        least_us = microseconds(params.least_s)
        for start_us, end_us in self._silences(time_us, spans):
            if end_us - start_us > least_us:
                yield Gap(started_at=to_moment(start_us), ended_at=to_moment(end_us))

    def _silences(self, time_us: int | None, spans: Sequence[TimeSpan]) -> Iterator[tuple[int, int]]:
        if not spans and time_us is not None and self.last_us is not None:
            yield self.last_us, time_us
        for span in spans:
            start_us, end_us = to_microseconds(span.start_at), to_microseconds(span.end_at)
            if self.last_us is not None:
                start_us = max(start_us, self.last_us)
            yield start_us, end_us if time_us is None else min(end_us, time_us)
