"""Requests as a server of RSGI gives them, whose bodies come in parts, break off, or never come."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from web.bodies import Answer, Application

type Part = bytes | None


@dataclass(frozen=True)
class SaidHeaders:
    """Headers in the order in which they came."""

    pairs: list[tuple[str, str]]

    def get(self, name: str) -> str | None:
        """Return the first of a name."""
        return next((value for key, value in self.pairs if key == name), None)

    def items(self) -> Iterable[tuple[str, str]]:
        """Return all of them."""
        return list(self.pairs)


@dataclass(kw_only=True)
class Asked:
    """What is asked for."""

    path: str
    method: str = "POST"
    query_string: str = ""
    headers: SaidHeaders
    http_version: str = "1.1"
    scheme: str = "https"
    client: str = "192.168.1.30:50000"
    server: str = "127.0.0.1:8080"


@dataclass(kw_only=True)
class Sender:
    """Somebody who sends a body in parts, of which None never comes, and then is heard no more if so told."""

    parts: list[Part]
    breaks_off: bool = False
    answers: list[Answer] = field(default_factory=list)

    async def __call__(self) -> bytes:
        """Give the body whole."""
        whole = b"".join([part async for part in self])
        if self.breaks_off:
            raise ProtocolClosed
        return whole

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the body as it comes; the server ends with nothing, also when it was broken off."""
        for part in self.parts:
            if part is None:
                await asyncio.Event().wait()
            else:
                yield part
        yield b""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Hear the answer."""
        self.answers.append((status, headers, body))


def asked(path: str, *, declared: int | None, method: str = "POST", query: str = "", **headers: str) -> Asked:
    """Return a request whose body is declared to be so large, or comes in chunks."""
    length = ("transfer-encoding", "chunked") if declared is None else ("content-length", str(declared))
    pairs = [length, *((name.replace("_", "-"), value) for name, value in headers.items())]
    return Asked(path=path, method=method, query_string=query, headers=SaidHeaders(pairs))


async def answer_to(application: Application, scope: Asked, sender: Sender) -> Answer:
    """Return the one answer to a request."""
    await application.__rsgi__(scope, sender)
    (told,) = sender.answers
    return told
