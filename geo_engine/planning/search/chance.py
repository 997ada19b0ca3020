"""Random numbers inside compiled code: a sequence per seed, the same on every machine."""

import numpy as np

from geo_engine.planning.search.compiled import Array, inlined

_LARGEST = 1.0 / 9007199254740992.0  # 2^-53


def seeded(seed: int) -> Array:
    """Return the generator's state for a seed.

    Notes
    -----
    splitmix64 (Steele et al. 2014) spreads neighbouring seeds; xorshift64 (Marsaglia 2003) goes on from there.
    """
    mixed = (seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) % 2**64
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) % 2**64
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) % 2**64
    return np.array([(mixed ^ mixed >> 31) or 1], dtype=np.uint64)


@inlined
def draw(generator: Array) -> float:
    """Return the next number in [0, 1)."""
    bits = generator[0]
    bits ^= bits << np.uint64(13)
    bits ^= bits >> np.uint64(7)
    bits ^= bits << np.uint64(17)
    generator[0] = bits
    return float((bits >> np.uint64(11)) * _LARGEST)


@inlined
def draw_below(generator: Array, count: int) -> int:
    """Return the next whole number in [0, count)."""
    return int(draw(generator) * count)
