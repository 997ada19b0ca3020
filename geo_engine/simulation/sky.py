"""How wrong satellite positions are over time: drift that fades slowly, and reflections that jump."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

RADIUS_68 = 1.5096
"""The radius that 68 % of positions lie within, by the standard deviation of one axis: √(−2·ln 0.32)."""

type Range = tuple[float, float]
"""What a day draws a figure from, evenly."""

_CHANGES_OVER_S = 15
_BLOCK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyParams:
    """What a receiver gets from its surroundings.

    Parameters
    ----------
    sigma_m
        Standard deviation of each axis of the position.
    jumps_per_hour, jump_s, jump_m
        How often, how long and how far reflections lead the receiver astray.
    """

    sigma_m: Range
    jumps_per_hour: float = 0.0
    jump_s: Range = (2.0, 60.0)
    jump_m: Range = (50.0, 300.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Errors:
    """Errors of positions second by second; arrays of one length.

    Parameters
    ----------
    offsets_m
        How far off, east as real and north as imaginary part.
    sigmas_m
        Standard deviation of each axis without jumps.
    jumps_m
        The part of the offset that is a reflection's.
    """

    offsets_m: NDArray[np.complex128]
    sigmas_m: NDArray[np.float64]
    jumps_m: NDArray[np.complex128]


def errors_under(
    skies: Sequence[tuple[SkyParams, NDArray[np.bool_]]],
    *,
    tau_s: float,
    widest_sigma_m: float,
    generator: np.random.Generator,
) -> Errors:
    """Return the errors of a receiver that is under one sky and another in turn.

    Parameters
    ----------
    skies
        Each with the seconds at which the receiver is under it; where two hold, the later one counts.
    tau_s
        After so many seconds the correlation of an error is 1/e; who comes under another sky keeps the error, which
        grows or shrinks within 15 seconds.
    widest_sigma_m
        No sky is worse.
    """
    count = len(skies[0][1])
    sigmas_m, jumps_m = np.zeros(count), np.zeros(count, dtype=np.complex128)
    for sky, is_under in skies:
        sigmas_m[is_under] = min(float(generator.uniform(*sky.sigma_m)), widest_sigma_m)
        jumps_m[is_under] = reflections(count, sky, generator)[is_under]
    sigmas_m = _smoothed(sigmas_m)
    return Errors(offsets_m=sigmas_m * drift(count, tau_s, generator) + jumps_m, sigmas_m=sigmas_m, jumps_m=jumps_m)


def drift(count: int, tau_s: float, generator: np.random.Generator) -> NDArray[np.complex128]:
    """Return a drift of standard deviation 1 on each axis, second by second; east is the real part.

    Notes
    -----
    A first-order Gauss-Markov process: x(t + 1) = φ·x(t) + √(1 − φ²)·w with φ = exp(−1/τ), so that its
    autocorrelation at a lag of τ seconds is 1/e (Brown & Hwang, *Introduction to Random Signals*). Within a block of
    seconds it is a product with a triangle of powers of φ, from block to block a running sum: O(count · block).
    """
    pushes = generator.standard_normal((count, 2)) @ np.array([1.0, 1.0j])
    fade = float(np.exp(-1.0 / tau_s))
    pushes[1:] *= np.sqrt(1.0 - fade**2)
    blocks = np.pad(pushes, (0, -count % _BLOCK)).reshape(-1, _BLOCK)
    ages = np.arange(_BLOCK)[:, np.newaxis] - np.arange(_BLOCK)
    states = blocks @ np.where(ages >= 0, fade ** np.abs(ages), 0.0).T
    block_fade = fade**_BLOCK
    carried = list(accumulate(states[:, -1].tolist(), lambda state, end: block_fade * state + end))
    states[1:] += np.outer(carried[:-1], fade ** np.arange(1, _BLOCK + 1))
    return states.ravel()[:count]


def reflections(count: int, sky: SkyParams, generator: np.random.Generator) -> NDArray[np.complex128]:
    """Return the offsets of reflections in metres, second by second: 0 but for spans that begin at random moments."""
    offsets_m = np.zeros(count, dtype=np.complex128)
    for start in generator.integers(0, count, size=int(generator.poisson(sky.jumps_per_hour * count / 3600.0))):
        end = start + max(1, round(float(generator.uniform(*sky.jump_s))))
        offsets_m[start:end] = generator.uniform(*sky.jump_m) * np.exp(2j * np.pi * generator.random())
    return offsets_m


def spans(count: int, *, mean_on_s: float, mean_off_s: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Return a switch second by second that stays on and off for times with the given means (exponential)."""
    is_on = bool(generator.random() * (mean_on_s + mean_off_s) < mean_on_s)
    lengths, states, total = list[int](), list[bool](), 0
    while total < count:
        lengths.append(1 + int(generator.exponential(mean_on_s if is_on else mean_off_s)))
        states.append(is_on)
        total += lengths[-1]
        is_on = not is_on
    return np.repeat(np.array(states, dtype=np.bool_), lengths)[:count]


def _smoothed(sigmas_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each second's mean over the seconds before it."""
    padded = np.concatenate([np.full(_CHANGES_OVER_S, sigmas_m[0]), sigmas_m])
    sums = np.concatenate([[0.0], np.cumsum(padded)])
    means = (sums[_CHANGES_OVER_S:] - sums[:-_CHANGES_OVER_S]) / _CHANGES_OVER_S
    return np.asarray(means[1 : len(sigmas_m) + 1], dtype=np.float64)
