"""How long a body may take to come."""

import asyncio
from io import BytesIO

import pytest
from support.exchanges import Sender, asked

from web.bodies import PAGE_PACE, Pace, declared_bytes, receive_body
from web.ingest.receiving import SLOW_PACE


def test_a_phone_at_the_edge_of_its_network_has_the_time_it_needs() -> None:
    """A thousand positions at 2 kB a second are taken; a browser is expected to be faster, and nobody has all day."""
    assert SLOW_PACE.within_s(600_000) >= 300
    assert PAGE_PACE.within_s(600_000) == 16
    assert SLOW_PACE.within_s(64_000_000) < 1_200


@pytest.mark.parametrize("declared", [50, 1_000_000_000_000, None])
def test_nobody_is_given_more_time_by_declaring_more(declared: int | None) -> None:
    """What exceeds the limit is not read, so that it is not waited for."""
    pace = Pace(patience_s=0.01, least_bytes_per_s=10_000.0)
    scope = asked("/", declared=declared)
    waiting = receive_body(scope, Sender(parts=[None]), BytesIO(), limit_bytes=100, pace=pace)

    async def wait() -> None:
        async with asyncio.timeout(5):
            with pytest.raises(TimeoutError):
                await waiting

    asyncio.run(wait())


@pytest.mark.parametrize("size", [10, 30_000])
def test_what_is_broken_off_is_not_taken_for_whole(size: int) -> None:
    """Neither a short body, which is awaited as a whole, nor a long one, which is taken as it comes."""
    sender = Sender(parts=[b"x" * (size - 1)], breaks_off=True)

    with pytest.raises(ConnectionError):
        asyncio.run(receive_body(asked("/", declared=size), sender, BytesIO(), limit_bytes=size))


@pytest.mark.parametrize("declared", [None, 5, 30_000])
def test_a_body_is_written_as_it_was_sent(declared: int | None) -> None:
    """Whether it says how large it is or not, in however many parts."""
    parts: list[bytes | None] = [b"a", b"", b"b" * ((declared or 5) - 1)]
    body = BytesIO()

    length = asyncio.run(receive_body(asked("/", declared=declared), Sender(parts=parts), body, limit_bytes=50_000))

    assert body.getvalue() == b"a" + b"b" * (length - 1)
    assert length == (declared or 5)


def test_a_length_that_is_said_of_chunks_is_no_length() -> None:
    """Whoever says so keeps no more in memory than the limit: the body is taken as it comes, and not to its end."""
    scope, body = asked("/", declared=None, content_length="5"), BytesIO()
    parts: list[bytes | None] = [b"x" * 60, b"x" * 60, None]

    length = asyncio.run(asyncio.wait_for(receive_body(scope, Sender(parts=parts), body, limit_bytes=100), 5))

    assert (declared_bytes(scope), length) == (None, 120)
