"""What is kept of bodies while they come: not too much of one, and not too much of all of them together."""

from contextlib import suppress
from io import BytesIO
from zlib import decompressobj
from zlib import error as zlib_error

from geo_engine.errors import Unavailable
from geo_engine.words import Message
from web.bodies import Exchange, Pace, Scope, receive_body

MOST_BYTES = 8_000_000
SLOW_PACE = Pace(patience_s=60.0, least_bytes_per_s=2_000.0, most_s=1_000.0)
"""A phone's at the edge of its network; no phone posts more than 2 MB."""
_READ_BYTES = 64_000_000  # more than is taken: some clients delete what is refused, so it is read and acknowledged
_HEARD_BYTES = 1_000_000  # of what is refused: who is cut off in the middle may miss the answer
_MOST_AT_ONCE_BYTES = 256_000_000


class Reception:
    """How a process receives what is posted.

    Parameters
    ----------
    pace
        How long a body may take.
    most_at_once_bytes
        How much of bodies it keeps at once, from when they come until they are answered.
    """

    def __init__(self, *, pace: Pace = SLOW_PACE, most_at_once_bytes: int = _MOST_AT_ONCE_BYTES) -> None:
        self._pace = pace
        self._left_bytes = most_at_once_bytes

    async def receive(self, scope: Scope, exchange: Exchange, *, is_wanted: bool = True) -> "Received":
        """Return what is posted, to be kept while it is needed; what is not wanted is only awaited.

        Raises
        ------
        Unavailable
            When too much is kept for others.
        TimeoutError, ConnectionError
            As `receive_body`.
        """
        received = Received(self, MOST_BYTES if is_wanted else 0)
        try:
            await receive_body(scope, exchange, received, limit_bytes=_READ_BYTES, pace=self._pace)
        except BaseException:
            received.forget()
            raise
        return received

    def take(self, size_bytes: int) -> None:
        """Have room for more, or raise `Unavailable`."""
        if size_bytes > self._left_bytes:
            raise Unavailable(Message("Positions cannot be taken at the moment."))
        self._left_bytes -= size_bytes

    def give_back(self, size_bytes: int) -> None:
        """Have room for others again."""
        self._left_bytes += size_bytes


class Received:
    """A body as it comes: whole up to a size, and nothing of a larger one."""

    __slots__ = ("_body", "_left_bytes", "_reception")

    def __init__(self, reception: Reception, most_bytes: int) -> None:
        self._reception = reception
        self._left_bytes = most_bytes
        self._body = BytesIO()

    def __enter__(self) -> bytes | None:
        """Give the body; None of what is too large, or not wanted: only that it came."""
        return None if self._left_bytes < 0 else self._body.getvalue()

    def __exit__(self, *_: object) -> None:
        """Keep it no longer."""
        self.forget()

    def write(self, part: bytes) -> int:
        """Take a part and return its length."""
        self._left_bytes -= len(part)
        if self._left_bytes < 0:
            self.forget()
        else:
            self._reception.take(len(part))
            self._body.write(part)
        return len(part)

    def forget(self) -> None:
        """Let others have its room."""
        self._reception.give_back(self._body.tell())
        self._body = BytesIO()


def unpack(body: bytes | None, encoding: str) -> bytes:
    """Return a body as it was before it was compressed for the way.

    Raises
    ------
    Unreadable
        When it is too large, compressed or not, damaged, or compressed in a way that is not known.
    """
    if body is None:
        raise Unreadable(_TOO_LARGE)
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip" | "deflate":
            inflating = decompressobj(_ANY_HEADER)
            try:
                found = inflating.decompress(body, MOST_BYTES)
            except zlib_error:
                raise Unreadable(Message("The compressed body is damaged.")) from None
            if inflating.unconsumed_tail:
                raise Unreadable(_TOO_LARGE)
            if not inflating.eof:
                raise Unreadable(Message("The compressed body is damaged."))
            return found
        case _:
            raise Unreadable(Message("The body is compressed in a way that is not taken; gzip is."))


_TOO_LARGE = Message("The body is larger than {most_mb} MB.", {"most_mb": MOST_BYTES // 1_000_000})
_ANY_HEADER = 47  # zlib's or gzip's


class Unreadable(Exception):
    """What is posted can never be read, and why."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


async def hear_out(scope: Scope, exchange: Exchange) -> None:
    """Let somebody finish who will be refused, within reason, and keep nothing of it.

    Raises
    ------
    ConnectionError
        As `receive_body`.
    """
    with suppress(TimeoutError):
        await receive_body(scope, exchange, _Nowhere(), limit_bytes=_HEARD_BYTES)


class _Nowhere:
    def write(self, part: bytes) -> int:
        return len(part)
