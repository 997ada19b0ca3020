"""How surely a photo that was sent before is found again, by what was done to it, and how often one is that was not.

Run it as ``.venv/bin/python tests/benchmarks/photo_reuse.py``: twenty minutes on two cores, and the first time some
packages with photographs are fetched. Thresholds were chosen on the photographs with even numbers; those with odd ones
are held out. Rivals are given the threshold at which, on the even ones, a false alarm in a thousand pairs is raised.
"""

import argparse
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from photo_changes import AGAIN, HARDER, PROMISED, as_jpeg
from photo_pictures import picture_paths, read_picture, same_scenes
from PIL import Image

from geo_engine.photos import ReuseKind
from geo_engine.photos.alignment import compare
from geo_engine.photos.fingerprints import FINGERPRINT, distances, fingerprint_of, meet, read_fingerprints
from geo_engine.photos.jpeg import read_shades
from geo_engine.photos.kinds import sniff
from geo_engine.photos.picture import develop_picture
from geo_engine.photos.picture_params import DevelopParams
from geo_engine.photos.reuse import ReuseParams, kind_of

_LONGEST_PX, _MANY = 1440, 100_000
_ORIGINAL = "original"
_CHANGES = PROMISED | HARDER | AGAIN
PARAMS = ReuseParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is kept of a picture: ours, and what rivals would keep."""

    fingerprint: bytes
    shades: NDArray[np.uint8]
    rivals: Mapping[str, int]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--every", type=int, default=1, help="Only each so-manieth photograph.")
    every = arguments.parse_args().every
    paths = picture_paths()
    scenes = same_scenes(paths)
    numbers = range(0, len(paths), every)
    with ProcessPoolExecutor(2) as processes:
        seen = dict(zip(numbers, processes.map(_see, [(n, paths[n]) for n in numbers]), strict=True))
    tuned, held = [n for n in numbers if n % 2 == 0], [n for n in numbers if n % 2]
    limits = {name: _rival_limit(name, seen, tuned, scenes) for name in _RIVALS}
    print(f"{len(paths)} photographs; rivals' thresholds of 64: {limits}")
    for title, chosen in (("held out", held), ("all", list(numbers))):
        _tell(title, seen, chosen, scenes, limits)
    _tell_scenes(seen, scenes)
    _tell_time(seen)


def _see(numbered: tuple[int, Path]) -> dict[str, Seen]:
    number, path = numbered
    picture = read_picture(path, _LONGEST_PX)
    chance = np.random.default_rng(number)
    changed = {_ORIGINAL: as_jpeg(picture, 92)} | {name: change(picture, chance) for name, change in _CHANGES.items()}
    return {name: _kept(content) for name, content in changed.items()}


def _kept(content: bytes) -> Seen:
    made = develop_picture(content, sniff(content), DevelopParams())
    return Seen(
        fingerprint=fingerprint_of(made.grey),
        shades=read_shades(made.thumbnail),
        rivals={name: rival(made.grey) for name, rival in _RIVALS.items()},
    )


def _tell(
    title: str,
    seen: Mapping[int, Mapping[str, Seen]],
    chosen: Sequence[int],
    scenes: set[frozenset[int]],
    limits: Mapping[str, int],
) -> None:
    print(f"\n{title}: {len(chosen)} photographs; found, in %")
    print(f"{'':28}{'same picture':>14}{'same view':>11}" + "".join(f"{name:>9}" for name in limits))
    shares: dict[str, float] = {}
    for name in _CHANGES:
        kinds = [_kind(seen[n][name], seen[n][_ORIGINAL]) for n in chosen]
        same, view = (100 * np.mean([kind is one for kind in kinds]) for one in list(ReuseKind)[1:])
        shares[name] = float(same)
        others = (
            100 * np.mean([_apart(rival, seen[n][name], seen[n][_ORIGINAL]) <= limit for n in chosen])
            for rival, limit in limits.items()
        )
        print(f"{name:28}{same:14.1f}{view:11.1f}" + "".join(f"{other:9.1f}" for other in others))
    promised = [shares[name] for name in PROMISED]
    print(f"promised changes together: {np.mean(promised):.2f} %, the least {min(promised):.1f} %")
    _tell_alarms(seen, chosen, scenes, limits)


def _tell_alarms(
    seen: Mapping[int, Mapping[str, Seen]],
    chosen: Sequence[int],
    scenes: set[frozenset[int]],
    limits: Mapping[str, int],
) -> None:
    pairs = [pair for pair in itertools.combinations(chosen, 2) if frozenset(pair) not in scenes]
    kinds = [_kind(seen[a][_ORIGINAL], seen[b][_ORIGINAL]) for a, b in pairs]
    counts = {kind.value: kinds.count(kind) for kind in list(ReuseKind)[1:]}
    near = sum(
        meet(seen[a][_ORIGINAL].fingerprint, seen[b][_ORIGINAL].fingerprint).distance <= PARAMS.farthest
        for a, b in pairs
    )
    print(f"{len(pairs)} different pairs: false alarms {counts}; {near} are looked at more closely")
    for rival, limit in limits.items():
        count = sum(_apart(rival, seen[a][_ORIGINAL], seen[b][_ORIGINAL]) <= limit for a, b in pairs)
        print(f"  {rival}: {count}")


def _tell_scenes(seen: Mapping[int, Mapping[str, Seen]], scenes: set[frozenset[int]]) -> None:
    print("\nreal pairs of the same scene, another occasion or side:")
    for a, b in sorted(tuple(sorted(pair)) for pair in scenes if pair <= set(seen)):
        one, other = seen[a][_ORIGINAL], seen[b][_ORIGINAL]
        meeting = meet(one.fingerprint, other.fingerprint)
        details = compare(one.shades, other.shades, meeting).details
        print(f"  {a:3} {b:3}: distance {meeting.distance}, details {details:.2f}, {_kind(one, other)}")


def _tell_time(seen: Mapping[int, Mapping[str, Seen]]) -> None:
    originals = [both[_ORIGINAL] for both in seen.values()]
    chance = np.random.default_rng(0)
    many = np.zeros(_MANY, dtype=FINGERPRINT)
    many["keys"] = chance.integers(0, 2**63, many["keys"].shape, dtype=np.uint64)
    started = time.perf_counter()
    distances(originals[0].fingerprint, many)
    searched_s = time.perf_counter() - started
    started = time.perf_counter()
    for one, other in itertools.pairwise(originals[:50]):
        compare(one.shades, other.shades, meet(one.fingerprint, other.fingerprint))
    compared_s = (time.perf_counter() - started) / 49
    stored = read_fingerprints([one.fingerprint for one in originals])
    print(
        f"\n{_MANY} fingerprints searched in {1000 * searched_s:.0f} ms; {1000 * compared_s:.1f} ms to compare a pair"
    )
    print(f"{stored.dtype.itemsize} bytes a fingerprint")


def _kind(one: Seen, other: Seen) -> ReuseKind | None:
    meeting = meet(one.fingerprint, other.fingerprint)
    return kind_of(meeting.distance, compare(one.shades, other.shades, meeting), PARAMS)


def _rival_limit(
    name: str, seen: Mapping[int, Mapping[str, Seen]], chosen: Sequence[int], scenes: set[frozenset[int]]
) -> int:
    pairs = (pair for pair in itertools.combinations(chosen, 2) if frozenset(pair) not in scenes)
    apart = np.array([_apart(name, seen[a][_ORIGINAL], seen[b][_ORIGINAL]) for a, b in pairs])
    return int(max(limit for limit in range(64) if np.mean(apart <= limit) <= 0.001))


def _apart(rival: str, one: Seen, other: Seen) -> int:
    return (one.rivals[rival] ^ other.rivals[rival]).bit_count()


def _squeezed(grey: NDArray[np.uint8], columns: int, rows: int) -> NDArray[np.float64]:
    return np.asarray(Image.fromarray(grey).resize((columns, rows), Image.Resampling.BOX), dtype=float)


def _number(bits: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(bits).tobytes())


def _perceptual_hash(grey: NDArray[np.uint8]) -> int:
    steps = (np.arange(32) + 0.5) * np.pi / 32
    cosines = np.cos(np.arange(8)[:, None] * steps)
    amounts = (cosines @ _squeezed(grey, 32, 32) @ cosines.T).ravel()
    return _number(amounts > np.median(amounts))


def _difference_hash(grey: NDArray[np.uint8]) -> int:
    shades = _squeezed(grey, 9, 8)
    return _number((shades[:, 1:] > shades[:, :-1]).ravel())


def _average_hash(grey: NDArray[np.uint8]) -> int:
    shades = _squeezed(grey, 8, 8)
    return _number((shades > shades.mean()).ravel())


_RIVALS: Mapping[str, Callable[[NDArray[np.uint8]], int]] = {
    "pHash": _perceptual_hash,
    "dHash": _difference_hash,
    "aHash": _average_hash,
}

if __name__ == "__main__":
    main()
