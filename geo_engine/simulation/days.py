"""What each device of a fleet reports: one truth a worker, seen and sent by each of the worker's devices."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_engine.ids import WorkerId
from geo_engine.simulation.delivering import NetworkParams, deliver
from geo_engine.simulation.devices import Device
from geo_engine.simulation.fleet import DeviceDay
from geo_engine.simulation.noise import NoiseParams
from geo_engine.simulation.observing import observe
from geo_engine.simulation.truth import Truth

_SEES, _SENDS = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SightParams:
    """How the devices of a fleet see and send.

    Parameters
    ----------
    sampling_s
        How often each looks.
    """

    noise: NoiseParams
    network: NetworkParams
    sampling_s: float


def device_days(truth: Truth, devices: Sequence[Device], sight: SightParams, *, seed: int) -> list[DeviceDay]:
    """Return what each device of one worker reports of the worker's day; the same for the same seed."""
    return [_device_day(truth, device, sight, seed) for device in devices]


def worker_seed(worker_id: WorkerId, seed: int) -> int:
    """Return the seed of a worker's day in a fleet's; it does not depend on who else is in the fleet."""
    return (seed << 32) + zlib.crc32(worker_id.encode())


def _device_day(truth: Truth, device: Device, sight: SightParams, seed: int) -> DeviceDay:
    who = zlib.crc32(f"{device.worker_id}/{device.name}".encode())
    sees, sends = (np.random.default_rng([seed, who, what]) for what in (_SEES, _SENDS))
    track = observe(truth, sight.noise, sampling_s=sight.sampling_s, generator=sees)
    return DeviceDay(device=device, track=track, delivery=deliver(track, sight.network, generator=sends))
