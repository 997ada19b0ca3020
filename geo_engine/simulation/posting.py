"""How requests of phones get to a server: by some threads, each with a connection of its own."""

import queue
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from geo_engine.simulation.devices import Device
from geo_engine.simulation.phones import PhoneRequest, is_taken

NO_ANSWER = 0
"""Stands for the status of an answer that did not come, or was none of the protocol's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A request to be made.

    Parameters
    ----------
    number
        Whose it is, for whoever gave it.
    """

    number: int
    device: Device
    request: PhoneRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an errand.

    Parameters
    ----------
    status
        None when the app was told that it may forget what it sent; else the HTTP status, or `NO_ANSWER`.
    took_s
        From the first byte sent to the answer.
    """

    number: int
    status: int | None
    took_s: float


@contextmanager
def posting(
    due: "queue.SimpleQueue[Errand | None]", done: "queue.SimpleQueue[Outcome]", *, count: int, timeout_s: float
) -> Iterator[None]:
    """Have some threads do the errands of one queue and put what became of them into another.

    Parameters
    ----------
    count
        How many requests are made at once.
    timeout_s
        For each of connecting, sending and receiving. Who leaves does not wait for a thread that waits for a server.
    """
    trust = ssl.create_default_context()

    def work() -> None:
        # A server on this machine is asked directly, whatever proxy the environment names.
        with httpx.Client(timeout=timeout_s, verify=trust, trust_env=False) as client:
            while (errand := due.get()) is not None:
                done.put(_post(client, errand))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for _ in threads:
            due.put(None)


def _post(client: httpx.Client, errand: Errand) -> Outcome:
    request, url = errand.request, errand.device.url
    began_s = time.perf_counter()
    try:
        answer = client.request(
            request.method,
            f"{url}?{request.query}" if request.query else url,
            content=request.body,
            headers=dict(request.headers),
        )
    except httpx.RequestError:
        return Outcome(number=errand.number, status=NO_ANSWER, took_s=time.perf_counter() - began_s)
    took_s = time.perf_counter() - began_s
    status: int | None = answer.status_code
    if is_taken(errand.device.phone, answer.status_code, answer.headers.get("Content-Type", ""), answer.content):
        status = None
    elif answer.is_success:
        status = NO_ANSWER
    return Outcome(number=errand.number, status=status, took_s=took_s)
