"""How a body reaches us: awaited without a thread, and not for ever."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

type Facts = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Facts]]


class Sink(Protocol):
    """Where a body is written."""

    def write(self, part: bytes, /) -> int:
        """Take a part and return its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a body may take: for a while, and beside that what its size needs at a least speed.

    Parameters
    ----------
    most_s
        Of the time for its size.
    """

    patience_s: float = 10.0
    least_bytes_per_s: float = 100_000.0
    most_s: float = math.inf

    def within_s(self, size_bytes: int) -> float:
        """Return how long a body of a size may take."""
        return self.patience_s + min(size_bytes / self.least_bytes_per_s, self.most_s)


PAGE_PACE = Pace()
"""What people send from a browser."""


def declared_bytes(scope: Facts) -> int | None:
    """Return how large a body is said to be; None when it comes in chunks."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    return int(headers.get(b"content-length", b"0"))


async def receive_body(scope: Facts, receive: Receive, body: Sink, *, limit_bytes: int, pace: Pace = PAGE_PACE) -> int:
    """Write the body somewhere, no more of it than shows that it is too large, and return its length.

    Parameters
    ----------
    pace
        How long it may take; more than the limit is not awaited.

    Raises
    ------
    TimeoutError
        When it does not come in time.
    ConnectionError
        When the sender is gone.
    """
    declared = declared_bytes(scope)
    awaited_bytes = limit_bytes if declared is None else min(declared, limit_bytes)
    async with asyncio.timeout(pace.within_s(awaited_bytes)):
        length, more = 0, True
        while more and length <= limit_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            length += body.write(message.get("body", b""))
            more = message.get("more_body", False)
    return length
