"""What is told of where people are now."""

from dataclasses import dataclass
from datetime import datetime

from geo_engine.geometry import Position
from geo_engine.ids import DeviceId, WorkerId


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePosition:
    """The newest usable fix of a device, and whose it is.

    Parameters
    ----------
    is_on_shift
        Whether the worker is tracked at the moment of asking.
    changed_in
        The transaction in which it was written.
    """

    device_id: DeviceId
    worker_id: WorkerId
    worker_name: str
    tracked_at: datetime
    received_at: datetime
    position: Position
    accuracy_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    battery_percent: float | None
    is_on_shift: bool
    changed_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """What changed, by worker and device, and what to ask with next time.

    Parameters
    ----------
    cursor
        Opaque to whoever asks.
    """

    cursor: str
    positions: tuple[LivePosition, ...]
