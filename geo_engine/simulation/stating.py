"""How what workers state gets to a server: one after the other as it is due, again until it is taken."""

import logging
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from geo_engine.simulation.conduct import Statement, as_body
from geo_engine.simulation.devices import Device
from geo_engine.simulation.pace import Pace
from geo_engine.workforce.device_model import DeviceKey

_STATED = uuid.UUID("5b0d0c5e-6c52-4f0e-9d0a-3c5a1f6a2f11")
"""The name space of statements."""
_PATH = "/api/v1/check-ins"
_RETRY_S = 5.0
_LOOKS_EVERY_S = 0.2
_REFUSED_FROM, _FAILED_FROM = 300, 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedBy:
    """A statement, and the phone it is sent by."""

    device: Device
    statement: Statement


@contextmanager
def stating(stated: Sequence[StatedBy], pace: Pace, *, timeout_s: float) -> Iterator[None]:
    """Send statements in a thread of its own while a fleet reports; what is not due when this ends is not sent.

    What a server refuses is not sent again; the log says so.
    """
    over = threading.Event()
    thread = threading.Thread(target=_send_all, args=(sorted(stated, key=_due), pace, over, timeout_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout_s)


def _due(one: StatedBy) -> datetime:
    return one.statement.stated_at


def _send_all(stated: Sequence[StatedBy], pace: Pace, over: threading.Event, timeout_s: float) -> None:
    with httpx.Client(timeout=timeout_s, trust_env=False) as client:
        for one in stated:
            check_in_id = str(_check_in_id(one))
            while not over.is_set() and pace.wait_s(_due(one).timestamp(), now_s=time.time()) > 0.0:
                over.wait(_LOOKS_EVERY_S)
            while not over.is_set() and not _is_taken(client, one, check_in_id, pace):
                over.wait(_RETRY_S)


def _check_in_id(one: StatedBy) -> uuid.UUID:
    """Return the id of a statement: the same for the same, so that a day driven again is not stated twice."""
    return uuid.uuid5(_STATED, repr((one.device.name, one.statement)))


def _is_taken(client: httpx.Client, one: StatedBy, check_in_id: str, pace: Pace) -> bool:
    address = urlsplit(one.device.url)
    sent_at = datetime.fromtimestamp(pace.shown_s(time.time()), UTC)
    body = as_body(one.statement, check_in_id, sent_at=sent_at)
    headers = {"Authorization": f"Bearer {_key_of(one.device)}"}
    try:
        answer = client.post(f"{address.scheme}://{address.netloc}{_PATH}", json=body, headers=headers)
    except httpx.RequestError:
        return False
    if _REFUSED_FROM <= answer.status_code < _FAILED_FROM:
        _log.warning("A check-in of %s was refused: HTTP %s.", one.device.worker_id, answer.status_code)
    return answer.status_code < _FAILED_FROM


def _key_of(device: Device) -> str:
    """Return the key that a device reports with: a part of the address it reports to."""
    address = urlsplit(device.url)
    parts = [*address.path.split("/"), *(one.partition("=")[2] for one in address.query.split("&"))]
    return next((part for part in parts if DeviceKey.parse(part) is not None), "")
