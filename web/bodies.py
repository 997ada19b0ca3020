"""How a request reaches us, as RSGI has it; its body is awaited without a thread, and not for ever."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass
from typing import Protocol

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # not said to be exported, but documented

type Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""

BROKEN_OFF: Answer = (400, [("Connection", "close")], b"")
"""To whoever has stopped sending in the middle; who is gone does not hear it."""
_AT_ONCE_BYTES = 20_000


class Headers(Protocol):
    """The headers of a request, their names in lower case."""

    def get(self, name: str) -> str | None:
        """Return the value of a header."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return all of them; a name may come several times."""


class Scope(Protocol):
    """What is asked; `client` and `server` are an address and a port."""

    method: str
    path: str
    query_string: str
    http_version: str
    scheme: str
    client: str
    server: str

    @property
    def headers(self) -> Headers:
        """Its headers."""


class Exchange(Protocol):
    """A request's body, and the way back."""

    def __call__(self) -> Awaitable[bytes]:
        """Return the body when all of it has come."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the body as it comes."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer; to somebody who is gone it is no error."""


class Application(Protocol):
    """What answers requests."""

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one."""


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


def declared_bytes(scope: Scope) -> int | None:
    """Return how large a body is said to be; None when it comes in chunks."""
    headers = scope.headers
    if headers.get("transfer-encoding") is not None:  # whatever length is said beside it
        return None
    return int(headers.get("content-length") or 0)


async def receive_body(
    scope: Scope, exchange: Exchange, body: Sink, *, limit_bytes: int, pace: Pace = PAGE_PACE
) -> int:
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

    Notes
    -----
    What comes in chunks and breaks off ends like what is whole: nothing in the protocol tells the two apart.
    """
    declared = declared_bytes(scope)
    awaited_bytes = limit_bytes if declared is None else min(declared, limit_bytes)
    try:
        async with asyncio.timeout(pace.within_s(awaited_bytes)):
            if declared is not None and declared <= min(_AT_ONCE_BYTES, limit_bytes):
                return body.write(await exchange())
            length = 0
            async for part in exchange:
                length += body.write(part)
                if length > limit_bytes:
                    return length
    except ProtocolClosed:
        raise ConnectionError from None
    if length < awaited_bytes and declared is not None:
        raise ConnectionError
    return length
