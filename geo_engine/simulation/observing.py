"""What a phone reports of a true day: when it looks, what it sees, what it leaves out and gets wrong."""

import numpy as np
from numpy.typing import NDArray

from geo_engine.geometry.measure import geodesics_m
from geo_engine.simulation.metres import moved_deg
from geo_engine.simulation.noise import NoiseParams
from geo_engine.simulation.sky import RADIUS_68, Errors, drift, errors_under, spans
from geo_engine.simulation.truth import TrueStay, Truth
from geo_engine.tracks import Track
from geo_engine.tracks.model import MICROSECONDS_PER_S, to_microseconds

_FORGOTTEN_SHARE = 0.02
_STANDS_BELOW_MPS = 0.2
_BEST_ACCURACY_M = 1.0
_HEADING_ERROR_DEG = 6.0
_NOTICED_STANDING_SHARE = 0.7


def observe(truth: Truth, noise: NoiseParams, *, sampling_s: float, generator: np.random.Generator) -> Track:
    """Return what a phone reports of a day, in order of time.

    Parameters
    ----------
    sampling_s
        How often it looks, a second or more.

    Notes
    -----
    It looks first at a random moment of the first interval. A fix that comes twice stands twice. Altitudes are made
    up. O(seconds), 0.05 s for a whole day.
    """
    is_inside = _of_stays(truth, generator.random(len(truth.stays)) < noise.indoor_share)
    errors = _errors(truth, is_inside, noise, generator)
    is_mute, is_silent = _outages(truth, noise, generator), _silences(truth, noise, generator)
    if is_inside.any() and noise.indoor_dropout > 0.0:
        heard_s = noise.dropout_s * (1.0 / noise.indoor_dropout - 1.0)
        is_mute |= is_inside & spans(len(truth), mean_on_s=noise.dropout_s, mean_off_s=heard_s, generator=generator)
    looks = _looks(len(truth), sampling_s, noise.jitter, generator)
    # A phone goes silent with a last fix, and wakes with one.
    turns = np.flatnonzero(is_silent[1:] != is_silent[:-1])
    lasts, wakes = turns[is_silent[turns + 1]], turns[is_silent[turns]] + 1
    heard = [at[~is_mute[at] & ~is_silent[at]] for at in (looks, wakes)]
    return _Phone(truth, errors, noise, generator).reports(np.unique(np.concatenate([*heard, lasts])))


def _errors(truth: Truth, is_inside: NDArray[np.bool_], noise: NoiseParams, generator: np.random.Generator) -> Errors:
    count = len(truth)
    skies = [(noise.sky, np.ones(count, dtype=np.bool_))]
    if noise.other_sky is not None:
        is_other = spans(count, mean_on_s=noise.other_sky_s, mean_off_s=noise.sky_s, generator=generator)
        skies.append((noise.other_sky, is_other))
    skies.append((noise.indoors, is_inside))
    return errors_under(
        skies,
        tau_s=float(generator.uniform(*noise.tau_s)),
        widest_sigma_m=noise.worst_accuracy_m / RADIUS_68,
        generator=generator,
    )


def _looks(count: int, sampling_s: float, jitter: float, generator: np.random.Generator) -> NDArray[np.intp]:
    """Return the seconds at which the phone looks; early or late by whole seconds, as receivers tell them."""
    due_s = np.arange(generator.uniform(0.0, min(sampling_s, count)), count, sampling_s)
    late_s = np.trunc(generator.uniform(-jitter, jitter, size=len(due_s)) * sampling_s)
    return np.unique(np.clip(np.floor(due_s) + late_s, 0, count - 1).astype(np.intp))


