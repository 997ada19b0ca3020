"""Where phones' posts come in: before the pages, without a thread, and answered when they are on disk.

Its paths hold keys, so nothing here writes one anywhere: neither into a log nor into an answer.
"""

import asyncio
import logging
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime

from geo_engine.db.session import Database
from geo_engine.errors import Unavailable
from geo_engine.tracks.arrivals import Arrival, source_number
from geo_engine.tracks.ingest import Ingest
from geo_engine.tracks.protocols import Decoded, DecodedColumns, Post, Protocol, answer, decode_any
from geo_engine.workforce.device_model import DeviceKey
from web.bodies import BROKEN_OFF, Answer, Application, Exchange, Scope
from web.ingest.forwarded import FORWARDED, Roster
from web.ingest.group_commit import GroupCommit
from web.ingest.keys import KeyRing, ShownKey
from web.ingest.receiving import Reception, Unreadable, hear_out, unpack

PREFIX = "/ingest/"
_DECODED_HERE_BYTES = 20_000
_MOST_FIXES_AT_ONCE = 5_000
_PROTOCOLS = {protocol.value: protocol for protocol in Protocol}
_DROPPED_WHEN_REVOKED = frozenset({Protocol.OWNTRACKS, Protocol.OSMAND})
_log = logging.getLogger(__name__)


def _plain(status: int, text: str, *headers: tuple[str, str]) -> Answer:
    return status, [("Content-Type", "text/plain"), ("Cache-Control", "no-store"), *headers], text.encode()


_NOWHERE = _plain(404, "no such protocol")
_WRONG_METHOD = _plain(405, "GET or POST", ("Allow", "GET, POST"))
_WRONG_KEY = _plain(403, "wrong key")
_LATER = _plain(503, "try again later", ("Retry-After", "10"))
_TOO_LATE = _plain(503, "too late", ("Retry-After", "10"), ("Connection", "close"))


class IngestDoor:
    """An RSGI application that takes positions; what is not posted to it goes to the application behind.

    Notes
    -----
    What the clients make of an answer decides it: never a 4xx for what will never be acceptable, 503 for what is
    temporary (a network that is too slow among it), no redirect. 403 is for a key that no device has; a revoked one is
    forgotten kindly where the client would delete what it keeps, or ask again without a pause.
    """

    def __init__(
        self,
        behind: Application,
        *,
        keys: KeyRing,
        roster: Roster,
        commit: GroupCommit,
        now: Callable[[], datetime],
        reception: Reception,
    ) -> None:
        self._behind = behind
        self._keys = keys
        self._roster = roster
        self._commit = commit
        self._now = now
        self._reception = reception

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request."""
        if not scope.path.startswith(PREFIX):
            return await self._behind.__rsgi__(scope, exchange)
        return exchange.response_bytes(*await self._answer(scope, exchange))

    async def _answer(self, scope: Scope, exchange: Exchange) -> Answer:
        name, _, key = scope.path.removeprefix(PREFIX).strip("/").partition("/")
        protocol = _PROTOCOLS.get(name)
        if protocol is None:
            return _NOWHERE
        if scope.method not in {"GET", "POST"}:
            return _WRONG_METHOD
        try:
            shown = key or _key_in(scope.headers.get("authorization") or "")
            return await self._hear(protocol, shown, scope, exchange)
        except Exception as error:  # noqa: BLE001 - told apart below
            return _told(error)

    async def _hear(self, protocol: Protocol, key: str, scope: Scope, exchange: Exchange) -> Answer:
        shown = await self._keys.find(key)
        if shown is None or not (shown.known.is_valid or protocol in _DROPPED_WHEN_REVOKED):
            await hear_out(scope, exchange)
            return _WRONG_KEY
        with await self._reception.receive(scope, exchange, is_wanted=shown.known.is_valid) as body:
            told = answer(protocol, await self._take(protocol, shown, scope, body))
        return told.status, [("Content-Type", told.content_type), ("Cache-Control", "no-store")], told.body

    async def _take(
        self, protocol: Protocol, shown: ShownKey, scope: Scope, body: bytes | None
    ) -> Decoded | DecodedColumns:
        """Return what a post says, when it is on disk; of a revoked key nothing is looked at."""
        if not shown.known.is_valid:
            return Decoded()
        received_at = self._now()
        decoded = await _decode(protocol, scope, body, received_at, shown.key.secret)
        arrival = Arrival(
            tenant_id=shown.key.tenant_id,
            device_id=shown.known.device_id,
            key_hash=shown.secret_hash,
            source=source_number(protocol),
            received_at=received_at,
            fixes=decoded.track if isinstance(decoded, DecodedColumns) else decoded.fixes,
            rollovers=decoded.rollovers if isinstance(decoded, DecodedColumns) else None,
            rejected=decoded.dropped,
        )
        speaks_for_others = protocol in FORWARDED and shown.known.protocol == protocol
        if speaks_for_others and isinstance(decoded, Decoded):
            arrivals = await self._roster.sort(arrival, decoded.fixes, protocol)
            await asyncio.gather(*map(self._submit, arrivals))
        else:
            await self._submit(arrival)
        return decoded

    async def _submit(self, arrival: Arrival) -> None:
        """Have an arrival committed; a large one bit by bit, so that others have their turn between."""
        for portion in arrival.portions(_MOST_FIXES_AT_ONCE):
            await self._commit.submit(portion)


def ingest_door(
    behind: Application,
    database: Database,
    now: Callable[[], datetime],
    *,
    reception: Reception | None = None,
) -> IngestDoor:
    """Return the door in front of an application, with a pool of its own: pages never wait for it, nor it for them."""
    commit = GroupCommit(Ingest(database), now=now)
    keys, roster = KeyRing(database, now=now), Roster(database, now=now)
    return IngestDoor(behind, keys=keys, roster=roster, commit=commit, now=now, reception=reception or Reception())


def _told(error: Exception) -> Answer:
    match error:
        case TimeoutError():
            return _TOO_LATE
        case Unavailable():
            return _LATER
        case ConnectionError():
            return BROKEN_OFF
        case _:  # a defect of ours: phones keep what they have until it is mended
            _log.error("A post could not be taken.", exc_info=error)
            return _LATER


async def _decode(
    protocol: Protocol, scope: Scope, body: bytes | None, received_at: datetime, secret: str
) -> Decoded | DecodedColumns:
    """Return what a post says; what OwnTracks encrypts, it encrypts with the device's own secret."""
    headers = dict(scope.headers.items())
    encoding = headers.get("content-encoding", "")

    def read() -> Decoded | DecodedColumns:
        try:
            unpacked = unpack(body, encoding)
        except Unreadable as error:
            return Decoded(dropped=(error.reason,))
        content_type = headers.get("content-type", "")
        post = Post(query=scope.query_string, content_type=content_type, body=unpacked, headers=headers)
        return decode_any(protocol, post, received_at=received_at, secret=secret)

    if not encoding and (body is None or len(body) <= _DECODED_HERE_BYTES):
        return read()
    return await asyncio.to_thread(read)


def _key_in(authorization: str) -> str:
    """Return the key of a header: a Bearer token, or the password, else the user, of Basic; nothing where none is."""
    scheme, _, value = authorization.partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            try:
                user, _, password = b64decode(value, validate=True).decode().partition(":")
            except ValueError:
                return ""
            return password if DeviceKey.parse(password) else user
        case _:
            return ""
