"""`geo-engine up`: everything runs, what dies is healed, and nothing is left at the end."""

import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from support.installations import Installation, free_port, installations
from support.outcomes import kill_server
from support.workers import is_alive, wait_for

from geo_engine.db.cluster import Cluster

HEALED_S = 40.0


@pytest.fixture
def port() -> int:
    """Return a port on which nobody listens."""
    return free_port()


@pytest.fixture
def start(port: int) -> Iterator[Callable[..., Installation]]:
    """Give what starts an installation with a private database of its own."""
    with installations(port) as run:
        yield run


def test_everything_runs_is_healed_and_ends(start: Callable[..., Installation], port: int) -> None:
    """The address is printed when the pages answer; killed children are replaced; SIGTERM leaves nothing running."""
    up = start()
    up.wait_until_ready()
    printed, answered = json.loads(up.printed()), up.answers()

    cluster = Cluster(up.folder)
    died = cluster.status().pid
    kill_server(cluster)
    wait_for(
        lambda: (now := cluster.status()).is_running and now.pid != died, "the database to run again", within_s=HEALED_S
    )
    replaced = {command: up.kill_child(command) for command in ("serve", "worker")}
    wait_for(up.answers, "the pages to answer again", within_s=HEALED_S)
    wait_for(lambda: up.said().count("Starting worker") >= 4, "both lanes to work again", within_s=HEALED_S)
    processes = up.everything()
    up.process.terminate()
    code = up.process.wait(timeout=20)

    assert (printed, answered) == ({"address": f"http://127.0.0.1:{port}/"}, True)
    assert set(replaced.values()) <= processes
    assert len(re.findall(r"ended \(signal 9\); it is started again in 1 s", up.said())) == 2
    assert code == 0, up.said()
    assert not any(map(is_alive, processes))
    assert not up.answers()
    assert Cluster(up.folder).status().is_running is False


def test_a_database_that_ran_before_is_left_running(start: Callable[..., Installation]) -> None:
    """What was not started here is not stopped here; a kill of `up` itself takes its children along."""
    with private_database(start) as (cluster, up):
        up.wait_until_ready()
        processes = up.everything()
        up.process.kill()

        wait_for(lambda: not any(map(is_alive, processes)), "the children to end")
        assert cluster.status().is_running


def test_a_port_in_use_is_told_before_anything_is_started(start: Callable[..., Installation], port: int) -> None:
    """Whoever has the port keeps it: exit 3, one sentence, no database made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()

        up = start()

        assert up.process.wait(timeout=30) == 3
    assert up.said().strip() == f"Port {port} of 127.0.0.1 is in use. Choose another: --port"
    assert up.printed() == ""
    assert not (up.folder / "pg").exists()


@contextmanager
def private_database(start: Callable[..., Installation]) -> Iterator[tuple[Cluster, Installation]]:
    """Give the running database of an installation that was started with `--keep-db`, and the next installation."""
    first = start("--keep-db")
    first.wait_until_ready()
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(timeout=20) == 0
    cluster = Cluster(first.folder)
    assert cluster.status().is_running
    yield cluster, start()
