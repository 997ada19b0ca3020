"""Posts of position clients, and the fixes expected of them, written short."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from geo_engine.geometry import Position
from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import OTHER_SAYS, Decoded, Post, Protocol, decode
from geo_engine.words import Language

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
"""When the posts of the tests are received."""


def post(body: bytes | str = b"", *, query: str = "", headers: Mapping[str, str] | None = None) -> Post:
    """Return a post; its content type is wrong, as it often is."""
    content = body.encode() if isinstance(body, str) else body
    return Post(query=query, content_type="application/x-www-form-urlencoded", body=content, headers=headers or {})


def decoded(
    protocol: Protocol,
    body: bytes | str = b"",
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    secret: str | None = None,
) -> Decoded:
    """Return what becomes of a post that is received now."""
    return decode(protocol, post(body, query=query, headers=headers), received_at=NOW, secret=secret)


def fix(device: str | None, tracked_at: str, lon: float, lat: float, **known: Any) -> Fix:  # noqa: ANN401
    """Return a fix."""
    return Fix(device=device, tracked_at=moment(tracked_at), position=Position(lon, lat), **known)


def moment(text: str) -> datetime:
    """Return a moment, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def reasons(of: Decoded) -> list[str]:
    """Return why there is no fix, in English."""
    dropped = [reason.render(Language.EN) for reason in of.dropped]
    return [*dropped, *(OTHER_SAYS[other].render(Language.EN) for other in of.others)]
