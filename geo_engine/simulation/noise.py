"""What a phone and its surroundings may be like on a day, and the usual ones by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from geo_engine.simulation.sky import Range, SkyParams

OPEN_SKY = SkyParams(sigma_m=(3.0, 5.0), jumps_per_hour=0.2, jump_s=(1.0, 5.0))
CANYON = SkyParams(sigma_m=(15.0, 45.0), jumps_per_hour=6.0)
INDOORS = SkyParams(sigma_m=(30.0, 60.0), jumps_per_hour=4.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseParams:
    """A phone and its surroundings on one day.

    Parameters
    ----------
    sky, other_sky
        Of the streets; with `other_sky` the streets are under one and the other in turn.
    sky_s, other_sky_s
        How long one and the other last in the mean.
    indoors, indoor_share
        What is received inside, and the share of the stays that are inside.
    indoor_dropout, dropout_s
        Share of the time inside without any position, and how long a span of it lasts in the mean.
    tau_s
        How long an error lasts: after so many seconds its correlation is 1/e.
    worst_accuracy_m
        No sky has a wider 68 % radius: σ is cut at 0.66 of it, and what the phone reports at it. Only a fix that
        jumps and knows reports more.
    honest_jump_share
        Share of the jumping fixes whose accuracy says so.
    silent_share, silent_after_s, wakes_after_m
        Share of the stays in which the phone goes silent, how long it stands before it does (with a last fix), and how
        far the car has moved off before it notices (with a first).
    outages_per_hour, outage_s
        How often the phone is mute on the way (tunnels, a system that ends the app), and for how long. An outage ends
        with the drive: how long a stay lasted whose ends nobody saw is no fair question.
    jitter
        By what share of the sampling interval fixes come early or late.
    duplicate_share
        Share of the fixes that come twice.
    accuracy_error
        Standard deviation of the logarithm of reported by honest accuracy.
    accuracy_share, altitude_share, speed_share, heading_share
        Chance that the phone reports it at all; one that does leaves it out once in fifty fixes.
    doppler_mps
        Standard deviation of the measured speed.
    clock_ahead_s
        How far the phone's clock is ahead; behind when below 0.
    """

    sky: SkyParams = OPEN_SKY
    other_sky: SkyParams | None = None
    sky_s: float = 400.0
    other_sky_s: float = 250.0
    indoors: SkyParams = INDOORS
    indoor_share: float = 0.0
    indoor_dropout: float = 0.3
    dropout_s: float = 120.0
    tau_s: Range = (30.0, 300.0)
    worst_accuracy_m: float = np.inf
    honest_jump_share: float = 0.4
    silent_share: float = 0.0
    silent_after_s: Range = (20.0, 180.0)
    wakes_after_m: Range = (20.0, 120.0)
    outages_per_hour: float = 0.3
    outage_s: Range = (60.0, 600.0)
    jitter: float = 0.05
    duplicate_share: float = 0.005
    accuracy_error: float = 0.25
    accuracy_share: float = 0.97
    altitude_share: float = 0.8
    speed_share: float = 0.85
    heading_share: float = 0.8
    doppler_mps: float = 0.4
    clock_ahead_s: Range = (0.0, 0.0)


class Noise(StrEnum):
    """Phones and surroundings by name."""

    NONE = "none"
    """The truth itself at each moment the phone looks, with all it can say."""
    OPEN_SKY = "open-sky"
    CANYON = "canyon"
    """Between high houses all day."""
    INDOOR = "indoor"
    """Open streets, and every stay inside."""
    CITY = "city"
    """Streets open and narrow in turn, half of the stays inside, a phone that is often silent when parked."""


NOISES: Mapping[Noise, NoiseParams] = {
    Noise.NONE: NoiseParams(
        sky=SkyParams(sigma_m=(0.0, 0.0)),
        outages_per_hour=0.0,
        jitter=0.0,
        duplicate_share=0.0,
        accuracy_error=0.0,
        accuracy_share=1.0,
        altitude_share=1.0,
        speed_share=1.0,
        heading_share=1.0,
        doppler_mps=0.0,
    ),
    Noise.OPEN_SKY: NoiseParams(),
    Noise.CANYON: NoiseParams(sky=CANYON),
    Noise.INDOOR: NoiseParams(indoor_share=1.0),
    Noise.CITY: NoiseParams(other_sky=CANYON, indoor_share=0.5, silent_share=0.4),
}
