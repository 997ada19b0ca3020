"""`geo-engine decode`: what a position client posts, as fixes."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import click

from geo_engine.cli.screen import say
from geo_engine.errors import InvalidInput
from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import OTHER_SAYS, Decoded, Post, Protocol, decode, fix_row
from geo_engine.words import Language, Message

_OF_MANY_DEVICES = {Protocol.TRACCAR_FORWARD, Protocol.BATCH}
"""Here one credential speaks for several devices, so what a fix says of its device outweighs it."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


def _received_at(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(Message("“{value}” is no time.", {"value": text})) from error
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        raise InvalidInput(Message("The time {time} is outside the years 2000 to 2199.", {"time": text}))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@click.command()
@click.argument("protocol", type=click.Choice([protocol.value for protocol in Protocol]))
@click.option("--query", default="", help="The query string of the address.")
@click.option("--content-type", default="", help="As the client says it; a body is read by what it holds.")
@click.option("--secret", help="What OwnTracks encrypts with.")
@click.option("--device", help="Whose credential the address or the Authorization header names.")
@click.option("--received-at", callback=_received_at, help="When it was received, ISO 8601; now unless given.")
@click.pass_obj
def command(  # noqa: PLR0917
    language: Language,
    protocol: str,
    query: str,
    content_type: str,
    secret: str | None,
    device: str | None,
    received_at: datetime,
) -> None:
    """Print the fixes in a post of a client of PROTOCOL, its body from standard input, as lines of JSON.

    Whatever gives no fix is told with its reason; without any fix the exit code is 2.
    """
    spoken = Protocol(protocol)
    post = Post(query=query.removeprefix("?"), content_type=content_type, body=_body(query), headers={})
    decoded = decode(spoken, post, received_at=received_at, secret=secret)
    named = [_named(fix, device, spoken) for fix in decoded.fixes]
    for fix in named:
        if fix.device is not None:
            click.echo(json.dumps(fix_row(fix), ensure_ascii=False))
    reasons = list(_reasons(decoded, named))
    unsaid = reasons.pop() if all(fix.device is None for fix in named) else None
    for reason in reasons:
        say(reason.render(language))
    if unsaid is not None:
        raise InvalidInput(unsaid)


def _body(query: str) -> bytes:
    """Return standard input, where there is any; who gives a query at a terminal means a GET and types no body."""
    if sys.stdin is None or (query and sys.stdin.isatty()):
        return b""
    return sys.stdin.buffer.read()


def _named(fix: Fix, device: str | None, protocol: Protocol) -> Fix:
    if device is None or (protocol in _OF_MANY_DEVICES and fix.device is not None):
        return fix
    return replace(fix, device=device)


def _reasons(decoded: Decoded, named: Sequence[Fix]) -> Iterator[Message]:
    """Yield why some things said gave no line; what is no position is told only where nothing else came of it."""
    yield from decoded.dropped
    if any(fix.device is None for fix in named):
        yield Message("It names no device, and no credential is given that does.")
    if not named:
        yield from (OTHER_SAYS[other] for other in dict.fromkeys(decoded.others))
