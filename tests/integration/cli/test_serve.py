"""`geo-engine serve` as strangers reach it."""

import socket
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from support.databases import OwnDatabase
from support.web_server import running_server

HALF = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 1000\r\n\r\ncompany=a"
)


def test_half_sent_forms_do_not_stop_the_pages(own: OwnDatabase, tmp_path: Path) -> None:
    """While a hundred senders leave their forms half sent the pages answer, and the senders are given up."""
    with running_server(own, tmp_path) as server, ExitStack() as stack:
        port = int(server.origin.rpartition(":")[2])
        held = [stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30)) for _ in range(100)]
        for one in held:
            one.sendall(HALF)

        with urllib.request.urlopen(f"{server.origin}/sign-in", timeout=5) as answer:  # noqa: S310 - our own
            status = answer.status
        given_up = held[0].recv(12)

    assert (status, given_up) == (200, b"HTTP/1.1 408")
