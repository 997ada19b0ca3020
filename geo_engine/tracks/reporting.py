"""How devices report, for whoever helps when one does not: its last report, what was not kept of it, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from geo_engine.db.session import Session
from geo_engine.tenancy import Access
from geo_engine.tracks import reporting_store as store
from geo_engine.tracks.arrivals import Outcome
from geo_engine.workforce.device_model import Device
from geo_engine.workforce.device_store import find_holding
from geo_engine.workforce.devices import list_devices

_TOLD_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReport:
    """How a device reports.

    Parameters
    ----------
    has_key
        Whether a key of it holds.
    tracked_at, received_at
        Of the newest fix that is kept, and of the newest position; None when there is none.
    not_kept
        How many fixes were acknowledged today (UTC) and are not kept, by what became of them.
    sealed_count
        How many were acknowledged today (UTC) and sealed, as no shift covered them by then: of these, those that a
        clock-in has covered since are kept, and nobody can see how many the others are.
    reasons
        Why something that came within the last hour could not be understood, in English, each once, the newest first.
    """

    device: Device
    has_key: bool
    tracked_at: datetime | None
    received_at: datetime | None
    not_kept: Mapping[Outcome, int]
    sealed_count: int
    reasons: tuple[str, ...]


def list_reports(session: Session, *, by: Access, now: datetime) -> tuple[DeviceReport, ...]:
    """Return how those devices report that `list_devices` tells the actor of, the oldest first.

    Raises
    ------
    NotAllowed
        When the actor may see nobody's but one's own.
    """
    devices = list_devices(session, by=by)
    holding = find_holding(session, (one.id for one in devices), now=now)
    last = store.find_last(session)
    counts = store.find_not_kept(session, now.astimezone(UTC).date())
    reasons = store.find_reasons(session, since=now - _TOLD_FOR)
    return tuple(
        DeviceReport(
            device=device,
            has_key=device.id in holding,
            tracked_at=last.get(device.id, (None, None))[0],
            received_at=last.get(device.id, (None, None))[1],
            not_kept={what: count for what, count in counts.get(device.id, {}).items() if what is not Outcome.SEALED},
            sealed_count=counts.get(device.id, {}).get(Outcome.SEALED, 0),
            reasons=tuple(dict.fromkeys(reasons.get(device.id, ()))),
        )
        for device in devices
    )
