"""How a body reaches us: awaited without a thread, and not for ever."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import IO, Any

type Facts = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Facts]]

PATIENCE_S = 10.0
_LEAST_BYTES_PER_S = 100_000


def declared_bytes(scope: Facts) -> int | None:
    """Return how large a body is said to be; None when it comes in chunks."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    return int(headers.get(b"content-length", b"0"))


async def receive_body(
    scope: Facts, receive: Receive, body: IO[bytes], *, limit_bytes: int, patience_s: float = PATIENCE_S
) -> int:
    """Write the body into a file, no more of it than shows that it is too large, and return its length.

    Parameters
    ----------
    patience_s
        How long it may take, beside the time that its size needs at 100 kB a second.

    Raises
    ------
    TimeoutError
        When it does not come in time.
    ConnectionError
        When the sender is gone.
    """
    declared = declared_bytes(scope)
    within_s = patience_s + (limit_bytes if declared is None else declared) / _LEAST_BYTES_PER_S
    async with asyncio.timeout(within_s):
        length, more = 0, True
        while more and length <= limit_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            length += body.write(message.get("body", b""))
            more = message.get("more_body", False)
    body.seek(0)
    return length
