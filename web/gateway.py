"""How requests reach the app: a body is awaited without a thread and not for ever, then one of few threads answers.

The server would read bodies in the threads that answer, as long as the sender likes: whoever sends half a form in each
of them would stop the pages.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, cast

from web.bodies import BROKEN_OFF, PAGE_PACE, Answer, Exchange, Pace, Scope, declared_bytes, receive_body

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_IN_MEMORY_BYTES = 1_000_000
_TOO_LATE: Answer = (408, [("Connection", "close")], b"")


class Gateway:
    """An RSGI application in front of a WSGI one.

    Parameters
    ----------
    limit_bytes
        How large a body may be, by method and path. What is declared larger is not read: the app refuses it in words.
    thread_count
        How many requests are answered at once; others wait for their turn.
    pace
        How long a body may take.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        *,
        limit_bytes: Callable[[str, str], int],
        thread_count: int,
        pace: Pace = PAGE_PACE,
    ) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._pace = pace
        self._threads = ThreadPoolExecutor(thread_count, thread_name_prefix="answer")

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request; a body that does not come in time is answered with 408."""
        exchange.response_bytes(*await self._answer(scope, exchange))

    async def _answer(self, scope: Scope, exchange: Exchange) -> Answer:
        limit = self._limit_bytes(scope.method, scope.path)
        with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spooled:
            body = cast("IO[bytes]", spooled)
            length = declared_bytes(scope) or 0
            if length <= limit:
                try:
                    length = await receive_body(scope, exchange, body, limit_bytes=limit, pace=self._pace)
                except TimeoutError:
                    return _TOO_LATE
                except ConnectionError:
                    return BROKEN_OFF
            body.seek(0)
            environ = _environ(scope, body, length)
            return await asyncio.get_running_loop().run_in_executor(self._threads, _answer, self._app, environ)


def _environ(scope: Scope, body: IO[bytes], length: int) -> dict[str, Any]:
    """Return a request as PEP 3333 has it; a header whose name has an underscore could pass for another and is left."""
    (server, server_port), (client, _) = _address(scope.server), _address(scope.client)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": server_port,
        "REMOTE_ADDR": client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" not in name and name not in {"content-length", "transfer-encoding"}:
            key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
            between = "; " if name == "cookie" else ","
            environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
    return environ | {"CONTENT_LENGTH": str(length)}


def _address(text: str) -> tuple[str, str]:
    """Return a host and its port; IPv6 comes in brackets.

    Examples
    --------
    >>> _address("127.0.0.1:8080"), _address("[::1]:8080")
    (('127.0.0.1', '8080'), ('::1', '8080'))
    """
    host, _, port = text.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), port


def _answer(app: "WSGIApplication", environ: dict[str, Any]) -> Answer:
    begun: list[tuple[int, list[tuple[str, str]]]] = []
    written = BytesIO()

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        begun[:] = [(int(status.split(" ", 1)[0]), headers)]
        return written.write

    parts: Iterable[bytes] = app(environ, start)
    try:
        written.writelines(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    return (*begun[0], written.getvalue())