def _outages(truth: Truth, noise: NoiseParams, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Return at which seconds of the drives the phone is mute."""
    is_mute = np.zeros(len(truth), dtype=np.bool_)
    driven = np.flatnonzero(~truth.stayings)
    if len(driven):
        count = int(generator.poisson(noise.outages_per_hour * len(driven) / 3600.0))
        for start in generator.choice(driven, size=count):
            is_mute[start : start + int(generator.uniform(*noise.outage_s))] = True
    return is_mute & ~truth.stayings


def _silences(truth: Truth, noise: NoiseParams, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Return at which seconds the phone is silent because it stands."""
    is_silent = np.zeros(len(truth), dtype=np.bool_)
    for stay in truth.stays:
        goes, after_s, wakes_m = (
            generator.random() < noise.silent_share,
            int(generator.uniform(*noise.silent_after_s)),
            float(generator.uniform(*noise.wakes_after_m)),
        )
        first, last = _seconds(truth, stay)
        if goes and first + after_s < last:
            is_silent[first + after_s : _moved_off(truth, last, wakes_m)] = True
    return is_silent


def _moved_off(truth: Truth, last: int, far_m: float) -> int:
    """Return the second at which the worker is some metres from where the car stood; at most five minutes later."""
    lons_deg, lats_deg = truth.lons_deg[last : last + 300], truth.lats_deg[last : last + 300]
    start = np.full(len(lons_deg), lons_deg[0]), np.full(len(lats_deg), lats_deg[0])
    is_far = geodesics_m(*start, lons_deg, lats_deg) >= far_m
    return last + (int(np.argmax(is_far)) if is_far.any() else len(is_far))


def _of_stays(truth: Truth, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which seconds are of the chosen stays."""
    is_of = np.zeros(len(truth), dtype=np.bool_)
    for stay, is_chosen in zip(truth.stays, chosen, strict=True):
        first, last = _seconds(truth, stay)
        is_of[first : last + 1] |= bool(is_chosen)
    return is_of


def _seconds(truth: Truth, stay: TrueStay) -> tuple[int, int]:
    """Return the first and the last second of a stay."""
    ends_us = to_microseconds(stay.started_at), to_microseconds(stay.ended_at)
    first_s, last_s = ((end_us - int(truth.times_us[0])) / MICROSECONDS_PER_S for end_us in ends_us)
    return int(np.ceil(first_s)), min(int(last_s), len(truth) - 1)


class _Phone:
    """A phone: which of its fields it reports, and how well."""

    def __init__(self, truth: Truth, errors: Errors, noise: NoiseParams, generator: np.random.Generator) -> None:
        self._truth = truth
        self._errors = errors
        self._noise = noise
        self._generator = generator

    def reports(self, looks: NDArray[np.intp]) -> Track:
        """Return what it reports of some seconds."""
        truth, noise, generator = self._truth, self._noise, self._generator
        ahead_us = round(float(generator.uniform(*noise.clock_ahead_s)) * MICROSECONDS_PER_S)
        offsets_m = self._errors.offsets_m[looks]
        lons_deg, lats_deg = moved_deg(
            truth.lons_deg[looks], truth.lats_deg[looks], east_m=offsets_m.real, north_m=offsets_m.imag
        )
        often = 1 + (generator.random(len(looks)) < noise.duplicate_share)
        return Track(
            times_us=np.repeat(truth.times_us[looks] + ahead_us, often),
            lons_deg=np.repeat(lons_deg, often),
            lats_deg=np.repeat(lats_deg, often),
            accuracies_m=np.repeat(self._said(self._accuracies_m(looks), noise.accuracy_share), often),
            altitudes_m=np.repeat(self._said(self._altitudes_m(looks), noise.altitude_share), often),
            speeds_mps=np.repeat(self._said(self._speeds_mps(looks), noise.speed_share), often),
            headings_deg=np.repeat(self._said(self._headings_deg(looks), noise.heading_share), often),
            batteries_percent=np.repeat(self._batteries_percent(looks), often),
            mocks=np.zeros(int(often.sum()), dtype=np.bool_),
        )

    def _said(self, values: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        """Return values with NaN where the phone leaves them out: all of them, or now and then one."""
        draws = self._generator.random(len(values))
        if self._generator.random() >= share:
            return np.full(len(values), np.nan)
        forgotten = _FORGOTTEN_SHARE if share < 1.0 else 0.0
        return np.where(draws < forgotten, np.nan, values)

    def _accuracies_m(self, looks: NDArray[np.intp]) -> NDArray[np.float64]:
        honest_m = np.maximum(RADIUS_68 * self._errors.sigmas_m[looks], _BEST_ACCURACY_M)
        wrong = self._generator.normal(0.0, self._noise.accuracy_error, size=len(looks))
        reported_m: NDArray[np.float64] = np.minimum(honest_m * np.exp(wrong), self._noise.worst_accuracy_m)
        knows = self._generator.random(len(looks)) < self._noise.honest_jump_share
        return np.where(knows, np.maximum(reported_m, np.abs(self._errors.jumps_m[looks])), reported_m)

    def _altitudes_m(self, looks: NDArray[np.intp]) -> NDArray[np.float64]:
        ground_m, tau_s = self._generator.uniform(5.0, 150.0), float(self._generator.uniform(*self._noise.tau_s))
        wrong = drift(len(self._truth), tau_s, self._generator).real
        return np.asarray(ground_m + 1.5 * (self._errors.sigmas_m * wrong)[looks], dtype=np.float64)

    def _speeds_mps(self, looks: NDArray[np.intp]) -> NDArray[np.float64]:
        true_mps = self._truth.speeds_mps[looks]
        measured_mps = np.abs(true_mps + self._generator.normal(0.0, self._noise.doppler_mps, size=len(looks)))
        notices = self._generator.random(len(looks)) < _NOTICED_STANDING_SHARE
        return np.where((true_mps < _STANDS_BELOW_MPS) & notices, 0.0, measured_mps)

    def _headings_deg(self, looks: NDArray[np.intp]) -> NDArray[np.float64]:
        wrong_deg = self._generator.normal(0.0, _HEADING_ERROR_DEG * (self._noise.doppler_mps > 0.0), size=len(looks))
        headings_deg: NDArray[np.float64] = (self._truth.headings_deg[looks] + wrong_deg) % 360.0
        return np.where(self._truth.speeds_mps[looks] < _STANDS_BELOW_MPS, np.nan, headings_deg)

    def _batteries_percent(self, looks: NDArray[np.intp]) -> NDArray[np.float64]:
        full, per_hour = self._generator.uniform(70.0, 100.0), self._generator.uniform(3.0, 8.0)
        return np.maximum(np.round(full - per_hour * looks / 3600.0), 5.0)
