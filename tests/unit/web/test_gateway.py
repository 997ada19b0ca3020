"""What comes between the server and the app: bodies in time, of the right size, as the app expects them."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import pytest
from support.exchanges import Asked, Sender, answer_to, asked

from web.bodies import Answer, Pace
from web.gateway import Gateway

LIMIT_BYTES = 100


class _App:
    """A WSGI application that keeps what it was asked and answers with the body."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        self.asked.append(environ)
        start_response("200 OK", [("X-Kind", "echo")])
        return [environ["wsgi.input"].read()]


def _gateway(app: Callable[..., Iterable[bytes]], *, patience_s: float = 5.0, thread_count: int = 1) -> Gateway:
    return Gateway(app, limit_bytes=lambda *_: LIMIT_BYTES, thread_count=thread_count, pace=Pace(patience_s=patience_s))


def _ask(
    gateway: Gateway, *parts: bytes | None, declared: int | None = None, scope: Asked | None = None
) -> Coroutine[None, None, Answer]:
    """Send a body in parts, of which None never comes, and return what is answered."""
    return answer_to(gateway, scope or asked("/", declared=declared), Sender(parts=list(parts)))


def _status_and_body(told: Answer) -> tuple[int, bytes]:
    return told[0], told[2]


def test_bodies_that_do_not_come_hold_up_nobody() -> None:
    """While as many wait as one likes, the one thread answers others; then they are told that it was too late."""
    app = _App()

    async def meet() -> tuple[list[Answer], Answer]:
        gateway = _gateway(app, patience_s=0.5)
        halves = [asyncio.create_task(_ask(gateway, b"half", None, declared=50)) for _ in range(300)]
        await asyncio.sleep(0)  # each begins to wait
        whole = await asyncio.wait_for(_ask(gateway, b"who", b"le", declared=5), timeout=0.4)
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

    async def meet() -> list[Answer]:
        gateway = _gateway(app, thread_count=2)
        return await asyncio.gather(*(_ask(gateway, declared=0) for _ in range(6)))

    assert {_status_and_body(sent) for sent in asyncio.run(meet())} == {(204, b"")}
    assert most == [2]


@pytest.mark.parametrize("case", ["declared", "chunks"])
def test_what_is_too_large_is_not_read_to_its_end(case: str) -> None:
    """The app is asked with a length above the limit, so that it refuses in its own words."""
    app = _App()
    parts = (None,) if case == "declared" else (b"x" * 101, None)

    asyncio.run(asyncio.wait_for(_ask(_gateway(app), *parts, declared=101 if case == "declared" else None), timeout=5))

    assert app.asked[0]["CONTENT_LENGTH"] == "101"


def test_of_a_sender_who_is_gone_the_app_is_not_asked() -> None:
    """Whoever only stopped sending hears that it broke off."""
    app = _App()

    told = asyncio.run(answer_to(_gateway(app), asked("/", declared=5), Sender(parts=[b"ha"], breaks_off=True)))

    assert _status_and_body(told) == (400, b"")
    assert app.asked == []


def test_a_request_reaches_the_app_as_pep_3333_has_it() -> None:
    """Paths in bytes as Latin-1, cookies joined, and no header that passes for another by an underscore."""
    app = _App()
    scope = asked("/站点", declared=2, query="a=1", content_type="text/plain", accept="text/html")
    scope.headers.pairs.extend([("cookie", "a=1"), ("cookie", "b=2"), ("x_real_ip", "10.0.0.1"), ("accept", "*/*")])

    told = asyncio.run(_ask(_gateway(app), b"ok", scope=scope))
    reached = app.asked[0]

    assert told[1] == [("X-Kind", "echo")]
    assert reached["PATH_INFO"].encode("latin-1").decode() == "/站点"
    assert (reached["HTTP_COOKIE"], reached["HTTP_ACCEPT"]) == ("a=1; b=2", "text/html,*/*")
    assert (reached["CONTENT_TYPE"], reached["CONTENT_LENGTH"], reached["QUERY_STRING"]) == ("text/plain", "2", "a=1")
    assert (reached["wsgi.url_scheme"], reached["REMOTE_ADDR"], reached["SERVER_PORT"]) == (
        "https",
        "192.168.1.30",
        "8080",
    )
    assert not any("REAL_IP" in name for name in reached)
