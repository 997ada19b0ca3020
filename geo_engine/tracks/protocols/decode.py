"""Which decoder reads which protocol, and what each client wants to hear."""

import json
from datetime import datetime

from geo_engine.tracks.protocols import (
    batch,
    gpslogger,
    opengts,
    osmand,
    overland,
    owntracks,
    traccar,
    traccar_forward,
)
from geo_engine.tracks.protocols.columns import DecodedColumns
from geo_engine.tracks.protocols.model import Answer, Decoded, Post, Protocol
from geo_engine.words import DEFAULT_LANGUAGE

_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"


def decode(protocol: Protocol, post: Post, *, received_at: datetime, secret: str | None = None) -> Decoded:
    """Return the fixes in a post, and why whatever else it holds gives none.

    Parameters
    ----------
    received_at
        When it came, aware. It judges dates (see `quantities.read_tracked_at`) and is the time of a fix only where
        the client says none and its protocol lets it.
    secret
        What OwnTracks encrypts with, if the worker's phone was given one.

    Notes
    -----
    Never raises for what a client sends, whatever it is: see the table of malformed bodies in the tests.
    """
    if protocol is Protocol.OWNTRACKS:
        return owntracks.decode(post, received_at=received_at, secret=secret)
    return _DECODERS[protocol](post, received_at=received_at)


def decode_any(
    protocol: Protocol, post: Post, *, received_at: datetime, secret: str | None = None
) -> Decoded | DecodedColumns:
    """Return what `decode` returns, but a batch of columns as a track, without a fix being made."""
    if protocol is Protocol.BATCH:
        return batch.decode_batch_columns(post, received_at=received_at)
    return decode(protocol, post, received_at=received_at, secret=secret)


_DECODERS = {
    Protocol.TRACCAR: traccar.decode,
    Protocol.OSMAND: osmand.decode,
    Protocol.OVERLAND: overland.decode,
    Protocol.GPSLOGGER: gpslogger.decode,
    Protocol.OPENGTS: opengts.decode,
    Protocol.TRACCAR_FORWARD: traccar_forward.decode,
    Protocol.BATCH: batch.decode,
}


def answer(protocol: Protocol, decoded: Decoded | DecodedColumns) -> Answer:
    """Return what tells the client that it may forget what it sent; only for after the commit."""
    if protocol is Protocol.BATCH:
        return Answer(status=200, content_type=_JSON, body=_account(decoded))
    content_type, body = _ANSWERS.get(protocol, (_TEXT, b"OK"))
    return Answer(status=200, content_type=content_type, body=body)


_ANSWERS = {Protocol.OWNTRACKS: (_JSON, b"[]"), Protocol.OVERLAND: (_JSON, b'{"result":"ok"}')}


def _account(decoded: Decoded | DecodedColumns) -> bytes:
    reasons = [reason.render(DEFAULT_LANGUAGE) for reason in decoded.dropped]
    count = len(decoded.track if isinstance(decoded, DecodedColumns) else decoded.fixes)
    return json.dumps({"fixes": count, "dropped": reasons}, ensure_ascii=False).encode()
