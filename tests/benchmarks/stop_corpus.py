"""Which simulated days stops are measured on. Fixed before the first measurement; only `TUNED` was ever looked at.

The days are those of `geo_engine.simulation.corpus` on the roads of Porto. `REPORTED` seeds are for the figures that
are published: no parameter was chosen, and no failure looked into, on any of their days.
"""

from dataclasses import dataclass, replace

from geo_engine.simulation.corpus import DayParams
from geo_engine.simulation.noise import NOISES, Noise, NoiseParams

TUNED = range(1_000, 1_100)
REPORTED = range(770_000, 770_100)
SAMPLINGS_S = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
SHORTEST_STAY_S = 300.0
LONGEST_STAY_S = 5_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """A noise model with no accuracy worse than a limit."""

    noise: Noise
    worst_accuracy_m: float

    @property
    def name(self) -> str:
        """What it is called in the tables."""
        return f"{self.noise.value} ≤ {self.worst_accuracy_m:g} m"

    def params(self) -> NoiseParams:
        """Return what the simulation needs to know of it."""
        return replace(NOISES[self.noise], worst_accuracy_m=self.worst_accuracy_m)


SURROUNDINGS = (
    Surroundings(noise=Noise.OPEN_SKY, worst_accuracy_m=20.0),
    Surroundings(noise=Noise.CANYON, worst_accuracy_m=20.0),
    Surroundings(noise=Noise.CANYON, worst_accuracy_m=50.0),
    Surroundings(noise=Noise.INDOOR, worst_accuracy_m=50.0),
    Surroundings(noise=Noise.CITY, worst_accuracy_m=50.0),
    Surroundings(noise=Noise.CANYON, worst_accuracy_m=100.0),
    Surroundings(noise=Noise.INDOOR, worst_accuracy_m=100.0),
    Surroundings(noise=Noise.CITY, worst_accuracy_m=100.0),
)


def day_params(sampling_s: float) -> DayParams:
    """Return what days are like that are seen so often.

    With a fix every `sampling_s` the two ends of a stay are together uncertain by up to so much, and an overlap of
    seven tenths can be asked for of stays of at least 10/3 of it only; below 90 s that is no limit.
    """
    return DayParams(stay_s=(max(SHORTEST_STAY_S, sampling_s * 10 / 3), LONGEST_STAY_S))
