"""How long a body may take to come."""

import asyncio
from io import BytesIO

import pytest

from web.bodies import PAGE_PACE, Facts, Pace, receive_body
from web.ingest.receiving import SLOW_PACE


def test_a_phone_at_the_edge_of_its_network_has_the_time_it_needs() -> None:
    """A thousand positions at 2 kB a second are taken; a browser is expected to be faster, and nobody has all day."""
    assert SLOW_PACE.within_s(600_000) >= 300
    assert PAGE_PACE.within_s(600_000) == 16
    assert SLOW_PACE.within_s(64_000_000) < 1_200


@pytest.mark.parametrize("declared", [b"1000000000000", None])
def test_nobody_is_given_more_time_by_declaring_more(declared: bytes | None) -> None:
    """What exceeds the limit is not read, so that it is not waited for."""

    async def receive() -> Facts:
        await asyncio.Event().wait()
        return {}

    header = (b"transfer-encoding", b"chunked") if declared is None else (b"content-length", declared)
    pace = Pace(patience_s=0.01, least_bytes_per_s=10_000.0)
    waiting = receive_body({"headers": [header]}, receive, BytesIO(), limit_bytes=100, pace=pace)

    async def wait() -> None:
        async with asyncio.timeout(5):
            with pytest.raises(TimeoutError):
                await waiting

    asyncio.run(wait())
