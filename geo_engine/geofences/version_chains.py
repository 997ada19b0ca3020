"""Which version of a fence counted when."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo_engine.geofences.model import Geofence
from geo_engine.tracks.model import to_microseconds

_EVER_US = np.iinfo(np.int64)


class VersionChains:
    """The versions among some fences, in chains: each counts from when until before when it is valid.

    Those of one id are a chain; and so are all of one site where no two count at the same moment, since what is drawn
    for a site takes the place of the circle that it had of itself.

    Parameters
    ----------
    fences
        In any order; their numbers are their places in it. No two of one id count at the same moment.
    """

    def __init__(self, fences: Sequence[Geofence]) -> None:
        self.from_us: NDArray[np.int64] = _moments_us([fence.valid_from for fence in fences], _EVER_US.min)
        self.until_us: NDArray[np.int64] = _moments_us([fence.valid_until for fence in fences], _EVER_US.max)
        bounds_us = np.concatenate([self.from_us, self.until_us])
        self.turns_us: NDArray[np.int64] = np.unique(bounds_us[(bounds_us > _EVER_US.min) & (bounds_us < _EVER_US.max)])
        """The moments at which some version begins or ends, ascending."""
        self._chains = list[list[int]](self._found(fences))
        self._chain_of = {number: chain for chain in self._chains for number in chain}
        heads = [self._chain_of[number][0] for number in range(len(fences))]
        self.heads: NDArray[np.intp] = np.array(heads, dtype=np.intp)
        """For each fence the number of the first version of its chain, which stands for all of it."""
        self.is_plain = not len(self.turns_us) and len(self._chains) == len(fences)
        """Whether each fence is the only one of its chain and counts for ever."""

    def counted(self, fences: NDArray[np.intp], moments_us: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which fences counted at the moments they are paired with, microseconds since 1970."""
        is_counted: NDArray[np.bool_] = (self.from_us[fences] <= moments_us) & (moments_us < self.until_us[fences])
        return is_counted

    def versions(self, fence: int) -> list[int]:
        """Return the numbers of all versions in the chain of a fence, in order of time."""
        return self._chain_of[fence]

    def number_at(self, fence: int, moment_us: int) -> int:
        """Return the number of the version of a fence that counted at a moment, or last before it; else the first."""
        if self.is_plain:
            return fence
        known = [number for number in self.versions(fence) if self.from_us[number] <= moment_us]
        return known[-1] if known else self.versions(fence)[0]

    def _found(self, fences: Sequence[Geofence]) -> Iterator[list[int]]:
        by_id, by_site = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for number in np.argsort(self.from_us, kind="stable").tolist():
            by_id[fences[number].id].append(number)
            site_id = fences[number].site_id
            if site_id is not None:
                by_site[site_id].append(number)
        whole = {site_id: numbers for site_id, numbers in by_site.items() if self._follow(numbers)}
        yield from whole.values()
        yield from (numbers for numbers in by_id.values() if fences[numbers[0]].site_id not in whole)

    def _follow(self, numbers: Sequence[int]) -> bool:
        """Return whether each of some fences begins no sooner than the last has ended."""
        return all(self.until_us[one] <= self.from_us[other] for one, other in pairwise(numbers))


def _moments_us(moments: Sequence[datetime | None], otherwise: int) -> NDArray[np.int64]:
    return np.array([otherwise if one is None else to_microseconds(one) for one in moments], dtype=np.int64)
