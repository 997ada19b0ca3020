"""`geo-engine db` as people type it: its output, its exit codes, and what it leaves alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cluster import connected, reachable_folder, remove_cluster, throwaway_cluster
from support.program import Run, run_program

from geo_engine.db.cluster import Cluster
from geo_engine.db.roles import DatabaseRole

VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_MAINTENANCE_URL")


@pytest.fixture
def state_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty state directory, named in the environment of what the test runs."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with reachable_folder() as folder:
        monkeypatch.setenv("GEO_ENGINE_STATE_DIR", str(folder))
        yield folder
        remove_cluster(Cluster(folder), folder)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """Give a cluster that stands for any other server."""
    with throwaway_cluster() as made:
        yield made


def _db(*arguments: str, lang: str = "en") -> Run:
    return run_program(Path("/"), "--lang", lang, "db", *arguments)


def test_up_status_url_and_down_are_the_whole_life(state_dir: Path) -> None:
    """Results are on stdout, steps on stderr; what is down has exit 3 and says what to do."""
    before = _db("status")
    started = _db("up", lang="zh-CN")
    again, status, url, owner = _db("up"), _db("status"), _db("url"), _db("url", "--owner")
    stopped, after, gone = _db("down"), _db("status"), _db("url")

    assert (before.code, json.loads(before.out)["running"]) == (3, False)
    assert (started.code, "正在启动数据库" in started.err) == (0, True)
    assert (again.code, again.err, again.out) == (0, "", status.out)
    assert json.loads(status.out)["data_dir"] == str(state_dir / "pg" / "data")
    assert url.out.startswith("postgresql://geo_app:")
    assert owner.out.startswith("postgresql://geo_owner:")
    assert (stopped.code, stopped.out) == (0, "")
    assert (after.code, json.loads(after.out)["running"]) == (3, False)
    assert (gone.code, gone.out) == (3, "")
    assert "geo-engine db up" in gone.err


def test_another_server_is_used_and_nothing_is_started(
    state_dir: Path, server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With DATABASE_URL `up` looks whether it can be worked with, and `down` leaves it running."""
    monkeypatch.setenv("DATABASE_URL", server.url(DatabaseRole.APP))

    runs = [_db("up"), _db("down"), _db("status")]

    assert [run.code for run in runs] == [0, 0, 0]
    assert json.loads(runs[2].out)["private"] is False
    assert server.status().is_running
    assert not list(state_dir.iterdir())


def test_what_another_server_lacks_is_told_with_its_statements(
    state_dir: Path, server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unprepared database ends `up` with exit 3 and the administrator's statements on stderr."""
    with connected(server) as session:
        session.execute("create database bare template template0")
    monkeypatch.setenv("DATABASE_URL", server.url(DatabaseRole.APP, database="bare"))

    run = _db("up")

    assert (run.code, run.out) == (3, "")
    assert "create extension postgis;" in run.err
    assert "alter function geometry_overlaps(geometry, geometry) leakproof;" in run.err


def test_an_unreachable_server_is_down(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status is still JSON; the reason is on stderr without the password."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:hunter2@127.0.0.1:1/geo")

    run = _db("status")

    assert (run.code, json.loads(run.out)) == (3, {"running": False})
    assert "refused" in run.err
    assert "hunter2" not in run.err
