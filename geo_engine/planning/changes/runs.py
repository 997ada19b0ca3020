"""What has kept its order when things come in another."""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence


def kept_in_order[Key: Hashable](numbers: Mapping[Key, int], order: Sequence[Key]) -> frozenset[Key]:
    """Return the keys of a longest run of `order` whose numbers increase.

    Examples
    --------
    >>> sorted(kept_in_order({"a": 1, "b": 2, "c": 3, "d": 4}, ["d", "a", "b", "c"]))
    ['a', 'b', 'c']

    Notes
    -----
    Longest increasing subsequence by patience sorting, O(n log n).
    """
    ends: list[int] = []  # the smallest number that a run of each length can end with
    keys: list[Key] = []  # whose number that is
    earlier: dict[Key, Key | None] = {}
    for key in order:
        at = bisect_left(ends, numbers[key])
        earlier[key] = keys[at - 1] if at else None
        ends[at : at + 1], keys[at : at + 1] = [numbers[key]], [key]
    kept: set[Key] = set()
    last = keys[-1] if keys else None
    while last is not None:
        kept.add(last)
        last = earlier[last]
    return frozenset(kept)
