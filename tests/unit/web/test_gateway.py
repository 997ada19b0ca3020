"""What comes between the server and the app: bodies in time, of the right size, as the app expects them."""

import asyncio
import threading
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

import pytest

from web.bodies import Facts, Pace
from web.gateway import Gateway

LIMIT_BYTES = 100
type Sent = list[MutableMapping[str, Any]]


class _App:
    """A WSGI application that keeps what it was asked and answers with the body."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        self.asked.append(environ)
        start_response("200 OK", [("X-Kind", "echo")])
        return [environ["wsgi.input"].read()]


def _scope(path: str = "/", **headers: str) -> Facts:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"a=1",
        "http_version": "1.1",
        "scheme": "https",
        "server": ("127.0.0.1", 8080),
        "client": ("192.168.1.30", 50_000),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }


def _gateway(app: Callable[..., Iterable[bytes]], *, patience_s: float = 5.0, thread_count: int = 1) -> Gateway:
    return Gateway(app, limit_bytes=lambda *_: LIMIT_BYTES, thread_count=thread_count, pace=Pace(patience_s=patience_s))


async def _ask(gateway: Gateway, scope: Facts, *parts: bytes | None) -> Sent:
    """Send a body in parts, of which None never comes, and return what is answered."""
    left = list(parts)
    sent: Sent = []

    async def receive() -> Facts:
        part = left.pop(0) if left else b""
        if part is None:
            await asyncio.sleep(3_600)
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await gateway(scope, receive, send)
    return sent


def _status_and_body(sent: Sent) -> tuple[int, bytes]:
    return sent[0]["status"], sent[1]["body"]


def test_bodies_that_do_not_come_hold_up_nobody() -> None:
    """While as many wait as one likes, the one thread answers others; then they are told that it was too late."""
    app = _App()

    async def meet() -> tuple[list[Sent], Sent]:
        gateway = _gateway(app, patience_s=0.5)
        halves = [asyncio.create_task(_ask(gateway, _scope(content_length="50"), b"half", None)) for _ in range(300)]
        await asyncio.sleep(0)  # each begins to wait
        whole = await asyncio.wait_for(_ask(gateway, _scope(content_length="5"), b"who", b"le"), timeout=0.4)
        return await asyncio.gather(*halves), whole

    halves, whole = asyncio.run(meet())

    assert _status_and_body(whole) == (200, b"whole")
    assert {_status_and_body(sent) for sent in halves} == {(408, b"")}
    assert len(app.asked) == 1


def test_a_slow_answer_is_given_by_a_thread_of_its_own() -> None:
    """No more requests are answered at once than there are threads, and the others are answered after."""
    most, now, lock = [0], [0], threading.Lock()

    def app(_environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.05)
        with lock:
            now[0] -= 1
        start_response("204 No Content", [])
        return []

    async def meet() -> list[Sent]:
        gateway = _gateway(app, thread_count=2)
        return await asyncio.gather(*(_ask(gateway, _scope()) for _ in range(6)))

    assert {_status_and_body(sent) for sent in asyncio.run(meet())} == {(204, b"")}
    assert most == [2]


@pytest.mark.parametrize("case", ["declared", "chunks"])
def test_what_is_too_large_is_not_read_to_its_end(case: str) -> None:
    """The app is asked with a length above the limit, so that it refuses in its own words."""
    app = _App()
    headers = {"content_length": "101"} if case == "declared" else {"transfer_encoding": "chunked"}
    parts = (None,) if case == "declared" else (b"x" * 101, None)

    asyncio.run(asyncio.wait_for(_ask(_gateway(app), _scope(**headers), *parts), timeout=5))

    assert app.asked[0]["CONTENT_LENGTH"] == "101"


def test_a_sender_who_is_gone_is_not_answered() -> None:
    """Neither is the app asked."""
    app, sent = _App(), list[object]()

    async def receive() -> Facts:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    asyncio.run(_gateway(app)(_scope(content_length="5"), receive, send))

    assert (app.asked, sent) == ([], [])


def test_a_request_reaches_the_app_as_pep_3333_has_it() -> None:
    """Paths in bytes as Latin-1, cookies joined, and no header that passes for another by an underscore."""
    app = _App()
    scope = _scope("/站点", content_length="2", content_type="text/plain", accept="text/html")
    scope["headers"].extend(
        [(b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x_real_ip", b"10.0.0.1"), (b"accept", b"*/*")]
    )

    sent = asyncio.run(_ask(_gateway(app), scope, b"ok"))
    asked = app.asked[0]

    assert sent[0]["headers"] == [(b"x-kind", b"echo")]
    assert asked["PATH_INFO"].encode("latin-1").decode() == "/站点"
    assert (asked["HTTP_COOKIE"], asked["HTTP_ACCEPT"]) == ("a=1; b=2", "text/html,*/*")
    assert (asked["CONTENT_TYPE"], asked["CONTENT_LENGTH"], asked["QUERY_STRING"]) == ("text/plain", "2", "a=1")
    assert (asked["wsgi.url_scheme"], asked["REMOTE_ADDR"], asked["SERVER_PORT"]) == ("https", "192.168.1.30", "8080")
    assert not any("REAL_IP" in name for name in asked)
